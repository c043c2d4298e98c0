"""Figures as a workbook for spreadsheets: numbers as numbers, and beside them what they mean."""

import datetime as dt
import io
from collections.abc import Iterator, Sequence

import xlsxwriter
from flask import Response, make_response

from govdesk.faces.head import further, words
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.cards import SHOWN, until
from govdesk.faces.head.measure import csv_figures
from govdesk.i18n import direction, t
from govdesk.kpi.figures import Figure, Row
from govdesk.kpi.groups import TIMES
from govdesk.kpi.registry import BY_KEY, PARTS, Measure

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"share": "0.0%", "visits": "0.00"}
HEADS = (
    "marks.sheet_measure", "marks.sheet_group", "marks.sheet_name", "head.value", "marks.sheet_low",
    "marks.sheet_high", "head.number", "marks.sheet_numerator", "marks.sheet_denominator", "head.unit",
    "marks.sheet_remark",
)  # fmt: skip
VALUES = {3, 4, 5}  # the columns that are written in the unit of the measure
LABELS = {
    "question": "head.definition", "formula": "head.how_we_count", "numerator": "head.numerator",
    "denominator": "head.denominator", "window": "head.window", "quality": "head.quality",
    "source": "head.source",
}  # fmt: skip
WIDE, NARROW, WIDEST = 34, 14, 90
Cell = str | float | int | None


def of_measure(asked: Asked, key: str) -> Response:
    """One figure: whole, over time and in its parts."""
    return _file(asked, csv_figures(asked, key), [BY_KEY[key]], key)


def of_overview(asked: Asked) -> Response:
    """The whole of every figure of the overview."""
    figures = [csv_figures(asked, key)[0] for key in SHOWN]
    return _file(asked, figures, [BY_KEY[key] for key in SHOWN], "figures")


def _file(asked: Asked, figures: Sequence[Figure], measures: Sequence[Measure], name: str) -> Response:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001 - the same figures, the same file
    formats = {unit: book.add_format({"num_format": form}) for unit, form in FORMATS.items()}
    plain, bold = book.add_format({"num_format": "0.0"}), book.add_format({"bold": True, "text_wrap": True})
    first = book.add_worksheet(t("marks.sheet_figures"))
    second = book.add_worksheet(t("marks.sheet_definition"))
    for sheet in (first, second):
        if direction() == "rtl":
            sheet.right_to_left()
        sheet.freeze_panes(1, 0)
    first.write_row(0, 0, [t(key) for key in HEADS], bold)
    first.set_column(0, 0, WIDE)
    first.set_column(1, len(HEADS) - 1, NARROW)
    line = 0
    for figure in figures:
        form = formats.get(figure.rows[0].unit, plain) if figure.rows else plain
        for row in figure.rows:
            line += 1
            for place, cell in enumerate(_cells(asked, figure, row)):
                if cell is not None:
                    first.write(line, place, cell, form if place in VALUES else None)
    second.set_column(0, 0, WIDE)
    second.set_column(1, 1, WIDEST, book.add_format({"text_wrap": True}))
    for place, (label, text) in enumerate(_definition(asked, measures)):
        second.write_string(place, 0, label, bold)
        second.write_string(place, 1, text)
    book.close()
    answer = make_response(out.getvalue())
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _cells(asked: Asked, figure: Figure, row: Row) -> list[Cell]:
    """A row: what is hidden or has no data is an empty cell with a word beside it, never 0."""
    word = next((one for one in figure.by), "")
    group = t(_group_key(word)) if word else ""
    name = t("marks.sheet_whole")
    if word:
        value = row.group[word]
        is_time = word in TIMES and value is not None
        named = further.naming_of(asked, word)
        name = words.period_name(str(value), word) if is_time else named.name_of(word, value)
    low, high = row.interval or (None, None)
    numbers: list[Cell] = [row.value, low, high, row.n, row.numerator, row.denominator]
    if row.is_hidden:
        return [t(BY_KEY[figure.key].words("name")), group, name, *[None] * 7, t("marks.sheet_hidden")]
    remark = "" if row.value is not None else t("design.no_data")
    estimate = row.detail.get("provisional") if row.pending else None
    if estimate:
        numbers = [estimate["value"], *estimate["interval"], row.n + (row.pending or 0), None, None]
        remark = t("marks.sheet_young")
    unit = t(f"kpi.unit_{row.unit}")
    return [t(BY_KEY[figure.key].words("name")), group, name, *numbers, unit, remark]


def _group_key(word: str) -> str:
    if word in ("week", "month"):
        return f"head.column_{word}"
    return f"marks.by_{word}" if word in further.WORDS else f"head.{word}"


def _definition(asked: Asked, measures: Sequence[Measure]) -> Iterator[tuple[str, str]]:
    question = asked.question
    yield t("marks.sheet_period"), until(asked)
    yield t("marks.sheet_as_of"), question.as_of.isoformat(timespec="minutes")
    chosen = [asked.filters.branch, asked.filters.department, asked.filters.service]
    yield t("marks.sheet_place"), " · ".join(dict(one.choices)[one.data] for one in chosen)
    for measure in measures:
        yield t("marks.sheet_measure"), f"{t(measure.words('name'))} ({measure.key})"
        yield t("marks.sheet_version"), measure.definition_version
        for part in PARTS[1:]:
            yield t(LABELS[part]), t(measure.words(part))
