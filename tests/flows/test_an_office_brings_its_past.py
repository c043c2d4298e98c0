"""A real office imports its visits and cases: whole or not at all, told apart, and the same a second time."""

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.cases.columns import STATUSES
from govdesk.cases.importing import RefusedError
from govdesk.cases.models import Case, Visit
from govdesk.cases.sources import FileError
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from tests.flows.exchange_files import bring, exported, rejected, written
from tests.makers import make_branch

VISITS = """
    visit_id,beneficiary,service,branch,status,started_at,ended_at
    v1,1087654321,licence,main,served,2025-01-05T09:00:00,2025-01-05T09:15:00
    v2,1087654321,licence,main,served,2025-01-08T09:00:00,2025-01-08T09:15:00
    v3,NA,licence,main,turned_away,2025-01-08T09:00:00,2025-01-08T09:15:00
    v4,,licence,,served,2025-01-08T09:00:00,2025-01-08T09:15:00
"""
CASES = """
    case_no,service,unit,opened_at,resolved_at,due_at,pauses
    c1,permit,north,2025-01-05T09:00:00,2025-01-09T09:00:00,2025-01-10T00:00:00,
    c2,permit,north,2025-01-06T09:00:00,,2025-03-01T00:00:00,"[{""from"": ""2025-01-07T09:00:00"", ""to"": null, ""reason"": ""papers""}]"
    c3,permit,north,2025-01-07T09:00:00,2025-01-06T09:00:00,,
"""  # noqa: E501 - a list in a cell is one line


def count(model: Any) -> int:
    reading().rollback()
    return reading().scalars(select(func.count()).select_from(model)).one()


def visit(number: str) -> Visit:
    reading().rollback()
    return reading().scalars(select(Visit).where(Visit.visit_no == number)).one()


def test_visits_are_judged_and_what_is_unknown_is_created_as_imported(app: Flask, tmp_path: Path) -> None:
    report = bring(written(tmp_path, VISITS))
    assert (report.rows, report.new, report.rejected) == (4, 4, 0)
    assert (report.services, report.branches) == (["licence"], ["main"])
    assert [visit(number).class_name for number in ("v1", "v2", "v3", "v4")] == [
        "index_new",
        "repeat",
        "index_new",
        "unlinked",
    ]
    assert (visit("v2").charged_unit, visit("v2").gap_days) == ("main", 3)
    assert reading().scalars(select(PublicService.is_imported)).all() == [True]
    assert {tuple(row) for row in reading().execute(select(Branch.code, Branch.is_imported))} == {
        ("main", True),
        ("", True),
    }


def test_importing_twice_changes_nothing(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, VISITS)
    bring(file)
    before = exported(tmp_path)
    report = bring(file)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 4)
    assert exported(tmp_path) == before
    entries = reading().scalars(select(AuditEntry.action)).all()
    assert entries.count("visits.imported") == 1


def test_na_is_a_person_and_an_empty_cell_is_nobody(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, VISITS))
    assert visit("v3").person_id is not None
    assert visit("v4").person_id is None
    assert count(Person) == 2


def test_one_bad_row_keeps_all_out_unless_bad_ones_are_skipped(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, VISITS.replace("turned_away", "Served").replace("v4,,", "v1,,"))
    with pytest.raises(RefusedError) as refusal:
        bring(file)
    assert (refusal.value.params["rejected"], refusal.value.params["rows"]) == (2, 4)
    assert count(Visit) == count(Person) == count(PublicService) == 0
    assert rejected(file) == [
        (
            "4",
            f"status: “Served” is none of: {', '.join(sorted(STATUSES))}",
        ),
        ("5", "visit_id: “v1” is on line 2 already"),
    ]
    report = bring(file, skip_bad=True)
    assert (report.new, report.rejected) == (2, 2)
    assert count(Visit) == 2
    assert report.rejected_file is not None
    assert report.rejected_file.read_text("utf-8").splitlines()[0] == (
        "line,reason,visit_id,beneficiary,service,branch,status,started_at,ended_at"
    )


def test_a_mended_file_leaves_no_report_of_the_earlier_attempt(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, VISITS.replace("turned_away", "Served"))
    with pytest.raises(RefusedError):
        bring(file)
    bring(written(tmp_path, VISITS))
    assert not file.with_name("visits.csv.rejected.csv").exists()


