"""Load against open counters: who came, who was in the hall, counters open and counters needed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from wtforms import Form
from wtforms.validators import Optional

from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces.fields import ChoiceField, DayField
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.sheet import Spec, name_places, said, sheet
from govdesk.faces.head.timing_curves import Key
from govdesk.i18n import clock_time, date_long, nt, num, t, weekday_name
from govdesk.kpi import counters, load
from govdesk.kpi.load import Load, Part

WITHIN, SHARE = 15.0, 0.8  # what the page of staffing promises unless told otherwise
WEEK = (6, 0, 1, 2, 3, 4, 5)  # from Sunday on; 0 = Monday
LINES = (
    ("in_hall", "--brass", "solid", "linear"), ("open", "--petrol", "solid", "hvh"),
    ("needed", "--bad", "8px,5px", "hvh"),
)  # fmt: skip


class LoadForm(Form):
    """A weekday whose days are taken together, or one day alone; sent by GET."""

    weekday = ChoiceField("timing.weekday")
    day = DayField("timing.day", [Optional()], description="timing.day_hint")


@dataclass(frozen=True, slots=True)
class View:
    """The load of a branch as a chart, its words and its table."""

    branch: Branch
    title: str
    load: Load
    spec: Spec
    key: Key
    summary: str
    rows: list[dict[str, Any]]


def form_of(asked: Asked) -> LoadForm:
    """The form as it was sent; the weekday of yesterday unless one is named."""
    form = LoadForm(request.args)
    form.weekday.choices = [(str(day), weekday_name(day)) for day in WEEK]
    if form.weekday.data not in {value for value, _ in form.weekday.choices}:
        form.weekday.data = str((asked.today - dt.timedelta(days=1)).weekday())
    form.validate()
    return form


def branch_of(asked: Asked, branches: Sequence[Branch]) -> Branch | None:
    """The branch that is asked for, else the first one whose counters are seen; None where none is."""
    seen = [one for one in branches if one.hours and counters.is_seen(asked.question, one.id)]
    return next((one for one in seen if one.code == asked.filters.branch.data), seen[0] if seen else None)


def found_of(asked: Asked, branch: Branch, form: LoadForm) -> Load:
    """The load as the form asks for it."""
    day = None if form.day.errors else form.day.data
    weekday = int(form.weekday.data)
    return load.load(reading(), asked.question, branch, weekday=weekday, day=day, within=WITHIN, share=SHARE)


def view(asked: Asked, branch: Branch, form: LoadForm) -> View:
    """Gather the load of a branch."""
    found = found_of(asked, branch, form)
    title = _title(found, form)
    return View(
        branch=branch,
        title=title,
        load=found,
        spec=_draw(found.parts),
        key=_key(),
        summary=_summary(found.parts),
        rows=[_row(part) for part in found.parts],
    )


def _key() -> Key:
    bars = (t("timing.arrivals"), "l-bar", "bar")
    dashes = {"solid": "", "8px,5px": "8 5"}
    return [bars, *((_name(key), f"l{colour[1:]}", dashes[dash]) for key, colour, dash, _shape in LINES)]


def _name(key: str) -> str:
    return t("timing.open_counters" if key == "open" else f"timing.{key}")


def is_short(part: Part) -> bool:
    """Whether fewer counters were open than are needed, by half a counter or more."""
    return part.needed is not None and part.needed - part.open >= 0.5  # noqa: PLR2004 - rounding


def _title(found: Load, form: LoadForm) -> str:
    if form.day.data and not form.day.errors:
        return date_long(form.day.data)
    return nt("timing.load_mean", len(found.days), day=weekday_name(int(form.weekday.data)))


def _row(part: Part) -> dict[str, Any]:
    needed = t("timing.not_known") if part.needed is None else num(part.needed)
    cells = [
        clock_time(part.begins),
        *(_number(value) for value in (part.arrivals, part.waiting, part.in_hall)),
    ]
    told = t("timing.too_few") if is_short(part) else ""
    return {"cells": [*cells, _number(part.open), needed, told], "kind": "warn" if is_short(part) else ""}


def _number(value: float) -> str:
    return num(value, 0 if round(value, 1) == round(value) else 1)


def _summary(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    busiest = max(parts, key=lambda part: part.arrivals)
    told = t("timing.load_summary", at=clock_time(busiest.begins), arrivals=_number(busiest.arrivals),
             open=_number(busiest.open))  # fmt: skip
    if all(part.needed is None for part in parts):
        return f"{told} {t('timing.load_unknown')}"
    short = [clock_time(part.begins) for part in parts if is_short(part)]
    if not short:
        return f"{told} {t('timing.load_enough')}"
    return f"{told} {nt('timing.load_short', len(short), times=t('head.list_joint').join(short))}"


def _draw(parts: Sequence[Part]) -> Spec:
    """Arrivals as bars; who is in the hall, open and needed counters as lines, each with its own dash."""
    places = list(map(float, range(len(parts))))
    names = [clock_time(part.begins) for part in parts]
    top = max((max(part.arrivals, part.in_hall, part.open, part.needed or 0) for part in parts), default=1.0)
    layout = sheet(top or 1.0, "count")
    name_places(layout, places, names, t("timing.time_of_day"))
    layout["bargap"] = 0.15
    data: list[Spec] = [
        {
            "type": "bar", "x": places, "y": [part.arrivals for part in parts], "hoverinfo": "text",
            "name": said(t("timing.arrivals")), "marker": {"color": "--edge", "opacity": 0.45},
            "hovertext": [
                said(f"{name}: {t('timing.arrivals')} {_number(part.arrivals)}")
                for name, part in zip(names, parts, strict=True)
            ],
        }
    ]  # fmt: skip
    for key, colour, dash, shape in LINES:
        values = [getattr(part, key) for part in parts]
        label = _name(key)
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": places, "y": values, "name": said(label),
                "line": {"color": colour, "dash": dash, "width": 2.5, "shape": shape}, "hoverinfo": "text",
                "text": [
                    said(f"{name}: {label} {_number(value)}") if value is not None else ""
                    for name, value in zip(names, values, strict=True)
                ],
            }
        )  # fmt: skip
    return {"data": data, "layout": layout}
