"""Verbs of targets: set one, withdraw one, say that a process begins anew."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi.question import Scope
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.targets.models import Rebase, Target
from govdesk.people.models import Staff

SETTERS = ("head", "admin")
LONGEST = 300
FARTHEST = 1_000_000.0


class TargetError(DeskError):
    """No target can be set like that; the key says why."""

    key = "targets.refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target holds: a branch or all, a department or all, a service or all of them (ids)."""

    branch_id: int | None = None
    department_id: int | None = None
    service_id: int | None = None

    @classmethod
    def of(cls, session: Session, scope: Scope) -> Self:
        """What somebody looks at: the department of the one service, or the only one that they see."""
        if scope.service_id is not None:
            service = session.get_one(PublicService, scope.service_id)
            return cls(scope.branch_id, service.department_id, service.id)
        branches = {branch for branch, _department in scope.places or {(None, None)}}
        departments = {department for _branch, department in scope.places or {(None, None)}}
        only_branch = branches.pop() if len(branches) == 1 else None
        return cls(scope.branch_id or only_branch, departments.pop() if len(departments) == 1 else None)


EVERYWHERE = Place()


def may_set(actor: Actor, place: Place) -> bool:
    """Whether someone answers for the whole of a place: a head of a department for it, not for all."""
    return any(
        role in SETTERS and branch in (None, place.branch_id) and department in (None, place.department_id)
        for role, branch, department in actor.grants
    )


def set_target(
    session: Session, *, actor: Actor, measure: str, value: float, owner: Staff, due_on: dt.date | None,
    reason: str, place: Place = EVERYWHERE,
) -> Target:  # fmt: skip
    """Set what a figure is to reach from today on; the targets before it stay in the history.

    `value` in the unit of the measure, a share between 0 and 1. Raises TargetError for a value that the
    figure cannot have, a day that is over, and no reason; NotAllowedError where the place is another's.
    """
    kind = _checked(actor, measure, reason, place)
    if not math.isfinite(value) or not 0 <= value <= (1 if kind.unit == "share" else FARTHEST):
        raise TargetError("targets.value_impossible", field="value")
    if due_on is not None and due_on < _today(session, place):
        raise TargetError("targets.due_past", field="due_on")
    if not owner.is_active:
        raise TargetError("targets.owner_left", field="owner")
    return _write(session, actor, kind, place, reason, value=value, owner=owner, due_on=due_on)


def withdraw(
    session: Session, *, actor: Actor, measure: str, reason: str, place: Place = EVERYWHERE
) -> Target:
    """Let a target go from today on."""
    return _write(session, actor, _checked(actor, measure, reason, place), place, reason)


def rebase(
    session: Session, *, actor: Actor, measure: str, begins_on: dt.date, reason: str,
    place: Place = EVERYWHERE, is_undone: bool = False,
) -> Rebase:  # fmt: skip
    """Say that work was changed for good on a day, or take that back: limits begin anew there."""
    kind = _checked(actor, measure, reason, place)
    if begins_on > _today(session, place):
        raise TargetError("targets.day_ahead", field="begins_on")
    row = Rebase(
        measure=kind.key, **asdict(place), begins_on=begins_on, is_undone=is_undone, reason=reason.strip(),
        set_at=clock.now(), set_by_id=int(actor.id),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="process.rebased", subject=f"measure:{kind.key}",
        begins_on=begins_on.isoformat(), is_undone=is_undone, **asdict(place),
    )  # fmt: skip
    outbox.emit(session, "process.rebased", rebase_id=row.id)
    return row


def current(session: Session, place: Place = EVERYWHERE) -> dict[str, Target]:
    """The targets that hold in a place now, by measure: its own before those of wider places."""
    found: dict[str, Target] = {}
    for row in _rows(session, place):  # the widest first, in each the oldest first
        found[row.measure] = row
    return {measure: row for measure, row in found.items() if row.value is not None}


def history(session: Session, measure: str, place: Place = EVERYWHERE) -> list[Target]:
    """All targets that a figure has had in exactly this place, the newest first."""
    query = select(Target).where(Target.measure == measure, *_exactly(Target, place))
    return list(session.scalars(query.order_by(Target.id.desc())))


def rebases(session: Session, place: Place = EVERYWHERE) -> dict[str, list[Rebase]]:
    """The days from which figures are judged anew in exactly this place, by measure, in order.

    Without those that were taken back later.
    """
    last = {
        (row.measure, row.begins_on): row
        for row in session.scalars(select(Rebase).where(*_exactly(Rebase, place)).order_by(Rebase.id))
    }
    found: dict[str, list[Rebase]] = {}
    for (measure, _day), row in sorted(last.items()):
        if not row.is_undone:
            found.setdefault(measure, []).append(row)
    return found


def _rows(session: Session, place: Place) -> Sequence[Target]:
    around = [
        or_(column.is_(None), column == value)
        for column, value in zip(_columns(Target), astuple(place), strict=True)
    ]
    wide_first = [column.is_not(None) for column in _columns(Target)]
    return session.scalars(select(Target).where(*around).order_by(*wide_first, Target.id)).all()


def _exactly(model: type[Target | Rebase], place: Place) -> list[ColumnElement[bool]]:
    pairs = zip(_columns(model), astuple(place), strict=True)
    return [column.is_not_distinct_from(value) for column, value in pairs]


def _columns(model: type[Target | Rebase]) -> tuple[Any, ...]:
    return model.branch_id, model.department_id, model.service_id


def _checked(actor: Actor, measure: str, reason: str, place: Place) -> Measure:
    if measure not in BY_KEY:
        raise TargetError("errors.choose_known", field="measure")
    if not may_set(actor, place):
        raise NotAllowedError
    if not reason.strip() or len(reason) > LONGEST:
        raise TargetError("targets.reason_missing", field="reason")
    return BY_KEY[measure]


def _write(
    session: Session, actor: Actor, kind: Measure, place: Place, reason: str, *, value: float | None = None,
    owner: Staff | None = None, due_on: dt.date | None = None,
) -> Target:  # fmt: skip
    row = Target(
        measure=kind.key, **asdict(place), value=value, from_on=_today(session, place), due_on=due_on,
        owner_id=owner.id if owner else None, reason=reason.strip(), set_at=clock.now(),
        set_by_id=int(actor.id),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="target.set", subject=f"measure:{kind.key}", value=value,
        due_on=due_on.isoformat() if due_on else None, **asdict(place),
    )  # fmt: skip
    outbox.emit(session, "target.set", target_id=row.id)
    return row


def _today(session: Session, place: Place) -> dt.date:
    branch = session.get_one(Branch, place.branch_id) if place.branch_id else None
    return clock.local_day(clock.now(), branch.timezone if branch else settings().default_timezone)
