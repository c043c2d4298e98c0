"""The shape behind a median, beside the course of a measure: a chart with its words and its table."""

from dataclasses import dataclass

from govdesk.db import reading
from govdesk.faces.head import drawing, words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.sheet import Spec
from govdesk.i18n import num, pct, t
from govdesk.kpi import shapes
from govdesk.kpi.figures import Row
from govdesk.kpi.registry import Measure

LISTED_HOURS = (1 / 24, 4 / 24, 12 / 24)  # where half are resolved within a day
LISTED_DAYS = (1, 7, 14, 30, 56, 100)


@dataclass(frozen=True, slots=True)
class Portrait:
    """A chart as the macro for charts wants it."""

    name: str
    spec: Spec
    question: str
    summary: str
    caption: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]


def portrait(asked: Asked, measure: Measure, row: Row) -> Portrait | None:
    """Give the curve of open cases or the spread of waits; None for measures that have no such shape."""
    if measure.key == "time_to_resolution":
        return _survival(asked, row)
    return _spread(asked, row) if measure.key == "waiting_time" else None


def _survival(asked: Asked, row: Row) -> Portrait:
    steps = shapes.survival(reading(), asked.question)
    rows = []
    is_fast = row.value is not None and row.value < 1
    for day in (*LISTED_HOURS, *LISTED_DAYS) if is_fast else LISTED_DAYS:
        if day > steps[-1].days:
            break
        step = [step for step in steps if step.days <= day][-1]
        limits = words.interval_of((step.low, step.high), "share")
        rows.append([words.amount(day, "days"), pct(step.share), limits, num(step.at_risk)])
    return Portrait(
        name="curve",
        spec=drawing.survival(steps, row.value),
        question=t("head.curve_question"),
        summary=t("head.curve_summary", median=words.value_of(row) or "", p90=_p90(row)),
        caption=words.with_aside(t("head.curve_caption", n=num(row.n), open=num(row.open or 0)), row),
        columns=[
            (t("head.after"), ""),
            (t("head.still_open_share"), "num"),
            (t("head.interval_95"), "num"),
            (t("head.at_risk"), "num"),
        ],
        rows=rows,
    )


def _spread(asked: Asked, row: Row) -> Portrait:
    classes = shapes.wait_classes(reading(), asked.question)
    return Portrait(
        name="spread",
        spec=drawing.spread(classes),
        question=t("head.waits_question"),
        summary=t(_waits_key(row), median=words.value_of(row) or "", p90=_p90(row)),
        caption=words.with_aside(t("head.waits_caption", n=num(row.n)), row),
        columns=[(t("head.minutes_waited"), ""), (t("head.people"), "num"), (t("head.share"), "num")],
        rows=[[drawing.class_name(one), num(one.people), pct(one.share)] for one in classes],
    )


def _waits_key(row: Row) -> str:
    return "head.waits_summary" if row.value else "head.waits_summary_at_once"


def _p90(row: Row) -> str:
    p90 = row.detail.get("p90")
    return t("head.not_reached") if p90 is None else words.amount(p90, row.unit)
