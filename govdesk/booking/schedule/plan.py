"""A plan: the slots that rules, exceptions and opening hours make, day by day; and how two plans differ."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from govdesk.booking.rules import Hours, PlannedSlot, SlotException, SlotRule, applies, slots_for_day
from govdesk.booking.schedule.windows import book_until
from govdesk.catalog.rules import Calendar

_DAY = dt.timedelta(days=1)


class Opening(Protocol):
    """A day on which slots go another way, whatever it is stored as."""

    kind: str
    schedule_id: int | None
    first_on: dt.date
    last_on: dt.date
    starts: dt.time | None
    ends: dt.time | None
    capacity: int | None


class PlannedPlace(NamedTuple):
    """A slot with the moment from which it cannot be booked any more."""

    slot: PlannedSlot
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Setup:
    """What makes the slots of one service at one branch."""

    rules: tuple[SlotRule, ...] = ()
    exceptions: tuple[SlotException, ...] = ()

    @property
    def days_ahead(self) -> int:
        """How many days ahead the farthest rule reaches; -1 without rules."""
        return max((rule.horizon.days for rule in self.rules if rule.horizon is not None), default=-1)

    def with_rule(self, rule: SlotRule) -> "Setup":
        """The same with this rule, in the place of the one with its key."""
        if rule.key is None or all(other.key != rule.key for other in self.rules):
            return replace(self, rules=(*self.rules, rule))
        return replace(self, rules=tuple(rule if other.key == rule.key else other for other in self.rules))

    def without_rule(self, key: int) -> "Setup":
        """The same without a rule and its exceptions."""
        return Setup(
            tuple(rule for rule in self.rules if rule.key != key),
            tuple(exception for exception in self.exceptions if exception.rule != key),
        )


@dataclass(frozen=True, slots=True)
class DayChange:
    """What happens to the slots of one day."""

    day: dt.date
    added: tuple[PlannedSlot, ...] = ()
    removed: tuple[PlannedSlot, ...] = ()
    changed: tuple[tuple[PlannedSlot, PlannedSlot], ...] = ()
    unchanged: int = 0

    @property
    def is_touched(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class RuleTrouble:
    """On which days something keeps a rule (its place in the list) from making its slots."""

    key: str
    rule: int
    days: tuple[dt.date, ...] = field(default=())


def expand(exceptions: Iterable[Opening], since: dt.date, until: dt.date) -> tuple[SlotException, ...]:
    """The days from `since` to `until` (both inside) of stored exceptions, one by one."""
    return tuple(each for row in exceptions for each in _expanded(row, since, until))


def plan(
    setup: Setup, calendar: Calendar, today: dt.date, zone: ZoneInfo, *, days: int | None = None
) -> dict[dt.datetime, PlannedPlace]:
    """Return each start with its slot, for `days` days from today, or as far ahead as each rule reaches.

    Only slots that lie wholly within the opening hours. Raises MissingHolidaysError.
    """
    by_day = _by_day(setup.exceptions, calendar)
    found = {}
    for ahead in range(setup.days_ahead + 1 if days is None else days):
        day = today + ahead * _DAY
        reach = [rule for rule in setup.rules if days is not None or _reaches(rule, ahead)]
        if not reach:
            continue
        spans = calendar.open_intervals(day)
        for slot in slots_for_day(day, reach, by_day.get(day, ()), calendar.holidays, zone):
            if any(opens <= slot.starts_at and slot.ends_at <= closes for opens, closes in spans):
                until = book_until(slot.starts_at, _lead(slot, setup.rules, zone), zone)
                found[slot.starts_at] = PlannedPlace(slot, until)
    return found


def compare(
    before: Mapping[dt.datetime, PlannedSlot], after: Mapping[dt.datetime, PlannedSlot], zone: ZoneInfo
) -> list[DayChange]:
    """Return, for each local day of either plan, which slots are added, removed, changed, or stay."""
    days: dict[dt.date, list[dt.datetime]] = {}
    for start in sorted({*before, *after}):
        days.setdefault(start.astimezone(zone).date(), []).append(start)
    return [
        DayChange(
            day,
            added=tuple(after[start] for start in starts if start not in before),
            removed=tuple(before[start] for start in starts if start not in after),
            changed=tuple(_pairs(before, after, starts)),
            unchanged=sum(before.get(start) == after.get(start) for start in starts),
        )
        for day, starts in days.items()
    ]


def troubles(
    rules: Sequence[SlotRule],
    exceptions: Sequence[SlotException],
    calendar: Calendar,
    today: dt.date,
    days: int,
) -> list[RuleTrouble]:
    """Return which rules meet shut hours, holidays or exceptions within so many days from today."""
    special = {exception.day: exception for exception in exceptions}
    found = []
    for place, rule in enumerate(rules):
        own = [day for day in (today + n * _DAY for n in range(days)) if applies(rule, day)]
        holidays = tuple(day for day in own if day in calendar.holidays)
        outside = tuple(day for day in own if day not in holidays and not _is_within(rule, calendar, day))
        going = tuple(day for day in own if day in special and special[day].rule in (None, rule.key))
        for key, met in (
            ("booking.rule_outside_hours", outside),
            ("booking.rule_on_holidays", holidays),
            ("booking.rule_meets_exceptions", going),
        ):
            if met:
                found.append(RuleTrouble(key, place, met))
    return found


def _expanded(row: Opening, since: dt.date, until: dt.date) -> Iterator[SlotException]:
    hours = (Hours(row.starts, row.ends),) if row.starts is not None and row.ends is not None else ()
    first, last = max(row.first_on, since), min(row.last_on, until)
    for ahead in range((last - first).days + 1):
        yield SlotException(
            first + ahead * _DAY,
            hours=hours if row.kind == "hours" else (),
            capacity=row.capacity,
            keeps_hours=row.kind == "desks",
            shut_hours=hours if row.kind == "shut" else (),
            rule=row.schedule_id,
        )


def _by_day(exceptions: Iterable[SlotException], calendar: Calendar) -> dict[dt.date, list[SlotException]]:
    """All exceptions of each day: those of slots, and the hours of a day that the branch has declared."""
    found: dict[dt.date, list[SlotException]] = {}
    for exception in exceptions:
        found.setdefault(exception.day, []).append(exception)
    for day, shifts in calendar.exceptions.items():
        if not any(exception.hours and exception.rule is None for exception in found.get(day, ())):
            hours = tuple(Hours(shift.opens, shift.closes) for shift in shifts)
            found.setdefault(day, []).append(SlotException(day, hours))
    return found


def _reaches(rule: SlotRule, ahead: int) -> bool:
    return rule.horizon is not None and ahead <= rule.horizon.days


def _is_within(rule: SlotRule, calendar: Calendar, day: dt.date) -> bool:
    """Whether the rule's hours lie within one opening of the day, by the wall clock."""
    start, end = rule.hours.bounds
    shifts = (Hours(shift.opens, shift.closes).bounds for shift in calendar.hours_of(day))
    return any(opens <= start and (end <= closes or closes <= opens) for opens, closes in shifts)


def _pairs(
    before: Mapping[dt.datetime, PlannedSlot],
    after: Mapping[dt.datetime, PlannedSlot],
    starts: Iterable[dt.datetime],
) -> Iterator[tuple[PlannedSlot, PlannedSlot]]:
    for start in starts:
        if start in before and start in after and before[start] != after[start]:
            yield before[start], after[start]


def _lead(slot: PlannedSlot, rules: Sequence[SlotRule], zone: ZoneInfo) -> dt.timedelta:
    """The lead of the rule that makes this time; on a day of its own hours, the longest of all."""
    local = slot.starts_at.astimezone(zone)
    since = dt.timedelta(hours=local.hour, minutes=local.minute)
    own = [
        r for r in rules if local.weekday() in r.weekdays and r.hours.bounds[0] <= since < r.hours.bounds[1]
    ]
    return max((rule.lead or dt.timedelta() for rule in own or rules), default=dt.timedelta())
