"""What is published, for programs: an index, each period as JSON and CSV, and what the columns mean."""

from collections.abc import Mapping

from flask import Response, request

from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.performance.views import bp
from govdesk.kpi.periods import document, freezing, published, sheets
from govdesk.kpi.periods.document import canonical
from govdesk.kpi.periods.measuring import STRATEGIC
from govdesk.web import public

__all__ = ["bp"]
FRESH, LASTING = "public, max-age=300", "public, max-age=31536000, immutable"
OPEN: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",  # any page of any site may read what is public, by GET
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LICENCES = {"https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0"}
MARK = "\ufeff"  # tells spreadsheets that it is UTF-8


@bp.get("/open-data/figures.json")
@public
def index_json() -> Response:
    """List everything that is published."""
    session, licence = reading(), settings().open_data_licence
    listed = document.index(
        installation=freezing.installation(session),
        licence={"name": LICENCES.get(licence, licence), "url": licence},
        documents=[published.document_of(one) for one in published.newest(session)],
        url=settings().base_address,
    )
    return _given(canonical(listed), "application/json", document.hash_of(listed))


@bp.get("/open-data/dictionary.csv")
@public
def dictionary() -> Response:
    """Explain every column and every measure."""
    columns = {name: freezing.said(f"periods.column_{name}") for name in sheets.COLUMNS}
    text = MARK + sheets.dictionary({key: freezing.definition(key) for key in STRATEGIC}, columns)
    return _given(text, "text/csv", document.hash_of({"text": text}))


@bp.get("/open-data/<code>.json")
@public
def figures(code: str) -> Response:
    """One period, letter for letter as it was published."""
    row = published.version(reading(), code)
    return _given(row.frozen, "application/json", row.hash)


@bp.get("/open-data/<code>/v<int:edition>.json")
@public
def old_figures(code: str, edition: int) -> Response:
    """One version of it, which never changes."""
    row = published.version(reading(), code, edition)
    return _given(row.frozen, "application/json", row.hash, LASTING)


@bp.get("/open-data/<code>.csv")
@public
def table(code: str) -> Response:
    """The same as a table."""
    row = published.version(reading(), code)
    text = MARK + sheets.as_csv(published.document_of(row))
    return _given(text, "text/csv", f"{row.hash}-csv", name=f"{code}.csv")


def _given(text: str, mimetype: str, tag: str, keep: str = FRESH, *, name: str = "") -> Response:
    answer = Response(text, mimetype=mimetype)
    answer.headers.update(OPEN)
    answer.headers["Cache-Control"] = keep
    if name:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.set_etag(tag)
    answer.make_conditional(request)
    return answer
