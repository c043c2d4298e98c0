"""Who answers for a wave, and how a change stands."""

import datetime as dt

import pytest

from govdesk.feedback.acting import rules

TODAY = dt.date(2026, 10, 4)
CIVIL, LANDS, NORTH = 1, 2, 7


@pytest.mark.parametrize(
    ("grant", "department_id", "may"),
    [
        (("head", None, CIVIL), CIVIL, True),
        (("head", None, CIVIL), LANDS, False),
        (("head", None, CIVIL), None, False),  # a wave over all services
        (("head", None, None), None, True),
        (("head", None, None), LANDS, True),
        (("head", NORTH, None), None, False),
        (("head", NORTH, None), CIVIL, False),
        (("admin", None, None), CIVIL, True),
        (("supervisor", None, None), CIVIL, False),
    ],
)
def test_who_answers_for_a_wave(
    grant: tuple[str, int | None, int | None],
    department_id: int | None,
    may: bool,  # noqa: FBT001 - a table
) -> None:
    assert rules.may_answer([grant], department_id) is may


@pytest.mark.parametrize(
    ("days_left", "done_on", "is_obstacle_gone", "standing"),
    [
        (30, None, False, "planned"),
        (8, None, False, "planned"),
        (7, None, False, "soon"),
        (0, None, False, "soon"),
        (-1, None, False, "late"),
        (30, None, True, "removed"),
        (-1, None, True, "removed"),
        (-1, TODAY, True, "done"),
        (30, TODAY, False, "done"),
    ],
)
def test_how_a_change_stands(
    days_left: int,
    done_on: dt.date | None,
    is_obstacle_gone: bool,  # noqa: FBT001 - a table
    standing: str,
) -> None:
    due_on = TODAY + dt.timedelta(days=days_left)
    stands = rules.standing(due_on=due_on, done_on=done_on, is_obstacle_gone=is_obstacle_gone, today=TODAY)
    assert stands == standing
    assert stands in rules.STANDINGS


def test_the_last_day_of_a_change_lies_within_a_year() -> None:
    days = [TODAY + dt.timedelta(days=count) for count in (-1, 0, 366, 367)]
    assert [rules.is_planned_for(day, TODAY) for day in days] == [False, True, True, False]
