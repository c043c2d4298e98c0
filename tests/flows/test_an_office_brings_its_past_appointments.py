"""A real office imports who came to its appointments: whole or not at all, and its figures know them."""

import datetime as dt
import gzip
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.booking.models import Appointment
from govdesk.booking.past_models import PastAppointment
from govdesk.booking.schedule import shows
from govdesk.cases.importing import RefusedError
from govdesk.cases.sources import FileError
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import Settings
from govdesk.db import reading
from govdesk.kpi import service as kpi
from govdesk.kpi.figures import Row
from tests import processes
from tests.flows.exchange_files import bring, rejected, written

FILE = """
    appointment_no,service,branch,starts_at,ends_at,minutes,status,beneficiary,channel,kind,created_at,cancelled_at,language
    a1,licence,main,2026-09-01T09:00:00,2026-09-01T09:15:00,,fulfilled,1087654321,web,on_site,,,ar
    a2,licence,main,2026-09-01T09:15:00,,15,noshow,NA,phone,on_site,,,en
    a3,licence,main,2026-09-01T09:30:00,,15,cancelled,,web,phone,2026-08-01T09:00:00,2026-08-02T09:00:00,
    a4,licence,main,2026-09-01T09:45:00,,15,cancelled_by_us,,web,,,,
    a5,licence,main,2026-09-01T10:00:00,,15,excused,,web,,,,
    a6,licence,,2026-09-02T10:00:00,,-15,fulfilled,,web,,,,
    a7,licence,main,2026-09-02T10:00:00,,,fulfilled,,web,home,,,
    a8,licence,main,2199-09-02T10:00:00,,,noshow,,web,,,,
"""


def count() -> int:
    reading().rollback()
    return reading().scalars(select(func.count()).select_from(PastAppointment)).one()


def appointment(number: str) -> PastAppointment:
    reading().rollback()
    return reading().scalars(select(PastAppointment).where(PastAppointment.appointment_no == number)).one()


def rate(by: tuple[str, ...] = ()) -> tuple[Row, ...]:
    reading().rollback()
    with clock.at(dt.datetime(2026, 10, 4, 6, 0, tzinfo=dt.UTC)):
        return kpi.figure(reading(), "noshow_rate", by=by).rows


def test_who_came_and_who_did_not_counts_and_the_rest_is_kept_apart(app: Flask, tmp_path: Path) -> None:
    report = bring(written(tmp_path, FILE), "appointments")
    assert (report.rows, report.new, report.rejected) == (8, 8, 0)
    assert (report.services, report.branches) == (["licence"], ["main"])
    (row,) = rate()
    assert (row.numerator, row.denominator, row.value) == (1, 4, 0.25)  # a2 of a1, a2, a6, a7
    assert row.detail == {"cancelled_by_person": 1, "cancelled_by_us": 1, "excused": 1, "says_came": 0}
    assert row.data_quality["set_aside"] == 1
    channels = {one.group["channel"]: (one.numerator, one.denominator) for one in rate(("channel",))}
    assert channels == {"phone": (1, 1), "web": (0, 3)}
    days = {one.group["day"]: one.denominator for one in rate(("day",))}
    assert days == {"2026-09-01": 2, "2026-09-02": 2}


def test_they_take_no_place_and_are_no_bookings(app: Flask, tmp_path: Path) -> None:
    bring(written(tmp_path, FILE), "appointments")
    assert reading().scalars(select(func.count()).select_from(Appointment)).one() == 0


def test_the_end_is_as_told_or_so_many_minutes_after_the_start(app: Flask, tmp_path: Path) -> None:
    report = bring(written(tmp_path, FILE), "appointments")
    assert dict(+report.remarks) == {"exchange.remark_set_aside": 1}
    ends = {number: appointment(number).ends_at for number in ("a1", "a2", "a6", "a7")}
    assert {number: at and at.isoformat() for number, at in ends.items()} == {
        "a1": "2026-09-01T06:15:00+00:00",
        "a2": "2026-09-01T06:30:00+00:00",
        "a6": "2026-09-02T06:45:00+00:00",
        "a7": None,
    }
    assert [appointment(number).is_set_aside for number in ("a1", "a6")] == [False, True]
    assert appointment("a2").person_id is not None  # NA is a value
    assert appointment("a3").person_id is None


