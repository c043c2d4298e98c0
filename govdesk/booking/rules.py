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
    the last; empty means all. Of the `capacity`, `kept_walkins` places are never booked and `kept_staff` only
    by staff. `key` is what an exception of this rule alone names.
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
    kept_walkins: int = 0
    kept_staff: int = 0
    key: int | None = None

    def __post_init__(self) -> None:
        if self.slot_minutes <= 0:
            raise SlotRuleError("booking.slot_minutes", field="slot_minutes", minutes=self.slot_minutes)
        if self.capacity < 0:
            raise SlotRuleError("booking.capacity", field="capacity", capacity=self.capacity)
        if min(self.kept_walkins, self.kept_staff) < 0:
            raise SlotRuleError("booking.kept_negative", field="kept_walkins")
        if self.kept_walkins + self.kept_staff > self.capacity:
            raise SlotRuleError("booking.kept_too_many", field="kept_walkins")
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
    With `keeps_hours` the rules' hours stay, and only the desks are others; with `shut_hours` too, and what
    meets those is not offered. `rule` binds it to the rule with that key; the others know nothing of it.
    """

    day: dt.date
    hours: tuple[Hours, ...] = ()
    slot_minutes: int | None = None
    capacity: int | None = None
    keeps_hours: bool = False
    shut_hours: tuple[Hours, ...] = ()
    rule: int | None = None

    @property
    def is_shut(self) -> bool:
        """Whether nothing is offered on the whole day."""
        return not (self.hours or self.keeps_hours or self.shut_hours)


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A time that can be booked, half-open, in UTC; `capacity` people at once, `booked` of them taken.

    `kept_staff` more are booked by staff only.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    capacity: int
    booked: int = 0
    kept_staff: int = 0

    @property
    def places(self) -> int:
        """How many people can be booked in all."""
        return self.capacity + self.kept_staff


def slots_for_day(
    day: dt.date,
    rules: Iterable[SlotRule],
    exceptions: Iterable[SlotException],
    holidays: Collection[dt.date] | None,
    zone: ZoneInfo,
) -> list[PlannedSlot]:
    """Return the slots of a local day in order, none overlapping another, each time once.

    A holiday removes the day for every rule. Hours of an exception go before rules and holiday, a shut one
    before an open one, and one of all rules before one of a single rule; other desks open no holiday. Where
    rules overlap, the earlier slot stands; equal slots are one, with the larger number of desks. Times are
    those on the wall: when the clock goes forward, what does not exist is not offered; when it goes back, the
    repeated hour is offered once. `holidays` None is an error: not known is not open.
    """
    if holidays is None:
        raise SlotRuleError("booking.holidays_missing", field="holidays")
    series = sorted((rule for rule in rules if applies(rule, day)), key=lambda rule: rule.hours)
    special = [exception for exception in exceptions if exception.day == day]
    common = [exception for exception in special if exception.rule is None]
    if any(exception.is_shut for exception in common):
        return []
    if any(exception.hours for exception in common):
        shifts = [shift for exception in common for shift in _replacement(exception, series)]
    else:
        shifts = [shift for rule in series for shift in _own_shifts(rule, special, day in holidays)]
    shut = [hours for exception in common for hours in exception.shut_hours]
    return _merged(slot for shift in shifts for slot in _cut(day, shift, shut, zone))


def applies(rule: SlotRule, day: dt.date) -> bool:
    """Whether the series has this day: weekday, validity, every n weeks, nth week of the month."""
    if day.weekday() not in rule.weekdays:
        return False
    if (rule.valid_from and day < rule.valid_from) or (rule.valid_until and day > rule.valid_until):
        return False
    if rule.anchor and (day < rule.anchor or (day - rule.anchor).days // _WEEK % rule.every_weeks):
        return False
    return not rule.nth_weeks or bool(_weeks_of_month(day) & set(rule.nth_weeks))


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


class _Shift(NamedTuple):
    """Hours to be cut into slots, with the desks in them, those kept, and what is shut between."""

    hours: Hours
    slot_minutes: int
    capacity: int
    kept_walkins: int = 0
    kept_staff: int = 0
    shut: tuple[Hours, ...] = ()


def _own_shifts(rule: SlotRule, special: Sequence[SlotException], is_holiday: bool) -> Iterator[_Shift]:  # noqa: FBT001
    """The hours of one rule on a day, by its own exceptions and, for desks, those of all rules."""
    own = [exception for exception in special if exception.rule is not None and exception.rule == rule.key]
    if any(exception.is_shut for exception in own):
        return
    replaced = [hours for exception in own for hours in exception.hours]
    if is_holiday and not replaced:
        return
    common = [exception for exception in special if exception.rule is None]
    desks = [exception.capacity for exception in (*own, *common) if exception.capacity is not None]
    minutes = [exception.slot_minutes for exception in own if exception.slot_minutes is not None]
    shut = tuple(hours for exception in own for hours in exception.shut_hours)
    for hours in replaced or [rule.hours]:
        yield _Shift(
            hours,
            minutes[0] if minutes else rule.slot_minutes,
            desks[0] if desks else rule.capacity,
            rule.kept_walkins,
            rule.kept_staff,
            shut,
        )


def _replacement(exception: SlotException, series: Sequence[SlotRule]) -> Iterator[_Shift]:
    """The exception's hours with the slot length and desks that hold in them."""
    for hours in exception.hours:
        minutes, capacity, kept = exception.slot_minutes, exception.capacity, (0, 0)
        if series:
            rule = next((rule for rule in series if rule.hours.meets(hours)), series[0])
            minutes = rule.slot_minutes if minutes is None else minutes
            capacity = rule.capacity if capacity is None else capacity
            kept = rule.kept_walkins, rule.kept_staff
        if minutes is not None and capacity is not None:
            yield _Shift(hours, minutes, capacity, *kept)


def _cut(day: dt.date, shift: _Shift, shut: Sequence[Hours], zone: ZoneInfo) -> Iterator[PlannedSlot]:
    if shift.slot_minutes <= 0:
        raise SlotRuleError("booking.slot_minutes", field="slot_minutes", minutes=shift.slot_minutes)
    kept_staff = min(shift.kept_staff, max(shift.capacity - shift.kept_walkins, 0))
    capacity = max(shift.capacity - shift.kept_walkins - kept_staff, 0)
    if capacity + kept_staff <= 0:
        return
    closed = [hours.bounds for hours in (*shut, *shift.shut)]
    midnight = dt.datetime.combine(day, MIDNIGHT)
    for start, end in cut_times(shift.hours, shift.slot_minutes):
        if any(max(start, first) < min(end, last) for first, last in closed):
            continue
        starts_at = _moment(midnight + start, zone)
        ends_at = starts_at + (end - start)
        exists = starts_at.astimezone(zone).replace(tzinfo=None) == midnight + start
        if exists and ends_at <= _moment(midnight + end, zone):
            yield PlannedSlot(starts_at, ends_at, capacity, kept_staff=kept_staff)


def _moment(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The moment of a wall time, the first of the two where the clock goes back."""
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)


def _merged(slots: Iterable[PlannedSlot]) -> list[PlannedSlot]:
    kept: list[PlannedSlot] = []
    for slot in sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, -slot.places, -slot.capacity)):
        if not kept or kept[-1].ends_at <= slot.starts_at:
            kept.append(slot)
    return kept
