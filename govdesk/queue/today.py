"""How a branch's day goes so far: what was called in time, which promises were kept, who left."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.queue.models import Ticket

MINUTE = dt.timedelta(minutes=1)


@dataclass(slots=True)
class Tally:
    """Counts of one service today; a share is kept as its two parts."""

    waiting: int = 0
    longest_since: dt.datetime | None = None
    longest_number: str = ""
    in_time: int = 0
    judged: int = 0  # called, or waiting beyond the target already
    kept: int = 0
    promised: int = 0  # quoted a wait that is decided by now
    left: int = 0

    @property
    def share_in_time(self) -> float | None:
        """Of those called or waiting too long, how many were called within the target; None without any."""
        return self.in_time / self.judged if self.judged else None

    @property
    def share_kept(self) -> float | None:
        """Of the waits promised, how many were kept; None without any."""
        return self.kept / self.promised if self.promised else None


@dataclass(frozen=True, slots=True)
class Place:
    """What a tally reads of a ticket."""

    number: str
    state: str
    callable_at: dt.datetime
    called_at: dt.datetime | None
    quoted_at: dt.datetime | None
    quoted_high: float | None


def tallies(session: Session, branch: Branch) -> dict[int, Tally]:
    """The day of each service that has had a ticket, by the service's id."""
    now = clock.now()
    query = (
        select(
            Ticket.service_id, PublicService.wait_target_minutes, Ticket.number, Ticket.state,
            Ticket.callable_at, Ticket.called_at, Ticket.quoted_at, Ticket.quoted_high,
        )
        .join(PublicService, PublicService.id == Ticket.service_id)
        .where(Ticket.branch_id == branch.id, Ticket.day == clock.local_day(now, branch.timezone))
        .order_by(Ticket.id)
    )  # fmt: skip
    found: dict[int, Tally] = {}
    for service_id, target, number, state, callable_at, called_at, quoted_at, high in session.execute(query):
        place = Place(number, state, callable_at, called_at, quoted_at, high)
        count(found.setdefault(service_id, Tally()), place, target * MINUTE, now)
    return found


def count(tally: Tally, place: Place, target: dt.timedelta, now: dt.datetime) -> None:
    """Add one ticket: who waits beyond the target counts as missed, a promise past its end as broken."""
    tally.left += place.state == "abandoned"
    tally.waiting += place.state == "waiting"
    is_longest = tally.longest_since is None or place.callable_at < tally.longest_since
    if place.state == "waiting" and place.callable_at <= now and is_longest:
        tally.longest_since, tally.longest_number = place.callable_at, place.number
    waited = (place.called_at or now) - place.callable_at
    is_judged = place.called_at is not None or (place.state == "waiting" and waited > target)
    tally.judged += is_judged
    tally.in_time += is_judged and waited <= target
    if place.quoted_at is not None and place.quoted_high is not None:
        before = place.quoted_at + max(1.0, place.quoted_high) * MINUTE
        is_decided = place.called_at is not None or (place.state == "waiting" and now > before)
        tally.promised += is_decided
        tally.kept += is_decided and (place.called_at or now) <= before


def together(some: Iterable[Tally]) -> Tally:
    """The day of all services: parts are added, shares are formed afterwards."""
    whole = Tally()
    for one in some:
        for name in ("waiting", "in_time", "judged", "kept", "promised", "left"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        is_longer = whole.longest_since is None or (
            one.longest_since is not None and one.longest_since < whole.longest_since
        )
        if one.longest_since is not None and is_longer:
            whole.longest_since, whole.longest_number = one.longest_since, one.longest_number
    return whole
