"""The pages that compare branches and departments: measures of a matter in words, one with its funnels."""

from collections.abc import Mapping

from flask import Response, request

from govdesk.db import reading
from govdesk.faces.head import comparing, plotly_script
from govdesk.faces.head.asking import asked
from govdesk.faces.head.cards import until
from govdesk.faces.head.views import bp, csv_file
from govdesk.i18n import moment_of
from govdesk.kpi import comparing as units
from govdesk.kpi import service, tables
from govdesk.kpi.figures import hide_small
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY, MEASURES
from govdesk.kpi.service import UnknownMeasureError
from govdesk.web import page, staff_only

COMPARED = tuple(measure for measure in MEASURES if units.comparable(measure))
MATTERS: Mapping[str, frozenset[str]] = {  # what is looked at together, with its families of measures
    "returns": frozenset({"repeats", "plans", "shadow", "speed", "burden", "matters", "abandons"}),
    "time": frozenset({"cases", "parts", "costs"}),
    "waiting": frozenset({"waits", "attendance", "counters"}),
    "guide": frozenset({"guide", "digital", "reasons", "papers"}),
    "promises": frozenset({"commitments", "complaints", "recoveries", "recalls", "obstacles"}),
    "voices": frozenset({"invitations", "answers", "drivers", "unheard", "asked"}),
}
ALONE = ("net_time_to_resolution", "business_time_to_resolution")  # counted case by case, for one page only


@bp.get("/figures/comparison")
@staff_only(*READERS)
def comparison() -> Response:
    """The measures of one matter, each with a sentence for its branches and one for its departments."""
    question = asked()
    about = request.args.get("about", "")
    about = about if about in MATTERS else next(iter(MATTERS))
    shown = [measure for measure in COMPARED if measure.family in MATTERS[about]]
    wanted = [
        (measure.key, by) for measure in shown if measure.key not in ALONE for by in units.comparable(measure)
    ]
    return page(
        "head/comparing.html",
        asked=question,
        matters=tuple(MATTERS),
        about=about,
        period=until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        measures=shown,
        alone=ALONE,
        found=comparing.lines(question, wanted),
    )


@bp.get("/figures/comparison/<key>")
@staff_only(*READERS)
def comparison_of(key: str) -> Response:
    """One measure: a funnel of branches and one of departments, or their intervals."""
    measure = BY_KEY.get(key)
    if measure is None or measure not in COMPARED:
        raise UnknownMeasureError(measure=key)
    question = asked()
    return page(
        "head/comparing_one.html",
        asked=question,
        measure=measure,
        sides=comparing.funnel_of(question, key),
        period=until(question),
        as_of=moment_of(question.question.as_of, question.zone),
        plotly_version=plotly_script.version(),
        map_style_id=plotly_script.map_style_id(),
    )


@bp.get("/figures/comparison/<key>.csv")
@staff_only(*READERS)
def comparison_csv(key: str) -> Response:
    """The same units as a file."""
    measure = BY_KEY.get(key)
    if measure is None or measure not in COMPARED:
        raise UnknownMeasureError(measure=key)
    question = asked()
    wanted = [(key, (by,)) for by in units.comparable(measure)]
    found = service.figures(reading(), question.question, wanted)
    return csv_file(tables.as_csv([hide_small(figure, units.FEWEST) for figure in found]), f"{key}-units")
