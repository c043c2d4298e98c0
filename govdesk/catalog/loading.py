"""Take a catalog document into the tables, and write one from them; its schedules are booking's."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog import branches, guides, holidays, organisation, seasons
from govdesk.catalog.entries import (
    AgencyEntry,
    BranchEntry,
    CatalogDocument,
    CauseEntry,
    CounterEntry,
    DepartmentEntry,
    HolidayEntry,
    HoursEntry,
    Name,
    OfferEntry,
    RepeatEntry,
    SeasonEntry,
    ServiceEntry,
)
from govdesk.catalog.models import (
    Agency,
    Branch,
    BranchService,
    Cause,
    Department,
    Holiday,
    PublicService,
    Season,
)
from govdesk.catalog.service import branch_of, service_of

NOTHING = Name("", "")
TURNS = ("phone", "near_ahead", "push_back_places", "rejoin_minutes", "allows_remote", "remote_share")


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
    known = [code for code in _causes_in_order(session) if code in {cause.code for cause in document.causes}]
    is_in_order = known == [cause.code for cause in document.causes][: len(known)]
    for position, cause in enumerate(document.causes, 1):
        organisation.describe_cause(
            session,
            actor=actor,
            code=cause.code,
            position=None if is_in_order else position,
            is_failure=cause.is_failure,
            is_active=cause.is_active,
            **_both(cause.name),
        )
    _load_holidays(session, actor, document.holidays, None)
    _load_seasons(session, actor, document.seasons, None)
    if not document.holidays:
        holidays.keep_ahead(session)


def dump(session: Session) -> CatalogDocument:
    """Return the catalog as a document, without schedules and without what only imported files know."""
    agency = session.scalars(select(Agency)).first()
    services = list(
        session.scalars(
            select(PublicService).where(PublicService.is_imported.is_(False)).order_by(PublicService.code)
        )
    )
    places = list(session.scalars(select(Branch).where(Branch.is_imported.is_(False)).order_by(Branch.code)))
    own = {service.department_id for service in services}
    departments = session.scalars(select(Department).order_by(Department.code))
    return CatalogDocument(
        agency=AgencyEntry(_name(agency, "name") or NOTHING, _name(agency, "tagline")),
        departments=tuple(
            DepartmentEntry(row.code, Name(row.name_ar, row.name_en))
            for row in departments
            if row.id in own or row.code != "imported"
        ),
        services=tuple(_service_entry(row) for row in services),
        branches=tuple(_branch_entry(session, row, services) for row in places),
        offers=tuple(
            _offer_entry(place, row)
            for place in places
            for row in sorted(place.offers, key=lambda row: row.service.code)
            if not row.service.is_imported
        ),
        holidays=_holiday_entries(session, None),
        seasons=_season_entries(session, None),
        causes=tuple(
            CauseEntry(row.code, Name(row.name_ar, row.name_en), row.is_failure, row.is_active)
            for row in session.scalars(select(Cause).order_by(Cause.position, Cause.code))
        ),
        guides=guides.guides_of(session, services),
    )


def _causes_in_order(session: Session) -> list[str]:
    return list(session.scalars(select(Cause.code).order_by(Cause.position, Cause.code)))


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
        is_active=entry.is_active,
    )


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


def _service_entry(row: PublicService) -> ServiceEntry:
    policy = row.policy
    return ServiceEntry(
        code=row.code,
        department=row.department.code,
        name=Name(row.name_ar, row.name_en),
        family=row.family,
        prefix=row.prefix,
        minutes=row.minutes,
        interpreter_minutes=row.interpreter_minutes,
        description=_name(row, "description"),
        wait_target_minutes=row.wait_target_minutes,
        resolve_days=row.resolve_days,
        is_active=row.is_active,
        repeat=RepeatEntry(
            policy.window_days, policy.lag_days, policy.cycle_days, tuple(policy.allowed_reasons)
        ),
    )


def _branch_entry(session: Session, row: Branch, services: Iterable[PublicService]) -> BranchEntry:
    codes = {service.id: service.code for service in services}
    offered = {offer.service_id for offer in row.offers}
    return BranchEntry(
        code=row.code,
        name=Name(row.name_ar, row.name_en),
        timezone=row.timezone,
        address=_name(row, "address"),
        latitude=row.latitude,
        longitude=row.longitude,
        notice=_name(row, "notice"),
        is_active=row.is_active,
        hours=tuple(HoursEntry(hours.weekday, hours.opens, hours.closes) for hours in row.hours),
        holidays=_holiday_entries(session, row.id),
        seasons=_season_entries(session, row.id),
        counters=tuple(
            CounterEntry(
                counter.number,
                tuple(sorted(codes[n] for n in counter.service_ids if n in codes and n in offered)),
                counter.is_active,
            )
            for counter in row.counters
        ),
        demands_devices=row.demands_devices,
        printer=row.printer or None,
        phone=row.phone or None,
        access=_name(row, "access"),
        **{name: getattr(row, name) for name in TURNS if name != "phone"},
    )


def _offer_entry(place: Branch, row: BranchService) -> OfferEntry:
    return OfferEntry(
        place.code,
        row.service.code,
        kinds=tuple(sorted(row.kinds)),
        daily_walkins=row.daily_walkins,
        longest_wait_minutes=row.longest_wait_minutes,
        kept_for_hall=row.kept_for_hall,
    )


def _holiday_entries(session: Session, branch_id: int | None) -> tuple[HolidayEntry, ...]:
    rows = session.scalars(
        select(Holiday).where(Holiday.branch_id.is_not_distinct_from(branch_id)).order_by(Holiday.day)
    )
    return tuple(
        HolidayEntry(
            row.day,
            Name(row.name_ar, row.name_en),
            (row.opens, row.closes) if row.opens is not None and row.closes is not None else None,
        )
        for row in rows
    )


def _season_entries(session: Session, branch_id: int | None) -> tuple[SeasonEntry, ...]:
    rows = session.scalars(
        select(Season).where(Season.branch_id.is_not_distinct_from(branch_id)).order_by(Season.first_on)
    )
    return tuple(
        SeasonEntry(Name(row.name_ar, row.name_en), row.first_on, row.last_on, tuple(seasons.week_of(row)))
        for row in rows
    )


def _both(name: Name | None, field: str = "name") -> dict[str, Any]:
    spoken = name or NOTHING
    return {f"{field}_ar": spoken.ar, f"{field}_en": spoken.en}


def _name(row: object | None, field: str) -> Name | None:
    if row is None:
        return None
    arabic, english = getattr(row, f"{field}_ar"), getattr(row, f"{field}_en")
    return Name(arabic, english) if arabic or english else None
