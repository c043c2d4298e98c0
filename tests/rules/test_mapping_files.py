"""Mapping files: what each of their words does to a row, and what they cannot say."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from govdesk.cases import mapping
from govdesk.cases.columns import CASE_COLUMNS, CLASS_COLUMNS, VISIT_COLUMNS
from govdesk.cases.mapping import MappingError
from govdesk.cases.shaping import Shape, Shaped
from govdesk.cases.sources import FileError

CASE = {"case_no": "id", "service": {"value": "permit"}, "opened_at": "start"}


def shape(content: dict[str, Any] | str, header: str, columns: Any = CASE_COLUMNS) -> Shape:
    given = tomllib.loads(content) if isinstance(content, str) else content
    return Shape(header.split(), mapping.parse(given), columns, CLASS_COLUMNS)


def rows(made: Shape, *lines: str) -> list[Shaped]:
    return list(made.rows((number, line.split(",")) for number, line in enumerate(lines, start=2)))


def values(made: Shape, *lines: str) -> list[dict[str, str]]:
    found = rows(made, *lines)
    assert not any(row.problems for row in found)
    return [dict(zip(made.targets, row.values, strict=True)) for row in found]


def made(rule: dict[str, Any] | str, cell: str, target: str = "channel") -> str:
    """Give what a rule makes of a cell of the column `x`."""
    found = shape({"columns": {**CASE, target: rule}}, "id start x")
    return values(found, f"1,2025-01-05T09:00:00,{cell}")[0][target]


def test_without_a_mapping_a_row_stays_as_it_is() -> None:
    found = shape({}, "opened_at case_no service")
    assert values(found, " 2025-01-05T09:00:00 ,c1,permit") == [
        {"opened_at": "2025-01-05T09:00:00", "case_no": "c1", "service": "permit"},
    ]


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("x", "desk", "desk"),
        ({"from": "x"}, " desk ", "desk"),
        ({"from": "x", "translate": {"Desk": "desk"}}, "Desk", "desk"),
        ({"from": "x", "translate": {"Desk": "desk"}}, "Post", "Post"),
        ({"from": "x", "translate": {"Desk": "desk"}, "otherwise": "other"}, "Post", "other"),
        ({"from": "x", "translate": {"EMPTY": ""}}, "EMPTY", ""),
        ({"from": "x", "translate": {"1": "one"}, "otherwise": "other"}, "", ""),
        ({"join": ["id", "x"], "with": "-"}, "desk", "1-desk"),
        ({"join": ["id", "x"]}, "", "1"),
        ({"value": "web"}, "desk", "web"),
        ({"line": "row-"}, "desk", "row-2"),
    ],
)
def test_a_column_is_made_as_its_rule_says(rule: dict[str, Any] | str, cell: str, expected: str) -> None:
    found = shape({"columns": {**CASE, "channel": rule}, "drop": "*"}, "id start x")
    assert values(found, f"1,2025-01-05T09:00:00,{cell}")[0]["channel"] == expected


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ({"from": "x", "format": "%d/%m/%Y %H:%M"}, "31/01/2025 08:05", "2025-01-31T08:05:00"),
        ({"from": "x", "format": "%Y-%m-%d"}, "2025-01-31", "2025-01-31T00:00:00"),
        ({"from": "x", "format": "unix"}, "1736056800", "2025-01-05T06:00:00+00:00"),
        ({"from": "x", "unit": "seconds", "after": "opened_at"}, "90", "2025-01-05T09:01:30"),
        ({"from": "x", "unit": "days", "after": "opened_at"}, "1.5", "2025-01-06T21:00:00"),
        ({"from": "x", "unit": "days", "after": "opened_at"}, "", ""),
    ],
)
def test_times_come_in_many_forms(rule: dict[str, Any], cell: str, expected: str) -> None:
    assert made(rule, cell, "resolved_at") == expected


def test_a_day_column_takes_only_the_day() -> None:
    assert made({"from": "x", "format": "%d.%m.%Y"}, "31.01.2025", "withdrawn_on") == "2025-01-31"


def test_a_value_in_another_form_is_a_problem_of_its_row() -> None:
    rule = {"from": "x", "format": "%d/%m/%Y"}
    found = rows(
        shape({"columns": {**CASE, "resolved_at": rule}}, "id start x"), "1,s,2025-01-05", "2,s,05/01/2025"
    )
    assert [[(name, problem.key) for name, problem in row.problems] for row in found] == [
        [("resolved_at", "exchange.other_format")],
        [],
    ]


def test_a_row_of_another_width_is_a_problem() -> None:
    found = rows(shape({}, "case_no service opened_at"), "1,permit", "2,permit,now,more", "3,permit,now")
    assert [[problem.params for _, problem in row.problems] for row in found] == [
        [{"cells": 2, "columns": 3}],
        [{"cells": 4, "columns": 3}],
        [],
    ]


LOG = """
drop = "*"
observed_until = { latest = "at" }
[collapse]
by = "case"
order = "at"
[columns]
case_no = "case"
service = { value = "permit" }
channel = "way"
opened_at = { first = "at" }
resolved_at = { last = "done" }
"""


def test_event_rows_collapse_to_one_row_a_case_by_first_and_last() -> None:
    found = shape(LOG, "case at what way done")
    lines = [
        "a,2025-01-05T12:00:00,check,web,",
        "b,2025-01-05T08:00:00,check,desk,",
        "a,2025-01-05T09:00:00,receive,web,2025-01-06T00:00:00",
        "a,2025-01-07T09:00:00,send,web,2025-01-09T00:00:00",
        "b,2025-01-09T10:00:00,send,,",
    ]
    assert values(found, *lines) == [
        {
            "case_no": "a",
            "service": "permit",
            "channel": "web",
            "opened_at": "2025-01-05T09:00:00",
            "resolved_at": "2025-01-09T00:00:00",
        },
        {
            "case_no": "b",
            "service": "permit",
            "channel": "desk",
            "opened_at": "2025-01-05T08:00:00",
            "resolved_at": "",
        },
    ]
    assert found.latest == datetime(2025, 1, 9, 10, tzinfo=UTC)


def test_a_column_that_differs_within_a_case_must_say_which_row_counts() -> None:
    found = rows(shape(LOG, "case at what way done"), "a,1,x,web,", "a,2,x,desk,")
    assert [(name, problem.key) for name, problem in found[0].problems] == [
        ("way", "exchange.differs_within_case"),
    ]


@pytest.mark.parametrize(
    ("content", "header", "key", "said"),
    [
        ({}, "case_no service opened_at colour", "columns_unknown", "colour"),
        ({}, "case_no opened_at", "columns_missing", "service"),
        ({"drop": ["colour"]}, "case_no opened_at colour", "columns_missing", "service"),
        ({"columns": {"colour": "x"}}, "case_no service opened_at x", "column_not_ours", "colour"),
        ({"columns": {**CASE}}, "id begin", "mapping_column_missing", "start"),
        ({"columns": {**CASE}}, "id start x y", "columns_unknown", "x, y"),
        ({"columns": {**CASE}}, "id start service", "columns_unknown", "service"),
    ],
)
def test_columns_that_nobody_named_are_refused(content: Any, header: str, key: str, said: str) -> None:
    with pytest.raises(FileError) as refusal:
        shape(content, header)
    assert refusal.value.key == f"exchange.{key}"
    assert said in {refusal.value.params.get("columns"), refusal.value.params.get("column")}


def test_the_columns_that_an_export_adds_are_not_read() -> None:
    found = shape({}, f"visit_id service status ended_at {' '.join(CLASS_COLUMNS)}", VISIT_COLUMNS)
    assert found.targets == ["visit_id", "service", "status", "ended_at"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"colums": {}}, "mapping_unknown"),
        ({"columns": []}, "mapping_kind"),
        ({"columns": {"unit": 5}}, "mapping_kind"),
        ({"columns": {"unit": {"from": "a", "value": "b"}}}, "mapping_one_kind"),
        ({"columns": {"unit": {}}}, "mapping_one_kind"),
        ({"columns": {"unit": {"form": "a"}}}, "mapping_unknown"),
        ({"columns": {"unit": {"join": "a"}}}, "mapping_kind"),
        ({"columns": {"unit": {"join": []}}}, "mapping_kind"),
        ({"columns": {"unit": {"from": "a", "translate": "x"}}}, "mapping_kind"),
        ({"columns": {"unit": {"first": "a"}}}, "mapping_needs_collapse"),
        ({"columns": {"opened_at": {"from": "a", "format": "%Q"}}}, "mapping_format"),
        ({"columns": {"opened_at": {"from": "a", "unit": "weeks", "after": "x"}}}, "mapping_unit"),
        ({"columns": {"opened_at": {"from": "a", "unit": "days"}}}, "mapping_after_unit"),
        (
            {"columns": {"opened_at": {"from": "a", "unit": "days", "after": "due_at"}}},
            "mapping_after_unknown",
        ),
        ({"collapse": {"order": "a"}}, "mapping_missing"),
        ({"collapse": "a"}, "mapping_kind"),
        ({"timezone": "Riyadh"}, "zone_unknown"),
        ({"source": 5}, "mapping_kind"),
        ({"drop": 5}, "mapping_kind"),
        ({"observed_until": {"first": "a"}}, "mapping_unknown"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(content: dict[str, Any], key: str) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping.parse(content)
    assert refusal.value.key == f"exchange.{key}"
