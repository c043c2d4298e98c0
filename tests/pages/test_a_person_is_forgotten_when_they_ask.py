"""Name and contact of a person are found by what they show, and removed; visits and figures stay."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from govdesk.people import service
from govdesk.people.identity import sample_identity
from govdesk.people.models import Person, PersonContact
from tests.desk import Desk, preset
from tests.makers import Cast, make_appointment, make_slot

SignIn = Callable[[str], Desk]
NATIONAL = sample_identity(5, "national")


@pytest.fixture
def mona(cast: Cast) -> int:
    """Mona, known by her number, reached by phone and booked for next week."""
    with transaction() as session:
        person = service.identify(session, actor=SYSTEM, identity=NATIONAL)
        service.note_contact(session, actor=SYSTEM, person=person, name="Mona Harb", phone="0501234567")
        slot = make_slot(session, branch=cast.north, service=cast.renewal)
        make_appointment(session, slot=slot, person=person)
        return person.id


@pytest.mark.parametrize("by", ["number", "phone", "reference"])
def test_a_person_is_found_by_what_they_show(mona: int, sign_in: SignIn, by: str) -> None:
    shown = {
        "number": NATIONAL.number,
        "phone": "٠٥٠ ١٢٣ ٤٥٦٧",
        "reference": reading().scalars(select(Appointment.reference)).one(),
    }[by]
    page = sign_in("adam").post("/admin/people", {"by": by, "number": shown}, status=200)
    assert "Mona Harb" in page.html
    assert f"/admin/people/{mona}/forget" in page.html
    assert "1234567" not in page.html


@pytest.mark.parametrize(
    ("by", "number", "said"),
    [
        ("number", "12x", "12x"),
        ("number", sample_identity(9, "national").number, "Nobody is known by that."),
        ("phone", "letters", "letters"),
        ("reference", "ZZZZZZ", "ZZZZZZ"),
    ],
)
def test_nobody_and_nonsense_are_said(mona: int, sign_in: SignIn, by: str, number: str, said: str) -> None:
    assert mona
    page = sign_in("adam").post("/admin/people", {"by": by, "number": number}, language="en")
    assert "/forget" not in page.html
    assert said in page.html


def test_contact_goes_and_the_person_stays(mona: int, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    question = adam.get(f"/admin/people/{mona}/forget", status=200)
    assert "Mona Harb" in question.html
    assert reading().get(PersonContact, mona) is not None
    adam.submit(question, action=f"/admin/people/{mona}/forgotten", status=302)
    reading().rollback()
    assert reading().get(PersonContact, mona) is None
    assert reading().get(Person, mona) is not None
    acts = (
        reading()
        .scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject == f"person:{mona}")
            .order_by(AuditEntry.position)
        )
        .all()
    )
    assert acts[-1] == "person.contact_removed"
    assert "Mona Harb" not in adam.get(f"/admin/people/{mona}/forget", status=200).html


def test_only_the_administrator_may(mona: int, sign_in: SignIn) -> None:
    for username in ("omar", "sara", "huda", "aziz"):
        desk = sign_in(username)
        desk.get("/admin/people", status=403)
        token = preset(desk.get("/staff/password").forms()[0])["csrf_token"]
        assert desk.send(f"/admin/people/{mona}/forgotten", {"csrf_token": token}).status == 403
    assert reading().get(PersonContact, mona) is not None


def test_who_was_never_here_has_no_page_to_lead_to(mona: int, sign_in: SignIn) -> None:
    with transaction() as session:
        caller = service.identify_contact(session, actor=SYSTEM, phone="0507654321", name="Raja Said")
        service.note_contact(session, actor=SYSTEM, person=caller, phone="0507654321", name="Raja Said")
        caller_id = caller.id
    adam = sign_in("adam")
    page = adam.post("/admin/people", {"by": "phone", "number": "0507654321"}, status=200)
    assert "Raja Said" in page.html
    assert f"/work/identity/persons/{caller_id}" not in page.html
    page = adam.post("/admin/people", {"by": "number", "number": NATIONAL.number}, status=200)
    assert f"/work/identity/persons/{mona}" in page.html
    adam.get(f"/work/identity/persons/{mona}", status=200)
