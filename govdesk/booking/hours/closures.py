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
from govdesk.booking.hours import open_time, stops
from govdesk.booking.hours.models import JoinStop
from govdesk.booking.hours.open_time import Shut
from govdesk.booking.schedule.models import ScheduleException
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.rules import HORIZON_DAYS, ONE_DAY
from govdesk.catalog.service import branches_offering, calendar_of
from govdesk.errors import DeskError


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
    return stopped(session, branch, service_id) or shut_now(session, branch, service_id)


def stopped(session: Session, branch: Branch, service_id: int | None = None) -> Closure | None:
    """What stops joining in a branch, or with a service for this one too; None where people may join."""
    stop = stops.stop_of(session, branch.id, service_id)
    return of_stop(session, branch, stop) if stop else None


def of_stop(session: Session, branch: Branch, stop: JoinStop) -> Closure:
    """Why and until when a stop stops: one that ends while the branch is shut anyway, until that opens."""
    calendar = calendar_of(session, branch, is_strict=False)
    opens = open_time.next_open(calendar, shut_times(session, branch, stop.service_id), stop.until)
    return Closure(Name(stop.reason_ar, stop.reason_en), opens)


def shut_now(session: Session, branch: Branch, service_id: int | None = None) -> Closure | None:
    """What shuts a branch now, or with a service this one too; who has booked may not come either."""
    now, shuts = clock.now(), shut_times(session, branch, service_id)
    first = next((shut for shut in shuts if shut.start <= now < shut.end), None)
    if first is None:
        return None
    calendar = calendar_of(session, branch, is_strict=False)
    return Closure(Name(*first.why), open_time.next_open(calendar, shuts, now))


def shut_times(session: Session, branch: Branch, service_id: int | None = None) -> list[Shut]:
    """When a branch, or with a service this one too, is shut beyond its hours, from today on."""
    today, zone = clock.local_day(clock.now(), branch.timezone), ZoneInfo(branch.timezone)
    furthest = today + HORIZON_DAYS * ONE_DAY
    speaks_to = ScheduleException.service_id.is_(None) | (ScheduleException.service_id == service_id)
    rows = session.scalars(
        select(ScheduleException)
        .where(ScheduleException.branch_id == branch.id, ScheduleException.kind == "shut", speaks_to)
        .where(ScheduleException.schedule_id.is_(None))
        .where(ScheduleException.last_on >= today, ScheduleException.first_on <= furthest)
        .order_by(ScheduleException.id)
    )
    return [
        shut
        for row in rows
        for shut in open_time.shut_of(
            max(row.first_on, today),
            min(row.last_on, furthest),
            row.starts,
            row.ends,
            (row.name_ar, row.name_en),
            zone,
        )
    ]


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
