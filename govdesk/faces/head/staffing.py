"""The page that foresees a day of a branch, and what more or fewer counters would make of it."""

import datetime as dt
from typing import Any

from flask import Response, request
from wtforms import Form
from wtforms.validators import InputRequired, Optional

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces.fields import ChoiceField, DayField, whole
from govdesk.faces.head.targets import bp
from govdesk.faces.navigation import branches_of
from govdesk.i18n import clock_time, minutes, named, num, pct, t
from govdesk.kpi import planning
from govdesk.kpi.planning import Part, Plan
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


@bp.get("/figures/staffing")
@staff_only(*READERS)
def staffing() -> Response:
    """What a day will need, half hour by half hour."""
    branches = branches_of(actor(), *READERS)
    form = DayForm(request.args)
    form.branch.choices = [(one.code, named(one)) for one in branches]
    form.branch.validators = [InputRequired("errors.required")]
    branch = next(
        (one for one in branches if one.code == form.branch.data), branches[0] if branches else None
    )
    found: Plan | None = None
    if branch is not None:
        _fill(form, branch)
        is_asked = bool(request.args)
        if not is_asked or form.validate():
            found = planning.plan(
                reading(), branch, form.day.data or _tomorrow(branch), counters=form.counters.data or 1,
                within=float(form.within.data or WITHIN), share=(form.share.data or SHARE) / PER_CENT,
            )  # fmt: skip
    return page(
        "head/staffing.html",
        form=form,
        branch=branch,
        plan=found,
        rows=_rows(found, form) if found else [],
        offers=[(clock_time(hour), num(count)) for hour, count in found.to_offer] if found else [],
    )


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


def _rows(plan: Plan, form: DayForm) -> list[dict[str, Any]]:
    return [_row(part, form.counters.data or 1) for part in plan.parts]


def _row(part: Part, counters: int) -> dict[str, Any]:
    fewer, now, more = part.within
    low, high = num(part.arrivals.low), num(part.arrivals.high)
    arrivals = t("staffing.about", mean=num(part.arrivals.mean, 1), low=low, high=high)
    if not part.arrivals.mean:
        return {"cells": [clock_time(part.begins), arrivals, num(0), *[""] * 5], "kind": "off"}
    is_short = part.needed > counters
    return {
        "cells": [
            clock_time(part.begins),
            arrivals,
            num(part.needed),
            pct(now, 0),
            minutes(part.wait),
            pct(part.gives_up, 0),
            pct(fewer, 0) if counters > 1 else "",
            pct(more, 0),
        ],
        "kind": "warn" if is_short else "",
    }
