"""The kiosk: language first, a ticket or an arrival once, nothing outside the hours."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from govdesk.queue import counters
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment

TAKE = "/kiosk/north/services/renewal"
ARRIVE = "/kiosk/north/appointment"
PAGES = ("", "/services", "/unsure", "/appointment", "/priority", "/help", "/services/renewal")


def tickets() -> int:
    reading().rollback()
    return reading().scalar(select(func.count(Ticket.id))) or 0


def last() -> Ticket:
    reading().rollback()
    return reading().scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def booked(cast: Cast, at: str = "09:40", day: dt.date = SUNDAY, **given: object) -> Appointment:
    with transaction() as session:
        options = {"branch": cast.north, "service": cast.renewal, **given}
        slot = make_slot(session, starts_at=moment(at, day), **options)  # type: ignore[arg-type]
        return make_appointment(session, slot=slot, person=cast.nora, language="en")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_offers_both_languages_and_no_way_out(cast: Cast, desk: Desk, page: str) -> None:
    shown = desk.get(f"/kiosk/north{page}", status=200)
    inside = ("/kiosk/north", "/language/", "#main")
    assert [link for link in shown.links() if not link.startswith(inside)] == []
    assert [link for link in shown.links() if link.startswith("/language/en")] != []


def test_a_walk_in_takes_a_ticket_without_saying_who(cast: Cast, desk: Desk) -> None:
    given = desk.follow(desk.post(TAKE, status=302, language="en"))
    assert given.words("p", "number") == ["A001"]
    assert given.all("img", "qr")
    assert (last().channel, last().language, last().person_id, last().state) == (
        "kiosk", "en", None, "waiting"
    )  # fmt: skip


def test_an_identity_number_in_arabic_digits_is_read(cast: Cast, desk: Desk) -> None:
    arabic = cast.nora_number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    desk.post(TAKE, {"identity": arabic, "priority": "elderly"}, status=302)
    assert (last().person_id, last().priority) == (cast.nora.id, "elderly")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("10A8765432", "A"), ("12", "ten digits"), ("١٢٣٤٥٦٧٨٩٠", ""), ("🙂", "🙂"), ("9" * 301, "")],
)
def test_a_wrong_number_is_refused_beside_it_and_stays(cast: Cast, desk: Desk, typed: str, said: str) -> None:
    page = desk.post(TAKE, {"identity": typed, "priority": "infant"}, language="en", status=422)
    assert said in page.errors()["identity"]
    field = next(field for field in page.all("input") if field.get("name") == "identity")
    assert field.get("value") == typed
    chosen = [field.get("value") for field in page.all("input") if "checked" in field.attrib]
    assert chosen == ["number", "infant"]
    assert tickets() == 0


def test_a_passport_is_taken_when_it_is_called_one(cast: Cast, desk: Desk) -> None:
    desk.post(TAKE, {"identity": cast.vera_number, "kind": "passport"}, status=302)
    assert last().person_id == cast.vera.id
    desk.post(TAKE, {"identity": "123456789", "kind": "number"}, status=422)
    desk.post(TAKE, {"identity": "123456789", "kind": "passport"}, status=302)
    assert tickets() == 2


def test_a_double_touch_gives_one_ticket(cast: Cast, desk: Desk) -> None:
    shown = desk.get(TAKE)
    first, second = desk.submit(shown), desk.submit(shown)
    assert first.location == second.location
    assert tickets() == 1


def test_priority_and_large_text_go_with_the_person(cast: Cast, desk: Desk) -> None:
    chosen = desk.get("/kiosk/north?priority=pregnant&large=1", language="en")
    assert "Expectant mother" in chosen.html
    assert chosen.all("div", "larger")
    ways = [link for link in chosen.links() if "/services" in link]
    assert ways == ["/kiosk/north/services?large=1&priority=pregnant"]
    form = desk.get(f"{TAKE}?large=1&priority=pregnant")
    assert [f.get("value") for f in form.all("input") if "checked" in f.attrib] == ["number", "pregnant"]
    assert not desk.get("/kiosk/north?priority=king").all("b", "king")


def test_an_appointment_checks_in_by_reference_and_gets_the_same_ticket_again(cast: Cast, desk: Desk) -> None:
    appointment = booked(cast)
    for typed in (appointment.reference.lower(), f"http://localhost/appointment/{appointment.link_token}"):
        page = desk.follow(desk.post(ARRIVE, {"reference": typed}, status=302, language="en"))
        assert page.words("p", "number") == ["A001"]
        assert "Your appointment is at 09:40" in page.main
    assert tickets() == 1
    assert last().channel == "appointment"


def test_what_is_no_appointment_here_and_today_is_said(cast: Cast, desk: Desk) -> None:
    tomorrow = booked(cast, day=SUNDAY + dt.timedelta(days=1))
    elsewhere = booked(cast, branch=cast.harbour, service=cast.passport)
    for typed, status, said in (
        ("", 422, "Type your reference"),
        ("NONSENSE", 404, ""),
        (tomorrow.reference, 409, ""),
        (elsewhere.reference, 409, "Harbour Branch"),
    ):
        page = desk.post(ARRIVE, {"reference": typed}, language="en", status=status)
        assert said in page.errors()["reference"]
        assert page.errors()["reference"]
    assert tickets() == 0


@pytest.mark.parametrize("at", ["07:59", "16:00", "23:30"])
def test_a_closed_branch_says_so_and_gives_nothing(cast: Cast, desk: Desk, at: str) -> None:
    form = desk.get(TAKE)
    with clock.at(moment(at)):
        page = desk.get("/kiosk/north", language="en", status=200)
        answer = desk.submit(form, language="en", status=409)
    assert page.heading == answer.heading == "The branch is closed now"
    assert "08:00" in page.main
    assert tickets() == 0


def test_a_service_that_is_not_offered_here_has_no_page(cast: Cast, desk: Desk) -> None:
    assert desk.get("/kiosk/harbour/services/deed").status == 404
    assert desk.get("/kiosk/nowhere").status == 404


def test_waits_are_shown_before_one_takes_a_ticket(cast: Cast, desk: Desk) -> None:
    assert desk.get("/kiosk/north/services", language="en").main.count("No counter open") == 3
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    assert desk.get("/kiosk/north/services", language="en").main.count("Wait now:") == 3


def test_a_ticket_of_another_branch_is_not_shown_here(cast: Cast, desk: Desk) -> None:
    desk.post(TAKE, status=302)
    assert desk.get(f"/kiosk/harbour/ticket/{last().token}").status == 404


def test_a_flood_of_tickets_is_stopped(cast: Cast, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdesk.faces.kiosk.views.POSTS", 2)
    for status in (302, 302, 429):
        desk.post(TAKE, status=status)
    assert tickets() == 2
