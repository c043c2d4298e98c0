"""Slots from schedules: made ahead day by day, and changed without losing anyone who has booked."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.booking.models import Slot, SlotSchedule
from govdesk.booking.rules import PlannedSlot, SlotRule
from govdesk.booking.schedule.models import ScheduleException
from govdesk.booking.schedule.plan import PlannedPlace, Setup, expand, plan
from govdesk.catalog.models import Branch, BranchService, PublicService
from govdesk.catalog.service import calendar_of
from govdesk.db import table_of

FARTHEST = dt.timedelta(days=366)  # a horizon reaches no farther
Pair = tuple[int, int]  # branch, service


def pairs(session: Session, *, branch_id: int | None = None) -> list[Pair]:
    """Each (branch, service) that has a schedule or still has open slots ahead, of one branch or of all."""
    ruled = select(SlotSchedule.branch_id, SlotSchedule.service_id)
    open_ahead = (Slot.starts_at > clock.now(), Slot.is_closed.is_(False))
    slotted = select(Slot.branch_id, Slot.service_id).where(*open_ahead)
    found = {(branch, service) for branch, service in session.execute(ruled.union(slotted))}
    return sorted(pair for pair in found if branch_id in (None, pair[0]))


def make_slots(session: Session, *, branch_id: int, service_id: int) -> int:
    """Make the slots of a service at a branch, from today to its horizon; how many changed.

    Doing it twice changes nothing. A slot that no rule makes any more is closed, not deleted: whoever booked
    it keeps it, and while they do they take up a desk of the new slots at their time. A capacity that shrinks
    stops at those who have booked. Safe beside people who book: what they may change is set in one statement.
    Raises MissingHolidaysError where the calendar does not know a year that the horizon reaches. Emits
    `place.freed` where there is more to book than before.
    """
    branch = session.get_one(Branch, branch_id)
    zone = ZoneInfo(branch.timezone)
    today = clock.local_day(clock.now(), zone)
    planned = _planned(session, branch, service_id, today)
    stored = _stored(session, branch_id, service_id, clock.day_bounds(today, zone)[0])
    gone = [slot for start, slot in stored.items() if start not in planned]
    wanted = {start: _row(plan, until, gone) for start, (plan, until) in planned.items()}
    new = [
        {
            "branch_id": branch_id,
            "service_id": service_id,
            "booked": 0,
            "is_closed": False,
            "starts_at": start,
        }
        | row
        for start, row in wanted.items()
        if start not in stored
    ]
    changed = [
        (stored[start], row)
        for start, row in wanted.items()
        if start in stored and _differs(stored[start], row)
    ]
    closing = [slot.id for slot in gone if not slot.is_closed]
    _insert(session, new)
    for slot, row in changed:
        _change(session, slot.id, row)
    if closing:
        session.execute(update(Slot).where(Slot.id.in_(closing)).values(is_closed=True))
    if new or any(_grows(slot, row) for slot, row in changed):
        outbox.emit(session, "place.freed", service_id=service_id)
    return len(new) + len(changed) + len(closing)


def rule_of(schedule: SlotSchedule) -> SlotRule:
    """A stored schedule as a rule. Raises SlotRuleError where its numbers make no sense."""
    return SlotRule(
        weekdays=frozenset(schedule.weekdays),
        starts=schedule.starts,
        ends=schedule.ends,
        slot_minutes=schedule.slot_minutes,
        capacity=schedule.capacity + (schedule.extra or 0),
        lead=dt.timedelta(minutes=schedule.lead_minutes),
        horizon=dt.timedelta(days=schedule.horizon_days),
        valid_from=schedule.valid_from,
        valid_until=schedule.valid_until,
        every_weeks=schedule.every_weeks,
        anchor=schedule.anchor,
        nth_weeks=tuple(schedule.nth_weeks),
        kept_walkins=schedule.kept_walkins,
        kept_staff=schedule.kept_staff,
        key=schedule.id,
    )


def setup_of(session: Session, branch: Branch, service_id: int, today: dt.date) -> Setup:
    """What makes the slots of a service at a branch, with the exceptions from today to its horizon.

    Without rules where it is not offered any more. Raises SlotRuleError.
    """
    service = session.get_one(PublicService, service_id)
    is_offered = session.get(BranchService, (branch.id, service_id)) is not None
    if not (branch.is_active and service.is_active and is_offered):
        return Setup()
    schedules = session.scalars(
        select(SlotSchedule)
        .where(SlotSchedule.branch_id == branch.id, SlotSchedule.service_id == service_id)
        .order_by(SlotSchedule.id)
    )
    rules = tuple(rule_of(schedule) for schedule in schedules)
    return Setup(rules, expand(exceptions_of(session, branch.id, service_id, today), today, today + FARTHEST))


def exceptions_of(
    session: Session, branch_id: int, service_id: int, today: dt.date
) -> list[ScheduleException]:
    """The exceptions of a service at a branch, or of all its services, that are not over."""
    of_service = ScheduleException.service_id.is_(None) | (ScheduleException.service_id == service_id)
    wanted = select(ScheduleException).where(
        ScheduleException.branch_id == branch_id, of_service, ScheduleException.last_on >= today
    )
    return list(session.scalars(wanted.order_by(ScheduleException.first_on, ScheduleException.id)))


def _planned(
    session: Session, branch: Branch, service_id: int, today: dt.date
) -> dict[dt.datetime, PlannedPlace]:
    """Each start with its slot and until when it may be booked; none where it is not offered any more."""
    setup = setup_of(session, branch, service_id, today)
    return plan(setup, calendar_of(session, branch), today, ZoneInfo(branch.timezone)) if setup.rules else {}


def _stored(session: Session, branch_id: int, service_id: int, since: dt.datetime) -> dict[dt.datetime, Slot]:
    found = select(Slot).where(
        Slot.branch_id == branch_id, Slot.service_id == service_id, Slot.starts_at >= since
    )
    return {slot.starts_at: slot for slot in session.scalars(found.execution_options(populate_existing=True))}


def _row(plan: PlannedSlot, until: dt.datetime, gone: Iterable[Slot]) -> dict[str, Any]:
    """What a planned slot is stored as; people booked in closed slots of that time keep their desks."""
    staying = sum(
        slot.booked for slot in gone if slot.starts_at < plan.ends_at and plan.starts_at < slot.ends_at
    )
    kept = max(plan.kept_staff - max(staying - plan.capacity, 0), 0)
    return {
        "ends_at": plan.ends_at,
        "capacity": max(plan.capacity - staying, 0),
        "kept_staff": kept,
        "book_until": until,
    }


def _differs(slot: Slot, row: dict[str, Any]) -> bool:
    is_same = slot.ends_at == row["ends_at"] and slot.book_until == row["book_until"] and not slot.is_closed
    places = max(row["capacity"], slot.booked - row["kept_staff"]), row["kept_staff"]
    return not is_same or (slot.capacity, slot.kept_staff) != places


def _grows(slot: Slot, row: dict[str, Any]) -> bool:
    return slot.is_closed or row["capacity"] > slot.capacity or row["book_until"] > slot.book_until


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    if rows:
        session.connection().execute(insert(table_of(Slot)).on_conflict_do_nothing(), list(rows))


def _change(session: Session, slot_id: int, row: dict[str, Any]) -> None:
    kept_staff = row["kept_staff"]
    crowded = Slot.booked > row["capacity"] + kept_staff
    capacity = case((crowded, Slot.booked - kept_staff), else_=row["capacity"])
    values = {"ends_at": row["ends_at"], "book_until": row["book_until"], "is_closed": False}
    session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(capacity=capacity, kept_staff=kept_staff, **values)
        .execution_options(synchronize_session=False)
    )
