"""How long needs take, service by service: curves of those still open, medians, and who is still seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.cards import FEWEST
from govdesk.faces.head.sheet import Spec, name_places, said, sheet, value_ticks
from govdesk.i18n import num, pct, t
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small
from govdesk.kpi.lives import Lives, lives

LOOKS = (  # a colour, and a dash as the chart and as its key draw it
    ("--petrol", "solid", ""), ("--brass", "8px,5px", "8 5"), ("--info", "2px,4px", "2 4"),
    ("--bad", "9px,4px,2px,4px", "9 4 2 4"), ("--good", "15px,5px", "15 5"),
    ("--ink-2", "14px,4px,3px,4px", "14 4 3 4"),
)  # fmt: skip
MARKS = (0, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730)  # days of which the tables tell

Key = list[tuple[str, str, str]]  # a name, its class, its dash
Table = list[list[str]]
Columns = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Curves:
    """The chart with its words and tables; `drawn` is fewer than all where there are many services."""

    spec: Spec
    key: Key
    summary: str
    caption: str
    columns: Columns  # of shares and of numbers under observation: the services, then the marks of time
    shares: Table
    at_risk: Table
    medians: Table


def curves(asked: Asked, row: Row, parts: Figure) -> Curves | None:
    """Gather the curves of a period, given its figures whole and by service; None where none may be shown."""
    known = {row.group["service"]: row for row in parts.rows if row.n and not row.is_hidden}
    found = {code: one for code, one in lives(reading(), asked.question, "service").items() if code in known}
    if row.is_hidden or not found:
        return None
    named = {asked.name_of("service", code): one for code, one in found.items()}
    drawn = dict([*named.items()][: len(LOOKS)])
    last = max(_seen(one) for one in named.values()) or 1.0
    marks = [mark for mark in MARKS if mark <= last]
    return Curves(
        spec=_draw(drawn, last),
        key=[
            (name, f"l{colour[1:]}", dash) for name, (colour, _drawn, dash) in zip(drawn, LOOKS, strict=False)
        ],
        summary=_summary(asked, row, known),
        caption=_caption(row, len(drawn), len(named)),
        columns=[(t("head.service"), ""), *((_after(mark), "num") for mark in marks)],
        shares=[[name, *(_share(one, mark) for mark in marks)] for name, one in named.items()],
        at_risk=[[name, *(count(one.at_risk(mark)) for mark in marks)] for name, one in named.items()],
        medians=[_median(asked.name_of("service", code), known[code]) for code in found]
        + [_median(t("head.all_services"), row)],
    )


def count(people: int) -> str:
    """A number of cases; fewer than five are not told."""
    return t("timing.few") if 0 < people < FEWEST else num(people)


def _after(mark: float) -> str:
    return words.amount(mark, "days") if mark else t("timing.at_start")


def reached(value: float | None) -> str:
    """A length in days; a quantile that no curve has reached says so."""
    return t("head.not_reached") if value is None else words.amount(value, "days")


def _seen(one: Lives) -> float:
    """Until when a curve is drawn: while at least five are under observation."""
    return max((step.days for step in one.steps if step.at_risk >= FEWEST), default=0.0)


def _share(one: Lives, mark: float) -> str:
    share = one.at(mark)
    return "" if share is None or one.at_risk(mark) < FEWEST else pct(share, 0)


def _median(name: str, row: Row) -> list[str]:
    detail = row.detail
    return [
        name,
        num(row.n),
        num(row.open or 0),
        reached(row.value),
        words.interval_of(row.interval, "days"),
        reached(detail["p90"]),
        words.interval_of(tuple(detail["p90_interval"]), "days"),
        "" if detail["oldest_open"] is None else words.amount(detail["oldest_open"], "days"),
    ]


def _summary(asked: Asked, row: Row, known: Mapping[str | None, Row]) -> str:
    told = t(
        "timing.curves_whole",
        median=reached(row.value),
        p90=reached(row.detail["p90"]),
        open=num(row.open or 0),
        n=num(row.n),
    )
    medians = {code: one.value for code, one in known.items() if one.value is not None}
    if len(medians) < 2:  # noqa: PLR2004 - one alone is the whole
        return told
    quick, slow = min(medians, key=lambda code: medians[code]), max(medians, key=lambda code: medians[code])
    between = t(
        "timing.curves_between",
        quick=asked.name_of("service", quick),
        quick_median=reached(medians[quick]),
        slow=asked.name_of("service", slow),
        slow_median=reached(medians[slow]),
    )
    return f"{told} {between}"


def _caption(row: Row, drawn: int, all_of_them: int) -> str:
    said_of = t("timing.curves_caption", n=num(row.n), open=num(row.open or 0))
    if drawn < all_of_them:
        said_of += " " + t("timing.curves_drawn", drawn=num(drawn), all=num(all_of_them))
    return words.with_aside(said_of, row)


def _draw(named: Mapping[str, Lives], last: float) -> Spec:
    """Curves as steps, each with a colour and a dash of its own."""
    data = [
        _curve(name, one, colour, dash)
        for (name, one), (colour, dash, _key) in zip(named.items(), LOOKS, strict=False)
    ]
    layout = sheet(1.0, "share")
    ticks, names, unit = value_ticks(last, "days")
    shown = [place for place, tick in enumerate(ticks) if 0 < tick <= last]
    title = t("head.since_opening", unit=unit)
    name_places(layout, [ticks[place] for place in shown], [names[place] for place in shown], title)
    layout["xaxis"]["range"] = [0, last]
    return {"data": data, "layout": layout}


def _curve(name: str, one: Lives, colour: str, dash: str) -> Spec:
    steps = [step for step in one.steps if step.days <= _seen(one)]
    return {
        "type": "scatter", "mode": "lines", "name": said(name), "x": [step.days for step in steps],
        "y": [step.share for step in steps], "hoverinfo": "text",
        "text": [said(_told(name, step.days, step.share, step.at_risk)) for step in steps],
        "line": {"shape": "hv", "width": 2.5, "color": colour, "dash": dash},
    }  # fmt: skip


def _told(name: str, days: float, share: float, at_risk: int) -> str:
    return f"{name}, {words.amount(days, 'days')}: {pct(share)} ({num(at_risk)})"


def as_rows(asked: Asked) -> tuple[list[str], Sequence[Sequence[object]]]:
    """The curves as numbers, for a file: at each step the share, its interval, and who was at risk."""
    figure = service.figures(reading(), asked.question, [("time_to_resolution", ("service",))])[0]
    parts = hide_small(figure, FEWEST)
    known = {row.group["service"] for row in parts.rows if row.n and not row.is_hidden}
    rows = [
        [code, step.days, step.share, step.low, step.high, step.at_risk]
        for code, one in sorted(
            lives(reading(), asked.question, "service").items(), key=lambda pair: pair[0] or ""
        )
        if code in known
        for step in one.steps
        if step.at_risk >= FEWEST
    ]
    return ["service", "days", "still_open", "low", "high", "at_risk"], rows
