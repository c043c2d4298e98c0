"""Who is sent from counter to counter made one visit: the last counter answers for it, and says what came."""

from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.cases import closing
from govdesk.cases.classifying import reclassify
from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person


def by(key: str, word: str) -> dict[str | None, Row]:
    return {row.group[word]: row for row in service.figure(reading(), key, by=(word,)).rows}


@pytest.fixture
def sent_on(cast: Cast) -> list[int]:
    """Five people at two counters; their numbers. The door sends them on, the desk has the last word."""
    with transaction() as session:
        people = [make_person(session) for _ in range(5)]
        at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
        last = {**at, "unit": "desk", "outcome": "unresolved"}

        def sent(day: str, who: int, **ending: Any) -> Visit:
            door = {**at, "unit": "door", "outcome": None, "cause": "chase"}
            first = make_visit(session, day, at="09:00", person=people[who], **door)
            follow = {**last, "transfer_of": first.visit_no, **ending}
            return make_visit(session, day, at="09:10", person=people[who], **follow)

        sent("08-03", 0, cause="system_down")
        make_visit(session, "08-10", person=people[0], unit="door", **at)  # says nothing: the desk's word
        sent("08-04", 1, cause="system_down")
        make_visit(session, "08-10", person=people[1], unit="door", reason="counter_moved", **at)
        sent("08-05", 2, cause="system_down")  # did not come back: silent
        sent("08-06", 3, outcome="resolved")
        # twice on one day: the second visit is long, and is no part of the first
        make_visit(session, "08-07", at="08:00", person=people[4], unit="door", cause="not_ready", **at)
        later = make_visit(session, "08-07", at="12:00", person=people[4], unit="desk", **at)
        make_visit(
            session, "08-07", at="12:10", person=people[4], unit="far", transfer_of=later.visit_no, **at
        )
        reclassify_all(session)
        return [person.id for person in people]


def test_causes_and_units_are_those_of_the_closing_stage(sent_on: list[int]) -> None:
    rates = by("repeat_visit_rate", "cause")
    assert {cause: row.numerator for cause, row in rates.items()} == {
        "system_down": 1,
        "counter_moved": 1,
        "not_ready": 1,
    }
    load = by("avoidable_visit_share", "cause")
    assert {cause: row.numerator for cause, row in load.items()} == {
        "system_down": 1,
        "counter_moved": 1,
        "not_ready": 1,
    }
    units = by("repeat_visit_rate", "unit")
    assert {unit: (row.numerator, row.denominator) for unit, row in units.items()} == {
        "desk": (2, 4),
        "door": (1, 1),  # whoever was there again at noon
        "far": (0, 0),  # where that return ended: it is nobody's first visit
    }
    assert len(sent_on) == 5


def test_who_was_left_unresolved_at_the_last_counter_is_silent(sent_on: list[int]) -> None:
    (row,) = service.figure(reading(), "repeat_visit_rate").rows
    assert row.detail["silent"] == 1
    unmet = select(Visit.person_id).where(closing.outcome() == "unresolved", Visit.transfer_of.is_(None))
    assert set(reading().scalars(unmet)) == set(sent_on[:3])


def test_a_late_end_moves_the_answer_and_a_rebuild_changes_nothing(sent_on: list[int]) -> None:
    with transaction() as session:
        query = select(Visit).where(Visit.person_id == sent_on[0], Visit.transfer_of.is_(None))
        door = session.scalars(query.order_by(Visit.started_at)).first()
        assert door is not None
        assert closing.outcome_of(session, door) == "unresolved"
        door.ended_at, door.outcome = clock.now().replace(year=2026, month=8, day=3, hour=20), "resolved"
        session.flush()
        reclassify(session, [sent_on[0]])
        assert (door.closing_visit_id, closing.outcome_of(session, door)) == (None, "resolved")
        assert reclassify_all(session) == 0
    assert by("repeat_visit_rate", "unit")["door"].numerator == 2
