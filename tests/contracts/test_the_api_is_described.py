"""The OpenAPI document says what there is: every route is in it, all it names exists, its examples fit."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from govdesk import i18n
from govdesk.faces.api.openapi import document, template_of
from govdesk.faces.api.routes import ENDPOINTS, PREFIX
from tests.desk import Desk

EXPLAINING = {"api_docs.openapi", "api_docs.docs"}
METHODS = {"get", "post", "delete"}


@pytest.fixture
def described(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"{PREFIX}/openapi.json", status=200).json
    return found


def test_every_route_is_described_and_all_that_is_described_exists(
    app: Flask, described: dict[str, Any]
) -> None:
    routed = {
        (method.lower(), template_of(rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.endpoint not in EXPLAINING
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    written = {(method, path) for path, operations in described["paths"].items() for method in operations}
    assert {method for method, _path in written} == METHODS
    assert written == routed


def test_every_route_asks_for_the_scopes_that_are_described(app: Flask, described: dict[str, Any]) -> None:
    for endpoint in ENDPOINTS:
        operation = described["paths"][template_of(endpoint.path)][endpoint.method.lower()]
        guard = getattr(app.view_functions[f"api.{endpoint.name}"], "guard", "")
        assert guard == "token:" + ",".join(operation["security"][0]["token"])


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    checked = 0
    for operation in operations(described):
        for answer in operation["responses"].values():
            for content in resolved(described, answer).get("content", {}).values():
                validator(described, content["schema"]).validate(content["example"])
                checked += 1
    for schema in described["components"]["schemas"].values():
        for example in schema.get("examples", ()):
            validator(described, schema).validate(example)
            checked += 1
    assert checked > 50


def test_every_body_and_parameter_has_a_schema_that_its_examples_fit(described: dict[str, Any]) -> None:
    for operation in operations(described):
        for parameter in operation["parameters"]:
            for example in parameter["schema"].get("examples", ()):
                validator(described, parameter["schema"]).validate(example)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            Draft202012Validator.check_schema(content["schema"])
            assert content["schema"]["additionalProperties"] is False


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        found: Any = described
        for part in reference.split("/"):
            found = found[part]
        assert found


def test_every_operation_is_named_once_and_says_what_it_does(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(described)]
    assert len(names) == len(set(names)) == len(ENDPOINTS)
    assert not any(operation["summary"].startswith("api.") for operation in operations(described))
    assert all("429" in operation["responses"] for operation in operations(described))


def test_the_document_speaks_both_languages(app: Flask) -> None:
    with i18n.speaking("en"):
        assert document()["info"]["title"] == "API for programs"
    with i18n.speaking("ar"):
        assert document()["info"]["title"] == "واجهة البرامج"


def test_the_page_for_people_names_every_address(desk: Desk) -> None:
    page = desk.get(f"{PREFIX}/docs", language="en", status=200)
    assert page.heading == "API for programs"
    for endpoint in ENDPOINTS:
        assert f"{endpoint.method} {PREFIX}{template_of(endpoint.path)}" in page.main
    assert {"booking.slot_taken", "errors.too_many"} <= {e.get("id") for e in page.all("div")}


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in described["paths"].values() for operation in path.values()]


def resolved(described: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    name = answer.get("$ref", "").rpartition("/")[2]
    return dict(described["components"]["responses"][name]) if name else answer


def validator(described: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that finds the named schemas."""
    return Draft202012Validator({**schema, "components": described["components"]})
