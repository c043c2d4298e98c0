"""What is published, as tables: one row for each group of each figure, and the dictionary of it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GROUPS = ("branch", "department", "service")
COLUMNS = (
    "period", "version", "from", "to", "as_of", "key", "definition_version", *GROUPS, "value", "numerator",
    "denominator", "n", "interval_low", "interval_high", "unit", "pending", "open", "target", "status",
    "hash", "common_code",
)  # fmt: skip
STATUSES = ("shown", "hidden", "not_yet_judged", "no_data")
PARTS = ("name", "question", "formula", "numerator", "denominator", "window")
DICTIONARY = ("kind", "name", "unit", "version", "ar", "en")


def as_csv(document: Mapping[str, Any]) -> str:
    """Give a document as one CSV. An empty cell is "not known"; `status` says why there is no value."""
    return _written(COLUMNS, _lines(document))


def dictionary(definitions: Mapping[str, Mapping[str, Any]], columns: Mapping[str, Mapping[str, str]]) -> str:
    """Explain every column and every measure in both languages, as one CSV.

    `columns` are the words of the columns, by name.
    """
    rows: list[dict[str, Any]] = [
        {"kind": "column", "name": name, "unit": "", "version": "", **columns[name]} for name in COLUMNS
    ]
    for key, one in definitions.items():
        for part in PARTS:
            name = key if part == "name" else f"{key}.{part}"
            rows.append(
                {"kind": "measure", "name": name, "unit": one["unit"], "version": one["version"]} | one[part]
            )
    return _written(DICTIONARY, rows)


def status_of(row: Mapping[str, Any]) -> str:
    """Say why a row has a value or none: one of STATUSES."""
    for status in ("hidden", "not_yet_judged"):
        if row["detail"].get(status):
            return status
    return "no_data" if row["value"] is None else "shown"


def _lines(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    told = {name: document[name] for name in ("period", "version", "from", "to", "as_of", "hash")}
    for figure in document["figures"]:
        target = document["targets"].get(figure["key"], {}).get("value")
        for row in figure["rows"]:
            low, high = row["interval"] or (None, None)
            yield {
                **told,
                "key": figure["key"],
                "definition_version": figure["definition_version"],
                **row["group"],
                **{name: row[name] for name in COLUMNS if name in row},
                "interval_low": low,
                "interval_high": high,
                "target": None if figure["by"] else target,
                "status": status_of(row),
            }


def _written(columns: Sequence[str], rows: Any) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
