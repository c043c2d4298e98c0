"""More beside an appointment that is booked: another service, or another of the family.

Several that are booked at once are held together: see `visits`.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.booking import chains, service, slots
from govdesk.booking.errors import AppointmentStateError, Place
from govdesk.booking.models import Appointment
from govdesk.booking.steps import lock, refuse_begun
from govdesk.people.models import Person

LARGEST_VISIT = 6
SHOWN = 6
LIVE = ("booked", "arrived", "fulfilled")


def of_visit(session: Session, appointment: Appointment) -> Sequence[Appointment]:
    """The other appointments of the same visit that were not given up, in order of time."""
    if appointment.visit_reference is None:
        return []
    others = select(Appointment).where(
        Appointment.visit_reference == appointment.visit_reference,
        Appointment.id != appointment.id,
        Appointment.state.in_(LIVE),
    )
    return session.scalars(others.order_by(Appointment.starts_at, Appointment.id)).all()


def still_expected(session: Session, appointment: Appointment) -> list[Appointment]:
    """The others of a visit that nobody has checked in yet, at the same branch on the same day."""
    zone = appointment.branch.timezone
    day = clock.local_day(appointment.starts_at, zone)
    return [
        one
        for one in of_visit(session, appointment)
        if one.state == "booked"
        and one.branch_id == appointment.branch_id
        and clock.local_day(one.starts_at, zone) == day
    ]


def places_beside(
    session: Session, appointment: Appointment, *, service_id: int, is_same_person: bool
) -> list[Place]:
    """The free places nearest to an appointment, at its branch on its day, in order of time.

    For the same person only those that meet no other appointment of the visit; for another of the family
    also at the same time: side by side is nearest.
    """
    branch = appointment.branch
    day = clock.local_day(appointment.starts_at, branch.timezone)
    offered = slots.day_places(session, service_id=service_id, branch=branch, from_day=day, to_day=day)
    minutes = service.minutes_needed(session, service_id, interpreter=appointment.interpreter)
    free = chains.with_room(offered, minutes)
    taken = [appointment, *of_visit(session, appointment)]
    own = [one for one in taken if one.person_id == appointment.person_id] if is_same_person else []

    def meets_own(place: Place) -> bool:
        ends_at = max(place.ends_at, place.starts_at + dt.timedelta(minutes=minutes))
        return any(place.starts_at < one.ends_at and one.starts_at < ends_at for one in own)

    def gap(place: Place) -> tuple[dt.timedelta, dt.datetime]:
        return min(abs(place.starts_at - one.starts_at) for one in taken), place.starts_at

    possible = sorted((place for place in free if not meets_own(place)), key=gap)
    return sorted(possible[:SHOWN], key=lambda place: place.starts_at)


def accompany(
    session: Session,
    *,
    actor: Actor,
    appointment: Appointment,
    slot_id: int,
    service_id: int,
    person: Person | None = None,
    contact: str | None = None,
    object_ref: str | None = None,
) -> Appointment:
    """Book one more appointment of the same visit, for the same person or another, at the same branch.

    1. The first appointment's row is locked, so that two who add at once count one after the other.
    2. Its reference becomes that of the visit; the new one's is the same with a number after it.
    3. The place is taken and booked as any other; refused, all of this is undone.
    Raises AppointmentStateError (begun, or six already), SlotTakenError, AlreadyBookedError.
    """
    lock(session, appointment)
    refuse_begun(appointment, "booked")
    visit = appointment.visit_reference or appointment.reference
    together = session.scalar(
        select(func.count()).where(Appointment.visit_reference == visit, Appointment.state.in_(LIVE))
    )
    if (together or 1) >= LARGEST_VISIT:
        raise AppointmentStateError("booking.visit_full")
    appointment.visit_reference = visit
    numbered = Appointment.reference > visit, Appointment.reference <= f"{visit}99"
    used = session.scalar(select(func.count()).where(*numbered))
    held = service.hold(
        session,
        actor=actor,
        slot_id=slot_id,
        service_id=service_id,
        branch_id=appointment.branch_id,
        language=appointment.language,
        channel=appointment.channel,
        interpreter=appointment.interpreter,
        reference=f"{visit}{(used or 0) + 2}",
    )
    held.visit_reference = visit
    whose = person or appointment.person
    assert whose is not None
    booked = service.confirm(
        session, actor=actor, appointment=held, person=whose, contact=contact, object_ref=object_ref,
        priority=appointment.priority if person is None else "none",
    )  # fmt: skip
    if person is None:
        booked.contact_digest, booked.verified_at = appointment.contact_digest, appointment.verified_at
    return booked


def is_ahead(appointment: Appointment) -> bool:
    """Whether an appointment is booked and has not begun."""
    return appointment.state == "booked" and appointment.starts_at > clock.now()
