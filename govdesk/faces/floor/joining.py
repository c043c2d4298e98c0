"""Stop giving tickets for a while, and give them again: each on a page of its own, never by one touch."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import clock
from govdesk.booking.hours import stops
from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.fields import ChoiceField, ClockField
from govdesk.faces.floor.reasons import WhyForm
from govdesk.faces.floor.views import bp, branch_of
from govdesk.i18n import named, t
from govdesk.once import once
from govdesk.web import actor, page, staff_only

ALL = "all"
USUAL = dt.timedelta(hours=1)
MIDNIGHT = dt.time(0)  # at the end of the day


class StopForm(WhyForm):
    """What is stopped, until when today, and why."""

    OFTEN = ("crowded", "staff", "systems", "end_of_day")
    scope = ChoiceField("floor.stop_scope")
    until = ClockField("floor.stop_until", [InputRequired("errors.required")])


@bp.route("/<branch>/joining", methods=["GET", "POST"])
@staff_only(*stops.STOPPERS)
def joining(branch: str) -> ResponseReturnValue:
    """What is stopped now; stop more."""
    here = branch_of(reading(), branch)
    local = clock.now().astimezone(ZoneInfo(here.timezone))
    form = StopForm(data={"until": (local + USUAL).time().replace(second=0, microsecond=0)})
    services = {str(one.id): one for one in offered(reading(), here)}
    each = [SelectChoice(key, named(one)) for key, one in services.items()]
    form.scope.choices = [SelectChoice(ALL, t("floor.stop_all")), *each]
    if form.validate_on_submit():
        try:
            return once(lambda session: _stop(session, here.code, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page(
        "floor/joining.html", form=form, branch=here, place=named(here), services=services,
        stopped=stops.in_force(reading(), here.id),
    )  # fmt: skip


@bp.post("/<branch>/joining/<int:stop_id>/lift")
@staff_only(*stops.STOPPERS)
def lift(branch: str, stop_id: int) -> ResponseReturnValue:
    """Give tickets again."""

    def act(session: Session) -> ResponseReturnValue:
        stops.lift(session, actor=actor(), branch=branch_of(session, branch), stop_id=stop_id)
        return redirect(url_for("floor.joining", branch=branch))

    return once(act)


def _stop(session: Session, code: str, form: StopForm) -> ResponseReturnValue:
    here: Branch = branch_of(session, code)
    today = clock.local_day(clock.now(), here.timezone)
    until = clock.day_bounds(today, here.timezone)[1]
    if form.until.data != MIDNIGHT:
        until = dt.datetime.combine(today, form.until.data, ZoneInfo(here.timezone))
    stops.stop_joining(
        session, actor=actor(), branch=here, until=until,
        service_id=None if form.scope.data == ALL else int(form.scope.data),
        reason=form.reason,
    )  # fmt: skip
    return redirect(url_for("floor.joining", branch=code))
