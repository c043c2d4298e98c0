"""Who sits at which counter."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Counter
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue.errors import CounterBusyError, CounterClosedError, CounterTakenError
from govdesk.queue.models import CounterSession, Ticket


def open_counter(session: Session, *, actor: Actor, counter_id: int) -> CounterSession:
    """Sit down at a counter; one's earlier counter closes. CounterTakenError when another sits there.

    Two officers at once: the unique index on open sessions of a counter decides; the second insert fails.
    """
    counter = session.get(Counter, counter_id)
    if counter is None or not counter.is_active:
        raise NotFoundError
    if not actor.sees_branch(counter.branch_id) or actor.kind != "staff":
        raise NotAllowedError
    seated = seat_of(session, actor)
    if seated is not None and seated.counter_id == counter_id:
        return seated
    if seated is not None:
        close_counter(session, actor=actor)
    seat = CounterSession(counter_id=counter_id, staff_id=int(actor.id), opened_at=clock.now())
    try:
        with session.begin_nested():
            session.add(seat)
    except IntegrityError as error:
        raise CounterTakenError(field="counter") from error
    audit.record(session, actor=actor, action="counter.opened", subject=f"counter:{counter_id}")
    return seat


def pause_counter(session: Session, *, actor: Actor) -> CounterSession:
    """Stop calling for a while; nothing that is open is lost."""
    seat = seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    if seat.paused_at is None:
        seat.paused_at = clock.now()
        audit.record(session, actor=actor, action="counter.paused", subject=f"counter:{seat.counter_id}")
    return seat


def unpause_counter(session: Session, *, actor: Actor) -> CounterSession:
    """Go on after a pause."""
    seat = seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    if seat.paused_at is not None:
        seat.paused_at = None
        audit.record(session, actor=actor, action="counter.unpaused", subject=f"counter:{seat.counter_id}")
    return seat


def close_counter(session: Session, *, actor: Actor) -> None:
    """Leave one's counter; refused while a person is there."""
    seat = seat_of(session, actor)
    if seat is None:
        return
    if ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError("queue.close_busy")
    seat.closed_at = clock.now()
    session.flush()
    audit.record(session, actor=actor, action="counter.closed", subject=f"counter:{seat.counter_id}")


def seat_of(session: Session, actor: Actor) -> CounterSession | None:
    """Where this officer sits now."""
    if actor.kind != "staff":
        return None
    query = select(CounterSession).where(
        CounterSession.staff_id == int(actor.id), CounterSession.closed_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def ticket_at(session: Session, counter_id: int) -> Ticket | None:
    """Who is called to or served at this counter now."""
    query = select(Ticket).where(Ticket.counter_id == counter_id, Ticket.state.in_(("called", "serving")))
    return session.scalars(query).one_or_none()


def calling_seat(session: Session, actor: Actor) -> CounterSession:
    """The officer's counter, ready to call; CounterClosedError when there is none or it is paused.

    Its row is locked, so that two presses of one officer come one after the other.
    """
    seat = seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    session.refresh(seat, ["paused_at", "closed_at"], with_for_update=True)
    if seat.closed_at is not None:
        raise CounterClosedError
    if seat.paused_at is not None:
        raise CounterClosedError("queue.counter_paused")
    return seat
