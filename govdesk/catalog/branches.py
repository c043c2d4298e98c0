"""Edit where people are served: branches, their week, their notice, their counters, and what they offer."""

import itertools
from collections.abc import Collection, Iterable
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.catalog import door
from govdesk.catalog.editing import CatalogEditError, describe, refuse_known
from govdesk.catalog.entries import HoursEntry
from govdesk.catalog.models import Branch, BranchHours, BranchService, Counter, PublicService
from govdesk.errors import NotAllowedError

MIDNIGHT = time(0)
LARGEST_NUMBER = 999
MOST_WALKINS = 9999
LONGEST_WAIT = 1440  # minutes


def describe_branch(
    session: Session, *, actor: Actor, code: str, timezone: str, is_new: bool = False, **values: Any
) -> Branch:
    """Add or change a branch; `values` are its names, addresses, notices, coordinates and is_active.

    Raises CatalogEditError for an unknown time zone, half a coordinate or one beyond the globe, or when
    `is_new` and the code is taken.
    """
    try:
        ZoneInfo(timezone)
    except (OSError, ValueError, KeyError) as problem:
        raise CatalogEditError("catalog.timezone_unknown", field="timezone") from problem
    _refuse_nowhere(values.get("latitude"), values.get("longitude"))
    branch = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    refuse_known(branch, is_new=is_new, code=code)
    branch = branch or Branch(code=code)
    values |= {"timezone": timezone, "is_imported": False}
    describe(session, actor=actor, thing=branch, subject=f"branch:{code}", **values)
    return branch


def _refuse_nowhere(latitude: float | None, longitude: float | None) -> None:
    for field, most, degrees, other in (
        ("latitude", 90, latitude, longitude),
        ("longitude", 180, longitude, latitude),
    ):
        if degrees is None and other is not None:
            raise CatalogEditError("catalog.half_a_place", field=field)
        if degrees is not None and not -most <= degrees <= most:
            raise CatalogEditError("catalog.degrees", field=field, most=most)


def set_notice(session: Session, *, actor: Actor, branch: Branch, notice_ar: str, notice_en: str) -> None:
    """Change the line at the foot of a branch's board; NotAllowedError outside the actor's branches."""
    if not actor.may("admin", "supervisor", branch_id=branch.id):
        raise NotAllowedError
    notice = {"notice_ar": notice_ar, "notice_en": notice_en}
    describe(session, actor=actor, thing=branch, subject=f"branch:{branch.code}", **notice)


def set_door(session: Session, *, actor: Actor, branch: Branch, demands_devices: bool, printer: str) -> None:
    """Say whether only registered screens are let in, and where reception prints. Raises CatalogEditError."""
    try:
        address = door.printer_address(printer)
    except ValueError as problem:
        raise CatalogEditError("devices.printer_wrong", field="printer") from problem
    values = {"demands_devices": demands_devices, "printer": address}
    describe(session, actor=actor, thing=branch, subject=f"branch:{branch.code}", **values)


def limit_offer(
    session: Session,
    *,
    actor: Actor,
    offer: BranchService,
    daily_walkins: int | None,
    longest_wait_minutes: int | None,
    kept_for_hall: int = 0,
) -> bool:
    """Say how many may come for a service each day without an appointment, and how long they may wait.

    Raises CatalogEditError where more is kept for people in the hall than there is.
    """
    if kept_for_hall and kept_for_hall > (daily_walkins or 0):
        raise CatalogEditError("catalog.kept_exceeds", field=f"kept_{offer.service_id}", status=422)
    limits = {
        "daily_walkins": daily_walkins,
        "longest_wait_minutes": longest_wait_minutes,
        "kept_for_hall": kept_for_hall,
    }
    subject = f"offer:{offer.branch.code}/{offer.service.code}"
    return describe(session, actor=actor, thing=offer, subject=subject, **limits)