def test_every_fault_of_a_row_is_told(app: Flask, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        visit_id,service,status,arrived_at,ended_at,plan_due,transfer_of
        ,licence,served,soon,,05/01/2025,
        v2,,served,,2025-01-05T09:00:00,,
        v3,licence,served,2025-01-05T09:00:00,2025-01-05T09:00:00,,v3
        """,
    )
    with pytest.raises(RefusedError):
        bring(file)
    assert rejected(file) == [
        (
            "2",
            (
                "visit_id: is required and empty; "
                "arrived_at: “soon” is not a time in ISO 8601, such as 2025-01-05T09:00:00+03:00; "
                "ended_at: is required and empty; plan_due: “05/01/2025” is not a day such as 2025-01-05"
            ),
        ),
        ("3", "service: is required and empty; started_at: started_at or arrived_at is required"),
        ("4", "transfer_of: a visit cannot be transferred from itself"),
    ]


def test_the_same_number_with_other_content_is_refused_or_replaced(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, VISITS))
    changed = VISITS.replace("v2,1087654321", "v2,2087654321")
    file = written(tmp_path, changed)
    with pytest.raises(RefusedError):
        bring(file)
    assert rejected(file)[0][0] == "3"
    assert "other content (person_id)" in rejected(file)[0][1]
    assert visit("v2").class_name == "repeat"
    report = bring(file, may_update=True)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 3)
    assert (visit("v2").class_name, visit("v1").repeat_visit_id) == ("index_new", None)


def test_what_comes_late_or_with_other_times_is_marked(app: Flask, tmp_path: Path) -> None:
    with clock.at(dt.datetime(2025, 1, 11, 9, tzinfo=dt.UTC)):  # Saturday noon in Riyadh
        bring(written(tmp_path, VISITS))
    assert (visit("v1").entered_after, visit("v2").entered_after) == (6, 3)
    assert [visit(number).has_edited_times for number in ("v1", "v2")] == [False, False]
    second, later = "v2,1087654321,licence,main,served,2025-01-08T09:00:00,2025-01-08T09:", ("15:00", "25:00")
    changed = VISITS.replace(second + later[0], second + later[1])
    bring(written(tmp_path, changed.replace("v1,1087654321", "v1,2087654321")), may_update=True)
    assert [visit(number).has_edited_times for number in ("v1", "v2")] == [False, True]
    assert visit("v2").entered_after == 3


def test_numbers_of_another_system_are_kept_apart_by_its_name(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, VISITS))
    report = bring(written(tmp_path, VISITS.replace("2025-01", "2025-06")), source="old-system")
    assert (report.new, report.source) == (4, "old-system")
    assert {row["visit_id"] for row in exported(tmp_path)} == {
        f"{source}/v{number}" for source in ("import", "old-system") for number in range(1, 5)
    }
    with pytest.raises(FileError) as refusal:
        bring(written(tmp_path, VISITS), source="live")
    assert refusal.value.key == "exchange.source_live"


def test_a_visit_that_ends_before_it_begins_is_reported_and_set_aside(app: Flask, tmp_path: Path) -> None:
    text = """
        visit_id,service,status,arrived_at,started_at,ended_at
        v1,licence,served,2025-01-05T09:00:00,2025-01-05T09:10:00,2025-01-05T09:05:00
        v2,licence,served,2025-01-05T09:00:00,2025-01-05T08:59:00,2025-01-05T09:05:00
    """
    report = bring(written(tmp_path, text))
    assert dict(+report.remarks) == {"exchange.remark_set_aside": 1, "exchange.remark_negative_wait": 1}
    assert [visit(number).is_set_aside for number in ("v1", "v2")] == [True, False]
    kept = visit("v1")
    assert kept.served_at is not None
    assert (kept.ended_at - kept.served_at).total_seconds() == -300


def test_times_without_an_offset_are_those_of_the_branch(app: Flask, tmp_path: Path) -> None:
    with transaction() as session:
        make_branch(session, "leeds", timezone="Europe/London")
    text = VISITS.replace("main", "leeds").replace("2025-01-05T09:00:00", "2025-07-05T09:00:00+00:00")
    bring(written(tmp_path, text))
    assert visit("v2").started_at.isoformat() == "2025-01-08T09:00:00+00:00"
    assert visit("v4").started_at.isoformat() == "2025-01-08T06:00:00+00:00"  # no branch: the setting, Riyadh
    assert visit("v1").started_at.isoformat() == "2025-07-05T09:00:00+00:00"


def test_strictness_refuses_what_does_not_exist_yet(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, VISITS)
    with pytest.raises(RefusedError):
        bring(file, is_strict=True)
    assert rejected(file)[0] == (
        "2",
        "service: there is no service “licence” (--strict); branch: there is no branch “main” (--strict)",
    )


def test_mark_line_ends_blank_lines_and_quoted_lines_are_understood(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    rows = [
        "visit_id,service,status,started_at,ended_at,reason,object",
        'v1,licence,served,2025-01-05T09:00:00,2025-01-05T09:15:00,"said: ""come\r\nback""",سيارة',
        "",
        "v2,licence,Served,2025-01-05T09:00:00,2025-01-05T09:15:00,,",
    ]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode() + b"\r\n")
    report = bring(file, skip_bad=True)
    assert (report.new, report.rejected) == (1, 1)
    assert (visit("v1").reason, visit("v1").object_given) == ('said: "come\r\nback"', "سيارة")
    assert visit("v1").object_ref == "سياره"  # written one way, to be compared
    assert rejected(file)[0][0] == "5"


