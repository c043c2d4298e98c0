"""When a promise is kept, broken, reminded and moved: by its own day, and by its history alone."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.cases.commitments.rules import Act, Standing, problem_of_day, remind_at, standing
from tests.makers import RIYADH, SUNDAY, moment

MADE = moment("09:00")
DAY = dt.timedelta(days=1)


def end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + DAY, dt.time(), RIYADH)


def made(days: int = 3) -> Act:
    return Act("made", MADE, SUNDAY + days * DAY, end_of(SUNDAY + days * DAY))


def moved(days: int, at: dt.datetime) -> Act:
    return Act("moved", at, SUNDAY + days * DAY, end_of(SUNDAY + days * DAY))


def stood(*acts: Act, at: dt.datetime) -> Standing:
    found = standing(acts, at)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("due_at", "expected"),
    [
        (MADE + dt.timedelta(hours=12), MADE + dt.timedelta(hours=9)),  # today: a quarter is left
        (MADE + 4 * DAY, MADE + 3 * DAY),
        (MADE + 8 * DAY, MADE + 6 * DAY),
        (MADE + 80 * DAY, MADE + 78 * DAY),  # never sooner than two days before
    ],
)
def test_a_reminder_comes_when_a_quarter_of_the_time_is_left(
    due_at: dt.datetime, expected: dt.datetime
) -> None:
    assert remind_at(MADE, due_at) == expected


@pytest.mark.parametrize(
    ("days", "problem"),
    [(-1, "commitments.due_past"), (0, None), (366, None), (367, "commitments.due_far")],
)
def test_a_day_may_be_today_or_within_a_year(days: int, problem: str | None) -> None:
    assert problem_of_day(SUNDAY + days * DAY, SUNDAY) == problem


def test_it_is_open_until_the_last_moment_of_its_day_and_broken_at_the_first_of_the_next() -> None:
    last = end_of(SUNDAY + 3 * DAY) - dt.timedelta(seconds=1)
    assert stood(made(), at=last).state == "open"
    assert stood(made(), at=end_of(SUNDAY + 3 * DAY)).state == "broken"


def test_what_is_done_within_its_day_keeps_it_and_what_is_done_later_does_not() -> None:
    in_time, late = moment("23:59", SUNDAY + 3 * DAY), moment("00:00", SUNDAY + 4 * DAY)
    assert stood(made(), Act("kept", in_time), at=late).state == "kept"
    found = stood(made(), Act("broken", late), Act("done", late), at=late)
    assert (found.state, found.done_at, found.settled_at) == ("broken", late, end_of(SUNDAY + 3 * DAY))


def test_a_moved_promise_is_judged_by_its_last_day_and_remembers_its_first() -> None:
    found = stood(made(3), moved(6, moment("10:00", SUNDAY + DAY)), at=end_of(SUNDAY + 4 * DAY))
    assert (found.state, found.due_on, found.first_due_on, found.moves) == (
        "open", SUNDAY + 6 * DAY, SUNDAY + 3 * DAY, 1,
    )  # fmt: skip


def test_what_was_not_known_yet_changes_no_earlier_moment() -> None:
    late_move = moved(6, moment("10:00", SUNDAY + DAY))
    assert stood(made(3), late_move, at=MADE).due_on == SUNDAY + 3 * DAY
    assert standing([made(3)], MADE - DAY) is None


@given(st.integers(0, 20), st.lists(st.integers(0, 600), max_size=4), st.integers(0, 900))
def test_it_has_one_state_at_every_moment_and_once_settled_stays_so(
    days: int, hours: list[int], later: int
) -> None:
    acts = [made(days), *(Act("kept", MADE + dt.timedelta(hours=hour)) for hour in sorted(hours)[:1])]
    then = MADE + dt.timedelta(hours=later)
    before, after = stood(*acts, at=then), stood(*acts, at=then + 30 * DAY)
    assert before.state in {"open", "kept", "broken"}
    assert before.state in {"open", after.state}
    assert after.state != "open"
