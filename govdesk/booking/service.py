"""Verbs of booking: hold, confirm, book, move, cancel, arrive, fulfil.

held > booked > arrived > fulfilled, or cancelled | noshow. A hold that ran out is `cancelled` and was never
booked: `booked_at` is empty, and it is removed a day later. Each verb locks the appointment's row first and
its slots after it.
"""

import datetime as dt
from collections import Counter

from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import Actor
from govdesk.booking import slots
from govdesk.booking.errors import AppointmentStateError, Place, SlotTakenError
from govdesk.booking.finding import by_token, find
from govdesk.booking.models import Appointment
from govdesk.booking.needs import minutes_needed, refuse_hoarding, refuse_other_kind
from govdesk.booking.slots import free_slots, nearest_free, next_free
from govdesk.booking.steps import lock, overtake, record, refuse_begun, refuse_second, seat
from govdesk.catalog.objects import plain
from govdesk.errors import DeskError
from govdesk.people.models import Person
from govdesk.people.service import contact_digest

__all__ = [
    "arrive", "book", "by_token", "cancel", "confirm", "find", "free_slots", "fulfil", "hold", "is_lapsed",
    "minutes_needed", "move", "nearest_free", "next_free", "note_moved",
]  # fmt: skip
HELD = dt.timedelta(minutes=5)
LATEST = dt.timedelta(hours=2)  # after its end an appointment can still be checked in; then it is missed
REFERENCE_LENGTH = 8
LIMITED = ("person", "device")  # who may book only so much with one contact; staff know whom they book for


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
    interpreter: str | None = None,
    kind: str = "on_site",
    reference: str | None = None,
    taken: list[Place] | None = None,
) -> Appointment:
    """Keep a place for five minutes, for someone who is still typing.

    It takes as many slots in a row as the service lasts, with what its scenario and an interpreter add: all
    or none. How the race is won: see `slots.exchange`. Given a branch, a slot of another one is refused; a
    scenario goes along to the counter. `taken` are places that a whole visit has taken for it before.
    Raises SlotUnknownError, SlotTakenError, KindNotOfferedError.
    """
    minutes = minutes_needed(session, service_id, scenario_id=scenario_id, interpreter=interpreter)
    row = taken or slots.exchange(
        session, new=slot_id, service_id=service_id, branch_id=branch_id, minutes=minutes,
        for_staff=actor.kind == "staff",
    )  # fmt: skip
    refuse_other_kind(session, row[0].branch_id, service_id, kind)
    now = clock.now()
    appointment = Appointment(
        reference=reference or chance.code(REFERENCE_LENGTH),
        link_token=chance.token(),
        service_id=service_id,
        minutes=minutes,
        kind=kind,
        state="held",
        held_until=now + HELD,
        language=language,
        channel=channel,
        made_by=actor.label if actor.kind == "device" else None,
        scenario_id=scenario_id,
        interpreter=interpreter,
        created_at=now,
    )
    seat(appointment, row)
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
    contact: str | None = None,
    priority: str = "none",
    home_address: str | None = None,
    field: str = "identity",
) -> Appointment:
    """Turn a hold into a booking of this person; `slot_id` books another time instead of the held one.

    `contact` is the phone number or address it is booked with, of which only a digest stays here; `priority`
    what the person says of themselves, without papers. A home visit needs an address.

    1. The appointment's row is locked: a twin of this request and the sweep of old holds wait, then see
       what it became.
    2. Booked already, by the same person: that booking is the answer, so pressing twice books once.
    3. Past its time but not yet swept, the place is still ours. Swept, the place is asked for once more.
    4. The person's row is locked before looking for a live booking of theirs, so that two tabs cannot both
       find none; the unique index over live bookings stands behind it.

    Raises SlotTakenError, AlreadyBookedError (beside `field`), AppointmentStateError, TooManyBookingsError.
    """
    lock(session, appointment)
    if appointment.state == "booked" and appointment.person_id == person.id:
        return appointment
    _refuse_unfit(appointment, home_address)
    refuse_second(session, person, appointment, field)
    digest = contact_digest(contact) if contact else None
    if digest and actor.kind in LIMITED:
        refuse_hoarding(session, digest)
    _secure_place(session, appointment, slot_id)
    now = clock.now()
    appointment.state, appointment.booked_at, appointment.held_until = "booked", now, None
    appointment.cancelled_at = None
    appointment.person_id = person.id
    appointment.language = language or appointment.language
    appointment.object_ref = plain(object_ref, appointment.service.object_kind) or None
    appointment.contact_digest, appointment.priority = digest, priority
    appointment.home_address = home_address if appointment.kind == "home" else None
    session.flush()
    record(session, actor, appointment, "booked", at=appointment.starts_at)
    outbox.emit(session, "appointment.booked", appointment_id=appointment.id)
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
    interpreter: str | None = None,
    kind: str = "on_site",
    contact: str | None = None,
    priority: str = "none",
    home_address: str | None = None,
) -> Appointment:
    """Book without holding first: what desks and programs do. Raises what `hold` and `confirm` raise."""
    held = hold(
        session, actor=actor, slot_id=slot_id, service_id=service_id, branch_id=branch_id,
        language=language, channel=channel, scenario_id=scenario_id, interpreter=interpreter, kind=kind,
    )  # fmt: skip
    return confirm(
        session, actor=actor, appointment=held, person=person, object_ref=object_ref, contact=contact,
        priority=priority, home_address=home_address,
    )  # fmt: skip


