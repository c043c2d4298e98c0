"""How well do we serve: the published periods for everybody to read, each as it was published."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response

from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.head import telling
from govdesk.i18n import language, moment_of
from govdesk.kpi.periods import document, papers, published
from govdesk.kpi.periods.document import Json
from govdesk.kpi.periods.models import PeriodVersion
from govdesk.web import page, public

bp = Blueprint("performance", __name__)
LONGEST_SERIES = 24  # periods in a trend


@bp.get("/performance")
@public
def index() -> Response:
    """The latest month or quarter of the whole agency, and the way to all the others."""
    rows = published.newest(reading())
    agency = [row for row in rows if row.period.department_id is None]
    latest = agency[0] if agency else None
    return page(
        "performance/index.html",
        rows=[(row, published.document_of(row)) for row in rows],
        title_of=telling.title_of,
        licence=settings().open_data_licence,
        **(_told(latest) if latest else {"told": []}),
    )


@bp.get("/performance/<code>")
@public
def period(code: str) -> Response:
    """One period: every figure in words, with its course, its groups and how it is counted."""
    return _page(published.version(reading(), code))


@bp.get("/performance/<code>/v<int:edition>")
@public
def version(code: str, edition: int) -> Response:
    """An older version of it, as it was published."""
    return _page(published.version(reading(), code, edition))


@bp.get("/performance/<code>/report")
@public
def report(code: str) -> Response:
    """The report on one sheet after the other, for the printer."""
    row = published.version(reading(), code)
    return page("performance/report.html", **_told(row))


@bp.get("/performance/<code>/report-<language>.pdf")
@public
def paper(code: str, language: str) -> Response:
    """The report as it was sent."""
    found = papers.paper_of(reading(), published.version(reading(), code), language)
    answer = Response(found.content, mimetype=found.mimetype)
    answer.headers["Content-Disposition"] = f'inline; filename="{found.name}"'
    return answer


def told_of(row: PeriodVersion) -> dict[str, Any]:
    """What the templates need of a version."""
    return _told(row)


def _page(row: PeriodVersion) -> Response:
    every = published.versions(reading(), row.period.code)
    return page("performance/period.html", older=_changes(list(every)), **_told(row))


def _told(row: PeriodVersion) -> dict[str, Any]:
    told = published.document_of(row)
    span = telling.span_of(told)
    return {
        "row": row,
        "document": told,
        "reason": document.reason_in(told, language()),
        "title": telling.title_of(told),
        "day_of": dt.date.fromisoformat,
        "days": telling.days_of(span),
        "told": telling.told(told, _series(row)),
        "newest": published.version(reading(), row.period.code).number,
        "as_of": moment_of(document.moment_of(told), settings().default_timezone),
        "languages": papers.languages_of(reading(), row),
    }


def _series(row: PeriodVersion) -> list[Json]:
    """The published periods of its kind and place up to it, the oldest first."""
    same = [
        one
        for one in published.newest(reading())
        if (one.period.kind, one.period.department_id) == (row.period.kind, row.period.department_id)
        and one.period.last_on < row.period.last_on
    ]
    shown = [*reversed(same[: LONGEST_SERIES - 1]), row]
    return [published.document_of(one) for one in shown]


def _changes(rows: list[PeriodVersion]) -> list[tuple[PeriodVersion, list[tuple[str, str, str, str]]]]:
    """Each version, the newest first, with what it changed of the one before."""
    found: list[tuple[PeriodVersion, list[tuple[str, str, str, str]]]] = []
    for place, one in enumerate(rows):
        after = published.document_of(one)
        before = published.document_of(rows[place - 1]) if place else after
        found.append((one, telling.changed(document.changes(before, after), after)))
    return found[::-1]
