"""Write a catalog document from the tables; its schedules are booking's."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog import guides, priorities, seasons
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
    PriorityGroupEntry,
    RepeatEntry,
    SeasonEntry,
    ServiceEntry,
)
from govdesk.catalog.loading import NOTHING, TURNS
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
            CauseEntry(
                row.code, Name(row.name_ar, row.name_en), row.is_failure, row.is_active, row.is_knowledge
            )
            for row in session.scalars(select(Cause).order_by(Cause.position, Cause.code))
        ),
        guides=guides.guides_of(session, services),
        priority_groups=tuple(
            PriorityGroupEntry(
                row.code, Name(row.name_ar, row.name_en), row.is_stated, row.is_active, _name(row, "meant")
            )
            for row in priorities.known(session)
        ),
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
        object_kind=row.object_kind,
        is_active=row.is_active,
        common=row.common if row.common_code else None,
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


def _name(row: object | None, field: str) -> Name | None:
    if row is None:
        return None
    arabic, english = getattr(row, f"{field}_ar"), getattr(row, f"{field}_en")
    return Name(arabic, english) if arabic or english else None
