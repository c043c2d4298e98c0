"""The call: which of many officers gets whom next. Spare, because every writer waits while it runs."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, bindparam, cast, func, null, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.models import Counter
from govdesk.db import connection_of, table_of, written
from govdesk.errors import NotAllowedError
from govdesk.prepared import Prepared
from govdesk.queue import lines, policy, steps
from govdesk.queue.dispatch import Choice, Officer, decide
from govdesk.queue.dispatch_models import DispatchPolicy, WorkProfile
from govdesk.queue.errors import CounterBusyError, CounterClosedError, CrowdedError
from govdesk.queue.meant import for_seat
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.policy import MINUTE, Policy

TRIES, PAUSE = 200, 0.01  # seconds: two, while others take and give back all who wait
NAMED = 10  # of those who were passed, so many are kept by their numbers
_tickets, _seats, _counters = table_of(Ticket), table_of(CounterSession), table_of(Counter)
_policies, _profiles = table_of(DispatchPolicy), table_of(WorkProfile)
_moment = _tickets.c.callable_at.type
_first = (
    select(_tickets.c.id)
    .where(
        _tickets.c.branch_id == bindparam("branch"),
        _tickets.c.state == written("waiting"),
        _tickets.c.callable_at <= bindparam("now", type_=_moment),
        *for_seat(_tickets, bindparam("counter"), bindparam("staff")),
    )
    .order_by(_tickets.c.order_at, _tickets.c.id)
    .limit(1)
)
_some = _first.where(_tickets.c.service_id.in_(bindparam("services", expanding=True)))
_chosen = select(_tickets.c.id).where(
    _tickets.c.id == bindparam("chosen"),
    _tickets.c.state == written("waiting"),
    *for_seat(_tickets, bindparam("counter"), bindparam("staff")),
)
_in_force = (
    select(cast(_policies.c.content, Text))
    .where(_policies.c.branch_id == _counters.c.branch_id)
    .order_by(_policies.c.version.desc())
    .limit(1)
    .correlate(_counters)
)
_SEAT = Prepared(
    select(
        _seats.c.counter_id, _seats.c.staff_id, _seats.c.paused_at, _counters.c.branch_id,
        _counters.c.service_ids, _in_force.scalar_subquery().label("policy"),
        _profiles.c.service_ids.label("skills"),
        _profiles.c.languages,
    )
    .join(_counters, _counters.c.id == _seats.c.counter_id)
    .outerjoin(_profiles, _profiles.c.staff_id == _seats.c.staff_id)
    .where(_seats.c.staff_id == bindparam("staff"), _seats.c.closed_at.is_(None))
    .with_for_update(of=_seats)
)  # fmt: skip
_there = _tickets.alias()
_OPEN = select(_there.c.id).where(
    _there.c.counter_id == bindparam("counter"), _there.c.state.in_([written("called"), written("serving")])
)
_CLAIMS = {
    (which, skips): update(_tickets)
    .where(
        _tickets.c.id == whom.with_for_update(skip_locked=skips).scalar_subquery(),
        _tickets.c.state == written("waiting"),
        ~_OPEN.exists(),
    )
    .values(
        state="called",
        counter_id=bindparam("counter"),
        staff_id=bindparam("staff"),
        meant_counter_id=null(),
        meant_staff_id=null(),
        last_called_at=bindparam("now", type_=_moment),
        called_at=func.coalesce(_tickets.c.called_at, bindparam("now", type_=_moment)),
        call_count=_tickets.c.call_count + 1,
    )
    .returning(_tickets.c.id, _tickets.c.call_class, _tickets.c.order_at, _tickets.c.callable_at)
    for which, whom in (("first", _first), ("some", _some), ("chosen", _chosen))
    for skips in (False, True)
}
_CLAIM, _CLAIM_SOME = Prepared(_CLAIMS["first", True]), _CLAIMS["some", True]
_CLAIM_CHOSEN = {skips: Prepared(_CLAIMS["chosen", skips]) for skips in (False, True)}


class Taken(NamedTuple):
    """A ticket just claimed, and by which decision (None: it stood first in the one order)."""

    id: int
    call_class: str
    order_at: dt.datetime
    callable_at: dt.datetime
    choice: Choice | None


def call(session: Session, *, actor: Actor) -> int | None:
    """Call whom the branch's policy puts next for this officer: the ticket's id, or None for nobody.

    The race of many officers over one queue, in steps:
    1. The officer's open seat is read and its row locked, so that two presses of one officer come one after
       the other. With it come the policy in force and what the officer can do.
    2. Under the plain policy one UPDATE … WHERE id = (first waiting …) AND state = 'waiting' RETURNING finds
       and claims. Under any other the heads of the lines are read, `dispatch.decide` chooses one, and the
       same UPDATE claims it by its id. Either takes nobody for a counter that has an open person, so a
       repeated press is refused; neither sees who is meant for another counter or officer. On SQLite there
       is one writer: what was read still holds when it is claimed.
    3. On PostgreSQL the inner SELECT locks its row and skips rows that others are just taking. The plain
       statement so goes on to the next by itself; a chosen one that is lost is left out, the heads are read
       again without it and decided anew. The calls of others that are not committed yet do not count among
       the turns: as many calls as are under way at once may be the same class's, and the next make up for it.
    4. When skipping left nothing, the line is read without a lock: whoever still stands in it is just being
       taken, or given back. It is tried again a moment later, until one is won or nobody stands there. So
       "nobody is waiting" is never said while one waits. To wait for the rows themselves would keep those
       that were lost locked, and officers who so wait for each other's would stand in a ring.
    5. The partial unique index on the counter of called and serving tickets refuses a second one whatever the
       code does.
    Retrying is safe: before the commit nothing has happened, after it step 2 refuses.
    """
    session.flush()
    connection = connection_of(session)
    seat = seat_for_calling(connection, actor)
    in_force = policy.of_text(seat.policy)
    find = _stand_first if in_force.is_plain else _decided
    taken = find(connection, seat, actor, in_force)
    if taken is None:
        refuse_busy(connection, seat.counter_id)
        return None
    steps.write(
        session, taken.id, seat.counter_id, "called", actor, **_why(connection, seat, taken, in_force)
    )
    return taken.id


def seat_for_calling(connection: Connection, actor: Actor) -> Any:
    """The officer's open seat, its row locked. CounterClosedError; NotAllowedError to another branch's."""
    seat = _SEAT.first(connection, {"staff": int(actor.id)}) if actor.kind == "staff" else None
    if seat is None:
        raise CounterClosedError
    if not actor.may("officer", branch_id=seat.branch_id):  # moved to another branch while the seat was open
        raise NotAllowedError
    if seat.paused_at is not None:
        raise CounterClosedError("queue.counter_paused")
    return seat


def refuse_busy(connection: Connection, counter_id: int) -> None:
    """Raise CounterBusyError where somebody is called to the counter or served at it."""
    if connection.execute(_OPEN, {"counter": counter_id}).first() is not None:
        raise CounterBusyError


def claim(
    connection: Connection,
    seat: Any,
    actor: Actor,
    ticket_id: int,
    *,
    skips: bool,
    choice: Choice | None = None,
) -> Taken | None:
    """Take one ticket for the officer's counter; None when it waits no longer or the counter is not free."""
    given = {"chosen": ticket_id, "now": clock.now(), "counter": seat.counter_id, "staff": int(actor.id)}
    found = _CLAIM_CHOSEN[skips].first(connection, given)
    return _taken(found, choice) if found is not None else None


