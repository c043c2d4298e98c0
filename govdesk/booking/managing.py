"""What a person may still say of a place: hold it longer, sooner please, on my way, another of us comes."""

import datetime as dt

from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import Actor
from govdesk.booking.errors import AppointmentStateError
from govdesk.booking.models import Appointment
from govdesk.booking.service import HELD
from govdesk.booking.steps import lock, overtake, record, refuse_begun, refuse_second
from govdesk.errors import DeskError
from govdesk.people.models import Person
from govdesk.people.service import contact_digest

COMING_FROM = dt.timedelta(hours=3)  # before the start: earlier nobody is on the way
LATENESS = (10, 20, 30)  # minutes that a person may say


def extend(session: Session, *, actor: Actor, appointment: Appointment) -> Appointment:
    """Hold a place five minutes longer, once. Raises AppointmentStateError when extended or over."""
    assert actor
    lock(session, appointment)
    if appointment.state != "held" or appointment.held_until is None:
        raise AppointmentStateError.of(appointment.state)
    if appointment.is_extended:
        raise AppointmentStateError("booking.extended_already")
    appointment.held_until = max(appointment.held_until, clock.now()) + HELD
    appointment.is_extended = True
    session.flush()
    return appointment


def wish_earlier(
    session: Session, *, actor: Actor, appointment: Appointment, is_wished: bool = True
) -> Appointment:
    """Note that an earlier place would be welcome, or no longer. Raises AppointmentStateError."""
    lock(session, appointment)
    refuse_begun(appointment, "booked")
    if appointment.wants_earlier != is_wished:
        appointment.wants_earlier = is_wished
        record(session, actor, appointment, "earlier_wished" if is_wished else "earlier_unwished")
        session.flush()
    return appointment


def say_coming(
    session: Session, *, actor: Actor, appointment: Appointment, late_minutes: int = 0
) -> Appointment:
    """Note that the person is on the way (0), or late by so many minutes: reception sees it.

    It promises no place in the line: who comes late stands by arrival, as the rules of the queue say.
    Raises AppointmentStateError: another state, more than three hours before the start, or too long after it;
    DeskError for minutes that cannot be chosen.
    """
    lock(session, appointment)
    if appointment.state != "booked":
        raise AppointmentStateError.of(appointment.state)
    if late_minutes not in (0, *LATENESS):
        raise DeskError("errors.choose_known", field="late_minutes", status=422)
    if not can_say_coming(appointment):
        raise AppointmentStateError("booking.not_today_yet")
    appointment.coming_at, appointment.late_minutes = clock.now(), late_minutes
    record(session, actor, appointment, "coming", late_minutes=late_minutes)
    session.flush()
    return appointment


def can_say_coming(appointment: Appointment) -> bool:
    """Whether it is near enough for someone to be on the way, and not over."""
    now = clock.now()
    is_near = appointment.starts_at - COMING_FROM <= now < appointment.ends_at
    return appointment.state == "booked" and appointment.kind == "on_site" and is_near


def forward(
    session: Session, *, actor: Actor, appointment: Appointment, person: Person, contact: str | None = None
) -> Appointment:
    """Give a place to another of the family, once: a new private link, and the old one leads nowhere.

    The new person's row is locked and looked at as in `confirm`. What was said of the first person (needs,
    being on the way, other appointments of the visit) does not go along.
    Raises AppointmentStateError, AlreadyBookedError (beside `identity`).
    """
    lock(session, appointment)
    refuse_begun(appointment, "booked")
    if appointment.forwarded_at is not None:
        raise AppointmentStateError("booking.forwarded_already")
    if person.id == appointment.person_id:
        raise DeskError("booking.forward_same", field="identity")
    refuse_second(session, person, appointment, "identity")
    appointment.person_id, appointment.forwarded_at = person.id, clock.now()
    appointment.link_token = chance.token()
    appointment.contact_digest = contact_digest(contact) if contact else None
    appointment.verified_at = appointment.coming_at = appointment.late_minutes = None
    appointment.visit_reference, appointment.priority = None, "none"
    appointment.home_address = None if appointment.kind != "home" else appointment.home_address
    appointment.sequence += 1
    session.flush()
    session.expire(appointment, ["person"])
    overtake(session, appointment)
    record(session, actor, appointment, "forwarded")
    outbox.emit(session, "appointment.forwarded", appointment_id=appointment.id)
    return appointment
