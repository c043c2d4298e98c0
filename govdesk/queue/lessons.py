"""What a branch has lived through, by the hour, and the paces learned from it: by a job, by no press."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, table_of, transaction
from govdesk.queue import learning
from govdesk.queue.learned_models import ServedHour, ServicePace
from govdesk.queue.learning import Pace, Patience, Where
from govdesk.queue.models import Ticket, TicketEvent

WINDOW = dt.timedelta(days=42)  # what is older teaches nothing any more
ONE_DAY = dt.timedelta(days=1)
Key = tuple[int, dt.date, int]  # service, local day, hour


@dataclass(slots=True)
class Hour:
    """What ended in one hour for one service."""

    lengths: list[int] = field(default_factory=list)
    waited: int = 0
    left: int = 0


def run_learn() -> int:
    """Bring the hours of every branch up to now, and learn again if any changed; how many did."""
    known = select(Branch.id).where(Branch.is_imported.is_(False)).order_by(Branch.id)
    changed = 0
    for branch_id in reading().scalars(known).all():
        with transaction(patient=True) as session:
            changed += note(session, branch=session.get_one(Branch, branch_id))
    if changed:
        with transaction(patient=True) as session:
            learn(session)
    return changed


def note(session: Session, *, branch: Branch, since: dt.date | None = None) -> int:
    """Make the hours of a branch from its events, those from a day on; how many were not as they are now.

    Without a day: today's, and what happened since the last known. So a hall that was taken back, renamed
    or learned late is as right as one learned at once, and doing it twice changes nothing.
    """
    today = clock.local_day(clock.now(), branch.timezone)
    if since is None:
        last = session.scalar(select(func.max(ServedHour.day)).where(ServedHour.branch_id == branch.id))
        since = min(last, today) if last else today - WINDOW
    kept = session.scalars(
        select(ServedHour).where(ServedHour.branch_id == branch.id, ServedHour.day >= since)
    )
    before = {(row.service_id, row.day, row.hour): row for row in kept}
    now = hours(session, branch, since, today)
    for key in before.keys() - now.keys():
        session.delete(before[key])
    changed = len(before.keys() - now.keys())
    for (service_id, day, hour), found in now.items():
        row = before.get((service_id, day, hour))
        if row is None:
            row = ServedHour(branch_id=branch.id, service_id=service_id, day=day, hour=hour)
            session.add(row)
        elif (row.lengths, row.waited, row.left) == (found.lengths, found.waited, found.left):
            continue
        row.lengths, row.waited, row.left = found.lengths, found.waited, found.left
        changed += 1
    session.flush()
    return changed


def hours(session: Session, branch: Branch, first: dt.date, last: dt.date) -> dict[Key, Hour]:
    """Read from the events what ended on these local days, by service, day and hour of the end."""
    zone = ZoneInfo(branch.timezone)
    begin, end = clock.day_bounds(first, zone)[0], clock.day_bounds(last, zone)[1]
    query = (
        select(
            Ticket.id, Ticket.service_id, Ticket.state, Ticket.callable_at, Ticket.ended_at,
            TicketEvent.kind, TicketEvent.at,
        )
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(
            Ticket.branch_id == branch.id,
            Ticket.day.between(first - ONE_DAY, last),
            Ticket.ended_at >= begin,
            Ticket.ended_at < end,
            Ticket.state != "closed_unserved",
        )
        .order_by(Ticket.id, TicketEvent.id)
    )  # fmt: skip
    courses: dict[int, tuple[int, str, dt.datetime, dt.datetime, list[tuple[str, dt.datetime]]]] = {}
    for ticket_id, service_id, state, callable_at, ended_at, kind, at in session.execute(query):
        if ended_at is not None:
            whole = courses.setdefault(ticket_id, (service_id, state, callable_at, ended_at, []))
            whole[4].append((kind, at))
    found: dict[Key, Hour] = {}
    for service_id, state, callable_at, ended_at, events in courses.values():
        local = ended_at.astimezone(zone)
        _add(
            found.setdefault((service_id, local.date(), local.hour), Hour()),
            state,
            callable_at,
            ended_at,
            events,
        )
    for hour in found.values():
        hour.lengths.sort()
    return found


def learn(session: Session) -> None:
    """Make the paces of all branches from the hours of the last weeks."""
    since = clock.now().date() - WINDOW
    rows = session.execute(
        select(
            ServedHour.branch_id, ServedHour.service_id, ServedHour.hour, ServedHour.lengths,
            ServedHour.waited, ServedHour.left,
        ).where(ServedHour.day >= since)
    )  # fmt: skip
    lengths: dict[Where, list[int]] = {}
    patience: dict[tuple[int, int], Patience] = {}
    for branch_id, service_id, hour, some, waited, left in rows:
        lengths.setdefault((branch_id, service_id, hour), []).extend(some)
        so_far = patience.get((branch_id, service_id), Patience())
        patience[branch_id, service_id] = Patience(so_far.left + left, so_far.waited + waited)
    declared = {row.id: float(row.minutes) for row in session.execute(_DECLARED)}
    found = learning.paces(lengths, patience, declared)
    session.execute(delete(ServicePace))
    if found:
        session.execute(insert(table_of(ServicePace)), [_row(where, pace) for where, pace in found.items()])


def rebuild(session: Session) -> None:
    """Forget all that was learned and learn it again from the events."""
    session.execute(delete(ServedHour))
    branches: Sequence[Branch] = session.scalars(
        select(Branch).where(Branch.is_imported.is_(False)).order_by(Branch.id)
    ).all()
    for branch in branches:
        note(session, branch=branch)
    learn(session)


def forget_old(session: Session) -> int:
    """Remove hours that teach nothing any more; how many."""
    old = delete(ServedHour).where(ServedHour.day < clock.now().date() - WINDOW - ONE_DAY)
    return len(session.execute(old.returning(ServedHour.day)).all())


def paces(session: Session, branch_id: int, hour: int) -> dict[int, Pace]:
    """What is learned of a branch's services for an hour of its day; of any hour where that hour is new."""
    rows = session.scalars(
        select(ServicePace)
        .where(ServicePace.branch_id == branch_id, ServicePace.hour.in_((learning.ANY_HOUR, hour)))
        .order_by(ServicePace.hour)
    )
    return {row.service_id: Pace(row.minutes, row.spread, row.count, row.patience_rate) for row in rows}


_DECLARED = select(PublicService.id, PublicService.minutes)


def _row(where: Where, pace: Pace) -> dict[str, object]:
    branch_id, service_id, hour = where
    return {
        "branch_id": branch_id, "service_id": service_id, "hour": hour, "minutes": pace.minutes,
        "spread": pace.spread, "count": pace.count, "patience_rate": pace.patience_rate,
    }  # fmt: skip


def _add(
    hour: Hour,
    state: str,
    callable_at: dt.datetime,
    ended_at: dt.datetime,
    events: Iterable[tuple[str, dt.datetime]],
) -> None:
    steps = list(events)
    called = next((at for kind, at in steps if kind in learning.BEGINS), None)
    length = learning.at_counter(steps)
    if length is not None:
        hour.lengths.append(length)
    hour.waited += max(0, round(((called or ended_at) - callable_at).total_seconds()))
    hour.left += state == "abandoned" and called is None
