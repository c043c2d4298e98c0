"""One person's turn in one queue: how long they waited, and the turns that had not ended at a moment."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk.kpi.groups import Grouping
from govdesk.kpi.question import Question
from govdesk.queue.models import Ticket

SECOND = dt.timedelta(seconds=1)


@dataclass(slots=True)
class Turn:
    """One person's turn in one queue, as known at `as_of`."""

    status: str  # of the visit; "live" for a ticket that has not ended
    arrived_at: dt.datetime | None
    called_at: dt.datetime | None
    served_at: dt.datetime | None
    ended_at: dt.datetime
    appointment_at: dt.datetime | None
    quoted_high: float | None
    transfer_of: str | None = None  # then it goes on with a ticket that was counted

    def wait(self, until: dt.datetime) -> tuple[int, int]:
        """Give the seconds of waiting until a moment, and the early ones before an appointment's time.

        A punctual person waits from the appointment on; one called before it has waited since the arrival.
        """
        if self.arrived_at is None:
            raise ValueError("without an arrival there is no wait")
        since = self.arrived_at
        if self.appointment_at is not None and self.arrived_at < self.appointment_at <= until:
            since = self.appointment_at
        return (until - since) // SECOND, (since - self.arrived_at) // SECOND


def live(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, Turn, Sequence[Any]]]:
    """Give the tickets that had not ended at `as_of`; what happened to them later is not known.

    One passed on before anyone served it has waited since its first stage, whose promise holds; after a
    stage that was served the wait has been counted already.
    """
    now = question.as_of
    first, served = aliased(Ticket), aliased(Ticket)
    columns = (
        Ticket.day,
        func.coalesce(first.arrived_at, Ticket.arrived_at),
        func.coalesce(first.called_at, Ticket.called_at),
        func.coalesce(first.callable_at, Ticket.callable_at),
        func.coalesce(first.quoted_high, Ticket.quoted_high),
    )
    was_passed_on = Ticket.transferred_from_id.is_not(None)
    joined = (
        select(*columns)
        .select_from(Ticket)
        .outerjoin(first, and_(was_passed_on, *same_number(first), first.stage == 1))
    )
    was_served = (
        select(served.id)
        .where(*same_number(served), served.stage < Ticket.stage, served.started_at.is_not(None))
        .correlate(Ticket)
    )
    query = grouping.select(joined, Ticket).where(
        Ticket.arrived_at <= now,
        or_(Ticket.ended_at.is_(None), Ticket.ended_at > now),
        or_(~was_passed_on, ~was_served.exists()),
        *question.at(Ticket, Ticket.day),
    )
    for row in session.execute(query):
        day, arrived_at, called_at, callable_at, quoted_high = row[:5]
        called = called_at if called_at is not None and called_at <= now else None
        yield day, Turn("live", arrived_at, called, None, now, callable_at, quoted_high), row[5:]


def same_number(stage: type[Ticket]) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a stage that it is one of the ticket's: the number is one person's for the day."""
    return (
        stage.branch_id == Ticket.branch_id,
        stage.day == Ticket.day,
        stage.number == Ticket.number,
    )
