"""The page of repeat visits: where failure is made, how fast people come back, what it costs, what helped."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask import Response, url_for

from govdesk.config import settings
from govdesk.errors import NotFoundError
from govdesk.faces.head import course, plotly_script, returning_beside, returning_charts, signals, words
from govdesk.faces.head.asking import asked
from govdesk.faces.head.cards import FEWEST, until
from govdesk.faces.head.returning_beside import COSTS, RATE, SPEED, Seen
from govdesk.faces.head.returning_where import MOST, Line, Where, leaves_csv, lines_csv
from govdesk.faces.head.views import bp, csv_file
from govdesk.i18n import moment_of, nt, num, pct, t
from govdesk.kpi import tables
from govdesk.kpi.figures import Row
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY
from govdesk.web import page, staff_only

__all__ = ["bp"]
MINUS = "\N{MINUS SIGN}"


@bp.get("/figures/repeats")
@staff_only(*READERS)
def repeats() -> Response:
    """Where failure is made, how fast people come back, what it costs, and what helped."""
    question = asked()
    where = Where(question)
    seen = returning_beside.gather(where)
    count = returning_beside.visits(where, seen)
    return page(
        "head/returning.html",
        asked=question,
        where=where,
        seen=seen,
        strip=returning_beside.strip(seen),
        rate=seen.rows[RATE],
        speed=seen.rows[SPEED],
        speed_spec=returning_charts.curve(seen.rows[SPEED]) if seen.rows[SPEED].detail.get("drawn") else None,
        speed_rows=returning_beside.curve_rows(seen.rows[SPEED]),
        speed_points=_points(seen.rows[SPEED]),
        speed_columns=[
            (t("head.after"), ""), (t("returning.came_back"), "num"), (t("head.interval_95"), "num"),
            (t("head.at_risk"), "num"), (t("returning.judged"), ""),
        ],
        windows=t("head.list_joint").join(
            nt("returning.days", days) for days in seen.rows[SPEED].detail.get("windows", ())
        ),
        pareto=returning_charts.pareto(where.cause_lines()),
        pareto_rows=[_cause(line) for line in where.cause_lines()],
        cohorts=_cohorts(where, seen),
        leaves=where.leaves(),
        most=MOST,
        costs=returning_beside.cost_rows(where, seen),
        visits=count,
        cost=[seen.rows[key] for key in COSTS],
        travel=returning_beside.travel_hours(count),
        assumed=settings().assumed_travel_minutes,
        removed=returning_beside.removed(where),
        signed=_signed,
        rate_of=_rate_of,
        measures=[BY_KEY[key] for key in (RATE, SPEED, *COSTS)],
        period=until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        words=words,
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
        file_url=lambda name: url_for("head.repeats_csv", table=name, **where.address()),
    )  # fmt: skip


@bp.get("/figures/repeats/<table>.csv")
@staff_only(*READERS)
def repeats_csv(table: str) -> Response:
    """One table of the page as a file."""
    where = Where(asked())
    name = f"repeats-{table}"
    if table in {"unit", "service", "scenario"}:
        return csv_file(_csv(lines_csv(where.tables().get(table, []))), name)
    if table == "cause":
        return csv_file(_csv(lines_csv(where.cause_lines())), name)
    if table == "combinations":
        return csv_file(_csv(leaves_csv(where)), name)
    if table == "removed":
        return csv_file(_csv(returning_beside.effect_csv(returning_beside.removed(where))), name)
    if table not in {"beside", "cohorts", "costs"}:
        raise NotFoundError
    seen = returning_beside.gather(where)
    figures = {
        "beside": seen.figures,
        "cohorts": [seen.cohorts],
        "costs": [*seen.costs, *(figure for figure in seen.figures if figure.key in COSTS)],
    }
    return csv_file(tables.as_csv(figures[table]), name)


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _cause(line: Line) -> list[str]:
    """One bar of the chart of causes, in words."""
    share = "" if line.share is None else pct(line.share)
    return [line.name, num(line.failed), share, *_rate_of(line.count, line.causes)]


def _points(row: Row) -> str:
    """The points of the curve in a sentence."""
    told = [
        t("returning.point", share=pct(point["share"]), days=nt("returning.days", point["days"]))
        for point in row.detail.get("curve", ())
        if point["share"] is not None and point["at_risk"] >= FEWEST
    ]
    return t("head.list_joint").join(told) or t("head.not_reached")


def _cohorts(where: Where, seen: Seen) -> dict[str, Any]:
    """The course of the rate by the time of the first visit: the young as estimates, never a raw ratio."""
    time, row, target = where.asked.time, seen.rows[RATE], where.asked.target(BY_KEY[RATE])
    rebased = where.asked.rebased(RATE)
    judged = signals.judge(seen.cohorts, time, where.asked.today, target=target, rebased=rebased)
    rows = [_cohort(one, time) for one in reversed(seen.cohorts.rows)]
    young = sum(bool(one.pending) for one in seen.cohorts.rows)
    settled = len(rows) - young
    return {
        "spec": course.over_time(seen.cohorts, row, time, judged, target) if rows else None,
        "rows": rows,
        "summary": t("returning.cohorts_summary", settled=num(settled), young=num(young)),
    }


def _cohort(row: Row, time: str) -> dict[str, Any]:
    """One cohort: what is judged of it, and what is too young, apart."""
    name = words.period_name(str(row.group[time]), time)
    if row.is_hidden:
        return {"cells": [name, "", "", "", "", t("head.hidden")], "kind": "off"}
    young = num(row.pending or 0)
    if not row.pending:
        counted = t("returning.of", failed=num(row.numerator or 0), n=num(row.n))
        cells = [name, counted, words.value_of(row), words.interval_of(row.interval, row.unit), young, ""]
        return {"cells": cells, "kind": ""}
    estimate = row.detail.get("provisional")
    if not estimate:
        return {"cells": [name, "", t("head.young"), "", young, t("head.too_young")], "kind": "young"}
    interval = words.interval_of(tuple(estimate["interval"]), row.unit)
    value = f"≈ {words.amount(estimate['value'], row.unit)}"
    return {"cells": [name, "", value, interval, young, t("head.estimate")], "kind": "young"}


def _rate_of(count: Any, causes: Any = None) -> tuple[str, str]:
    """The share that failed and its interval, in words."""
    rate = count.rate(causes)
    return ("", "") if rate is None else (pct(rate[0]), words.interval_of(rate[1], "share"))


def _signed(points: float) -> str:
    """A difference in percentage points with its sign."""
    return f"{MINUS if points < 0 else '+'}{num(abs(points), 1)}"
