"""One measure: its companions, its course, where it is made and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from govdesk.db import reading
from govdesk.faces.head import (
    aims,
    breakdowns,
    comparing,
    course,
    course_words,
    further,
    marked,
    portraits,
    records,
    signals,
    why,
    words,
)
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.breakdowns import Bar
from govdesk.faces.head.cards import FEWEST
from govdesk.faces.head.comparing import Side
from govdesk.faces.head.further import Further
from govdesk.faces.head.marked import Shown
from govdesk.faces.head.portraits import Portrait
from govdesk.faces.head.sheet import Spec
from govdesk.faces.head.signals import Judged
from govdesk.faces.head.why import Why
from govdesk.feedback.forms.rules import STATEMENTS
from govdesk.i18n import num, pct, t
from govdesk.kpi import comparing as units
from govdesk.kpi import service
from govdesk.kpi.figures import Figure, Row, hide_small, leading_line
from govdesk.kpi.groups import DIMENSIONS
from govdesk.kpi.registry import BY_KEY, Measure

REPEATS = ("repeat_visit_rate", "first_contact_resolution", "avoidable_visit_share")
WAITS = ("waiting_time", "service_level", "promise_kept", "abandonment_rate")
CASES = ("time_to_resolution", "sla_attainment")
AT_COUNTERS = ("counter_occupancy", "idle_with_queue", "wrap_up_time")
PROMISES = ("commitments_kept", "promise_kept")
GUIDED = ("visits_avoided", "scenario_share", "papers_missing")
UNHEARD = ("repeat_visit_rate", "unheard_estimate", "silent_need_help")
OBSTACLES = ("obstacles_open", "obstacle_age")
STATED = ("csat", "trust", "response_rate")
PARTS = ("branch", "service", "scenario")  # by which a figure is shown in parts
COMPANIONS = {
    **dict.fromkeys((*REPEATS, "visits_per_matter", "abandon_returns"), REPEATS),
    **dict.fromkeys((*WAITS, "service_time", "noshow_rate"), WAITS),
    **dict.fromkeys(GUIDED, GUIDED),
    **dict.fromkeys(UNHEARD[1:], UNHEARD),
    "repeat_visit_rate": (*REPEATS, *UNHEARD[1:]),
    **dict.fromkeys(OBSTACLES, OBSTACLES),
    **dict.fromkeys((*STATEMENTS[1:], "csat", "good_faces", "response_rate", "driver_named"), STATED),
    "commitments_kept": PROMISES,
    **dict.fromkeys(AT_COUNTERS, AT_COUNTERS),
    **dict.fromkeys((*CASES, "net_time_to_resolution", "business_time_to_resolution"), CASES),
}
Strip = list[tuple[str, str | None, str]]


@dataclass(slots=True)
class View:
    """All that the page of a measure shows."""

    measure: Measure
    row: Row
    target: float | None
    judged: Judged
    strip: Strip
    spec: Spec
    summary: str
    rows: list[dict[str, Any]]
    bars: list[tuple[str, list[Bar]]]
    why: Why | None = None
    further: Further | None = None
    shape: Portrait | None = None
    marks: list[Shown] = field(default_factory=list)
    funnel: Side | None = None
    records: list[str] = field(default_factory=list)  # what is missing or doubtful behind it
    flawed: float | None = None
    overdue: str = ""  # that the day of its target has passed


def view(asked: Asked, key: str) -> View:
    """Gather the page of a measure; UnknownMeasureError for a key that is not one."""
    companions = [key, *(one for one in COMPANIONS.get(key, ()) if one != key)]
    wanted: list[tuple[str, tuple[str, ...]]] = [(one, ()) for one in companions]
    parts = _parts(key)
    wanted += [(key, (asked.time,)), *((key, (word,)) for word in parts)]
    wanted += why.source_of(key)
    chosen = further.chosen_of(key)
    wanted += [(key, (chosen,))] if chosen else []
    found = [*service.figures(reading(), asked.question, wanted)]
    totals = {figure.key: hide_small(figure, FEWEST).total for figure in found[: len(companions)]}
    series, *groups = (
        hide_small(leading_line(figure), FEWEST)
        for figure in found[len(companions) : len(companions) + 1 + len(parts)]
    )
    made = _course(asked, BY_KEY[key], totals[key], series)
    made.strip = _strip(totals, companions) + made.strip
    made.records = [] if made.row.is_hidden else records.flaws(made.row)
    made.flawed = records.share(made.row, made.measure, totals.get("waiting_time"))
    made.bars = [(figure.by[0], breakdowns.bars(asked, figure)) for figure in groups]
    if key in why.ASKED and not made.row.is_hidden:
        made.why = why.why(asked, key, found[-2] if chosen else found[-1])
    elif key in why.COUNTED and not made.row.is_hidden:
        made.why = why.counted(asked, made.row, key)
    made.further = further.further(asked, key, hide_small(found[-1], FEWEST) if chosen else None)
    if "branch" in units.comparable(made.measure):
        made.funnel = comparing.sides(asked, [(key, "branch")])[0]
    if not made.row.is_hidden and made.row.value is not None:
        made.shape = portraits.portrait(asked, made.measure, made.row)
    return made


def _course(asked: Asked, measure: Measure, row: Row, series: Figure) -> View:
    """The course of a measure with its limits, the year before, the marks at its days, and its words."""
    target, time = asked.target(measure), asked.time
    judged = signals.judge(series, time, asked.today, target=target, rebased=asked.rebased(measure.key))
    before, course_before = _year_ago(asked, measure.key)
    spec = course.over_time(series, row, time, judged, target)
    if course_before is not None:
        course_words.year_before(spec, series, course_before, time)
    marks = marked.shown(asked, measure, [str(one.group[time]) for one in series.rows])
    marked.draw(spec, marks)
    told = course_words.sentences(measure, series, judged, time=time, target=target, whole=row, before=before)
    return View(
        measure=measure,
        row=row,
        target=target,
        judged=judged,
        strip=_aim(asked, measure) + _in_strip(before),
        overdue=aims.overdue(asked, measure, row),
        spec=spec,
        summary=f"{told} {t('head.course_cut')}" if course.is_cut(spec) else told,
        rows=[_line(one, time, sense) for one, sense in _judged_rows(series, judged)],
        bars=[],
        marks=[one for one in marks if one.number],
    )


def _year_ago(asked: Asked, key: str) -> tuple[Row | None, Figure | None]:
    """The same days of last year: the whole and its course; None where nothing is asked of a year ago."""
    if asked.year_ago is None:
        return None, None
    found = service.figures(reading(), asked.year_ago, [(key, ()), (key, (asked.time,))])
    return hide_small(found[0], FEWEST).total, hide_small(leading_line(found[1]), FEWEST)


def _aim(asked: Asked, measure: Measure) -> Strip:
    said = words.target_of(measure, asked.target(measure))
    return [(t("targets.target"), said, aims.beside_of(asked, measure))] if said else []


def _in_strip(row: Row | None) -> Strip:
    if row is None or row.value is None:
        return []
    return [(t("head.year_ago"), words.value_of(row), _small(row))]


def _judged_rows(series: Figure, judged: Judged) -> list[tuple[Row, str]]:
    """The periods, the latest first, with what each says."""
    senses = dict(zip(judged.places, judged.senses, strict=True))
    return [(row, senses.get(place, "")) for place, row in reversed([*enumerate(series.rows)])]


def _strip(totals: dict[str, Row], keys: Sequence[str]) -> Strip:
    strip: Strip = [
        (t(BY_KEY[key].words("name")), words.value_of(totals[key]), _small(totals[key])) for key in keys
    ]
    row = totals[keys[0]]
    if row.is_hidden:
        return strip
    if row.data_quality.get("linkage") is not None:
        is_comparable = row.data_quality["comparable"]
        said = t("head.comparable" if is_comparable else "head.not_comparable")
        strip.append((t("head.linkage"), pct(row.data_quality["linkage"]), said))
    if row.data_quality.get("probable"):
        strip.append((t("linking.share_contact"), pct(row.data_quality["probable"]), t("linking.families")))
    if "silent" in row.detail:
        strip.append((t("head.silent"), num(row.detail["silent"]), t("head.silent_ones")))
    if "complained" in row.detail:
        strip += _lists(row)
    if row.detail.get("p90") is not None:
        strip.insert(1, (t("head.p90"), words.amount(row.detail["p90"], row.unit), t("head.nine_of_ten")))
    if row.detail.get("oldest_open") is not None:
        strip.append((t("head.oldest_open"), words.amount(row.detail["oldest_open"], row.unit), ""))
    if row.detail.get("still_waiting") is not None:
        strip.append((t("head.waiting_now"), num(row.detail["still_waiting"]), ""))
    if row.detail.get("stopped_share") is not None:
        strip.append((t("head.stopped_share"), pct(row.detail["stopped_share"]), ""))
    if row.detail.get("one_visit"):
        once = row.detail["one_visit"]["value"]
        strip.append((t("head.one_visit"), None if once is None else pct(once), ""))
    return strip


def _lists(row: Row) -> Strip:
    """The inputs of the estimate of the unheard, and how many it leaves."""
    inputs = ("complained", "dissatisfied", "both")
    strip: Strip = [(t(f"head.inputs_{name}"), num(row.detail[name]), "") for name in inputs]
    unheard = row.detail["unheard"]
    said = None if unheard is None else num(round(unheard))
    return [*strip, (t("head.inputs_unheard"), said, t("head.inputs_unheard_small"))]


def _small(row: Row) -> str:
    if row.is_hidden:
        return t("head.hidden")
    if row.value is None:
        return ""
    interval = words.interval_of(row.interval, row.unit)
    counted = t("design.n", n=num(row.n))
    return f"{interval} · {counted}" if interval else counted


def _line(row: Row, time: str, sense: str) -> dict[str, Any]:
    """One line of the table: the same that the chart shows, in words."""
    name = words.period_name(str(row.group[time]), time)
    if row.is_hidden:
        return {"cells": [name, "", "", "", t("head.hidden")], "kind": "off"}
    estimate = row.detail.get("provisional") if row.pending else None
    value, interval = words.value_of(row), words.interval_of(row.interval, row.unit)
    if row.pending:
        value = f"≈ {words.amount(estimate['value'], row.unit)}" if estimate else t("head.young")
        interval = words.interval_of(tuple(estimate["interval"]), row.unit) if estimate else ""
    counted = num(row.n + (row.pending or 0))
    reading_ = words.reading_of(row) or (t(f"head.sense_{sense}") if sense in {"worse", "better"} else "")
    return {"cells": [name, counted, value, interval, reading_], "kind": "young" if row.pending else ""}


def _parts(key: str) -> list[str]:
    return [word for word in PARTS if word in DIMENSIONS[BY_KEY[key].family]] if key in BY_KEY else []


def csv_figures(asked: Asked, key: str) -> list[Figure]:
    """The figures of a page for its files: whole, in time, in its parts and as asked; small groups hidden."""
    bys: list[tuple[str, ...]] = [(), (asked.time,), *((word,) for word in _parts(key))]
    if word := further.chosen_of(key):
        bys.append((word,))
    found = service.figures(reading(), asked.question, [(key, by) for by in bys])
    return [hide_small(figure, FEWEST) for figure in found]
