"""A program proves that the person it books for reads the phone number or address: by a one-time code.

Where the office asks for codes (`verify_contact`), no program is trusted to have asked for them itself.
"""

import datetime as dt
from typing import Any

from flask import Response, jsonify
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import i18n, limits
from govdesk.booking.models import Appointment
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.faces.api import shapes
from govdesk.faces.api.fields import Field, InvalidError, body
from govdesk.notify import codes
from govdesk.once import once
from govdesk.people import tokens
from govdesk.people.contact import clean_email, clean_phone
from govdesk.people.service import contact_digest
from govdesk.web import actor

WINDOW, SENT = dt.timedelta(minutes=10), 300  # codes that one program may have sent
CODE = Field(name="code", kind="text", longest=30, example="481205")
ASK = (
    Field(name="phone", kind="text", example="+966501234567"),
    Field(name="email", kind="text", example="nora@example.org"),
    Field(name="language", kind="text", choices=tuple(i18n.LANGUAGES), example="ar"),
)


class CodeNeededError(DeskError):
    """The office asks for a proof of the contact: have a code sent, and send it along."""

    key = "api.code_needed"

    def __init__(self) -> None:
        super().__init__(field="code")


def ask() -> Response:
    """Have a code sent to a contact; the answer is the same for every address."""
    sent = body(ASK)
    contact = _contact(sent)
    limits.spend("api.codes", actor().label, allowed=SENT, window=WINDOW)

    def act(session: Session) -> Any:
        code = codes.send_code(
            session, actor=actor(), purpose=_purpose(), address=contact,
            language=sent["language"] or i18n.language(),
        )  # fmt: skip
        return jsonify({"expires_at": shapes.moment(code.expires_at, settings().default_timezone)}), 202

    return once(act)


def is_needed(contact: str) -> bool:
    """Whether a booking with this contact needs a code: by the setting, and for `new` once for a program."""
    if settings().verify_contact == "off":
        return False
    return settings().verify_contact == "always" or not _is_known(reading(), contact)


def prove(contact: str, code: str | None) -> None:
    """Judge a code; the try is counted in a transaction of its own. Raises CodeNeededError, CodeError."""
    if not code:
        raise CodeNeededError
    with transaction() as session:
        verdict = codes.verify(session, actor=actor(), purpose=_purpose(), address=contact, code=code)
    if verdict != "right":
        raise codes.CodeError.of(verdict)


def give_back(contact: str, code: str) -> None:
    """Let the code prove once more: nothing was booked with it."""
    with transaction() as session:
        codes.give_back(session, purpose=_purpose(), address=contact, code=code)


def _purpose() -> str:
    """A code that one program asked for proves nothing to another, nor on the pages."""
    return f"contact:{actor().label}"


def _is_known(session: Session, contact: str) -> bool:
    """Whether this program has booked with this contact before, and it was proven."""
    mine = Appointment.made_by.in_(tokens.labels_of_program(session, actor()))
    proven = Appointment.contact_digest == contact_digest(contact), Appointment.verified_at.is_not(None)
    return session.scalar(select(Appointment.id).where(mine, *proven).limit(1)) is not None


def _contact(sent: dict[str, Any]) -> str:
    if bool(sent["phone"]) == bool(sent["email"]):
        raise InvalidError.of("phone", "api.phone_or_email")
    try:
        if sent["phone"]:
            return clean_phone(sent["phone"], settings().country)
        return clean_email(sent["email"])
    except DeskError as problem:
        field = "phone" if sent["phone"] else "email"
        raise InvalidError.of(field, problem.key, **problem.params) from problem
