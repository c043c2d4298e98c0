"""Places in slots: free ones in a row or nearest to a wish, and whom a change would leave outside."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from govdesk.booking.rules import PlannedSlot, SlotRule, applies, cut_times

BLOCKING_STATES = frozenset({"held", "booked", "arrived", "fulfilled"})
_CHECKED_DAYS = 731


class Offered(Protocol):
    """A slot, planned or stored."""

    @property
    def starts_at(self) -> dt.datetime:
        """Its first moment."""

    @property
    def ends_at(self) -> dt.datetime:
        """The moment at which it is over."""

    @property
    def capacity(self) -> int:
        """How many people at once."""

    @property
    def booked(self) -> int:
        """How many of them are taken."""


class Reserved(Protocol):
    """A booking, whatever it is stored as."""

    @property
    def starts_at(self) -> dt.datetime:
        """Its first moment."""

    @property
    def ends_at(self) -> dt.datetime:
        """The moment at which it is over."""

    @property
    def state(self) -> str:
        """One of an appointment's states."""


S = TypeVar("S", bound=Offered)
B = TypeVar("B", bound=Reserved)


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is odd about a rule (its place in the list), or about two of them; the key says what."""

    key: str
    first: int
    second: int | None = None
    minutes: int | None = None


def free_chains(slots: Iterable[S], needed_minutes: int) -> list[list[S]]:
    """Return, for each possible start, the fewest consecutive free slots that last `needed_minutes`."""
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    chains = (_chain(ordered[place:], needed_minutes) for place in range(len(ordered)))
    return [chain for chain in chains if chain]


def chain_from(slots: Iterable[S], starts_at: dt.datetime, needed_minutes: int) -> list[S]:
    """Return the consecutive free slots from this start that last `needed_minutes`, or none at all."""
    later = sorted((slot for slot in slots if slot.starts_at >= starts_at), key=lambda slot: slot.starts_at)
    return _chain(later, needed_minutes) if later and later[0].starts_at == starts_at else []


def nearest(slots: Iterable[S], wanted: dt.datetime, n: int) -> list[S]:
    """Return the n free slots nearest to the wanted start, nearest first; of two equally near the earlier."""
    free = (slot for slot in slots if slot.booked < slot.capacity)
    return sorted(free, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))[: max(n, 0)]


def occupied(slots: Iterable[PlannedSlot], bookings: Iterable[Reserved]) -> list[PlannedSlot]:
    """Return the slots with the bookings counted in them, at most their capacity; cancelled ones do not."""
    blocking = [booking for booking in bookings if booking.state in BLOCKING_STATES]
    counts = [(slot, sum(_overlap(slot, booking) for booking in blocking)) for slot in slots]
    return [replace(slot, booked=min(count, slot.capacity)) for slot, count in counts]


def stranded(slots: Iterable[PlannedSlot], bookings: Iterable[B]) -> list[B]:
    """Return the bookings that these slots would leave outside opening hours or without a desk.

    Earlier bookings in the list keep their desks. Order as given.
    """
    left = {slot: slot.places for slot in slots}
    outside = []
    for booking in bookings:
        if booking.state not in BLOCKING_STATES:
            continue
        touched = [slot for slot in left if _overlap(slot, booking)]
        covered = sum((_shared(slot, booking) for slot in touched), dt.timedelta())
        if covered < booking.ends_at - booking.starts_at or not all(left[slot] for slot in touched):
            outside.append(booking)
            continue
        for slot in touched:
            left[slot] -= 1
    return outside


def problems(rules: Sequence[SlotRule], since: dt.date) -> list[RuleProblem]:
    """Return what to tell before these rules are saved: never, leftover minutes, equal or overlapping rules.

    Two rules overlap if they share hours on one of the days of the two years from `since`.
    """
    found = [problem for place, rule in enumerate(rules) for problem in _oddities(place, rule)]
    days = [[day for day in _days(since) if applies(rule, day)] for rule in rules]
    for second, rule in enumerate(rules):
        for first, earlier in enumerate(rules[:second]):
            if earlier.hours.meets(rule.hours) and not set(days[first]).isdisjoint(days[second]):
                equal = earlier.hours == rule.hours and days[first] == days[second]
                key = "booking.rule_repeats_another" if equal else "booking.rule_overlaps_another"
                found.append(RuleProblem(key, first, second))
    return found


def _chain(ordered: Sequence[S], needed_minutes: int) -> list[S]:
    needed = dt.timedelta(minutes=needed_minutes)
    chain: list[S] = []
    for slot in ordered:
        if slot.booked >= slot.capacity or (chain and chain[-1].ends_at != slot.starts_at):
            return []
        chain.append(slot)
        if slot.ends_at - chain[0].starts_at >= needed:
            return chain
    return []


def _oddities(place: int, rule: SlotRule) -> list[RuleProblem]:
    if rule.valid_from and rule.valid_until and rule.valid_until < rule.valid_from:
        return [RuleProblem("booking.rule_dates_reversed", place)]
    start, end = rule.hours.bounds
    length = (end - start) // dt.timedelta(minutes=1)
    if length <= 0:
        return [RuleProblem("booking.rule_ends_first", place)]
    if not any(cut_times(rule.hours, rule.slot_minutes)):
        return [RuleProblem("booking.rule_too_short", place, minutes=length)]
    leftover = length % rule.slot_minutes
    return [RuleProblem("booking.rule_leaves_minutes", place, minutes=leftover)] if leftover else []


def _days(since: dt.date) -> list[dt.date]:
    return [since + dt.timedelta(days=n) for n in range(_CHECKED_DAYS)]


def _overlap(slot: PlannedSlot, booking: Reserved) -> bool:
    return slot.starts_at < booking.ends_at and booking.starts_at < slot.ends_at


def _shared(slot: PlannedSlot, booking: Reserved) -> dt.timedelta:
    return min(slot.ends_at, booking.ends_at) - max(slot.starts_at, booking.starts_at)
