"""Why people went away unserved, as they say themselves: the reasons of a branch, for who answers for it."""

import datetime as dt

from flask import Response, request

from govdesk import clock
from govdesk.db import reading
from govdesk.faces.floor.views import ROLES, bp, branch_of
from govdesk.i18n import named
from govdesk.kpi.statistics import wilson
from govdesk.queue import unserved_figures
from govdesk.web import page, staff_only

PERIODS = (7, 30, 90)  # days up to today
USUAL = 30
FEWEST = 5  # answers: of fewer one could tell who gave them


@bp.get("/<branch>/unserved")
@staff_only(*ROLES)
def unserved(branch: str) -> Response:
    """How many went, how many said why, and what they said."""
    here = branch_of(reading(), branch)
    asked = request.args.get("days", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else USUAL
    today = clock.local_day(clock.now(), here.timezone)
    first = today - dt.timedelta(days=days - 1)
    found = unserved_figures.answers(reading(), here, first, today)
    said = found.reasons.total()
    return page(
        "floor/unserved.html", branch=here, place=named(here), days=days, periods=PERIODS, first=first,
        today=today, found=found, went=found.went.total(), said=said, is_hidden=0 < said < FEWEST,
        rows=[(reason, count, wilson(count, said)) for reason, count in found.in_order] if said else [],
        fewest=FEWEST,
    )  # fmt: skip
