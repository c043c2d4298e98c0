"""Slots from schedules: made ahead day by day, and changed without losing anyone who has booked."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Slot, SlotSchedule
from govdesk.booking.rules import Hours, PlannedSlot, SlotException, SlotRule, slots_for_day
from govdesk.catalog.models import Branch, BranchService, PublicService
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.db import table_of

_DAY = dt.timedelta(days=1)
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
    Raises MissingHolidaysError where the calendar does not know a year that the horizon reaches.
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
    return len(new) + len(changed) + len(closing)


def bookable_until(starts_at: dt.datetime, lead: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
    """From which moment on a start cannot be booked any more: the counterpart of `rules.bookable_window`.

    A lead of whole days counts days: with one day, tomorrow can be booked until midnight. Any other lead is
    taken off the start.
    """
    if not lead or lead % _DAY:
        return starts_at - lead
    last = starts_at.astimezone(zone).date() - lead
    return dt.datetime.combine(last + _DAY, dt.time.min, zone).astimezone(dt.UTC)


def rule_of(schedule: SlotSchedule) -> SlotRule:
    """A stored schedule as a rule. Raises SlotRuleError where its numbers make no sense."""
    return SlotRule(
        weekdays=frozenset(schedule.weekdays),
        starts=schedule.starts,
        ends=schedule.ends,
        slot_minutes=schedule.slot_minutes,
        capacity=schedule.capacity,
        lead=dt.timedelta(minutes=schedule.lead_minutes),
        horizon=dt.timedelta(days=schedule.horizon_days),
        valid_from=schedule.valid_from,
        valid_until=schedule.valid_until,
    )


def _planned(
    session: Session, branch: Branch, service_id: int, today: dt.date
) -> dict[dt.datetime, tuple[PlannedSlot, dt.datetime]]:
    """Each start with its slot and until when it may be booked; none where it is not offered any more."""
    service = session.get_one(PublicService, service_id)
    is_offered = session.get(BranchService, (branch.id, service_id)) is not None
    if not (branch.is_active and service.is_active and is_offered):
        return {}
    schedules = session.scalars(
        select(SlotSchedule)
        .where(SlotSchedule.branch_id == branch.id, SlotSchedule.service_id == service_id)
        .order_by(SlotSchedule.id)
    )
    rules = [rule_of(schedule) for schedule in schedules]
    zone = ZoneInfo(branch.timezone)
    return {
        slot.starts_at: (slot, bookable_until(slot.starts_at, _lead(slot, rules, zone), zone))
        for slot in _ahead(rules, calendar_of(session, branch), today, zone)
    }


def _ahead(
    rules: Sequence[SlotRule], calendar: Calendar, today: dt.date, zone: ZoneInfo
) -> Iterator[PlannedSlot]:
    """The slots of each day to the longest horizon that lie wholly within the branch's opening hours."""
    exceptions = [
        SlotException(day, tuple(Hours(shift.opens, shift.closes) for shift in shifts))
        for day, shifts in calendar.exceptions.items()
    ]
    horizons = [rule.horizon.days for rule in rules if rule.horizon is not None]
    for ahead in range(max(horizons, default=-1) + 1):
        day = today + ahead * _DAY
        within = [rule for rule in rules if rule.horizon is not None and ahead <= rule.horizon.days]
        spans = calendar.open_intervals(day)
        for slot in slots_for_day(day, within, exceptions, calendar.holidays, zone):
            if any(opens <= slot.starts_at and slot.ends_at <= closes for opens, closes in spans):
                yield slot


def _lead(slot: PlannedSlot, rules: Sequence[SlotRule], zone: ZoneInfo) -> dt.timedelta:
    """The lead of the rule that makes this time; on a day of its own hours, the longest of all."""
    local = slot.starts_at.astimezone(zone)
    since = dt.timedelta(hours=local.hour, minutes=local.minute)
    own = [
        r for r in rules if local.weekday() in r.weekdays and r.hours.bounds[0] <= since < r.hours.bounds[1]
    ]
    return max((rule.lead or dt.timedelta() for rule in own or rules), default=dt.timedelta())


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
    return {"ends_at": plan.ends_at, "capacity": max(plan.capacity - staying, 0), "book_until": until}


def _differs(slot: Slot, row: dict[str, Any]) -> bool:
    is_same = slot.ends_at == row["ends_at"] and slot.book_until == row["book_until"] and not slot.is_closed
    return not is_same or slot.capacity != max(row["capacity"], slot.booked)


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    if rows:
        session.connection().execute(insert(table_of(Slot)).on_conflict_do_nothing(), list(rows))


def _change(session: Session, slot_id: int, row: dict[str, Any]) -> None:
    kept = case((Slot.booked > row["capacity"], Slot.booked), else_=row["capacity"])
    session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(ends_at=row["ends_at"], book_until=row["book_until"], capacity=kept, is_closed=False)
        .execution_options(synchronize_session=False)
    )
