"""The open data of another agency, as its own installation would write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from govdesk.kpi.periods import document
from govdesk.kpi.periods.document import Both
from govdesk.kpi.statistics import wilson

INSTALLATION = {"name": {"ar": "بلدية الجوار", "en": "Neighbour City"}, "url": "https://neighbour.example"}
LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}


def figure(key: str, numerator: int, denominator: int, **more: Any) -> dict[str, Any]:
    """A share of the whole agency."""
    row = {
        "group": {}, "unit": "share", "value": numerator / denominator, "numerator": numerator,
        "denominator": denominator, "n": denominator,
        "interval": wilson(numerator, denominator) if numerator <= denominator else None,
        "pending": None, "excluded": None, "unlinked": None, "open": None,
        "data_quality": {"linkage": 0.96, "comparable": True}, "detail": {},
    }  # fmt: skip
    asked = {
        "key": key,
        "definition_version": "v1",
        "as_of": "2026-10-02T08:00:00+03:00",
        "from": None,
        "to": None,
    }
    return {**asked, "by": [], "rows": [{**row, **more.pop("row", {})}], **more}


def coded(key: str, counts: Mapping[str, tuple[int, int] | None], **more: Any) -> dict[str, Any]:
    """The same share by the codes of services in a shared classification; None is hidden."""
    whole = figure(key, 0, 1)
    rows = []
    for code, told in counts.items():
        row = {**whole["rows"][0], "group": {"common_code": code}, "data_quality": {}}
        counted, people = told or (None, None)
        row |= {"numerator": counted, "denominator": people, "n": people, "interval": None}
        row |= {"value": counted / people if counted is not None and people else None}
        rows.append({**row, "detail": {} if told else {"hidden": True}})
    return {**whole, "by": ["common_code"], "rows": rows, **more}


def published(
    period: str, *, version: int = 1, reason: Both | None = None, name: str = "Neighbour City",
    figures: Sequence[dict[str, Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A document of a month, sealed."""
    heading = document.Heading(
        period=period, kind="month", from_day=f"{period}-01", to_day=f"{period}-28", department=None,
        department_name=None, version=version, reason=reason, published_on="2026-10-02",
        as_of="2026-10-02T08:00:00+03:00",
    )  # fmt: skip
    told = [figure("repeat_visit_rate", 30, 200)] if figures is None else figures
    return document.write(
        heading, installation={**INSTALLATION, "name": {"ar": "بلدية الجوار", "en": name}}, definitions={},
        names={}, targets={}, reflections=[], figures=told,
    )  # fmt: skip


def index(documents: Sequence[dict[str, Any]], url: str) -> dict[str, Any]:
    """The list of what is published."""
    return document.index(installation=INSTALLATION, licence=LICENCE, documents=documents, url=url)
