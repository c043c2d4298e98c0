"""Whether everybody is served alike: each figure by kind of person, language and priority, side by side."""

import csv
import io
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request

from govdesk.db import reading
from govdesk.faces import priorities
from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked, asked
from govdesk.faces.head.cards import FEWEST, until
from govdesk.faces.head.views import bp, csv_file
from govdesk.i18n import moment_of, num, t
from govdesk.kpi import service
from govdesk.kpi.equity import Gap, gap_of_shares, gap_of_values
from govdesk.kpi.figures import Figure, Row, hide_small, share
from govdesk.kpi.groups import DIMENSIONS
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.web import page, staff_only

__all__ = ["bp"]
WAYS = ("kind", "language", "priority")
SET = (  # of the strategic set, what is known by person
    "repeat_visit_rate", "avoidable_visit_share", "time_to_resolution", "sla_attainment", "csat", "trust",
    "response_rate", "waiting_time", "waiting_p90", "service_level", "promise_kept", "commitments_kept",
    "abandonment_rate", "turned_away_rate", "noshow_rate", "digital_share", "recall_coverage",
    "staff_minutes_per_case",
)  # fmt: skip
NAMELESS = frozenset({"digital_share"})  # their whole holds what belongs to no person
KNOWN = {
    "kind": ("citizen", "resident", "visitor", "unknown"),
    "language": ("ar", "en"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One group of a figure beside the whole."""

    name: str
    row: Row
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: the whole and its groups; none where it cannot be divided so."""

    measure: Measure
    whole: Row
    lines: list[Line]

    @property
    def table(self) -> list[list[str | None]]:
        """The rows of its table; the whole stands first."""
        return [_cells(self.measure, t("equity.whole"), self.whole, None, is_whole=True)] + [
            _cells(self.measure, line.name, line.row, line.gap) for line in self.lines
        ]


@bp.get("/figures/equity")
@staff_only(*READERS)
def equity() -> Response:
    """Every figure of the set by one way of dividing people."""
    question, way = asked(), _way()
    found = compare(question, way)
    gaps = [(one, line) for one in found for line in one.lines if line.gap is not None]
    clear = [(one, line) for one, line in gaps if line.gap is not None and line.gap.is_clear]
    return page(
        "head/equity.html",
        asked=question,
        way=way,
        ways=WAYS,
        found=[one for one in found if one.whole.n],
        without=[one.measure for one in found if not one.whole.n],
        absent=[BY_KEY[key] for key in SET if way not in DIMENSIONS[BY_KEY[key].family]],
        compared=len(gaps),
        clear=[_said(one.measure, line) for one, line in clear],
        period=until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        words=words,
    )


@bp.get("/figures/equity.csv")
@staff_only(*READERS)
def equity_csv() -> Response:
    """The same for every way of dividing people, as a file."""
    question = asked()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["measure", "definition_version", "by", "group", "value", "unit", "low", "high", "n", "difference",
         "difference_low", "difference_high", "clear", "as_of"]
    )  # fmt: skip
    as_of = question.question.as_of.isoformat()
    for way in WAYS:
        for one in compare(question, way):
            key, version = one.measure.key, one.measure.definition_version
            for row, gap in [(one.whole, None), *((line.row, line.gap) for line in one.lines)]:
                low, high = row.interval or (None, None)
                apart = (gap.value, gap.low, gap.high, gap.is_clear) if gap else (None,) * 4
                n = None if row.is_hidden else row.n
                group = "everybody" if row is one.whole else row.group[way] or "not_known"
                writer.writerow([key, version, way, group, row.value, row.unit, low, high, n, *apart, as_of])
    return csv_file(out.getvalue(), "equity")


def compare(question: Asked, way: str) -> list[Compared]:
    """Read the set by one way; groups too small to be shown are hidden, and not compared."""
    keys = [key for key in SET if way in DIMENSIONS[BY_KEY[key].family]]
    wanted: list[tuple[str, tuple[str, ...]]] = [(key, by) for key in keys for by in ((), (way,))]
    figures = service.figures(reading(), question.question, wanted)
    return [_compared(figures[2 * place], figures[2 * place + 1], way) for place in range(len(keys))]


def _compared(whole: Figure, groups: Figure, way: str) -> Compared:
    total, measure = hide_small(_of_known(whole, groups), FEWEST).total, BY_KEY[whole.key]
    shown = hide_small(groups, FEWEST)
    lines = [
        Line(_name(way, row.group[way]), row, None if total.is_hidden else _gap(row, total))
        for row in shown.rows
        if row.is_hidden or row.n or row.pending
    ]
    return Compared(measure, total, lines)


def _of_known(whole: Figure, groups: Figure) -> Figure:
    """Leave out of the whole what no group can hold: a need that ended in the guide is nobody's."""
    if whole.key not in NAMELESS:
        return whole
    met = sum(row.numerator or 0 for row in groups.rows)
    return replace(whole, rows=(Row(group={}, **share(met, sum(row.n for row in groups.rows))),))


def _gap(row: Row, total: Row) -> Gap | None:
    if row.is_hidden or row.value is None or total.value is None:
        return None
    if row.numerator is not None and row.denominator and total.numerator is not None and total.denominator:
        return gap_of_shares((row.numerator, row.denominator), (total.numerator, total.denominator))
    limits = [*(row.interval or (None, None)), *(total.interval or (None, None))]
    if None in limits or row.n == total.n:
        return None
    low, high, whole_low, whole_high = (float(limit or 0) for limit in limits)
    return gap_of_values((row.value, (low, high)), (total.value, (whole_low, whole_high)))


def _cells(
    measure: Measure, name: str, row: Row, gap: Gap | None, *, is_whole: bool = False
) -> list[str | None]:
    if row.is_hidden:
        return [name, t("head.hidden"), "", "", "", ""]
    value = words.value_of(row)
    verdict = "" if is_whole else _verdict(measure, gap)
    between = "" if gap is None else t("equity.between", low=_by(gap.low, row), high=_by(gap.high, row))
    apart = "" if gap is None else _by(gap.value, row)
    said = f"{apart} ({between})" if apart else ""
    return [name, value, words.interval_of(row.interval, row.unit), num(row.n), said, verdict]


def _verdict(measure: Measure, gap: Gap | None) -> str:
    if gap is None:
        return t("equity.not_compared")
    if not gap.is_clear:
        return t("equity.no_difference")
    is_better = (gap.value < 0) is measure.is_lower_better
    return t("equity.better") if is_better else t("equity.worse")


def _by(value: float, row: Row) -> str:
    """A difference with its sign: percentage points of a share, else an amount."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    size = abs(value)
    text = t("equity.points", n=num(size * 100, 1)) if row.unit == "share" else words.amount(size, row.unit)
    return f"{sign}{text}"


def _said(measure: Measure, line: Line) -> dict[str, Any]:
    """What a sentence says of a clear difference."""
    assert line.gap is not None
    return {
        "measure": t(measure.words("name")),
        "key": measure.key,
        "group": line.name,
        "difference": _by(line.gap.value, line.row),
        "verdict": _verdict(measure, line.gap),
    }


def _name(way: str, value: str | None) -> str:
    if value is None:
        return t("head.unknown")
    if way == "priority":
        return priorities.name_of(value)
    return t(f"equity.{way}_{value}") if value in KNOWN[way] else value


def _way() -> str:
    way = request.args.get("by", WAYS[0])
    return way if way in WAYS else WAYS[0]
