"""The page that foresees a day of a branch, and what more or fewer counters would make of it."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form
from wtforms.validators import InputRequired, Optional

from govdesk import clock
from govdesk.booking.hours.opening import OpenDay, days_of
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces import opening
from govdesk.faces.fields import ChoiceField, DayField, whole
from govdesk.faces.head import plotly_script, staffing_day
from govdesk.faces.head.targets import bp
from govdesk.faces.head.views import csv_file
from govdesk.faces.navigation import branches_of
from govdesk.i18n import clock_time, named, num, t, time_of
from govdesk.kpi import planning
from govdesk.kpi.planning import Plan
from govdesk.kpi.question import READERS
from govdesk.web import actor, page, staff_only

__all__ = ["bp"]
WITHIN, SHARE = 15, 80
MOST_COUNTERS = 60
PER_CENT = 100


class DayForm(Form):
    """Which day of which branch, how many counters, and what people are to be promised; sent by GET."""

    branch = ChoiceField("staffing.branch")
    day = DayField("staffing.day", [Optional()])
    counters = whole("staffing.counters", 1, MOST_COUNTERS, required=False)
    within = whole("staffing.within", 1, 240, required=False)
    share = whole("staffing.share", 50, 99, required=False)


@dataclass(frozen=True, slots=True)
class Day:
    """What is asked and what is found: no plan of a day that is shut, wrongly asked for, or not known."""

    form: DayForm
    branch: Branch | None
    hours: OpenDay | None = None
    plan: Plan | None = None

    @property
    def counters(self) -> int:
        """The counters that are meant to be open."""
        return self.form.counters.data or 1

    @property
    def is_shut(self) -> bool:
        """Whether the branch has hours, and none on this day."""
        return self.hours is not None and not self.hours.spans

    def address(self) -> dict[str, object]:
        """What an address needs to ask the same again."""
        form = self.form
        return {
            "branch": form.branch.data, "day": form.day.data.isoformat() if form.day.data else None,
            "counters": form.counters.data, "within": form.within.data, "share": form.share.data,
        }  # fmt: skip


@bp.get("/figures/staffing")
@staff_only(*READERS)
def staffing() -> Response:
    """What a day will need, half hour by half hour."""
    day = _day()
    return page(
        "head/staffing.html",
        day=day,
        form=day.form,
        branch=day.branch,
        plan=day.plan,
        hours=_hours(day),
        summary=staffing_day.summary(day.plan, day.counters) if day.plan else "",
        spec=staffing_day.draw(day.plan.parts, day.counters) if day.plan else {},
        key=staffing_day.key(),
        rows=staffing_day.rows(day.plan, day.counters) if day.plan else [],
        offers=[
            (clock_time(one.begins), num(one.bearable), num(one.booked), num(one.free))
            for one in day.plan.to_offer
        ] if day.plan else [],
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
    )  # fmt: skip


@bp.get("/figures/staffing.csv")
@staff_only(*READERS)
def staffing_csv() -> ResponseReturnValue:
    """The half hours as a file; of a day that is not foreseen the head alone.

    What is wrong in the address is said on the page.
    """
    day = _day()
    if day.form.errors:
        return redirect(f"{url_for('head.staffing')}?{urlencode(list(request.args.items()))}")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(staffing_day.HEAD)
    writer.writerows(staffing_day.file_rows(day.plan) if day.plan else [])
    return csv_file(out.getvalue(), "staffing")


def _day() -> Day:
    branches = branches_of(actor(), *READERS)
    form = DayForm(request.args)
    form.branch.choices = [(one.code, named(one)) for one in branches]
    form.branch.validators = [InputRequired("errors.required")]
    branch = next(
        (one for one in branches if one.code == form.branch.data), branches[0] if branches else None
    )
    if branch is None:
        return Day(form, None)
    _fill(form, branch)
    if request.args and not form.validate():
        return Day(form, branch)
    when = form.day.data or _tomorrow(branch)
    hours = days_of(reading(), branch, first=when, count=1)[0] if branch.hours else None
    if hours is not None and not hours.spans:
        return Day(form, branch, hours)
    plan = planning.plan(
        reading(), branch, when, counters=form.counters.data or 1,
        within=float(form.within.data or WITHIN), share=(form.share.data or SHARE) / PER_CENT,
    )  # fmt: skip
    return Day(form, branch, hours, plan)


def _hours(day: Day) -> str:
    """What is special about the day at this branch: shut and why, or open at other hours; else nothing."""
    if day.hours is None or day.branch is None:
        return ""
    why = t("head.list_joint").join(opening.words(one) for one in day.hours.why)
    if day.is_shut:
        return t("staffing.shut_why", why=why) if why else t("staffing.shut")
    if not why:
        return ""
    zone = day.branch.timezone
    spans = [
        t("design.range", low=time_of(begin, zone), high=time_of(end, zone)) for begin, end in day.hours.spans
    ]
    return t("staffing.other_hours", hours=t("head.list_joint").join(spans), why=why)


def _fill(form: DayForm, branch: Branch) -> None:
    """Put in what was not said: tomorrow, the counters of the branch, the usual promise."""
    form.branch.data = branch.code
    if not request.args.get("day"):
        form.day.data = _tomorrow(branch)
    if not request.args.get("counters"):
        form.counters.data = max(1, sum(counter.is_active for counter in branch.counters))
    if not request.args.get("within"):
        form.within.data = WITHIN
    if not request.args.get("share"):
        form.share.data = SHARE


def _tomorrow(branch: Branch) -> dt.date:
    return clock.local_day(clock.now(), branch.timezone) + dt.timedelta(days=1)
