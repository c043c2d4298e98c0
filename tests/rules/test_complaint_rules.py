"""The course of a complaint, its deadlines in working days, and when the next instance is open."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from govdesk.catalog.rules import Calendar, Hours
from govdesk.feedback.complaints import rules

RIYADH = ZoneInfo("Asia/Riyadh")
OPEN = (Hours(dt.time(8), dt.time(16)),)
WEEK = (OPEN, OPEN, OPEN, OPEN, (), (), OPEN)  # Sunday to Thursday; 0 = Monday
HOLIDAY = dt.date(2026, 10, 6)
CALENDAR = Calendar(zone=RIYADH, week=WEEK, holidays=frozenset({HOLIDAY}))
SUNDAY = dt.date(2026, 10, 4)


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 10, day, hour, tzinfo=RIYADH)


@pytest.mark.parametrize(
    ("since", "days", "until"),
    [
        (at(4, 9), 1, at(5, 16)),  # the day itself does not count
        (at(4, 23), 1, at(5, 16)),
        (at(5, 9), 1, at(7, 16)),  # the holiday between does not count
        (at(4, 9), 5, at(12, 16)),  # 5, 7, 8 October; the weekend; 11, 12
        (at(8, 12), 1, at(11, 16)),  # Thursday: the next working day is Sunday
        (at(9, 12), 1, at(11, 16)),  # on a Friday
    ],
)
def test_deadlines_are_the_close_of_a_working_day(since: dt.datetime, days: int, until: dt.datetime) -> None:
    assert rules.working_days_after(CALENDAR, since, days) == until


def test_a_place_that_never_opens_counts_days() -> None:
    closed = Calendar(zone=RIYADH, week=((),) * 7)
    assert rules.working_days_after(closed, at(4, 9), 3) == at(7, 9)


@pytest.mark.parametrize(
    ("step", "state", "after"),
    [
        ("acknowledge", "received", "acknowledged"),
        ("acknowledge", "assessed", None),
        ("assess", "received", "assessed"),
        ("assess", "assessed", "assessed"),
        ("assess", "answered", None),
        ("answer", "acknowledged", None),  # nothing is answered that was not looked into
        ("answer", "assessed", "answered"),
        ("withdraw", "answered", None),
        ("withdraw", "received", "withdrawn"),
    ],
)
def test_the_course_of_a_complaint(step: str, state: str, after: str | None) -> None:
    assert rules.leads_to(step, state) == after


NOON, DAY = at(4, 12), dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "answered_at", "now", "has_next", "may"),
    [
        ("answered", NOON, NOON + DAY, True, True),
        ("answered", NOON, NOON + 60 * DAY, True, True),
        ("answered", NOON, NOON + 61 * DAY, True, False),
        ("answered", NOON, NOON + DAY, False, False),  # nobody is above
        ("received", None, NOON, True, False),  # due, not over
        ("received", None, NOON + dt.timedelta(seconds=1), True, True),  # no answer in time is an answer
        ("withdrawn", None, NOON + DAY, True, False),
    ],
)
def test_when_the_next_instance_is_open(
    state: str, answered_at: dt.datetime | None, now: dt.datetime, *, has_next: bool, may: bool
) -> None:
    found = rules.may_go_on(
        state=state, answer_due_at=NOON, answered_at=answered_at, has_next=has_next, now=now
    )
    assert found is may


@pytest.mark.parametrize(
    ("done_at", "now", "is_in_time"),
    [
        (NOON, NOON + DAY, True),
        (NOON + DAY, NOON + 2 * DAY, False),
        (None, NOON, None),
        (None, NOON + DAY, False),
        (NOON + DAY, NOON, None),  # as it was known then
    ],
)
def test_open_and_not_yet_due_is_neither(
    done_at: dt.datetime | None, now: dt.datetime, *, is_in_time: bool | None
) -> None:
    assert rules.is_in_time(NOON, done_at, now) is is_in_time
