"""The page about the records themselves: what is missing in them, and what that does to figures."""

import csv
import io

from flask import Response

from govdesk.db import reading
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.cards import until
from govdesk.faces.head.staffing import bp
from govdesk.faces.head.views import csv_file
from govdesk.i18n import num, pct, t
from govdesk.kpi import quality
from govdesk.kpi.quality import FLAWS, Quality
from govdesk.kpi.question import READERS
from govdesk.web import actor, page, staff_only

__all__ = ["bp"]
MENDERS = ("supervisor", "head", "admin")  # of those who read figures, who may put right whose visits are


@bp.get("/figures/quality")
@staff_only(*READERS)
def data_quality() -> Response:
    """How far the records behind the figures can be trusted."""
    question = asked()
    found = quality.by_branch(reading(), question.question)
    return page(
        "head/quality.html",
        asked=question,
        period=until(question),
        flaws=list(FLAWS),
        may_link=actor().has(*MENDERS),
        rows=[_row(question, one) for one in found] if found[0].counts["visits"] else [],
    )


@bp.get("/figures/quality.csv")
@staff_only(*READERS)
def data_quality_csv() -> Response:
    """The same counts as a file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    parts = ["visits", "attended", "appointments", *FLAWS]
    writer.writerow(["branch", *parts])
    for one in quality.by_branch(reading(), asked().question):
        writer.writerow([one.branch or "", *(one.counts[part] for part in parts)])
    return csv_file(out.getvalue(), "data-quality")


def _row(question: Asked, one: Quality) -> list[str]:
    name = t("head.all_branches") if one.branch is None else question.name_of("branch", one.branch)
    cells = [name, num(one.counts["visits"])]
    for flaw in FLAWS:
        share = one.share(flaw)
        cells.append("" if share is None else f"{pct(share)} ({num(one.counts[flaw])})")
    return cells
