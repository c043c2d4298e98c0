"""Which numbers of a measure are published, so that nothing published before or beside them tells of few.

Whoever reads two tables, two versions of one period, or a quarter and its months, may subtract. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from govdesk.kpi.periods.document import FEWEST
from govdesk.kpi.periods.hiding import TOTAL, Cell, ExposedError, Sum, hidden
from govdesk.kpi.statistics import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json = dict[str, Any]
Rows = dict[Cell, Json]
DETAIL = ("p90", "p90_interval", "mean", "s", "bounds")  # what tells of a group and of nobody in it
ASIDE = ("pending", "excluded", "unlinked", "open")
COUNTED = ("numerator", "denominator", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What everybody can read of a measure already, by cell."""

    rows: Mapping[Cell, Json] = field(default_factory=dict)  # of this period, whatever it was published in
    before: Mapping[Cell, Json] | None = None  # of the version that is corrected; None: of none
    months: Sequence[Mapping[Cell, Json] | None] = ()  # of a quarter; None: a month never published


def bare(row: Mapping[str, Any]) -> Json:
    """Give a row as the public sees it: no length of a single case, no small number of people set aside."""
    out = dict(row)
    out |= {name: None for name in ASIDE if 0 < (row[name] or 0) < FEWEST}
    out["data_quality"] = {
        name: None if isinstance(found, int) and 0 < found < FEWEST else found
        for name, found in row["data_quality"].items()
        if not isinstance(found, dict | list)
    }
    out["detail"] = {name: row["detail"][name] for name in DETAIL if name in row["detail"]}
    return out


def empty(row: Mapping[str, Any], **why: Any) -> Json:
    """Give a row without a number: its group, its unit and why."""
    kept = {"group": row["group"], "unit": row["unit"], "data_quality": {}, "detail": why}
    return dict.fromkeys(row) | kept


def is_hidden(row: Mapping[str, Any]) -> bool:
    """Whether a published row hides a small group."""
    return bool(row["detail"].get("hidden"))


def is_young(row: Mapping[str, Any]) -> bool:
    """Whether a published row says that nothing can be judged yet."""
    return bool(row["detail"].get("not_yet_judged"))


def settle(
    rows: Mapping[Cell, Json], sums: Sequence[Sum], known: Known, *, has_maturity: bool, whole: Cell = TOTAL
) -> Rows:
    """Give the rows of a measure that are published, from those that were counted now; `whole` is the total.

    1. A measure that needs time is told when its whole period is judged (of a quarter: when its months were
       told too); before that it says only that it is not. So no later version shows who was missing.
    2. What differs from what is public by fewer than FEWEST people stays as it is public.
    3. Groups of fewer than FEWEST are hidden with what would reveal them; what was hidden once stays so.
    4. Where something public would have to be hidden, the measure stays as it was published.
    """
    total = rows[whole]
    if has_maturity and (total["pending"] or any(_any_young(month) for month in known.months)):
        if known.before and not _any_young(known.before):
            return dict(known.before)
        return {whole: _young(total)}
    now = _with_months(rows, known.months)
    public = {cell: row for cell, row in known.rows.items() if cell in now and row["n"]}
    kept = _kept(now, public, sums)
    people = {cell: (public[cell] if cell in kept else row)["n"] or 0 for cell, row in now.items()}
    already = {cell for cell, row in known.rows.items() if is_hidden(row)} - public.keys()
    already |= _told_by_months(now, known.months) - public.keys()
    try:
        gone = hidden(people, sums, FEWEST, already=already, public=public.keys())
    except ExposedError:
        if known.before:
            return dict(known.before)
        gone = frozenset(now.keys() - public.keys())
        kept |= public.keys()
    return {
        cell: empty(row, hidden=True)
        if cell in gone
        else {**(public[cell] if cell in kept else bare(row)), "group": row["group"]}
        for cell, row in now.items()
    }


def _young(total: Mapping[str, Any]) -> Json:
    pending = total["pending"]
    out = empty(total, not_yet_judged=True)
    return out | {"pending": pending if (pending or 0) >= FEWEST else None}


def _any_young(rows: Mapping[Cell, Json] | None) -> bool:
    return rows is not None and any(is_young(row) for row in rows.values())


def _kept(now: Mapping[Cell, Json], public: Mapping[Cell, Json], sums: Sequence[Sum]) -> set[Cell]:
    """The public cells that too few people are new in, with those that would tell how many."""
    moved = {cell: abs((now[cell]["n"] or 0) - row["n"]) for cell, row in public.items()}
    return set(hidden(moved, sums, FEWEST))


def _with_months(rows: Mapping[Cell, Json], months: Sequence[Mapping[Cell, Json] | None]) -> Rows:
    """Take a share of a quarter from its months, where it has a few people more or less than they."""
    out = dict(rows)
    whole = [month for month in months if month is not None]
    if not months or len(whole) < len(months):
        return out
    for cell, row in rows.items():
        parts = [month[cell] for month in whole if cell in month]
        more = (row["n"] or 0) - sum(part["n"] or 0 for part in parts)
        if row["unit"] == "share" and 0 < abs(more) < FEWEST and not any(map(is_hidden, parts)):
            out[cell] = _added(row, parts)
    return out


def _added(row: Json, parts: Iterable[Json]) -> Json:
    told = list(parts)
    numbers = {name: sum(part[name] or 0 for part in told) for name in COUNTED}
    good, people = numbers["numerator"], numbers["denominator"]
    return {**row, **numbers, "value": good / people if people else None, "interval": wilson(good, people)}


def _told_by_months(now: Mapping[Cell, Json], months: Sequence[Mapping[Cell, Json] | None]) -> set[Cell]:
    """The cells of a quarter from which the hidden ones of its months could be computed."""
    told = set()
    for cell, row in now.items():
        parts = [
            None if month is None else month.get(cell) for month in months if month is None or cell in month
        ]
        unknown = sum(part is None or is_hidden(part) for part in parts)
        if not unknown:
            continue
        rest = (row["n"] or 0) - sum(part["n"] or 0 for part in parts if part is not None)
        is_one_hidden = unknown == 1 and None not in parts
        if rest and (rest < FEWEST or is_one_hidden):
            told.add(cell)
    return told
