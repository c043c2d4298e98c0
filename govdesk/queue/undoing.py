"""Undo of an officer's last step: the history keeps both, and whoever was told of the step is told again."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from govdesk import clock, outbox
from govdesk.actor import Actor
from govdesk.booking.unfulfilling import unfulfil
from govdesk.errors import DeskError, NotAllowedError
from govdesk.queue import counters, rules, steps
from govdesk.queue.meant import ANYBODY, Meant, still
from govdesk.queue.models import Ticket, TicketEvent

LOOKED_AT = 500  # events: more than a branch has in the time in which one may undo

BEGUN = {"started", "resumed"}
STILL_WAITED = {"returned", "transferred", "abandoned", "rejoined"}  # leave for whom somebody waits


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
    """The officer's last step while it may be undone; None when there is none.

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
    meant = _still_meant(session, event)
    ticket = steps.found(session, event.ticket_id, actor)
    last = last_step(session, actor)
    if last is None or last.event_id != event_id:
        raise UndoError
    if _moving(session, ticket.id)[-1].id != event_id:
        raise UndoError("queue.undo_passed")
    if event.kind == "called":
        _uncall(session, ticket, actor)
        return ticket
    if event.kind == "taken_back":
        _set_aside(session, ticket, event, actor)
        return ticket
    held = rules.standing(_moving(session, ticket.id))[:-1]
    if event.kind == "transferred":
        _undo_stage(session, ticket, event, actor)
    if rules.LEADS_TO[held[-1].kind] in {"called", "serving"}:
        _clear_counter(session, ticket, event, actor)
    ticket.meant_counter_id, ticket.meant_staff_id = meant
    if event.kind == "resumed":
        _recollect_calls(session, ticket)
        ticket.started_at = min((one.at for one in held if one.kind in BEGUN), default=None)
        ticket.meant_staff_id = held[-1].detail.get("for")
    _restore(session, ticket, event, actor, held[-1])
    return ticket


def _restore(session: Session, ticket: Ticket, event: TicketEvent, actor: Actor, held: TicketEvent) -> None:
    """Let a ticket stand as after the event that holds again."""
    before, was = ticket.ended_at, ticket.state
    ticket.state = rules.LEADS_TO[held.kind]
    ticket.ended_at = ticket.outcome = ticket.cause = ticket.return_reason = None
    ticket.plan_reason = ticket.plan_due = None
    minutes = held.detail.get("minutes") if held.kind == "held" else None
    ticket.held_until = held.at + dt.timedelta(minutes=minutes) if minutes else None
    if ticket.state == "called":
        ticket.started_at = None
    session.flush()
    steps.note(session, ticket, "undone", actor, of=event.kind, was=was)
    if event.kind == "concluded" and ticket.appointment_id is not None:
        unfulfil(session, actor=actor, appointment_id=ticket.appointment_id)
    if before is not None:
        outbox.emit(session, "ticket.taken_back", ticket_id=ticket.id)


def _set_aside(session: Session, ticket: Ticket, event: TicketEvent, actor: Actor) -> None:
    """Let who was taken back by mistake be missed again, since when and where they were."""
    was = event.detail
    ticket.state, ticket.ended_at = "noshow", dt.datetime.fromisoformat(was["ended_at"])
    ticket.counter_id, ticket.staff_id, ticket.call_count = was["counter"], was["officer"], was["calls"]
    session.flush()
    steps.note(session, ticket, "undone", actor, of="taken_back")
    outbox.emit(session, "ticket.ended", ticket_id=ticket.id)


def _still_meant(session: Session, event: TicketEvent) -> Meant:
    """For whom a ticket waits again: only one sent on may have waited, and its row still says for whom.

    The seat is locked before the ticket, as a call does.
    """
    if event.kind != "transferred":
        return ANYBODY
    ticket = steps.sought(session, event.ticket_id)
    return still(session, Meant(ticket.meant_counter_id, ticket.meant_staff_id), ticket)


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
    _uncall(session, other, actor)


def _uncall(session: Session, ticket: Ticket, actor: Actor) -> None:
    """Let who was called wait again, at their place and for whom they waited."""
    ticket.state, ticket.counter_id, ticket.staff_id = "waiting", None, None
    ticket.call_count -= 1
    _recollect_calls(session, ticket)
    ticket.meant_counter_id, ticket.meant_staff_id = still(session, _waited_for(session, ticket), ticket)
    session.flush()
    steps.note(session, ticket, "undone", actor, of="called")


def _recollect_calls(session: Session, ticket: Ticket) -> None:
    """When a ticket was called the first and the last time before its last call, if it ever was."""
    told = _moving(session, ticket.id)[:-1]
    held = rules.standing(told) + [one for one in told if one.kind == "recalled"]
    begun = [one.at for one in held if one.kind in {"called", "resumed", "started"}]
    called = [one.at for one in held if one.kind in {"called", "recalled"}]
    ticket.called_at = min(begun, default=None)  # a stage begun at the desk was called by its beginning
    ticket.last_called_at = max(called, default=ticket.called_at)


def _waited_for(session: Session, ticket: Ticket) -> Meant:
    """For whom a ticket waited before its last call: as the transfer or the hold said, unless released."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    stack: list[Meant] = []
    for one in session.scalars(query):
        if one.kind == "undone":
            stack.pop()
        elif one.kind == "released":
            stack[-1] = ANYBODY
        elif one.kind == "issued":
            stack.append(_sent_to(session, ticket))
        elif one.kind == "held":
            stack.append(Meant(staff_id=one.detail.get("for")))
        elif one.kind in rules.LEADS_TO:
            stack.append(stack[-1] if one.kind in STILL_WAITED else ANYBODY)
    return stack[-2]


def _sent_to(session: Session, ticket: Ticket) -> Meant:
    """The counter or the officer to whom the transfer that made this stage sent it."""
    query = select(TicketEvent.detail).where(
        TicketEvent.ticket_id == ticket.transferred_from_id, TicketEvent.kind == "transferred"
    )
    for detail in session.scalars(query):
        if detail["to"] == ticket.id:
            return Meant(detail.get("counter"), detail.get("officer"))
    return ANYBODY


def _moving(session: Session, ticket_id: int) -> list[TicketEvent]:
    """The events that moved a ticket, and those that undid one, in order."""
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_((*rules.LEADS_TO, "recalled", "undone"))
    )
    return list(session.scalars(query.order_by(TicketEvent.id)))
