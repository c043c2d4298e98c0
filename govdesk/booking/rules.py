"""Slots: the times of a day that can be booked, by rules, exceptions and holidays; and how far ahead."""

import datetime as dt
from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from govdesk.errors import DeskError

MIDNIGHT = dt.time(0)
LAST_WEEK = -1
_WEEK = 7
_DAY = dt.timedelta(days=1)


class SlotRuleError(DeskError):
    """A rule that can make no sense of its own numbers; the key says which."""

    key = "booking.rule_invalid"
    status = 422


class Hours(NamedTuple):
    """A half-open stretch of one local day; an end of 00:00 is the midnight that closes the day."""

    starts: dt.time
    ends: dt.time

    @property
    def bounds(self) -> tuple[dt.timedelta, dt.timedelta]:
        """Start and end as lengths since midnight on the wall."""
        return _since_midnight(self.starts), _since_midnight(self.ends) or _DAY

    def meets(self, other: "Hours") -> bool:
        """Whether both share some time; ending when the other begins is not sharing."""
        (start, end), (other_start, other_end) = self.bounds, other.bounds
        return max(start, other_start) < min(end, other_end)


@dataclass(frozen=True, slots=True)
class SlotRule:
    """A series of slots: on these weekdays (0 = Monday), between these local times, so many desks at once.

    `valid_from` and `valid_until` are both inside. `every_weeks` counts from the day `anchor`, in blocks of
    seven days; before it there is nothing. `nth_weeks` keeps the first, second, … such weekday of a month, -1
    the last; empty means all.
    """

    weekdays: Collection[int]
    starts: dt.time
    ends: dt.time
    slot_minutes: int
    capacity: int
    lead: dt.timedelta | None = None
    horizon: dt.timedelta | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    every_weeks: int = 1
    anchor: dt.date | None = None
    nth_weeks: Collection[int] = ()

    def __post_init__(self) -> None:
        if self.slot_minutes <= 0:
            raise SlotRuleError("booking.slot_minutes", field="slot_minutes", minutes=self.slot_minutes)
        if self.capacity < 0:
            raise SlotRuleError("booking.capacity", field="capacity", capacity=self.capacity)
        if self.every_weeks < 1:
            raise SlotRuleError("booking.every_weeks", field="every_weeks", weeks=self.every_weeks)
        if self.every_weeks > 1 and self.anchor is None:
            raise SlotRuleError("booking.anchor_missing", field="anchor")

    @property
    def hours(self) -> Hours:
        """The stretch of the day that the rule fills."""
        return Hours(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class SlotException:
    """One day that goes its own way: shut (no hours), or open at these hours instead of the rules' hours.

    Slot length and desks are those of the day's rules; given both here, it also opens a day that has no rule.
    """

    day: dt.date
    hours: tuple[Hours, ...] = ()
    slot_minutes: int | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A time that can be booked, half-open, in UTC; `capacity` people at once, `booked` of them taken."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    capacity: int
    booked: int = 0


class Window(NamedTuple):
    """From when and until when a start can be booked; half-open, in UTC."""

    opens_at: dt.datetime
    closes_at: dt.datetime

    def holds(self, moment: dt.datetime) -> bool:
        """Whether a slot that starts then can be booked now."""
        return self.opens_at <= moment < self.closes_at


def slots_for_day(
    day: dt.date,
    rules: Iterable[SlotRule],
    exceptions: Iterable[SlotException],
    holidays: Collection[dt.date] | None,
    zone: ZoneInfo,
) -> list[PlannedSlot]:
    """Return the slots of a local day in order, none overlapping another, each time once.

    A holiday removes the day for every rule. An exception of that day goes before rules and holiday, a shut
    one before an open one. Where rules overlap, the earlier slot stands; equal slots are one, with the larger
    number of desks. Times are those on the wall: when the clock goes forward, what does not exist is not
    offered; when it goes back, the repeated hour is offered once. `holidays` None is an error: not known is
    not open.
    """
    if holidays is None:
        raise SlotRuleError("booking.holidays_missing", field="holidays")
    series = sorted((rule for rule in rules if applies(rule, day)), key=lambda rule: rule.hours)
    special = [exception for exception in exceptions if exception.day == day]
    if special:
        rows = [row for exception in special for row in _replacement(exception, series)]
        shut = any(not exception.hours for exception in special)
        return [] if shut else _merged(slot for row in rows for slot in _cut(day, *row, zone))
    if day in holidays:
        return []
    return _merged(
        slot for rule in series for slot in _cut(day, rule.hours, rule.slot_minutes, rule.capacity, zone)
    )


def applies(rule: SlotRule, day: dt.date) -> bool:
    """Whether the series has this day: weekday, validity, every n weeks, nth week of the month."""
    if day.weekday() not in rule.weekdays:
        return False
    if (rule.valid_from and day < rule.valid_from) or (rule.valid_until and day > rule.valid_until):
        return False
    if rule.anchor and (day < rule.anchor or (day - rule.anchor).days // _WEEK % rule.every_weeks):
        return False
    return not rule.nth_weeks or bool(_weeks_of_month(day) & set(rule.nth_weeks))


def bookable_window(
    now: dt.datetime, lead: dt.timedelta | None, horizon: dt.timedelta | None, zone: ZoneInfo
) -> Window:
    """Return from when and until when starts can be booked at `now` (aware).

    A lead of whole days counts days: with one day, nothing today and all of tomorrow. Any other lead counts
    from now. The horizon counts from now, its days on the wall clock, so that a clock change moves it by
    nothing. Raises SlotRuleError where either is missing, negative, or leaves nothing between them.
    """
    for name, length in (("lead", lead), ("horizon", horizon)):
        if length is None:
            raise SlotRuleError(f"booking.{name}_missing", field=name)
        if length < dt.timedelta():
            raise SlotRuleError(f"booking.{name}_negative", field=name)
    assert lead is not None
    assert horizon is not None
    if horizon <= lead:
        raise SlotRuleError("booking.horizon_within_lead", field="horizon")
    here = now.astimezone(zone)
    if lead and not lead % _DAY:
        opens_at = dt.datetime.combine(here.date() + lead, MIDNIGHT, zone).astimezone(dt.UTC)
    else:
        opens_at = now.astimezone(dt.UTC) + lead
    rest = horizon % _DAY
    return Window(opens_at, (here + (horizon - rest)).astimezone(dt.UTC) + rest)


def book_until(starts_at: dt.datetime, lead: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
    """Return the last moment (UTC) at which a start is still inside the lead of `bookable_window`.

    A lead of whole days ends with a local day: with one day, at the midnight before the slot's day, itself
    too late.
    """
    if not lead or lead % _DAY:
        return starts_at.astimezone(dt.UTC) - lead
    day = starts_at.astimezone(zone).date() - lead + _DAY
    return dt.datetime.combine(day, MIDNIGHT, zone).astimezone(dt.UTC)


def cut_times(hours: Hours, slot_minutes: int) -> Iterator[tuple[dt.timedelta, dt.timedelta]]:
    """Yield start and end of each whole slot in the hours, since midnight; nothing if they end first."""
    length = dt.timedelta(minutes=slot_minutes)
    start, end = hours.bounds
    while start + length <= end:
        yield start, start + length
        start += length


def _since_midnight(time: dt.time) -> dt.timedelta:
    return dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)


def _weeks_of_month(day: dt.date) -> set[int]:
    weeks = {(day.day - 1) // _WEEK + 1}
    if day.day + _WEEK > monthrange(day.year, day.month)[1]:
        weeks.add(LAST_WEEK)
    return weeks


def _replacement(exception: SlotException, series: Sequence[SlotRule]) -> Iterator[tuple[Hours, int, int]]:
    """The exception's hours with the slot length and desks that hold in them."""
    for hours in exception.hours:
        minutes, capacity = exception.slot_minutes, exception.capacity
        if series:
            rule = next((rule for rule in series if rule.hours.meets(hours)), series[0])
            minutes = rule.slot_minutes if minutes is None else minutes
            capacity = rule.capacity if capacity is None else capacity
        if minutes is not None and capacity is not None:
            yield hours, minutes, capacity


def _cut(
    day: dt.date, hours: Hours, slot_minutes: int, capacity: int, zone: ZoneInfo
) -> Iterator[PlannedSlot]:
    if slot_minutes <= 0:
        raise SlotRuleError("booking.slot_minutes", field="slot_minutes", minutes=slot_minutes)
    if capacity <= 0:
        return
    midnight = dt.datetime.combine(day, MIDNIGHT)
    for start, end in cut_times(hours, slot_minutes):
        starts_at = _moment(midnight + start, zone)
        ends_at = starts_at + (end - start)
        exists = starts_at.astimezone(zone).replace(tzinfo=None) == midnight + start
        if exists and ends_at <= _moment(midnight + end, zone):
            yield PlannedSlot(starts_at, ends_at, capacity)


def _moment(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The moment of a wall time, the first of the two where the clock goes back."""
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)


def _merged(slots: Iterable[PlannedSlot]) -> list[PlannedSlot]:
    kept: list[PlannedSlot] = []
    for slot in sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, -slot.capacity)):
        if not kept or kept[-1].ends_at <= slot.starts_at:
            kept.append(slot)
    return kept