def test_a_packed_file_is_unpacked_whatever_its_name(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_bytes(gzip.compress(written(tmp_path, VISITS, "plain.csv").read_bytes()))
    assert bring(file).new == 4


def _garbled(content: bytes) -> bytes:
    packed = gzip.compress(content * 50)
    return packed[:60] + bytes(40) + packed[100:]


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda _: b"", "file_empty"),
        (lambda _: b"\n\n", "file_empty"),
        (lambda content: gzip.compress(content)[:-20], "gzip_broken"),
        (_garbled, "gzip_broken"),
        (lambda content: content.replace(b"NA", b"N\xe9"), "encoding_wrong"),
        (lambda content: content.decode().encode("utf-16"), "encoding_wrong"),
        (lambda content: content.replace(b"v3,", b'"v3,'), "quoting_broken"),
        (lambda content: content.replace(b"v3,", b'"v3"x,'), "quoting_broken"),
        (lambda content: content.replace(b",", b";"), "other_delimiter"),
        (lambda content: content.replace(b"branch", b"service"), "column_twice"),
        (lambda content: content.replace(b",branch", b","), "column_nameless"),
        (lambda content: content.replace(b"branch", b"office"), "columns_unknown"),
        (lambda content: content.replace(b"visit_id", b"family"), "columns_missing"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    app: Flask, tmp_path: Path, spoil: Callable[[bytes], bytes], key: str
) -> None:
    file = written(tmp_path, VISITS)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(FileError) as refusal:
        bring(file)
    assert refusal.value.key == f"exchange.{key}"
    assert count(Visit) == 0


def test_cases_keep_their_clocks_and_the_end_of_observation(app: Flask, tmp_path: Path) -> None:
    report = bring(written(tmp_path, CASES), "cases")
    assert (report.new, dict(+report.remarks)) == (3, {"exchange.remark_set_aside": 1})
    cases = {case.case_no: case for case in reading().scalars(select(Case))}
    assert [cases[number].is_set_aside for number in ("c1", "c2", "c3")] == [False, False, True]
    assert [(pause.to_at, pause.reason) for pause in cases["c2"].pauses] == [(None, "papers")]
    ends = {case.observed_until.isoformat() for case in cases.values() if case.observed_until}
    assert ends == {"2025-01-09T06:00:00+00:00"}  # the latest moment seen; a due date is not seen
    again = bring(written(tmp_path, CASES), "cases", observed_until="2025-02-01T00:00:00")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    reading().rollback()
    moved = reading().scalars(select(Case.observed_until)).all()
    assert {moment.isoformat() for moment in moved if moment} == {"2025-01-31T21:00:00+00:00"}


def test_a_later_file_resolves_an_open_case_when_told_to_replace(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, CASES), "cases")
    later = CASES.replace(
        "c2,permit,north,2025-01-06T09:00:00,,", "c2,permit,north,2025-01-06T09:00:00,2025-01-20T09:00:00,"
    )
    later = later.replace('""to"": null', '""to"": ""2025-01-08T09:00:00""')
    with pytest.raises(RefusedError):
        bring(written(tmp_path, later), "cases")
    assert bring(written(tmp_path, later), "cases", may_update=True).changed == 1
    reading().rollback()
    case = reading().scalars(select(Case).where(Case.case_no == "c2")).one()
    assert case.resolved_at == case.first_resolved_at
    assert [pause.to_at.isoformat() for pause in case.pauses if pause.to_at] == ["2025-01-08T06:00:00+00:00"]


@pytest.mark.parametrize("order", [("visits", "cases"), ("cases", "visits")])
def test_visits_find_the_cases_they_name(app: Flask, tmp_path: Path, order: tuple[str, str]) -> None:
    files = {
        "visits": written(
            tmp_path,
            """
            visit_id,service,status,started_at,ended_at,case_no
            v1,permit,served,2025-01-05T09:00:00,2025-01-05T09:15:00,c1
            v2,permit,served,2025-01-05T09:00:00,2025-01-05T09:15:00,other
            """,
        ),
        "cases": written(tmp_path, CASES, "cases.csv"),
    }
    for kind in order:
        bring(files[kind], kind)
    case = reading().scalars(select(Case).where(Case.case_no == "c1")).one()
    assert (visit("v1").case_id, visit("v2").case_id) == (case.id, None)


def test_a_late_file_changes_the_classes_of_earlier_ones(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, VISITS))
    report = bring(
        written(
            tmp_path,
            """
            visit_id,beneficiary,service,branch,status,started_at,ended_at,transfer_of
            v0,1087654321,licence,main,served,2025-01-02T09:00:00,2025-01-02T09:15:00,
            v5,,licence,main,served,2025-01-08T10:00:00,2025-01-08T10:15:00,v3
            """,
            "late.csv",
        )
    )
    assert report.new == 2
    assert {row["visit_id"]: row["class"] for row in exported(tmp_path)} == {
        "v0": "index_new",
        "v1": "repeat",
        "v2": "repeat",
        "v3": "index_new",
        "v4": "unlinked",
        "v5": "merged",
    }
