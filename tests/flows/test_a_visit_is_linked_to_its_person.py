"""Links are mended by hand with a reason: the classes follow, later news changes them no more."""

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.audit import AuditEntry
from govdesk.cases.linking import service as linking
from govdesk.cases.linking.service import LinkError
from govdesk.cases.models import Case
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.people import service as people
from govdesk.people.models import Person
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def mend(city: Cast, verb: str, ticket_id: int, by: str = "sara", **given: object) -> None:
    with clock.at(day.when(20, "08:00")), transaction() as session:
        visit_id = day.visit_of(ticket_id).id
        known = {"reason": "He showed his card later", **given}
        getattr(linking, verb)(session, actor=city.staff[by].actor, visit_id=visit_id, **known)


def test_a_visit_says_how_it_was_linked(city: Cast) -> None:
    with transaction() as session:
        actor = city.staff["reem"].actor
        caller = people.identify_contact(session, actor=actor, phone="0501234567", name="Nora")
    tickets = [day.serve(city, number, who) for number, who in enumerate((city.nora, caller, None))]
    assert [day.visit_of(ticket).linked_by for ticket in tickets] == ["identity", "contact", None]


def test_an_unlinked_visit_that_is_linked_becomes_the_return_that_it_was(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    nobody = day.serve(city, 4, None)
    assert day.classes() == ["index_new", "unlinked"]
    mend(city, "link", nobody, person=city.nora)
    assert day.classes() == ["index_new", "repeat"]
    found = day.visit_of(nobody)
    assert (found.linked_by, found.by_hand) == ("hand", ["person"])
    change = linking.changes_of(reading(), found)[0]
    assert (change.kind, change.before["person"], change.after["person"]) == ("linked", None, city.nora.id)
    assert change.reason == "He showed his card later"
    assert reclassify_all(reading()) == 0


def test_an_unlinked_visit_stays_so_when_its_ticket_is_heard_of_again(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    wrong = day.serve(city, 3, city.nora)
    assert day.classes() == ["index_new", "repeat"]
    mend(city, "unlink", wrong)
    assert day.classes() == ["index_new", "unlinked"]
    with transaction() as session:
        outbox.emit(session, "ticket.ended", ticket_id=wrong)
    day.hear(21)
    assert day.classes() == ["index_new", "unlinked"]
    with pytest.raises(LinkError, match=r"linking\.is_nobodys"):
        mend(city, "unlink", wrong)


def test_a_link_that_is_taken_from_the_middle_lets_the_others_meet(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    middle = day.serve(city, 3, city.nora)
    last = day.serve(city, 6, city.nora)
    mend(city, "link", middle, person=city.raj)
    assert day.classes() == ["index_new", "index_new", "repeat"]
    assert day.visit_of(last).charged_visit_id == day.visits()[0].id


def test_another_vehicle_parts_what_the_same_vehicle_joins(city: Cast) -> None:
    day.serve(city, 0, city.nora, object_ref="car-1")
    second = day.serve(city, 3, city.nora)
    assert day.classes() == ["index_new", "repeat"]
    mend(city, "say_object", second, object_ref="Car - 2")
    assert day.classes() == ["index_new", "index_new"]
    assert day.visit_of(second).object_ref == "car-2"
    with pytest.raises(LinkError, match=r"linking\.same_object"):
        mend(city, "say_object", second, object_ref="CAR-2")


def test_a_visit_for_another_service_joins_a_case_by_its_number(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    other = day.serve(city, 4, city.nora, what=city.passport)
    assert day.classes() == ["index_new", "index_new"]
    case = reading().scalars(select(Case).where(Case.family == "renewal")).one()
    mend(city, "join_case", other, case=case)
    assert day.classes() == ["index_new", "repeat"]
    assert len(day.cases()) == 1
    mend(city, "part_from_case", other)
    assert day.classes() == ["index_new", "index_new"]
    assert len(day.cases()) == 2
    with pytest.raises(LinkError, match=r"linking\.no_case_number"):
        mend(city, "part_from_case", other)


def test_no_reason_no_change_and_each_change_is_in_the_audit(city: Cast) -> None:
    nobody = day.serve(city, 0, None)
    with pytest.raises(LinkError, match=r"linking\.reason_missing"):
        mend(city, "link", nobody, person=city.nora, reason=" ")
    mend(city, "link", nobody, person=city.nora)
    with pytest.raises(LinkError, match=r"linking\.is_theirs"):
        mend(city, "link", nobody, person=reading().get_one(Person, city.nora.id))
    entries = reading().scalars(select(AuditEntry).where(AuditEntry.action == "visit.link_mended")).all()
    assert [entry.detail["kind"] for entry in entries] == ["linked"]
