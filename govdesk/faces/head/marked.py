"""What is written at the days of a figure: in words, and as numbers over its chart."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.sheet import Spec, said, straight
from govdesk.i18n import date_short, digits, named, num, t
from govdesk.kpi.marks import listing, rules
from govdesk.kpi.marks.listing import Mark
from govdesk.kpi.registry import Measure

ABOVE = 24  # pixels for the numbers over the chart


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark in words, with its number in the chart (empty where it lies before or after it)."""

    number: str
    day: str
    kind: str
    words: str
    who: str
    at: float | None


def shown(asked: Asked, measure: Measure, periods: Sequence[str]) -> list[Shown]:
    """The marks of a figure, in order; those in the periods of its chart are numbered."""
    found, number = [], 0
    for mark in listing.marks(reading(), measure.key, asked.place):
        at = rules.place_of(mark.on_day, periods, asked.time)
        number += at is not None
        found.append(
            Shown(
                num(number) if at is not None else "",
                day_of(mark.on_day, asked.today),
                _kind(mark, measure),
                mark.words,
                named(mark.who) if mark.who else "",
                at,
            )
        )
    return found


def draw(spec: Spec, marks: Sequence[Shown]) -> None:
    """Put the numbered marks over a chart: a line at the day, the number above it; notes go higher."""
    placed = [mark for mark in marks if mark.at is not None]
    if not placed:
        return
    layout = spec["layout"]
    for note in layout["annotations"]:
        if note.get("yref") == "paper":
            note["yshift"] = ABOVE
    layout["margin"]["t"] += ABOVE
    numbers: dict[float, list[str]] = {}
    for mark in placed:
        numbers.setdefault(mark.at or 0.0, []).append(mark.number)
    for at, those in numbers.items():
        upright = straight("--brass", x0=at, x1=at, y0=0, y1=1)
        upright["line"]["dash"] = "solid"
        layout["shapes"].append({**upright, "yref": "paper", "layer": "below"})
        layout["annotations"].append(
            {
                "name": "mark", "text": said(" · ".join(those)), "x": at, "xanchor": "center",
                "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False, "bgcolor": "--surface",
                "font": {"color": "--brass", "size": 14}, "bordercolor": "--brass", "borderwidth": 1,
                "borderpad": 2,
            }
        )  # fmt: skip


def _kind(mark: Mark, measure: Measure) -> str:
    if mark.kind == "target":
        return t("marks.kind_target", target=words.target_of(measure, mark.value))
    return t(f"marks.kind_{mark.kind}")


def day_of(day: dt.date, today: dt.date) -> str:
    """A day, with its year where that is not this one."""
    return date_short(day) if day.year == today.year else f"{date_short(day)} {digits(str(day.year))}"
