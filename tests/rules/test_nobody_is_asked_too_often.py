"""One question in 90 days, none for 180 after an answer, none ever for who wants none; complaints apart."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.feedback.asking.rules import (
    UNASKED,
    Past,
    free_on,
    is_reminder_due,
    last_day,
    monday,
    why_spared,
)

ASKED = dt.date(2026, 10, 4)  # a Sunday
WEEK = dt.date(2026, 9, 28)  # the Monday before it


def days_after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("past", "today", "why"),
    [
        (UNASKED, ASKED, None),
        (Past(asked_on=ASKED), ASKED, "fatigue"),  # the same day
        (Past(asked_on=ASKED), dt.date(2027, 1, 1), "fatigue"),  # day 89
        (Past(asked_on=ASKED), dt.date(2027, 1, 2), None),  # day 90
        (Past(asked_on=ASKED, answered_on=ASKED), dt.date(2027, 1, 2), "fatigue"),
        (Past(answered_on=ASKED), dt.date(2027, 4, 1), "fatigue"),  # day 179
        (Past(answered_on=ASKED), dt.date(2027, 4, 2), None),  # day 180
        (Past(asked_on=ASKED, answered_on=dt.date(2025, 1, 5)), dt.date(2027, 1, 2), None),
        (Past(has_stopped=True), ASKED, "opted_out"),
        (Past(asked_on=ASKED, has_stopped=True), dt.date(2036, 1, 1), "opted_out"),  # for ever
    ],
)
def test_who_was_asked_is_spared_until_the_day(past: Past, today: dt.date, why: str | None) -> None:
    assert why_spared(past, today, kind="after_service") == why
    assert why_spared(past, today, kind="periodic") == why  # over all questionnaires


@pytest.mark.parametrize(
    ("past", "why"),
    [
        (Past(asked_on=ASKED, answered_on=ASKED), None),
        (Past(has_stopped=True), "opted_out"),  # who wants no questions gets none
    ],
)
def test_who_complained_is_asked_about_that_all_the_same(past: Past, why: str | None) -> None:
    assert why_spared(past, ASKED, kind="complaint") == why


def test_an_answer_known_by_its_week_counts_from_the_end_of_it() -> None:
    answered = last_day(WEEK)
    assert answered == dt.date(2026, 10, 4)  # Sunday
    past = Past(answered_on=answered)
    assert why_spared(past, dt.date(2027, 4, 1), kind="periodic") == "fatigue"  # day 179 after that Sunday
    assert why_spared(past, dt.date(2027, 4, 2), kind="periodic") is None


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (dt.date(2026, 9, 28), WEEK),  # Monday
        (dt.date(2026, 10, 4), WEEK),  # Sunday, its last
        (dt.date(2026, 10, 5), dt.date(2026, 10, 5)),
        (dt.date(2027, 1, 1), dt.date(2026, 12, 28)),  # a week over the new year
    ],
)
def test_a_week_begins_on_monday(day: dt.date, week: dt.date) -> None:
    assert monday(day) == week


@pytest.mark.parametrize(
    ("asked", "reminded", "days", "due"),
    [
        (ASKED, None, 2, "not yet"),
        (ASKED, None, 3, "now"),
        (ASKED, None, 9, "now"),
        (ASKED, days_after(ASKED, 3), 9, "not again"),
        (None, None, 9, "it never left"),
    ],
)
def test_one_reminder_is_due_after_three_days(
    asked: dt.date | None, reminded: dt.date | None, days: int, due: str
) -> None:
    found = is_reminder_due(asked_on=asked, reminded_on=reminded, today=days_after(ASKED, days))
    assert found is (due == "now")


@given(
    asked=st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    answered=st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
)
def test_the_first_free_day_is_free_and_the_day_before_is_not(
    asked: dt.date | None, answered: dt.date | None
) -> None:
    past = Past(asked_on=asked, answered_on=answered)
    day = free_on(past)
    if day is None:
        assert past == UNASKED
        return
    assert why_spared(past, day, kind="periodic") is None
    assert why_spared(past, days_after(day, -1), kind="periodic") == "fatigue"
