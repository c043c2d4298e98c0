"""Who sits at which counter."""

import datetime as dt

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import SYSTEM, Actor
from govdesk.catalog.models import Branch, Counter
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue import meant, pause_reasons, skills, steps
from govdesk.queue.errors import CounterBusyError, CounterClosedError, CounterTakenError
from govdesk.queue.models import CounterPause, CounterSession, Ticket

JUST_NOW = dt.timedelta(minutes=30)  # who acted since is at work, whatever day it has become


def open_counter(
    session: Session, *, actor: Actor, counter_id: int, by: Actor | None = None
) -> CounterSession:
    """Sit down at a counter; one's earlier counter closes. CounterTakenError when another sits there.

    `by` is who seats the officer, when it is not the officer who sits down: the audit names them.

    NotAllowedError to who is no officer of that branch.

    A seat left open on an earlier day, or by somebody who may no longer serve here, closes first; the person
    who is still at the counter goes on with whoever sits down.
    Two officers at once: the unique index on open sessions of a counter decides; the second insert fails.
    """
    counter = session.get(Counter, counter_id)
    if counter is None or not counter.is_active:
        raise NotFoundError
    if actor.kind != "staff" or not actor.may("officer", branch_id=counter.branch_id):
        raise NotAllowedError
    seated = seat_of(session, actor)
    if seated is not None and seated.counter_id == counter_id and not is_left(session, seated):
        return seated
    if seated is not None and seated.counter_id != counter_id:
        close_counter(session, actor=actor)
    _take_over(session, counter, actor)
    skills.end_due(session, staff_id=int(actor.id))
    seat = CounterSession(counter_id=counter_id, staff_id=int(actor.id), opened_at=clock.now())
    try:
        with session.begin_nested():
            session.add(seat)
    except IntegrityError as error:
        raise CounterTakenError(field="counter") from error
    detail = {"sitter": actor.label} if by else {}
    audit.record(
        session, actor=by or actor, action="counter.opened", subject=f"counter:{counter_id}", **detail
    )
    return seat


def pause_counter(session: Session, *, actor: Actor, reason: str = "rest", words: str = "") -> CounterSession:
    """Stop calling for a while, and say why; nothing open is lost. PauseError for an unknown reason."""
    said = pause_reasons.check(session, reason, words, is_closing=False)
    seat = seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    if seat.paused_at is None:
        seat.paused_at = clock.now()
        session.add(
            CounterPause(
                counter_id=seat.counter_id, staff_id=seat.staff_id, begun_at=seat.paused_at, reason=reason,
                words=said,
            )
        )  # fmt: skip
        subject = f"counter:{seat.counter_id}"
        audit.record(session, actor=actor, action="counter.paused", subject=subject, reason=reason)
    return seat


def unpause_counter(session: Session, *, actor: Actor) -> CounterSession:
    """Go on after a pause."""
    seat = seat_of(session, actor)
    if seat is None:
        raise CounterClosedError
    if seat.paused_at is not None:
        seat.paused_at = None
        _end_pause(session, seat)
        audit.record(session, actor=actor, action="counter.unpaused", subject=f"counter:{seat.counter_id}")
    return seat


def pause_of(session: Session, seat: CounterSession) -> CounterPause | None:
    """The break that goes on at a seat."""
    query = select(CounterPause).where(
        CounterPause.counter_id == seat.counter_id,
        CounterPause.begun_at >= seat.opened_at,
        CounterPause.ended_at.is_(None),
    )
    return session.scalars(query.order_by(CounterPause.id.desc()).limit(1)).one_or_none()


def _end_pause(session: Session, seat: CounterSession) -> None:
    pause = pause_of(session, seat)
    if pause is not None:
        pause.ended_at = clock.now()


def close_counter(session: Session, *, actor: Actor) -> None:
    """Leave one's counter; refused while a person is there."""
    seat = seat_of(session, actor)
    if seat is None:
        return
    if ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError("queue.close_busy")
    _close(session, seat, actor)


def leave(session: Session, *, actor: Actor) -> Ticket | None:
    """Get up whoever is there: the person goes back to their place in the line, and the counter closes.

    The ticket handed back, if there was one; its next call counts as the first of a new round.
    """
    seat = seat_of(session, actor)
    if seat is None:
        return None
    there = ticket_at(session, seat.counter_id)
    if there is not None:
        there = hand_back(session, there.id, actor)
    _close(session, seat, actor)
    return there


