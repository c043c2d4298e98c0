"""The call: which of many officers gets the next ticket. Spare, because every writer waits while it runs."""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Counter
from govdesk.db import connection_of, table_of, written
from govdesk.errors import NotAllowedError
from govdesk.prepared import Prepared
from govdesk.queue import steps
from govdesk.queue.errors import CounterBusyError, CounterClosedError
from govdesk.queue.models import CounterSession, Ticket

_tickets, _seats, _counters = table_of(Ticket), table_of(CounterSession), table_of(Counter)
_first = (
    select(_tickets.c.id)
    .where(
        _tickets.c.branch_id == bindparam("branch"),
        _tickets.c.state == written("waiting"),
        _tickets.c.callable_at <= bindparam("now", type_=_tickets.c.callable_at.type),
    )
    .order_by(_tickets.c.order_at, _tickets.c.id)
    .limit(1)
)
_some = _first.where(_tickets.c.service_id.in_(bindparam("services", expanding=True)))
_SEAT = Prepared(
    select(_seats.c.counter_id, _seats.c.paused_at, _counters.c.branch_id, _counters.c.service_ids)
    .join(_counters, _counters.c.id == _seats.c.counter_id)
    .where(_seats.c.staff_id == bindparam("staff"), _seats.c.closed_at.is_(None))
    .with_for_update(of=_seats)
)
_there = _tickets.alias()
_OPEN = select(_there.c.id).where(
    _there.c.counter_id == bindparam("counter"), _there.c.state.in_([written("called"), written("serving")])
)
_CLAIMS = {
    (is_some, skips): update(_tickets)
    .where(
        _tickets.c.id == (_some if is_some else _first).with_for_update(skip_locked=skips).scalar_subquery(),
        _tickets.c.state == written("waiting"),
        ~_OPEN.exists(),
    )
    .values(
        state="called",
        counter_id=bindparam("counter"),
        staff_id=bindparam("staff"),
        last_called_at=bindparam("now", type_=_tickets.c.callable_at.type),
        called_at=func.coalesce(_tickets.c.called_at, bindparam("now", type_=_tickets.c.callable_at.type)),
        call_count=_tickets.c.call_count + 1,
    )
    .returning(_tickets.c.id)
    for is_some in (False, True)
    for skips in (False, True)
}
_CLAIM = {skips: Prepared(_CLAIMS[False, skips]) for skips in (False, True)}
_CLAIM_SOME = {skips: _CLAIMS[True, skips] for skips in (False, True)}


def call(session: Session, *, actor: Actor) -> int | None:
    """Call the ticket that stands first to the officer's counter: its id, or None when nobody may be called.

    The race of many officers over one queue, in steps:
    1. The officer's open seat is read and its row locked, so that two presses of one officer come one after
       the other.
    2. One UPDATE … WHERE id = (first waiting …) AND state = 'waiting' RETURNING decides; it takes nobody for
       a counter that has an open person, so a repeated press is refused. On SQLite there is one writer; on
       PostgreSQL the inner SELECT locks its row and skips rows that others are just taking.
    3. When skipping left nothing, the same statement runs once more without skipping: it waits for those
       officers, and takes what one of them gave back. So "nobody is waiting" is never said while one waits.
    4. The partial unique index on the counter of called and serving tickets refuses a second one whatever the
       code does.
    Retrying is safe: before the commit nothing has happened, after it step 2 refuses.
    """
    if actor.kind != "staff":
        raise CounterClosedError
    session.flush()
    connection = connection_of(session)
    seat = _SEAT.first(connection, {"staff": int(actor.id)})
    if seat is None:
        raise CounterClosedError
    if not actor.may("officer", branch_id=seat.branch_id):  # moved to another branch while the seat was open
        raise NotAllowedError
    if seat.paused_at is not None:
        raise CounterClosedError("queue.counter_paused")
    taken = _claim(connection, seat, actor, clock.now(), skips=True)
    if taken is None and connection.dialect.name != "sqlite":
        taken = _claim(connection, seat, actor, clock.now(), skips=False)
    if taken is not None:
        steps.write(session, taken, seat.counter_id, "called", actor)
    elif connection.execute(_OPEN, {"counter": seat.counter_id}).first() is not None:
        raise CounterBusyError
    return taken


def _claim(
    connection: Connection,
    seat: Any,
    actor: Actor,
    now: dt.datetime,
    *,
    skips: bool,
) -> int | None:
    given = {"branch": seat.branch_id, "now": now, "counter": seat.counter_id, "staff": int(actor.id)}
    if seat.service_ids:
        given["services"] = seat.service_ids
        found = connection.execute(_CLAIM_SOME[skips], given).one_or_none()
    else:
        found = _CLAIM[skips].first(connection, given)
    return found.id if found is not None else None
