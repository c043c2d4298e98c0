"""The work lists: what waits for somebody and for their unit, the late ones first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.courses import HEAD, SUPERVISOR
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.work.scope import READERS, theirs
from govdesk.config import settings
from govdesk.people.models import Person, PersonContact, Staff

AT_ONCE = 30
WHICH = ("mine", "unit", "free", "late", "raised", "waiting", "answered")
RUNG_OF = {"supervisor": SUPERVISOR, "head": HEAD}  # from where on a late case is theirs to look at


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list: whose, what is waited for, who has it."""

    case: Case
    desk: CaseDesk
    contact: PersonContact | None
    owner: Staff | None
    ask: CaseAsk | None
    planned_on: dt.date | None
    is_answered: bool

    @property
    def due_on(self) -> dt.date | None:
        """The last local day on which it is in time."""
        return None if self.desk.due_at is None else last_day(self.desk.due_at, self.zone)

    @property
    def opened_on(self) -> dt.date:
        """The local day on which it began."""
        return clock.local_day(self.case.opened_at, self.zone)

    @property
    def zone(self) -> str:
        """Where its days are cut."""
        return settings().default_timezone if self.case.branch is None else self.case.branch.timezone

    @property
    def is_late(self) -> bool:
        """Whether it should have been done by now."""
        return self.desk.due_at is not None and self.desk.due_at < clock.now()


def last_day(before: dt.datetime, zone: str) -> dt.date:
    """The last local day before a moment: of what is due at midnight, the day that ends then."""
    return clock.local_day(before - dt.timedelta(microseconds=1), zone)


def count(session: Session, actor: Actor, which: str, service_id: int | None = None) -> int:
    """How many open cases are in one of an actor's lists."""
    rows = select(func.count()).select_from(Case).join(CaseDesk, CaseDesk.case_id == Case.id)
    return session.scalar(rows.where(*_which(actor, which, service_id))) or 0


def lines(
    session: Session, actor: Actor, which: str, *, service_id: int | None = None, page: int = 1
) -> list[Line]:
    """A page of one of an actor's lists: the late ones first, then by when they are due, then by age."""
    late = case((CaseDesk.due_at < clock.now(), 0), else_=1)
    rows = (
        select(Case, CaseDesk, PersonContact, Staff)
        .join(CaseDesk, CaseDesk.case_id == Case.id)
        .outerjoin(Person, Person.id == Case.person_id)
        .outerjoin(PersonContact, PersonContact.person_id == Person.id)
        .outerjoin(Staff, Staff.id == CaseDesk.owner_id)
        .where(*_which(actor, which, service_id))
        .order_by(late, CaseDesk.due_at.is_(None), CaseDesk.due_at, Case.opened_at, Case.id)
        .limit(AT_ONCE)
        .offset((page - 1) * AT_ONCE)
    )
    found = session.execute(rows).all()
    ids = [row[0].id for row in found]
    asks, steps, last = _asks(session, ids), _steps(session, ids), _last_kinds(session, ids)
    return [
        Line(one, desk, contact, owner, asks.get(one.id), steps.get(one.id), last.get(one.id) == "answered")
        for one, desk, contact, owner in found
    ]


def services_in(session: Session, actor: Actor, which: str) -> Sequence[int]:
    """The services of which there are cases in a list, to choose from."""
    rows = select(Case.service_id).join(CaseDesk, CaseDesk.case_id == Case.id)
    theirs_only = rows.where(*_which(actor, which, None))
    return session.scalars(theirs_only.distinct().order_by(Case.service_id)).all()


def _which(actor: Actor, which: str, service_id: int | None) -> list[ColumnElement[bool]]:
    """The conditions of a list, on cases with their desks."""
    wanted = [Case.source == LIVE, Case.resolved_at.is_(None), _conditions(actor)[which]]
    return wanted if service_id is None else [*wanted, Case.service_id == service_id]


def _conditions(actor: Actor) -> dict[str, ColumnElement[bool]]:
    """What each list holds, by its name."""
    mine = CaseDesk.owner_id == (int(actor.id) if actor.id.isdecimal() else 0)
    unit = theirs(actor, *READERS)
    last = (
        select(CaseAct.kind)
        .where(CaseAct.case_id == Case.id, CaseAct.kind != "raised")
        .order_by(CaseAct.at.desc(), CaseAct.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return {
        "mine": mine,
        "unit": unit,
        "free": and_(unit, CaseDesk.owner_id.is_(None)),
        "late": and_(unit, CaseDesk.due_at < clock.now()),
        "raised": and_(theirs(actor, *RUNG_OF), CaseDesk.rung >= _rung_for(actor)),
        "waiting": and_(unit, _waits()),
        "answered": and_(unit, last == "answered"),
    }


def _rung_for(actor: Actor) -> int:
    return min((RUNG_OF[role] for role in actor.roles if role in RUNG_OF), default=SUPERVISOR)


def _waits() -> ColumnElement[bool]:
    return exists().where(
        CaseAsk.ended_by.is_(None), CaseAsk.act_id == CaseAct.id, CaseAct.case_id == Case.id
    )


def _asks(session: Session, case_ids: Sequence[int]) -> dict[int, CaseAsk]:
    rows = session.execute(
        select(CaseAct.case_id, CaseAsk)
        .join(CaseAct, CaseAct.id == CaseAsk.act_id)
        .where(CaseAct.case_id.in_(case_ids), CaseAsk.ended_by.is_(None))
    )
    return {row[0]: row[1] for row in rows}


def _steps(session: Session, case_ids: Sequence[int]) -> dict[int, dt.date]:
    """The next step that the last visit of each case has planned, while its day is to come."""
    rows = session.execute(
        select(Visit.case_id, NextStep.due)
        .join(NextStep, NextStep.visit_id == Visit.id)
        .where(Visit.case_id.in_(case_ids), NextStep.due >= clock.now().date())
        .order_by(NextStep.made_at)
    )
    return {row.case_id: row.due for row in rows if row.case_id is not None}


def _last_kinds(session: Session, case_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(CaseAct.case_id, CaseAct.kind)
        .where(CaseAct.case_id.in_(case_ids), CaseAct.kind != "raised")
        .order_by(CaseAct.at, CaseAct.id)
    )
    return {row.case_id: row.kind for row in rows}
