"""What a person does with an appointment: adds to it, passes it on, is on the way, wishes, finds it again."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.models import Appointment, Slot
from govdesk.db import transaction
from govdesk.notify.models import Message
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast, make_slot

TIME = "/book/renewal/time?branch=north&day=2026-10-05"
DETAILS = {"name": "نورة العتيبي", "phone": "0501234567"}
TOMORROW = MORNING + dt.timedelta(days=1)
HALF_HOUR = dt.timedelta(minutes=30)


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Tomorrow at the north branch: renewal at nine (two places) and half past nine, passport at both."""
    with transaction() as session:
        made = [
            make_slot(session, branch=cast.north, service=service, starts_at=at, capacity=2)
            for service in (cast.renewal, cast.passport)
            for at in (TOMORROW, TOMORROW + HALF_HOUR)
        ]
        return [slot.id for slot in made]


def book(desk: Desk, slot_id: int) -> Page:
    chosen = desk.submit(desk.get(TIME), {"slot": str(slot_id)}, action="/book/renewal/time", status=302)
    shown = desk.follow(chosen)
    return desk.follow(desk.submit(shown, DETAILS, action=shown.path, status=302))


def counts(slot_ids: list[int]) -> list[int]:
    with transaction() as session:
        return [session.get_one(Slot, slot_id).booked for slot_id in slot_ids]


def all_of_them() -> list[Appointment]:
    with transaction() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def test_a_second_service_stands_beside_the_first_under_one_reference(
    desk: Desk, slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0])
    assert "renewal" not in desk.get(f"{mine.path}/more").html  # one live booking for a service
    offered = desk.get(f"{mine.path}/more?service=passport", language="en", status=200)
    assert offered.words("label", "gone") == []
    assert [label for label in offered.words("label") if label in {"09:00", "09:30"}] == ["09:30"]
    answer = desk.submit(offered, {"slot": str(slot_ids[3])}, action=f"{mine.path}/more", status=302)
    again = desk.submit(offered, {"slot": str(slot_ids[3])}, action=f"{mine.path}/more", status=302)
    assert again.location == answer.location
    first, second = all_of_them()
    assert second.reference == f"{first.reference}2"
    assert first.person_id == second.person_id
    page = desk.get(mine.path, language="en")
    assert "The same visit" in page.main
    assert second.reference in page.main
    assert counts(slot_ids) == [1, 0, 0, 1]


