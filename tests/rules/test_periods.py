"""Months and quarters of both calendars."""

import datetime as dt
import itertools

import pytest

from govdesk.feedback.asking import periods
from govdesk.feedback.asking.periods import Period


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "every", "calendar", "from_on", "to_on"),
    [
        ("2026-10-04", "month", "gregorian", "2026-10-01", "2026-10-31"),
        ("2026-12-31", "quarter", "gregorian", "2026-10-01", "2026-12-31"),
        ("2028-02-29", "month", "gregorian", "2028-02-01", "2028-02-29"),
        ("2026-03-15", "month", "hijri", "2026-02-18", "2026-03-19"),  # Ramadan 1447: 30 days
        ("2026-02-18", "month", "hijri", "2026-02-18", "2026-03-19"),  # its first day belongs to it
        ("2026-06-16", "month", "hijri", "2026-06-16", "2026-07-14"),  # Muharram 1448
        ("2026-06-15", "quarter", "hijri", "2026-03-20", "2026-06-15"),  # Shawwal to Dhu al-Hijja 1447
    ],
)
def test_a_period_holds_both_its_days(on: str, every: str, calendar: str, from_on: str, to_on: str) -> None:
    assert periods.around(day(on), every=every, calendar=calendar) == Period(day(from_on), day(to_on))


def test_a_programme_begins_with_the_first_whole_period() -> None:
    terms = {"every": "quarter", "calendar": "gregorian"}
    assert periods.first_from(day("2026-07-01"), **terms).from_on == day("2026-07-01")
    assert periods.first_from(day("2026-07-02"), **terms).from_on == day("2026-10-01")


def test_a_period_is_over_on_the_day_after_it() -> None:
    terms = {"every": "month", "calendar": "gregorian"}
    start = day("2026-08-01")
    assert list(periods.ended(start, **terms, today=day("2026-08-31"))) == []
    over = list(periods.ended(start, **terms, today=day("2026-10-01")))
    assert [one.to_on for one in over] == [day("2026-08-31"), day("2026-09-30")]
    assert periods.last_ended(day("2026-10-01"), **terms).from_on == day("2026-09-01")


def test_periods_follow_each_other_without_a_gap() -> None:
    for calendar in periods.CALENDARS:
        for every in periods.EVERY:
            ended = list(
                periods.ended(day("2024-01-01"), every=every, calendar=calendar, today=day("2030-01-01"))
            )
            for one, following in itertools.pairwise(ended):
                assert following.from_on - one.to_on == dt.timedelta(days=1)
                assert 28 <= (one.to_on - one.from_on).days + 1 <= 92
