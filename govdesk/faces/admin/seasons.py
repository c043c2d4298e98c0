"""Seasons: days with a week of their own, such as Ramadan."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.booking.schedule.touched import booked_outside
from govdesk.catalog import seasons as verbs
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, Season
from govdesk.catalog.service import open_branches
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.admin import outside
from govdesk.faces.admin.acts import found, pressed, remake_slots, sent
from govdesk.faces.admin.looking import name_of
from govdesk.faces.admin.schedule_forms import SeasonForm
from govdesk.i18n import digits, named, speaking, t
from govdesk.web import actor, page, staff_only

NAMES = {"ar": "رمضان %s", "en": "Ramadan %s"}


@staff_only("admin")
def seasons() -> ResponseReturnValue:
    """List the seasons, and offer the next Ramadan where it is not declared."""
    known = list(reading().scalars(select(Season).order_by(Season.first_on.desc())))
    today = clock.local_day(clock.now(), settings().default_timezone)
    year, first, last = verbs.ramadan_after(today)
    is_declared = any(row.first_on <= last and row.last_on >= first for row in known)
    branches = {row.id: row for row in reading().scalars(select(Branch))}
    ramadan = None if is_declared else (year, first, last)
    return page("admin/seasons.html", seasons=known, branches=branches, ramadan=ramadan)


@staff_only("admin")
def season(row_id: int | None = None) -> ResponseReturnValue:
    """Declare or change a season; one that leaves booked people outside is saved only when confirmed."""
    row = found(reading(), Season, row_id) if row_id else None
    form = SeasonForm(obj=row, data={"branch": (row.branch_id or 0) if row else 0})
    places = open_branches(reading())
    form.branch.choices = [
        SelectChoice(0, t("admin.all_branches")), *(SelectChoice(place.id, named(place)) for place in places)
    ]  # fmt: skip
    branch_id = row.branch_id if row else form.branch.data or None
    if row:
        del form.branch
    if not form.is_submitted():
        _fill(form, row)
    touched = _outside(reading(), form, branch_id) if form.is_submitted() and form.validate() else []
    if outside.must_ask(form, touched):
        return page("admin/season.html", status=409, form=form, season=row, outside=touched, name_of=name_of)

    def act(session: Session) -> str:
        now = _outside(session, form, branch_id)
        outside.refuse_unseen(form, now)
        verbs.declare(
            session,
            actor=actor(),
            name_ar=form.name_ar.data or "",
            name_en=form.name_en.data or "",
            first_on=form.first_on.data,
            last_on=form.last_on.data,
            week=form.week(),
            branch=session.get_one(Branch, branch_id) if branch_id else None,
            season=session.get_one(Season, row.id) if row else None,
        )
        remake_slots(session, branch_id)
        outside.move(session, form, now, Name(form.name_ar.data or "", form.name_en.data or ""))
        return url_for("admin.seasons")

    return sent(form, act) or page(
        "admin/season.html", form=form, season=row, outside=touched, name_of=name_of
    )


@staff_only("admin")
def withdraw_season(row_id: int) -> ResponseReturnValue:
    """Let the usual week hold again."""
    back = url_for("admin.seasons")

    def act(session: Session) -> str:
        row = found(session, Season, row_id)
        branch_id = row.branch_id
        verbs.withdraw(session, actor=actor(), season=row)
        remake_slots(session, branch_id)
        return back

    return pressed(act, "schedules.season_withdrawn", back)


def _fill(form: SeasonForm, row: Season | None) -> None:
    if row:
        form.fill_week(verbs.week_of(row))
    elif "ramadan" in request.args:
        today = clock.local_day(clock.now(), settings().default_timezone)
        year, form.first_on.data, form.last_on.data = verbs.ramadan_after(today)
        for language, name in NAMES.items():
            with speaking(language):
                form[f"name_{language}"].data = name % digits(str(year))


def _outside(session: Session, form: SeasonForm, branch_id: int | None) -> list[Appointment]:
    days = form.first_on.data, form.last_on.data
    touched = [place for place in open_branches(session) if branch_id in (None, place.id)]
    return [
        row for place in touched for row in booked_outside(session, branch=place, week=form.week(), days=days)
    ]
