"""The schedule editor: a branch's week as a calendar, its rules, and what a change of them does."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.booking.models import SlotSchedule
from govdesk.booking.schedule import timetable
from govdesk.booking.schedule.making import setup_of
from govdesk.booking.schedule.models import ScheduleException
from govdesk.booking.schedule.plan import Setup, plan
from govdesk.booking.schedule.previews import Preview, conflicts
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, Holiday, PublicService
from govdesk.catalog.rules import Calendar, MissingHolidaysError
from govdesk.catalog.service import branch_of, calendar_of, offered, seasons_of
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found
from govdesk.faces.admin.looking import Stretch, look_then_save, move_people, stretches
from govdesk.faces.admin.schedule_forms import RemovalForm, ScheduleForm
from govdesk.i18n import latin_digits, named
from govdesk.web import actor, page, staff_only

_DAY = dt.timedelta(days=1)
_SUNDAY = 6
NEW = {"slot_minutes": 20, "capacity": 1, "lead_minutes": 60, "horizon_days": 21}


@staff_only("admin")
def schedules(branch: str) -> ResponseReturnValue:
    """Show a week of a branch's slots, its rules, exceptions and seasons, and what is odd about them."""
    here, session = own_branch(branch), reading()
    services = offered(session, here)
    chosen = next((each for each in services if each.code == request.args.get("service")), None)
    zone = ZoneInfo(here.timezone)
    today = clock.local_day(clock.now(), zone)
    sunday = _sunday(request.args.get("week"), today)
    shown = [chosen] if chosen else services
    calendar = calendar_of(session, here, is_strict=False)
    setups = {each.id: setup_of(session, here, each.id, min(today, sunday)) for each in shown}
    days = [sunday + n * _DAY for n in range(7)]
    week = {each.id: _week(setups[each.id], calendar, sunday, zone) for each in shown}
    return page(
        "admin/schedules.html",
        branch=here,
        services=services,
        chosen=chosen,
        shown=shown,
        days=days,
        week=week,
        hours=_hours(week.values(), calendar, days),
        openings={day: calendar.hours_of(day) for day in days},
        holidays=_holidays(session, here, days),
        rules=_rules(session, here, shown),
        exceptions=_exceptions(session, here, chosen, min(today, sunday)),
        seasons=[season for season in seasons_of(session, here.id) if season.last_on >= today],
        conflicts=[
            (each, conflict) for each in shown for conflict in conflicts(setups[each.id], calendar, today)
        ],
        today=today,
        previous=sunday - 7 * _DAY,
        following=sunday + 7 * _DAY,
    )


@staff_only("admin")
def schedule(branch: str, row_id: int | None = None) -> ResponseReturnValue:
    """Add or change a rule: first what it would do, then the same again to save it."""
    here = own_branch(branch)
    row = _rule(here, row_id) if row_id else None
    services = offered(reading(), here)
    form = ScheduleForm(obj=row, data=None if row else NEW)
    form.service.choices = [SelectChoice(each.id, named(each)) for each in services]
    if row:
        del form.service
    elif not form.is_submitted():
        form.service.data = next(
            (each.id for each in services if each.code == request.args.get("service")), None
        )
    service_id = row.service_id if row else form.service.data

    def drafted() -> SlotSchedule:
        draft = SlotSchedule(branch_id=here.id, service_id=service_id, **form.columns())
        draft.id = row.id if row else None  # type: ignore[assignment]
        return draft

    def look(session: Session) -> Preview:
        draft = drafted()
        timetable.check_schedule(draft, here)
        place = session.get_one(Branch, here.id)
        return timetable.look(session, place, [service_id], schedule=draft, days=form.weeks.data * 7)

    def save(session: Session, shown: Preview) -> str:
        place = session.get_one(Branch, here.id)
        changed = session.get_one(SlotSchedule, row.id) if row else drafted()
        for name, value in form.columns().items():
            setattr(changed, name, value)
        timetable.save_schedule(session, actor=actor(), branch=place, schedule=changed)
        move_people(session, form, shown, _reason(form))
        return _back(here, session.get_one(PublicService, service_id))

    return look_then_save(
        form, here, look=look, save=save, template="admin/schedule.html", schedule=row, services=services
    )


