"""Find an appointment by what a person has of it."""

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.booking.errors import AppointmentNotFoundError
from govdesk.booking.models import Appointment


def find(session: Session, text: str) -> Appointment:
    """The booked appointment behind what someone typed or scanned: a reference, a private link, or its token.

    Raises AppointmentNotFoundError; a hold that nobody confirmed is not found.
    """
    typed = text.strip().rstrip("/")
    token = typed.rsplit("/", 1)[-1]
    reference = reference_in(typed)
    either = (Appointment.reference == reference) | (Appointment.link_token == token)
    found = session.scalars(
        select(Appointment).where(either, Appointment.booked_at.is_not(None)).limit(1)
    ).one_or_none()
    if found is None:
        raise AppointmentNotFoundError(field="reference")
    return found


def reference_in(text: str) -> str:
    """The letters and digits of what someone typed, as references are written."""
    return "".join(_plain(character) for character in text.upper() if character.isalnum())


def by_token(session: Session, token: str) -> Appointment:
    """The appointment, held or booked, of a private link. Raises AppointmentNotFoundError."""
    found = session.scalars(select(Appointment).where(Appointment.link_token == token)).one_or_none()
    if found is None:
        raise AppointmentNotFoundError
    return found


def _plain(character: str) -> str:
    """A digit of any script as a Latin one."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
