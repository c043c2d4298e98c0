"""An export brought into an empty instance gives the same classes; it leaves whole, and nothing secret."""

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from govdesk import clock, schema
from govdesk.app import create_app
from govdesk.cases import exporting, targets
from govdesk.cases.models import Case, CasePause
from govdesk.cases.sources import FileError
from govdesk.config import Settings
from govdesk.db import db, reading, transaction
from tests.conftest import KEYS
from tests.flows import office_days as day
from tests.flows.exchange_files import bring, exported, written
from tests.makers import SUNDAY, Cast


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """Some weeks of the north: a repeat, a planned step, a transfer, a leaver, and somebody nobody knows."""
    day.sit_down(cast)
    due = SUNDAY + dt.timedelta(days=7)
    day.serve(cast, 0, cast.nora, "planned_next_step", plan_reason="instalment", plan_due=due)
    day.serve(cast, 1, cast.raj, "unresolved", cause="papers", object_ref="سيارة ١")
    left = day.arrive(cast, 1, "11:00", cast.vera)
    day.act(cast, 1, "11:30", "abandon", left)
    day.serve(cast, 2, None)
    first = day.arrive(cast, 3, "09:00", cast.raj)
    day.call(cast, 3, "09:10")
    day.act(cast, 3, "09:11", "start", first)
    day.act(cast, 3, "09:15", "transfer", first, service=cast.deed)
    following = day.call(cast, 3, "09:20", "othman")
    day.act(cast, 3, "09:30", "conclude", following, "othman", outcome="resolved", return_reason="papers")
    day.serve(cast, 7, cast.nora)
    day.serve(cast, 9, cast.nora, return_reason="other")
    return cast


@pytest.fixture
def elsewhere(lived: Cast, tmp_path: Path) -> Iterator[Path]:
    """A folder with an export, and an empty instance in which to import it."""
    exported(tmp_path, name="visits.csv")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    other = create_app(
        Settings(instance=folder, database_url=f"sqlite:///{folder / 'other.sqlite3'}", **KEYS)
    )
    with other.app_context():
        schema.upgrade()
        yield tmp_path
        db.session.remove()
        db.engine.dispose()


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))


def test_the_same_classes_come_out_of_an_empty_instance(elsewhere: Path) -> None:
    before = rows(elsewhere / "visits.csv")
    assert [row["class"] for row in before] == [
        "index_new",
        "index_new",
        "abandoned",
        "unlinked",
        "repeat",
        "merged",
        "planned",
        "repeat",
    ]
    bring(elsewhere / "visits.csv")
    after = exported(elsewhere, name="again.csv")
    changed = {"beneficiary", "visitor"}  # pseudonyms are keyed by the instance
    kept = [{name: value for name, value in row.items() if name not in changed} for row in before]
    assert [{name: value for name, value in row.items() if name not in changed} for row in after] == kept
    assert len({row["beneficiary"] for row in after}) == len({row["beneficiary"] for row in before})


def test_cases_come_in_again_with_their_pauses(app: Flask, tmp_path: Path) -> None:
    text = """
        case_no,service,family,unit,channel,opened_at,resolved_at,due_at,reopened_at,pauses,withdrawn_on
        c1,permit,permits,north,web,2025-01-05T09:00:00,2025-01-09T09:00:00,2025-01-10T00:00:00,2025-01-06T09:00:00,,
        c2,permit,permits,,,2025-01-06T09:00:00,,,,"[{""from"": ""2025-01-07T09:00:00"", ""to"": null, ""reason"": ""x""}]",2025-02-01
    """  # noqa: E501 - a list in a cell is one line
    bring(written(tmp_path, text, "cases.csv"), "cases")
    before = exported(tmp_path, "cases", "first.csv")
    with transaction() as session:
        session.execute(delete(CasePause))
        session.execute(delete(Case))
    bring(tmp_path / "first.csv", "cases")
    assert exported(tmp_path, "cases", "second.csv") == before
    assert json.loads(before[1]["pauses"]) == [
        {"from": "2025-01-07T09:00:00+03:00", "to": None, "reason": "x"}
    ]


def test_an_export_says_which_index_visits_are_mature(lived: Cast, tmp_path: Path) -> None:
    with clock.at(day.when(32, "12:00")):
        told = [row["mature"] for row in exported(tmp_path)]
    assert told == ["true", "false", "", "", "", "", "false", ""]


def test_days_choose_the_visits_that_began_on_them(lived: Cast) -> None:
    first, last = SUNDAY + dt.timedelta(days=1), SUNDAY + dt.timedelta(days=3)
    chosen = exporting.visits(reading(), (first, last))
    place = exporting.VISITS.index("arrived_at")
    assert [row[place][:10] for row in chosen] == [
        "2026-10-05",
        "2026-10-05",
        "2026-10-06",
        "2026-10-07",
        "2026-10-07",
    ]


def test_json_is_one_document_with_null_for_what_is_not_known(lived: Cast, tmp_path: Path) -> None:
    file = tmp_path / "visits.json.gz"
    assert targets.write(file, "json", exporting.VISITS, exporting.visits(reading())) == 8
    listed = json.loads(gzip.decompress(file.read_bytes()))
    assert [row["class"] for row in listed][:2] == ["index_new", "index_new"]
    assert (listed[1]["object"], listed[3]["beneficiary"], listed[4]["gap_days"]) == ("سياره1", None, 2)
    assert (listed[0]["mature"], listed[4]["mature"]) == (False, None)


def test_no_rows_are_still_a_document(app: Flask, tmp_path: Path) -> None:
    targets.write(tmp_path / "none.json", "json", exporting.VISITS, exporting.visits(reading()))
    assert json.loads((tmp_path / "none.json").read_text()) == []
    assert exported(tmp_path) == []


def test_tickets_leave_without_what_opens_their_private_pages(lived: Cast, tmp_path: Path) -> None:
    listed = exported(tmp_path, "tickets")
    assert len(listed) == 8
    assert [row["state"] for row in listed][3:6] == ["served", "transferred", "served"]
    assert listed[4]["ticket_id"] == listed[5]["transferred_from"]
    assert "token" not in " ".join(listed[0])


def test_a_file_that_cannot_be_written_is_refused_and_leaves_nothing(lived: Cast, tmp_path: Path) -> None:
    with pytest.raises(FileError) as refusal:
        targets.write(tmp_path / "no" / "out.csv", "csv", exporting.VISITS, exporting.visits(reading()))
    assert refusal.value.key == "exchange.file_not_written"
