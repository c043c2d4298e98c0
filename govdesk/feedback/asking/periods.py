"""Months and quarters, by the Gregorian calendar or by the Umm al-Qura one: pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from hijridate import Gregorian, Hijri

EVERY = {"month": 1, "quarter": 3}  # months
CALENDARS = ("gregorian", "hijri")
_DAY = dt.timedelta(days=1)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a quarter; both days belong to it."""

    from_on: dt.date
    to_on: dt.date


def around(day: dt.date, *, every: str, calendar: str) -> Period:
    """The period in which a day falls; quarters begin with the first month of the calendar's year.

    ValueError outside the years for which the Hijri calendar is defined (1343 to 1500).
    """
    length = EVERY[every]
    year, month = _month_of(day, calendar)
    first = month - (month - 1) % length
    return Period(_first_day(year, first, calendar), _first_day(year, first + length, calendar) - _DAY)


def first_from(day: dt.date, *, every: str, calendar: str) -> Period:
    """The period that begins on a day or, of those after it, first."""
    here = around(day, every=every, calendar=calendar)
    return here if here.from_on == day else around(here.to_on + _DAY, every=every, calendar=calendar)


def ended(day: dt.date, *, every: str, calendar: str, today: dt.date) -> Iterator[Period]:
    """Every period that begins on a day or later and is over today, in their order."""
    here = first_from(day, every=every, calendar=calendar)
    while here.to_on < today:
        yield here
        here = around(here.to_on + _DAY, every=every, calendar=calendar)


def last_ended(today: dt.date, *, every: str, calendar: str) -> Period:
    """The last period that is over."""
    here = around(today, every=every, calendar=calendar)
    return around(here.from_on - _DAY, every=every, calendar=calendar)


def _month_of(day: dt.date, calendar: str) -> tuple[int, int]:
    if calendar == "gregorian":
        return day.year, day.month
    there = Gregorian.fromdate(day).to_hijri()
    return there.year, there.month


def _first_day(year: int, month: int, calendar: str) -> dt.date:
    """The first day of a month; the thirteenth is the first of the next year."""
    year, month = year + (month - 1) // _YEAR, (month - 1) % _YEAR + 1
    if calendar == "gregorian":
        return dt.date(year, month, 1)
    return dt.date(*Hijri(year, month, 1).to_gregorian().datetuple())