def test_another_of_the_family_comes_at_the_same_time(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    offered = desk.get(f"{mine.path}/more?whom=other&service=renewal", language="en", status=200)
    assert "09:00" in offered.words("label")
    given = {"slot": str(slot_ids[0]), "name": "سارة العتيبي", "phone": "0501234567"}
    desk.submit(offered, given, action=f"{mine.path}/more", status=302)
    first, second = all_of_them()
    assert first.person_id != second.person_id
    assert first.starts_at == second.starts_at
    assert counts(slot_ids) == [2, 0, 0, 0]
    refused = desk.submit(
        offered, given | {"phone": "123", "slot": ""}, action=f"{mine.path}/more", language="en", status=422
    )
    assert set(refused.errors()) == {"slot", "phone"}


def test_one_press_can_cancel_the_whole_visit(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    offered = desk.get(f"{mine.path}/more?service=passport")
    desk.submit(offered, {"slot": str(slot_ids[3])}, action=f"{mine.path}/more", status=302)
    asked = desk.get(f"{mine.path}/cancel", language="en")
    assert "Also the other appointment of this visit" in asked.main
    desk.submit(asked, {"whole": "y"}, action=f"{mine.path}/cancel", status=302)
    assert [one.state for one in all_of_them()] == ["cancelled", "cancelled"]
    assert counts(slot_ids) == [0, 0, 0, 0]


def test_passing_it_on_gives_a_new_link_and_the_old_one_leads_nowhere(
    desk: Desk, app: Flask, cast: Cast, slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0])
    before = all_of_them()[0]
    given = {"name": "سارة العتيبي", "phone": "0507654321", "identity": cast.raj_number}
    answer = desk.post(f"{mine.path}/forward", given, status=302)
    assert "passed on" in desk.get(answer.location or "", language="en").main
    for path in ("", "/cancel", "/move", "/appointment.ics", "/forward"):
        assert Desk(app).get(mine.path + path).status == 404
    after = all_of_them()[0]
    assert (after.reference, after.sequence) == (before.reference, before.sequence + 1)
    assert after.person_id == cast.raj.id
    new = (answer.location or "").split("?")[0]
    assert f"{new}/forward" not in desk.get(new).links()
    again = desk.post(f"{new}/forward", DETAILS, language="en", status=409)
    assert "passed on once already" in again.main
    assert counts(slot_ids) == [1, 0, 0, 0]


def test_on_the_way_is_said_near_the_time_and_seen_by_reception(
    desk: Desk, sign_in: Callable[[str], Desk], slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0])
    assert f"{mine.path}/coming" not in desk.get(mine.path).links()
    with clock.at(TOMORROW - dt.timedelta(hours=1)):
        assert f"{mine.path}/coming" in desk.get(mine.path).links()
        asked = desk.get(f"{mine.path}/coming", language="en", status=200)
        strange = desk.submit(asked, {"late": "7"}, action=f"{mine.path}/coming", language="en", status=422)
        assert "list" in strange.main
        desk.submit(asked, {"late": "20"}, action=f"{mine.path}/coming", status=302)
        assert "you will be late by 20 min" in desk.get(mine.path, language="en").main
        assert "late by 20 min" in sign_in("reem").get("/reception/north", language="en").main


def test_an_earlier_place_is_wished_for_and_no_longer(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[1])
    for is_wished in (True, False):
        desk.post(f"{mine.path}/earlier", status=302)
        assert all_of_them()[0].wants_earlier is is_wished


def test_a_cancelled_appointment_strikes_itself_out_of_the_calendar(desk: Desk, slot_ids: list[int]) -> None:
    mine = book(desk, slot_ids[0])
    entry = f"{mine.path}/appointment.ics"
    before = Calendar.from_ical(desk.get(entry).data.decode()).walk("VEVENT")[0]
    desk.post(f"{mine.path}/cancel", status=302)
    after = Calendar.from_ical(desk.get(entry).data.decode()).walk("VEVENT")[0]
    assert (after["status"], after["uid"]) == ("CANCELLED", before["uid"])
    assert [int(str(entry["sequence"])) for entry in (before, after)] == [0, 1]
    assert not after.walk("VALARM")


def test_a_lost_link_is_sent_again_and_the_answer_tells_nothing(
    desk: Desk, app: Flask, slot_ids: list[int]
) -> None:
    mine = book(desk, slot_ids[0])
    reference = all_of_them()[0].reference

    def ask(reference: str, contact: str) -> tuple[str, str, int]:
        browser = Desk(app)
        given = {"reference": reference, "contact": contact}
        answer = browser.post("/appointment/find", given, language="en", status=302)
        with transaction() as session:
            sent = session.scalars(select(Message.key)).all()
        return answer.location or "", browser.follow(answer).main, list(sent).count("link_again")

    right = ask(reference, "050 123 4567")
    assert right[2] == 1
    for wrong in (("ABCDEFGH", "0501234567"), (reference, "0507654321"), (reference, "a@example.com")):
        assert ask(*wrong) == right
    assert mine.path.rsplit("/", 1)[-1] not in right[1]


def test_what_cannot_be_a_contact_is_said_beside_it(desk: Desk, cast: Cast) -> None:
    given = {"reference": "ABCDEFGH", "contact": "nora"}
    page = desk.post("/appointment/find", given, language="en", status=422)
    assert list(page.errors()) == ["contact"]
