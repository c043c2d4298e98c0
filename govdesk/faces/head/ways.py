"""From a line of a list to its own page, with the name of the person: for those alone who may open it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.models import Case
from govdesk.cases.obstacles.models import Obstacle
from govdesk.cases.recall.models import RecallMember
from govdesk.cases.recall.steps import within as recall_within
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.recovery.steps import within as recovery_within
from govdesk.cases.work import scope
from govdesk.catalog import reach
from govdesk.feedback.complaints.models import Complaint
from govdesk.feedback.complaints.service import HANDLERS
from govdesk.kpi.behind.lines import Line

Subject = tuple[str, int]
NAMELESS = frozenset({"obstacle"})  # it happened to no person


def subject_of(line: Line) -> Subject | None:
    """What has a page of its own: what the line says, else its file."""
    if line.subject is not None:
        return line.subject
    return None if line.case_id is None else ("case", line.case_id)


def ways(session: Session, actor: Actor, lines: Sequence[Line]) -> dict[Subject, str]:
    """Give the addresses of those pages that somebody may open; what is not here must not be named either."""
    found: dict[Subject, str] = {}
    for kind in sorted({own[0] for own in map(subject_of, lines) if own}):
        ids = {own[1] for own in map(subject_of, lines) if own and own[0] == kind}
        for number in _readable(session, actor, kind, ids):
            found[kind, number] = _address(kind, number)
    return found


def _readable(session: Session, actor: Actor, kind: str, ids: Collection[int]) -> Iterator[int]:
    """The same conditions as those of the pages themselves."""
    if kind == "case":
        files = session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id))
        yield from (one.id for one in files if scope.may_read(session, actor, one))
        return
    conditions: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "complaint": (Complaint, reach.within(Complaint, actor, HANDLERS)),
        "recovery": (Recovery, recovery_within(actor)),
        "member": (RecallMember, recall_within(actor)),
        "obstacle": (Obstacle, true()),  # read by all staff
    }
    model, may_read = conditions[kind]
    yield from session.scalars(select(model.id).where(model.id.in_(ids), may_read).order_by(model.id))


def _address(kind: str, number: int) -> str:
    if kind == "complaint":
        return url_for("complaints.one", complaint_id=number)
    if kind == "recovery":
        return url_for("recovery.task", recovery_id=number)
    if kind == "member":
        return url_for("recall.member", member_id=number)
    if kind == "obstacle":
        return url_for("obstacles.show", obstacle_id=number)
    return url_for("cases.show", case_id=number)
