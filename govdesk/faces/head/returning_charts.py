"""Charts of repeat visits, as plain dicts: the causes by their weight, and how fast people come back."""

import textwrap
from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Any

from govdesk.faces.head.returning_where import Line
from govdesk.faces.head.sheet import CLEAR, Spec, mark_level, name_places, said, sheet, straight
from govdesk.i18n import nt, num, pct, t
from govdesk.kpi.curves import DAYS
from govdesk.kpi.figures import Row

FOUR_FIFTHS = 0.8
WIDEST_NAME = 14  # letters in a line under a bar
HATCH = {"shape": "/", "fgcolor": "--brass", "bgcolor": CLEAR, "size": 7, "solidity": 0.12}


def pareto(lines: Sequence[Line]) -> Spec:
    """Bars of each cause's part of all failures, and the line of their sum up to it."""
    places = list(map(float, range(len(lines))))
    shares = [line.share or 0.0 for line in lines]
    running = [sum(shares[: place + 1]) for place in range(len(shares))]
    texts = [
        said(t("returning.pareto_bar", cause=line.name, share=pct(share), n=num(line.failed)))
        for line, share in zip(lines, shares, strict=True)
    ]
    layout = sheet(1.0, "share")
    layout["yaxis"]["range"] = [0, 1.08]
    name_places(layout, places, [line.name for line in lines])
    layout["xaxis"]["ticktext"] = ["<br>".join(map(said, _wrapped(line.name))) for line in lines]
    layout["bargap"] = 0.25
    mark_level(layout, FOUR_FIFTHS, pct(FOUR_FIFTHS, 0), color="--brass", dash="dash")
    data = [
        {
            "type": "bar", "x": places, "y": shares, "hoverinfo": "text", "hovertext": texts,
            "marker": {"color": "--petrol"},
        },
        {
            "type": "scatter", "mode": "lines+markers", "x": places, "y": running, "hoverinfo": "text",
            "text": [said(t("returning.pareto_sum", share=pct(value))) for value in running],
            "line": {"color": "--brass", "width": 2}, "marker": {"color": "--brass", "size": 7},
        },
    ]  # fmt: skip
    return {"data": data, "layout": layout}


def curve(row: Row) -> Spec:
    """The share that came back by each day: full up to the window, dashed and hatched after it."""
    drawn = row.detail["drawn"]
    windows = row.detail["windows"]
    window = windows[0] if len(windows) == 1 else DAYS[-1]
    top = max((high for *_, high in drawn), default=0.1)
    layout = sheet(top, "share")
    within = [point for point in drawn if point[0] <= window]
    after = [point for point in drawn if point[0] >= (within[-1][0] if within else 0)]
    data = [_band(within, "--petrol-tint", None), _line(within, "--petrol", "solid")]
    if len(after) > 1:
        data += [_band(after, CLEAR, HATCH), _line(after, "--brass", "dash")]
        layout["shapes"].append(straight("--brass", x0=window, x1=window, y0=0, y1=top))
    name_places(
        layout, list(map(float, (0, *DAYS))), [num(day) for day in (0, *DAYS)], t("returning.days_since")
    )
    layout["xaxis"]["range"] = [0, DAYS[-1]]
    return {"data": data, "layout": layout}


def _line(points: Sequence[Sequence[float]], color: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": [point[0] for point in points],
        "y": [point[1] for point in points], "hoverinfo": "text",
        "text": [said(f"{nt('returning.days', int(point[0]))}: {pct(point[1])}") for point in points],
        "line": {"shape": "hv", "width": 2.5, "color": color, "dash": dash},
    }  # fmt: skip


def _band(points: Sequence[Sequence[float]], fill: str, pattern: Spec | None) -> dict[str, Any]:
    stepped = [(right[0], *left[1:]) for left, right in pairwise(points)]  # each level holds until the next
    shown = [point for pair in zip_longest(points, stepped) for point in pair if point is not None]
    x = [point[0] for point in shown]
    y = [point[3] for point in shown] + [point[2] for point in reversed(shown)]
    band = {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "y": y, "fill": "toself",
        "hoverinfo": "skip", "line": {"width": 0, "color": "--petrol-tint"}, "fillcolor": fill,
    }  # fmt: skip
    return band | ({"fillpattern": pattern} if pattern else {})


def _wrapped(name: str) -> list[str]:
    return textwrap.wrap(name, WIDEST_NAME) or [name]
