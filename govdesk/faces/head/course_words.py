"""What the course of a figure says, in sentences: its signals, its trend, its target, the year before."""

import datetime as dt
import math

from govdesk.faces.head import words
from govdesk.faces.head.asking import YEAR
from govdesk.faces.head.sheet import Spec, said
from govdesk.i18n import num, t
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.judging import Judged
from govdesk.kpi.registry import Measure

MOST_SIGNALS = 4  # told in words; the table has all
CLEAR = 1 / 3  # of the way from the mean to a limit: about 2.5 standard errors between halves of 24 points


def sentences(
    measure: Measure, series: Figure, judged: Judged, *, time: str, target: float | None, whole: Row,
    before: Row | None,
) -> str:  # fmt: skip
    """Say what a chart shows, for whoever does not see it."""
    parts = [_course(series, time), _signals(judged, series, time), _trend(series, judged)]
    parts += [_target(measure, series, judged, target), _year(whole, before)]
    return " ".join(filter(None, parts))


def year_before(spec: Spec, series: Figure, before: Figure, time: str) -> None:
    """Draw the same periods of a year ago as a thin line below the course."""
    values = {_moved(str(row.group[time]), time): row.value for row in before.rows if not row.is_hidden}
    names = [str(row.group[time]) for row in series.rows]
    found = [values.get(name) for name in names]
    if sum(value is not None for value in found) < 2:  # noqa: PLR2004 - one point is no line
        return
    unit = series.rows[0].unit
    line = {
        "type": "scatter", "mode": "lines", "x": list(range(len(names))), "y": found, "connectgaps": False,
        "text": [
            "" if value is None else said(f"{t('marks.year_line')}: {words.amount(value, unit)}")
            for value in found
        ],
        "hoverinfo": "text", "line": {"color": "--edge", "width": 1.5, "dash": "dashdot"},
    }  # fmt: skip
    spec["data"].insert(0, line)


def _course(series: Figure, time: str) -> str:
    known = [
        (words.period_name(str(row.group[time]), time), row.value, row.unit)
        for row in series.rows
        if row.value is not None and not row.pending
    ]
    young = sum(bool(row.pending) for row in series.rows)
    estimates = t("head.course_young", n=num(young)) if young else ""
    if not known:
        return estimates or t("head.course_none")
    low, high = min(known, key=lambda one: one[1]), max(known, key=lambda one: one[1])
    told = t(
        "head.course_summary",
        first=known[0][0],
        start=words.amount(*known[0][1:]),
        last=known[-1][0],
        end=words.amount(*known[-1][1:]),
        low=words.amount(*low[1:]),
        low_name=low[0],
        high=words.amount(*high[1:]),
        high_name=high[0],
    )
    return f"{told} {estimates}".strip()


def _signals(judged: Judged, series: Figure, time: str) -> str:
    """Which periods are signals and by which rule; or that none is."""
    if judged.variation == "few":
        return ""
    found = [
        t(
            "head.signal_at",
            period=words.period_name(str(series.rows[place].group[time]), time),
            rule=t(f"head.rule_{mark.rule}"),
        )
        for place, mark in zip(judged.places, judged.chart.marks, strict=True)
        if mark is not None
    ]
    if not found:
        return t("marks.no_signal")
    return t("head.signals", which=t("head.list_joint").join(found[-MOST_SIGNALS:]))


def _trend(series: Figure, judged: Judged) -> str:
    """Whether the second half lies higher than the first; of one process only."""
    if judged.variation == "few" or len({limits.mean for limits in judged.chart.limits}) > 1:
        return ""
    rows = [series.rows[place] for place in judged.places]
    values = [row.value or 0.0 for row in rows]
    half = len(values) // 2
    first, second = math.fsum(values[:half]) / half, math.fsum(values[-half:]) / half
    limits, unit = judged.chart.limits[-1], rows[0].unit
    if abs(second - first) <= CLEAR * (limits.high - limits.mean):
        return t("marks.trend_level", value=words.amount(limits.mean, unit))
    way = "up" if second > first else "down"
    return t(f"marks.trend_{way}", start=words.amount(first, unit), end=words.amount(second, unit))


def _target(measure: Measure, series: Figure, judged: Judged, target: float | None) -> str:
    if target is None or not judged.places:
        return ""
    values = [series.rows[place].value or 0.0 for place in judged.places]
    met = sum(value <= target if measure.is_lower_better else value >= target for value in values)
    reached = words.target_of(measure, target)
    return t("marks.target_met", met=num(met), of=num(len(values)), target=reached)


def _year(now: Row, before: Row | None) -> str:
    """How it was a year ago: another only where the intervals do not touch."""
    if before is None or before.value is None:
        return t("marks.year_none")
    value = words.value_of(before) or ""
    (low, high), (low_then, high_then) = now.interval or (None, None), before.interval or (None, None)
    if low is not None and high_then is not None and high_then < low:
        return t("marks.year_higher", value=value)
    if high is not None and low_then is not None and low_then > high:
        return t("marks.year_lower", value=value)
    return t("marks.year_alike", value=value)


def _moved(period: str, time: str) -> str:
    """The name of a period a year later."""
    if time == "week":
        return (dt.date.fromisoformat(period) + YEAR).isoformat()
    return f"{int(period[:4]) + 1}{period[4:]}"
