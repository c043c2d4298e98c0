"""Visits and cases as bare rows, for figures whose numbers are computed by hand."""

import datetime as dt
import itertools
from typing import Any

from sqlalchemy.orm import Session

from govdesk.cases.models import Case, Visit
from govdesk.catalog.models import Branch, PublicService
from govdesk.people.models import Person
from tests.makers import RIYADH

_count = itertools.count(1)
MINUTE = dt.timedelta(minutes=1)


def make_visit(
    session: Session, day: str, *, branch: Branch, service: PublicService,
    person: Person | None, at: str = "10:00", minutes: float = 10, **columns: Any,
) -> Visit:  # fmt: skip
    """A served visit of `minutes` on a day of 2026 ("08-03"), not yet classified."""
    start = dt.datetime.fromisoformat(f"2026-{day}T{at}").replace(tzinfo=RIYADH)
    number = next(_count)
    given: dict[str, Any] = {
        "source": "live", "visit_no": str(number), "person_id": person and person.id,
        "service_id": service.id, "branch_id": branch.id, "family": service.family, "unit": branch.code,
        "status": "served", "direction": "inbound", "outcome": "resolved", "class_name": "",
        "started_at": start, "served_at": start, "ended_at": start + minutes * MINUTE,
        "started_on": start.date(), "ended_on": start.date(), "is_excluded": False, "is_set_aside": False,
    }  # fmt: skip
    visit = Visit(**{**given, **columns})
    session.add(visit)
    session.flush()
    return visit


def make_wait(
    session: Session, *, branch: Branch, service: PublicService, arrived: str, called: str | None = None,
    ended: str, day: str = "10-01", **columns: Any,
) -> Visit:  # fmt: skip
    """A visit on a day of 2026 (1 October) by its clock times; without a call it was abandoned."""
    arrived_at, ended_at = _moment(arrived, day), _moment(ended, day)
    called_at = _moment(called, day) if called else None
    columns = {"status": "served" if called else "abandoned", "served_at": called_at, **columns}
    return make_visit(
        session, day, branch=branch, service=service, person=None, arrived_at=arrived_at,
        started_at=arrived_at, called_at=called_at, ended_at=ended_at, **columns,
    )  # fmt: skip


def make_case(
    session: Session, *, branch: Branch, service: PublicService, days: float | None, due: float | None = None,
    opened: str = "2026-09-01T09:00:00+03:00", **columns: Any,
) -> Case:  # fmt: skip
    """A case resolved after some days (None: open), due after some days."""
    opened_at = dt.datetime.fromisoformat(opened)
    given: dict[str, Any] = {
        "source": "made", "case_no": str(next(_count)), "service_id": service.id, "branch_id": branch.id,
        "family": service.family, "opened_at": opened_at,
        "resolved_at": None if days is None else opened_at + dt.timedelta(days=days),
        "due_at": None if due is None else opened_at + dt.timedelta(days=due),
    }  # fmt: skip
    case = Case(**{**given, **columns})
    session.add(case)
    session.flush()
    return case


def _moment(clock_time: str, day: str = "10-01") -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-{day}T{clock_time}").replace(tzinfo=RIYADH)
