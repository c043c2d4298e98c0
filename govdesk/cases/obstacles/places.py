"""Where obstacles are: their day, their working days, and what they may be linked to."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Branch, BranchService, Cause, Department, PublicService
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of, open_branches
from govdesk.config import settings


def calendar(session: Session, branch: Branch | None) -> Calendar | None:
    """When a branch works; for what is everywhere: the first branch in use. None where there is none."""
    place = branch or next(iter(open_branches(session)), None)
    return None if place is None else calendar_of(session, place, is_strict=False)


def working_days(session: Session, branch: Branch | None) -> Callable[[dt.date], bool]:
    """Whether a day is a working day of a branch; without any calendar every day is."""
    hours = calendar(session, branch)
    return lambda day: hours is None or bool(hours.hours_of(day))


def today_at(branch: Branch | None) -> dt.date:
    """The local day of a branch, or of the installation."""
    zone = branch.timezone if branch is not None else settings().default_timezone
    return clock.local_day(clock.now(), zone)


def linkable(session: Session) -> dict[str, list[str]]:
    """The codes that an obstacle may be linked to, by kind."""
    causes = select(Cause.code).where(Cause.is_active).order_by(Cause.position, Cause.code)
    services = select(PublicService.code).where(PublicService.is_active).order_by(PublicService.code)
    units = (
        select(Branch.code, Department.code)
        .join(BranchService, BranchService.branch_id == Branch.id)
        .join(PublicService, PublicService.id == BranchService.service_id)
        .join(Department, Department.id == PublicService.department_id)
        .distinct()
    )
    return {
        "cause": list(session.scalars(causes)),
        "service": list(session.scalars(services)),
        "unit": sorted(f"{branch}/{department}" for branch, department in session.execute(units)),
    }
