"""Closing a counter before the branch closes: why, and what is known of it today."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.booking.hours.opening import days_of
from govdesk.catalog.models import Branch, Counter
from govdesk.queue import counters, pause_reasons
from govdesk.queue.errors import CounterBusyError
from govdesk.queue.models import CounterSession
from govdesk.queue.pause_models import EarlyClosing


def asks_why(session: Session, branch: Branch) -> bool:
    """Whether who closes a counter now says why: the branch is open later today, and reasons are in use."""
    now = clock.now()
    [today] = days_of(session, branch, count=1)
    is_early = any(end > now for _start, end in today.spans)
    return is_early and bool(pause_reasons.offered(session, is_closing=True))


def close(session: Session, *, actor: Actor, reason: str, words: str) -> None:
    """Leave one's counter, and say why where the branch does not close yet.

    CounterBusyError while a person is there, PauseError without a reason that is known.
    """
    seat = counters.seat_of(session, actor)
    if seat is None:
        return
    if counters.ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError("queue.close_busy")
    if asks_why(session, session.get_one(Branch, seat.counter.branch_id)):
        said = pause_reasons.check(session, reason, words, is_closing=True)
        session.add(EarlyClosing(seat_id=seat.id, reason=reason, words=said))
    counters.close_counter(session, actor=actor)


def early_today(session: Session, branch: Branch) -> list[tuple[CounterSession, EarlyClosing]]:
    """Who left a counter early today, the last first, and why."""
    begun, _end = clock.day_bounds(clock.local_day(clock.now(), branch.timezone), branch.timezone)
    query = (
        select(CounterSession, EarlyClosing)
        .join(EarlyClosing, EarlyClosing.seat_id == CounterSession.id)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(Counter.branch_id == branch.id, CounterSession.closed_at >= begun)
        .order_by(CounterSession.closed_at.desc(), CounterSession.id.desc())
    )
    return [(seat, why) for seat, why in session.execute(query)]