def _stand_first(connection: Connection, seat: Any, actor: Actor, _in_force: Policy) -> Taken | None:
    given = {
        "branch": seat.branch_id,
        "now": clock.now(),
        "counter": seat.counter_id,
        "staff": int(actor.id),
    }
    services = _own(seat)
    if services is not None:
        given["services"] = sorted(services)
    for _moment_later in _tries(connection):
        if services is not None:
            found: Any = connection.execute(_CLAIM_SOME, given).one_or_none()
        else:
            found = _CLAIM.first(connection, given)
        if found is not None:
            return _taken(found)
        if connection.dialect.name == "sqlite":  # its one writer sees all there is
            return None
        refuse_busy(connection, seat.counter_id)
        if connection.execute(_first if services is None else _some, given).first() is None:
            return None
    raise CrowdedError


def _decided(connection: Connection, seat: Any, actor: Actor, in_force: Policy) -> Taken | None:
    officer = Officer(
        frozenset(seat.service_ids) if seat.service_ids else None,
        frozenset(seat.skills) if seat.skills else None,
        frozenset(seat.languages) if seat.languages else None,
    )
    for _moment_later in _tries(connection):
        lost: list[int] = []
        while (choice := _choice(connection, seat, officer, in_force, lost)) is not None:
            taken = claim(connection, seat, actor, choice.head.ticket_id, skips=True, choice=choice)
            if taken is not None:
                return taken
            refuse_busy(connection, seat.counter_id)
            lost.append(choice.head.ticket_id)
        if not lost:
            return None
    raise CrowdedError


def _tries(connection: Connection) -> Iterator[int]:
    """The tries of one call, a moment apart; only where several may write at once is there a second."""
    for number in range(TRIES):
        if number:
            connection.exec_driver_sql(f"SELECT pg_sleep({PAUSE})")
        yield number


def _choice(
    connection: Connection, seat: Any, officer: Officer, in_force: Policy, lost: list[int]
) -> Choice | None:
    now = clock.now()
    called = lines.lately(connection, seat.branch_id, in_force)
    for until in (now, now + in_force.early * MINUTE) if in_force.early else (now,):
        heads = lines.heads(connection, seat, until, in_force, lost)
        choice = decide(heads, called, officer, now, in_force)
        if choice is not None:
            return choice
    return None


def _taken(row: Any, choice: Choice | None = None) -> Taken:
    return Taken(row.id, row.call_class, row.order_at, row.callable_at, choice)


def _own(seat: Any) -> frozenset[int] | None:
    """The services of the counter that the officer may serve; None is every service."""
    counter, skills = frozenset(seat.service_ids), frozenset(seat.skills or ())
    if counter and skills:
        return counter & skills
    return counter or skills or None


def _why(connection: Connection, seat: Any, taken: Taken, in_force: Policy) -> dict[str, Any]:
    """What the record says of a call: why, how many minutes the wait was, how many wait longer and who."""
    choice = taken.choice
    since = taken.order_at if in_force.form == "turns" else taken.callable_at
    told: dict[str, Any] = {"why": choice.code if choice else taken.call_class}
    if choice:
        told |= choice.numbers
    told["waited"] = int((clock.now() - since) / MINUTE)
    passed = lines.passed(connection, seat.branch_id, in_force, taken.order_at, taken.callable_at)
    services = _own(seat)
    overtaken = [row.number for row in passed if services is None or row.service_id in services]
    if overtaken:
        told["overtook"] = len(overtaken)
        told["overtaken"] = overtaken[:NAMED]
    return told
