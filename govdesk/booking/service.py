"""Verbs of booking: hold, confirm, book, move, cancel, arrive, fulfil.

held > booked > arrived > fulfilled, or cancelled | noshow. A hold that ran out is `cancelled` and was never
booked: `booked_at` is empty, and it is removed a day later. Each verb locks the appointment's row first and
its slots after it.
"""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import Actor
from govdesk.booking import slots
from govdesk.booking.errors import (
    AlreadyBookedError,
    AppointmentStateError,
    Place,
    SlotTakenError,
)
from govdesk.booking.finding import by_token, find
from govdesk.booking.models import Appointment
from govdesk.booking.slots import free_slots, nearest_free, next_free
from govdesk.people.models import Person

__all__ = [
    "arrive", "book", "by_token", "cancel", "confirm", "find", "free_slots", "fulfil", "hold", "is_lapsed",
    "move", "nearest_free", "next_free",
]  # fmt: skip
HELD = dt.timedelta(minutes=5)
LATEST = dt.timedelta(hours=2)  # after its end an appointment can still be checked in; then it is missed
REFERENCE_LENGTH = 8


def hold(
    session: Session,
    *,
    actor: Actor,
    slot_id: int,
    service_id: int,
    branch_id: int | None = None,
    language: str = "ar",
    channel: str = "web",
    scenario_id: int | None = None,
) -> Appointment:
    """Keep a place for five minutes, for someone who is still typing. How the race is won: see `slots.take`.

    Given a branch, a slot of another one is refused; a scenario goes along to the counter.
    Raises SlotUnknownError, SlotTakenError.
    """
    assert actor
    place = slots.take(session, slot_id, service_id=service_id, branch_id=branch_id)
    now = clock.now()
    appointment = Appointment(
        reference=chance.code(REFERENCE_LENGTH),
        link_token=chance.token(),
        branch_id=place.branch_id,
        service_id=service_id,
        slot_id=slot_id,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        state="held",
        held_until=now + HELD,
        language=language,
        channel=channel,
        scenario_id=scenario_id,
        created_at=now,
    )
    session.add(appointment)
    session.flush()
    return appointment


def confirm(
    session: Session,
    *,
    actor: Actor,
    appointment: Appointment,
    person: Person,
    slot_id: int | None = None,
    language: str | None = None,
    object_ref: str | None = None,
    field: str = "identity",
) -> Appointment:
    """Turn a hold into a booking of this person; `slot_id` books another time instead of the held one.

    1. The appointment's row is locked: a twin of this request and the sweep of old holds wait, then see
       what it became.
    2. Booked already, by the same person: that booking is the answer, so pressing twice books once.
    3. Past its time but not yet swept, the place is still ours. Swept, the place is asked for once more.
    4. The person's row is locked before looking for a live booking of theirs, so that two tabs cannot both
       find none; the unique index over live bookings stands behind it.

    Raises SlotTakenError, AlreadyBookedError (beside `field`), AppointmentStateError.
    """
    _lock(session, appointment)
    if appointment.state == "booked" and appointment.person_id == person.id:
        return appointment
    if appointment.state != "held" and not is_lapsed(appointment):
        raise AppointmentStateError.of(appointment.state)
    _refuse_second(session, person, appointment, field)
    _secure_place(session, appointment, slot_id)
    now = clock.now()
    appointment.state, appointment.booked_at, appointment.held_until = "booked", now, None
    appointment.cancelled_at = None
    appointment.person_id = person.id
    appointment.language = language or appointment.language
    appointment.object_ref = object_ref or None
    session.flush()
    _tell(session, actor, appointment, "appointment.booked", at=appointment.starts_at)
    return appointment


def book(
    session: Session,
    *,
    actor: Actor,
    slot_id: int,
    service_id: int,
    person: Person,
    branch_id: int | None = None,
    language: str = "ar",
    channel: str = "reception",
    object_ref: str | None = None,
    scenario_id: int | None = None,
) -> Appointment:
    """Book without holding first: what desks and programs do. Raises what `hold` and `confirm` raise."""
    held = hold(
        session, actor=actor, slot_id=slot_id, service_id=service_id, branch_id=branch_id,
        language=language, channel=channel, scenario_id=scenario_id,
    )  # fmt: skip
    return confirm(session, actor=actor, appointment=held, person=person, object_ref=object_ref)


def cancel(session: Session, *, actor: Actor, appointment: Appointment) -> Appointment:
    """Give up a place, held or booked: others can have it at once, and the private link loses its power.

    Cancelling twice is cancelling once. Raises AppointmentStateError once it has begun, arrived or ended.
    """
    _lock(session, appointment)
    if appointment.state == "cancelled":
        return appointment
    _refuse_begun(appointment, "held", "booked")
    was_booked = appointment.state == "booked"
    appointment.state, appointment.cancelled_at = "cancelled", clock.now()
    appointment.sequence += 1
    slots.give_back(session, appointment.slot_id)
    if was_booked:
        _tell(session, actor, appointment, "appointment.cancelled")
    return appointment


