"""Edit when a service can be booked: its rules, and the days that go another way. Saving makes the slots."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import delete, inspect
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.booking.models import SlotSchedule
from govdesk.booking.rules import MIDNIGHT, SlotRuleError
from govdesk.booking.schedule.making import FARTHEST, exceptions_of, make_slots, rule_of, setup_of
from govdesk.booking.schedule.models import ScheduleException
from govdesk.booking.schedule.plan import expand
from govdesk.booking.schedule.previews import Preview, preview
from govdesk.booking.schedule.windows import bookable_window
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.rules import MissingHolidaysError

KINDS = ("shut", "hours", "desks")


def check_schedule(schedule: SlotSchedule, branch: Branch) -> None:
    """Raise SlotRuleError, with its field, where the numbers of a rule make no sense together."""
    rule = rule_of(schedule)
    if not rule.weekdays:
        raise SlotRuleError("booking.no_weekday", field="weekdays")
    if rule.ends <= rule.starts and rule.ends != MIDNIGHT:
        raise SlotRuleError("booking.rule_ends_first", field="ends")
    if rule.valid_from and rule.valid_until and rule.valid_until < rule.valid_from:
        raise SlotRuleError("booking.rule_dates_reversed", field="valid_until")
    try:
        bookable_window(clock.now(), rule.lead, rule.horizon, ZoneInfo(branch.timezone))
    except SlotRuleError as refusal:
        refusal.field = "horizon_days"
        raise


def save_schedule(session: Session, *, actor: Actor, branch: Branch, schedule: SlotSchedule) -> None:
    """Add a rule or keep its changes, and make its slots. Raises SlotRuleError."""
    check_schedule(schedule, branch)
    is_new = bool(inspect(schedule).transient)
    if is_new:
        session.add(schedule)
    session.flush()
    _record(session, actor, branch, "schedule.added" if is_new else "schedule.changed", schedule.service_id)
    remake(session, branch, [schedule.service_id])


def remove_schedule(session: Session, *, actor: Actor, branch: Branch, schedule: SlotSchedule) -> None:
    """Take a rule away with its exceptions; who has booked keeps the time until moved."""
    session.execute(delete(ScheduleException).where(ScheduleException.schedule_id == schedule.id))
    session.delete(schedule)
    session.flush()
    _record(session, actor, branch, "schedule.removed", schedule.service_id)
    remake(session, branch, [schedule.service_id])


def check_exception(exception: ScheduleException) -> None:
    """Raise SlotRuleError, with its field, for days or hours in the wrong order, or what its kind lacks."""
    if exception.last_on < exception.first_on:
        raise SlotRuleError("booking.rule_dates_reversed", field="last_on")
    if exception.last_on - exception.first_on > FARTHEST:
        raise SlotRuleError("booking.exception_long", field="last_on")
    has_hours = exception.starts is not None and exception.ends is not None
    if exception.kind == "hours" and not has_hours:
        raise SlotRuleError("booking.hours_missing", field="starts")
    if exception.kind == "desks" and exception.capacity is None:
        raise SlotRuleError("booking.desks_missing", field="capacity")
    if exception.starts is not None and exception.ends is not None:
        ends_first = exception.ends <= exception.starts and exception.ends != MIDNIGHT
        if ends_first:
            raise SlotRuleError("booking.rule_ends_first", field="ends")


def save_exception(session: Session, *, actor: Actor, branch: Branch, exception: ScheduleException) -> None:
    """Add an exception or keep its changes, and make the slots that it touches. Raises SlotRuleError."""
    check_exception(exception)
    is_new = bool(inspect(exception).transient)
    if is_new:
        session.add(exception)
    session.flush()
    action = "exception.added" if is_new else "exception.changed"
    _record(session, actor, branch, action, exception.service_id, first_on=str(exception.first_on))
    remake(session, branch, touched_services(branch, exception))


def withdraw_exception(
    session: Session, *, actor: Actor, branch: Branch, exception: ScheduleException
) -> None:
    """Let the rules hold again on its days."""
    services = touched_services(branch, exception)
    session.delete(exception)
    session.flush()
    first_on = str(exception.first_on)
    _record(session, actor, branch, "exception.withdrawn", exception.service_id, first_on=first_on)
    remake(session, branch, services)


def touched_services(branch: Branch, exception: ScheduleException) -> list[int]:
    """The services to which an exception speaks."""
    return [offer.service_id for offer in branch.offers if exception.service_id in (None, offer.service_id)]


def look(
    session: Session,
    branch: Branch,
    service_ids: Iterable[int],
    *,
    schedule: SlotSchedule | None = None,
    gone: SlotSchedule | None = None,
    exception: ScheduleException | None = None,
    over: ScheduleException | None = None,
    days: int = 28,
) -> Preview:
    """Return what a change would do, without doing it: a rule or an exception added, changed, or taken away.

    A draft is in no session; a changed one has the id of what it replaces. Raises MissingHolidaysError.
    """
    today = clock.local_day(clock.now(), branch.timezone)
    before = {each: setup_of(session, branch, each, today) for each in service_ids}
    after = dict(before)
    rule = rule_of(schedule) if schedule else None
    if rule and schedule:
        after[schedule.service_id] = before[schedule.service_id].with_rule(rule)
    if gone:
        after[gone.service_id] = before[gone.service_id].without_rule(gone.id)
    if exception or over:
        replaced = {row.id for row in (exception, over) if row is not None and row.id is not None}
        for each, setup in before.items():
            rows = [r for r in exceptions_of(session, branch.id, each, today) if r.id not in replaced]
            rows += [exception] if exception and exception.service_id in (None, each) else []
            after[each] = replace(setup, exceptions=expand(rows, today, today + FARTHEST))
    return preview(session, branch, before=before, after=after, days=days, rule=rule)


def remake(session: Session, branch: Branch, service_ids: Iterable[int]) -> None:
    """Bring the slots of these services in line with what holds; where a year is unknown, their job does."""
    for service_id in service_ids:
        try:
            make_slots(session, branch_id=branch.id, service_id=service_id)
        except MissingHolidaysError:  # their job makes them once the year is known
            continue


def _record(
    session: Session, actor: Actor, branch: Branch, action: str, service_id: int | None, **detail: object
) -> None:
    service = session.get(PublicService, service_id) if service_id else None
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"branch:{branch.code}",
        service=service.code if service else None,
        **detail,
    )