def set_hours(session: Session, *, actor: Actor, branch: Branch, week: Iterable[HoursEntry]) -> bool:
    """Give a branch its weekly openings, half-open, a close of 00:00 being midnight; whether they changed.

    Raises CatalogEditError with field `hours_<weekday>` where one ends before it begins or meets another.
    """
    wanted = refuse_broken_week(week)
    present = [HoursEntry(row.weekday, row.opens, row.closes) for row in branch.hours]
    if sorted(present, key=lambda row: (row.weekday, row.opens)) == wanted:
        return False
    branch.hours = [BranchHours(weekday=row.weekday, opens=row.opens, closes=row.closes) for row in wanted]
    session.flush()
    was, now = _written(present), _written(wanted)
    subject = f"branch:{branch.code}"
    audit.record(session, actor=actor, action="branch.hours_changed", subject=subject, was=was, now=now)
    return True


def refuse_broken_week(week: Iterable[HoursEntry]) -> list[HoursEntry]:
    """Return the openings in order; CatalogEditError where one ends first or meets another."""
    wanted = sorted(week, key=lambda row: (row.weekday, row.opens))
    for row in wanted:
        if row.closes <= row.opens and row.closes != MIDNIGHT:
            raise CatalogEditError("catalog.closes_first", field=f"hours_{row.weekday}")
    for before, after in itertools.pairwise(wanted):
        if before.weekday == after.weekday and (before.closes == MIDNIGHT or after.opens < before.closes):
            raise CatalogEditError("catalog.shifts_meet", field=f"hours_{after.weekday}")
    return wanted


def offer_only(
    session: Session, *, actor: Actor, branch: Branch, services: Collection[PublicService]
) -> bool:
    """Make these the services that a branch offers; whether that changed it. Who has booked keeps it."""
    wanted = {service.id for service in services}
    present = {row.service_id for row in branch.offers}
    for row in [row for row in branch.offers if row.service_id not in wanted]:
        branch.offers.remove(row)
        subject = f"branch:{branch.code}"
        audit.record(
            session, actor=actor, action="offer.withdrawn", subject=subject, service=row.service.code
        )
    for service in services:
        if service.id not in present:
            offer(session, actor=actor, branch=branch, service=service)
    session.flush()
    return wanted != present


def offer(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    service: PublicService,
    kinds: Collection[str] | None = None,
) -> bool:
    """Offer a service at a branch, by these kinds of appointments; whether it was not offered before.

    Without kinds those of before stay, and a new offer is met on site.
    """
    present = next((row for row in branch.offers if row.service_id == service.id), None)
    if present is not None:
        if kinds is not None and sorted(kinds) != sorted(present.kinds):
            subject, was = f"branch:{branch.code}", present.kinds
            present.kinds = sorted(kinds)
            detail = {"service": service.code, "was": was, "now": present.kinds}
            audit.record(session, actor=actor, action="offer.kinds_changed", subject=subject, **detail)
        return False
    branch.offers.append(
        BranchService(service=service, service_id=service.id, kinds=sorted(kinds or ("on_site",)))
    )
    session.flush()
    audit.record(
        session, actor=actor, action="offer.made", subject=f"branch:{branch.code}", service=service.code
    )
    return True


def describe_counter(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    number: int,
    service_ids: Collection[int] = (),
    is_active: bool = True,
    is_new: bool = False,
) -> Counter:
    """Add or change a counter; without services it serves every service of its branch.

    Raises CatalogEditError for a number that is taken or out of range, or a service that the branch does not
    offer.
    """
    if not 1 <= number <= LARGEST_NUMBER:
        raise CatalogEditError("catalog.counter_number", field="number", largest=LARGEST_NUMBER)
    known = select(Counter).where(Counter.branch_id == branch.id, Counter.number == number)
    counter = session.scalars(known).one_or_none()
    if is_new and counter is not None:
        raise CatalogEditError("catalog.counter_taken", field="number", number=number)
    offered = {row.service_id for row in branch.offers}
    if not offered.issuperset(service_ids):
        raise CatalogEditError("catalog.counter_service", field="services")
    counter = counter or Counter(branch_id=branch.id, number=number)
    values = {"service_ids": sorted(service_ids), "is_active": is_active}
    describe(session, actor=actor, thing=counter, subject=f"counter:{branch.code}/{number}", **values)
    return counter


def _written(week: Iterable[HoursEntry]) -> list[str]:
    return [f"{row.weekday} {row.opens:%H:%M}-{row.closes:%H:%M}" for row in week]
