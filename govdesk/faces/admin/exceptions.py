"""Exceptions of schedules, closures among them: first what they do and whom they touch, then saved."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.booking.models import SlotSchedule
from govdesk.booking.schedule import timetable
from govdesk.booking.schedule.models import ScheduleException
from govdesk.booking.schedule.previews import Preview
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found
from govdesk.faces.admin.looking import look_then_save, move_people
from govdesk.faces.admin.schedule_forms import ExceptionForm, RemovalForm
from govdesk.faces.admin.schedules import own_branch
from govdesk.i18n import clock_time, named, t
from govdesk.web import actor, staff_only

ALL = "all"


@staff_only("admin")
def exception(branch: str, row_id: int | None = None) -> ResponseReturnValue:
    """Declare or change an exception: a closure, other hours, other desks."""
    here = own_branch(branch)
    row = _exception(here, row_id) if row_id else None
    form = ExceptionForm(obj=row, data=_given(row, here))
    form.scope.choices = _scopes(here)

    def drafted() -> ScheduleException:
        draft = ScheduleException(branch_id=here.id, **_bound(form.scope.data), **form.columns())
        draft.id = row.id if row else None  # type: ignore[assignment]
        return draft

    def look(session: Session) -> Preview:
        draft, place = drafted(), session.get_one(Branch, here.id)
        timetable.check_exception(draft)
        over = session.get_one(ScheduleException, row.id) if row else None
        services = {*timetable.touched_services(place, draft)}
        services |= {*timetable.touched_services(place, over)} if over else set()
        return timetable.look(
            session, place, sorted(services), exception=draft, over=over, days=form.weeks.data * 7
        )

    def save(session: Session, shown: Preview) -> str:
        place = session.get_one(Branch, here.id)
        changed = session.get_one(ScheduleException, row.id) if row else drafted()
        before = timetable.touched_services(place, changed)
        for name, value in (_bound(form.scope.data) | form.columns()).items():
            setattr(changed, name, value)
        timetable.save_exception(session, actor=actor(), branch=place, exception=changed)
        timetable.remake(session, place, before)
        move_people(session, form, shown, Name(changed.name_ar, changed.name_en))
        return url_for("admin.schedules", branch=here.code, week=changed.first_on, _anchor="exceptions")

    return look_then_save(form, here, look=look, save=save, template="admin/exception.html", exception=row)


@staff_only("admin")
def withdraw_exception(branch: str, row_id: int) -> ResponseReturnValue:
    """Let the rules hold again: first what that does."""
    here = own_branch(branch)
    row = _exception(here, row_id)
    form = RemovalForm()

    def look(session: Session) -> Preview:
        over, place = session.get_one(ScheduleException, row_id), session.get_one(Branch, here.id)
        services = timetable.touched_services(place, over)
        return timetable.look(session, place, services, over=over, days=form.weeks.data * 7)

    def save(session: Session, shown: Preview) -> str:
        over, place = session.get_one(ScheduleException, row_id), session.get_one(Branch, here.id)
        timetable.withdraw_exception(session, actor=actor(), branch=place, exception=over)
        move_people(session, form, shown, Name(form.reason_ar.data or "", form.reason_en.data or ""))
        return url_for("admin.schedules", branch=here.code, _anchor="exceptions")

    return look_then_save(
        form, here, look=look, save=save, template="admin/withdraw_exception.html", exception=row
    )


def _exception(here: Branch, row_id: int) -> ScheduleException:
    row = found(reading(), ScheduleException, row_id)
    if row.branch_id != here.id:
        raise NotFoundError
    return row


def _given(row: ScheduleException | None, here: Branch) -> dict[str, object]:
    if row is not None:
        place = f"s{row.service_id}" if row.service_id else ALL
        return {"scope": f"r{row.schedule_id}" if row.schedule_id else place}
    today = clock.local_day(clock.now(), here.timezone)
    code = request.args.get("service")
    chosen = next((offer.service_id for offer in here.offers if offer.service.code == code), None)
    return {"scope": f"s{chosen}" if chosen else ALL, "first_on": today, "last_on": today}


def _scopes(here: Branch) -> list[SelectChoice]:
    """All services of the branch, each of them, and each of their rules."""
    session, choices = reading(), [SelectChoice(ALL, t("schedules.scope_all"))]
    rules = session.scalars(
        select(SlotSchedule).where(SlotSchedule.branch_id == here.id).order_by(SlotSchedule.id)
    ).all()
    for service in offered(session, here):
        choices.append(SelectChoice(f"s{service.id}", named(service)))
        own = [rule for rule in rules if rule.service_id == service.id]
        choices += [
            SelectChoice(
                f"r{rule.id}",
                t(
                    "schedules.scope_rule",
                    service=named(service),
                    starts=clock_time(rule.starts),
                    ends=clock_time(rule.ends),
                ),
            )
            for rule in (own if len(own) > 1 else [])
        ]
    return choices


def _bound(scope: str) -> dict[str, int | None]:
    """Return what an exception is bound to, by the choice in the form."""
    if scope == ALL:
        return {"service_id": None, "schedule_id": None}
    number = int(scope[1:])
    if scope[0] == "s":
        return {"service_id": number, "schedule_id": None}
    rule = reading().get_one(SlotSchedule, number)
    return {"service_id": rule.service_id, "schedule_id": rule.id}
