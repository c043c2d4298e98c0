"""Whom the office displaces: other places for them, and who still needs a call."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import slots
from govdesk.booking.errors import Place, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.schedule.models import Displacement
from govdesk.booking.steps import lock, overtake, seat
from govdesk.catalog.entries import Name
from govdesk.errors import NotAllowedError

CALLERS = ("reception", "supervisor", "admin")
LOOKED_AT = 100
TRIED = 8  # places nearest to the old one, before a person is left to a call
TOO_NEAR = dt.timedelta(hours=24)  # a message may come too late


def rebook(
    session: Session, *, actor: Actor, appointments: Iterable[Appointment], reason: Name
) -> list[Displacement]:
    """Give each of these booked appointments the nearest free place at its branch; what became of each.

    Who was booked for the earlier time chooses first, and places kept for staff are theirs too. Reference and
    link stay. For each person all or nothing:
    1. The row is locked and read again: who cancelled, moved or arrived meanwhile is left alone.
    2. The places nearest to the old time are tried one after the other, each inside a savepoint: all slots of
       a long appointment are taken and the old ones given back, or neither (`slots.exchange`).
    3. Where none is left the person keeps the reference and the old time on paper, and needs a call.
    Doing it twice displaces nobody twice: after the first time a person is booked elsewhere, or listed.

    Emits `appointment.moved` with the reason, or `appointment.displaced`.
    """
    found = sorted(appointments, key=lambda appointment: (appointment.starts_at, appointment.id))
    made = [_displaced(session, actor, appointment, reason) for appointment in found]
    return [row for row in made if row is not None]


def has_priority(session: Session, appointment: Appointment) -> bool:
    """Whether the office displaced this person, who may therefore choose again freely."""
    was = select(Displacement.id).where(Displacement.appointment_id == appointment.id)
    return session.scalar(was.limit(1)) is not None


def calls(session: Session, branch_ids: Collection[int] | None = None) -> list[Displacement]:
    """Who still needs a call, of these branches or of all: without a place first, then by time.

    Who has moved or cancelled without being called is no longer on the list.
    """
    open_calls = (
        select(Displacement)
        .join(Displacement.appointment)
        .where(
            Displacement.needs_call,
            Displacement.settled_at.is_(None),
            Appointment.state == "booked",
            Appointment.ends_at > clock.now(),
            Displacement.moved_to.is_not(None) | (Appointment.starts_at == Displacement.was_at),
        )
    )
    if branch_ids is not None:
        open_calls = open_calls.where(Displacement.branch_id.in_(branch_ids))
    ordered = open_calls.order_by(Displacement.moved_to.is_not(None), Appointment.starts_at, Displacement.id)
    return list(session.scalars(ordered))


def settle(session: Session, *, actor: Actor, displacement: Displacement) -> None:
    """Note that the person was called. Settling twice is settling once. Raises NotAllowedError."""
    if not actor.may(*CALLERS, branch_id=displacement.branch_id):
        raise NotAllowedError
    if displacement.settled_at is not None:
        return
    displacement.settled_at, displacement.settled_by = clock.now(), actor.label
    subject = f"appointment:{displacement.appointment_id}"
    audit.record(session, actor=actor, action="displacement.settled", subject=subject)


def is_without_place() -> ColumnElement[bool]:
    """For statements over appointments: displaced, and still booked for the time that was closed."""
    return exists().where(
        and_(
            Displacement.appointment_id == Appointment.id,
            Displacement.moved_to.is_(None),
            Displacement.was_at == Appointment.starts_at,
        )
    )


def cancel_unplaced(session: Session) -> int:
    """Cancel, in the office's name, who was left without a place until the time was over; how many.

    So that nobody is counted as missing before a door that we had shut. Emits `appointment.cancelled`.
    """
    over = select(Appointment).where(
        Appointment.state == "booked", Appointment.ends_at <= clock.now(), is_without_place()
    )
    found = session.scalars(over.order_by(Appointment.id).with_for_update(of=Appointment)).all()
    for appointment in found:
        appointment.state, appointment.cancelled_at = "cancelled", clock.now()
        appointment.sequence += 1
        slots.give_back_all(session, Counter(appointment.slot_ids))
        overtake(session, appointment)
        subject = f"appointment:{appointment.id}"
        audit.record(session, actor=SYSTEM, action="appointment.cancelled", subject=subject, by="office")
        outbox.emit(session, "appointment.cancelled", appointment_id=appointment.id, by="office")
    return len(found)


def _displaced(session: Session, actor: Actor, appointment: Appointment, reason: Name) -> Displacement | None:
    lock(session, appointment)
    was = appointment.starts_at
    is_listed = session.scalar(
        select(Displacement.id).where(
            Displacement.appointment_id == appointment.id, Displacement.was_at == was
        )
    )
    if appointment.state != "booked" or was <= clock.now() or is_listed is not None:
        return None
    branch_id = appointment.branch_id
    is_placed = any(_take(session, appointment, place) for place in _nearest(session, appointment))
    moved_to = appointment.starts_at if is_placed else None
    row = Displacement(
        appointment_id=appointment.id,
        branch_id=branch_id,
        was_at=was,
        moved_to=moved_to,
        reason_ar=reason.ar,
        reason_en=reason.en,
        needs_call=moved_to is None or min(was, moved_to) < clock.now() + TOO_NEAR,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    overtake(session, appointment)
    _tell(session, actor, appointment, row)
    return row


def _tell(session: Session, actor: Actor, appointment: Appointment, row: Displacement) -> None:
    subject = f"appointment:{appointment.id}"
    what = "appointment.moved" if row.moved_to else "appointment.displaced"
    detail = {"before": row.was_at, "after": row.moved_to, "reason": row.reason_en or row.reason_ar}
    audit.record(session, actor=actor, action=what, subject=subject, **detail)
    why = {
        "by": "office",
        "before": row.was_at.isoformat(),
        "reason_ar": row.reason_ar,
        "reason_en": row.reason_en,
    }
    if row.moved_to:
        outbox.emit(session, "appointment.moved", appointment_id=appointment.id, **why)
    else:
        outbox.emit(session, "appointment.displaced", appointment_id=appointment.id, **why)


def _nearest(session: Session, appointment: Appointment) -> list[Place]:
    """The places to try, nearest first; nobody is asked to come earlier without a day's notice."""
    was, noticed = appointment.starts_at, clock.now() + TOO_NEAR
    near = slots.nearest_free(
        session,
        service_id=appointment.service_id,
        branch_ids=[appointment.branch_id],
        wanted=was,
        n=LOOKED_AT,
        minutes=appointment.minutes or 0,
        for_staff=True,
    )
    fit = [place for place in near if place.starts_at >= min(was, noticed)]
    return sorted(fit, key=lambda place: (abs(place.starts_at - was), place.starts_at))[:TRIED]


def _take(session: Session, appointment: Appointment, place: Place) -> bool:
    try:
        with session.begin_nested():
            row = slots.exchange(
                session,
                old=appointment.slot_ids,
                new=place.slot_id,
                service_id=appointment.service_id,
                minutes=appointment.minutes,
                for_staff=True,
            )
    except SlotTakenError:
        return False
    seat(appointment, row)
    appointment.sequence += 1
    appointment.coming_at = appointment.late_minutes = None
    session.flush()
    session.expire(appointment, ["branch", "slot"])
    return True
