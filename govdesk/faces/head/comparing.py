"""Branches and departments side by side: funnels and intervals with their words, by name, never ranked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from govdesk.db import reading
from govdesk.faces.head import breakdowns, funnel_drawing, words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.breakdowns import Bar
from govdesk.faces.head.funnel_drawing import Point
from govdesk.faces.head.sheet import Spec
from govdesk.i18n import nt, num, pct, t
from govdesk.kpi import comparing
from govdesk.kpi.comparing import Comparison, Unit
from govdesk.kpi.registry import BY_KEY, Measure
from govdesk.kpi.standardising import Standardised

NO_CHANGE = 0.0005  # a twentieth of a point
Note = tuple[str, str]


@dataclass(slots=True)
class Side:
    """One comparison as a page shows it: a funnel with its table, or bars; a sentence; what stands apart."""

    measure: Measure
    by: str
    summary: str
    changes: str = ""
    caption: str = ""
    spec: Spec | None = None
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    is_adjusted: bool = False
    mix_columns: list[tuple[str, str]] = field(default_factory=list)
    mix_rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The id of its chart."""
        return f"funnel-{self.by}"


def funnel_of(asked: Asked, key: str) -> list[Side]:
    """Compare the units of one measure: branches, then departments, each as far as the measure has them."""
    return sides(asked, [(key, by) for by in comparing.comparable(BY_KEY[key])])


def sides(asked: Asked, wanted: Sequence[tuple[str, str]]) -> list[Side]:
    """Give several comparisons, whose facts are read together."""
    return [_side(asked, one) for one in comparing.compare(reading(), asked.question, wanted)]


