"""What explains the API: the OpenAPI document for programs, a page for people."""

import json
import re
from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from govdesk import i18n
from govdesk.faces.api import visiting
from govdesk.faces.api.fields import Field
from govdesk.faces.api.openapi import answer_of, document, template_of
from govdesk.faces.api.routes import ENDPOINTS, PREFIX, Endpoint
from govdesk.people.tokens import SCOPES
from govdesk.web import page, public

bp = Blueprint("api_docs", __name__, url_prefix=PREFIX)
PROBLEMS = (
    "errors.token_missing", "errors.token_invalid", "errors.token_scope", "errors.too_many",
    "errors.key_reused", "api.invalid", "api.bad_json", "api.not_json", "api.branch_closed",
    "booking.slot_taken", "booking.slot_late", "booking.slot_unknown", "booking.hold_lapsed",
    "booking.already_booked", "booking.contact_full", "api.code_needed", "notify.code_wrong",
    "notify.code_expired", "notify.code_spent", "booking.has_begun", "booking.is_cancelled",
    "booking.other_day",
    "booking.not_found", "queue.ticket_not_found", "queue.not_offered",
    "queue.counter_not_found", "queue.counter_closed", "queue.counter_paused", "queue.counter_busy",
    "queue.counter_taken", "queue.officer_unknown", "queue.wrong_step", "queue.outcome_missing",
    "queue.shut", "kpi.unknown_measure", "webhooks.unknown", "webhooks.address_unusable",
    "webhooks.address_plain", "webhooks.address_unknown", "webhooks.address_private",
)  # fmt: skip
WITH_VALUES = re.compile(r"%\(\w+\)s\.?")


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI document."""
    answer = jsonify(document())
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Content-Language"] = i18n.language()
    answer.vary.add("Accept-Language")
    answer.vary.add("Cookie")
    return answer


@bp.get("/docs")
@public
def docs() -> Response:
    """The same for people."""
    return page(
        "api/docs.html",
        prefix=PREFIX,
        first=f'curl -H "Authorization: Bearer …" {url_for("api.list_branches", _external=True)}',
        endpoints=[(endpoint, template_of(endpoint.path)) for endpoint in ENDPOINTS],
        scopes=SCOPES,
        problems=[(key, WITH_VALUES.sub("…", i18n.t(key))) for key in PROBLEMS],
        sent=sent,
        answered=answered,
        rows=rows,
    )


def sent(endpoint: Endpoint) -> str:
    """What might be sent, as JSON; empty where nothing is."""
    return _written(_example(tuple(endpoint.body))) if endpoint.body else ""


def answered(endpoint: Endpoint) -> str:
    """What might be answered, as JSON; empty where nothing is."""
    return _written(answer_of(endpoint)) if endpoint.answer else ""


def rows(fields: tuple[Field, ...], inside: str = "") -> list[tuple[str, Field]]:
    """Each field with its name as refusals name it, those of an object after it."""
    found = []
    for field in fields:
        found.append((inside + field.name, field))
        found += rows(field.fields, f"{inside}{field.name}.")
    return found


def _example(fields: tuple[Field, ...]) -> dict[str, Any]:
    """An object with an example of each field; of two that exclude each other the first."""
    names = {field.name for field in fields}
    of_slot = {"slot", "service", "others", *(field.name for field in visiting.OF_APPOINTMENT)}
    left_out = of_slot if "hold" in names else set()
    shown = {field.name: _example_of(field) for field in fields if field.name not in left_out}
    return {name: example for name, example in shown.items() if example is not None}


def _example_of(field: Field) -> Any:
    if field.kind == "object":
        return _example(field.fields)
    return [_example(field.fields)] if field.kind == "objects" else field.example


def _written(what: Any) -> str:
    return json.dumps(what, ensure_ascii=False, indent=2)
