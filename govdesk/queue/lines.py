"""The lines of a branch: read by their heads for a call, whole for whoever wants to see the order."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import connection_of, table_of, written
from govdesk.prepared import Prepared
from govdesk.queue import dispatch, policies
from govdesk.queue.dispatch import ANYBODY, Choice, Head, Officer
from govdesk.queue.meant import for_seat
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.policy import Policy

_tickets = table_of(Ticket)
_moment = _tickets.c.callable_at.type
_branch: Any = bindparam("branch")
_until: Any = bindparam("until", type_=_moment)


def _waits(table: Any) -> list[Any]:
    return [table.c.branch_id == _branch, table.c.state == written("waiting")]


def _line_of(table: Any) -> Any:
    return table.c.call_class, table.c.service_id, table.c.language, table.c.order_at, table.c.id


def _heads(*further: Any) -> Select[*tuple[Any, ...]]:
    """The first of each line whose minute has come.

    Goes from line to line by the index, never through a line: after a line comes the next language of its
    class and service, else the next service of its class, else the next class. (As one comparison of three
    columns SQLite would read all of the class.)
    """
    any_, before, line, here, head = (
        _tickets.alias(name) for name in ("any", "before", "line", "here", "head")
    )
    after = [
        (any_.c.call_class == before.c.call_class, any_.c.service_id == before.c.service_id,
         any_.c.language > before.c.language),
        (any_.c.call_class == before.c.call_class, any_.c.service_id > before.c.service_id),
        (any_.c.call_class > before.c.call_class,),
    ]  # fmt: skip
    in_order = select(any_.c.id).where(*_waits(any_)).order_by(*_line_of(any_)).limit(1)
    lines = select(in_order.scalar_subquery().label("id")).cte("lines", recursive=True)
    following = func.coalesce(
        *(in_order.where(*conditions).correlate(before).scalar_subquery() for conditions in after)
    )
    lines = lines.union_all(select(following).select_from(lines.join(before, before.c.id == lines.c.id)))
    its_head = (
        select(here.c.id)
        .where(
            *_waits(here),
            here.c.call_class == line.c.call_class,
            here.c.service_id == line.c.service_id,
            here.c.language == line.c.language,
            here.c.callable_at <= _until,
            *for_seat(here, bindparam("counter"), bindparam("staff")),
            *(condition(here) for condition in further),
        )
        .order_by(here.c.order_at, here.c.id)
        .limit(1)
        .correlate(line)
    )
    return (
        select(
            head.c.id,
            head.c.call_class,
            head.c.service_id,
            head.c.language,
            head.c.order_at,
            head.c.callable_at,
        )
        .select_from(lines.join(line, line.c.id == lines.c.id))
        .join(head, head.c.id == its_head.scalar_subquery())
    )


_HEADS = Prepared(_heads())
_OTHER_HEADS = _heads(lambda here: here.c.id.not_in(bindparam("lost", expanding=True)))
_LATELY = Prepared(
    select(_tickets.c.call_class)
    .where(_tickets.c.branch_id == _branch, _tickets.c.called_at.is_not(None), _tickets.c.called_at <= _until)
    .order_by(_tickets.c.called_at.desc(), _tickets.c.id.desc())
    .limit(bindparam("memory"))
)
_PASSED = Prepared(
    select(_tickets.c.id, _tickets.c.number, _tickets.c.service_id)
    .where(
        *_waits(_tickets),
        _tickets.c.order_at > bindparam("after", type_=_moment),
        _tickets.c.order_at < bindparam("since", type_=_moment),
        _tickets.c.callable_at <= _until,
    )
    .order_by(_tickets.c.order_at, _tickets.c.id)
    .limit(bindparam("most"))
)
_everybody = select(
    _tickets.c.id, _tickets.c.call_class, _tickets.c.service_id, _tickets.c.language,
    _tickets.c.order_at, _tickets.c.callable_at,
).where(*_waits(_tickets))  # fmt: skip
_WAITING = Prepared(_everybody)
_WAITING_FOR = Prepared(_everybody.where(*for_seat(_tickets, bindparam("counter"), bindparam("staff"))))
MOST_PASSED = 50
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def heads(
    connection: Connection, seat: Any, until: dt.datetime, policy: Policy, lost: Sequence[int] = ()
) -> list[Head]:
    """The heads of the lines that a seat may call from by `until`, without those just lost to others."""
    given = {
        "branch": seat.branch_id, "until": until, "counter": seat.counter_id, "staff": seat.staff_id
    }  # fmt: skip
    if lost:
        rows: Sequence[Any] = connection.execute(_OTHER_HEADS, {**given, "lost": list(lost)}).all()
    else:
        rows = _HEADS.all(connection, given)
    return [_head(row, policy) for row in rows]


def lately(connection: Connection, branch_id: int, policy: Policy) -> list[str]:
    """The classes of the branch's last calls, newest first, as many as the policy remembers."""
    if policy.form == "order":
        return []
    given = {"branch": branch_id, "until": clock.now(), "memory": policy.memory}
    return [row.call_class for row in _LATELY.all(connection, given)]


def passed(
    connection: Connection, branch_id: int, policy: Policy, order_at: dt.datetime, callable_at: dt.datetime
) -> list[Any]:
    """Who has waited longer than somebody just called and was passed: rows, `MOST_PASSED` at the most.

    In one order they stand between the called one's place and their arrival; in turns before their place.
    """
    if policy.form == "turns":
        given = {"after": LONG_AGO, "since": order_at, "until": clock.now()}
    elif order_at < callable_at:
        given = {"after": order_at, "since": callable_at, "until": callable_at}
    else:
        return []
    return _PASSED.all(connection, {"branch": branch_id, "most": MOST_PASSED, **given})


def waiting(
    session: Session, branch_id: int, policy: Policy, seat: CounterSession | None = None
) -> list[Head]:
    """Everybody who waits at a branch, in plain values; before a seat without who is meant for another."""
    session.flush()
    given: dict[str, Any] = {"branch": branch_id}
    if seat is None:
        rows = _WAITING.all(connection_of(session), given)
    else:
        given |= {"counter": seat.counter_id, "staff": seat.staff_id}
        rows = _WAITING_FOR.all(connection_of(session), given)
    return [_head(row, policy) for row in rows]


def upcoming(
    session: Session,
    branch_id: int,
    *,
    officer: Officer = ANYBODY,
    limit: int | None = None,
    policy: Policy | None = None,
    seat: CounterSession | None = None,
) -> list[Choice]:
    """The order in which a branch's policy would call those who wait now, with the reason of each.

    To a seat, where one is given: it calls nobody who is meant for another.
    """
    policy = policy or policies.in_force(session, branch_id)
    called = lately(connection_of(session), branch_id, policy)
    everybody = waiting(session, branch_id, policy, seat)
    return dispatch.order(everybody, called, clock.now(), policy, officer, limit)


def _head(row: Any, policy: Policy) -> Head:
    since = row.order_at if policy.form == "turns" else row.callable_at
    return Head(row.id, row.call_class, row.service_id, row.language, row.order_at, row.callable_at, since)
