"""A figure by one more way of dividing it: by channel, unit, kind of person, weekday, hour, …, as asked."""

import datetime as dt
from dataclasses import dataclass, replace

from flask import request

from govdesk.faces import priorities
from govdesk.faces.head import breakdowns
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.breakdowns import Bar
from govdesk.faces.head.timing_parts import naming, with_units
from govdesk.i18n import clock_time, t, weekday_name
from govdesk.kpi.figures import Figure
from govdesk.kpi.groups import DIMENSIONS, HOURS, OF_CLOCK
from govdesk.kpi.registry import BY_KEY

WORDS = ("department", "channel", "unit", "kind", "language", "priority", "category", "driver", *OF_CLOCK)
NAMED = {
    "kind": ("equity.kind_", ("citizen", "resident", "visitor", "unknown")),
    "language": ("equity.language_", ("ar", "en")),
    "channel": (
        "programmes.channel_",
        ("reception", "kiosk", "appointment", "api", "phone", "remote", "web", "counter"),
    ),
    "category": (
        "obstacles.category_",
        ("system", "equipment", "premises", "rules", "information", "partner", "staffing", "other"),
    ),
    "driver": (
        "questionnaires.driver_",
        ("effectiveness", "ease", "efficiency", "transparency", "humanity", "employee"),
    ),
}


@dataclass(frozen=True, slots=True)
class Further:
    """The words by which a figure can be divided, the one that is asked for (or none), and its groups."""

    words: list[str]
    chosen: str | None
    bars: list[Bar]


def further(asked: Asked, key: str, figure: Figure | None) -> Further:
    """Show a figure as the address divides it: in these groups, small ones hidden; None: in none."""
    return Further(ways(key), chosen_of(key), _bars(asked, figure) if figure else [])


def ways(key: str) -> list[str]:
    """By what a figure can be divided beside place, service and time."""
    return [word for word in WORDS if word in DIMENSIONS[BY_KEY[key].family]]


def chosen_of(key: str) -> str | None:
    """The way that the address asks for."""
    word = request.args.get("by")
    return word if word in ways(key) else None


def naming_of(asked: Asked, word: str) -> Asked:
    """The question with names for the groups of a way."""
    if word == "unit":
        return with_units(asked)
    if word == "weekday":
        return naming(asked, word, {str(day + 1): weekday_name(day) for day in range(7)})
    if word == "hour":
        return naming(asked, word, {hour: clock_time(dt.time(int(hour))) for hour in HOURS})
    if word == "priority":
        return naming(asked, word, priorities.names())
    if word not in NAMED:
        return asked
    beginning, codes = NAMED[word]
    return naming(asked, word, {code: t(beginning + code) for code in codes})


def _bars(asked: Asked, figure: Figure) -> list[Bar]:
    word = figure.by[0]
    if word in OF_CLOCK:
        return breakdowns.bars_in_order(naming_of(asked, word), _from_sunday(figure, word))
    return breakdowns.bars(naming_of(asked, word), figure)


def _from_sunday(figure: Figure, word: str) -> Figure:
    """The week begins on Sunday here; hours stay as they are."""
    if word != "weekday":
        return figure
    rows = sorted(figure.rows, key=lambda row: int(row.group[word] or 0) % 7)
    return replace(figure, rows=tuple(rows))
