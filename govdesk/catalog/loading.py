"""Take a catalog document into the tables; its schedules are booking's."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog import branches, guides, holidays, organisation, priorities, seasons
from govdesk.catalog.common_codes import CommonCode
from govdesk.catalog.entries import (
    BranchEntry,
    CatalogDocument,
    CauseEntry,
    HolidayEntry,
    Name,
    PriorityGroupEntry,
    SeasonEntry,
    ServiceEntry,
)
from govdesk.catalog.models import (
    Branch,
    BranchService,
    Cause,
    Department,
)
from govdesk.catalog.service import branch_of, service_of

NOTHING = Name("", "")
TURNS = (
    "phone", "near_ahead", "push_back_places", "rejoin_minutes", "allows_remote", "remote_share",
    "calls_before_noshow",
)  # fmt: skip


def load(session: Session, *, actor: Actor, document: CatalogDocument) -> None:
    """Add and change what the document speaks of; the rest stays. A second time nothing changes.

    An installation without any holiday also takes over those of the state. Raises CatalogEditError.
    """
    agency = document.agency
    organisation.describe_agency(
        session, actor=actor, **_both(agency.name), **_both(agency.tagline, "tagline")
    )
    departments = {
        entry.code: organisation.describe_department(
            session, actor=actor, code=entry.code, **_both(entry.name)
        )
        for entry in document.departments
    }
    for service in document.services:
        _load_service(session, actor, service, departments[service.department])
    for branch in document.branches:
        _load_branch(session, actor, branch)
    for offer in document.offers:
        branch_row, service_row = branch_of(session, offer.branch), service_of(session, offer.service)
        branches.offer(session, actor=actor, branch=branch_row, service=service_row, kinds=offer.kinds)
        if (offer.daily_walkins, offer.longest_wait_minutes) != (None, None):
            branches.limit_offer(
                session, actor=actor,
                offer=session.get_one(BranchService, (branch_row.id, service_row.id)),
                daily_walkins=offer.daily_walkins, longest_wait_minutes=offer.longest_wait_minutes,
                kept_for_hall=offer.kept_for_hall,
            )  # fmt: skip
    for branch in document.branches:  # only now is known what each branch offers
        _load_counters(session, actor, branch)
    for guide in document.guides:
        guides.set_guide(session, actor=actor, service=service_of(session, guide.service), entry=guide)
    _load_causes(session, actor, document.causes)
    _load_priority_groups(session, actor, document.priority_groups)
    _load_holidays(session, actor, document.holidays, None)
    _load_seasons(session, actor, document.seasons, None)
    if not document.holidays:
        holidays.keep_ahead(session)


def _load_causes(session: Session, actor: Actor, causes: Sequence[CauseEntry]) -> None:
    order = select(Cause.code).order_by(Cause.position, Cause.code)
    is_in_order = _is_in_order(session.scalars(order), causes)
    for position, cause in enumerate(causes, 1):
        organisation.describe_cause(
            session,
            actor=actor,
            code=cause.code,
            position=None if is_in_order else position,
            is_failure=cause.is_failure,
            is_knowledge=cause.is_knowledge,
            is_active=cause.is_active,
            **_both(cause.name),
        )


def _load_priority_groups(session: Session, actor: Actor, groups: Sequence[PriorityGroupEntry]) -> None:
    is_in_order = _is_in_order((one.code for one in priorities.known(session)), groups)
    for position, group in enumerate(groups, 1):
        priorities.describe_group(
            session,
            actor=actor,
            code=group.code,
            position=None if is_in_order else position,
            is_stated=group.is_stated,
            is_active=group.is_active,
            **_both(group.name),
            **_both(group.meant, "meant"),
        )


def _is_in_order(there: Iterable[str], wanted: Sequence[CauseEntry | PriorityGroupEntry]) -> bool:
    """Whether those that are there already stand as in the document, so that their places can stay."""
    codes = [entry.code for entry in wanted]
    known = [code for code in there if code in codes]
    return known == codes[: len(known)]


def _load_service(session: Session, actor: Actor, entry: ServiceEntry, department: Department) -> None:
    organisation.describe_service(
        session,
        actor=actor,
        code=entry.code,
        department=department,
        repeat=entry.repeat,
        **_both(entry.name),
        **_both(entry.description, "description"),
        family=entry.family,
        prefix=entry.prefix,
        minutes=entry.minutes,
        interpreter_minutes=entry.interpreter_minutes,
        wait_target_minutes=entry.wait_target_minutes,
        resolve_days=entry.resolve_days,
        object_kind=entry.object_kind,
        is_active=entry.is_active,
        **({} if entry.common is None else _common(entry.common)),
    )


def _common(common: CommonCode) -> dict[str, Any]:
    return {"common_vocabulary": common.vocabulary, "common_code": common.code}


def _load_branch(session: Session, actor: Actor, entry: BranchEntry) -> None:
    branch = branches.describe_branch(
        session, actor=actor, code=entry.code, timezone=entry.timezone, is_active=entry.is_active,
        latitude=entry.latitude, longitude=entry.longitude, **_both(entry.name),
        **_both(entry.address, "address"), **_both(entry.notice, "notice"), **_turns(entry),
    )  # fmt: skip
    branches.set_door(
        session, actor=actor, branch=branch,
        demands_devices=branch.demands_devices if entry.demands_devices is None else entry.demands_devices,
        printer=branch.printer if entry.printer is None else entry.printer,
    )  # fmt: skip
    branches.set_hours(session, actor=actor, branch=branch, week=entry.hours)
    _load_holidays(session, actor, entry.holidays, branch)
    _load_seasons(session, actor, entry.seasons, branch)


def _turns(entry: BranchEntry) -> dict[str, Any]:
    """What a document says of access and of waiting; what it does not say stays."""
    said = {name: value for name in TURNS if (value := getattr(entry, name)) is not None}
    return said | (_both(entry.access, "access") if entry.access else {})


def _load_counters(session: Session, actor: Actor, entry: BranchEntry) -> None:
    branch = branch_of(session, entry.code)
    for counter in entry.counters:
        branches.describe_counter(
            session,
            actor=actor,
            branch=branch,
            number=counter.number,
            service_ids=[service_of(session, code).id for code in counter.services],
            is_active=counter.is_active,
        )


def _load_holidays(
    session: Session, actor: Actor, entries: Iterable[HolidayEntry], branch: Branch | None
) -> None:
    for entry in entries:
        holidays.declare(
            session, actor=actor, day=entry.day, branch=branch, hours=entry.hours, **_both(entry.name)
        )


def _load_seasons(
    session: Session, actor: Actor, entries: Iterable[SeasonEntry], branch: Branch | None
) -> None:
    for entry in entries:
        seasons.declare(
            session,
            actor=actor,
            branch=branch,
            season=seasons.beginning(session, entry.first_on, branch),
            first_on=entry.first_on,
            last_on=entry.last_on,
            week=entry.hours,
            **_both(entry.name),
        )


def _both(name: Name | None, field: str = "name") -> dict[str, Any]:
    spoken = name or NOTHING
    return {f"{field}_ar": spoken.ar, f"{field}_en": spoken.en}
