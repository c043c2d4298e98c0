"""How a cell of an imported file is read: each kind, its bounds, and what is refused by which sentence."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govdesk.cases import columns
from govdesk.cases.columns import CellError

RIYADH = ZoneInfo("Asia/Riyadh")
LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "zone", "expected"),
    [
        ("2025-01-05T09:00:00", RIYADH, "2025-01-05T06:00:00"),
        ("2025-01-05 09:00", RIYADH, "2025-01-05T06:00:00"),
        ("2025-01-05T09:00:00Z", RIYADH, "2025-01-05T09:00:00"),
        ("2025-01-05T09:00:00.125+01:00", RIYADH, "2025-01-05T08:00:00.125"),
        ("٢٠٢٥-٠١-٠٥T٠٩:٠٠", RIYADH, "2025-01-05T06:00:00"),
        ("2025-07-05T09:00:00", LONDON, "2025-07-05T08:00:00"),
        ("2025-10-26T01:30:00", LONDON, "2025-10-26T00:30:00"),  # twice on the clock: the first
        ("2025-10-26T01:30:00+00:00", LONDON, "2025-10-26T01:30:00"),
        ("1900-01-01T00:00:00Z", RIYADH, "1900-01-01T00:00:00"),
    ],
)
def test_a_time_is_read_in_its_zone(cell: str, zone: ZoneInfo, expected: str) -> None:
    assert columns.moment(cell, zone) == utc(expected)


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("yesterday", "exchange.not_a_moment"),
        ("NA", "exchange.not_a_moment"),
        ("2025-02-30T09:00:00", "exchange.not_a_moment"),
        ("05/01/2025 09:00", "exchange.not_a_moment"),
        ("2025-01-05", "exchange.no_time_of_day"),
        ("0001-01-01T00:00:00", "exchange.year_not_likely"),
        ("2525-01-01T00:00:00", "exchange.year_not_likely"),
        ("2025-03-30T01:30:00", "exchange.time_skipped"),
    ],
)
def test_what_is_no_time_is_refused(cell: str, key: str) -> None:
    with pytest.raises(CellError) as refusal:
        columns.moment(cell, LONDON)
    assert refusal.value.key == key


def test_a_day_is_a_day() -> None:
    assert columns.day("2025-01-31", RIYADH) == date(2025, 1, 31)


@pytest.mark.parametrize(
    "cell", ["20250131", "31.01.2025", "2025-01-31T09:00", "2025-1-31", "NA", "2025-W05-5"]
)
def test_another_form_of_day_is_refused(cell: str) -> None:
    with pytest.raises(CellError) as refusal:
        columns.day(cell, RIYADH)
    assert refusal.value.key == "exchange.not_a_day"


def test_na_is_a_text_like_any_other() -> None:
    assert columns.text("NA", RIYADH) == "NA"


@pytest.mark.parametrize(("cell", "key"), [("x" * 501, "text_too_long"), ("a\0b", "text_with_nul")])
def test_a_text_that_cannot_be_kept_is_refused(cell: str, key: str) -> None:
    with pytest.raises(CellError) as refusal:
        columns.text(cell, RIYADH)
    assert refusal.value.key == f"exchange.{key}"


def test_a_status_is_one_of_six() -> None:
    read = columns.one_of(columns.STATUSES)
    assert read("turned_away", RIYADH) == "turned_away"
    with pytest.raises(CellError) as refusal:
        read("Served", RIYADH)
    assert refusal.value.params["known"] == (
        "abandoned, cancelled, closed_unserved, no_show, served, turned_away"
    )


def test_pauses_are_read_in_order_and_may_be_open() -> None:
    cell = (
        '[{"from": "2025-01-07T09:00:00", "to": null, "reason": "papers"},'
        ' {"from": "2025-01-05T09:00:00", "to": "2025-01-06T09:00:00"}]'
    )
    assert columns.pauses(cell, RIYADH) == [
        (utc("2025-01-05T06:00:00"), utc("2025-01-06T06:00:00"), ""),
        (utc("2025-01-07T06:00:00"), None, "papers"),
    ]


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("{}", "pauses_unreadable"),
        ("[1]", "pauses_unreadable"),
        ("[", "pauses_unreadable"),
        ('[{"from": 5, "to": null, "reason": ""}]', "pauses_unreadable"),
        ('[{"from": "2025-01-05T09:00:00", "until": null}]', "pauses_unreadable"),
        ('[{"to": null, "reason": "x"}]', "pauses_unreadable"),
        ('[{"from": "soon", "to": null, "reason": "x"}]', "not_a_moment"),
        ('[{"from": "2025-01-05T09:00:00", "to": "2025-01-04T09:00:00", "reason": "x"}]', "pause_backwards"),
    ],
)
def test_pauses_that_make_no_sense_are_refused(cell: str, key: str) -> None:
    with pytest.raises(CellError) as refusal:
        columns.pauses(cell, RIYADH)
    assert refusal.value.key == f"exchange.{key}"


def test_the_formats_have_the_columns_that_others_build_on() -> None:
    names: list[Any] = [
        [column.name for column in found] for found in (columns.VISIT_COLUMNS, columns.CASE_COLUMNS)
    ]
    assert " ".join(names[0]) == (
        "visit_id beneficiary visitor service family object case_no branch unit channel status direction "
        "reason outcome cause arrived_at called_at started_at ended_at transfer_of plan_made_at plan_due "
        "plan_reason priority appointment_at withdrawn_on officer language"
    )
    assert " ".join(names[1]) == (
        "case_no service family unit channel opened_at first_response_at resolved_at due_at reopened_at "
        "pauses withdrawn_on"
    )
    required = [
        column.name for column in (*columns.VISIT_COLUMNS, *columns.CASE_COLUMNS) if column.is_required
    ]
    assert required == ["visit_id", "service", "status", "ended_at", "case_no", "service", "opened_at"]
