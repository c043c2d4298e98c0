"""Whom new hours or days leave outside: listed one by one before saving, and given other places after it."""

import hashlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from govdesk.booking import rebooking
from govdesk.booking.models import Appointment
from govdesk.catalog.entries import Name
from govdesk.faces.admin.forms import OutsideForm
from govdesk.faces.admin.looking import LookAgainError
from govdesk.i18n import speaking, t
from govdesk.web import actor


def must_ask(form: OutsideForm, rows: Sequence[Appointment]) -> bool:
    """Whether the list must be shown before saving: it is not confirmed yet, or has changed since."""
    was_seen, form.seen.data = form.seen.data, _digest(rows)
    if not rows or (form.anyway.data and was_seen == form.seen.data):
        return False
    if form.anyway.data:
        form.refuse(LookAgainError())
    return True


def refuse_unseen(form: OutsideForm, rows: Sequence[Appointment]) -> None:
    """Refuse to save where other people are left outside than were shown. Raises LookAgainError."""
    if rows and _digest(rows) != form.seen.data:
        raise LookAgainError


def move(session: Session, form: OutsideForm, rows: Sequence[Appointment], reason: Name) -> None:
    """Give those who are left outside the nearest free places, with priority, where the form says so."""
    if form.moves_people:
        rebooking.rebook(session, actor=actor(), appointments=rows, reason=reason)


def spoken(key: str) -> Name:
    """A sentence in both languages, as the reason that people are told."""
    words = {}
    for language in ("ar", "en"):
        with speaking(language):
            words[language] = t(key)
    return Name(words["ar"], words["en"])


def _digest(rows: Sequence[Appointment]) -> str:
    return hashlib.sha256(repr([(row.id, row.starts_at) for row in rows]).encode()).hexdigest()[:32]
