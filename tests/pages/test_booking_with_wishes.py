"""Booking with more than a time: an interpreter, another way, priority, a code, and a little longer."""

import dataclasses
import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment
from govdesk.catalog.models import BranchService, PublicService
from govdesk.config import Settings
from govdesk.db import transaction
from govdesk.notify.models import Message
from govdesk.queue import service as queue
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast, make_slot

TIME = "/book/renewal/time?branch=north&day=2026-10-05"
DETAILS = {"name": "نورة العتيبي", "phone": "0501234567"}
TOMORROW = MORNING + dt.timedelta(days=1)


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Tomorrow at the north branch: nine, half past nine, ten; and half past eleven, alone."""
    with transaction() as session:
        session.get_one(PublicService, cast.renewal.id).minutes = 25
        starts = [TOMORROW + dt.timedelta(minutes=minutes) for minutes in (0, 30, 60, 150)]
        made = [make_slot(session, branch=cast.north, service=cast.renewal, starts_at=at) for at in starts]
        return [slot.id for slot in made]


def hold(desk: Desk, slot_id: int, query: str = "", language: str | None = None) -> Page:
    shown = desk.get(TIME + query, language=language)
    answer = desk.submit(shown, {"slot": str(slot_id)}, action="/book/renewal/time", status=302)
    return desk.follow(answer)


def only() -> Appointment:
    with transaction() as session:
        found = session.scalars(select(Appointment)).one()
        session.refresh(found, ["further"])
        return found


def test_with_an_interpreter_only_times_with_room_are_free(desk: Desk, slot_ids: list[int]) -> None:
    page = desk.get(TIME + "&interpreter=ur", language="en")
    assert page.words("label", "gone") == ["10:00 taken", "11:30 taken"]
    assert "This appointment lasts 35 min" in page.main
    shown = hold(desk, slot_ids[0], "&interpreter=ur", language="en")
    assert "until 10:00 · Urdu" in shown.main
    assert (only().interpreter, only().slot_ids) == ("ur", slot_ids[:2])


def test_choosing_another_time_keeps_the_wish(desk: Desk, slot_ids: list[int]) -> None:
    shown = hold(desk, slot_ids[0], "&interpreter=ur")
    answer = desk.submit(shown, action=f"{shown.path}/release", status=302)
    assert "interpreter=ur" in (answer.location or "")


def test_a_phone_appointment_is_offered_where_the_branch_has_it(
    desk: Desk, cast: Cast, slot_ids: list[int]
) -> None:
    assert not desk.get(TIME).all("select") or desk.get(TIME).root.find(".//select[@id='kind']") is None
    with transaction() as session:
        session.get_one(BranchService, (cast.north.id, cast.renewal.id)).kinds = ["on_site", "phone", "home"]
    shown = hold(desk, slot_ids[0], "&kind=phone", language="en")
    assert "By phone" in shown.main
    desk.submit(shown, DETAILS, action=shown.path, status=302)
    assert (only().kind, only().state) == ("phone", "booked")


def test_a_home_visit_asks_for_the_address_and_forgets_it_when_cancelled(
    desk: Desk, cast: Cast, slot_ids: list[int]
) -> None:
    with transaction() as session:
        session.get_one(BranchService, (cast.north.id, cast.renewal.id)).kinds = ["on_site", "home"]
    shown = hold(desk, slot_ids[0], "&kind=home")
    refused = desk.submit(shown, DETAILS, action=shown.path, language="en", status=422)
    assert "Enter the address" in refused.errors()["home_address"]
    given = DETAILS | {"home_address": "حي الروضة، شارع ٥، مبنى ٧"}
    booked = desk.follow(desk.submit(refused, given, action=shown.path, status=302))
    assert only().home_address == given["home_address"]
    desk.post(f"{booked.path}/cancel", status=302)
    assert only().home_address is None


def test_a_need_said_when_booking_is_a_priority_at_the_desk(
    desk: Desk, cast: Cast, slot_ids: list[int]
) -> None:
    shown = hold(desk, slot_ids[0])
    desk.submit(shown, DETAILS | {"priority": "pregnant"}, action=shown.path, status=302)
    with clock.at(TOMORROW), transaction() as session:
        mine = session.scalars(select(Appointment)).one()
        assert queue.check_in(session, actor=SYSTEM, appointment=mine).priority == "pregnant"


def test_the_five_minutes_can_be_made_ten_once(desk: Desk, slot_ids: list[int]) -> None:
    shown = hold(desk, slot_ids[0], language="en")
    longer = f"{shown.path}/longer"
    with clock.at(MORNING + dt.timedelta(minutes=4)):
        again = desk.follow(desk.submit(shown, action=longer, status=302))
        assert "until 09:10" in again.main
        assert longer not in [again.action(form) for form in again.forms()]
        assert desk.submit(shown, {"once": "another"}, action=longer).status == 409
    assert only().held_until == MORNING + dt.timedelta(minutes=10)


@pytest.fixture
def asking(app: Flask, settings: Settings, slot_ids: list[int]) -> Desk:
    """A browser at an office that asks for a code each time."""
    app.extensions["govdesk"] = dataclasses.replace(settings, verify_contact="always")
    return Desk(app)


def code() -> str:
    """The code in the last message."""
    with transaction() as session:
        values = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one().values
        assert values is not None
        return str(values["code"])


def test_a_code_proves_the_contact_before_anything_is_booked(asking: Desk, slot_ids: list[int]) -> None:
    shown = hold(asking, slot_ids[0], language="en")
    sent = asking.submit(shown, DETAILS, action=shown.path, language="en", status=200)
    assert "If 05•• ••• •67 can be reached, a code of six digits is on its way" in sent.main
    assert sent.root.find(".//input[@id='name']").attrib["value"] == DETAILS["name"]  # type: ignore[union-attr]
    wrong = f"{(int(code()) + 1) % 1_000_000:06}"
    refused = asking.submit(sent, {"code": wrong}, action=shown.path, language="en", status=422)
    assert list(refused.errors()) == ["code"]
    assert only().state == "held"
    booked = asking.submit(refused, {"code": code()}, action=shown.path, status=302)
    twice = asking.submit(refused, {"code": code()}, action=shown.path)
    assert (twice.status, twice.location) == (302, booked.location)
    assert (only().state, only().verified_at) == ("booked", MORNING)


def test_a_second_code_so_soon_is_refused_in_words(asking: Desk, slot_ids: list[int]) -> None:
    shown = hold(asking, slot_ids[0])
    sent = asking.submit(shown, DETAILS, action=shown.path, status=200)
    again = asking.submit(sent, {"again": "1"}, action=shown.path, language="en", status=429)
    assert "30 sec" in again.main or "Try again" in again.main
    assert again.root.find(".//input[@id='code']") is not None


def test_a_month_is_a_table_whose_days_lead_to_their_times(desk: Desk, slot_ids: list[int]) -> None:
    page = desk.get("/book/renewal/month?branch=north&interpreter=ur", language="en", status=200)
    assert page.words("caption") == ["October 2026"]
    assert page.words("th") == [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]  # fmt: skip
    cells = page.words("td")
    assert cells[4].startswith("1 ")
    assert cells[4].endswith("Past")
    (to,) = [link for link in page.links() if "day=2026-10-05" in link]
    assert "interpreter=ur" in to
    assert "2 free" in next(cell for cell in cells if cell.startswith("5 "))
    assert desk.get(to, status=200).words("label", "gone") == ["١٠:٠٠ محجوز", "١١:٣٠ محجوز"]
    assert desk.get("/book/renewal/month?branch=moon&month=soon", status=200).words("caption")
    assert desk.get("/book/deed/month", status=200).heading


def test_giving_a_place_on_asks_whose_it_is_for_a_code(asking: Desk, slot_ids: list[int]) -> None:
    shown = hold(asking, slot_ids[0])
    sent = asking.submit(shown, DETAILS, action=shown.path, status=200)
    booked = asking.follow(asking.submit(sent, {"code": code()}, action=shown.path, status=302))
    with clock.at(MORNING + dt.timedelta(minutes=1)):
        page = asking.get(f"{booked.path}/forward")
        other = {"name": "خالد العتيبي", "phone": "0507654321"}
        proving = asking.submit(page, other, action=page.path, language="en", status=200)
        assert "on its way to 05•• ••• •67" in proving.main  # that of the booking, not the one that was typed
        assert only().forwarded_at is None
        wrong = f"{(int(code()) + 1) % 1_000_000:06}"
        refused = asking.submit(proving, {"code": wrong}, action=page.path, status=422)
        assert list(refused.errors()) == ["code"]
        asking.submit(refused, {"code": code()}, action=page.path, status=302)
    assert only().forwarded_at is not None
