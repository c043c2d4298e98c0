"""Holidays: those of the country taken over, each one kept by hand."""

import datetime as dt

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.booking.schedule.touched import booked_on
from govdesk.catalog import holidays as verbs
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, Holiday
from govdesk.catalog.service import open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.admin import outside
from govdesk.faces.admin.acts import found, pressed, remake_slots, sent
from govdesk.faces.admin.forms import HolidayForm
from govdesk.faces.admin.looking import name_of
from govdesk.i18n import latin_digits, named, t
from govdesk.web import actor, page, staff_only

FIRST_YEAR, LAST_YEAR = 1990, 2077


@staff_only("admin")
def holidays() -> ResponseReturnValue:
    """List the holidays of a year."""
    year = _year(request.args.get("year"))
    bounds = dt.date(year, 1, 1), dt.date(year, 12, 31)
    known = reading().scalars(select(Holiday).where(Holiday.day.between(*bounds)).order_by(Holiday.day))
    branches = {branch.id: branch for branch in reading().scalars(select(Branch))}
    return page("admin/holidays.html", holidays=known.all(), branches=branches, year=year)


@staff_only("admin")
def seed_holidays() -> ResponseReturnValue:
    """Take over the public holidays of the country for a year."""
    year = _year(request.form.get("year"))
    back = url_for("admin.holidays", year=year)

    def act(session: Session) -> str:
        verbs.seed(session, actor=actor(), years=[year])
        remake_slots(session)
        return back

    return pressed(act, "admin.holidays_seeded", back)


@staff_only("admin")
def holiday(row_id: int | None = None) -> ResponseReturnValue:
    """Declare or change a holiday; one that leaves booked people outside is saved only when confirmed."""
    row = found(reading(), Holiday, row_id) if row_id else None
    form = HolidayForm(obj=row, data={"branch": (row.branch_id or 0) if row else 0})
    places = open_branches(reading())
    form.branch.choices = [
        SelectChoice(0, t("admin.all_branches")),
        *(SelectChoice(place.id, named(place)) for place in places),
    ]
    if row:  # the day and the place say which one it is
        del form.day
        del form.branch
    touched = _outside(reading(), form, row) if form.is_submitted() and form.validate() else []
    if outside.must_ask(form, touched):
        return page(
            "admin/holiday.html", status=409, form=form, holiday=row, outside=touched, name_of=name_of
        )

    def act(session: Session) -> str:
        now = _outside(session, form, row)
        outside.refuse_unseen(form, now)
        day, branch_id = _which(form, row)
        verbs.declare(
            session,
            actor=actor(),
            day=day,
            name_ar=form.name_ar.data or "",
            name_en=form.name_en.data or "",
            branch=session.get_one(Branch, branch_id) if branch_id else None,
            hours=_hours(form),
            is_new=row is None,
        )
        remake_slots(session, branch_id)
        outside.move(session, form, now, Name(form.name_ar.data or "", form.name_en.data or ""))
        return url_for("admin.holidays", year=day.year)

    return sent(form, act) or page(
        "admin/holiday.html", form=form, holiday=row, outside=touched, name_of=name_of
    )


@staff_only("admin")
def withdraw_holiday(row_id: int) -> ResponseReturnValue:
    """Make a holiday an ordinary day again."""
    year = found(reading(), Holiday, row_id).day.year
    back = url_for("admin.holidays", year=year)

    def act(session: Session) -> str:
        row = found(session, Holiday, row_id)
        verbs.withdraw(session, actor=actor(), holiday=row)
        remake_slots(session, row.branch_id)
        return back

    return pressed(act, "admin.holiday_withdrawn", back)


def _year(typed: str | None) -> int:
    today = clock.local_day(clock.now(), settings().default_timezone)
    written = latin_digits(typed or "").strip()
    year = int(written) if written.isdecimal() and len(written) == len("2026") else today.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _which(form: HolidayForm, row: Holiday | None) -> tuple[dt.date, int | None]:
    return (row.day, row.branch_id) if row else (form.day.data, form.branch.data or None)


def _hours(form: HolidayForm) -> tuple[dt.time, dt.time] | None:
    return (form.opens.data, form.closes.data) if form.opens.data and form.closes.data else None


def _outside(session: Session, form: HolidayForm, row: Holiday | None) -> list[Appointment]:
    day, branch_id = _which(form, row)
    touched = [place for place in open_branches(session) if branch_id in (None, place.id)]
    return booked_on(session, day=day, branches=touched, hours=_hours(form))
