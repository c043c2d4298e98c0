"""Closures of a branch or of a service: what is shut now, until when, and where it is open meanwhile.

What is shut gives no places to book (`plan`), and no tickets. Where a supervisor stops joining (`stops`),
only no tickets are given.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import stops
from govdesk.booking.schedule_models import ScheduleException
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import branches_offering, calendar_of
from govdesk.errors import DeskError

MIDNIGHT = dt.time(0)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closure:
    """Why it is shut now, and when it opens again; None where no opening is known."""

    reason: Name
    until: dt.datetime | None

    @property
    def words(self) -> str:
        """The reason in the language spoken now."""
        return self.reason.ar if i18n.language() == "ar" else self.reason.en or self.reason.ar


class ShutError(DeskError):
    """No ticket is given for what is shut now; the sentence says until when, and where it is open."""

    key = "queue.shut"

    @classmethod
    def of(cls, closure: Closure, zone: str, elsewhere: Iterable[Branch]) -> "ShutError":
        """Write the sentence in the language spoken now."""
        when = i18n.moment_of(closure.until, zone) if closure.until else i18n.t("queue.shut_unknown")
        names = i18n.t("queue.shut_comma").join(i18n.named(one) for one in elsewhere)
        key = "queue.shut_elsewhere" if names else "queue.shut"
        return cls(key, field="service", reason=closure.words, when=when, branches=names)


def closure_of(session: Session, branch: Branch, service_id: int | None = None) -> Closure | None:
    """What shuts a branch now, or with a service this one too, or stops joining; None where nothing does."""
    stop = stops.stop_of(session, branch.id, service_id)
    if stop is not None:
        return Closure(Name(stop.reason_ar, stop.reason_en), stop.until)
    zone, now = ZoneInfo(branch.timezone), clock.now()
    speaks_to = ScheduleException.service_id.is_(None) | (ScheduleException.service_id == service_id)
    rows = session.scalars(
        select(ScheduleException)
        .where(ScheduleException.branch_id == branch.id, ScheduleException.kind == "shut", speaks_to)
        .where(ScheduleException.schedule_id.is_(None))
        .where(ScheduleException.last_on >= clock.local_day(now, zone))
        .order_by(ScheduleException.id)
    ).all()
    first = next((row for row in rows if _end(row, now, zone) is not None), None)
    if first is None:
        return None
    over = _reopens(rows, now, zone)
    calendar = calendar_of(session, branch, is_strict=False)
    return Closure(Name(first.name_ar, first.name_en), calendar.next_opening(over))


def refuse_when_shut(session: Session, branch: Branch, service: PublicService) -> None:
    """Raise ShutError, with the alternatives, where a branch or a service of it is shut now."""
    closure = closure_of(session, branch, service.id)
    if closure is not None:
        raise ShutError.of(closure, branch.timezone, open_elsewhere(session, branch, service))


def open_elsewhere(session: Session, branch: Branch, service: PublicService) -> list[Branch]:
    """The other branches that offer a service, are open and are not shut for it."""
    return [
        other
        for other in branches_offering(session, service)
        if other.id != branch.id
        and calendar_of(session, other, is_strict=False).is_open(clock.now())
        and closure_of(session, other, service.id) is None
    ]


def _reopens(rows: Iterable[ScheduleException], now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When the closures are over that hold now or join one that does."""
    moment = now
    while later := [end for row in rows if (end := _end(row, moment, zone)) is not None]:
        moment = max(later)
    return moment


def _end(row: ScheduleException, moment: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """When a closure that holds at a moment is over on that day; None where it does not hold."""
    day = moment.astimezone(zone).date()
    if not row.first_on <= day <= row.last_on:
        return None
    if row.starts is None or row.ends is None:
        return clock.day_bounds(day, zone)[1]
    until = day + DAY if row.ends == MIDNIGHT else day
    start, end = (
        dt.datetime.combine(on, time, zone).astimezone(dt.UTC)
        for on, time in ((day, row.starts), (until, row.ends))
    )
    return end if start <= moment < end else None
