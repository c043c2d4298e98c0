"""The whole catalog as one TOML file, schedules included: loaded, and written."""

import dataclasses
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.booking.models import SlotSchedule
from govdesk.catalog import document, loading
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.entries import CatalogDocument, OfferEntry, ScheduleEntry
from govdesk.catalog.models import Agency, Branch, PublicService
from govdesk.catalog.service import branch_of, service_of

_FIELDS = tuple(field.name for field in dataclasses.fields(ScheduleEntry))


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

    What it does not speak of stays, but an offer that it names has exactly the schedules that it gives.
    Raises CatalogError with the place in the document, or CatalogEditError.
    """
    before = len(session.info.get("audit", ()))
    catalog = document.parse(text)
    loading.load(session, actor=actor, document=catalog)
    for offer in catalog.offers:
        set_schedules(
            session,
            actor=actor,
            branch=branch_of(session, offer.branch),
            service=service_of(session, offer.service),
            wanted=offer.schedules,
        )
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
    catalog = loading.dump(session)
    offers = tuple(_with_schedules(session, offer) for offer in catalog.offers)
    return document.render(_replaced(catalog, offers))


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
    present = [_entry(row) for row in rows]
    if sorted(present, key=_order) == sorted(wanted, key=_order):
        return False
    for row in rows:
        session.delete(row)
    for entry in wanted:
        values = {name: getattr(entry, name) for name in _FIELDS}
        values["weekdays"] = list(entry.weekdays)
        session.add(SlotSchedule(branch_id=branch.id, service_id=service.id, **values))
    session.flush()
    subject = f"branch:{branch.code}"
    detail = {"service": service.code, "was": len(present), "now": len(wanted)}
    audit.record(session, actor=actor, action="schedule.changed", subject=subject, **detail)
    return True


def _with_schedules(session: Session, offer: OfferEntry) -> OfferEntry:
    branch, service = branch_of(session, offer.branch), service_of(session, offer.service)
    found = [_entry(row) for row in _rows(session, branch.id, service.id)]
    return OfferEntry(offer.branch, offer.service, tuple(sorted(found, key=_order)))


def _replaced(catalog: CatalogDocument, offers: tuple[OfferEntry, ...]) -> CatalogDocument:
    return dataclasses.replace(catalog, offers=offers)


def _rows(session: Session, branch_id: int, service_id: int) -> list[SlotSchedule]:
    here = SlotSchedule.branch_id == branch_id, SlotSchedule.service_id == service_id
    return list(session.scalars(select(SlotSchedule).where(*here).order_by(SlotSchedule.id)))


def _entry(row: SlotSchedule) -> ScheduleEntry:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["weekdays"] = tuple(sorted(row.weekdays))
    return ScheduleEntry(**values)


def _order(entry: ScheduleEntry) -> str:
    return repr(entry)
