"""Figures, as the pages and the command show them."""

from flask import Response, jsonify

from govdesk import i18n
from govdesk.db import reading
from govdesk.faces.api import paging
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.faces.api.shapes import Json
from govdesk.faces.head.cards import FEWEST
from govdesk.kpi import service
from govdesk.kpi.figures import hide_small
from govdesk.kpi.groups import UnknownGroupingError
from govdesk.kpi.question import Scope
from govdesk.kpi.registry import MEASURES, Measure
from govdesk.web import actor

OF_LIST = paging.PAGED
OF_FIGURE = (
    Field(name="from", kind="day", example="2026-07-01"),
    Field(name="to", kind="day", example="2026-09-30"),
    Field(name="by", kind="text", example="branch,month"),
    Field(name="as_of", kind="moment", example="2026-10-04T10:40:00+03:00"),
)


def measures() -> Response:
    """Every figure with the question that it answers."""
    return paging.pages(MEASURES, query(OF_LIST), lambda measure: (measure.key,), _measure)


def figure(key: str) -> Response:
    """One figure over a period of local days, within the branch of the token; what heads see and no more."""
    asked = query(OF_FIGURE)
    if asked["from"] and asked["to"] and asked["to"] < asked["from"]:
        raise InvalidError.of("to", "api.before_from")
    by = [word.strip() for word in (asked["by"] or "").split(",") if word.strip()]
    try:
        found = service.figure(
            reading(),
            key,
            from_day=asked["from"],
            to_day=asked["to"],
            by=by,
            as_of=asked["as_of"],
            scope=Scope.of(actor()),
        )
    except UnknownGroupingError as problem:
        raise InvalidError.of("by", problem.key, **problem.params) from problem
    return jsonify(hide_small(found, FEWEST).as_json())


def _measure(measure: Measure) -> Json:
    return {
        "key": measure.key,
        "definition_version": measure.definition_version,
        "name": i18n.t(measure.words("name")),
        "question": i18n.t(measure.words("question")),
        "unit": measure.unit,
        "is_lower_better": measure.is_lower_better,
    }
