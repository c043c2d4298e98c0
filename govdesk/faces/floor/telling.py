"""Say something to everybody who waits."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.validators import InputRequired

from govdesk import clock
from govdesk.catalog.entries import Name
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.fields import ClockField, line
from govdesk.faces.floor.joining import MIDNIGHT, USUAL
from govdesk.faces.floor.views import bp, branch_of
from govdesk.i18n import named, nt
from govdesk.once import once
from govdesk.queue import hall_messages
from govdesk.web import DeskForm, actor, page, staff_only


class TellForm(DeskForm):
    """What is said in both languages, and until when today it is shown."""

    text_ar = line("floor.tell_ar", longest=hall_messages.LONGEST, render_kw={"lang": "ar", "dir": "rtl"})
    text_en = line("floor.tell_en", longest=hall_messages.LONGEST, render_kw={"lang": "en", "dir": "ltr"})
    until = ClockField("floor.tell_until", [InputRequired("errors.required")])


@bp.route("/<branch>/message", methods=["GET", "POST"])
@staff_only(*hall_messages.TELLERS)
def tell(branch: str) -> ResponseReturnValue:
    """Write what everybody waiting is told."""
    here = branch_of(reading(), branch)
    local = clock.now().astimezone(ZoneInfo(here.timezone))
    form = TellForm(data={"until": (local + USUAL).time().replace(second=0, microsecond=0)})
    if form.validate_on_submit():
        try:
            return once(lambda session: _tell(session, branch, form))
        except DeskError as refusal:
            form.refuse(refusal)
    waiting = hall_messages.waiting(reading(), here.id)
    return page("floor/tell.html", form=form, branch=here, place=named(here), waiting=len(waiting))


def _tell(session: Session, code: str, form: TellForm) -> ResponseReturnValue:
    here = branch_of(session, code)
    today = clock.local_day(clock.now(), here.timezone)
    until = clock.day_bounds(today, here.timezone)[1]
    if form.until.data != MIDNIGHT:
        until = dt.datetime.combine(today, form.until.data, ZoneInfo(here.timezone))
    told, _people = hall_messages.tell_waiting(
        session, actor=actor(), branch=here, text=Name(form.text_ar.data, form.text_en.data), until=until
    )
    flash(nt("floor.tell_done", told), "good")
    return redirect(url_for("floor.show", branch=code))
