"""Closing a counter before the branch closes: why, and what is known of it today."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.booking.hours.opening import days_of
from govdesk.catalog.models import Branch, Counter
from govdesk.queue import counters, pause_reasons
from govdesk.queue.errors import CounterBusyError
from govdesk.queue.models import CounterPause, CounterSession, Ticket
from govdesk.queue.pause_models import EarlyClosing

WORDS_KEPT = dt.timedelta(days=90)


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
    say_why(session, seat, reason=reason, words=words)
    counters.close_counter(session, actor=actor)


def leave(session: Session, *, actor: Actor, reason: str, words: str) -> Ticket | None:
    """Get up whoever is there, as `counters.leave`, and say why where the branch does not close yet."""
    seat = counters.seat_of(session, actor)
    if seat is not None:
        say_why(session, seat, reason=reason, words=words)
    return counters.leave(session, actor=actor)


def say_why(session: Session, seat: CounterSession, *, reason: str, words: str) -> None:
    """Keep why a seat closes early; PauseError without a reason that is known, where one is asked for."""
    if asks_why(session, session.get_one(Branch, seat.counter.branch_id)):
        said = pause_reasons.check(session, reason, words, is_closing=True)
        session.add(EarlyClosing(seat_id=seat.id, reason=reason, words=said))


def forget_words(session: Session) -> int:
    """Empty what was said in words of breaks and early closings, once nobody needs it; how many."""
    before = clock.now() - WORDS_KEPT
    closed = select(CounterSession.id).where(CounterSession.closed_at < before)
    old_closings = EarlyClosing.words != "", EarlyClosing.seat_id.in_(closed)
    old_breaks = CounterPause.words != "", CounterPause.begun_at < before
    count = 0
    for emptied in (
        update(EarlyClosing).where(*old_closings).values(words="").returning(EarlyClosing.seat_id),
        update(CounterPause).where(*old_breaks).values(words="").returning(CounterPause.id),
    ):
        count += len(session.execute(emptied.execution_options(synchronize_session=False)).all())
    return count


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
