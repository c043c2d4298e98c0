"""Published documents in words: the name of a period, what a row says, its course over periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govdesk.faces.head import sparks, words
from govdesk.faces.head.signals import Judged
from govdesk.faces.head.sparks import Spark
from govdesk.i18n import date_short, digits, language, num, t
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.periods import rules
from govdesk.kpi.periods.document import Change
from govdesk.kpi.periods.settling import is_hidden, is_young
from govdesk.kpi.process import Chart
from govdesk.kpi.registry import BY_KEY, Measure

Json = Mapping[str, Any]
TABLES = ("branch", "department", "service")
CHART = (360, 72)  # of the small drawing
MIXED = frozenset({"answers"})  # families whose answers come by ways that no one line may mix


@dataclass(frozen=True, slots=True)
class Line:
    """One row in words: of a group, or of a period."""

    name: str
    value: str | None
    interval: str
    n: str
    why: str  # there is no value


@dataclass(frozen=True, slots=True)
class Told:
    """One figure of a period as everybody reads it."""

    measure: Measure
    name: str
    question: str
    whole: Line
    target: str
    is_met: bool | None  # None: no target, or no value
    trend: Sequence[Line]
    spark: Spark
    course: str  # the trend in a sentence
    tables: Sequence[tuple[str, Sequence[Line]]]
    definition: Json


def name_of(span: rules.Span) -> str:
    """The name of a period: October 2026, fourth quarter of 2026."""
    if span.kind == rules.MONTH:
        return words.period_name(span.name, "month")
    return t(f"periods.quarter_{span.name[-1]}", year=digits(span.name[:4]))


def title_of(document: Json) -> str:
    """The name of the period of a document, with the department whose it is."""
    span = span_of(document)
    if document["department_name"] is None:
        return name_of(span)
    return t("periods.of_place", period=name_of(span), place=document["department_name"][language()])


def days_of(span: rules.Span) -> str:
    """Its first and last day."""
    first, last = date_short(span.first), date_short(span.last)
    return t("periods.days", first=first, last=last, year=digits(str(span.last.year)))


def span_of(document: Json) -> rules.Span:
    """The days of a document's period."""
    of = rules.month_of if document["kind"] == rules.MONTH else rules.quarter_of
    return of(dt.date.fromisoformat(document["from"]))


def told(document: Json, series: Sequence[Json]) -> list[tuple[str, list[Told]]]:
    """Give the figures of a document by topic; `series` are its kind's, the oldest first, it the last."""
    figures = {(one["key"], one["by"][0] if one["by"] else ""): one for one in document["figures"]}
    found = []
    for topic, measures in rules.TOPICS.items():
        shown = [
            _told(document, figures, key, series)
            for key in measures
            if (key, "") in figures and key in BY_KEY
        ]
        if shown:
            found.append((topic, shown))
    return found


def line_of(row: Json, key: str, name: str = "") -> Line:
    """Say a row in words."""
    interval = tuple(row["interval"]) if row["interval"] else None
    has_value = row["value"] is not None
    return Line(
        name,
        words.amount(row["value"], row["unit"]) if has_value else None,
        words.interval_of(interval, row["unit"]) if has_value else "",
        num(row["n"]) if row["n"] is not None else "",
        "" if has_value else why(row, key),
    )


def why(row: Json, key: str) -> str:
    """Why a row has no value."""
    if is_hidden(row):
        return t("periods.why_hidden")
    if is_young(row):
        return t("periods.why_young")
    return t("periods.why_open" if row["n"] and BY_KEY[key].unit in {"days", "hours"} else "periods.why_none")


def changed(found: Sequence[Change], document: Json) -> list[tuple[str, str, str, str]]:
    """Say what a correction changed: figure, group, what it was, what it is."""
    return [
        (
            t(BY_KEY[one.key].words("name")) if one.key in BY_KEY else one.key,
            " · ".join(
                group_name(document, word, code) for word, code in zip(one.by, one.group, strict=True)
            ),
            _said(one.before, one.key),
            _said(one.after, one.key),
        )
        for one in found
    ]


def group_name(document: Json, word: str, code: str | None) -> str:
    """The name of a group, as it was when the document was published."""
    if code is None:
        return t("periods.group_unknown")
    named = document["names"].get(word, {}).get(code)
    return named[language()] if named else code


def _said(row: Json | None, key: str) -> str:
    if row is None:
        return t("periods.no_number")
    line = line_of(row, key)
    return f"{line.value} ({line.n})" if line.value else line.why


def _told(document: Json, figures: Mapping[tuple[str, str], Json], key: str, series: Sequence[Json]) -> Told:
    measure, row = BY_KEY[key], figures[key, ""]["rows"][0]
    target = document["targets"].get(key, {}).get("value")
    tables = [
        (word, _groups(document, figures[key, word], word))
        for word in TABLES
        if (key, word) in figures and any(_tells(one) for one in figures[key, word]["rows"])
    ]
    points = [] if measure.family in MIXED else [(one, _whole(one, key)) for one in series]
    shown = [(one, point) for one, point in points if point is not None]
    return Told(
        measure,
        t(measure.words("name")),
        t(measure.words("question")),
        line_of(row, key),
        words.target_of(measure, target),
        _is_met(measure, target, row["value"]),
        [line_of(point, key, name_of(span_of(one))) for one, point in shown],
        _spark(key, [point for _, point in shown], target),
        _course([point for _, point in shown]),
        tables,
        document["definitions"][key],
    )


def _is_met(measure: Measure, target: float | None, value: float | None) -> bool | None:
    if target is None or value is None:
        return None
    return value <= target if measure.is_lower_better else value >= target


def _tells(row: Json) -> bool:
    """Whether a row has something to say, if only that it is hidden."""
    return row["value"] is not None or is_hidden(row)


def _groups(document: Json, figure: Json, word: str) -> list[Line]:
    rows = [
        line_of(row, figure["key"], group_name(document, word, row["group"][word])) for row in figure["rows"]
    ]
    return sorted(rows, key=lambda line: line.name)


def _whole(document: Json, key: str) -> Json | None:
    found = (one["rows"][0] for one in document["figures"] if one["key"] == key and not one["by"])
    return next(found, None)


def _spark(key: str, rows: Sequence[Json], target: float | None) -> Spark:
    """A small line over periods, without limits: they take more points than there are."""
    series = Figure(
        key=key, definition_version="", as_of=dt.datetime.min.replace(tzinfo=dt.UTC), from_day=None,
        to_day=None, by=("month",), rows=tuple(
            Row(group={"month": str(place)}, unit=row["unit"], value=row["value"], n=row["n"] or 0)
            for place, row in enumerate(rows)
        ),
    )  # fmt: skip
    nothing = Judged(Chart((), ()), (), (), "few", "none")
    return sparks.spark(series, nothing, target, *CHART)


def _course(rows: Sequence[Json]) -> str:
    """The first and last value of a series in a sentence; none of fewer than two."""
    known = [row for row in rows if row["value"] is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no course
        return ""
    first, last = (words.amount(row["value"], row["unit"]) for row in (known[0], known[-1]))
    if first == last:
        return t("periods.trend_same", last=last)
    rose = known[-1]["value"] > known[0]["value"]
    return t("periods.trend_rose" if rose else "periods.trend_fell", first=first, last=last)
