"""What the waits of a branch's last weeks tell of its hours; read once a day in each process."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.queue import calm
from govdesk.queue.calm import Hour
from govdesk.queue.models import Ticket

WEEKS = 8
MOST = 30_000  # visits: the latest of a very busy branch tell enough
KEPT = 200
_known: dict[tuple[str, int, dt.date], Mapping[tuple[int, int], Hour]] = {}


def hours_of(session: Session, branch: Branch) -> Mapping[tuple[int, int], Hour]:
    """The hours of the week by (weekday, hour), from the tickets called in the eight weeks before today."""
    zone = ZoneInfo(branch.timezone)
    today = clock.local_day(clock.now(), zone)
    where = (str(session.get_bind().engine.url), branch.id, today)
    if where not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        query = (
            select(Ticket.arrived_at, Ticket.callable_at, Ticket.called_at)
            .where(
                Ticket.branch_id == branch.id,
                Ticket.day >= today - WEEKS * dt.timedelta(days=7),
                Ticket.day < today,
                Ticket.called_at.is_not(None),
            )
            .order_by(Ticket.id.desc())
            .limit(MOST)
        )
        _known[where] = calm.week(
            (local.weekday(), local.hour, max(0.0, (called - due).total_seconds() / 60))
            for arrived, due, called in session.execute(query)
            if called is not None and (local := arrived.astimezone(zone))
        )
    return _known[where]
