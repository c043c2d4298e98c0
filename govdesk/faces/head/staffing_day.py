"""A day that is foreseen: its chart, its words, its table and its file."""

from collections.abc import Sequence
from typing import Any

from govdesk.faces.head.sheet import Spec, mark_level, name_places, said, sheet
from govdesk.faces.head.timing_curves import Key
from govdesk.i18n import clock_time, minutes, nt, num, pct, t
from govdesk.kpi.planning import Part, Plan

HEAD = (
    "from", "people_expected", "people_low", "people_high", "counters_needed", "counters_needed_busy_day",
    "in_time", "mean_wait_minutes", "gives_up", "in_time_one_fewer", "wait_one_fewer", "in_time_one_more",
    "wait_one_more",
)  # fmt: skip
LINES = (("needed", "--bad", "8px,5px"), ("needed_busy", "--brass", "2px,4px"))


def rows(plan: Plan, counters: int) -> list[dict[str, Any]]:
    """The half hours as lines of a table; those that need more counters than are meant are tinted."""
    return [_row(part, counters) for part in plan.parts]


def _row(part: Part, counters: int) -> dict[str, Any]:
    low, high = num(part.arrivals.low), num(part.arrivals.high)
    begins = clock_time(part.begins)
    arrivals = t("staffing.about", mean=num(part.arrivals.mean, 1), low=low, high=high)
    if not part.arrivals.mean:
        return {"cells": [begins, arrivals, num(0), *[""] * 6], "kind": "off"}
    (fewer, now, more), (before, wait, after) = part.within, part.waits
    cells = [
        begins,
        arrivals,
        num(part.needed),
        num(part.needed_busy),
        pct(now, 0),
        minutes(wait),
        pct(part.gives_up, 0),
        "" if before is None else t("staffing.would", share=pct(fewer, 0), wait=minutes(before)),
        t("staffing.would", share=pct(more, 0), wait=minutes(after)),
    ]
    return {"cells": cells, "kind": "warn" if part.needed > counters else ""}


def file_rows(plan: Plan) -> list[list[object]]:
    """The same numbers, unrounded; shares between 0 and 1, lengths in minutes."""
    return [
        [
            f"{part.begins:%H:%M}", part.arrivals.mean, part.arrivals.low, part.arrivals.high, part.needed,
            part.needed_busy, part.within[1], part.waits[1], part.gives_up,
            "" if part.waits[0] is None else part.within[0], part.waits[0], part.within[2], part.waits[2],
        ]
        for part in plan.parts
    ]  # fmt: skip


def summary(plan: Plan, counters: int) -> str:
    """What the day needs, in sentences."""
    coming = [part for part in plan.parts if part.arrivals.mean]
    if not coming:
        return t("staffing.nobody")
    busiest = max(coming, key=lambda part: part.arrivals.mean)
    told = t(
        "staffing.busiest",
        at=clock_time(busiest.begins),
        mean=num(busiest.arrivals.mean, 1),
        low=num(busiest.arrivals.low),
        high=num(busiest.arrivals.high),
        needed=nt("staffing.with_counters", busiest.needed),
    )
    short = [clock_time(part.begins) for part in coming if part.needed > counters]
    if not short:
        return f"{told} {t('staffing.enough', counters=nt('staffing.with_counters', counters))}"
    return f"{told} {nt('staffing.short', len(short), times=t('head.list_joint').join(short))}"


def key() -> Key:
    """The legend of the chart."""
    dashes = {"8px,5px": "8 5", "2px,4px": "2 4"}
    bars = (t("staffing.arrivals"), "l-bar", "bar")
    return [bars, *((t(f"staffing.{name}"), f"l{colour[1:]}", dashes[dash]) for name, colour, dash in LINES)]


def draw(parts: Sequence[Part], counters: int) -> Spec:
    """People expected as bars; counters needed on a usual and a busy day as lines, those meant as a level."""
    places = list(map(float, range(len(parts))))
    names = [clock_time(part.begins) for part in parts]
    top = max([counters, *(max(part.arrivals.mean, part.needed_busy) for part in parts)])
    layout = sheet(top, "count")
    name_places(layout, places, names, t("timing.time_of_day"))
    layout["bargap"] = 0.15
    mark_level(layout, counters, nt("staffing.with_counters", counters), color="--petrol", dash="solid")
    data: list[Spec] = [
        {
            "type": "bar", "x": places, "y": [part.arrivals.mean for part in parts], "hoverinfo": "text",
            "name": said(t("staffing.arrivals")), "marker": {"color": "--edge", "opacity": 0.45},
            "hovertext": [said(_told(name, part)) for name, part in zip(names, parts, strict=True)],
        }
    ]  # fmt: skip
    for which, colour, dash in LINES:
        label = t(f"staffing.{which}")
        values = [getattr(part, which) for part in parts]
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": places, "y": values, "name": said(label),
                "line": {"color": colour, "dash": dash, "width": 2.5, "shape": "hvh"}, "hoverinfo": "text",
                "text": [
                    said(f"{name}: {label} {num(value)}")
                    for name, value in zip(names, values, strict=True)
                ],
            }
        )  # fmt: skip
    return {"data": data, "layout": layout}


def _told(name: str, part: Part) -> str:
    low, high = num(part.arrivals.low), num(part.arrivals.high)
    about = t("staffing.about", mean=num(part.arrivals.mean, 1), low=low, high=high)
    return f"{name}: {t('staffing.arrivals')} {about}"
