"""Whoever ends an attended visit of a person who is here again must say why they had to come back."""

import ast
from pathlib import Path
from typing import Any

import pytest

from govdesk import clock, faces
from govdesk.cases.returns import asking
from govdesk.db import transaction
from govdesk.queue.errors import OutcomeError
from tests.flows import office_days as day
from tests.makers import Cast

FACES = Path(faces.__path__[0])
MACHINES = {"kiosk/full.py"}  # nobody is there to ask: the cause is that of the first visit


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora was sent home for a paper, and is at the counter again six days later."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    return cast


def called(city: Cast) -> int:
    ticket_id = day.arrive(city, 6, "09:00", city.nora)
    day.call(city, 6, "09:10")
    return ticket_id


def test_a_conclusion_without_it_is_undone_whole(city: Cast) -> None:
    ticket_id, omar = called(city), city.staff["omar"].actor
    with clock.at(day.when(6, "09:20")):
        with pytest.raises(OutcomeError) as refused, transaction() as session:
            asking.conclude(session, actor=omar, ticket_id=ticket_id, outcome="resolved")
        assert refused.value.field == "return_reason"
        with transaction() as session:
            asking.conclude(
                session, actor=omar, ticket_id=ticket_id, outcome="resolved", return_reason="papers",
                return_words="Nobody told me of the paper",
            )  # fmt: skip
            assert asking.words_of(session, ticket_id) == "Nobody told me of the paper"
    day.hear(6)
    visit = day.visit_of(ticket_id)
    assert (visit.class_name, visit.reason, visit.status) == ("repeat", "papers", "served")


def test_what_was_looked_up_for_another_person_does_not_hold(city: Cast) -> None:
    ticket_id, omar = called(city), city.staff["omar"].actor
    with clock.at(day.when(6, "09:20")), transaction() as session:
        looked = asking.Looked(ticket_id, city.raj.id)  # the ticket was named anew meanwhile
        with pytest.raises(OutcomeError):
            asking.conclude(session, actor=omar, ticket_id=ticket_id, outcome="resolved", looked=looked)


def test_going_on_with_a_further_service_asks_too(city: Cast) -> None:
    ticket_id, omar = called(city), city.staff["omar"].actor
    with clock.at(day.when(6, "09:20")), transaction() as session, pytest.raises(OutcomeError):
        asking.also_needs(session, actor=omar, ticket_id=ticket_id, outcome="resolved", service=city.passport)


def test_the_door_asks_too(city: Cast) -> None:
    reem = city.staff["reem"].actor
    at_door: dict[str, Any] = {"actor": reem, "branch": city.north, "wanted": city.renewal, "cause": "papers"}
    with clock.at(day.when(6, "09:20")), transaction() as session:
        with pytest.raises(OutcomeError):
            asking.send_away(session, person=city.nora, **at_door)
        assert asking.send_away(session, person=None, **at_door).return_reason is None
        said = asking.send_away(session, person=city.nora, return_reason="papers", **at_door)
        assert said.return_reason == "papers"


def test_who_comes_as_planned_or_for_something_else_is_asked_nothing(city: Cast) -> None:
    ticket_id, omar = day.arrive(city, 6, "09:00", city.nora, city.passport), city.staff["omar"].actor
    day.call(city, 6, "09:10")
    with clock.at(day.when(6, "09:20")), transaction() as session:
        asking.conclude(session, actor=omar, ticket_id=ticket_id, outcome="resolved")
    day.hear(6)
    visit = day.visit_of(ticket_id)
    assert (visit.class_name, visit.status, visit.outcome) == ("index_new", "served", "resolved")


def test_no_page_and_no_program_ends_a_visit_in_another_way() -> None:
    endings = {"conclude", "turn_away", "also_needs", "send_away"}
    around = set()
    for path in FACES.rglob("*.py"):
        where = path.relative_to(FACES).as_posix()
        for call in (
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
        ):
            name = call.func
            if isinstance(name, ast.Attribute) and name.attr in endings and isinstance(name.value, ast.Name):
                around |= {where} if name.value.id not in {"asking", "acts"} else set()
    assert around == MACHINES