def cancel(session: Session, *, actor: Actor, appointment: Appointment) -> Appointment:
    """Give up a place, held or booked: others can have it at once, and the private link loses its power.

    Cancelling twice is cancelling once. Raises AppointmentStateError once it has begun, arrived or ended.
    """
    lock(session, appointment)
    if appointment.state == "cancelled":
        return appointment
    refuse_begun(appointment, "held", "booked")
    was_booked = appointment.state == "booked"
    appointment.state, appointment.cancelled_at = "cancelled", clock.now()
    appointment.sequence += 1
    appointment.home_address = None
    slots.give_back_all(session, Counter(appointment.slot_ids))
    appointment.further = []
    if was_booked:
        overtake(session, appointment)
        record(session, actor, appointment, "cancelled")
        outbox.emit(session, "appointment.cancelled", appointment_id=appointment.id)
    else:
        outbox.emit(session, "place.freed", service_id=appointment.service_id)
    return appointment


def move(session: Session, *, actor: Actor, appointment: Appointment, slot_id: int) -> Appointment:
    """Take another time of the same service, at any branch; reference and link stay. All or nothing.

    Raises SlotUnknownError, SlotTakenError (the old place is kept), AppointmentStateError.
    """
    lock(session, appointment)
    refuse_begun(appointment, "booked")
    if slot_id == appointment.slot_id:
        return appointment
    row = slots.exchange(
        session, old=appointment.slot_ids, new=slot_id, service_id=appointment.service_id,
        minutes=appointment.minutes, for_staff=actor.kind == "staff",
    )  # fmt: skip
    return note_moved(session, actor=actor, appointment=appointment, row=row)


def note_moved(
    session: Session, *, actor: Actor, appointment: Appointment, row: list[Place], **told: object
) -> Appointment:
    """Write down that an appointment now has these places; `told` goes along with the event.

    Raises KindNotOfferedError.
    """
    before = appointment.starts_at
    refuse_other_kind(session, row[0].branch_id, appointment.service_id, appointment.kind)
    seat(appointment, row)
    appointment.sequence += 1
    appointment.coming_at = appointment.late_minutes = None
    session.flush()
    session.expire(appointment, ["branch", "slot"])
    overtake(session, appointment)
    record(session, actor, appointment, "moved", before=before, after=appointment.starts_at)
    outbox.emit(
        session, "appointment.moved", appointment_id=appointment.id, before=before.isoformat(), **told
    )
    return appointment


def arrive(
    session: Session, *, actor: Actor, appointment: Appointment, branch_id: int | None = None
) -> Appointment:
    """Note that the person is here, on the day of the appointment and, where a branch is given, at that one.

    One that ends late at night can be checked in past midnight, until two hours after its end.
    Raises AppointmentStateError: another state, another day (with the date), another branch.
    """
    lock(session, appointment)
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
    record(session, actor, appointment, "arrived")
    return appointment


def fulfil(session: Session, *, actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the person was served. Fulfilling twice is fulfilling once. Raises AppointmentStateError."""
    lock(session, appointment)
    if appointment.state == "fulfilled":
        return appointment
    if appointment.state != "arrived":
        raise AppointmentStateError.of(appointment.state)
    appointment.state, appointment.home_address = "fulfilled", None
    record(session, actor, appointment, "fulfilled")
    return appointment


def is_lapsed(appointment: Appointment) -> bool:
    """Whether this was a hold that ran out and was swept before anybody confirmed it."""
    return (
        appointment.state == "cancelled"
        and appointment.booked_at is None
        and appointment.held_until is not None
    )


def _refuse_unfit(appointment: Appointment, home_address: str | None) -> None:
    """Refuse what is no hold any more, and a home visit to nowhere."""
    if appointment.state != "held" and not is_lapsed(appointment):
        raise AppointmentStateError.of(appointment.state)
    if appointment.kind == "home" and not home_address:
        raise DeskError("booking.address_missing", field="home_address", status=422)


def _secure_place(session: Session, appointment: Appointment, slot_id: int | None) -> None:
    """See that the appointment has its places from the wanted slot on: its own still, again, or others."""
    held = appointment.slot_ids if appointment.state == "held" else []
    wanted = slot_id or appointment.slot_id
    if held[:1] == [wanted] and appointment.starts_at > clock.now():
        return
    try:
        row = slots.exchange(
            session, old=held, new=wanted, service_id=appointment.service_id, minutes=appointment.minutes
        )
    except SlotTakenError as taken:
        if slot_id is None:
            taken.key = "booking.hold_lapsed"
        raise
    seat(appointment, row)
    session.flush()
    session.expire(appointment, ["branch", "slot"])
