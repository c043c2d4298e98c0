"""Calling somebody out of order: by hand, with a reason, for everybody to read afterwards."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.db import connection_of
from govdesk.errors import DeskError, NotAllowedError
from govdesk.queue import calling, lines, policies, steps
from govdesk.queue.dispatch_models import HandCall
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import Ticket
from govdesk.queue.policy import MINUTE

REASONS = ("unwell", "small_child", "short_matter", "sent_back", "language", "same_family", "other")
LONGEST = 200
NAMED = 20  # of those who were passed, so many are kept by their numbers


class HandCallError(DeskError):
    """A call by hand that cannot be made as asked; the field says where."""

    key = "dispatch.reason_missing"
    status = 422


def call_by_hand(session: Session, *, actor: Actor, ticket_id: int, reason: str, words: str = "") -> int:
    """Call a chosen ticket to the officer's counter, whoever stands before it; its id.

    The reason is one of `REASONS`; for another one the words say it. The race: the same statement claims the
    ticket that claims one called in order, so of two officers one gets it and the other a WrongStepError.
    Raises also HandCallError, NotAllowedError for another branch's ticket, and what `calling` raises.
    """
    said = " ".join(words.split())
    _want(reason, said)
    session.flush()
    connection = connection_of(session)
    seat = calling.seat_for_calling(connection, actor)
    calling.refuse_busy(connection, seat.counter_id)
    ticket = steps.found(session, ticket_id, actor)
    if ticket.branch_id != seat.branch_id:
        raise NotAllowedError
    now = clock.now()
    if ticket.state != "waiting":
        raise WrongStepError(state=ticket.state)
    if ticket.callable_at > now:
        raise HandCallError("dispatch.not_due", field="ticket")
    if seat.skills and ticket.service_id not in seat.skills:
        raise HandCallError("dispatch.no_skill", field="ticket")
    in_force = policies.in_force(session, seat.branch_id)
    since = ticket.order_at if in_force.form == "turns" else ticket.callable_at
    passed = [row for row in _longer(session, seat.branch_id, since, now) if row.id != ticket_id]
    taken = calling.claim(connection, seat, actor, ticket_id, skips=False)
    if taken is None:
        raise WrongStepError
    steps.forget(session, ticket_id)
    session.add(
        HandCall(
            ticket_id=ticket_id,
            branch_id=seat.branch_id,
            staff_id=int(actor.id),
            counter_id=seat.counter_id,
            at=now,
            reason=reason,
            words=said,
            overtook=len(passed),
            overtaken=[row.number for row in passed[:NAMED]],
        )
    )
    told: dict[str, Any] = {"why": "by_hand", "reason": reason, "waited": int((now - since) / MINUTE)}
    if passed:
        told["overtook"] = len(passed)
        told["overtaken"] = [row.number for row in passed[: calling.NAMED]]
    steps.write(session, ticket_id, seat.counter_id, "called", actor, **told)
    return ticket_id


def calls_by_hand(
    session: Session, *, branch_ids: Collection[int], begins: dt.datetime, ends: dt.datetime
) -> list[HandCall]:
    """The calls by hand of these branches from `begins` until before `ends`, the newest first."""
    query = select(HandCall).where(
        HandCall.branch_id.in_(branch_ids), HandCall.at >= begins, HandCall.at < ends
    )
    return list(session.scalars(query.order_by(HandCall.at.desc(), HandCall.id.desc())))


def _want(reason: str, said: str) -> None:
    if reason not in REASONS:
        raise HandCallError(field="reason")
    if reason == "other" and not said:
        raise HandCallError("dispatch.words_missing", field="words")
    if len(said) > LONGEST:
        raise HandCallError("queue.reason_long", field="words", longest=LONGEST)


def _longer(session: Session, branch_id: int, since: dt.datetime, now: dt.datetime) -> list[Any]:
    """Who waits longer than this, at the same branch."""
    query = (
        select(Ticket.id, Ticket.number)
        .where(
            Ticket.branch_id == branch_id,
            Ticket.state == "waiting",
            Ticket.callable_at < since,
            Ticket.callable_at <= now,
        )
        .order_by(Ticket.callable_at, Ticket.id)
        .limit(lines.MOST_PASSED)
    )
    return list(session.execute(query))
