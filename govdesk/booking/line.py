"""The line of a service as the rules see it: who stands where, and until when an offer would stand."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import turns
from govdesk.booking.turns import Waiting
from govdesk.booking.waiting_models import LIVE, WaitingEntry
from govdesk.config import settings
from govdesk.notify import rules as messages

UNTOLD = dt.timedelta(days=2)
Line = list[tuple[Waiting, WaitingEntry]]


def line_of(session: Session, service_id: int) -> Line:
    """The line of a service in its order, as the rules see it, beside the rows."""
    live = select(WaitingEntry).where(WaitingEntry.service_id == service_id, WaitingEntry.state.in_(LIVE))
    return in_order(session.scalars(live).all())


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait at a branch, of whom how many have an offer; and since when the first of them."""

    waiting: int
    offered: int
    since: dt.datetime


def standing_at(session: Session) -> dict[int, Standing]:
    """For each branch at which somebody waits: how many, and since when."""
    live = select(WaitingEntry.branch_ids, WaitingEntry.state, WaitingEntry.joined_at)
    by_branch: dict[int, list[tuple[str, dt.datetime]]] = {}
    for row in session.execute(live.where(WaitingEntry.state.in_(LIVE))):
        for branch_id in row.branch_ids:
            by_branch.setdefault(branch_id, []).append((row.state, row.joined_at))
    return {
        branch_id: Standing(
            waiting=len(rows),
            offered=sum(state == "offered" for state, _joined in rows),
            since=min(joined for _state, joined in rows),
        )
        for branch_id, rows in by_branch.items()
    }


def waiting_of(entry: WaitingEntry) -> Waiting:
    """An entry as the rules see it."""
    return Waiting(
        key=entry.id,
        joined_at=entry.joined_at,
        branch_ids=frozenset(entry.branch_ids),
        first_on=entry.first_on,
        last_on=entry.last_on,
        part=entry.part,
        people=entry.people,
        is_displaced=entry.is_displaced,
        has_priority=entry.priority != "none",
        booked_at=entry.appointment.starts_at if entry.appointment else None,
        notices=entry.notices,
        noticed_at=entry.noticed_at,
    )


def in_order(entries: Iterable[WaitingEntry]) -> Line:
    """Entries in the order of the line, each beside what the rules see of it."""
    return sorted(((waiting_of(entry), entry) for entry in entries), key=lambda pair: turns.order(pair[0]))


def offer_until(zone: str) -> tuple[dt.datetime, dt.datetime]:
    """When an offer made now would be told, and until when it would stand; nobody is woken for it."""
    now = clock.now()
    told_at = _awake(now, zone)
    ends = told_at + turns.OFFERED_FOR
    morning = _awake(ends, zone)
    next_morning = morning if morning > ends else None
    return told_at, turns.offered_until(now, told_at=told_at, next_morning=next_morning)


def _awake(moment: dt.datetime, zone: str) -> dt.datetime:
    """This moment, or when the quiet hours end in which it lies."""
    quiet = messages.Quiet(settings().quiet_from, settings().quiet_until)
    at = messages.send_at(moment, expires_at=moment + UNTOLD, zone=zone, quiet=quiet)
    return at if at is not None else moment
