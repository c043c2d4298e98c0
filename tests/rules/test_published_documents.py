"""What is published has one shape and one hash, and a correction says what it changed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from govdesk.kpi.periods import coding, document, sheets
from govdesk.kpi.periods.document import Both, Heading

FOLDER = Path(__file__).parents[1] / "published"
INSTALLATION = {"name": {"ar": "هيئة المثال", "en": "Example Agency"}, "url": "https://desk.example"}
LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}
NAMES = {
    "branch": {"north": {"ar": "الشمال", "en": "North"}, "quay": {"ar": "الرصيف", "en": "Quay"}},
    "department": {"civil": {"ar": "الأحوال", "en": "Civil"}},
    "service": {"permit": {"ar": "رخصة", "en": "Permit"}},
}
REFLECTION = {
    "topic": "waiting",
    "measures": ["service_level"],
    "saw": {"ar": "الانتظار طويل صباحًا.", "en": "The wait is long in the mornings."},
    "will": {"ar": "نافذة ثالثة حتى العاشرة.", "en": "A third counter until ten."},
    "due_on": "2026-12-01",
}


def definition(key: str, unit: str, *, is_lower_better: bool) -> dict[str, Any]:
    words = {part: {"ar": f"{part} {key}", "en": f"{part} {key}"} for part in sheets.PARTS}
    return {"version": "v1", "unit": unit, "is_lower_better": is_lower_better, **words}


def row(
    value: float | None, people: int | None, group: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "group": group or {},
        "unit": "share",
        "value": value,
        "numerator": None if value is None or people is None else round(value * people),
        "denominator": people,
        "n": people,
        "interval": None if value is None else [value - 0.05, value + 0.05],
        "pending": None,
        "excluded": None,
        "unlinked": None,
        "open": None,
        "data_quality": {},
        "detail": {},
        **more,
    }


def figure(key: str, rows: list[dict[str, Any]], *by: str) -> dict[str, Any]:
    return {
        "key": key,
        "definition_version": "v1",
        "as_of": "2026-11-03T09:00:00+03:00",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "by": list(by),
        "rows": rows,
    }


LATE = {"ar": "وصل ملف متأخر", "en": "a late file"}


def example(*, version: int = 1, reason: Both | None = None, value: float = 0.75) -> dict[str, Any]:
    heading = Heading(
        period="2026-10", kind="month", from_day="2026-10-01", to_day="2026-10-31", department=None,
        department_name=None, version=version, reason=reason, published_on="2026-11-03",
        as_of="2026-11-03T09:00:00+03:00",
    )  # fmt: skip
    young = row(None, None, pending=140, detail={"not_yet_judged": True})
    hidden = row(None, None, {"branch": "quay"}, detail={"hidden": True})
    return document.write(
        heading,
        installation=INSTALLATION,
        definitions={
            "service_level": definition("service_level", "share", is_lower_better=False),
            "repeat_visit_rate": definition("repeat_visit_rate", "share", is_lower_better=True),
        },
        names=NAMES,
        targets={"service_level": {"value": 0.8, "due_on": "2026-12-31"}},
        reflections=[REFLECTION],
        figures=[
            figure("service_level", [row(value, 120)]),
            figure("service_level", [hidden, row(0.75, 100, {"branch": "north"})], "branch"),
            figure("service_level", [row(value, 120, {"department": "civil"})], "department"),
            figure("service_level", [row(value, 120, {"service": "permit"})], "service"),
            figure("repeat_visit_rate", [young]),
        ],
    )


def coded_example() -> dict[str, Any]:
    """A month of an installation whose permits have a code in a shared classification; visas are hidden."""
    heading = Heading(
        period="2026-11", kind="month", from_day="2026-11-01", to_day="2026-11-30", department=None,
        department_name=None, version=1, reason=None, published_on="2026-12-03",
        as_of="2026-12-03T09:00:00+03:00",
    )  # fmt: skip
    services = [
        row(0.75, 100, {"service": "permit"}),
        row(0.5, 20, {"service": "permit-lost"}),
        row(None, None, {"service": "visa"}, detail={"hidden": True}),
    ]
    codes = {"permit": "national-services:PRM-1", "permit-lost": "national-services:PRM-1"}
    codes["visa"] = "national-services:VIS-2"
    return document.write(
        heading,
        installation=INSTALLATION,
        definitions={"service_level": definition("service_level", "share", is_lower_better=False)},
        names=NAMES,
        targets={},
        reflections=[],
        figures=[
            figure("service_level", [row(0.7, 130)]),
            figure("service_level", services, "service"),
            figure("service_level", coding.by_code(services, codes), "common_code"),
        ],
        common_codes=codes,
    )


def kept(name: str) -> Any:
    return json.loads(FOLDER.joinpath(name).read_text("utf-8"))


def test_the_example_is_what_is_written() -> None:
    assert kept("2026-10.json") == example()
    listed = document.index(
        installation=INSTALLATION, licence=LICENCE, documents=[example()], url="https://desk.example"
    )
    assert kept("figures.json") == listed


def test_an_example_with_shared_codes_is_what_is_written() -> None:
    told = kept("2026-11.json")
    assert told == json.loads(document.canonical(coded_example()))
    assert told["format"] == "govdesk-figures/1"
    shown, hidden = told["figures"][2]["rows"]
    assert (shown["numerator"], shown["denominator"], shown["value"]) == (85, 120, 85 / 120)  # 75 and 10
    assert hidden["detail"] == {"hidden": True}
    rows = list(csv.DictReader(io.StringIO(sheets.as_csv(told))))
    assert [(one["common_code"], one["n"], one["status"]) for one in rows[-2:]] == [
        ("national-services:PRM-1", "120", "shown"), ("national-services:VIS-2", "", "hidden"),
    ]  # fmt: skip


def test_the_hash_is_of_everything_but_itself() -> None:
    whole = example()
    assert document.is_whole(whole)
    assert document.is_whole(json.loads(document.canonical(whole)))
    for name in whole.keys() - {"hash"}:
        assert not document.is_whole({**whole, name: "other"}), name
    assert not document.is_whole({**whole, "hash": "0" * 64})


def test_the_latest_period_comes_first_and_the_agency_before_its_departments() -> None:
    older = {**example(), "period": "2026-09", "to": "2026-09-30"}
    own = {**example(), "period": "2026-10-civil", "department": "civil"}
    quarter = {**example(), "period": "2026-Q3", "kind": "quarter", "to": "2026-09-30"}
    listed = document.index(
        installation=INSTALLATION, licence=LICENCE, documents=[quarter, own, older, example()], url="x"
    )
    assert [one["period"] for one in listed["periods"]] == ["2026-10", "2026-10-civil", "2026-09", "2026-Q3"]


def test_a_correction_says_what_it_changed_and_nothing_else() -> None:
    found = document.changes(example(), example(version=2, reason=LATE, value=0.8))
    assert [(one.by, one.group) for one in found] == [
        ((), ()), (("department",), ("civil",)), (("service",), ("permit",)),
    ]  # fmt: skip
    assert (found[0].before or {})["numerator"] == 90
    assert (found[0].after or {})["numerator"] == 96
    assert document.changes(example(), example(version=2, reason=LATE)) == []


def test_a_table_says_why_a_value_is_missing() -> None:
    rows = list(csv.DictReader(io.StringIO(sheets.as_csv(example()))))
    assert [one["status"] for one in rows] == ["shown", "hidden", "shown", "shown", "shown", "not_yet_judged"]
    assert (rows[0]["value"], rows[0]["target"], rows[0]["branch"]) == ("0.75", "0.8", "")
    assert (rows[1]["branch"], rows[1]["n"], rows[1]["value"]) == ("quay", "", "")
    assert {one["hash"] for one in rows} == {example()["hash"]}


def test_the_dictionary_explains_each_column_and_measure() -> None:
    words = {name: {"ar": f"عمود {name}", "en": f"column {name}"} for name in sheets.COLUMNS}
    text = sheets.dictionary(example()["definitions"], words)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [one["name"] for one in rows[: len(sheets.COLUMNS)]] == list(sheets.COLUMNS)
    assert {"repeat_visit_rate", "repeat_visit_rate.formula"} <= {one["name"] for one in rows}
    assert all(one["ar"] and one["en"] for one in rows)
