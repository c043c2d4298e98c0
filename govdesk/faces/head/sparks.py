"""The small drawing of a card: the course, the band of ordinary variation, the signals, the target."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from govdesk.faces.head.signals import Judged
from govdesk.kpi.figures import Figure, Row

EDGE = 6.0
Place = tuple[float, float]
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that is a signal, or the last one."""

    x: float
    y: float
    sense: str  # worse | better | ordinary


@dataclass(frozen=True, slots=True)
class Spark:
    """Everything in places of a drawing of this size; what is missing is empty."""

    width: int
    height: int
    settled: tuple[str, ...] = ()  # pieces of a line
    young: str = ""  # the estimates that go on from it
    band: tuple[str, ...] = ()  # areas, one for each process
    target: float | None = None
    dots: tuple[Dot, ...] = ()


def spark(series: Figure, judged: Judged, target: float | None, width: int, height: int) -> Spark:
    """Draw a series; nothing with fewer than two values."""
    points = [_point(row) for row in series.rows]
    known = [value for value, _ in points if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no line
        return Spark(width, height)
    ends = [end for one in judged.chart.limits for end in (one.low, one.high) if math.isfinite(end)]
    reach = [*known, *ends, *([target] if target is not None else [])]
    low, high = min(reach), max(reach)
    step = (width - 2 * EDGE) / (len(points) - 1)

    def x(place: float) -> float:
        return round(EDGE + place * step, 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(height - EDGE - share * (height - 2 * EDGE), 1)

    placed = [(x(at), y(value), is_young) for at, (value, is_young) in enumerate(points) if value is not None]
    settled = [(at, level) for at, level, is_young in placed if not is_young]
    young = [(at, level) for at, level, is_young in placed if is_young]
    if young and settled:
        young = [settled[-1], *young]
    return Spark(
        width,
        height,
        tuple(map(_path, _pieces(settled, step))),
        _path(young),
        tuple(_path(area) for area in _areas(judged, x, y)),
        None if target is None else y(target),
        tuple(_dots(series, judged, x, y)),
    )


def _dots(series: Figure, judged: Judged, x: Scale, y: Scale) -> list[Dot]:
    """The signals, and the last point that was judged."""
    shown = [
        (place, sense)
        for place, sense in zip(judged.places, judged.senses, strict=True)
        if sense != "ordinary" or place == judged.places[-1]
    ]
    return [Dot(x(place), y(series.rows[place].value or 0.0), sense) for place, sense in shown]


def _areas(judged: Judged, x: Scale, y: Scale) -> list[list[Place]]:
    """The limits of each process as an outline; a chart with few points has none."""
    if judged.variation == "few":
        return []
    areas: list[list[Place]] = []
    before = None
    for place, limits in zip(judged.places, judged.chart.limits, strict=True):
        if not math.isfinite(limits.low):
            continue
        if before is None or limits.mean != before:
            areas.append([])
        before = limits.mean
        middle = len(areas[-1]) // 2
        areas[-1][middle:middle] = [(x(place), y(limits.high)), (x(place), y(limits.low))]
    return areas


def _pieces(points: list[Place], step: float) -> list[list[Place]]:
    """Cut a line where a period has no value: no data is no point, and no line goes over it."""
    pieces: list[list[Place]] = []
    for point in points:
        if pieces and point[0] - pieces[-1][-1][0] < 1.5 * step:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces


def _point(row: Row) -> tuple[float | None, bool]:
    estimate = row.detail.get("provisional")
    if row.pending and not row.is_hidden:
        return (estimate["value"] if estimate else None), True
    return row.value, False


def _path(points: list[Place]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
