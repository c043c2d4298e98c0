"""Anybody complains without an account: on the web, by the code on the wall, at the desk; staff answer."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.db import reading, transaction
from govdesk.feedback.complaints.models import Complaint
from govdesk.people.models import PersonContact
from tests.desk import Desk
from tests.makers import Cast, make_ticket

TYPED = {"about": "wait", "words": "انتظرت ساعتين", "phone": "050 123 4567", "name": "نورة"}


def complaints() -> list[Complaint]:
    reading().rollback()
    return list(reading().scalars(select(Complaint).order_by(Complaint.id)))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_complaint_has_its_number_at_once(desk: Desk, cast: Cast, language: str) -> None:
    page = desk.get("/complaint", language=language)
    sent = desk.submit(page, {**TYPED, "branch": "north", "service": "renewal"}, status=302)
    [made] = complaints()
    assert sent.location is not None
    assert sent.location.startswith(f"/complaint/{made.token}")
    assert "050" not in sent.location
    own = desk.follow(sent)
    assert made.number in own.main
    assert (made.channel, made.branch_id, made.language) == ("web", cast.north.id, language)
    assert reading().get_one(PersonContact, made.person_id).phone == "+966501234567"


def test_nothing_typed_is_lost(desk: Desk, cast: Cast) -> None:
    page = desk.get("/complaint", language="en")
    wrong = desk.submit(page, {**TYPED, "phone": "12", "about": "wait", "happened_on": "غدًا"}, status=422)
    assert set(wrong.errors()) == {"phone", "happened_on"}
    for typed in ("انتظرت ساعتين", "نورة", "12"):
        assert typed in wrong.html
    nobody = desk.submit(page, {"about": "wait", "words": "x", "phone": ""}, status=422)
    assert set(nobody.errors()) == {"phone"}
    assert complaints() == []


def test_too_many_from_one_place_wait_and_keep_their_words(desk: Desk, cast: Cast) -> None:
    for number in range(6):
        desk.submit(desk.get("/complaint"), {**TYPED, "words": f"{number}"}, status=302)
    late = desk.submit(desk.get("/complaint"), TYPED, status=429)
    assert TYPED["words"] in late.html
    assert len(complaints()) == 6


def test_the_code_on_the_wall_fills_in_the_place(desk: Desk, cast: Cast) -> None:
    page = desk.get("/complaint?at=north&counter=2")
    chosen = [option.get("value") for option in page.all("option") if "selected" in option.attrib]
    assert "north" in chosen
    desk.submit(page, {"about": "place", "words": "لا منحدر", "reply": "no", "name": "نورة"}, status=302)
    [made] = complaints()
    assert (made.channel, made.counter_number, made.person_id) == ("qr", 2, None)
    assert desk.get("/complaint?at=nowhere&counter=x").status == 200


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_unit_answers_and_the_complainant_goes_on(
    desk: Desk, sign_in: Callable[[str], Desk], cast: Cast, language: str
) -> None:
    desk.submit(desk.get("/complaint", language=language), {**TYPED, "branch": "north"}, status=302)
    [made] = complaints()
    path = f"/work/complaints/{made.id}"
    sara = sign_in("sara")
    assert path in sara.get("/work/complaints", language=language).links()
    sara.post(f"{path}/acknowledge", page=path, status=302)
    missing = sara.post(f"{path}/assess", {"verdict": "justified", "findings": "واحد"}, page=path, status=422)
    assert set(missing.errors()) == {"cause"}
    assert "واحد" in missing.html
    sara.post(f"{path}/assess", {"verdict": "justified", "cause": "papers"}, page=path, status=302)
    sara.post(f"{path}/answer", {"words": "معك حق"}, page=path, status=302)
    own = f"/complaint/{made.token}"
    page = desk.get(own, language=language)
    assert "معك حق" in page.main
    assert complaints()[0].level == 1  # looking takes it nowhere
    desk.submit(page, {"words": "لم تسألوني"}, action=f"{own}/next", status=302)
    assert (complaints()[0].level, complaints()[0].state) == (2, "received")
    assert f"{path}/assess" not in [page.action(form) for form in sara.get(path).forms()]
    assert path in sign_in("huda").get("/work/complaints").links()
    sign_in("omar").get(path, status=403)


def test_the_desk_takes_one_for_a_ticket_and_hands_over_a_slip(
    sign_in: Callable[[str], Desk], cast: Cast
) -> None:
    with transaction() as session:
        ticket = make_ticket(session, branch=cast.north, service=cast.renewal, person=cast.nora)
    reem = sign_in("reem")
    page = reem.get(f"/work/complaints/new?ticket={ticket.id}")
    slip = reem.follow(reem.submit(page, {"about": "staff", "words": "لم يُنظر إليّ"}, status=302))
    [made] = complaints()
    assert (made.channel, made.person_id, made.service_id) == ("desk", cast.nora.id, cast.renewal.id)
    assert made.number in slip.main
    assert slip.all("img", "qr")
    other = sign_in("rana").get(
        f"/work/complaints/new?ticket={ticket.id}"
    )  # of another branch: an empty form
    assert ticket.number not in other.main


def test_sheets_are_printed_for_the_wall_and_each_counter(sign_in: Callable[[str], Desk], cast: Cast) -> None:
    page = sign_in("sara").get("/work/complaints/sheets/north")
    assert len(page.all("img", "qr")) == 3  # the wall and two counters
    sign_in("sara").get("/work/complaints/sheets/harbour", status=403)


def test_a_withdrawn_one_is_left_in_peace(desk: Desk, cast: Cast) -> None:
    desk.submit(desk.get("/complaint"), TYPED, status=302)
    [made] = complaints()
    own = f"/complaint/{made.token}"
    desk.post(f"{own}/withdraw", page=own, status=302)
    assert complaints()[0].state == "withdrawn"
    assert desk.get(own).forms() == []
    desk.get("/complaint/unknown", status=404)
