"""The live state of a branch: one snapshot for boards, counters, the floor and phones."""

import datetime as dt
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.catalog.models import Branch, BranchService, Counter, PublicService
from govdesk.db import connection_of, table_of, written
from govdesk.prepared import Prepared
from govdesk.queue import estimates, lines, rules
from govdesk.queue.dispatch import Head
from govdesk.queue.models import CounterSession, Ticket

SHOWN = 5
_tickets, _counters = table_of(Ticket), table_of(Counter)


@dataclass(frozen=True, slots=True)
class Call:
    """A ticket on the board: its number, the counter, and when it was last called."""

    ticket_id: int
    number: str
    counter: int
    called_at: dt.datetime
    count: int
    language: str
    service_id: int


class Shown(NamedTuple):
    """What its holder is told of a ticket depends on this, in plain values."""

    id: int
    branch_id: int
    token: str
    number: str
    state: str
    call_class: str
    service_id: int
    language: str
    arrived_at: dt.datetime
    order_at: dt.datetime
    callable_at: dt.datetime
    called_at: dt.datetime | None
    call_count: int
    is_remote: bool
    present_at: dt.datetime | None
    quoted_at: dt.datetime | None
    quoted_high: float | None
    pushed_back_at: dt.datetime | None
    counter: int | None  # its number


_PLAIN = Shown._fields[:-1]
_SHOWN = Prepared(
    select(*(_tickets.c[name] for name in _PLAIN), _counters.c.number.label("counter"))
    .outerjoin(_counters, _counters.c.id == _tickets.c.counter_id)
    .where(
        _tickets.c.branch_id == bindparam("branch"),
        _tickets.c.state.in_(written(state) for state in sorted(rules.LIVE)),
    )
    .order_by(_tickets.c.id)
)


def shown(session: Session, branch_id: int) -> list[Shown]:
    """The live tickets of a branch, as many as they are, in one reading."""
    session.flush()
    return [Shown(*row) for row in _SHOWN.all(connection_of(session), {"branch": branch_id})]


def shown_of(ticket: Ticket) -> Shown:
    """The same of one ticket."""
    plain = [getattr(ticket, name) for name in _PLAIN]
    return Shown._make([*plain, ticket.counter.number if ticket.counter else None])


