"""The whole catalog as one TOML file, schedules included: loaded, and written."""

import dataclasses
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.booking.models import SlotSchedule
from govdesk.booking.schedule.models import ScheduleException
from govdesk.catalog import document, dumping, loading
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.entries import ExceptionEntry, Name, OfferEntry, ScheduleEntry
from govdesk.catalog.models import Agency, Branch, PublicService
from govdesk.catalog.service import branch_of, service_of

_LISTS = ("weekdays", "nth_weeks")
_SPOKEN = {"name", "exceptions"}
_FIELDS = tuple(f.name for f in dataclasses.fields(ScheduleEntry) if f.name not in _SPOKEN)
_EXCEPTION_FIELDS = tuple(f.name for f in dataclasses.fields(ExceptionEntry) if f.name not in _SPOKEN)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a document held, and how many changes it made."""

    departments: int
    branches: int
    services: int
    schedules: int
    changes: int


def load(session: Session, *, actor: Actor, text: str) -> Loaded:
    """Take over a catalog document (TOML); a second time nothing changes.

    What it does not speak of stays, other exceptions too; but an offer that it names has exactly the
    schedules that it gives, with their own exceptions. Raises CatalogError with the place in the document,
    or CatalogEditError.
    """
    before = len(session.info.get("audit", ()))
    catalog = document.parse(text)
    loading.load(session, actor=actor, document=catalog)
    for offer in catalog.offers:
        branch, service = branch_of(session, offer.branch), service_of(session, offer.service)
        set_schedules(session, actor=actor, branch=branch, service=service, wanted=offer.schedules)
        _add_exceptions(session, actor, branch, service, offer.exceptions)
    for place in catalog.branches:
        _add_exceptions(session, actor, branch_of(session, place.code), None, place.exceptions)
    return Loaded(
        len(catalog.departments),
        len(catalog.branches),
        len(catalog.services),
        sum(len(offer.schedules) for offer in catalog.offers),
        changes=len(session.info.get("audit", ())) - before,
    )


def dump(session: Session) -> str:
    """Write the catalog as a document that `load` takes; CatalogEditError while the agency has no name."""
    if not session.scalar(select(func.count()).select_from(Agency)):
        raise CatalogEditError("catalog.nothing_to_dump", status=409)
    catalog = dumping.dump(session)
    offers = tuple(_with_schedules(session, offer) for offer in catalog.offers)
    places = tuple(
        dataclasses.replace(place, exceptions=_exceptions(session, branch_of(session, place.code).id, None))
        for place in catalog.branches
    )
    return document.render(dataclasses.replace(catalog, offers=offers, branches=places))


def set_schedules(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    service: PublicService,
    wanted: tuple[ScheduleEntry, ...],
) -> bool:
    """Make these the schedules of a service at a branch; whether that changed them.

    Slots are made from them by the next run of their job.
    """
    rows = _rows(session, branch.id, service.id)
    missing = list(wanted)
    gone = []
    for row in rows:
        entry = _entry(session, row)
        if entry in missing:
            missing.remove(entry)
        else:
            gone.append(row)
    if not (missing or gone):
        return False
    for row in gone:
        remove_schedule(session, row)
    for entry in missing:
        values = {name: getattr(entry, name) for name in _FIELDS}
        for name in _LISTS:
            values[name] = list(values[name])
        schedule = SlotSchedule(branch_id=branch.id, service_id=service.id, **_named(entry.name), **values)
        session.add(schedule)
        session.flush()
        for exception in entry.exceptions:
            session.add(_row_of(exception, branch, service, schedule))
    session.flush()
    subject = f"branch:{branch.code}"
    detail = {"service": service.code, "was": len(rows), "now": len(wanted)}
    audit.record(session, actor=actor, action="schedule.changed", subject=subject, **detail)
    return True


def remove_schedule(session: Session, schedule: SlotSchedule) -> None:
    """Delete a schedule with the exceptions that are its own."""
    session.execute(delete(ScheduleException).where(ScheduleException.schedule_id == schedule.id))
    session.delete(schedule)
    session.flush()


def _add_exceptions(
    session: Session,
    actor: Actor,
    branch: Branch,
    service: PublicService | None,
    wanted: tuple[ExceptionEntry, ...],
) -> None:
    present = _exceptions(session, branch.id, service.id if service else None)
    for entry in wanted:
        if entry in present:
            continue
        session.add(_row_of(entry, branch, service, None))
        session.flush()
        subject = f"branch:{branch.code}"
        audit.record(
            session, actor=actor, action="exception.added", subject=subject, first_on=str(entry.first_on)
        )


def _row_of(
    entry: ExceptionEntry, branch: Branch, service: PublicService | None, schedule: SlotSchedule | None
) -> ScheduleException:
    values = {name: getattr(entry, name) for name in _EXCEPTION_FIELDS}
    return ScheduleException(
        branch_id=branch.id,
        service_id=service.id if service else None,
        schedule_id=schedule.id if schedule else None,
        **_named(entry.name),
        **values,
    )


def _exceptions(
    session: Session, branch_id: int, service_id: int | None, schedule_id: int | None = None
) -> tuple[ExceptionEntry, ...]:
    rows = session.scalars(
        select(ScheduleException)
        .where(
            ScheduleException.branch_id == branch_id,
            ScheduleException.service_id.is_not_distinct_from(service_id),
            ScheduleException.schedule_id.is_not_distinct_from(schedule_id),
        )
        .order_by(ScheduleException.first_on, ScheduleException.id)
    )
    return tuple(
        ExceptionEntry(
            name=Name(row.name_ar, row.name_en),
            **{name: getattr(row, name) for name in _EXCEPTION_FIELDS},
        )
        for row in rows
    )


def _with_schedules(session: Session, offer: OfferEntry) -> OfferEntry:
    branch, service = branch_of(session, offer.branch), service_of(session, offer.service)
    found = [_entry(session, row) for row in _rows(session, branch.id, service.id)]
    exceptions = _exceptions(session, branch.id, service.id)
    return dataclasses.replace(offer, schedules=tuple(sorted(found, key=repr)), exceptions=exceptions)


def _rows(session: Session, branch_id: int, service_id: int) -> list[SlotSchedule]:
    here = SlotSchedule.branch_id == branch_id, SlotSchedule.service_id == service_id
    return list(session.scalars(select(SlotSchedule).where(*here).order_by(SlotSchedule.id)))


def _entry(session: Session, row: SlotSchedule) -> ScheduleEntry:
    values = {name: getattr(row, name) for name in _FIELDS}
    for name in _LISTS:
        values[name] = tuple(sorted(values[name]))
    is_named = row.name_ar or row.name_en
    return ScheduleEntry(
        name=Name(row.name_ar, row.name_en) if is_named else None,
        exceptions=_exceptions(session, row.branch_id, row.service_id, row.id),
        **values,
    )


def _named(name: Name | None) -> dict[str, str]:
    return {"name_ar": name.ar, "name_en": name.en} if name else {"name_ar": "", "name_en": ""}
