"""Join the waiting list of a service, for any place within a wish or for an earlier one.

waiting > offered > placed, or back to waiting, or left | ended.
"""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import managing
from govdesk.booking.answering import leave, lock_entry, note
from govdesk.booking.finding import reference_in
from govdesk.booking.models import Appointment
from govdesk.booking.rebooking import has_priority
from govdesk.booking.turns import LARGEST_GROUP, PARTS
from govdesk.booking.waiting_models import LIVE, WaitingEntry
from govdesk.catalog.models import PublicService
from govdesk.catalog.service import branches_offering
from govdesk.config import settings
from govdesk.errors import DeskError, NotFoundError
from govdesk.people.models import Person
from govdesk.people.service import contact_digest

FARTHEST = dt.timedelta(days=90)
REFERENCE_LENGTH = 8


class WaitingError(DeskError):
    """What was asked for of the waiting list cannot be; the key says why."""

    key = "waiting.refused"


class EntryNotFoundError(NotFoundError):
    """No place in a line has this link."""

    key = "waiting.not_found"


def join(
    session: Session,
    *,
    actor: Actor,
    service: PublicService,
    person: Person,
    branch_ids: Collection[int],
    first_on: dt.date,
    last_on: dt.date,
    part: str = "any",
    people: int = 1,
    kind: str = "on_site",
    interpreter: str | None = None,
    scenario_id: int | None = None,
    priority: str = "none",
    language: str = "ar",
    contact: str | None = None,
    field: str = "identity",
) -> WaitingEntry:
    """Stand in the line of a service, for a place of these days at these branches. Emits `waiting.joined`.

    Once for each person and service: the person's row is locked before looking, and the unique index over
    live entries stands behind it. Who has an appointment wishes for an earlier one instead.
    Raises WaitingError beside the field that is wrong, or beside `field`.
    """
    _check(session, service, branch_ids, first_on, last_on)
    if part not in PARTS:
        raise WaitingError("errors.choose_known", field="part", status=422)
    if not 1 <= people <= LARGEST_GROUP:
        raise WaitingError("waiting.group_large", field="people", status=422, most=LARGEST_GROUP)
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    if _live_of(session, person.id, service.id) is not None:
        raise WaitingError("waiting.already", field=field)
    booked = select(Appointment.id).where(
        Appointment.person_id == person.id,
        Appointment.service_id == service.id,
        Appointment.state == "booked",
    )
    if session.scalar(booked.limit(1)) is not None:
        raise WaitingError("waiting.has_appointment", field=field)
    digest = contact_digest(contact) if contact else None
    _refuse_hoarding(session, digest)
    entry = _enter(
        session, service_id=service.id, person_id=person.id, branch_ids=sorted(branch_ids), first_on=first_on,
        last_on=last_on, part=part, people=people, kind=kind, interpreter=interpreter,
        scenario_id=scenario_id, priority=priority, language=language, contact_digest=digest,
    )  # fmt: skip
    note(session, actor, entry, "joined")
    outbox.emit(session, "waiting.joined", entry_id=entry.id)
    return entry


def wish_earlier(
    session: Session, *, actor: Actor, appointment: Appointment, is_wished: bool = True
) -> WaitingEntry | None:
    """Stand in the line for an earlier place of an appointment, or no longer; the entry while it stands.

    Where the office displaced the person any later day will do as well. Raises AppointmentStateError.
    """
    entry = entry_of(session, appointment)
    if entry is not None:
        lock_entry(session, entry)
    managing.wish_earlier(session, actor=actor, appointment=appointment, is_wished=is_wished)
    if not is_wished:
        if entry is not None:
            leave(session, actor=actor, entry=entry)
        return None
    return entry or enrol(session, appointment)


