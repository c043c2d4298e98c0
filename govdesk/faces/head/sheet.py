"""The sheet a chart is drawn on: axes, margins, lines, notes; time runs left to right in both languages."""

import math
from typing import Any

from govdesk.faces.head import lengths, words
from govdesk.i18n import direction

Spec = dict[str, Any]
LABEL_WIDTH = 130  # pixels beside the chart, for the words at a line
DIGIT_WIDTH, TICK_GAP, SPARE = 9, 16, 24
LEFT_TO_RIGHT, RIGHT_TO_LEFT, END_OF_ISOLATION = "\u2066", "\u2067", "\u2069"
NICE = (1, 2, 2.5, 5, 10)
CLEAR = "rgba(0,0,0,0)"


def sheet(top: float, unit: str) -> Spec:
    """Axes from 0 to a round value above `top`; the value axis stands where reading begins."""
    ticks, texts, title = value_ticks(top, unit)
    side = "right" if direction() == "rtl" else "left"
    axis = {"fixedrange": True, "zeroline": False, "showline": False, "ticks": "", "tickangle": 0}
    margin = {"l": SPARE, "r": SPARE, "t": 28, "b": 8}
    margin[side[0]] = TICK_GAP + DIGIT_WIDTH * max(map(len, texts))
    layout: Spec = {
        "xaxis": {
            **axis, "showgrid": False, "tickmode": "array", "automargin": "height",
            "ticklabeloverflow": "allow", "ticklabelstandoff": 6,
        },
        "yaxis": {
            **axis, "side": side, "gridcolor": "--line", "tickmode": "array", "tickvals": ticks,
            "ticktext": list(map(said, texts)), "range": [0, max(top, ticks[-1]) * 1.08],
        },
        "shapes": [], "annotations": [], "showlegend": False, "hovermode": "closest", "dragmode": False,
        "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "margin": margin,
    }  # fmt: skip
    if title:
        note_above(layout, title, 1.0 if side == "right" else 0.0, side)
    return layout


def value_ticks(top: float, unit: str) -> tuple[list[float], list[str], str]:
    """Give the places of round values, their words, and the name of the unit where a length is told."""
    if unit not in lengths.SECONDS_OF:
        ticks = round_values(top)
        return ticks, [words.number(tick, "share_tick" if unit == "share" else "count") for tick in ticks], ""
    scale = lengths.scale(top, unit)
    ticks = round_values(scale.of(top, unit))
    size = scale.seconds / lengths.SECONDS_OF[unit]
    return [tick * size for tick in ticks], [words.number(tick, "count") for tick in ticks], scale.words


def name_places(layout: Spec, places: list[float], names: list[str], title: str = "") -> None:
    """Write names under places of the horizontal axis; the page leaves out those without room."""
    layout["xaxis"] |= {"tickvals": places, "ticktext": list(map(said, names))}
    if title:
        layout["xaxis"]["title"] = {"text": said(title), "font": {"size": 13}}


def mark_level(layout: Spec, value: float, text: str, *, color: str = "--ink-2", dash: str = "dot") -> None:
    """Draw a level over the whole width, with its words at the far side of the value axis."""
    line = straight(color, x0=0, x1=1, y0=value, y1=value)
    line["line"]["dash"] = dash
    layout["shapes"].append({**line, "xref": "paper", "layer": "above"})
    is_left = direction() == "rtl"
    layout["annotations"].append(
        {
            "name": "level", "text": said(text), "xref": "paper", "x": 0 if is_left else 1,
            "xanchor": "right" if is_left else "left", "xshift": -6 if is_left else 6,
            "y": value, "yanchor": "middle", "showarrow": False,
        }
    )  # fmt: skip
    layout["margin"]["l" if is_left else "r"] = LABEL_WIDTH


def note_above(layout: Spec, text: str, place: float, side: str = "") -> None:
    """Write a note above the chart: from a place on, or the unit at the side of the value axis."""
    where = {"xref": "paper", "xanchor": side} if side else {"xanchor": "left", "font": {"color": "--brass"}}
    layout["annotations"].append(
        {
            "text": said(text), "x": place, "yref": "paper", "y": 1, "yanchor": "bottom",
            "showarrow": False, **where,
        }
    )  # fmt: skip


def straight(color: str, **ends: float) -> Spec:
    """A dotted straight line."""
    return {"type": "line", "line": {"color": color, "width": 1.5, "dash": "dot"}, **ends}


def said(text: str) -> str:
    """A text that keeps its own direction inside a drawing, which runs left to right in both languages."""
    return f"{RIGHT_TO_LEFT if direction() == 'rtl' else LEFT_TO_RIGHT}{text}{END_OF_ISOLATION}"


def round_values(top: float) -> list[float]:
    """Round values from 0 to `top` or just above it, six at most."""
    rough = top / 5
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(nice * power for nice in NICE if nice * power >= rough * 0.999999)
    return [round(step * place, 10) for place in range(math.ceil(top / step * 0.999999) + 1)]