@staff_only("admin")
def remove_schedule(branch: str, row_id: int) -> ResponseReturnValue:
    """Take a rule away: first what that would do."""
    here = own_branch(branch)
    row = _rule(here, row_id)
    form = RemovalForm()
    service = reading().get_one(PublicService, row.service_id)

    def look(session: Session) -> Preview:
        gone = session.get_one(SlotSchedule, row_id)
        place = session.get_one(Branch, here.id)
        return timetable.look(session, place, [gone.service_id], gone=gone, days=form.weeks.data * 7)

    def save(session: Session, shown: Preview) -> str:
        gone = session.get_one(SlotSchedule, row_id)
        place = session.get_one(Branch, here.id)
        timetable.remove_schedule(session, actor=actor(), branch=place, schedule=gone)
        move_people(session, form, shown, _reason(form))
        return _back(here, service)

    return look_then_save(
        form, here, look=look, save=save, template="admin/remove_schedule.html", schedule=row, service=service
    )


def own_branch(code: str) -> Branch:
    """Return a branch by its code that is more than a name in an imported file."""
    here = branch_of(reading(), code)
    if here.is_imported:
        raise NotFoundError
    return here


def _rule(here: Branch, row_id: int) -> SlotSchedule:
    row = found(reading(), SlotSchedule, row_id)
    if row.branch_id != here.id:
        raise NotFoundError
    return row


def _reason(form: RemovalForm) -> Name:
    return Name(form.reason_ar.data or "", form.reason_en.data or "")


def _back(here: Branch, service: PublicService) -> str:
    return url_for("admin.schedules", branch=here.code, service=service.code)


def _sunday(typed: str | None, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(latin_digits(typed or ""))
    except ValueError:
        day = today
    nearest = min(max(day, today - 366 * _DAY), today + 366 * _DAY)
    return nearest - (nearest.weekday() - _SUNDAY) % 7 * _DAY


def _week(setup: Setup, calendar: Calendar, sunday: dt.date, zone: ZoneInfo) -> dict[dt.date, list[Stretch]]:
    try:
        made = plan(setup, calendar, sunday, zone, days=7)
    except MissingHolidaysError:
        return {}
    by_day: dict[dt.date, list[Stretch]] = {}
    for day in (sunday + n * _DAY for n in range(7)):
        slots = [each.slot for start, each in made.items() if start.astimezone(zone).date() == day]
        by_day[day] = stretches(slots, zone)
    return by_day


def _hours(weeks: object, calendar: Calendar, days: list[dt.date]) -> list[int]:
    """The hours of the grid: from the first opening or slot to the last."""
    found_hours = {
        hour
        for week in weeks  # type: ignore[attr-defined]
        for day in week.values()
        for each in day
        for hour in (each.starts.hour, (each.ends.hour or 24) - (0 if each.ends.minute else 1))
    }
    for day in days:
        for shift in calendar.hours_of(day):
            found_hours |= {shift.opens.hour, (shift.closes.hour or 24) - (0 if shift.closes.minute else 1)}
    return list(range(min(found_hours, default=8), max(found_hours, default=15) + 1))


def _holidays(session: Session, here: Branch, days: list[dt.date]) -> dict[dt.date, Holiday]:
    known = select(Holiday).where(
        Holiday.day.in_(days), Holiday.branch_id.is_(None) | (Holiday.branch_id == here.id)
    )
    return {row.day: row for row in session.scalars(known)}


def _rules(session: Session, here: Branch, services: list[PublicService]) -> list[SlotSchedule]:
    wanted = select(SlotSchedule).where(
        SlotSchedule.branch_id == here.id, SlotSchedule.service_id.in_([each.id for each in services])
    )
    return sorted(session.scalars(wanted), key=lambda row: (row.service_id, row.starts, row.id))


def _exceptions(
    session: Session, here: Branch, chosen: PublicService | None, since: dt.date
) -> list[ScheduleException]:
    wanted = select(ScheduleException).where(
        ScheduleException.branch_id == here.id, ScheduleException.last_on >= since
    )
    if chosen:
        of_it = ScheduleException.service_id.is_(None) | (ScheduleException.service_id == chosen.id)
        wanted = wanted.where(of_it)
    return list(session.scalars(wanted.order_by(ScheduleException.first_on, ScheduleException.id)))
