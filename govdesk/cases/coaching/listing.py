"""The coaching list of units: which cause, for which service and scenario, and how often."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.classes import VisitClass
from govdesk.cases.coaching import rules
from govdesk.cases.coaching.models import CoachingItem
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, Cause, Department, PublicService
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.queue.models import MissingPaper

READERS = ("officer", "reception", "supervisor", "head")
DAYS = 90  # of returns that are counted
EXAMPLES = 3


class Cell(NamedTuple):
    """One cause of one unit, for one service and (where it was foreseen) one scenario."""

    unit: str  # branch/department, as it is charged
    cause: str
    service_id: int
    scenario_id: int | None


@dataclass(frozen=True, slots=True)
class Example:
    """One failure, without anybody in it: the day, days until the return, papers that were missing."""

    day: dt.date
    days_later: int
    papers: tuple[ScenarioPaper, ...]


@dataclass(slots=True, kw_only=True)
class Line:
    """A cell as a unit sees it."""

    branch: Branch
    department: Department
    cause: Cause
    service: PublicService
    scenario: Scenario | None
    count: rules.Count
    examples: list[Example] = field(default_factory=list)
    item: CoachingItem | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """The lines of the units that someone sees, the most frequent first, and how many are too small."""

    lines: list[Line]
    hidden: int


def learning(session: Session, actor: Actor) -> Learning:
    """What the units can learn in whose scope somebody works."""
    units = units_of(session, actor)
    found = list(_failures(session, units))
    cells, hidden = rules.shown((cell, person) for cell, person, *_rest in found)
    items = {_key(item): item for item in open_items(session, actor)}
    lines: dict[Cell, Line] = {}
    for cell, count in cells.items():
        branch, department = units[cell.unit]
        lines[cell] = Line(
            branch=branch,
            department=department,
            cause=session.get_one(Cause, cell.cause),
            service=session.get_one(PublicService, cell.service_id),
            scenario=session.get(Scenario, cell.scenario_id) if cell.scenario_id else None,
            count=count,
            item=items.get((branch.id, *cell[1:])),
        )
    for cell, _person, number, day, gap in found:
        if cell in lines and len(lines[cell].examples) < EXAMPLES:
            lines[cell].examples.append(Example(day, gap or 0, _papers(session, number)))
    return Learning(list(lines.values()), hidden)


def open_items(session: Session, actor: Actor) -> list[CoachingItem]:
    """What was agreed and is not done, in someone's scope; the oldest first."""
    query = select(CoachingItem).where(CoachingItem.done_at.is_(None)).order_by(CoachingItem.id)
    return [item for item in session.scalars(query) if sees(actor, item.branch_id, item.department_id)]


def done_items(session: Session, actor: Actor) -> list[CoachingItem]:
    """What was done in the last year, the newest first."""
    query = (
        select(CoachingItem)
        .where(CoachingItem.done_at > clock.now() - dt.timedelta(days=365))
        .order_by(CoachingItem.done_at.desc())
    )
    return [item for item in session.scalars(query) if sees(actor, item.branch_id, item.department_id)]


def count_open(session: Session, actor: Actor) -> int:
    """How many causes wait for an agreement or for what was agreed, in someone's scope."""
    return len(learning(session, actor).lines)


def failures_of(session: Session, unit: tuple[Branch, Department], cell: Cell) -> int:
    """How often a cause met a unit in the days that are counted."""
    return sum(found[0] == cell for found in _failures(session, {cell.unit: unit}))


def since(session: Session, item: CoachingItem) -> int:
    """The same since something was agreed about it."""
    unit = f"{item.branch.code}/{item.department.code}"
    cell = Cell(unit, item.cause_code, item.service_id, item.scenario_id)
    begun = clock.local_day(item.agreed_at, item.branch.timezone)
    found = _failures(session, {unit: (item.branch, item.department)}, since=begun)
    return sum(one[0] == cell for one in found)


def units_of(session: Session, actor: Actor) -> dict[str, tuple[Branch, Department]]:
    """The units in someone's scope by the name under which they are charged."""
    departments = session.scalars(select(Department)).all()
    branches = session.scalars(select(Branch).where(Branch.is_imported.is_(False))).all()
    return {
        f"{branch.code}/{department.code}": (branch, department)
        for branch in branches
        for department in departments
        if sees(actor, branch.id, department.id)
    }


def sees(actor: Actor, branch_id: int, department_id: int) -> bool:
    """Whether somebody works in a unit or answers for it."""
    return actor.may(*READERS, branch_id=branch_id) and actor.sees_department(department_id)


def _failures(
    session: Session, units: dict[str, tuple[Branch, Department]], since: dt.date | None = None
) -> Iterator[tuple[Cell, int, str, dt.date, int | None]]:
    """Every repeat charged to these units for what one can learn, newest first: cell, person, visit, days."""
    if not units:
        return
    first, zone = aliased(Visit), next(iter(units.values()))[0].timezone
    begun = since or clock.local_day(clock.now(), zone) - dt.timedelta(days=DAYS)
    query = (
        select(
            Visit.charged_unit, Cause.code, first.service_id, first.scenario_id, Visit.person_id,
            first.visit_no, first.ended_on, Visit.gap_days,
        )
        .join(first, first.id == Visit.charged_visit_id)
        .join(Cause, and_(Cause.code == Visit.return_cause, Cause.is_knowledge))
        .where(
            Visit.class_name == VisitClass.REPEAT,
            Visit.started_on >= begun,
            Visit.charged_unit.in_(units),
            first.source == LIVE,
        )
        .order_by(Visit.started_at.desc(), Visit.id.desc())
    )  # fmt: skip
    for unit, code, service_id, scenario_id, person_id, number, day, gap in session.execute(query):
        yield Cell(unit or "", code, service_id, scenario_id), person_id or 0, number, day, gap


def _papers(session: Session, number: str) -> tuple[ScenarioPaper, ...]:
    if not number.isdecimal():
        return ()
    query = select(ScenarioPaper).join(MissingPaper, MissingPaper.paper_id == ScenarioPaper.id)
    return tuple(session.scalars(query.where(MissingPaper.ticket_id == int(number))))


def _key(item: CoachingItem) -> tuple[int, str, int, int | None]:
    return item.branch_id, item.cause_code, item.service_id, item.scenario_id
