"""Answers of those who wait: take what is offered, leave it to the next, leave the line.

Whoever changes an entry locks its row first, then the appointments that hold its places, then their slots.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking import slots
from govdesk.booking.models import Appointment
from govdesk.booking.steps import lock, overtake, record, refuse_begun, seat
from govdesk.booking.turns import NOTICES
from govdesk.booking.waiting_models import LIVE, PlaceOffer, WaitingEntry
from govdesk.errors import DeskError, NotAllowedError

REMOVERS = ("reception", "supervisor", "admin")
REMOVALS = ("asked", "served", "twice", "ineligible")  # why the office may take somebody off the list
COMPANY = dt.timedelta(minutes=30)  # to name those who come along with who accepted


class OfferOverError(DeskError):
    """The offer ran out, or was answered already."""

    key = "waiting.offer_over"
    status = 410


def accept(session: Session, *, actor: Actor, entry: WaitingEntry) -> Appointment:
    """Take the place that is offered; the appointment. Accepting twice is accepting once.

    1. The entry's row is locked: a twin of this request, a refusal and the sweep that ends offers wait, then
       see what it became.
    2. The offer must be open and its hour not over: after it the place may be promised to the next.
    3. The holds are locked in the order of ids. One that the sweep of old holds was faster to end is no
       longer `held`: then the offer is over, and nobody gets two answers.
    4. A new booking confirms the first hold for the person; the holds of a group stay half an hour longer,
       for the names of the others. For an earlier place the held slots become those of the appointment and
       its old ones are given back, in one exchange: at no moment has it none.
    Raises OfferOverError, AlreadyBookedError, AppointmentStateError.
    """
    lock_entry(session, entry)
    offer = last_offer(session, entry)
    if entry.state == "placed" and offer and entry.appointment_id:
        return session.get_one(Appointment, entry.appointment_id)
    if offer is None or offer.state != "open" or offer.expires_at <= clock.now():
        raise OfferOverError
    held = holds_of(session, offer)
    if len(held) < entry.people:
        raise OfferOverError
    if entry.appointment is None:
        appointment = _confirm(session, actor, entry, held)
    else:
        appointment = _exchange(session, actor, entry.appointment, held[0])
        appointment.wants_earlier = False
    _end_offer(offer, "accepted")
    entry.state, entry.ended_at, entry.appointment_id = "placed", clock.now(), appointment.id
    session.flush()
    note(session, actor, entry, "placed", starts_at=offer.starts_at)
    return appointment


def refuse(session: Session, *, actor: Actor, entry: WaitingEntry) -> WaitingEntry:
    """Leave an offered place to the next, and go on waiting. Twice is once. Emits `waiting.refused`."""
    lock_entry(session, entry)
    offer = last_offer(session, entry)
    if offer is not None and offer.state == "open":
        end_offer(session, entry, offer, "refused")
        note(session, actor, entry, "refused", starts_at=offer.starts_at)
        outbox.emit(session, "waiting.refused", service_id=entry.service_id)
    return entry


def leave(session: Session, *, actor: Actor, entry: WaitingEntry) -> WaitingEntry:
    """Leave the line, and with it what is offered. Twice is once. Emits `waiting.left`."""
    lock_entry(session, entry)
    if entry.state in LIVE:
        end(session, entry, "left")
        note(session, actor, entry, "left")
        outbox.emit(session, "waiting.left", service_id=entry.service_id)
    return entry


def remove(session: Session, *, actor: Actor, entry: WaitingEntry, reason: str) -> WaitingEntry:
    """Take somebody off the list in the office's name, who is told why. Twice is once.

    The office may where it works at one of the branches that are waited for. Emits `waiting.removed`.
    Raises NotAllowedError, DeskError beside `reason`.
    """
    if not any(actor.may(*REMOVERS, branch_id=branch_id) for branch_id in entry.branch_ids):
        raise NotAllowedError
    if reason not in REMOVALS:
        raise DeskError("errors.choose_known", field="reason", status=422)
    lock_entry(session, entry)
    if entry.state in LIVE:
        end(session, entry, "ended", f"removed_{reason}")
        if entry.appointment is not None:
            entry.appointment.wants_earlier = False
        note(session, actor, entry, "removed", reason=reason)
        outbox.emit(session, "waiting.removed", entry_id=entry.id, service_id=entry.service_id)
    return entry


def end(session: Session, entry: WaitingEntry, state: str, reason: str | None = None) -> None:
    """End an entry whose row is locked, with its open offer."""
    offer = last_offer(session, entry)
    if offer is not None and offer.state == "open":
        end_offer(session, entry, offer, "refused" if state == "left" else "expired")
    entry.state, entry.end_reason, entry.ended_at = state, reason, clock.now()
    session.flush()


def end_offer(session: Session, entry: WaitingEntry, offer: PlaceOffer, state: str) -> None:
    """End an open offer of an entry whose row is locked: its places are free, and the entry waits again.

    After the last of its notices the entry ends too.
    """
    for held in holds_of(session, offer):
        booking.cancel(session, actor=SYSTEM, appointment=held)
    _end_offer(offer, state)
    entry.state = "waiting"
    if entry.notices >= NOTICES:
        entry.state, entry.end_reason, entry.ended_at = "ended", "three_notices", clock.now()
        if entry.appointment is not None:
            entry.appointment.wants_earlier = False
    session.flush()


def last_offer(session: Session, entry: WaitingEntry) -> PlaceOffer | None:
    """What was offered last."""
    offers = select(PlaceOffer).where(PlaceOffer.entry_id == entry.id).order_by(PlaceOffer.id.desc())
    return session.scalars(offers.limit(1)).one_or_none()


def holds_of(session: Session, offer: PlaceOffer) -> Sequence[Appointment]:
    """The places that an offer still holds, their rows locked, in the order of ids."""
    held = select(Appointment).where(Appointment.visit_reference == offer.token, Appointment.state == "held")
    locked = held.order_by(Appointment.id).with_for_update(of=Appointment)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def lock_entry(session: Session, entry: WaitingEntry) -> None:
    """Hold the row until the end of the transaction, and read it as it is now."""
    session.flush()
    row = select(WaitingEntry).where(WaitingEntry.id == entry.id).with_for_update(of=WaitingEntry)
    session.scalars(row.execution_options(populate_existing=True)).one()


def note(session: Session, actor: Actor, entry: WaitingEntry, what: str, **detail: object) -> None:
    """Record in the audit what happened to an entry."""
    subject = f"waiting:{entry.id}"
    audit.record(session, actor=actor, action=f"waiting.{what}", subject=subject, **detail)


def _confirm(session: Session, actor: Actor, entry: WaitingEntry, held: Sequence[Appointment]) -> Appointment:
    first = booking.confirm(
        session, actor=actor, appointment=held[0], person=entry.person, language=entry.language,
        priority=entry.priority,
    )  # fmt: skip
    first.contact_digest, first.verified_at = entry.contact_digest, entry.verified_at
    first.visit_reference = first.reference if len(held) > 1 else None
    for other in held[1:]:
        other.visit_reference, other.held_until = first.reference, clock.now() + COMPANY
    return first


def _exchange(session: Session, actor: Actor, appointment: Appointment, held: Appointment) -> Appointment:
    lock(session, appointment)
    refuse_begun(appointment, "booked")
    before = appointment.starts_at
    row = slots.exchange(
        session, old=[*held.slot_ids, *appointment.slot_ids], new=held.slot_id,
        service_id=appointment.service_id, minutes=appointment.minutes,
    )  # fmt: skip
    held.state, held.cancelled_at, held.further = "cancelled", clock.now(), []
    session.flush()
    seat(appointment, row)
    appointment.sequence += 1
    appointment.coming_at = appointment.late_minutes = None
    session.flush()
    session.expire(appointment, ["branch", "slot"])
    record(session, actor, appointment, "moved", before=before, after=appointment.starts_at)
    overtake(session, appointment)
    outbox.emit(session, "appointment.moved", appointment_id=appointment.id, before=before.isoformat())
    return appointment


def _end_offer(offer: PlaceOffer, state: str) -> None:
    offer.state, offer.ended_at = state, clock.now()