def hand_back(session: Session, ticket_id: int, actor: Actor) -> Ticket:
    """Give who is at a counter back to their place in the line; the next call is the first of a new round."""
    there = steps.step(session, "hand_back", ticket_id, actor)
    steps.note(session, there, "handed_back", actor, staff=there.staff_id)
    there.counter_id = there.staff_id = there.started_at = None
    there.call_count = 0
    session.flush()
    return there


def close_left(session: Session, *, branch: Branch) -> int:
    """Close the seats left open on earlier local days of a branch; how many.

    Where a ticket of today is at the counter, its sitter acted in the last half hour, or the seat is just in
    use, somebody serves past midnight: that seat waits for a later time. So this waits for nobody while
    tickets are locked.
    """
    today = clock.local_day(clock.now(), branch.timezone)
    begun = clock.day_bounds(today, branch.timezone)[0]
    at_work = select(Ticket.id).where(
        Ticket.counter_id == CounterSession.counter_id,
        Ticket.state.in_(("called", "serving")),
        Ticket.day >= today,
    )
    query = (
        select(CounterSession)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(
            Counter.branch_id == branch.id,
            CounterSession.closed_at.is_(None),
            CounterSession.opened_at < begun,
            ~at_work.exists(),
            ~_acted_lately(branch),
        )
        .order_by(CounterSession.id)
        .with_for_update(of=CounterSession, skip_locked=True)
    )
    left = session.scalars(query).all()
    for seat in left:
        _close(session, seat, SYSTEM, sitter=f"staff:{seat.staff_id}")
    return len(left)


def end_seat(session: Session, seat: CounterSession, actor: Actor) -> None:
    """Close the seat of somebody else, where nobody is at the counter."""
    _close(session, seat, actor, sitter=f"staff:{seat.staff_id}")


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


def is_left(session: Session, seat: CounterSession) -> bool:
    """Whether a seat is of an earlier local day, or of somebody who may no longer serve there."""
    branch = session.get_one(Branch, seat.counter.branch_id)
    sitter = seat.staff.actor
    may_serve = seat.staff.is_active and sitter.may("officer", branch_id=branch.id)
    first = clock.day_bounds(clock.local_day(clock.now(), branch.timezone), branch.timezone)[0]
    if not may_serve or seat.opened_at >= first:
        return not may_serve
    own = select(CounterSession.id).where(CounterSession.id == seat.id, _acted_lately(branch))
    return session.scalars(own).first() is None


def _acted_lately(branch: Branch) -> ColumnElement[bool]:
    """Whether the sitter sat down, paused, called, began or ended within the last half hour.

    What the night itself has closed was no act of the officer.
    """
    since = clock.now() - JUST_NOW
    yesterday = clock.local_day(since, branch.timezone) - dt.timedelta(days=1)
    acts = or_(
        Ticket.last_called_at > since,
        Ticket.started_at > since,
        and_(Ticket.ended_at > since, Ticket.state != "closed_unserved"),
    )
    acted = select(Ticket.id).where(
        Ticket.branch_id == branch.id,
        Ticket.day >= yesterday,
        Ticket.staff_id == CounterSession.staff_id,
        acts,
    )
    begun = CounterSession.opened_at > since
    paused = and_(CounterSession.paused_at.is_not(None), CounterSession.paused_at > since)
    return or_(begun, paused, acted.correlate(CounterSession).exists())


def _take_over(session: Session, counter: Counter, actor: Actor) -> None:
    """Close the seat at a counter that its sitter left, and hand on the person who is there."""
    query = (
        select(CounterSession)
        .where(CounterSession.counter_id == counter.id, CounterSession.closed_at.is_(None))
        .with_for_update(of=CounterSession)
    )
    seat = session.scalars(query).one_or_none()
    if seat is not None and is_left(session, seat):
        _close(session, seat, actor, sitter=f"staff:{seat.staff_id}")
    elif seat is not None:
        return  # the unique index refuses a second
    person = ticket_at(session, counter.id)
    if person is not None and person.staff_id != int(actor.id):
        before, person.staff_id = person.staff_id, int(actor.id)
        steps.note(session, person, "handed_over", actor, before=before)


def _close(session: Session, seat: CounterSession, actor: Actor, **detail: object) -> None:
    seat.closed_at = clock.now()
    _end_pause(session, seat)
    session.flush()
    meant.release(session, seat, actor)
    subject = f"counter:{seat.counter_id}"
    audit.record(session, actor=actor, action="counter.closed", subject=subject, **detail)


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
