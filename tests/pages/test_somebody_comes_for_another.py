"""Relatives and agents: who stands at the desk is noted, the matter is the beneficiary's, also next time."""

from collections.abc import Callable

from sqlalchemy import select

from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from govdesk.people import relations
from govdesk.people.models import Person
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, make_slot, open_counter

SignIn = Callable[[str], Desk]


def only_ticket() -> Ticket:
    reading().rollback()
    return reading().scalars(select(Ticket)).one()


def serve_raj(cast: Cast) -> str:
    """Raj is called to Omar's counter under his own name."""
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        actor = cast.staff["omar"].actor
        raj = session.get_one(Person, cast.raj.id)
        ticket = service.issue(session, actor=actor, branch=cast.north, service=cast.renewal, person=raj)
        assert service.call_next(session, actor=actor) is not None
        return f"/counter/ticket/{ticket.id}/whom"


def test_reception_notes_who_acts_for_whom(cast: Cast, sign_in: SignIn) -> None:
    reem, url = sign_in("reem"), "/reception/north/tickets"
    typed = {
        "service": "renewal", "identity": cast.nora_number, "whom": "other", "visitor": cast.raj_number,
        "relation": "agent",
    }  # fmt: skip
    wrong = reem.post(url, typed, page="/reception/north", language="en", status=422)
    assert "what was shown" in wrong.html
    reem.post(url, {**typed, "proof": "Power 77"}, page="/reception/north", status=302)
    ticket = only_ticket()
    assert (ticket.person_id, ticket.visitor_id) == (cast.nora.id, cast.raj.id)
    (relation,) = relations.for_whom(reading(), cast.raj.id, SUNDAY)
    assert (relation.kind, relation.proof, relation.beneficiary_id) == ("agent", "Power 77", cast.nora.id)


def test_an_officer_notes_for_whom_somebody_comes(cast: Cast, sign_in: SignIn) -> None:
    url, omar = serve_raj(cast), sign_in("omar")
    assert url in omar.get("/counter", status=200).html
    omar.post(url, {"identity": "12"}, status=422)
    omar.post(url, {"identity": cast.raj_number}, status=422)
    omar.post(url, {"identity": cast.nora_number, "relation": "relative"}, status=302)
    ticket = only_ticket()
    assert (ticket.person_id, ticket.visitor_id) == (cast.nora.id, cast.raj.id)
    assert "Comes for somebody else" in omar.get("/counter", language="en", status=200).html


def test_one_for_whom_they_act_already_is_one_press(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        agent, beneficiary = (session.get_one(Person, one.id) for one in (cast.raj, cast.nora))
        relation = relations.record(
            session,
            actor=cast.staff["reem"].actor,
            agent=agent,
            beneficiary=beneficiary,
            kind="guardian",
            on=SUNDAY,
            proof="Court paper",
        )
    url, omar = serve_raj(cast), sign_in("omar")
    omar.post(f"{url}/{relation.id}", page=url, status=302)
    assert (only_ticket().person_id, only_ticket().visitor_id) == (cast.nora.id, cast.raj.id)


def test_what_it_is_about_is_asked_where_the_service_wants_it(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    url = f"/admin/services/{cast.deed.id}"
    adam.post(url, {"object_kind": "property"}, status=302)
    reading().rollback()
    reem = sign_in("reem")
    given = {"service": "deed", "object_ref": "١٢ / ٣"}
    reem.post("/reception/north/tickets", given, page="/reception/north", status=302)
    assert only_ticket().object_ref == "12-3"


def test_a_booking_says_which_vehicle(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        cast.renewal.object_kind = "vehicle"
        session.merge(cast.renewal)
        slot = make_slot(session, branch=cast.north, service=cast.renewal)
        held = booking.hold(session, actor=VISITOR, slot_id=slot.id, service_id=cast.renewal.id)
    somebody, url = sign_in("reem"), f"/book/held/{held.link_token}"
    page = somebody.get(url, language="en", status=200)
    assert "What it is about" in page.html
    typed = {"name": "Nora Harb", "phone": "0501234567", "object_ref": "1234 JBA"}
    somebody.submit(page, typed, status=302)
    reading().rollback()
    assert reading().scalars(select(Appointment.object_ref)).one() == "1234ابح"
