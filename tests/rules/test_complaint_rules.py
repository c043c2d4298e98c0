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


@pytest.mark.parametrize(
    ("now", "rung"),
    [
        (at(4, 15), rules.IN_TIME),  # of 16 open hours, from Sunday 8:00 to Monday 16:00, 7 are over
        (at(5, 11), rules.IN_TIME),  # 11 of 16; by the clock 27 of 32 hours would be near
        (at(5, 12), rules.NEAR),  # 12 of 16
        (at(5, 16), rules.NEAR),
        (at(5, 17), rules.LATE),
    ],
)
def test_a_deadline_is_near_after_three_quarters_of_its_open_time(now: dt.datetime, rung: int) -> None:
    assert rules.rung(CALENDAR, begun_at=at(4, 8), due_at=at(5, 16), now=now) == rung


def test_a_deadline_of_a_place_that_never_opens_goes_by_the_clock() -> None:
    closed = Calendar(zone=RIYADH, week=((),) * 7)
    assert rules.rung(closed, begun_at=at(4, 0), due_at=at(8, 0), now=at(6, 23)) == rules.IN_TIME
    assert rules.rung(closed, begun_at=at(4, 0), due_at=at(8, 0), now=at(7, 0)) == rules.NEAR


@pytest.mark.parametrize(
    ("state", "deadlines"),
    [
        ("received", ("acknowledge", "answer")),
        ("acknowledged", ("answer",)),
        ("assessed", ("answer",)),
        ("answered", ()),
        ("withdrawn", ()),
    ],
)
def test_what_is_done_can_no_longer_be_late(state: str, deadlines: tuple[str, ...]) -> None:
    assert rules.still_due(state) == deadlines


@pytest.mark.parametrize(
    ("role", "rung", "to"),
    [
        ("supervisor", rules.NEAR, "supervisor"),
        ("supervisor", rules.LATE, "head"),
        ("head", rules.NEAR, "head"),
        ("head", rules.LATE, "head"),  # nobody within the agency is above
    ],
)
def test_who_is_told_of_a_deadline(role: str, rung: int, to: str) -> None:
    assert rules.told(role, rung) == to
