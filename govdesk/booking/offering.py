"""The sweep of the waiting list: it ends what ran out, and offers each free place to who is next."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.answering import end, end_offer, last_offer
from govdesk.booking.looking import Look
from govdesk.booking.models import Appointment
from govdesk.booking.waiting import enrol
from govdesk.booking.waiting_models import LIVE, PlaceOffer, WaitingEntry, WaitingSkip
from govdesk.config import settings
from govdesk.db import reading, transaction

KEPT = dt.timedelta(days=90)


def offer_places(session: Session, service_id: int, *, has_news: bool = False) -> int:
    """End what is over in the line of a service, and offer its free places; how many were offered.

    `has_news` where something has just come free: who is passed by learns why, though nobody may be told.

    1. All live entries of the service are locked in the order of ids: of two sweeps, in two processes or
       twice in one, the second waits and then finds the entries offered. An answer to an offer locks its one
       entry, so it is either before this sweep or after it.
    2. Offers whose hour is over end, and their places are free; the sweep of old holds may have been first.
    3. For each free place, earliest first, the line is asked in its order (`turns.order`); each one passed by
       gets a reason. The first for whom there is none gets the place.
    4. The place is held as any other (`slots.take`): if somebody who books was faster, one statement says so,
       a savepoint undoes this offer alone, and the line goes on to the next place.
    5. A crash before the commit leaves nothing; after it the message leaves by the outbox. Repeating the
       sweep finds no free place, or nobody who may be told: nothing happens twice.
    """
    entries = _locked(session, service_id)
    for entry in entries:
        _end_what_is_over(session, entry)
    waiting = [entry for entry in entries if entry.state == "waiting"]
    return Look(session, service_id, waiting).run(has_news=has_news) if waiting else 0


def offer_freed(session: Session, payload: dict[str, object]) -> None:
    """Look at once where an appointment gave its place back: by cancelling, or by moving."""
    appointment = session.get(Appointment, payload["appointment_id"])
    if appointment is not None:
        offer_places(session, appointment.service_id, has_news=True)


def offer_next(session: Session, payload: dict[str, int]) -> None:
    """Look at once where somebody left a place to the next."""
    offer_places(session, payload["service_id"], has_news=True)


def enter_displaced(session: Session, payload: dict[str, int]) -> None:
    """Put whom the office displaced without a place into the line, where they are first."""
    appointment = session.get_one(Appointment, payload["appointment_id"])
    if appointment.state == "booked":
        appointment.wants_earlier = True
        enrol(session, appointment)


def enter_wishes(session: Session) -> int:
    """Enter each appointment for which an earlier place is wished and that stands in no line; how many."""
    is_ahead = Appointment.state == "booked", Appointment.starts_at > clock.now()
    live = select(WaitingEntry.appointment_id).where(
        WaitingEntry.state.in_(LIVE), WaitingEntry.appointment_id.is_not(None)
    )
    wished = select(Appointment).where(
        *is_ahead, Appointment.wants_earlier.is_(True), Appointment.id.not_in(live)
    )
    found = session.scalars(wished.order_by(Appointment.id)).all()
    return sum(enrol(session, appointment) is not None for appointment in found)


def run_offer_places() -> str:
    """The job: each line in a transaction of its own, so that nobody who books waits for all of them."""
    with transaction() as session:
        entered = enter_wishes(session)
    live = select(WaitingEntry.service_id).where(WaitingEntry.state.in_(LIVE)).distinct()
    ids = sorted(reading().scalars(live))
    offered = 0
    for service_id in ids:
        with transaction() as session:
            offered += offer_places(session, service_id)
    return f"{entered} entered, {offered} offered"


def forget_old(session: Session) -> int:
    """Remove entries that ended long ago, with their offers and reasons; how many."""
    old = select(WaitingEntry.id).where(WaitingEntry.ended_at < clock.now() - KEPT)
    session.execute(delete(WaitingSkip).where(WaitingSkip.entry_id.in_(old)))
    session.execute(delete(PlaceOffer).where(PlaceOffer.entry_id.in_(old)))
    gone = delete(WaitingEntry).where(WaitingEntry.id.in_(old)).returning(WaitingEntry.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _locked(session: Session, service_id: int) -> Sequence[WaitingEntry]:
    live = select(WaitingEntry).where(WaitingEntry.service_id == service_id, WaitingEntry.state.in_(LIVE))
    rows = live.order_by(WaitingEntry.id).with_for_update(of=WaitingEntry)
    return session.scalars(rows.execution_options(populate_existing=True)).all()


def _end_what_is_over(session: Session, entry: WaitingEntry) -> None:
    offer = last_offer(session, entry)
    if entry.state == "offered" and offer is not None and offer.expires_at <= clock.now():
        end_offer(session, entry, offer, "expired")
    if entry.state != "waiting":
        return
    appointment = entry.appointment
    if appointment is not None:
        session.refresh(appointment)
        has_begun = appointment.starts_at <= clock.now() and not entry.is_displaced
        if appointment.state != "booked" or not appointment.wants_earlier or has_begun:
            end(session, entry, "ended", "no_wish")
            return
    if entry.last_on < clock.local_day(clock.now(), settings().default_timezone):
        end(session, entry, "ended", "time_over")
