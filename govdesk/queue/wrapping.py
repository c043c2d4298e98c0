"""Wrap-up: an officer finishes notes after a conclusion, and the next call ends it.

It counts in nobody's service time, since that ended with the conclusion. No call knows of it: the officer
says that it is done, or whatever happens at the counter after its beginning is its end.
"""

import datetime as dt

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, Counter
from govdesk.queue import counters
from govdesk.queue.errors import CounterBusyError, CounterClosedError, WrongStepError
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.pause_models import WrapUp


def begin(session: Session, *, actor: Actor) -> None:
    """Finish notes before the next call; twice is once.

    CounterClosedError, CounterBusyError; WrongStepError where nobody was served since the counter opened.
    """
    seat = counters.seat_of(session, actor)
    if seat is None or seat.paused_at is not None:
        raise CounterClosedError
    if counters.ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError
    if not has_served(session, seat):
        raise WrongStepError
    branch = session.get_one(Branch, seat.counter.branch_id)
    if seat.counter_id not in going_on(session, branch):
        session.add(WrapUp(seat_id=seat.id, begun_at=clock.now()))
        session.flush()


def end(session: Session, *, actor: Actor) -> None:
    """The notes are finished, and nobody is called yet; twice is once."""
    seat = counters.seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    last = select(WrapUp).where(WrapUp.seat_id == seat.id, WrapUp.ended_at.is_(None))
    found = session.scalars(last.order_by(WrapUp.id.desc()).limit(1).with_for_update()).one_or_none()
    if found is not None and seat.counter_id in going_on(
        session, session.get_one(Branch, seat.counter.branch_id)
    ):
        found.ended_at = clock.now()
        session.flush()


def has_served(session: Session, seat: CounterSession) -> bool:
    """Whether somebody's service ended at this seat."""
    ended = select(Ticket.id).where(
        Ticket.branch_id == seat.counter.branch_id,
        Ticket.counter_id == seat.counter_id,
        Ticket.staff_id == seat.staff_id,
        Ticket.ended_at >= seat.opened_at,
        Ticket.state.in_(("served", "turned_away", "transferred")),
    )
    return session.scalars(ended.limit(1)).first() is not None


def going_on(session: Session, branch: Branch) -> dict[int, dt.datetime]:
    """The counters of a branch where somebody finishes notes now, and since when."""
    acted = select(Ticket.id).where(
        Ticket.branch_id == branch.id,
        Ticket.day == clock.local_day(clock.now(), branch.timezone),
        Ticket.counter_id == CounterSession.counter_id,
        or_(
            Ticket.state.in_(("called", "serving")),
            Ticket.last_called_at > WrapUp.begun_at,
            Ticket.ended_at > WrapUp.begun_at,
        ),
    )
    query = (
        select(CounterSession.counter_id, func.max(WrapUp.begun_at))
        .join(CounterSession, CounterSession.id == WrapUp.seat_id)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(
            Counter.branch_id == branch.id,
            CounterSession.closed_at.is_(None),
            CounterSession.paused_at.is_(None),
            WrapUp.ended_at.is_(None),
            ~acted.exists(),
        )
        .group_by(CounterSession.counter_id)
    )
    return {counter_id: begun_at for counter_id, begun_at in session.execute(query)}  # noqa: C416 - rows
