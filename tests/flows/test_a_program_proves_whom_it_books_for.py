"""Where the office asks for codes, a program has one sent and brings it along; it sees only what it made."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.people import tokens
from tests.api import Program, make_token
from tests.makers import MORNING, Cast, make_appointment, make_slot

PHONE = "+966501234567"
NORA = {"name": "Nora Ali", "phone": PHONE}


@pytest.fixture
def slot_ids(cast: Cast) -> list[int]:
    """Eight places tomorrow at the north branch, one each half hour."""
    with transaction() as session:
        return [
            make_slot(
                session, branch=cast.north, service=cast.renewal,
                starts_at=MORNING + dt.timedelta(days=1, minutes=30 * n),
            ).id
            for n in range(8)
        ]  # fmt: skip


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("booking", name="City app"))


def ask_for_codes(app: Flask, settings: Settings, when: str) -> None:
    app.extensions["govdesk"] = dataclasses.replace(settings, verify_contact=when)


def book(program: Program, slot: int, status: int, **more: Any) -> Any:
    sent = {"slot": slot, "service": "renewal", "person": NORA, **more}
    return program.post("/appointments", sent, status=status)


def code() -> str:
    """The code in the last message."""
    with transaction() as session:
        values = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one().values
        assert values is not None
        return str(values["code"])


def test_nothing_is_booked_without_the_code_that_was_sent(
    app: Flask, settings: Settings, program: Program, slot_ids: list[int]
) -> None:
    ask_for_codes(app, settings, "always")
    needed = book(program, slot_ids[0], 409)
    assert needed["type"] == "/api/v1/docs#api.code_needed"
    assert needed["errors"][0]["field"] == "code"
    sent = program.post("/codes", {"phone": "0501234567"}, status=202)
    assert sent == {"expires_at": "2026-10-04T09:10:00+03:00"}
    wrong = f"{(int(code()) + 1) % 1_000_000:06}"
    assert book(program, slot_ids[0], 422, code=wrong)["type"] == "/api/v1/docs#notify.code_wrong"
    reference = book(program, slot_ids[0], 201, code=code())["reference"]
    booked = reading().scalars(select(Appointment).where(Appointment.reference == reference)).one()
    assert booked.verified_at == MORNING
    again = {"slot": slot_ids[1], "service": "renewal", "person": NORA | {"name": "Sara"}, "code": code()}
    assert program.post("/appointments", again, status=422)["type"] == "/api/v1/docs#notify.code_expired"


def test_five_guesses_end_a_code_and_one_program_s_code_proves_nothing_to_another(
    app: Flask, settings: Settings, program: Program, slot_ids: list[int]
) -> None:
    ask_for_codes(app, settings, "always")
    program.post("/codes", {"phone": PHONE}, status=202)
    other = Program(app, make_token("booking", name="Other"))
    assert book(other, slot_ids[0], 422, code=code())["type"].endswith("code_expired")
    wrong = f"{(int(code()) + 1) % 1_000_000:06}"
    for _guess in range(5):
        book(program, slot_ids[0], 422, code=wrong)
    assert book(program, slot_ids[0], 422, code=code())["type"].endswith("code_spent")
    program.post("/codes", {"phone": PHONE, "email": "a@example.org"}, status=422)
    program.post("/codes", {"phone": PHONE}, status=429)  # one in 30 seconds


def test_a_code_is_not_used_up_by_a_place_that_was_gone(
    app: Flask, settings: Settings, program: Program, slot_ids: list[int], cast: Cast
) -> None:
    ask_for_codes(app, settings, "always")
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING.replace(hour=12))
        make_appointment(session, slot=slot, person=cast.raj)
    program.post("/codes", {"phone": PHONE}, status=202)
    assert book(program, slot.id, 409, code=code())["alternatives"]
    book(program, slot_ids[0], 201, code=code())


def test_once_is_enough_for_a_program_where_only_new_contacts_are_proven(
    app: Flask, settings: Settings, program: Program, slot_ids: list[int]
) -> None:
    ask_for_codes(app, settings, "new")
    book(program, slot_ids[0], 409)
    program.post("/codes", {"phone": PHONE}, status=202)
    book(program, slot_ids[0], 201, code=code())
    sara = NORA | {"name": "Sara Ali"}
    book(program, slot_ids[1], 201, person=sara)
    book(Program(app, make_token("booking", name="Other")), slot_ids[2], 409)


def test_a_program_books_no_more_with_one_contact_than_a_person_may(
    app: Flask, program: Program, slot_ids: list[int]
) -> None:
    names = ("Nora", "Sara", "Hind", "Omar", "Khalid", "Laila", "Maha")
    for name, slot in zip(names[:6], slot_ids, strict=False):
        book(program, slot, 201, person=NORA | {"name": f"{name} Ali"})
    refusal = book(program, slot_ids[6], 409, person=NORA | {"name": "Maha Ali"})
    assert refusal["type"] == "/api/v1/docs#booking.contact_full"
    assert refusal["errors"][0]["field"] == "person.phone"


def test_a_program_sees_what_it_made_and_others_only_by_their_private_link(
    app: Flask, program: Program, slot_ids: list[int], cast: Cast
) -> None:
    mine = book(program, slot_ids[0], 201)["reference"]
    with transaction() as session:
        slot = make_slot(session, branch=cast.harbour, service=cast.renewal)
        theirs = make_appointment(session, slot=slot, person=cast.raj)
    other = Program(app, make_token("booking", name="Other"))
    for asking, reference in ((other, mine), (program, theirs.reference)):
        asking.get(f"/appointments/{reference}", status=404)
        asking.ask("DELETE", f"/appointments/{reference}", status=404)
        asking.post(f"/appointments/{reference}/move", {"slot": slot_ids[3]}, status=404)
        asking.post(f"/appointments/{reference}/check-in", status=404)
    assert program.get(f"/appointments/{theirs.link_token}")["reference"] == theirs.reference
    assert Program(app, make_token("kiosk", name="Hall")).get(f"/appointments/{mine}")["reference"] == mine


def test_a_renewed_token_keeps_what_the_one_before_made(
    app: Flask, program: Program, slot_ids: list[int]
) -> None:
    reference = book(program, slot_ids[0], 201)["reference"]
    with transaction() as session:
        tokens.revoke(session, actor=SYSTEM, token=tokens.find(session, "City app"))
    with clock.at(MORNING):
        renewed = Program(app, make_token("booking", name="City app"))
        assert renewed.get(f"/appointments/{reference}")["reference"] == reference
