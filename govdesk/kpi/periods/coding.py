"""What is published of the services of a shared classification: sums of what is published of services.

A cell by common code is a sum of cells that everybody can read, or it is hidden. So whatever is laid beside
it (the whole, branches, other versions, months) it tells nothing that was not told without it. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from govdesk.kpi.periods.settling import COUNTED, empty, is_hidden
from govdesk.kpi.statistics import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = dict[str, Any]
WORD = "common_code"


def by_code(rows: Iterable[Mapping[str, Any]], codes: Mapping[str, str]) -> list[Json]:
    """Add up the published rows of a share in services by their common codes, in the order of the codes.

    `codes` gives the code of a service, vocabulary:code. A code is hidden where one of its services is; where
    none has people there is no row. Services without a code are in no row.
    """
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        service = row["group"]["service"]
        if service in codes and (row["n"] or is_hidden(row)):
            parts.setdefault(codes[service], []).append(row)
    return [_sum(code, parts[code]) for code in sorted(parts)]


def _sum(code: str, parts: list[Mapping[str, Any]]) -> Json:
    named = {**parts[0], "group": {WORD: code}}
    if any(part["numerator"] is None or part["denominator"] is None for part in parts):
        return empty(named, hidden=True)
    numbers = {name: sum(part[name] for part in parts) for name in COUNTED}
    good, people = numbers["numerator"], numbers["denominator"]
    return {
        **empty(named),
        **numbers,
        "value": good / people if people else None,
        "interval": wilson(good, people),
    }
