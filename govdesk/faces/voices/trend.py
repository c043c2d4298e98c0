"""The course of the main question by wave or week: a line for each mode, broken where the wording changed."""

from dataclasses import dataclass
from typing import Any

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.head.sheet import Spec, name_places, note_above, said, sheet, straight
from govdesk.faces.voices.asking import FEWEST, Reading, wave_name
from govdesk.faces.voices.who import with_rows
from govdesk.i18n import num, t
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small

COLOURS = ("--petrol", "--brass", "--good", "--ink-2", "--bad")
BESIDE = 0.06  # so far apart stand the points of one period
MANY_WEEKS = ("52", "all")


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart with its words and its table."""

    spec: Spec
    summary: str
    columns: list[tuple[str, str]]
    rows: list[list[str | None]]
    figure: Figure
    breaks: int


def trend(asked: Reading, measure: str) -> Trend | None:
    """Give the course of a measure in this questionnaire; None where there is nothing to draw."""
    time = "wave" if asked.waves else "month" if asked.filters.period.data in MANY_WEEKS else "week"
    by = (time, "mode", "wording", "questionnaire")
    found = service.figures(reading(), asked.question, [(measure, by)])[0]
    rows = tuple(row for row in found.rows if _is_asked(asked, row))
    figure = hide_small(with_rows(found, rows), FEWEST)
    if not figure.rows:
        return None
    names = {key: _period(asked, time, key) for key in _periods(asked, time, figure)}
    spec, breaks = _draw(names, time, figure)
    shown: list[list[str | None]] = [
        [
            names[str(row.group[time])],
            t(f"voices.mode_{row.group['mode']}"),
            _wording(row),
            t("head.hidden") if row.is_hidden else words.value_of(row),
            words.interval_of(row.interval, "share"),
            "" if row.is_hidden else num(row.n),
        ]
        for row in sorted(figure.rows, key=lambda row: list(names).index(str(row.group[time])), reverse=True)
    ]
    columns = [
        (t("voices.wave") if time == "wave" else t(f"head.column_{time}"), ""), (t("voices.mode"), ""),
        (t("voices.wording"), ""), (t("head.value"), "num"), (t("head.interval_95"), "num"),
        (t("head.number"), "num"),
    ]  # fmt: skip
    summary = t("voices.trend_broken") if breaks else t("voices.trend_summary")
    return Trend(spec, summary, columns, shown, figure, breaks)


def _is_asked(asked: Reading, row: Row) -> bool:
    group = row.group
    if group["questionnaire"] != asked.questionnaire.code:
        return False
    if asked.cut.mode is not None and group["mode"] != asked.cut.mode:
        return False
    return "wave" not in group or group["wave"] is not None


def _periods(asked: Reading, time: str, figure: Figure) -> list[str]:
    found = {str(row.group[time]) for row in figure.rows}
    if time == "wave":
        first = [str(one) for one in asked.waves if str(one) in found]
        return [*first, *sorted(found - set(first))]
    return sorted(found)


def _period(asked: Reading, time: str, value: str) -> str:
    if time == "wave":
        wave = asked.waves.get(int(value))
        return value if wave is None else wave_name(wave)
    return words.period_name(value, time)


def _wording(row: Row) -> str:
    return num(int(str(row.group["wording"]).rsplit("/", 1)[-1]))


def _draw(names: dict[str, str], time: str, figure: Figure) -> tuple[Spec, int]:
    places = {key: float(place) for place, key in enumerate(names)}
    layout = sheet(1.0, "share")
    short = [num(place + 1) for place in range(len(names))] if time == "wave" else list(names.values())
    name_places(layout, list(places.values()), short, t("voices.wave") if time == "wave" else "")
    layout["xaxis"]["range"] = [-0.5, max(len(names) - 0.5, 0.5)]
    layout |= {"showlegend": True, "legend": {"orientation": "h", "y": -0.2}}
    modes = sorted({str(row.group["mode"]) for row in figure.rows})
    lines: dict[tuple[str, str], list[Row]] = {}
    for row in figure.rows:
        lines.setdefault((str(row.group["mode"]), str(row.group["wording"])), []).append(row)
    data: list[dict[str, Any]] = []
    starts: dict[int, float] = {}
    for (mode, _wording_name), rows in lines.items():
        told = sorted(rows, key=lambda row: places[str(row.group[time])])
        series = int(str(told[0].group["wording"]).rsplit("/", 1)[-1])
        starts[series] = min(starts.get(series, 1e9), places[str(told[0].group[time])])
        known = [row for row in told if not row.is_hidden and row.value is not None]
        beside = BESIDE * (modes.index(mode) - (len(modes) - 1) / 2)
        points = [places[str(row.group[time])] + beside for row in known]
        is_first = not any(one["legendgroup"] == mode for one in data)
        data.append(_line(known, points, mode, modes.index(mode)) | {"showlegend": is_first})
    breaks = sorted(starts[series] for series in sorted(starts)[1:])
    for at in breaks:
        layout["shapes"].append({**straight("--bad", x0=at - 0.5, x1=at - 0.5, y0=0, y1=1), "yref": "paper"})
        note_above(layout, t("voices.new_wording"), at - 0.5)
    return {"data": data, "layout": layout}, len(breaks)


def _line(rows: list[Row], places: list[float], mode: str, place: int) -> dict[str, Any]:
    colour = COLOURS[place % len(COLOURS)]
    name = t(f"voices.mode_{mode}")
    between = [words.interval_of(row.interval, "share") for row in rows]
    texts = [
        said(f"{name}: {words.value_of(row)} ({limits})") for row, limits in zip(rows, between, strict=True)
    ]
    limits = [row.interval or (row.value, row.value) for row in rows]
    return {
        "type": "scatter", "mode": "lines+markers", "x": places,
        "name": said(name), "legendgroup": mode, "y": [row.value for row in rows],
        "error_y": {
            "type": "data", "symmetric": False, "color": colour, "thickness": 1.2, "width": 4,
            "array": [(high or 0) - (row.value or 0) for row, (_, high) in zip(rows, limits, strict=True)],
            "arrayminus": [(row.value or 0) - (low or 0) for row, (low, _) in zip(rows, limits, strict=True)],
        },
        "text": texts, "hoverinfo": "text", "line": {"color": colour, "width": 2.5},
        "marker": {"size": 8, "color": "--surface", "line": {"color": colour, "width": 2}},
    }  # fmt: skip
