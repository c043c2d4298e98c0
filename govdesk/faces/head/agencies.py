"""The page that compares us with other agencies, each by what it published of the same period."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from wtforms import Form, SelectField

from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.head import breakdowns, comparing, funnel_drawing, plotly_script, words
from govdesk.faces.head.comparing import Note, Side
from govdesk.faces.head.views import bp, csv_file
from govdesk.i18n import digits, moment_of, named, num, pct, t
from govdesk.kpi import tables
from govdesk.kpi.comparing import Comparison, Unit
from govdesk.kpi.feeds import agencies, service
from govdesk.kpi.feeds.agencies import Agency
from govdesk.kpi.periods import published
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY
from govdesk.web import actor, page, staff_only


class AgencyFilters(Form):
    """Which period and which measure; sent by GET."""

    period = SelectField("head.period")
    measure = SelectField("comparing.measure")


@bp.get("/figures/comparison/agencies")
@staff_only(*READERS)
def agencies_page() -> Response:
    """One measure of one period over agencies; funnels where there are enough of them."""
    filters, found, key = _asked()
    compared = agencies.compare(found, key) if key else None
    return page(
        "head/agencies.html",
        filters=filters,
        period=period_name(filters.period.data) if filters.period.data else "",
        side=side_of(compared, found) if compared else None,
        measure=BY_KEY[key] if key else None,
        has_ours=any(one.code == agencies.OURS for one in found),
        feeds=service.known(reading()),
        is_admin=actor().has("admin"),
        zone=settings().default_timezone,
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
    )


@bp.get("/figures/comparison/agencies.csv")
@staff_only(*READERS)
def agencies_csv() -> Response:
    """The same as a file."""
    filters, found, key = _asked()
    figures = [agencies.as_file(agencies.compare(found, key))] if key else []
    text = tables.as_csv(figures, agencies.ADJUSTED)
    return csv_file(text, f"{key or 'figures'}-agencies-{filters.period.data or ''}")


def _asked() -> tuple[AgencyFilters, list[Agency], str | None]:
    """The filters, what was published of the period, and the measure; None without any."""
    filters = AgencyFilters(request.args)
    known = service.periods(reading())
    filters.period.choices = [(period, period_name(period)) for period in known]
    if filters.period.data not in known:
        ours = {row.period.code for row in published.newest(reading())}
        filters.period.data = next((one for one in known if one in ours), known[0] if known else None)
    found = agencies.gather(reading(), filters.period.data) if filters.period.data else []
    keys = agencies.measures_of(found)
    filters.measure.choices = [(key, t(BY_KEY[key].words("name"))) for key in keys]
    if filters.measure.data not in keys:
        filters.measure.data = keys[0] if keys else None
    return filters, found, filters.measure.data


def side_of(one: Comparison, found: list[Agency]) -> Side:
    """Put a comparison of agencies into words, a table, and a funnel or bars."""
    known = {agency.code: agency for agency in found}
    names = {code: _name(agency) for code, agency in known.items()}
    made = Side(one.measure, "agency", comparing.summary_of(one, names))
    made.notes = [*comparing.notes_of(one, names), *_not_adjusted(one, names)]
    made.is_adjusted = one.is_adjusted
    made.mix_columns, made.mix_rows = _mix(one, names)
    made.changes = comparing.changes_of(one, names)
    made.columns = [
        (t("comparing.unit_agency"), ""), (t("head.number"), "num"), (t("head.value"), "num"),
        (t("head.interval_95"), "num"), (t("head.linkage"), "num"), (t("comparing.as_of"), ""),
        (t("comparing.version"), "num"), (t("head.reading"), ""),
    ]  # fmt: skip
    lines = [_line(one, unit, known[unit.code], names[unit.code]) for unit in one.units]
    made.rows = sorted(lines, key=lambda line: str(line["cells"][0]))
    made.bars = breakdowns.named_bars(
        [(names[unit.code], unit.row) for unit in one.units if unit.apart != "definition"]
    )
    if one.funnel is not None:
        made.caption = comparing.caption_of(one)
        points = [comparing.point_of(one, unit, names) for unit in one.compared if unit.place]
        made.spec = funnel_drawing.funnel(points, one.funnel)
    return made


def period_name(period: str) -> str:
    """A month by its name, a quarter by its number."""
    year, part = period.split("-")
    if part.startswith("Q"):
        return t("comparing.quarter", number=digits(part[1:]), year=digits(year))
    return words.period_name(period, "month")


def _name(agency: Agency) -> str:
    name = named(agency)
    return t("comparing.ours", name=name) if agency.code == agencies.OURS else name


def _line(one: Comparison, unit: Unit, agency: Agency, name: str) -> dict[str, Any]:
    row, linkage = unit.row, agency.told[one.measure.key].linkage
    if unit.apart in {"", "unlinked"}:
        said = [num(row.n), words.value_of(row), words.interval_of(row.interval, row.unit)]
    else:
        said = ["", "", ""]
    if unit.apart == "definition":
        reading_ = t("comparing.other_definition", version=agency.told[one.measure.key].definition_version)
    elif unit.apart:
        reading_ = t(f"comparing.apart_{unit.apart}")
    else:
        reading_ = comparing.place_of(one, unit)
    known = [
        "" if linkage is None else pct(linkage), moment_of(agency.as_of, settings().default_timezone),
        num(agency.version), reading_,
    ]  # fmt: skip
    return {"cells": [name, *said, *known], "kind": "off" if unit.apart else ""}


def _is_coded(one: Comparison) -> bool:
    """Whether anybody publishes the measure by common codes."""
    return any(unit.covered is not None for unit in one.units)


def _mix(one: Comparison, names: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """The columns and lines of what services lead one to expect; nothing of one agency or without codes."""
    if not _is_coded(one) or len(one.compared) == 1:
        return [], []
    columns = [
        (t("comparing.unit_agency"), ""),
        (t("comparing.covered"), "num"),
        *comparing.adjusted_columns(),
    ]
    rows = []
    for unit in comparing.by_name(one.compared, dict(names)):
        shared = "" if unit.covered is None else pct(unit.covered)
        cells = comparing.adjusted_cells(one.measure, unit.adjusted)
        if unit.crude:
            cells[-1] = t("comparing.crude")
        rows.append({"cells": [names[unit.code], shared, *cells], "kind": "off" if unit.crude else ""})
    return columns, rows


def _not_adjusted(one: Comparison, names: Mapping[str, str]) -> list[Note]:
    """Who stands as it is beside others, and why."""
    compared = comparing.by_name(one.compared, dict(names))
    crude = [unit for unit in compared if unit.crude and len(compared) > 1]
    if crude and not _is_coded(one):
        return [(t("comparing.codes_none"), "info")]
    bare = [names[unit.code] for unit in crude if unit.crude == "uncoded"]
    few = [f"{names[unit.code]} ({pct(unit.covered or 0)})" for unit in crude if unit.crude == "uncovered"]
    notes, joint = [], t("head.list_joint")
    if bare:
        notes.append((t("comparing.uncoded", which=joint.join(bare)), "info"))
    if few:
        least = pct(agencies.COVERED)
        notes.append((t("comparing.uncovered", least=least, which=joint.join(few)), "info"))
    return notes
