"""Charts as plain dicts: colours are names of tokens, texts are in the reader's language and digits."""

import math
from collections.abc import Sequence
from typing import Any

from govdesk.faces.head import words
from govdesk.i18n import direction, t
from govdesk.kpi.figures import Figure, Row

Spec = dict[str, Any]
MOST_TICKS = 7
NICE = (1, 2, 2.5, 5, 10)


def over_time(series: Figure, whole: Row, time: str) -> Spec:
    """A measure by week or month: the points with their intervals; the young ones hatched, as estimates."""
    names = [words.period_name(str(row.group[time]), time) for row in series.rows]
    settled = [None if row.pending else row.value for row in series.rows]
    bands = [None if row.pending else row.interval for row in series.rows]
    estimates = [row.detail.get("provisional") if row.pending else None for row in series.rows]
    unit = series.rows[0].unit if series.rows else "share"
    data = [_band(names, piece, "--petrol-tint") for piece in _runs(bands)]
    young = [None if one is None else (one["value"], *one["interval"]) for one in estimates]
    first = next((place for place, one in enumerate(young) if one is not None), None)
    data += [
        _band(names, piece, "", is_hatched=True)
        for piece in _runs([one and (one[1], one[2]) for one in young])
    ]
    data.append(
        _line(names, settled, [_hover(name, row) for name, row in zip(names, series.rows, strict=True)])
    )
    if first is not None:
        data.append(_young_line(names, settled, young, first, series.rows))
    top = max([*_numbers(settled), *_numbers(bands), *_numbers(young), whole.value or 0.0], default=1.0)
    layout = _layout(top or 1.0, unit)
    layout["xaxis"] |= {
        "tickvals": _some(len(names)),
        "ticktext": [names[place] for place in _some(len(names))],
    }
    layout["xaxis"]["range"] = [-0.5, max(len(names) - 0.5, 0.5)]
    if whole.value is not None:
        _mark_level(layout, whole.value, t("head.whole_period", value=words.number(whole.value, unit)))
    if first is not None:
        layout["annotations"].append(_note(t("head.too_young_estimate"), x=first - 0.4, side="start"))
    return {"data": data, "layout": layout}


def survival(steps: Sequence[tuple[float, float, float, float]], median: float | None) -> Spec:
    """A Kaplan-Meier curve from (days, share still open, lower, upper)."""
    days = [step[0] for step in steps]
    step_line = {"shape": "hv", "width": 0, "color": "--petrol-tint"}
    quiet = {"type": "scatter", "mode": "lines", "line": step_line, "hoverinfo": "skip"}
    filled = {"fill": "tonexty", "fillcolor": "--petrol-tint"}
    texts = [f"{words.amount(day, 'days')}: {words.number(share, 'share')}" for day, share, _, _ in steps]
    data: list[Spec] = [
        {**quiet, "x": days, "y": [step[2] for step in steps]},
        {**quiet, "x": days, "y": [step[3] for step in steps], **filled},
        {
            "type": "scatter", "mode": "lines", "x": days, "y": [step[1] for step in steps],
            "line": {"shape": "hv", "width": 2.5, "color": "--petrol"}, "hoverinfo": "text",
            "text": texts,
        },
    ]  # fmt: skip
    layout = _layout(1.0, "share")
    last = max(days, default=1.0)
    ticks = _ticks(last)
    layout["xaxis"] |= {"tickvals": ticks, "ticktext": [words.number(day, "count") for day in ticks]}
    layout["xaxis"] |= {"range": [0, last], "title": {"text": t("head.days_since")}}
    if median is not None:
        layout["shapes"].append(_straight("--brass", x0=median, x1=median, y0=0, y1=0.5))
        layout["shapes"].append(_straight("--brass", x0=0, x1=median, y0=0.5, y1=0.5))
    return {"data": data, "layout": layout}


def bars(names: Sequence[str], shares: Sequence[float], texts: Sequence[str], title: str) -> Spec:
    """A distribution: what share of people fell into each class."""
    data = [
        {
            "type": "bar", "x": list(range(len(names))), "y": list(shares), "marker": {"color": "--petrol"},
            "hoverinfo": "text", "hovertext": list(texts),
        }
    ]  # fmt: skip
    layout = _layout(max(shares, default=1.0), "share")
    layout["xaxis"] |= {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "title": {"text": title},
    }
    layout["bargap"] = 0.15
    return {"data": data, "layout": layout}


def _layout(top: float, unit: str) -> Spec:
    ticks = _ticks(top)
    side = "right" if direction() == "rtl" else "left"
    axis = {"fixedrange": True, "automargin": True, "zeroline": False, "showline": False, "ticks": ""}
    return {
        "xaxis": {**axis, "showgrid": False, "tickmode": "array"},
        "yaxis": {
            **axis, "side": side, "gridcolor": "--line", "tickmode": "array", "tickvals": ticks,
            "ticktext": [words.number(tick, "share_tick" if unit == "share" else "count") for tick in ticks],
            "range": [0, max(top, ticks[-1]) * 1.08],
        },
        "shapes": [], "annotations": [], "showlegend": False, "hovermode": "closest", "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
    }  # fmt: skip