def move(session: Session, *, actor: Actor, appointment: Appointment, slot_id: int) -> Appointment:
    """Take another time of the same service, at any branch; reference and link stay. All or nothing.

    Raises SlotUnknownError, SlotTakenError (the old place is kept), AppointmentStateError.
    """
    _lock(session, appointment)
    _refuse_begun(appointment, "booked")
    if slot_id == appointment.slot_id:
        return appointment
    before = appointment.starts_at
    place = slots.exchange(session, old=appointment.slot_id, new=slot_id, service_id=appointment.service_id)
    _set_place(appointment, place)
    appointment.sequence += 1
    session.flush()
    session.expire(appointment, ["branch", "slot"])
    _tell(session, actor, appointment, "appointment.moved", before=before, after=appointment.starts_at)
    return appointment


def arrive(
    session: Session, *, actor: Actor, appointment: Appointment, branch_id: int | None = None
) -> Appointment:
    """Note that the person is here, on the day of the appointment and, where a branch is given, at that one.

    One that ends late at night can be checked in past midnight, until two hours after its end.
    Raises AppointmentStateError: another state, another day (with the date), another branch.
    """
    _lock(session, appointment)
    if appointment.state != "booked":
        raise AppointmentStateError.of(appointment.state)
    if branch_id not in (None, appointment.branch_id):
        raise AppointmentStateError("booking.other_branch")
    zone = appointment.branch.timezone
    now = clock.now()
    is_late = appointment.starts_at <= now < appointment.ends_at + LATEST
    if not is_late and clock.local_day(appointment.starts_at, zone) != clock.local_day(now, zone):
        raise AppointmentStateError("booking.other_day")
    appointment.state = "arrived"
    _record(session, actor, appointment, "arrived")
    return appointment


def fulfil(session: Session, *, actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the person was served. Fulfilling twice is fulfilling once. Raises AppointmentStateError."""
    _lock(session, appointment)
    if appointment.state == "fulfilled":
        return appointment
    if appointment.state != "arrived":
        raise AppointmentStateError.of(appointment.state)
    appointment.state = "fulfilled"
    _record(session, actor, appointment, "fulfilled")
    return appointment


def is_lapsed(appointment: Appointment) -> bool:
    """Whether this was a hold that ran out and was swept before anybody confirmed it."""
    return (
        appointment.state == "cancelled"
        and appointment.booked_at is None
        and appointment.held_until is not None
    )


def _lock(session: Session, appointment: Appointment) -> None:
    """Hold the row until the end of the transaction, and read it as it is now."""
    session.flush()
    session.scalars(
        select(Appointment)
        .where(Appointment.id == appointment.id)
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    ).one()


def _refuse_second(session: Session, person: Person, appointment: Appointment, field: str) -> None:
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


def _refuse_begun(appointment: Appointment, *allowed: str) -> None:
    if appointment.state not in allowed:
        raise AppointmentStateError.of(appointment.state)
    if appointment.state == "booked" and appointment.starts_at <= clock.now():
        raise AppointmentStateError("booking.has_begun")


def _secure_place(session: Session, appointment: Appointment, slot_id: int | None) -> None:
    """See that the appointment has a place in the wanted slot: its own still, its own again, or another."""
    held = appointment.slot_id if appointment.state == "held" else None
    wanted = slot_id or appointment.slot_id
    if wanted == held and appointment.starts_at > clock.now():
        return
    try:
        place = slots.exchange(session, old=held, new=wanted, service_id=appointment.service_id)
    except SlotTakenError as taken:
        if slot_id is None:
            taken.key = "booking.hold_lapsed"
        raise
    _set_place(appointment, place)
    session.flush()
    session.expire(appointment, ["branch", "slot"])


def _set_place(appointment: Appointment, place: Place) -> None:
    appointment.slot_id, appointment.branch_id = place.slot_id, place.branch_id
    appointment.starts_at, appointment.ends_at = place.starts_at, place.ends_at


def _tell(session: Session, actor: Actor, appointment: Appointment, event: str, **detail: object) -> None:
    _record(session, actor, appointment, event.removeprefix("appointment."), **detail)
    outbox.emit(session, event, appointment_id=appointment.id)


def _record(session: Session, actor: Actor, appointment: Appointment, what: str, **detail: object) -> None:
    subject = f"appointment:{appointment.id}"
    audit.record(session, actor=actor, action=f"appointment.{what}", subject=subject, **detail)