def calls(
    session: Session,
    branch: Branch,
    service_ids: Collection[int] | None = None,
    counter_ids: Collection[int] | None = None,
) -> list[Call]:
    """Today's calls to counters, newest first: the first is the one to shout. Of these only, if given."""
    today = clock.local_day(clock.now(), branch.timezone)
    query = (
        select(
            Ticket.id, Ticket.number, Counter.number, Ticket.last_called_at, Ticket.call_count,
            Ticket.language, Ticket.service_id,
        )
        .join(Counter, Counter.id == Ticket.counter_id)
        .where(Ticket.branch_id == branch.id, Ticket.day == today, Ticket.last_called_at.is_not(None))
        .order_by(Ticket.last_called_at.desc(), Ticket.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    if service_ids is not None:
        query = query.where(Ticket.service_id.in_(service_ids))
    if counter_ids is not None:
        query = query.where(Ticket.counter_id.in_(counter_ids))
    return [
        Call(id_, number, counter, at, count, language, service_id)
        for id_, number, counter, at, count, language, service_id in session.execute(query)
        if at
    ]


def waiting(session: Session, branch_id: int) -> list[Ticket]:
    """Who waits, in the order in which the policy would call them now; then those not yet due."""
    query = (
        select(Ticket)
        .where(Ticket.branch_id == branch_id, Ticket.state == "waiting")
        .order_by(Ticket.order_at, Ticket.id)
        .options(joinedload(Ticket.service), joinedload(Ticket.appointment))
    )
    place = {choice.head.ticket_id: place for place, choice in enumerate(lines.upcoming(session, branch_id))}
    return sorted(session.scalars(query), key=lambda ticket: place.get(ticket.id, len(place)))


def held(session: Session, branch_id: int) -> list[Ticket]:
    """Who is set aside, longest first."""
    query = select(Ticket).where(Ticket.branch_id == branch_id, Ticket.state == "held").order_by(Ticket.id)
    return list(session.scalars(query))


def seats(session: Session, branch_id: int) -> list[CounterSession]:
    """Who sits at which counter of a branch now."""
    query = (
        select(CounterSession)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(Counter.branch_id == branch_id, CounterSession.closed_at.is_(None))
        .order_by(Counter.number)
    )
    return list(session.scalars(query))


def waits(
    session: Session, branch: Branch, told: estimates.Foretold | None = None
) -> list[tuple[PublicService, int, estimates.Quote | None]]:
    """Each offered service with the number waiting and the wait quoted to a newcomer now.

    `told` is what is foretold of the branch, where that is known already.
    """
    counts: dict[int, int] = dict(
        session.execute(
            select(Ticket.service_id, func.count())
            .where(Ticket.branch_id == branch.id, Ticket.state == "waiting")
            .group_by(Ticket.service_id)
        ).all()
    )
    offers = session.scalars(select(BranchService).where(BranchService.branch_id == branch.id))
    services = sorted(
        (offer.service for offer in offers if offer.service.is_active), key=lambda s: (s.prefix, s.id)
    )
    told = told or estimates.foretell(session, branch.id)
    return [(service, counts.get(service.id, 0), told.of_newcomer(service.id)) for service in services]


def spread(session: Session, branch: Branch) -> tuple[float, float] | None:
    """The waits of all services together in minutes, shortest to longest; None where none is known."""
    quotes = [quote for _service, _count, quote in waits(session, branch) if quote]
    if not quotes:
        return None
    return min(quote.low for quote in quotes), max(quote.high for quote in quotes)


def why(ticket: Ticket) -> str:
    """Why a waiting ticket stands where it does, as a message key."""
    due = ticket.appointment.starts_at if ticket.appointment else None
    if ticket.callable_at > clock.now():
        return "queue.why_early"
    return rules.why_next(ticket.call_class, due)


def place_of(
    session: Session, ticket: Ticket | Shown, told: estimates.Foretold | None = None
) -> estimates.Quote | None:
    """People ahead of a waiting ticket and its wait from now; of one who is not here yet, as if they were.

    `told` is what is foretold of the branch, where more than one is asked for.
    """
    told = told or estimates.foretell(session, ticket.branch_id)
    if not ticket.is_remote or ticket.present_at is not None:
        return told.of_ticket(ticket.id)
    since = ticket.order_at if told.scene.policy.form == "turns" else ticket.arrived_at
    due = min(ticket.arrived_at, told.now)
    return told.of(
        Head(ticket.id, ticket.call_class, ticket.service_id, ticket.language, ticket.order_at, due, since)
    )


def version(session: Session, branch: Branch) -> str:
    """A short text that changes whenever the live state does: for ETags. No row is loaded for it."""
    today = clock.local_day(clock.now(), branch.timezone)
    tickets: list[Any] = list(
        session.execute(
            select(
                Ticket.state,
                func.count(),
                func.sum(Ticket.id),
                func.sum(cast(Ticket.id, BigInteger) * Ticket.counter_id),
                func.sum(Ticket.call_count),
                func.max(Ticket.last_called_at),
            )
            .where(Ticket.branch_id == branch.id, Ticket.state.in_(rules.LIVE))
            .group_by(Ticket.state)
            .order_by(Ticket.state)
        )
    )
    seated: list[Any] = list(
        session.execute(
            select(CounterSession.id, CounterSession.paused_at)
            .join(Counter, Counter.id == CounterSession.counter_id)
            .where(Counter.branch_id == branch.id, CounterSession.closed_at.is_(None))
            .order_by(CounterSession.id)
        )
    )
    return f"{today}-{zlib.crc32(repr((tickets, seated)).encode()):08x}"
