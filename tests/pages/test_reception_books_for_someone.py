"""Reception books for who is on the phone or at the desk, also a place kept for staff, and prints a slip."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk.booking.models import Appointment, Slot
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_slot

BOOK = "/reception/north/book"
TIMES = f"{BOOK}?service=renewal&day=2026-10-05"
WHO = {"name": "خالد الحربي", "phone": "0551234567"}


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Tomorrow at the north branch: nine, kept for staff; half past nine."""
    with transaction() as session:
        kept = make_slot(session, branch=cast.north, service=cast.renewal, capacity=0, kept_staff=1)
        later = MORNING + dt.timedelta(days=1, minutes=30)
        other = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=later)
        return [kept.id, other.id]


def test_a_place_kept_for_staff_is_booked_at_the_desk_and_its_slip_printed(
    sign_in: Callable[[str], Desk], cast: Cast, slot_ids: list[int]
) -> None:
    reem = sign_in("reem")
    assert BOOK in reem.get("/reception/north").links()
    assert "تجديد الهوية" in reem.get(BOOK, status=200).main
    shown = reem.get(TIMES, language="en", status=200)
    sent = WHO | {
        "slot": str(slot_ids[0]),
        "language": "ar",
        "identity": cast.raj_number,
        "priority": "elderly",
    }
    answers = [reem.submit(shown, sent, action=BOOK, status=302) for _press in range(2)]
    assert answers[0].location == answers[1].location
    slip = reem.follow(answers[0])
    with transaction() as session:
        booked = session.scalars(select(Appointment)).one()
        assert (booked.channel, booked.priority, booked.person_id) == ("reception", "elderly", cast.raj.id)
        assert session.get_one(PersonContact, cast.raj.id).name == WHO["name"]
        assert session.get_one(Slot, slot_ids[0]).booked == 1
        reference = booked.reference
    assert slip.words("p", "reference") == [reference]
    assert slip.all("img", "qr")
    assert WHO["name"] not in slip.html
    assert "قبل ذلك" not in slip.main
    assert "كبار السن" in slip.words("div", "slip")[0]


def test_online_nobody_takes_a_place_kept_for_staff(desk: Desk, slot_ids: list[int]) -> None:
    shown = desk.get("/book/renewal/time?branch=north&day=2026-10-05", language="en")
    assert shown.words("label", "gone") == ["09:00 taken"]
    given = {"slot": str(slot_ids[0])}
    assert desk.submit(shown, given, action="/book/renewal/time", language="en").status == 409


def test_reception_is_told_which_booking_there_is(
    sign_in: Callable[[str], Desk], cast: Cast, slot_ids: list[int]
) -> None:
    reem = sign_in("reem")
    sent = WHO | {"slot": str(slot_ids[0]), "identity": cast.raj_number}
    reem.submit(reem.get(TIMES), sent, action=BOOK, status=302)
    again = sent | {"slot": str(slot_ids[1])}
    refused = reem.submit(reem.get(TIMES), again, action=BOOK, language="en", status=409)
    with transaction() as session:
        assert session.scalars(select(Appointment.reference)).one() in refused.main
    assert refused.root.find(".//input[@id='name']").attrib["value"] == WHO["name"]  # type: ignore[union-attr]


def test_a_whole_visit_is_booked_at_the_desk_and_printed_on_one_slip(
    sign_in: Callable[[str], Desk], cast: Cast, slot_ids: list[int]
) -> None:
    with transaction() as session:
        for n in range(2):
            later = MORNING + dt.timedelta(days=1, minutes=30 * n)
            make_slot(session, branch=cast.north, service=cast.passport, starts_at=later)
    reem = sign_in("reem")
    assert "Family member 1" in reem.get(TIMES, language="en").main
    times = f"{TIMES}&also=passport&others=passport"
    shown = reem.get(times, language="en", status=200)
    assert "Passport, Family member 1" in shown.words("p", "lead")[0]
    assert shown.words("label", "gone") == ["09:30 taken"]  # the second passport would come too late
    sent = WHO | {"slot": str(slot_ids[0]), "also": "passport", "others": "passport"}
    refused = reem.submit(shown, sent, action=BOOK, language="en", status=422)
    assert list(refused.errors()) == ["name_1"]
    slip = reem.follow(reem.submit(refused, sent | {"name_1": "سارة"}, action=BOOK, status=302))
    with transaction() as session:
        booked = list(session.scalars(select(Appointment).order_by(Appointment.id)))
        assert [(one.service_id, one.state) for one in booked] == [
            (cast.renewal.id, "booked"), (cast.passport.id, "booked"), (cast.passport.id, "booked"),
        ]  # fmt: skip
        assert len({one.person_id for one in booked}) == 2
        assert {one.channel for one in booked} == {"reception"}
    for one in booked:
        assert one.reference in slip.words("div", "slip")[0]


def test_what_fills_up_meanwhile_books_nothing_of_a_visit(
    sign_in: Callable[[str], Desk], cast: Cast, slot_ids: list[int]
) -> None:
    with transaction() as session:
        later = MORNING + dt.timedelta(days=1, minutes=30)
        full = make_slot(session, branch=cast.north, service=cast.passport, starts_at=later).id
    reem = sign_in("reem")
    shown = reem.get(f"{TIMES}&also=passport", language="en")
    with transaction() as session:
        session.get_one(Slot, full).booked = 1
    refused = reem.submit(shown, WHO | {"slot": str(slot_ids[0])}, action=BOOK, language="en", status=409)
    assert "not all of the visit can be had" in refused.main
    with transaction() as session:
        assert session.scalars(select(Appointment)).all() == []
        assert session.get_one(Slot, slot_ids[0]).booked == 0


def test_the_reason_is_chosen_at_the_desk_too(
    sign_in: Callable[[str], Desk], cast: Cast, slot_ids: list[int]
) -> None:
    with transaction() as session:
        session.add(
            Scenario(
                service_id=cast.renewal.id, code="lost", action="book", position=1, name_ar="ضاعت",
                name_en="It is lost",
            )
        )  # fmt: skip
    reem = sign_in("reem")
    assert "It is lost" in reem.get(TIMES, language="en").main
    shown = reem.get(f"{TIMES}&scenario=lost", language="en")
    reem.submit(shown, WHO | {"slot": str(slot_ids[0])}, action=BOOK, status=302)
    with transaction() as session:
        booked = session.scalars(select(Appointment)).one()
        assert booked.scenario is not None
        assert booked.scenario.code == "lost"


def test_another_branch_is_none_of_their_business(
    sign_in: Callable[[str], Desk], slot_ids: list[int]
) -> None:
    rana = sign_in("rana")
    assert rana.get(BOOK).status == 403
    assert rana.get("/reception/north/appointments/ABCDEFGH").status == 403
    assert rana.get("/reception/harbour/appointments/ABCDEFGH").status == 404
