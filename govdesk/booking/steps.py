"""What the verbs of booking have in common: the lock, the refusals, and what they write down."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.booking.errors import AlreadyBookedError, AppointmentStateError, Place
from govdesk.booking.models import Appointment, AppointmentSlot
from govdesk.notify import service as messages
from govdesk.people.models import Person


def lock(session: Session, appointment: Appointment) -> None:
    """Hold the row until the end of the transaction, and read it as it is now."""
    session.flush()
    session.scalars(
        select(Appointment)
        .where(Appointment.id == appointment.id)
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    ).one()


def refuse_second(session: Session, person: Person, appointment: Appointment, field: str) -> None:
    """Refuse a second live booking of a person for a service; their row is locked before looking.

    Raises AlreadyBookedError.
    """
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    other = session.execute(
        select(Appointment.reference, Appointment.link_token).where(
            Appointment.person_id == person.id,
            Appointment.service_id == appointment.service_id,
            Appointment.state == "booked",
        )
    ).first()
    if other is not None:
        raise AlreadyBookedError(field=field, reference=other.reference, link_token=other.link_token)


def refuse_begun(appointment: Appointment, *allowed: str) -> None:
    """Refuse other states than these, and a booked appointment that has begun: AppointmentStateError."""
    if appointment.state not in allowed:
        raise AppointmentStateError.of(appointment.state)
    if appointment.state == "booked" and appointment.starts_at <= clock.now():
        raise AppointmentStateError("booking.has_begun")


def seat(appointment: Appointment, row: list[Place]) -> None:
    """Write down the places taken for an appointment: its first slot, the further ones, its time."""
    appointment.slot_id, appointment.branch_id = row[0].slot_id, row[0].branch_id
    appointment.starts_at, appointment.ends_at = row[0].starts_at, row[-1].ends_at
    if appointment.further or row[1:]:
        appointment.further = [AppointmentSlot(slot_id=place.slot_id) for place in row[1:]]


def overtake(session: Session, appointment: Appointment) -> None:
    """Drop what waits to be sent about an appointment: a change or a farewell is told instead."""
    messages.drop_about(session, f"appointment:{appointment.id}")


def record(session: Session, actor: Actor, appointment: Appointment, what: str, **detail: object) -> None:
    """Record in the audit what happened to an appointment."""
    subject = f"appointment:{appointment.id}"
    audit.record(session, actor=actor, action=f"appointment.{what}", subject=subject, **detail)
