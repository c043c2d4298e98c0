"""Ask the catalog: what is offered where, when a branch is open, and what imported files speak of."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.entries import RepeatEntry
from govdesk.catalog.holidays import years_known
from govdesk.catalog.models import (
    Agency,
    Branch,
    BranchService,
    Department,
    Holiday,
    PublicService,
    RepeatPolicy,
    Season,
)
from govdesk.catalog.rules import Calendar, Hours, SpecialPeriod
from govdesk.config import settings
from govdesk.errors import NotFoundError

IMPORTED = "imported"  # the department of services known only from imported files
USUAL_MINUTES = 10


def agency_of(session: Session) -> Agency | None:
    """Return the agency; None before anybody has named it."""
    return session.scalars(select(Agency)).first()


def branch_of(session: Session, code: str) -> Branch:
    """Return the branch with this code, or raise NotFoundError."""
    branch = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if branch is None:
        raise NotFoundError("catalog.branch_unknown", code=code)
    return branch


def service_of(session: Session, code: str) -> PublicService:
    """Return the service with this code, or raise NotFoundError."""
    known = select(PublicService).where(PublicService.code == code)
    service = session.scalars(known.options(lazyload(PublicService.policies))).one_or_none()
    if service is None:
        raise NotFoundError("catalog.service_unknown", code=code)
    return service


def own_services(session: Session) -> list[PublicService]:
    """Return the services that are known from more than imported files, in use or not, by code."""
    known = select(PublicService).where(PublicService.is_imported.is_(False)).order_by(PublicService.code)
    return list(session.scalars(known.options(lazyload(PublicService.policies))))


def open_branches(session: Session) -> list[Branch]:
    """Return the branches where people are served now, by code."""
    known = select(Branch).where(Branch.is_active, Branch.is_imported.is_(False)).order_by(Branch.code)
    return list(session.scalars(known))


def offered(session: Session, branch: Branch) -> list[PublicService]:
    """Return the services in use that a branch offers, in the order of their ticket letters."""
    here = (
        select(PublicService)
        .join(BranchService, BranchService.service_id == PublicService.id)
        .where(BranchService.branch_id == branch.id, PublicService.is_active)
        .order_by(PublicService.prefix, PublicService.id)
    )
    return list(session.scalars(here))


def branches_offering(session: Session, service: PublicService) -> list[Branch]:
    """Return the branches in use that offer a service, by code."""
    there = (
        select(Branch)
        .join(BranchService, BranchService.branch_id == Branch.id)
        .where(BranchService.service_id == service.id, Branch.is_active, Branch.is_imported.is_(False))
        .order_by(Branch.code)
    )
    return list(session.scalars(there))


def calendar_of(session: Session, branch: Branch, *, is_strict: bool = True) -> Calendar:
    """Return when a branch is open, by its own week, its seasons, the holidays of all branches and its own.

    A day declared open at other hours is an exception; the branch's own word goes before that for all. If
    strict, a year in which no holiday is declared is an error when asked for, not open.
    """
    week: list[list[Hours]] = [[] for _ in range(7)]
    for row in branch.hours:
        week[row.weekday].append(Hours(row.opens, row.closes))
    here = Holiday.branch_id.is_(None) | (Holiday.branch_id == branch.id)
    declared = session.scalars(select(Holiday).where(here))
    by_day = {row.day: row for row in sorted(declared, key=lambda row: row.branch_id is not None)}
    return Calendar(
        zone=ZoneInfo(branch.timezone),
        week=tuple(tuple(day) for day in week),
        special_periods=tuple(_period(season) for season in seasons_of(session, branch.id)),
        holidays=frozenset(day for day, row in by_day.items() if row.opens is None),
        exceptions={
            day: (Hours(row.opens, row.closes),)
            for day, row in by_day.items()
            if row.opens is not None and row.closes is not None
        },
        holiday_years=frozenset(years_known(session)) if is_strict else None,
    )


def seasons_of(session: Session, branch_id: int) -> list[Season]:
    """Return the seasons of a branch: those of all branches first, so that its own go before them."""
    here = select(Season).where(Season.branch_id.is_(None) | (Season.branch_id == branch_id))
    return sorted(session.scalars(here), key=lambda row: (row.branch_id is not None, row.first_on, row.id))


def _period(season: Season) -> SpecialPeriod:
    week: list[list[Hours]] = [[] for _ in range(7)]
    for row in season.hours:
        week[row.weekday].append(Hours(row.opens, row.closes))
    return SpecialPeriod(first=season.first_on, last=season.last_on, week=tuple(tuple(day) for day in week))


def ensure_imported_branch(session: Session, *, actor: Actor, code: str) -> Branch:
    """Return the branch with this code; one known only from a file offers nothing, in the usual zone."""
    branch = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if branch is None:
        zone = settings().default_timezone
        branch = Branch(code=code, name_ar=code, name_en=code, timezone=zone, is_imported=True)
        session.add(branch)
        session.flush()
        audit.record(session, actor=actor, action="branch.imported", subject=f"branch:{code}")
    return branch


def ensure_imported_service(
    session: Session, *, actor: Actor, code: str, family: str | None = None
) -> PublicService:
    """Return the service with this code; one known only from a file has the usual repeat parameters."""
    known = select(PublicService).where(PublicService.code == code)
    service = session.scalars(known.options(lazyload(PublicService.policies))).one_or_none()
    if service is None:
        service = PublicService(
            code=code,
            department=_imported_department(session),
            name_ar=code,
            name_en=code,
            family=family or code,
            prefix="",
            minutes=USUAL_MINUTES,
            is_imported=True,
            policies=[_usual_policy()],
        )
        session.add(service)
        session.flush()
        audit.record(session, actor=actor, action="service.imported", subject=f"service:{code}")
    return service


def _usual_policy() -> RepeatPolicy:
    usual = RepeatEntry()
    return RepeatPolicy(
        version=1,
        since=clock.now(),
        window_days=usual.window_days,
        lag_days=usual.lag_days,
        cycle_days=usual.cycle_days,
        allowed_reasons=list(usual.allowed_reasons),
    )


def _imported_department(session: Session) -> Department:
    found = session.scalars(select(Department).where(Department.code == IMPORTED)).one_or_none()
    return found or Department(code=IMPORTED, name_ar="مستوردة من ملفات", name_en="Imported from files")
