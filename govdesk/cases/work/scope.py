"""Whose case it is to see and to work on: branch and department of the actor, and who is served now."""

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case, Visit
from govdesk.catalog.models import PublicService
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.queue import rules
from govdesk.queue.models import Ticket

READERS = ("officer", "reception", "supervisor", "head")
WORKERS = ("officer", "supervisor", "head")


def place_of(case: Case, desk: CaseDesk | None) -> int | None:
    """The branch at which a case is worked on: where it was handed to, else its own."""
    return desk.branch_id if desk is not None and desk.branch_id is not None else case.branch_id


def may(actor: Actor, case: Case, desk: CaseDesk | None, *roles: str) -> bool:
    """Whether someone holds one of these roles where the case is worked on."""
    if actor.kind == "staff" and desk is not None and str(desk.owner_id) == actor.id:
        return True
    if not actor.grants:
        return actor.has(*roles) and actor.kind != "person"
    branch_id, department_id = place_of(case, desk), case.service.department_id
    return any(
        role in roles and branch in (None, branch_id) and department in (None, department_id)
        for role, branch, department in actor.grants
    )


def theirs(actor: Actor, *roles: str) -> ColumnElement[bool]:
    """The condition on cases (joined with their desks) that are worked on where one holds these roles."""
    if not actor.grants:
        return true() if actor.has(*roles) and actor.kind != "person" else false()
    branch = func.coalesce(CaseDesk.branch_id, Case.branch_id)
    held = [
        and_(
            true() if branch_id is None else branch == branch_id,
            true() if department_id is None else Case.service_id.in_(_services(department_id)),
        )
        for role, branch_id, department_id in sorted(actor.grants, key=str)
        if role in roles
    ]
    return or_(false(), *held)


def file_of(session: Session, actor: Actor, case_id: int, *, is_locked: bool = False) -> Case:
    """A live case that an actor may look into. NotFoundError; NotAllowedError to another unit's staff.

    Beside the unit that works on it, so may a branch at which the person was or is for this need.
    """
    query = select(Case).where(Case.id == case_id, Case.source == LIVE)
    if is_locked:
        query = query.with_for_update(of=Case)
    case = session.scalars(query).one_or_none()
    if case is None:
        raise NotFoundError("cases.unknown")
    desk = session.get(CaseDesk, case.id)
    if not _reads(session, actor, case, desk):
        raise NotAllowedError
    return case


def may_read(session: Session, actor: Actor, case: Case) -> bool:
    """Whether an actor may look into a live case."""
    return case.source == LIVE and _reads(session, actor, case, session.get(CaseDesk, case.id))


def worked_on(session: Session, actor: Actor, case_id: int, *roles: str) -> tuple[Case, CaseDesk]:
    """A live case, its row locked, that an actor may work on. NotFoundError, NotAllowedError."""
    case = file_of(session, actor, case_id, is_locked=True)
    desk = session.get(CaseDesk, case.id)
    assert desk is not None, "a live case has a desk from its first day"
    if not may_work(session, actor, case, desk, *roles):
        raise NotAllowedError
    return case, desk


def may_work(session: Session, actor: Actor, case: Case, desk: CaseDesk, *roles: str) -> bool:
    """Whether an actor may do something with a case: by these roles there, or with the person before them."""
    if may(actor, case, desk, *(roles or WORKERS)):
        return True
    return not roles and _is_met(session, actor, case, *WORKERS)


def _reads(session: Session, actor: Actor, case: Case, desk: CaseDesk | None) -> bool:
    return may(actor, case, desk, *READERS) or _is_met(session, actor, case)


def _is_met(session: Session, actor: Actor, case: Case, *roles: str) -> bool:
    """Whether the person of a case was, or is now, at a branch of the actor for this need."""
    branches = {
        branch
        for role, branch, department in actor.grants
        if role in (roles or READERS) and branch is not None and department is None
    }
    if not branches or case.person_id is None:
        return False
    been = select(Visit.id).where(Visit.case_id == case.id, Visit.branch_id.in_(branches))
    family = select(PublicService.id).where(PublicService.family == case.family)
    here = select(Ticket.id).where(
        Ticket.person_id == case.person_id,
        Ticket.branch_id.in_(branches),
        Ticket.state.in_(rules.LIVE),
        Ticket.service_id.in_(family),
    )
    return bool(session.scalar(select(or_(exists(been), exists(here)))))


def _services(department_id: int) -> Select[int]:
    return select(PublicService.id).where(PublicService.department_id == department_id)
