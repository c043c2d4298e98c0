"""The OpenAPI 3.1 document, made of the table of addresses and the schemas beside it."""

import re
from collections.abc import Sequence
from typing import Any

from govdesk import i18n
from govdesk.faces.api.fields import Field
from govdesk.faces.api.routes import ENDPOINTS, PREFIX, Endpoint
from govdesk.faces.api.schemas import EXAMPLES, SCHEMAS, Schema, ref
from govdesk.once import HEADER, LONGEST
from govdesk.people.tokens import SCOPES

VERSION = "1.0.0"
FORMATS = {"day": "date", "moment": "date-time"}
USUAL_REFUSALS = (401, 403, 422, 429)
STATUS_204, STATUS_304 = 204, 304
IDEMPOTENCY: Schema = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST},
}


def document() -> dict[str, Any]:
    """Return the whole document, its words in the language spoken now."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(template_of(endpoint.path), {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": i18n.t("api.title"), "version": VERSION, "description": i18n.t("api.lead")},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {
                name: {**schema, **({"examples": [EXAMPLES[name]]} if name in EXAMPLES else {})}
                for name, schema in SCHEMAS.items()
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": i18n.t("api.tokens_lead")}
            },
            "responses": {"Problem": _answer(i18n.t("api.problem"), ref("Problem"), EXAMPLES["Problem"])},
        },
    }


def template_of(path: str) -> str:
    """Return a path as OpenAPI writes it: /tickets/{ticket_id}."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def schema_of(field: Field) -> Schema:
    """Return the schema of something that may be sent."""
    if field.kind == "object":
        return object_of(field.fields)
    if field.kind == "objects":
        return {"type": "array", "items": object_of(field.fields)}
    if field.kind == "whole":
        found: Schema = {"type": "integer", "minimum": field.least, "maximum": field.most}
    elif field.kind == "flag":
        found = {"type": "boolean"}
    elif field.kind == "texts":
        found = {
            "type": "array",
            "items": {"enum": list(field.choices)} if field.choices else {"type": "string"},
        }
    else:
        found = {"type": "string"}
        if field.kind in FORMATS:
            found["format"] = FORMATS[field.kind]
        elif field.choices:
            found["enum"] = list(field.choices)
        else:
            found["maxLength"] = field.longest
    return {**found, "examples": [field.example]} if field.example is not None else found


def object_of(fields: Sequence[Field]) -> Schema:
    """Return the schema of an object that may be sent."""
    needed = [field.name for field in fields if field.required]
    return {
        "type": "object",
        "properties": {field.name: schema_of(field) for field in fields},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def answer_of(endpoint: Endpoint) -> Any:
    """Return an example of what an address answers; None where it answers nothing."""
    if endpoint.answer is None:
        return None
    return [EXAMPLES[endpoint.answer]] if endpoint.is_list else EXAMPLES[endpoint.answer]


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "operationId": endpoint.name,
        "summary": i18n.t(f"api.say_{endpoint.name}"),
        "description": i18n.t("api.needs", scopes=", ".join(endpoint.scopes or SCOPES)),
        "security": [{"token": list(endpoint.scopes)}],
        "parameters": _parameters(endpoint),
        **_body(endpoint),
        "responses": _answers(endpoint),
    }


def _parameters(endpoint: Endpoint) -> list[Schema]:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind else "string"}}
        for kind, name in re.findall(r"<(?:(int):)?(\w+)>", endpoint.path)
    ]
    asked = [
        {"name": field.name, "in": "query", "required": field.required, "schema": schema_of(field)}
        for field in endpoint.query
    ]
    return [*inside, *asked, *([IDEMPOTENCY] if endpoint.method == "POST" else [])]


def _body(endpoint: Endpoint) -> dict[str, Any]:
    if not endpoint.body:
        return {}
    content = {"application/json": {"schema": object_of(endpoint.body)}}
    is_required = any(field.required for field in endpoint.body)
    return {"requestBody": {"required": is_required, "content": content}}


def _answers(endpoint: Endpoint) -> dict[str, Any]:
    refusals = sorted({*USUAL_REFUSALS, *endpoint.refusals})
    answers: dict[str, Any] = {str(status): {"$ref": "#/components/responses/Problem"} for status in refusals}
    if endpoint.answer is None:
        return {str(endpoint.status): {"description": i18n.t("api.done")}, **answers}
    schema = ref(endpoint.answer)
    if endpoint.is_list:
        schema = {"type": "array", "items": schema}
    found = _answer(i18n.t("api.done"), schema, answer_of(endpoint), kind="application/json")
    if endpoint.is_list:
        found["headers"] = {"Link": {"description": i18n.t("api.next"), "schema": {"type": "string"}}}
    if endpoint.may_be_empty:
        answers[str(STATUS_204)] = {"description": i18n.t("api.nobody_waits")}
    if endpoint.has_version:
        found["headers"] = {"ETag": {"description": i18n.t("api.version"), "schema": {"type": "string"}}}
        answers[str(STATUS_304)] = {"description": i18n.t("api.unchanged")}
    return {str(endpoint.status): found, **answers}


def _answer(
    words: str, schema: Schema, example: Any, kind: str = "application/problem+json"
) -> dict[str, Any]:
    return {"description": words, "content": {kind: {"schema": schema, "example": example}}}
