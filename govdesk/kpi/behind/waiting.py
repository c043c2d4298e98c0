"""Who is in a queue now and has waited too long already: no visit yet, and counted by the figures."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.kpi.behind.lines import Line, line
from govdesk.kpi.question import Question
from govdesk.kpi.turns import Turn, same_number
from govdesk.kpi.waits import MINUTE
from govdesk.queue.models import Ticket


def late(session: Session, question: Question) -> list[Line]:
    """Those who have waited longer than the target of their service, called or not."""
    return [
        line(row, "waited" if turn.called_at else "waiting", length=dt.timedelta(seconds=wait))
        for row, turn, wait, _early in _turns(session, question)
        if wait > question.places.services[row[2]].wait_target * MINUTE
    ]


def unkept(session: Session, question: Question) -> list[Line]:
    """Those whom we promised less."""
    found = []
    for row, turn, wait, early in _turns(session, question):
        if turn.quoted_high is not None and wait + early > turn.quoted_high * MINUTE:
            length, limit = dt.timedelta(seconds=wait + early), dt.timedelta(minutes=turn.quoted_high)
            found.append(line(row, "promise", length=length, limit=limit))
    return found


def _turns(session: Session, question: Question) -> Iterator[tuple[Any, Turn, int, int]]:
    """Give the tickets that had not ended at `as_of`, with the seconds waited, and waited too early.

    One passed on before anyone served it has waited since its first stage; after a stage that was served the
    wait is that of a visit.
    """
    now = question.as_of
    first, served = aliased(Ticket), aliased(Ticket)
    was_passed_on = Ticket.transferred_from_id.is_not(None)
    was_served = select(served.id).where(
        *same_number(served), served.stage < Ticket.stage, served.started_at.is_not(None)
    )
    query = (
        select(
            Ticket.id, func.coalesce(first.arrived_at, Ticket.arrived_at), Ticket.service_id,
            Ticket.branch_id, Ticket.person_id, Ticket.day, func.coalesce(first.called_at, Ticket.called_at),
            func.coalesce(first.callable_at, Ticket.callable_at),
            func.coalesce(first.quoted_high, Ticket.quoted_high),
        )
        .outerjoin(first, and_(was_passed_on, *same_number(first), first.stage == 1))
        .where(
            Ticket.arrived_at <= now, or_(Ticket.ended_at.is_(None), Ticket.ended_at > now),
            or_(~was_passed_on, ~was_served.correlate(Ticket).exists()),
            *question.days(Ticket.day), *question.scope.conditions(Ticket),
        )
        .order_by(Ticket.id.desc())
    )  # fmt: skip
    for row in session.execute(query):
        _day, called_at, callable_at, quoted_high = row[5:]
        called = called_at if called_at is not None and called_at <= now else None
        turn = Turn("live", row[1], called, None, now, callable_at, quoted_high)
        wait, early = turn.wait(called or now)
        if wait >= 0:
            yield row, turn, wait, early