def enrol(session: Session, appointment: Appointment) -> WaitingEntry | None:
    """Enter an appointment whose person wishes for an earlier place; None where they stand there already."""
    if appointment.person_id is None:
        return None
    session.execute(select(Person.id).where(Person.id == appointment.person_id).with_for_update())
    if _live_of(session, appointment.person_id, appointment.service_id) is not None:
        return None
    zone, is_displaced = appointment.branch.timezone, has_priority(session, appointment)
    day = clock.local_day(appointment.starts_at, zone)
    entry = _enter(
        session, service_id=appointment.service_id, person_id=appointment.person_id,
        appointment_id=appointment.id, branch_ids=[appointment.branch_id],
        first_on=clock.local_day(clock.now(), zone), last_on=day + FARTHEST if is_displaced else day,
        kind=appointment.kind, interpreter=appointment.interpreter, scenario_id=appointment.scenario_id,
        priority=appointment.priority, is_displaced=is_displaced, language=appointment.language,
        contact_digest=appointment.contact_digest, verified_at=appointment.verified_at,
    )  # fmt: skip
    note(session, SYSTEM, entry, "joined")
    return entry


def by_token(session: Session, token: str) -> WaitingEntry:
    """The entry of a private link. Raises EntryNotFoundError."""
    found = session.scalars(select(WaitingEntry).where(WaitingEntry.link_token == token)).one_or_none()
    if found is None:
        raise EntryNotFoundError
    return found


def find(session: Session, text: str) -> WaitingEntry:
    """The entry of a reference as people type it. Raises EntryNotFoundError."""
    own = WaitingEntry.reference == reference_in(text)
    found = session.scalars(select(WaitingEntry).where(own)).one_or_none()
    if found is None:
        raise EntryNotFoundError
    return found


def entry_of(session: Session, appointment: Appointment) -> WaitingEntry | None:
    """The live entry by which an appointment waits for an earlier place."""
    wanted = select(WaitingEntry).where(
        WaitingEntry.appointment_id == appointment.id, WaitingEntry.state.in_(LIVE)
    )
    return session.scalars(wanted).one_or_none()


def forget_person(session: Session, payload: dict[str, int]) -> None:
    """Take a person whose contact was removed out of every line: nobody could tell them."""
    own = select(WaitingEntry).where(
        WaitingEntry.person_id == payload["person_id"], WaitingEntry.state.in_(LIVE)
    )
    for entry in session.scalars(own.order_by(WaitingEntry.id)):
        leave(session, actor=SYSTEM, entry=entry)


def _check(
    session: Session, service: PublicService, branch_ids: Collection[int], first: dt.date, last: dt.date
) -> None:
    offered = {branch.id for branch in branches_offering(session, service)}
    if not branch_ids or not offered.issuperset(branch_ids):
        raise WaitingError("waiting.branch_missing", field="branches", status=422)
    today = clock.local_day(clock.now(), settings().default_timezone)
    if first < today:
        raise WaitingError("errors.date_past", field="first_on", status=422)
    if last < first:
        raise WaitingError("waiting.days_reversed", field="last_on", status=422)
    if last > today + FARTHEST:
        raise WaitingError("waiting.too_far", field="last_on", status=422, days=FARTHEST.days)


def _enter(session: Session, **columns: object) -> WaitingEntry:
    entry = WaitingEntry(
        reference=chance.code(REFERENCE_LENGTH), link_token=chance.token(), state="waiting",
        joined_at=clock.now(), **columns,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def _live_of(session: Session, person_id: int, service_id: int) -> WaitingEntry | None:
    live = select(WaitingEntry).where(
        WaitingEntry.person_id == person_id,
        WaitingEntry.service_id == service_id,
        WaitingEntry.state.in_(LIVE),
    )
    return session.scalars(live).one_or_none()


def _refuse_hoarding(session: Session, digest: str | None) -> None:
    """Refuse one more entry with a contact that stands in as many lines as a family needs."""
    own = WaitingEntry.contact_digest == digest, WaitingEntry.state.in_(LIVE)
    standing = session.scalar(select(func.count()).where(*own)) if digest else 0
    if (standing or 0) >= settings().bookings_per_contact:
        raise WaitingError("waiting.contact_full", field="phone", lines=settings().bookings_per_contact)
