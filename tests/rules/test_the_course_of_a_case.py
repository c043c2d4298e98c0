"""When a case is answered, completed, reopened and completed again."""

from datetime import datetime, timedelta

import pytest

from govdesk.cases.courses import Act, Attendance, Course, Standing, course_of, standing_of
from tests.rules.visit_makers import at


def visit(day: str, outcome: str | None, *, is_served: bool = True) -> Attendance:
    arrived = at(f"{day} 09:00")
    served = arrived + timedelta(minutes=10) if is_served else None
    return Attendance(arrived_at=arrived, served_at=served, ended_at=at(f"{day} 09:20"), outcome=outcome)


def begin(day: str) -> datetime:
    return at(f"{day} 09:00")


def served(day: str) -> datetime:
    return at(f"{day} 09:10")


def end(day: str) -> datetime:
    return at(f"{day} 09:20")


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([], Course(None, None, None, None)),
        ([visit("01-05", "resolved")], Course(served("01-05"), end("01-05"), end("01-05"), None)),
        ([visit("01-05", "unresolved")], Course(served("01-05"), None, None, None)),
        ([visit("01-05", "planned_next_step")], Course(served("01-05"), None, None, None)),
        (
            [visit("01-05", "planned_next_step"), visit("01-15", "resolved")],
            Course(served("01-05"), end("01-15"), end("01-15"), None),
        ),
        (
            [visit("01-05", "unresolved", is_served=False), visit("01-06", "resolved")],
            Course(served("01-06"), end("01-06"), end("01-06"), None),
        ),
        (
            [visit("01-05", "resolved"), visit("01-08", "unresolved")],
            Course(served("01-05"), end("01-05"), None, begin("01-08")),
        ),
        (
            [visit("01-05", "resolved"), visit("01-08", "unresolved"), visit("01-09", "resolved")],
            Course(served("01-05"), end("01-05"), end("01-09"), begin("01-08")),
        ),
    ],
)
def test_a_case_is_told_from_its_visits(visits: list[Attendance], expected: Course) -> None:
    assert course_of(visits) == expected


def act(moment: str, kind: str, **given: int) -> Act:
    return Act(at(moment), kind, **given)


@pytest.mark.parametrize(
    ("visits", "acts", "expected"),
    [
        # resolved by message, without the person
        (
            [visit("01-05", "unresolved")],
            [act("01-07 12:00", "resolved")],
            Course(served("01-05"), at("01-07 12:00"), at("01-07 12:00"), None),
        ),
        # a person who comes again all the same opens it again
        (
            [visit("01-05", "unresolved"), visit("01-08", "unresolved")],
            [act("01-07 12:00", "resolved")],
            Course(served("01-05"), at("01-07 12:00"), None, begin("01-08")),
        ),
        # reopened by the office, and resolved by the next visit
        (
            [visit("01-05", "resolved"), visit("01-09", "resolved")],
            [act("01-06 09:00", "reopened")],
            Course(served("01-05"), end("01-05"), end("01-09"), at("01-06 09:00")),
        ),
        # what is complete is not completed once more
        (
            [visit("01-05", "resolved")],
            [act("01-06 09:00", "resolved")],
            Course(served("01-05"), end("01-05"), end("01-05"), None),
        ),
        # a question by message is a first response too; a note to oneself is none
        (
            [visit("01-05", "unresolved", is_served=False)],
            [act("01-05 10:00", "noted"), act("01-06 09:00", "asked")],
            Course(at("01-06 09:00"), None, None, None),
        ),
        # resolved from another screen while the person stands at the counter: the visit goes on from there
        (
            [visit("01-05", "unresolved")],
            [act("01-05 09:15", "resolved")],
            Course(served("01-05"), at("01-05 09:15"), at("01-05 09:15"), None),
        ),
        ([], [act("01-05 09:15", "reopened")], Course(None, None, None, None)),
    ],
)
def test_a_case_goes_on_between_visits(visits: list[Attendance], acts: list[Act], expected: Course) -> None:
    assert course_of(visits, acts) == expected
    assert course_of(visits, reversed(acts)) == expected


@pytest.mark.parametrize(
    ("acts", "reopened", "expected"),
    [
        ([], None, Standing()),
        ([act("01-05 09:00", "assigned", owner_id=3)], None, Standing(owner_id=3)),
        (
            [act("01-05 09:00", "assigned", owner_id=3), act("01-06 09:00", "handed_over", branch_id=2)],
            None,
            Standing(branch_id=2),
        ),
        (
            [act("01-05 09:00", "raised", rung=1), act("01-06 09:00", "raised", rung=2)],
            None,
            Standing(rung=2),
        ),
        ([act("01-05 09:00", "raised", rung=2)], "01-06 09:00", Standing()),
        ([act("01-07 09:00", "raised", rung=1)], "01-06 09:00", Standing(rung=1)),
    ],
)
def test_who_has_a_case_is_told_from_its_acts(
    acts: list[Act], reopened: str | None, expected: Standing
) -> None:
    assert standing_of(acts, at(reopened) if reopened else None) == expected
