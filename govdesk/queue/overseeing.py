"""What who answers for a hall does at counters in place of officers: seat, move, pause, close, take back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, Counter
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.people.models import Staff
from govdesk.queue import closing, counters
from govdesk.queue.errors import CounterBusyError
from govdesk.queue.models import CounterPause, CounterSession

OVERSEERS = ("supervisor", "admin")
BY_SUPERVISOR = "by_supervisor"  # the reason of a break that its officer did not begin


def officers(session: Session, branch_id: int) -> list[Staff]:
    """Who may sit at the counters of a branch."""
    active = session.scalars(select(Staff).where(Staff.is_active).order_by(Staff.username))
    return [one for one in active if one.actor.may("officer", branch_id=branch_id)]


def seat(session: Session, *, actor: Actor, branch: Branch, staff_id: int, counter_id: int) -> CounterSession:
    """Open a counter for an officer, or move them there from another one, where nobody may be left behind.

    CounterBusyError when a person is at the officer's counter, CounterTakenError when another sits there;
    NotAllowedError, NotFoundError.
    """
    _guard(actor, branch)
    officer, counter = session.get(Staff, staff_id), session.get(Counter, counter_id)
    if officer is None or counter is None or counter.branch_id != branch.id:
        raise NotFoundError
    if not (officer.is_active and officer.actor.may("officer", branch_id=branch.id)):
        raise DeskError("errors.choose_known", field="officer", status=422)
    before = counters.seat_of(session, officer.actor)
    if before is not None and before.counter_id != counter_id:
        if before.counter.branch_id != branch.id:
            raise DeskError("floor.officer_elsewhere", field="officer")
        _refuse_busy(session, before)
        counters.end_seat(session, before, actor)
    return counters.open_counter(session, actor=officer.actor, counter_id=counter_id, by=actor)


def act(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    seat_id: int,
    what: str,
    reason: str = "",
    words: str = "",
) -> None:
    """Pause or unpause an officer's counter, close it, or take back who is left there; each twice is once.

    1. The seat is locked, so that it comes before or after what its officer presses.
    2. Who is taken back stands at their old place in the line, and the counter pauses: nobody is called to
       an officer who is away.
    3. A counter that closes before the branch does has a reason, and `words` where that asks for them.
    CounterBusyError when a counter is to close at which somebody is; PauseError without its reason.
    """
    _guard(actor, branch)
    sat = session.get(CounterSession, seat_id, with_for_update={"of": CounterSession})
    if sat is None or sat.counter.branch_id != branch.id:
        raise NotFoundError
    if sat.closed_at is not None:
        return
    if what == "close":
        _refuse_busy(session, sat)
        closing.say_why(session, sat, reason=reason, words=words)
        counters.end_seat(session, sat, actor)
        return
    if what == "take-back":
        there = counters.ticket_at(session, sat.counter_id)
        if there is not None:
            counters.hand_back(session, there.id, actor)
    _pause(session, sat, actor, is_on=what != "unpause")


def _pause(session: Session, sat: CounterSession, actor: Actor, *, is_on: bool) -> None:
    if (sat.paused_at is not None) == is_on:
        return
    now = clock.now()
    begun = counters.pause_of(session, sat)
    if begun is not None and not is_on:
        begun.ended_at = now
    if is_on:
        session.add(
            CounterPause(
                counter_id=sat.counter_id, staff_id=sat.staff_id, begun_at=now, reason=BY_SUPERVISOR, words=""
            )
        )
    sat.paused_at = now if is_on else None
    action = "counter.paused" if is_on else "counter.unpaused"
    subject, sitter = f"counter:{sat.counter_id}", f"staff:{sat.staff_id}"
    audit.record(session, actor=actor, action=action, subject=subject, sitter=sitter)


def _refuse_busy(session: Session, sat: CounterSession) -> None:
    if counters.ticket_at(session, sat.counter_id) is not None:
        raise CounterBusyError("queue.close_busy", field="officer")


def _guard(actor: Actor, branch: Branch) -> None:
    if not actor.may(*OVERSEERS, branch_id=branch.id):
        raise NotAllowedError
