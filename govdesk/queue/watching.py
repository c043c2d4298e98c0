"""Notice, in every process and at hardly any cost, that something happened at a branch."""

import sqlite3
import threading
import time
from collections import defaultdict

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import Connection, make_url

from govdesk import clock
from govdesk.booking.hours.models import JoinStop
from govdesk.catalog.models import BranchNotice, Counter
from govdesk.db import table_of, written
from govdesk.queue.models import CounterSession, Ticket, TicketEvent

LOOK_BACK = 200  # events: on PostgreSQL a smaller number may be committed after a larger one
PAUSE = 0.1  # seconds between two looks at what was written
_events, _tickets, _seats, _counters, _notices, _stops = (
    table_of(model) for model in (TicketEvent, Ticket, CounterSession, Counter, BranchNotice, JoinStop)
)


class Watch:
    """Counts what happened at each branch; whoever asks looks, and looking is cheap.

    On SQLite `PRAGMA data_version`, on a connection of its own, says in some microseconds whether anybody has
    written since. Only then, and at most ten times a second, is read what was written: the new events of
    tickets, who sits where, the notices, and what is stopped.
    """

    def __init__(self, engine: Engine, pause: float = PAUSE) -> None:
        self._engine, self._pause = engine, pause
        self._lock = threading.Lock()
        self._back = 0 if engine.dialect.name == "sqlite" else LOOK_BACK
        self._serials: dict[int, int] = defaultdict(int)
        self._seen: set[int] = set()
        self._last = -1
        self._around: dict[int, str] = {}
        self._version = self._looked = -1.0
        self._sign: sqlite3.Connection | None = None
        path = make_url(str(engine.url)).database
        if engine.dialect.name == "sqlite" and path:
            self._sign = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)

    def serial(self, branch_id: int) -> int:
        """A number that grows with whatever happens at a branch."""
        with self._lock:
            if self._is_due():
                with self._engine.connect() as connection:
                    self._look(connection)
            return self._serials[branch_id]

    def close(self) -> None:
        """Let go of the database."""
        if self._sign is not None:
            self._sign.close()

    def _is_due(self) -> bool:
        version = self._version
        if self._sign is not None:
            version = self._sign.execute("PRAGMA data_version").fetchone()[0]
            if version == self._version:
                return False
        now = time.monotonic()
        if now - self._looked < self._pause:
            return False
        self._version, self._looked = version, now
        return True

    def _look(self, connection: Connection) -> None:
        if self._last < 0:
            self._last = connection.execute(select(func.max(_events.c.id))).scalar() or 0
            self._seen = set(
                connection.scalars(select(_events.c.id).where(_events.c.id > self._last - self._back))
            )
        fresh = connection.execute(
            select(_events.c.id, _tickets.c.branch_id)
            .join(_tickets, _tickets.c.id == _events.c.ticket_id)
            .where(_events.c.id > self._last - self._back)
        ).all()
        changed = {branch_id for id_, branch_id in fresh if id_ not in self._seen}
        self._seen = {id_ for id_, _branch in fresh}
        self._last = max(self._seen, default=self._last)
        around = _around(connection)
        for branch_id in around.keys() | self._around.keys():
            if around.get(branch_id) != self._around.get(branch_id):
                changed.add(branch_id)
        self._around = around
        for branch_id in changed:
            self._serials[branch_id] += 1


def _around(connection: Connection) -> dict[int, str]:
    """What else a page shows of each branch: who sits where with whom, its notices, and what is stopped."""
    found: dict[int, str] = defaultdict(str)
    seated = (
        select(_counters.c.branch_id, _seats.c.id, _seats.c.paused_at)
        .join(_counters, _counters.c.id == _seats.c.counter_id)
        .where(_seats.c.closed_at.is_(None))
        .order_by(_seats.c.id)
    )
    for branch_id, *row in connection.execute(seated):
        found[branch_id] += f"{row} "
    served = (
        select(_tickets.c.branch_id, _tickets.c.id, _tickets.c.person_id)
        .where(_tickets.c.state.in_((written("called"), written("serving"))))
        .order_by(_tickets.c.id)
    )
    for branch_id, *row in connection.execute(served):
        found[branch_id] += f"{row} "
    told = select(_notices.c.branch_id, _notices.c.id, _notices.c.shown_from, _notices.c.shown_until)
    for branch_id, *row in connection.execute(told.order_by(_notices.c.id)):
        found[branch_id] += f"{row} "
    stopped = select(_stops.c.branch_id, _stops.c.id).where(
        _stops.c.lifted_at.is_(None), _stops.c.until > clock.now()
    )
    for branch_id, *row in connection.execute(stopped.order_by(_stops.c.id)):
        found[branch_id] += f"{row} "
    return found