def lines(asked: Asked, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Say several comparisons in a few sentences each, without their pictures and tables."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in comparing.compare(reading(), asked.question, wanted):
        names = _names(asked, one)
        warned = [said for said, kind in notes_of(one, names) if kind == "warn"]
        found[one.measure.key, one.by] = [summary_of(one, names), *warned]
    return found


def _names(asked: Asked, one: Comparison) -> dict[str, str]:
    return {unit.code: asked.name_of(one.by, unit.code) for unit in one.units}


def _side(asked: Asked, one: Comparison) -> Side:
    names = _names(asked, one)
    made = Side(one.measure, one.by, summary_of(one, names), notes=notes_of(one, names))
    made.bars = breakdowns.bars(asked, one.figure)
    if one.funnel is None or not one.compared:
        return made
    made.changes = changes_of(one, names)
    made.caption = caption_of(one)
    placed = [unit for unit in one.compared if unit.place]
    made.spec = funnel_drawing.funnel([point_of(one, unit, names) for unit in placed], one.funnel)
    made.columns = columns_of(one)
    made.rows = sorted((row_of(one, unit, names) for unit in one.units), key=lambda row: str(row["cells"][0]))
    return made


def summary_of(one: Comparison, names: dict[str, str]) -> str:
    """What a comparison says, in one sentence."""
    compared = len(one.compared)
    if not compared:
        return t("comparing.nothing")
    if compared == 1:
        return t(f"comparing.only_one_{one.by}")
    if one.funnel is None:
        return t("comparing.ratios_only" if one.is_adjusted else "comparing.intervals_only")
    if not one.outside:
        return nt(f"comparing.all_inside_{one.by}", sum(bool(unit.place) for unit in one.compared))
    which = t("head.list_joint").join(
        f"{names[unit.code]} ({place_of(one, unit)})" for unit in by_name(one.outside, names)
    )
    return nt(f"comparing.outside_{one.by}", compared, outside=num(len(one.outside)), which=which)


def by_name(units: Sequence[Unit], names: dict[str, str]) -> list[Unit]:
    """Order units by their name, never by their value."""
    return sorted(units, key=lambda unit: names[unit.code])


def sense_of(measure: Measure, place: str) -> str:
    """Whether a place in the funnel is worse or better than the others; empty within the limits."""
    if place in {"", "inside"}:
        return ""
    return "worse" if ("high" in place) == measure.is_lower_better else "better"


def reading_of(measure: Measure, place: str) -> str:
    """A place in the funnel in words."""
    if not place:
        return ""
    sense = sense_of(measure, place)
    said = t(f"comparing.place_{place}")
    return t("comparing.reading", place=said, sense=t(f"comparing.{sense}")) if sense else said


def place_of(one: Comparison, unit: Unit) -> str:
    """Where a unit lies in words, and whether it stands among adjusted ones as it is."""
    said = reading_of(one.measure, unit.place)
    if not (one.is_adjusted and unit.crude):
        return said
    return t("comparing.reading_crude", reading=said) if said else t("comparing.crude")


def caption_of(one: Comparison) -> str:
    """How the limits were made."""
    limits = one.funnel
    if limits is None:
        return ""
    parts = [t("comparing.caption_limits" if one.is_adjusted else "comparing.caption_limits_plain")]
    if one.has_spread:
        wider = "spread" if limits.between else "chance"
        parts.append(
            t(f"comparing.caption_{wider}", phi=num(limits.dispersion, 2), tau=num(limits.between, 4))
        )
    else:
        parts.append(t(f"comparing.caption_few_{one.by}", least=num(comparing.FEWEST_UNITS)))
    way = "adjusted" if one.is_adjusted else "plain"
    parts.append(t(f"comparing.caption_{way}_{one.by}"))
    return " ".join(parts)


def columns_of(one: Comparison) -> list[tuple[str, str]]:
    """The columns of the table beside a funnel."""
    columns = [
        (t(f"comparing.unit_{one.by}"), ""), (t("head.number"), "num"), (t("head.value"), "num"),
        (t("head.interval_95"), "num"),
    ]  # fmt: skip
    if one.is_adjusted:
        columns += adjusted_columns()
    return [*columns, (t("head.reading"), "")]


def adjusted_columns() -> list[tuple[str, str]]:
    """The columns of what is adjusted."""
    return [
        (t("comparing.observed"), "num"), (t("comparing.expected"), "num"), (t("comparing.ratio"), "num"),
        (t("comparing.adjusted"), "num"),
    ]  # fmt: skip


def row_of(one: Comparison, unit: Unit, names: dict[str, str]) -> dict[str, Any]:
    """One line of that table: the same that the picture shows."""
    name, width = names[unit.code], 4 if one.is_adjusted else 0
    if unit.row.is_hidden:
        return {"cells": [name, "", "", "", *[""] * width, t("head.hidden")], "kind": "off"}
    cells: list[str | None] = [
        name, num(unit.row.n), words.value_of(unit.row), words.interval_of(unit.row.interval, unit.row.unit)
    ]  # fmt: skip
    if one.is_adjusted:
        cells += adjusted_cells(one.measure, unit.adjusted)
    said = t(f"comparing.apart_{unit.apart}") if unit.apart else reading_of(one.measure, unit.place)
    if not unit.apart and not said:
        said = t("comparing.apart_own_services")
    return {"cells": [*cells, said], "kind": "off" if unit.apart else ""}


def adjusted_cells(measure: Measure, adjusted: Standardised | None) -> list[str]:
    """What they say of a unit."""
    if adjusted is None:
        return [""] * 4
    ratio = adjusted.ratio
    written = ""
    if ratio:
        limits = t("design.range", low=num(ratio[1], 2), high=num(ratio[2], 2))
        written = f"{num(ratio[0], 2)} ({limits})"
    fair = pct(upright(measure, adjusted.value))
    return [num(adjusted.observed), num(adjusted.expected, 1), written, fair]


def upright(measure: Measure, share: float) -> float:
    """A share of failures as the measure itself counts."""
    return share if measure.is_lower_better else 1 - share


def point_of(one: Comparison, unit: Unit, names: dict[str, str]) -> Point:
    """A unit in the picture."""
    value = unit.row.value or 0.0
    people, before = float(unit.row.n), None
    if unit.adjusted is not None:
        before = (people, value)
        people, value = unit.adjusted.usual, upright(one.measure, unit.adjusted.value)
    sense = sense_of(one.measure, unit.place)
    text = f"{names[unit.code]}: {pct(value)} · {place_of(one, unit)}"
    return Point(names[unit.code], people, value, sense, text, before)


def changes_of(one: Comparison, names: dict[str, str]) -> str:
    """How much the adjustment changes: whom it moves most, and who would lie elsewhere without it."""
    moved = [
        (abs(unit.adjusted.value - unit.adjusted.crude), unit, unit.adjusted)
        for unit in by_name(one.compared, names)
        if unit.adjusted is not None and unit.adjusted.crude is not None
    ]
    if not moved:
        return ""
    size, most, adjusted = max(moved, key=lambda each: each[0])
    if size < NO_CHANGE:
        said = t("comparing.changes_nothing")
    else:
        crude = upright(one.measure, adjusted.crude or 0.0)
        after = upright(one.measure, adjusted.value)
        said = t("comparing.changes_most", name=names[most.code], before=pct(crude), after=pct(after))
    elsewhere = [
        f"{names[unit.code]} ({reading_of(one.measure, unit.before)})"
        for _, unit, _ in moved
        if unit.before != unit.place
    ]
    if elsewhere:
        said += " " + t("comparing.changes_place", which=t("head.list_joint").join(elsewhere))
    return said


def notes_of(one: Comparison, names: dict[str, str]) -> list[Note]:
    """What stands apart, and what is not known yet."""
    notes = []
    for apart in ("unlinked", "definition", "young", "hidden", "empty"):
        which = [names[unit.code] for unit in by_name(one.units, names) if unit.apart == apart]
        if which:
            kind = "warn" if apart in {"unlinked", "definition"} else "info"
            notes.append((t(f"comparing.set_apart_{apart}", which=t("head.list_joint").join(which)), kind))
    pending = sum(unit.row.pending or 0 for unit in one.compared)
    if one.measure.has_maturity and pending:
        notes.append((nt("comparing.pending", pending), "info"))
    own = [names[unit.code] for unit in by_name(one.compared, names) if unit.adjusted and unit.adjusted.apart]
    if own and one.by == "branch":
        notes.append((t("comparing.own_services", which=t("head.list_joint").join(own)), "info"))
    return notes
