"""Figures as flat rows, for CSV files."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from govdesk.kpi.figures import Figure, Row

COLUMNS = (
    "value", "numerator", "denominator", "n", "interval_low", "interval_high", "unit", "pending", "excluded",
    "unlinked", "open",
)  # fmt: skip
HEAD = ("key", "definition_version", "as_of", "from", "to")


def as_csv(figures: Iterable[Figure], lifted: Sequence[str] = ()) -> str:
    """Give figures as one CSV: what was asked, the groups, the counts; the rest as JSON at the end.

    What of the detail is `lifted` has a column of its own before that. An empty cell is "no data". A hidden
    group has its name and nothing else; its detail says so.
    """
    wanted = list(figures)
    groups = list(dict.fromkeys(word for figure in wanted for word in figure.by))
    out = io.StringIO()
    columns = [*HEAD, *groups, *COLUMNS, *lifted, "data_quality", "detail"]
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    for figure in wanted:
        writer.writerows(_lines(figure, lifted))
    return out.getvalue()


def _lines(figure: Figure, lifted: Sequence[str]) -> Iterator[dict[str, Any]]:
    asked = figure.as_json()
    for row in figure.rows:
        yield {name: asked[name] for name in HEAD} | dict(row.group) | _cells(row, lifted)


def _cells(row: Row, lifted: Sequence[str]) -> dict[str, Any]:
    said = row.as_json()
    apart = {name: said["detail"].pop(name, None) for name in lifted}
    low, high = said["interval"] or (None, None)
    cells = {name: said[name] for name in COLUMNS if name in said}
    words = {name: json.dumps(said[name], ensure_ascii=False) for name in ("data_quality", "detail")}
    return {**cells, **apart, "interval_low": low, "interval_high": high, **words}
