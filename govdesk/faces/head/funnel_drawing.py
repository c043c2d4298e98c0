"""A funnel as a plain dict: units by how many people they had, between the limits of chance and of spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from govdesk.faces.head import words
from govdesk.faces.head.sheet import Spec, mark_level, name_places, round_values, said, sheet
from govdesk.i18n import num, pct, t
from govdesk.kpi.funnels import Z998, Funnel
from govdesk.kpi.statistics import Z95

STEPS = 80
BEFORE, AFTER = 0.6, 1.12  # the smallest and the largest unit do not lie on the edge
LABELLED = 8  # so few units are all named in the picture; of more only those outside
MARKS = {"worse": ("--bad", "square"), "better": ("--good", "diamond")}
ROOM, LEAST_ROOM = 0.08, 0.004


@dataclass(frozen=True, slots=True)
class Point:
    """A unit in the picture: where it lies, where it lay before the adjustment, and its words."""

    name: str
    people: float
    value: float
    sense: str  # worse | better | "" within the limits
    text: str
    before: tuple[float, float] | None = None  # people and value


def funnel(points: Sequence[Point], limits: Funnel) -> Spec:
    """Draw units with the limits of 95 % (dotted) and 99.8 % (full) around the share of all together.

    The axis shows the part where the units lie: a funnel is read by its limits, not from 0.
    """
    every = [point.people for point in points] + [one.before[0] for one in points if one.before]
    first, last = min(every) * BEFORE, max(every) * AFTER
    sizes = [first + (last - first) * (step / STEPS) ** 2 for step in range(STEPS + 1)]
    low, high = _ends(points, limits, min(every))
    layout = sheet(high, "share")
    step = round_values(high - low)[1]
    ticks = [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
    layout["yaxis"] |= {
        "range": [low, high], "tickvals": ticks,
        "ticktext": [said(words.number(tick, "share_tick")) for tick in ticks],
    }  # fmt: skip
    mark_level(layout, limits.share, t("comparing.all_together", value=pct(limits.share)), dash="solid")
    step = round_values(last - first)[1]
    people = [step * place for place in range(math.ceil(first / step), math.floor(last / step) + 1)]
    name_places(layout, people, [num(tick) for tick in people], t("comparing.people_axis"))
    layout["xaxis"]["range"] = [first, last]
    sides = [(z, dash, side) for z, dash in ((Z95, "dot"), (Z998, "solid")) for side in (0, 1)]
    data = [_limit(sizes, limits, z, side, dash) for z, dash, side in sides]
    data += [_moved(point, point.before) for point in points if point.before]
    data.append(_units(points))
    return {"data": data, "layout": layout}


def _ends(points: Sequence[Point], limits: Funnel, smallest: float) -> tuple[float, float]:
    """The part of the axis that holds every unit and the limits of the smallest."""
    reach = limits.bounds(smallest, Z998)
    values = [point.value for point in points] + [one.before[1] for one in points if one.before]
    low, high = min(*values, reach[0]), max(*values, reach[1])
    margin = max(ROOM * (high - low), LEAST_ROOM)
    return max(low - margin, -LEAST_ROOM), min(high + margin, 1 + LEAST_ROOM)


def _limit(sizes: Sequence[float], limits: Funnel, z: float, side: int, dash: str) -> Spec:
    return {
        "type": "scatter", "mode": "lines", "x": list(sizes), "hoverinfo": "skip",
        "y": [limits.bounds(size, z)[side] for size in sizes],
        "line": {"color": "--ink-2", "width": 1.4, "dash": dash},
    }  # fmt: skip


def _moved(point: Point, before: tuple[float, float]) -> Spec:
    """A thin line from where a unit lay without the adjustment."""
    return {
        "type": "scatter", "mode": "lines+markers", "hoverinfo": "skip",
        "x": [before[0], point.people], "y": [before[1], point.value],
        "line": {"color": "--edge", "width": 1},
        "marker": {"size": [6, 1], "symbol": "circle-open", "color": "--ink-2"},
    }  # fmt: skip


def _units(points: Sequence[Point]) -> Spec:
    marks = [MARKS.get(point.sense, ("--surface", "circle")) for point in points]
    edges = [MARKS.get(point.sense, ("--petrol", ""))[0] for point in points]
    is_few = len(points) <= LABELLED
    names = [said(point.name) if is_few or point.sense else "" for point in points]
    made: dict[str, Any] = {
        "type": "scatter", "mode": "markers+text", "cliponaxis": False,
        "x": [point.people for point in points], "y": [point.value for point in points],
        "text": names, "textposition": "top center",
        "hovertext": [said(point.text) for point in points], "hoverinfo": "text",
        "marker": {
            "size": [12 if point.sense else 10 for point in points], "symbol": [mark for _, mark in marks],
            "color": [color for color, _ in marks], "line": {"color": edges, "width": 2},
        },
    }  # fmt: skip
    return made
