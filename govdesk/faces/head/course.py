"""The course of a measure by week or month: settled points, and young ones hatched as estimates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govdesk.faces.head import lengths, words
from govdesk.faces.head.sheet import CLEAR, Spec, mark_level, name_places, note_above, said, sheet
from govdesk.faces.head.signals import Judged
from govdesk.i18n import t
from govdesk.kpi.figures import Bounds, Figure, Row
from govdesk.kpi.statistics import nearest_rank

WIDEST, MOST = 2.5, 0.75  # times the highest value; the part of the intervals that is whole where it can be
TALLEST = 4.0  # times the highest value: beyond it the course itself would lie flat
HALF = 0.5
COLOURS = {"worse": "--bad", "better": "--good"}
SYMBOLS = {"worse": "square", "better": "diamond"}
HATCH = {"shape": "/", "fgcolor": "--brass", "bgcolor": CLEAR, "size": 7, "solidity": 0.12}


@dataclass(frozen=True, slots=True)
class Point:
    """One period: its value and interval, whether they are an estimate, and the words for it."""

    value: float | None
    interval: Bounds | None
    is_young: bool
    text: str


Run = list[tuple[int, float, float]]


def over_time(series: Figure, whole: Row, time: str, judged: Judged, target: float | None) -> Spec:
    """Draw a figure in weeks or months, with its limits, signals and target.

    No line goes over a period without a value.
    """
    names = [words.period_name(str(row.group[time]), time) for row in series.rows]
    points = [_point(name, row) for name, row in zip(names, series.rows, strict=True)]
    top = max(_top(points, whole), target or 0.0)
    layout = sheet(top, whole.unit)
    name_places(layout, list(map(float, range(len(names)))), names)
    layout["xaxis"]["range"] = [-0.5, max(len(names) - 0.5, 0.5)]
    if target is not None:
        level = words.level(target, whole.unit, top)
        mark_level(layout, target, t("head.target_level", value=level), color="--good", dash="dash")
    elif whole.value is not None and judged.variation == "few":
        level = words.level(whole.value, whole.unit, top)
        mark_level(layout, whole.value, t("head.whole_period", value=level))
    first = next((place for place, one in enumerate(points) if one.is_young and one.value is not None), None)
    data = [_area(run) for run in _runs(points, is_young=False)]
    data += [_hatched(run) for run in _runs(points, is_young=True)]
    data += _limits(judged, 1.0 if whole.unit == "share" else math.inf)
    data.append(_settled(points, dict(zip(judged.places, judged.senses, strict=True))))
    if first is not None:
        note_above(layout, t("head.too_young_estimate"), first - 0.4)
        data.append(_young(points, first))
    return {"data": data, "layout": layout}


def is_cut(spec: Spec) -> bool:
    """Whether an interval goes out of the chart."""
    top = spec["layout"]["yaxis"]["range"][1]
    return any(value is not None and value > top for trace in spec["data"] for value in trace["y"])


def _top(points: Sequence[Point], whole: Row) -> float:
    """The highest value or end of an interval; a few wide intervals of lengths do not flatten the course."""
    values = [point.value for point in points if point.value is not None]
    highs = [high for point in points for high in (point.interval or ())[1:] if high is not None]
    highest = max([*values, whole.value or 0.0])
    reach = max([highest, *highs])
    if whole.unit in lengths.SECONDS_OF and highest > 0:
        most = min(nearest_rank(highs, MOST) or 0.0, TALLEST * highest)
        reach = min(reach, max(WIDEST * highest, most))
    return reach or 1.0


def _point(name: str, row: Row) -> Point:
    if row.is_hidden:
        return Point(None, None, is_young=False, text=f"{name}: {t('head.hidden')}")
    estimate = row.detail.get("provisional") if row.pending else None
    if row.pending and not estimate:
        return Point(None, None, is_young=True, text=f"{name}: {t('head.too_young')}")
    interval = tuple(estimate["interval"]) if estimate else row.interval
    value = estimate["value"] if estimate else row.value
    shown = t("design.no_data") if value is None else words.amount(value, row.unit)
    between = words.interval_of(interval, row.unit)
    text = f"{name}: {'≈ ' if estimate else ''}{shown}" + (f" ({between})" if between else "")
    return Point(value, interval, bool(estimate), text)


def _settled(points: Sequence[Point], senses: Mapping[int, str]) -> Spec:
    """The line, with its signals as full marks: squares for the worse, diamonds for the better."""
    said_of = [senses.get(place, "") for place in range(len(points))]
    words_of = {one: f" · {t(f'head.sense_{one}')}" for one in COLOURS}
    return {
        "type": "scatter", "mode": "lines+markers", "x": list(range(len(points))),
        "y": [None if point.is_young else point.value for point in points],
        "text": [
            said(point.text + words_of.get(sense, "")) for point, sense in zip(points, said_of, strict=True)
        ],
        "hoverinfo": "text", "connectgaps": False, "line": {"color": "--petrol", "width": 2.5},
        "marker": {
            "size": [11 if sense in COLOURS else 8 for sense in said_of],
            "symbol": [SYMBOLS.get(sense, "circle") for sense in said_of],
            "color": [COLOURS.get(sense, "--surface") for sense in said_of],
            "line": {"color": [COLOURS.get(sense, "--petrol") for sense in said_of], "width": 2},
        },
    }  # fmt: skip


def _limits(judged: Judged, most: float) -> list[Spec]:
    """The mean and both limits of each process, as lines; none while there are few points.

    A limit that the figure cannot reach (below 0, or above `most`) is not drawn.
    """
    if judged.variation == "few":
        return []
    lines = []
    for name, width in (("mean", 1.2), ("low", 1.5), ("high", 1.5)):
        x: list[float | None] = []
        y: list[float | None] = []
        last = None
        for place, limits in zip(judged.places, judged.chart.limits, strict=True):
            if last is not None and limits.mean != last:
                x.append(None)
                y.append(None)
            last = limits.mean
            value = getattr(limits, name)
            x += [place - HALF, place + HALF]
            y += [value if 0 < value <= most and math.isfinite(value) else None] * 2
        dash = "solid" if name == "mean" else "dot"
        lines.append(
            {
                "type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip", "connectgaps": False,
                "line": {"color": "--ink-2", "width": width, "dash": dash, "shape": "linear"},
            }
        )  # fmt: skip
    return lines


def _young(points: Sequence[Point], first: int) -> Spec:
    """The estimates, joined to the last settled point."""
    begin = first - 1 if first and points[first - 1].value is not None else first
    shown = [
        (place, point) for place, point in enumerate(points) if place >= begin and point.value is not None
    ]
    return {
        "type": "scatter", "mode": "lines", "x": [place for place, _ in shown],
        "y": [point.value for _, point in shown], "text": [said(point.text) for _, point in shown],
        "hoverinfo": "text", "line": {"color": "--brass", "width": 2, "dash": "dash"},
    }  # fmt: skip


def _runs(points: Sequence[Point], *, is_young: bool) -> list[Run]:
    """Cut the intervals into runs without a gap; one that is not reached on one side is a gap."""
    runs: list[Run] = []
    last = None
    for place, point in enumerate(points):
        low, high = point.interval or (None, None)
        if point.is_young != is_young or low is None or high is None:
            continue
        if last != place - 1:
            runs.append([])
        runs[-1].append((place, low, high))
        last = place
    return runs


def _area(run: Run) -> Spec:
    """The area between the limits of a run; a period alone is drawn half as wide."""
    spread = [(place + side, low, high) for place, low, high in run for side in (-0.25, 0.25)]
    shown = spread if len(run) == 1 else [(float(place), low, high) for place, low, high in run]
    x = [place for place, _, _ in shown]
    y = [high for _, _, high in shown] + [low for _, low, _ in reversed(shown)]
    return {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "y": y, "fill": "toself",
        "hoverinfo": "skip", "line": {"width": 0, "color": "--petrol-tint"}, "fillcolor": "--petrol-tint",
    }  # fmt: skip


def _hatched(run: Run) -> Spec:
    outline = {"width": 1.2, "color": "--brass"}
    return {**_area(run), "line": outline, "fillcolor": CLEAR, "fillpattern": HATCH}
