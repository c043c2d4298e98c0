"""Missed appointments: ask why, let the person answer with one touch, let staff excuse.

Four things are kept apart: cancelled by the person, cancelled by us, excused, and not come. Who says that
they came and were not seen, or left because it took too long, is none of these: that failure is our own.
"""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n
from govdesk.actor import Actor
from govdesk.booking.absence.models import Absence
from govdesk.booking.errors import AppointmentStateError
from govdesk.booking.models import Appointment
from govdesk.booking.steps import lock
from govdesk.booking.telling import BOOK, about, when
from govdesk.config import settings
from govdesk.errors import DeskError, NotAllowedError
from govdesk.i18n import named
from govdesk.notify import service as messages

REASONS = ("forgot", "no_way", "solved", "waited_left", "not_seen", "other")
EXCUSED = frozenset({"no_way"})  # by the person's own word; staff may excuse any
CAME = frozenset({"waited_left", "not_seen"})  # as they say
ASKED_FOR = dt.timedelta(days=14)  # from the appointment on a person may say why
EXCUSERS = ("reception", "supervisor", "admin")
MORNING = dt.time(9)
WHY = "/appointment/{}/why"  # a page of the citizen


def explain(session: Session, *, actor: Actor, appointment: Appointment, reason: str) -> Absence:
    """Note why the person did not come, in their own word; a second answer replaces the first.

    What staff have excused stays excused. Raises AppointmentStateError, DeskError beside `reason`.
    """
    lock(session, appointment)
    _refuse(appointment, reason)
    if clock.now() > appointment.ends_at + ASKED_FOR:
        raise AppointmentStateError("booking.why_too_late", status=410)
    known = session.get(Absence, appointment.id)
    if known is not None and known.told_by == "staff":
        return known
    return _note(session, actor, appointment, reason, told_by="person", is_excused=reason in EXCUSED)


def excuse(session: Session, *, actor: Actor, appointment: Appointment, reason: str) -> Absence:
    """Excuse who did not come, for a reason that staff know. Raises NotAllowedError, and as `explain`."""
    if not actor.may(*EXCUSERS, branch_id=appointment.branch_id):
        raise NotAllowedError
    lock(session, appointment)
    _refuse(appointment, reason)
    return _note(session, actor, appointment, reason, told_by="staff", is_excused=True)


def can_explain(appointment: Appointment) -> bool:
    """Whether the person may still say why they did not come."""
    return appointment.state == "noshow" and clock.now() <= appointment.ends_at + ASKED_FOR


def absence_of(session: Session, appointment: Appointment) -> Absence | None:
    """What is known of why nobody came."""
    return session.get(Absence, appointment.id)


def missed_at(
    session: Session, branch_id: int, since: dt.datetime
) -> list[tuple[Appointment, Absence | None]]:
    """The missed appointments of a branch since a moment, latest first, with what is known of each."""
    rows = session.execute(
        select(Appointment, Absence)
        .outerjoin(Absence, Absence.appointment_id == Appointment.id)
        .where(Appointment.branch_id == branch_id, Appointment.state == "noshow")
        .where(Appointment.starts_at >= since)
        .order_by(Appointment.starts_at.desc(), Appointment.id)
    )
    return [(row[0], row[1]) for row in rows]


def ask_why(session: Session, payload: dict[str, Any]) -> None:
    """Ask on the next morning what happened; once, and not who has been excused meanwhile."""
    appointment = session.get_one(Appointment, payload["appointment_id"])
    if appointment.state != "noshow" or absence_of(session, appointment) is not None:
        return
    zone, base = appointment.branch.timezone, settings().base_address
    following = clock.day_bounds(clock.local_day(appointment.starts_at, zone), zone)[1]
    morning = following + dt.timedelta(hours=MORNING.hour)
    with i18n.speaking(appointment.language):
        values = {
            "service": named(appointment.service),
            "branch": named(appointment.branch),
            "when": when(appointment.starts_at, zone),
            "link": base + WHY.format(appointment.link_token),
            "book_link": base + BOOK.format(appointment.service.code),
        }
    messages.queue(
        session,
        key="missed_why",
        about=about(appointment),
        language=appointment.language,
        values=values,
        person=appointment.person,
        expires_at=appointment.ends_at + ASKED_FOR,
        send_after=max(morning, clock.now()),
        zone=zone,
    )


def _refuse(appointment: Appointment, reason: str) -> None:
    if appointment.state != "noshow":
        raise AppointmentStateError("booking.not_missed")
    if reason not in REASONS:
        raise DeskError("errors.choose_known", field="reason", status=422)


def _note(
    session: Session, actor: Actor, appointment: Appointment, reason: str, *, told_by: str, is_excused: bool
) -> Absence:
    row = session.get(Absence, appointment.id) or Absence(appointment_id=appointment.id)
    row.reason, row.told_by, row.told_at, row.is_excused = reason, told_by, clock.now(), is_excused
    session.add(row)
    session.flush()
    subject = f"appointment:{appointment.id}"
    action = "appointment.excused" if told_by == "staff" else "appointment.explained"
    audit.record(session, actor=actor, action=action, subject=subject, reason=reason)
    return row
