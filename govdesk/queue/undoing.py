"""Undo of an officer's last step: the history keeps both, and whoever was told of the step is told again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from govdesk import clock, outbox
from govdesk.actor import Actor
from govdesk.booking.unfulfilling import unfulfil
from govdesk.errors import DeskError, NotAllowedError
from govdesk.queue import counters, rules, steps
from govdesk.queue.models import Ticket, TicketEvent

LOOKED_AT = 500  # events: more than a branch has in the time in which one may undo


class UndoError(DeskError):
    """The step cannot be undone any more; the key says why."""

    key = "queue.undo_late"


@dataclass(frozen=True, slots=True)
class LastStep:
    """What an officer did last and may still undo: which event of which ticket."""

    event_id: int
    ticket_id: int
    number: str
    kind: str


def last_step(session: Session, actor: Actor) -> LastStep | None:
    """The officer's last step while it may be undone; None when there is none, or it was a call alone.

    Only the newest events are looked at, so that the question costs the same after years.
    """
    newest = aliased(
        TicketEvent,
        select(TicketEvent).order_by(TicketEvent.id.desc()).limit(LOOKED_AT).subquery(),
    )
    mine = (
        select(newest.id, newest.ticket_id, newest.kind, newest.at, Ticket.number)
        .join(Ticket, Ticket.id == newest.ticket_id)
        .where(newest.actor == actor.label, newest.at >= clock.now() - rules.UNDONE_WITHIN)
        .where(newest.kind.in_((*rules.LEADS_TO, "undone")), newest.kind != "issued")
        .order_by(newest.id.desc())
        .limit(2)
    )
    rows: list[Any] = list(session.execute(mine))
    if len(rows) > 1 and (rows[0].kind, rows[1].kind) == ("called", "concluded") and rows[0].at == rows[1].at:
        rows.pop(0)  # concluded and called with one press
    if not rows or rows[0].kind not in rules.UNDOABLE:
        return None
    return LastStep(rows[0].id, rows[0].ticket_id, rows[0].number, rows[0].kind)


def undo(session: Session, *, actor: Actor, event_id: int) -> Ticket:
    """Undo the officer's last step, within a minute: the ticket stands as it stood before.

    1. The ticket's row is locked, then its events are read: whoever acted on it since is seen.
    2. What the step did elsewhere is undone first: the stage that a transfer made, the person called with
       the same press, the appointment that was fulfilled. Where one of them has moved on, all is refused.
    3. An event `undone` is added; none is removed. Its listeners make the visit as if the step never was.

    UndoError when it is too late, was another's step, or somebody has acted on it since.
    """
    event = session.get(TicketEvent, event_id)
    if event is None or event.actor != actor.label:
        raise NotAllowedError
    ticket = steps.found(session, event.ticket_id, actor)
    last = last_step(session, actor)
    if last is None or last.event_id != event_id:
        raise UndoError
    if _moving(session, ticket.id)[-1].id != event_id:
        raise UndoError("queue.undo_passed")
    held = rules.standing(one.kind for one in _moving(session, ticket.id))[:-1]
    if event.kind == "transferred":
        _undo_stage(session, ticket, event, actor)
    if rules.LEADS_TO[held[-1]] in {"called", "serving"}:
        _clear_counter(session, ticket, event, actor)
    _restore(session, ticket, event, actor, held)
    return ticket


def _restore(session: Session, ticket: Ticket, event: TicketEvent, actor: Actor, held: list[str]) -> None:
    before, was = ticket.ended_at, ticket.state
    ticket.state = rules.LEADS_TO[held[-1]]
    ticket.ended_at = ticket.outcome = ticket.cause = ticket.return_reason = None
    ticket.plan_reason = ticket.plan_due = None
    ticket.held_until = ticket.meant_counter_id = ticket.meant_staff_id = None
    if not {"started", "resumed"} & set(held):
        ticket.started_at = None
    session.flush()
    steps.note(session, ticket, "undone", actor, of=event.kind, was=was)
    if event.kind == "concluded" and ticket.appointment_id is not None:
        unfulfil(session, actor=actor, appointment_id=ticket.appointment_id)
    if before is not None:
        outbox.emit(session, "ticket.taken_back", ticket_id=ticket.id)


def _undo_stage(session: Session, ticket: Ticket, event: TicketEvent, actor: Actor) -> None:
    """Take back the stage that a transfer made, unless somebody has begun with it."""
    follow = steps.found(session, event.detail["to"], actor)
    if follow.state != "waiting" or len(_moving(session, follow.id)) != 1:
        raise UndoError("queue.undo_passed")
    follow.state, follow.appointment_id = "undone", None
    follow.ended_at = clock.now()
    session.flush()
    steps.note(session, follow, "undone", actor, of="issued", stage=ticket.stage)


def _clear_counter(session: Session, ticket: Ticket, event: TicketEvent, actor: Actor) -> None:
    """Make room where the ticket stood: give back who was called there with the same press.

    Refused while anybody else is there, or when the officer has left that counter.
    """
    seat = counters.seat_of(session, actor)
    if seat is None or seat.counter_id != ticket.counter_id:
        raise UndoError("queue.undo_busy")
    other = counters.ticket_at(session, seat.counter_id)
    if other is None or other.id == ticket.id:
        return
    steps.found(session, other.id, actor)
    call = _moving(session, other.id)[-1]
    if call.kind != "called" or call.at != event.at or call.actor != actor.label:
        raise UndoError("queue.undo_busy")
    other.state, other.counter_id, other.staff_id = "waiting", None, None
    other.call_count -= 1
    if other.call_count == 0:
        other.called_at = other.last_called_at = None
    session.flush()
    steps.note(session, other, "undone", actor, of="called")


def _moving(session: Session, ticket_id: int) -> list[TicketEvent]:
    """The events that moved a ticket, and those that undid one, in order."""
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_((*rules.LEADS_TO, "recalled", "undone"))
    )
    return list(session.scalars(query.order_by(TicketEvent.id)))
