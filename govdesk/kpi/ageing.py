"""Open cases by age: of which service, with which unit, how many overdue, and the oldest (KPI.md §2)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case
from govdesk.kpi.question import Question

ENDS = (7, 14, 30, 60, 90)  # days; the last class has no end
DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Age:
    """The open cases of a service or of a unit, by the classes of their age."""

    group: str | None
    classes: list[int]
    overdue: int = 0
    without_deadline: int = 0
    free: int = 0  # live ones that nobody has in hand
    oldest: float = 0.0  # days

    @property
    def n(self) -> int:
        """All of them."""
        return sum(self.classes)


class _Owned:
    """A case where it is worked on: at the branch it was handed to, else at its own.

    The service is told so that SQLite leaves its index alone, which has all cases that were ever resolved.
    """

    branch_id = func.coalesce(CaseDesk.branch_id, Case.branch_id)
    service_id = Case.service_id + literal_column("0")


def ages(session: Session, question: Question) -> tuple[list[Age], list[Age]]:
    """Give the cases open at `as_of`, by service and by unit, whenever they were opened; by name.

    A case belongs to the branch where it is worked on. An imported one has aged until its file ends.
    """
    services: dict[str | None, Age] = {}
    units: dict[str | None, Age] = {}
    for service_id, branch_id, counts in _counted(session, question):
        places = question.places
        code = None if branch_id is None else places.branches[branch_id]
        for found, group in ((services, places.services[service_id].code), (units, code)):
            one = found.setdefault(group, Age(group, [0] * (len(ENDS) + 1)))
            _add(one, counts)
    in_order = (sorted(ages.values(), key=lambda age: age.group or "~") for ages in (services, units))
    by_service, by_unit = in_order
    return by_service, by_unit


def total(some: Sequence[Age]) -> Age:
    """All of these together."""
    whole = Age(None, [0] * (len(ENDS) + 1))
    for one in some:
        whole.classes = [sum(pair) for pair in zip(whole.classes, one.classes, strict=True)]
        whole.overdue += one.overdue
        whole.without_deadline += one.without_deadline
        whole.free += one.free
        whole.oldest = max(whole.oldest, one.oldest)
    return whole


def _add(one: Age, counts: Sequence[Any]) -> None:
    *classes, overdue, without_deadline, free, oldest = counts
    one.classes = [sum(pair) for pair in zip(one.classes, classes, strict=True)]
    one.overdue += overdue
    one.without_deadline += without_deadline
    one.free += free
    one.oldest = max(one.oldest, oldest)


def _counted(session: Session, question: Question) -> Iterator[tuple[int, int | None, list[Any]]]:
    """Count by service and branch, file by file: what is imported is seen until its own end."""
    for until in session.scalars(_open(select(Case.observed_until).distinct(), question)).all():
        seen = question.as_of if until is None else min(question.as_of, until)
        is_of_file = Case.observed_until.is_(None) if until is None else Case.observed_until == until
        bounds = [None, *(seen - days * DAY for days in ENDS), None]
        classes = [_sum(_between(younger, older)) for younger, older in pairwise(bounds)]
        query = _open(
            select(
                Case.service_id,
                _Owned.branch_id,
                *classes,
                _sum(Case.due_at < seen),
                _sum(Case.due_at.is_(None)),
                _sum(and_(CaseDesk.case_id.is_not(None), CaseDesk.owner_id.is_(None))),
                func.min(Case.opened_at),
            ),
            question,
        )
        for service_id, branch_id, *counts, first_at in session.execute(
            query.where(is_of_file, Case.opened_at <= seen).group_by(Case.service_id, _Owned.branch_id)
        ):
            yield service_id, branch_id, [*counts, (seen - first_at) / DAY]


def _open(query: Any, question: Question) -> Any:
    """The cases that are neither resolved nor withdrawn, of whoever may be seen."""
    was_resolved = and_(Case.first_resolved_at.is_not(None), Case.reopened_at.is_(None))
    return (
        query.select_from(Case)
        .outerjoin(CaseDesk, CaseDesk.case_id == Case.id)
        .where(
            Case.opened_at <= question.as_of,
            Case.resolved_at.is_(None),
            ~was_resolved,
            or_(Case.withdrawn_on.is_(None), Case.withdrawn_on > question.today(None)),
            *question.scope.conditions(_Owned),
        )
    )


def _between(younger: dt.datetime | None, older: dt.datetime | None) -> ColumnElement[bool]:
    """Opened no later than `younger` and after `older`; None: at any time."""
    found = [] if younger is None else [Case.opened_at <= younger]
    return and_(*found, *([] if older is None else [Case.opened_at > older]))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
