"""Every table of the pages about time as a file."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from flask import Response

from govdesk.catalog.service import open_branches
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.head import timing_curves, timing_load, timing_parts
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.cards import FEWEST
from govdesk.faces.head.timing import shown
from govdesk.faces.head.views import bp, csv_file
from govdesk.kpi import ageing, tables
from govdesk.kpi.ageing import ENDS
from govdesk.kpi.question import READERS
from govdesk.kpi.suppression import Cell, hidden
from govdesk.web import actor, staff_only

FIGURES: Mapping[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "medians": ("time_to_resolution", ((), ("service",))),
    "parts": ("elapsed_parts", ((), ("service",), ("unit",))),
    "attainment": ("sla_attainment", ((), ("service",), ("unit",))),
    "policies": ("sla_attainment", (("service", "policy"),)),
    "waits": ("waiting_time", ((), ("weekday", "hour"))),
    "promises": ("promise_kept", ((), ("hour",), ("service",))),
    "commitments": ("commitments_kept", ((), ("unit",))),
    "idle": ("idle_with_queue", ((), ("weekday", "hour"), ("branch",))),
}


@bp.get("/figures/time/<name>.csv")
@staff_only(*READERS)
def timing_csv(name: str) -> Response:
    """One of the tables; an empty cell is "no data" or hidden."""
    question = asked()
    if name in FIGURES:
        key, bys = FIGURES[name]
        return csv_file(tables.as_csv(shown(question, [(key, by) for by in bys])), f"time-{name}")
    if name not in OWN:
        raise NotFoundError
    out = io.StringIO()
    head, rows = OWN[name](question)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return csv_file(out.getvalue(), f"time-{name}")


def _ageing(question: Asked) -> tuple[list[str], Sequence[Sequence[object]]]:
    may_open = timing_parts.sees_cases(actor())
    bounds = [0, *ENDS]
    head = ["by", "code", *(f"from_{days}_days" for days in bounds), "n", "overdue", "nobody", "oldest_days"]
    rows: list[list[object]] = []
    for word, some in zip(("service", "unit"), ageing.ages(reading(), question.question), strict=True):
        cells: dict[Cell, int] = {
            (one.group, str(place)): count for one in some for place, count in enumerate(one.classes)
        }
        off = frozenset() if may_open else hidden(cells, FEWEST)
        for one in some:
            classes = [
                "" if (one.group, str(place)) in off else count for place, count in enumerate(one.classes)
            ]
            told = [
                "" if not may_open and 0 < count < FEWEST else count
                for count in (one.n, one.overdue, one.free)
            ]
            rows.append([word, one.group or "", *classes, *told, round(one.oldest, 6)])
    return head, rows


def _load(question: Asked) -> tuple[list[str], Sequence[Sequence[object]]]:
    form = timing_load.form_of(question)
    branch = timing_load.branch_of(question, open_branches(reading()))
    head = ["branch", "days", "from", "arrivals", "waiting", "in_hall", "open_counters", "needed_counters"]
    if branch is None:
        return head, []
    found = timing_load.found_of(question, branch, form)
    return head, [
        [
            branch.code, len(found.days), f"{part.begins:%H:%M}", part.arrivals, part.waiting, part.in_hall,
            part.open, "" if part.needed is None else part.needed,
        ]
        for part in found.parts
    ]  # fmt: skip


OWN: Mapping[str, Callable[[Asked], tuple[list[str], Sequence[Sequence[object]]]]] = {
    "curves": timing_curves.as_rows,
    "ageing": _ageing,
    "load": _load,
}
