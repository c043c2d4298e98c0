"""Opening hours: split shifts, holidays, special periods, one-day exceptions, and clock changes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)
HORIZON_DAYS = 800

Span = tuple[datetime, datetime]


class MissingHolidaysError(LookupError):
    """The holidays of a year are not known, so its days cannot be called open."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One shift by the wall clock; one that closes no later than it opens ends on the following day.

    So 00:00 to 00:00 is the whole day, and 22:00 to 02:00 a night.
    """

    opens: time
    closes: time


Week = tuple[tuple[Hours, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialPeriod:
    """Other hours from the first to the last day, both included, such as those of Ramadan."""

    first: date
    last: date
    week: Week


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When a unit is open: `week` holds the shifts of Monday to Sunday.

    Of several special periods the last one that fits rules. A holiday closes the day; only a one-day
    exception opens it. Where `holiday_years` is given, any other year is an error (MissingHolidaysError). A
    night shift that began before a holiday runs to its end.
    """

    zone: tzinfo
    week: Week
    holidays: frozenset[date] = frozenset()
    special_periods: tuple[SpecialPeriod, ...] = ()
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict, hash=False)
    holiday_years: frozenset[int] | None = None
    _years: dict[int, list[timedelta]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        """Give the shifts that begin on a local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.holiday_years is not None and day.year not in self.holiday_years:
            raise MissingHolidaysError(f"the holidays of {day.year} are not known")
        return () if day in self.holidays else self._usual_hours(day)

    def open_intervals(self, day: date) -> list[Span]:
        """Give the open time within a local day as (start, end) in the unit's zone, apart and in order.

        Their lengths are right only after conversion to UTC: Python subtracts wall clocks within one zone.
        """
        return [(start.astimezone(self.zone), end.astimezone(self.zone)) for start, end in self._open_on(day)]

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the unit is open at an aware moment; at closing time it is not."""
        now = moment.astimezone(UTC)
        return any(start <= now < end for start, end in self._open_on(self._local_day(now)))

    def next_opening(self, moment: datetime) -> datetime | None:
        """Give the first open moment from `moment` on, in the unit's zone; None if none within two years."""
        now = moment.astimezone(UTC)
        today = self._local_day(now)
        for ahead in range(HORIZON_DAYS):
            for start, end in self._open_on(today + ahead * ONE_DAY):
                if end > now:
                    return max(start, now).astimezone(self.zone)
        return None

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Give the open time between two aware moments, exactly; nothing when the end is not after the start.

        Years are summed once and remembered, so that the cost does not grow with the distance.
        """
        first, last = start.astimezone(UTC), end.astimezone(UTC)
        if last <= first:
            return timedelta(0)
        begin, finish = self._local_day(first), self._local_day(last)
        whole_years = (
            self._opened_before(date(year, 12, 31), whole=True) for year in range(begin.year, finish.year)
        )
        return sum(whole_years, self._within_year(last)) - self._within_year(first)

    def business_seconds(self, start: datetime, end: datetime) -> float:
        """Give the open time between two aware moments in seconds."""
        return self.open_time(start, end).total_seconds()

    def after_open_time(self, start: datetime, length: timedelta) -> datetime | None:
        """Give the moment when the unit has been open for `length` since `start`: a deadline in working time.

        None if the unit is not open that long within two years.
        """
        now, left = start.astimezone(UTC), length
        today = self._local_day(now)
        for ahead in range(HORIZON_DAYS):
            for opens, closes in self._open_on(today + ahead * ONE_DAY):
                begins = max(opens, now)
                if closes > begins and left <= closes - begins:
                    return (begins + left).astimezone(self.zone)
                left -= max(closes - begins, timedelta(0))
        return None

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _within_year(self, moment: datetime) -> timedelta:
        day = self._local_day(moment)
        today = (min(end, moment) - start for start, end in self._open_on(day) if start < moment)
        return sum(today, self._opened_before(day))

    def _opened_before(self, day: date, *, whole: bool = False) -> timedelta:
        """Give the open time from the first of the year to the morning of a day, or with it (`whole`)."""
        sums = self._years.get(day.year)
        if sums is None:
            sums = self._years[day.year] = self._sums_of(day.year)
        return sums[day.timetuple().tm_yday - (0 if whole else 1)]

    def _sums_of(self, year: int) -> list[timedelta]:
        sums, day = [timedelta(0)], date(year, 1, 1)
        while day.year == year:
            sums.append(sum((end - start for start, end in self._open_on(day)), sums[-1]))
            day += ONE_DAY
        return sums

    def _open_on(self, day: date) -> tuple[Span, ...]:
        if day not in self._days:
            first, last = (
                wall_moment(day, MIDNIGHT, self.zone),
                wall_moment(day + ONE_DAY, MIDNIGHT, self.zone),
            )
            shifts = [self._shift(day - ONE_DAY, hours) for hours in self._nights_into(day)]
            shifts += [self._shift(day, hours) for hours in self.hours_of(day)]
            self._days[day] = tuple(union(shifts, first, last))
        return self._days[day]

    def _usual_hours(self, day: date) -> tuple[Hours, ...]:
        week = next((p.week for p in reversed(self.special_periods) if p.first <= day <= p.last), self.week)
        return week[day.weekday()]

    def _nights_into(self, day: date) -> list[Hours]:
        eve = day - ONE_DAY
        if not any(map(_is_night, self.exceptions.get(eve, self._usual_hours(eve)))):
            return []  # so that the first day of the first known year does not ask for the year before
        return [hours for hours in self.hours_of(eve) if _is_night(hours)]

    def _shift(self, day: date, hours: Hours) -> Span:
        closing_day = day + ONE_DAY if hours.closes <= hours.opens else day
        return wall_moment(day, hours.opens, self.zone), wall_moment(closing_day, hours.closes, self.zone)


def _is_night(hours: Hours) -> bool:
    return MIDNIGHT < hours.closes <= hours.opens


def union(spans: Iterable[Span], first: datetime, last: datetime) -> list[Span]:
    """Give the union of aware spans within [first, last], in order, apart and in UTC."""
    begin, finish = first.astimezone(UTC), last.astimezone(UTC)
    cut = sorted((max(s.astimezone(UTC), begin), min(e.astimezone(UTC), finish)) for s, e in spans)
    out: list[Span] = []
    for start, end in cut:
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def wall_moment(day: date, clock_time: time, zone: tzinfo) -> datetime:
    """Give the first moment, in UTC, at which the wall clock of a day has reached a time.

    A time that occurs twice is its first occurrence; one that is skipped is the moment of the change.
    """
    local = datetime.combine(day, clock_time, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    before, old = local.replace(fold=1).astimezone(UTC), local.utcoffset()
    seconds = range(int((moment - before).total_seconds()))

    def has_changed(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).utcoffset() != old

    return before + timedelta(seconds=bisect_left(seconds, x=True, key=has_changed))
