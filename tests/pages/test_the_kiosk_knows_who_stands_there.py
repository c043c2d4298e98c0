"""At the kiosk: checked in by phone or identity number; a reason first; never a page outside the kiosk."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.people import service as people
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.lint import text_of
from tests.makers import MORNING, SUNDAY, Cast, make_appointment, make_slot, moment

ARRIVE = "/kiosk/north/appointment"
TAKE = "/kiosk/north/services/renewal"
PHONE = "0501234512"


def booked(
    cast: Cast, at: str = "09:40", day: dt.date = SUNDAY, service: PublicService | None = None
) -> Appointment:
    with transaction() as session:
        people.note_contact(session, actor=SYSTEM, person=cast.nora, phone=PHONE, name="Nora Saleh")
        wanted = service or cast.renewal
        slot = make_slot(session, branch=cast.north, service=wanted, starts_at=moment(at, day))
        return make_appointment(session, slot=slot, person=cast.nora)


def tickets() -> int:
    reading().rollback()
    return reading().scalar(select(func.count(Ticket.id))) or 0


@pytest.mark.parametrize("typed", ["phone", "identity", "reference"])
def test_an_appointment_is_found_by_what_one_knows(cast: Cast, desk: Desk, typed: str) -> None:
    reference = booked(cast).reference
    given = {"phone": PHONE, "identity": cast.nora_number, "reference": reference}[typed]
    page = desk.follow(desk.post(ARRIVE, {"reference": given}, status=302))
    assert page.words("p", "number") == ["A001"]
    assert "Nora" not in page.html


def test_of_several_today_one_is_chosen_and_none_of_another_day(cast: Cast, desk: Desk) -> None:
    first, _second = booked(cast, "09:40"), booked(cast, "11:00", service=cast.passport)
    booked(cast, day=SUNDAY + dt.timedelta(days=1), service=cast.deed)
    which = desk.post(ARRIVE, {"reference": PHONE}, status=200, language="en")
    assert len([form for form in which.forms() if which.action(form) == ARRIVE]) == 2
    assert "Nora" not in which.html
    desk.submit(which, {"reference": first.reference}, action=ARRIVE, status=302)
    assert tickets() == 1


def test_a_number_of_nobody_is_refused_as_a_wrong_reference_is(cast: Cast, desk: Desk) -> None:
    for typed in (PHONE, cast.raj_number, "A1234567"):
        assert desk.post(ARRIVE, {"reference": typed}, status=404).errors()["reference"]
    assert tickets() == 0


def test_a_reason_goes_along_to_the_ticket(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        lost = scenarios.describe_scenario(
            session, actor=SYSTEM, service=cast.renewal, code="lost", name_ar="ضياع", name_en="Lost",
            action="bring",
        )  # fmt: skip
        scenarios.describe_paper(
            session, actor=SYSTEM, scenario=lost, code="report", name_ar="بلاغ", name_en="Police report"
        )
    assert "/kiosk/north/why/renewal" in desk.get("/kiosk/north/unsure").links()
    way = next(link for link in desk.get("/kiosk/north/why/renewal").links() if link.endswith("/lost"))
    told = desk.get(way, language="en", status=200)
    assert "Police report" in told.main
    take = next(link for link in told.links() if link.startswith(TAKE))
    desk.submit(desk.get(take), action=TAKE, status=302)
    reading().rollback()
    assert reading().scalars(select(Ticket.scenario_id)).all() == [lost.id]
    assert desk.get("/kiosk/north/why/deed").location == "/kiosk/north/services/deed"


@pytest.mark.parametrize("path", ["/kiosk/north/nothing", "/kiosk/north/a/b/c", "/kiosk/north/services/x/y"])
def test_an_unknown_address_leads_to_the_start(cast: Cast, desk: Desk, path: str) -> None:
    assert desk.get(path, status=302).location == "/kiosk/north"


def test_a_refusal_leaves_no_way_but_to_the_start(cast: Cast, desk: Desk) -> None:
    for page in (
        desk.get("/kiosk/north/services/nothing", status=404),
        desk.get("/kiosk/north/ticket/nonsense", status=404),
        desk.send(TAKE, {"priority": "none"}),
    ):
        inside = ("/kiosk/north", "/language/", "#main")
        assert [link for link in page.links() if not link.startswith(inside)] == []
        assert [link for link in page.links() if link.startswith("/language/")] != []


def test_a_ticket_left_on_the_screen_is_not_shown_to_the_next(cast: Cast, desk: Desk) -> None:
    given = desk.post(TAKE, status=302).location
    assert given is not None
    with clock.at(MORNING + dt.timedelta(minutes=9)):
        desk.get(given, status=200)
    with clock.at(MORNING + dt.timedelta(minutes=11)):
        assert desk.get(given, status=302).location == "/kiosk/north"


def test_reception_finds_people_by_anything_they_have(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    reference, reem = booked(cast).reference, sign_in("reem")
    today = "/reception/north/today"
    assert reference in reem.get(today).main
    reem.post(
        "/reception/north/tickets", {"service": "deed", "identity": cast.nora_number}, page="/reception/north"
    )
    for typed in ("saleh", PHONE, cast.nora_number, reference):
        assert reference in reem.post(today, {"q": typed}, status=200).main
    assert "C001" in reem.post(today, {"q": "c٠٠١"}, status=200).main
    nobody = reem.post(today, {"q": "nobody at all"}, status=200, language="en")
    assert "Nobody found" in nobody.main
    assert sign_in("rana").get(today).status == 403


def test_a_ticket_is_linked_to_its_person_at_reception(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    reem = sign_in("reem")
    given = reem.post("/reception/north/tickets", {"service": "renewal"}, page="/reception/north", status=302)
    slip = str(given.location)
    wrong = reem.post(f"{slip}/person", {"identity": "12"}, page=slip, status=422)
    assert wrong.errors()["identity"]
    reem.post(f"{slip}/person", {"identity": cast.nora_number}, page=slip, status=302)
    reading().rollback()
    assert reading().scalars(select(Ticket.person_id)).all() == [cast.nora.id]


def test_nobody_is_sent_to_a_camera_before_it_is_known_to_be_there(cast: Cast, desk: Desk) -> None:
    start = desk.get("/kiosk/north", language="en")
    spoken = {
        name: [("hidden" in one.attrib, text_of(one)) for one in start.all("span") if name in one.attrib]
        for name in ("data-with-camera", "data-without-camera")
    }
    assert [is_hidden for is_hidden, _words in spoken["data-with-camera"]] == [True]
    [(is_hidden, words)] = spoken["data-without-camera"]
    assert (is_hidden, "camera" in words) == (False, False)
