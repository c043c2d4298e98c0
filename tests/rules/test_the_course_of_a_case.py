"""When a case is answered, completed, reopened and completed again."""

from datetime import datetime, timedelta

import pytest

from govdesk.cases.episodes import Attendance, Course, course_of
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
