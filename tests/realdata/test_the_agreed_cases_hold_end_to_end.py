"""All agreed cases of the definition: from a file by command to classes and figures by command."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from govdesk.config import Settings
from tests.realdata.real_files import figures, run
from tests.rules.expected_files import expected_json, needs_expected

pytestmark = [pytest.mark.realdata, needs_expected]
DOCUMENT = expected_json("repeat_cases.json")
CATALOG = """
[agency]
name = { ar = "وكالة", en = "Agency" }
[[departments]]
code = "all"
name = { ar = "الكل", en = "All" }
"""
SERVICE = """
[[services]]
code = "%(code)s"
department = "all"
name = { ar = "خدمة", en = "Service" }
prefix = "%(prefix)s"
minutes = 10
repeat = { %(repeat)s }
"""
Case = dict[str, Any]


def number(case: Case) -> str:
    return f"c{case['name'].split()[0]}"


def row_of(case: Case, visit: dict[str, Any]) -> dict[str, str]:
    prefix, plan = number(case), visit.get("plan") or {}
    of_case = {
        "visit_id": visit["id"],
        "beneficiary": visit["beneficiary"],
        "visitor": visit.get("visitor"),
        "service": visit["group"],
        "transfer_of": visit.get("transfer_of"),
    }
    plain = {
        "object": visit.get("object"),
        "case_no": visit.get("case_no"),
        "unit": visit["unit"],
        "status": visit.get("status", "served"),
        "direction": visit.get("direction"),
        "reason": visit.get("reason"),
        "started_at": visit["start"],
        "ended_at": visit["end"],
        "plan_made_at": plan.get("made_at"),
        "plan_due": plan.get("due"),
        "plan_reason": plan.get("reason"),
        "withdrawn_on": visit.get("withdrawn_on"),
    }
    return {
        **{name: f"{prefix}-{value}" if value else "" for name, value in of_case.items()},
        **{name: value or "" for name, value in plain.items()},
    }


def written(folder: Path) -> tuple[Path, Path]:
    """The visits of all cases as one file, and a catalog of the services with parameters of their own."""
    rows = [row_of(case, visit) for case in DOCUMENT["cases"] for visit in case["visits"]]
    with (folder / "visits.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    text = CATALOG
    for case in DOCUMENT["cases"]:
        given = {"window_days": case.get("W"), "cycle_days": case.get("cycle_days")}
        repeat = ", ".join(f"{name} = {value}" for name, value in given.items() if value)
        if repeat:
            code = f"{number(case)}-{case['visits'][0]['group']}"
            text += SERVICE % {"code": code, "prefix": chr(65 + text.count("[[services]]")), "repeat": repeat}
    (folder / "catalog.toml").write_text(text, "utf-8")
    return folder / "visits.csv", folder / "catalog.toml"


def test_classes_charges_and_figures_are_as_agreed(app: Flask, settings: Settings, tmp_path: Path) -> None:
    assert len(DOCUMENT["cases"]) == 28
    visits, catalog = written(tmp_path)
    run(settings, "catalog", "load", str(catalog))
    run(settings, "import", "visits", str(visits))
    listed = csv.DictReader(io.StringIO(run(settings, "export", "visits").stdout))
    found = {row["visit_id"]: row for row in listed}
    keys = ("repeat_visit_rate", "avoidable_visit_share", "abandon_returns")
    days = {case.get("as_of", DOCUMENT["default_as_of"]) for case in DOCUMENT["cases"]}
    told = {day: figures(settings, *keys, "--by", "service", "--as-of", day) for day in days}
    for case in DOCUMENT["cases"]:
        expected, mine = case["expected"], f"{number(case)}-"
        for visit, name in expected.get("classes", {}).items():
            assert found[mine + visit]["class"] == name, case["name"]
        for visit, unit in expected.get("attr", {}).items():
            assert found[mine + visit]["charged_unit"] == unit, case["name"]
        sums: Counter[str] = Counter()
        for key, rows in told[case.get("as_of", DOCUMENT["default_as_of"])].items():
            for row in rows:
                if row["group"]["service"].startswith(mine):
                    names = ("numerator", "denominator", "pending", "unlinked")
                    sums.update({f"{key}.{name}": row[name] or 0 for name in names})
        m1 = [sums["repeat_visit_rate.numerator"], sums["repeat_visit_rate.denominator"]]
        m2 = [sums["avoidable_visit_share.numerator"], sums["avoidable_visit_share.denominator"]]
        assert (m1, m2) == (expected["m1"], expected["m2"]), case["name"]
        assert sums["repeat_visit_rate.pending"] == expected.get("pending", 0), case["name"]
        assert sums["repeat_visit_rate.unlinked"] == expected.get("unlinked", 0), case["name"]
        assert sums["abandon_returns.numerator"] == expected.get("abandon", 0), case["name"]