def _line(names: Sequence[str], values: Sequence[float | None], texts: Sequence[str]) -> Spec:
    return {
        "type": "scatter", "mode": "lines+markers", "x": list(range(len(names))), "y": list(values),
        "text": list(texts), "hoverinfo": "text", "connectgaps": False,
        "line": {"color": "--petrol", "width": 2.5},
        "marker": {"size": 8, "color": "--surface", "line": {"color": "--petrol", "width": 2}},
    }  # fmt: skip


def _young_line(
    names: Sequence[str],
    settled: Sequence[float | None],
    young: Sequence[tuple[float, float, float] | None],
    first: int,
    rows: Sequence[Row],
) -> Spec:
    places = [place for place, one in enumerate(young) if one is not None]
    x, y = list(places), [one[0] for one in young if one is not None]
    texts = [_hover(names[place], rows[place]) for place in places]
    if first and settled[first - 1] is not None:
        x, y, texts = (
            [first - 1, *x],
            [settled[first - 1] or 0.0, *y],
            [_hover(names[first - 1], rows[first - 1]), *texts],
        )
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "text": texts, "hoverinfo": "text",
        "line": {"color": "--brass", "width": 2, "dash": "dash"},
    }  # fmt: skip


def _band(
    names: Sequence[str], piece: Sequence[tuple[int, float, float]], color: str, *, is_hatched: bool = False
) -> Spec:
    """The area between two limits over neighbouring periods; one alone is drawn as wide as a half."""
    assert names
    if len(piece) == 1:
        place, low, high = piece[0]
        x, lows, highs = [place - 0.25, place + 0.25], [low, low], [high, high]
    else:
        x = [float(place) for place, _, _ in piece]
        lows, highs = [low for _, low, _ in piece], [high for _, _, high in piece]
    area: Spec = {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)], "y": [*highs, *reversed(lows)],
        "fill": "toself", "hoverinfo": "skip", "line": {"width": 0, "color": color or "--brass"},
        "fillcolor": color or "rgba(0,0,0,0)",
    }  # fmt: skip
    if is_hatched:
        area["line"] = {"width": 1.2, "color": "--brass"}
        area["fillpattern"] = {
            "shape": "/",
            "fgcolor": "--brass",
            "bgcolor": "rgba(0,0,0,0)",
            "size": 7,
            "solidity": 0.12,
        }
    return area


def _runs(bands: Sequence[tuple[float | None, float | None] | None]) -> list[list[tuple[int, float, float]]]:
    """Cut limits into runs without a gap; one that is not reached on one side is a gap."""
    runs: list[list[tuple[int, float, float]]] = []
    is_going = False
    for place, band in enumerate(bands):
        if band is None or band[0] is None or band[1] is None:
            is_going = False
            continue
        if not is_going:
            runs.append([])
        runs[-1].append((place, band[0], band[1]))
        is_going = True
    return runs


def _hover(name: str, row: Row) -> str:
    if row.is_hidden:
        return f"{name}: {t('head.hidden')}"
    estimate = row.detail.get("provisional") if row.pending else None
    if estimate:
        said = f"≈ {words.amount(estimate['value'], row.unit)}"
        return f"{name}: {said} ({words.interval_of(tuple(estimate['interval']), row.unit)})"
    value = words.value_of(row) or t("design.no_data")
    interval = words.interval_of(row.interval, row.unit)
    return f"{name}: {value} ({interval})" if interval else f"{name}: {value}"


def _mark_level(layout: Spec, value: float, text: str) -> None:
    layout["shapes"].append(
        {**_straight("--ink-2", x0=0, x1=1, y0=value, y1=value), "xref": "paper", "layer": "below"}
    )
    at_start = direction() == "rtl"
    layout["annotations"].append(
        {
            "text": text, "xref": "paper", "x": 0 if at_start else 1,
            "xanchor": "left" if at_start else "right", "y": value, "yanchor": "bottom", "showarrow": False,
        }
    )  # fmt: skip


def _straight(color: str, **ends: float) -> Spec:
    return {"type": "line", "line": {"color": color, "width": 1.5, "dash": "dot"}, **ends}


def _note(text: str, *, x: float, side: str) -> Spec:
    return {
        "text": text, "x": x, "xanchor": "left" if side == "start" else "right", "yref": "paper", "y": 1,
        "yanchor": "bottom", "showarrow": False, "font": {"color": "--brass"},
    }  # fmt: skip


def _ticks(top: float) -> list[float]:
    """Round values from 0 to just above `top`, at most six."""
    rough = top / 5
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(nice * power for nice in NICE if nice * power >= rough * 0.999999)
    return [round(step * place, 10) for place in range(math.ceil(top / step * 0.999999) + 1)]


def _some(count: int) -> list[int]:
    """The places of the labels: the first, the last, and evenly between them."""
    if count <= MOST_TICKS:
        return list(range(count))
    return sorted({round(place * (count - 1) / (MOST_TICKS - 1)) for place in range(MOST_TICKS)})


def _numbers(values: Sequence[Any]) -> list[float]:
    flat: list[float] = []
    for value in values:
        flat += [
            one for one in (value if isinstance(value, tuple) else [value]) if isinstance(one, float | int)
        ]
    return flat