def test_twice_is_once_and_other_content_is_refused_or_replaced(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    bring(file, "appointments")
    again = bring(file, "appointments")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 8)
    entries = reading().scalars(select(AuditEntry.action)).all()
    assert entries.count("appointments.imported") == 1
    changed = written(tmp_path, FILE.replace("noshow,NA", "excused,NA"))
    with pytest.raises(RefusedError):
        bring(changed, "appointments")
    assert rejected(changed)[0][0] == "3"
    assert "other content (status)" in rejected(changed)[0][1]
    assert bring(changed, "appointments", may_update=True).changed == 1
    assert appointment("a2").status == "excused"
    assert bring(file, "appointments", source="old-system").new == 8


def test_one_bad_row_keeps_all_out_unless_bad_ones_are_skipped(app: Flask, tmp_path: Path) -> None:
    text = FILE.replace(",15,excused", ",a while,missed").replace("a6,", "a1,")
    file = tmp_path / "appointments.csv.gz"
    file.write_bytes(gzip.compress(written(tmp_path, text, "plain.csv").read_bytes()))
    with pytest.raises(RefusedError):
        bring(file, "appointments")
    assert count() == 0
    assert rejected(file) == [
        (
            "6",
            (
                "minutes: “a while” is not a whole number of minutes; "
                "status: “missed” is none of: cancelled, cancelled_by_us, excused, fulfilled, noshow"
            ),
        ),
        ("7", "appointment_no: “a1” is on line 2 already"),
    ]
    report = bring(file, "appointments", skip_bad=True)
    assert (report.new, report.rejected, count()) == (6, 2, 6)


def test_unknown_columns_are_refused_by_name_or_mapped(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, FILE.replace("appointment_no", "number"))
    with pytest.raises(FileError) as refusal:
        bring(file, "appointments")
    assert refusal.value.key == "exchange.columns_unknown"
    assert "number" in str(refusal.value.params)
    told = {"source": "old", "columns": {"appointment_no": "number"}}
    assert bring(file, "appointments", told).source == "old"


def test_visits_of_a_source_that_brought_appointments_count_once(app: Flask, tmp_path: Path) -> None:
    visits = """
        visit_id,service,branch,status,arrived_at,ended_at,appointment_at
        v1,licence,main,served,2026-09-01T09:00:00,2026-09-01T09:15:00,2026-09-01T09:00:00
    """
    bring(written(tmp_path, visits))
    assert rate()[0].denominator == 1
    bring(written(tmp_path, FILE, "appointments.csv"), "appointments")
    assert rate()[0].denominator == 4
    bring(written(tmp_path, visits), source="other")
    assert rate()[0].denominator == 5


def test_how_many_may_be_overbooked_is_known_from_elsewhere(app: Flask, tmp_path: Path) -> None:
    rows = [f"n{n},licence,main,2026-09-01T09:00:00,{'fulfilled' if n % 2 else 'noshow'}" for n in range(200)]
    bring(
        written(tmp_path, "\n".join(["appointment_no,service,branch,starts_at,status", *rows])),
        "appointments",
    )
    branch, service = (reading().scalars(select(one.id)).one() for one in (Branch, PublicService))
    with clock.at(dt.datetime(2026, 10, 4, 6, 0, tzinfo=dt.UTC)):
        assert 0.5 <= shows.show_rate(reading(), branch, service) < 0.6


def test_a_rehearsal_by_command_changes_nothing(app: Flask, settings: Settings, tmp_path: Path) -> None:
    env = processes.environ(settings)
    file = str(written(tmp_path, FILE))
    rehearsed = processes.govdesk("import", "appointments", file, "--dry-run", env=env)
    assert (rehearsed.returncode, count()) == (0, 0)
    assert "nothing was changed" in rehearsed.stdout
    done = processes.govdesk("import", "appointments", file, env=env)
    assert (done.returncode, count()) == (0, 8)
    assert "1 ends before it begins" in done.stdout
    assert "reading" in done.stderr
