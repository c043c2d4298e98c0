"""Who answers for an obstacle, until when, when it rises, how old it is, and who manages where it is."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.cases.obstacles.rules import (
    Candidate,
    answers_for,
    due_on,
    is_overdue,
    ladder,
    must_rise,
    next_above,
    open_at,
    open_stretches,
    owner_of,
)
from govdesk.kpi.statistics import difference, wilson

CIVIL, LANDS, NORTH, HARBOUR = 1, 2, 11, 12
HEAD_OF_CIVIL = Candidate(staff_id=1, role="head", department_id=CIVIL)
HEAD_OF_NORTH = Candidate(staff_id=2, role="head", branch_id=NORTH)
HEAD_OF_ALL = Candidate(staff_id=3, role="head")
FLOOR = Candidate(staff_id=4, role="supervisor", branch_id=NORTH)
OTHER_FLOOR = Candidate(staff_id=5, role="supervisor", branch_id=HARBOUR)
ADMIN = Candidate(staff_id=6, role="admin")
ALL = [HEAD_OF_CIVIL, HEAD_OF_NORTH, HEAD_OF_ALL, FLOOR, OTHER_FLOOR, ADMIN]
SUNDAY = dt.date(2026, 10, 4)


def works(day: dt.date) -> bool:
    return day.weekday() not in {4, 5}


@pytest.mark.parametrize(
    ("there", "branch_id", "department_id", "owner"),
    [
        (ALL, NORTH, CIVIL, 1),  # of a department: its head
        (ALL, NORTH, LANDS, 3),  # which has none: the head of all
        (ALL, NORTH, None, 2),  # of a branch: its own head
        ([HEAD_OF_CIVIL, FLOOR, ADMIN], NORTH, None, 4),  # without one: its supervisor
        ([HEAD_OF_CIVIL, OTHER_FLOOR, ADMIN], NORTH, None, 1),  # without one: a head who works there
        ([OTHER_FLOOR, ADMIN], NORTH, None, 6),
        (ALL, None, None, 3),  # everywhere: the head of all
        ([HEAD_OF_CIVIL, ADMIN], None, None, 1),
        ([], NORTH, None, None),
    ],
)
def test_the_nearest_of_management_answers(
    there: list[Candidate], branch_id: int | None, department_id: int | None, owner: int | None
) -> None:
    rungs = ladder(there, branch_id=branch_id, department_id=department_id, departments_here=[CIVIL])
    assert owner_of(rungs) == owner


def test_of_two_on_a_rung_whoever_has_fewer_open_ones_answers() -> None:
    busy = Candidate(staff_id=4, role="supervisor", branch_id=NORTH, open_obstacles=2)
    free = Candidate(staff_id=9, role="supervisor", branch_id=NORTH, open_obstacles=1)
    assert owner_of(ladder([busy, free], branch_id=NORTH, department_id=None)) == 9


@pytest.mark.parametrize(
    ("holder", "told"),
    [(4, 3), (3, 6), (6, None), (99, 4), (None, 4)],  # a colleague on no rung counts as below the lowest
)
def test_an_overdue_obstacle_rises_one_rung(holder: int | None, told: int | None) -> None:
    rungs = ladder([FLOOR, HEAD_OF_ALL, ADMIN], branch_id=NORTH, department_id=None)
    assert next_above(rungs, holder) == told


def test_it_is_due_after_ten_working_days_and_not_on_a_day_of_rest() -> None:
    assert due_on(SUNDAY, works) == dt.date(2026, 10, 18)  # Mon to Thu, Sun to Thu, Sun
    assert due_on(SUNDAY, lambda _day: False) == dt.date(2026, 10, 14)


def test_it_is_overdue_the_day_after_and_never_once_closed() -> None:
    assert not is_overdue("open", SUNDAY, SUNDAY)
    assert is_overdue("open", SUNDAY, SUNDAY + dt.timedelta(days=1))
    assert not is_overdue("closed", SUNDAY, SUNDAY + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("escalated_on", "today", "rises"),
    [
        (None, "2026-10-18", False),  # its last day
        (None, "2026-10-19", True),
        ("2026-10-19", "2026-10-25", False),  # four working days later
        ("2026-10-19", "2026-10-26", True),  # five
        ("2026-10-12", "2026-10-19", True),  # told before its date was moved: counts anew
    ],
)
def test_it_rises_once_overdue_and_again_after_five_working_days(
    escalated_on: str | None, today: str, rises: object
) -> None:
    told = dt.date.fromisoformat(escalated_on) if escalated_on else None
    day = dt.date.fromisoformat(today)
    due = dt.date(2026, 10, 18)
    assert must_rise(due=due, escalated_on=told, today=day, is_open=works) is rises


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 10, day, 9, tzinfo=dt.UTC)


def test_one_that_came_back_has_been_open_since_it_was_first_raised() -> None:
    history = [(at(4), "raised"), (at(8), "closed"), (at(12), "reopened")]
    assert open_at(history, at(3)) is None
    assert open_at(history, at(5)) == at(4)
    assert open_at(history, at(9)) is None
    assert open_at(history, at(13)) == at(4)


@pytest.mark.parametrize(
    ("grant", "manages"),
    [
        (("admin", None, None), True),
        (("head", None, CIVIL), True),
        (("head", None, LANDS), False),
        (("head", NORTH, None), True),
        (("supervisor", NORTH, None), True),
        (("supervisor", HARBOUR, None), False),
        (("officer", NORTH, None), False),
    ],
)
def test_who_manages_where_it_is(grant: tuple[str, int | None, int | None], manages: object) -> None:
    assert answers_for([grant], branch_id=NORTH, department_id=CIVIL) is manages


def test_a_difference_of_two_shares_is_that_of_newcombe() -> None:
    """Newcombe 1998, table II: 56/70 − 48/80, method 10: 0.0524 to 0.3339."""
    one, other = wilson(56, 70), wilson(48, 80)
    assert one is not None
    assert other is not None
    found, low, high = difference((56 / 70, one), (48 / 80, other))
    assert math.isclose(found, 0.2)
    assert round(low, 4) == 0.0524
    assert round(high, 4) == 0.3339


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["raised", "closed", "reopened"])), max_size=7))
def test_the_stretches_in_which_it_was_open_say_the_same(acts: list[tuple[int, str]]) -> None:
    history = [(at(day), kind) for day, kind in sorted(acts, key=lambda act: act[0])]
    for day in range(11):
        moment = at(1) + dt.timedelta(days=day - 1)
        since = [
            raised
            for raised, begin, end in open_stretches(history)
            if begin <= moment and (end is None or moment < end)
        ]
        assert since == [one for one in [open_at(history, moment)] if one is not None]
