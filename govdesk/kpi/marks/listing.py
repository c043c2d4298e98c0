"""Notes and signals as they are read: those of a figure in a place, and those that wait for somebody."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.kpi.marks.models import FigureNote, FigureSignal, FigureWatch, NoteWithdrawal, SignalSeen
from govdesk.kpi.question import READERS
from govdesk.kpi.targets.models import Rebase, Target
from govdesk.kpi.targets.service import Place

MOST = 200
TOLD = ("head",)  # who is told of the signals of their places, beside the owner of the target


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands at a day of a figure: a note, a target that was set or let go, limits that begin anew."""

    on_day: dt.date
    kind: str  # one of rules.KINDS, target | target_gone | rebase
    words: str
    who: Any  # of staff
    place: Place
    value: float | None = None  # of a target
    note_id: int | None = None


def marks(session: Session, measure: str, place: Place) -> list[Mark]:
    """All that is written at the days of a figure, of this place and of the wider ones, in order."""
    notes = select(FigureNote).where(
        or_(FigureNote.measure == measure, FigureNote.measure.is_(None)),
        ~exists().where(NoteWithdrawal.note_id == FigureNote.id),
        *_around(FigureNote, place),
    )
    found = [
        Mark(one.on_day, one.kind, one.words, one.written_by, _place(one), note_id=one.id)
        for one in session.scalars(notes.order_by(FigureNote.id)).unique()
    ]
    targets = select(Target).where(Target.measure == measure, *_around(Target, place)).order_by(Target.id)
    for row in session.scalars(targets).unique():
        kind = "target" if row.value is not None else "target_gone"
        found.append(Mark(row.from_on, kind, row.reason, row.set_by, _place(row), value=row.value))
    anew: dict[Any, Rebase] = {}
    exactly = [
        column.is_not_distinct_from(value)
        for column, value in zip(_columns(Rebase), astuple(place), strict=True)
    ]
    rebases = select(Rebase).where(Rebase.measure == measure, *exactly).order_by(Rebase.id)
    for one in session.scalars(rebases).unique():
        anew[one.begins_on] = one
    found += [
        Mark(one.begins_on, "rebase", one.reason, one.set_by, _place(one))
        for one in anew.values()
        if not one.is_undone
    ]
    return sorted(found, key=lambda mark: mark.on_day)


def signals(session: Session, actor: Actor) -> list[FigureSignal]:
    """The latest signals of the places whose figures somebody reads, and of the targets they answer for."""
    query = _newest().where(or_(FigureSignal.owner_id == _id(actor), _theirs(actor, READERS)))
    return list(session.scalars(query.limit(MOST)).unique())


def unseen(session: Session, actor: Actor) -> list[FigureSignal]:
    """The signals that somebody is told of and has not yet said to have seen, the latest first."""
    mine = or_(FigureSignal.owner_id == _id(actor), _theirs(actor, TOLD))
    is_seen = exists().where(SignalSeen.signal_id == FigureSignal.id, SignalSeen.staff_id == _id(actor))
    return list(session.scalars(_newest().where(mine, ~is_seen).limit(MOST)).unique())


def count_unseen(session: Session, actor: Actor) -> int:
    """How many those are."""
    return len(unseen(session, actor))


def _newest() -> Select[FigureSignal]:
    return (
        select(FigureSignal)
        .join(FigureWatch, FigureWatch.id == FigureSignal.watch_id)
        .order_by(FigureSignal.found_at.desc(), FigureSignal.id.desc())
    )


def _theirs(actor: Actor, roles: Sequence[str]) -> ColumnElement[bool]:
    """The condition on watches of places that a role of somebody holds wholly."""
    held = [
        and_(
            *([FigureWatch.branch_id == branch] if branch is not None else []),
            *([FigureWatch.department_id == department] if department is not None else []),
            FigureWatch.id.is_not(None),
        )
        for role, branch, department in sorted(actor.grants, key=str)
        if role in roles
    ]
    return or_(false(), *held)


def _around(model: type[FigureNote | Target], place: Place) -> list[ColumnElement[bool]]:
    return [
        or_(column.is_(None), column == value)
        for column, value in zip(_columns(model), astuple(place), strict=True)
    ]


def _columns(model: type[FigureNote | Target | Rebase]) -> tuple[Any, ...]:
    return model.branch_id, model.department_id, model.service_id


def _place(row: FigureNote | Target | Rebase) -> Place:
    return Place(row.branch_id, row.department_id, row.service_id)


def _id(actor: Actor) -> int:
    return int(actor.id) if actor.kind == "staff" and actor.id.isdecimal() else 0
