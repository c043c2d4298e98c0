"""The pages of the cases behind a figure."""

import csv
import io

from flask import Response, request
from sqlalchemy import select

from govdesk import i18n
from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.faces.head import behind
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.cards import FEWEST, until
from govdesk.faces.head.views import bp, csv_file
from govdesk.kpi import service
from govdesk.kpi.behind import paging
from govdesk.kpi.figures import hide_small
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY
from govdesk.kpi.service import UnknownMeasureError
from govdesk.web import LARGEST_ID, page, staff_only

__all__ = ["bp"]
MOST_IN_FILE = 5000


@bp.get("/figures/<key>/cases")
@staff_only(*READERS)
def cases(key: str) -> Response:
    """One by one what a figure counts against us; of answers never, which are anonymous."""
    if key not in BY_KEY:
        raise UnknownMeasureError(measure=key)
    question, measure = asked(), BY_KEY[key]
    listed = behind.has_list(key)
    is_hidden = listed and _is_hidden(question, key)
    found = paging.Part([], None)
    if listed and not is_hidden:
        found = paging.part(reading(), question.question, key, below=_below())
    return page(
        "head/cases.html",
        asked=question,
        measure=measure,
        listed=listed,
        is_anonymous=measure.family in behind.ANONYMOUS,
        is_of_nobody=key in behind.OF_NOBODY,
        is_hidden=is_hidden,
        has_people=behind.has_people(found.lines),
        what=behind.heading(key) if listed else "",
        period=until(question),
        lines=behind.told(question, found.lines),
        below=found.below,
        is_first=_below() is None,
    )


@bp.get("/figures/<key>/cases.csv")
@staff_only(*READERS)
def cases_csv(key: str) -> Response:
    """The same as a file, in which there are no names."""
    if key not in BY_KEY or not behind.has_list(key):
        raise UnknownMeasureError(measure=key)
    question = asked()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["at", "branch", "service", "case", "why", "what"])
    if not _is_hidden(question, key):
        causes = {one.code: i18n.named(one) for one in reading().scalars(select(Cause))}
        known = question.question.places
        for line in paging.every(reading(), question.question, key, MOST_IN_FILE):
            at = line.at.astimezone(known.zone(line.branch_id)).isoformat(timespec="minutes")
            branch = "" if line.branch_id is None else known.branches[line.branch_id]
            code = "" if line.service_id is None else known.services[line.service_id].code
            writer.writerow([at, branch, code, line.case_id, line.why, behind.what(line, causes)])
    return csv_file(out.getvalue(), f"{key}-cases")


def _is_hidden(question: Asked, key: str) -> bool:
    """Whether the whole is too small to be shown."""
    figure = service.figures(reading(), question.question, [(key, ())])[0]
    return hide_small(figure, FEWEST).total.is_hidden


def _below() -> int | None:
    """Where the page goes on; what is no number is the first page."""
    given = request.args.get("below", "")
    is_number = given.isascii() and given.isdecimal() and len(given) <= 10  # noqa: PLR2004 - digits of an id
    return min(int(given), LARGEST_ID) if is_number else None
