"""Charts of a whole shape, as plain dicts: how many are still open, how the waits are spread."""

from collections.abc import Sequence

from govdesk.faces.head import words
from govdesk.faces.head.sheet import Spec, name_places, said, sheet, straight, value_ticks
from govdesk.i18n import num, pct, t
from govdesk.kpi.shapes import Step, WaitClass

HALF = 0.5
LAST_NAME = 44  # pixels for half of the last class's name


def survival(steps: Sequence[Step], median: float | None) -> Spec:
    """A Kaplan-Meier curve with its interval; dotted lines lead from one half to the median."""
    days = [step.days for step in steps]
    quiet = {
        "type": "scatter", "mode": "lines", "x": days, "hoverinfo": "skip",
        "line": {"shape": "hv", "width": 0, "color": "--petrol-tint"},
    }  # fmt: skip
    texts = [said(f"{words.amount(step.days, 'days')}: {pct(step.share)}") for step in steps]
    curve = {
        "type": "scatter", "mode": "lines", "x": days, "y": [step.share for step in steps],
        "line": {"shape": "hv", "width": 2.5, "color": "--petrol"}, "hoverinfo": "text", "text": texts,
    }  # fmt: skip
    data = [
        {**quiet, "y": [step.low for step in steps]},
        {**quiet, "y": [step.high for step in steps], "fill": "tonexty", "fillcolor": "--petrol-tint"},
        curve,
    ]
    layout = sheet(1.0, "share")
    last = max(days, default=1.0) or 1.0
    ticks, names, unit = value_ticks(last, "days")
    shown = [place for place, tick in enumerate(ticks) if 0 < tick <= last]
    title = t("head.since_opening", unit=unit)
    name_places(layout, [ticks[place] for place in shown], [names[place] for place in shown], title)
    layout["xaxis"]["range"] = [0, last]
    if median is not None:
        layout["shapes"].append(straight("--brass", x0=median, x1=median, y0=0, y1=HALF))
        layout["shapes"].append(straight("--brass", x0=0, x1=median, y0=HALF, y1=HALF))
    return {"data": data, "layout": layout}


def spread(classes: Sequence[WaitClass]) -> Spec:
    """What share of people waited how long."""
    names = [class_name(one) for one in classes]
    texts = [
        said(f"{name}: {pct(one.share)} ({num(one.people)})")
        for name, one in zip(names, classes, strict=True)
    ]
    places = list(map(float, range(len(names))))
    data = [
        {
            "type": "bar", "x": places, "y": [one.share for one in classes], "hoverinfo": "text",
            "hovertext": texts, "marker": {"color": "--petrol"},
        }
    ]  # fmt: skip
    layout = sheet(max((one.share for one in classes), default=1.0), "share")
    name_places(layout, places, names, t("head.minutes_waited"))
    layout["bargap"] = 0.15
    layout["margin"]["l" if layout["yaxis"]["side"] == "right" else "r"] = LAST_NAME
    return {"data": data, "layout": layout}


def class_name(one: WaitClass) -> str:
    """The name of a class of waits: 5–10, 60 and more."""
    if one.high is None:
        return t("head.from_minutes", low=num(one.low))
    return t("head.minutes_to", low=num(one.low), high=num(one.high))
