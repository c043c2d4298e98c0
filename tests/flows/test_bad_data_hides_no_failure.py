"""A file in which an office writes its returns down as anything else: the classes say what happened."""

from pathlib import Path

from flask import Flask

from govdesk.db import transaction
from tests.flows.exchange_files import bring, exported, written
from tests.makers import make_branch

HEADER = (
    "visit_id,beneficiary,visitor,service,family,object,case_no,branch,unit,status,direction,reason,"
    "started_at,ended_at,transfer_of,plan_made_at,plan_due,plan_reason"
)
FIRST = "1,me,licence,licence,,7,A,A/desk,served,,,2025-01-05T09:00:00,2025-01-05T09:15:00,,,,"
TRICKS = {  # the return three days later, and who is charged with it
    "same": "2,me,licence,licence,,7,A,A/desk,served,,,{back},,,,",
    "recoded": "2,me,renewal,licence,,7,A,A/desk,served,,,{back},,,,",
    "newcase": "2,me,licence,licence,,8,A,A/desk,served,,,{back},,,,",
    "branch": "2,me,licence,licence,,7,B,B/desk,served,,,{back},,,,",
    "relative": "2,son,licence,licence,,7,A,A/desk,served,,,{back},,,,",
    "object": "2,me,licence,licence,car1,7,A,A/desk,served,,,{back},,,,",
    "gate": "2,me,licence,licence,,7,A,A/gate,turned_away,,,{back},,,,",
    "otherall": "2,son,passport,passport,,7,B,B/desk,served,,,{back},,,,",
    "lost": "2,me,licence,licence,,7,A,A/desk,served,,,{back},99,,,",
    "backdated": "2,me,licence,licence,,7,A,A/desk,served,,,{back},,2025-01-07T08:00,2025-01-08,instalment",
    "early": "2,me,licence,licence,,7,A,A/desk,served,,,{back},,2025-01-05T09:10,2025-01-09,instalment",
    "badplan": "2,me,licence,licence,,7,A,A/desk,served,,,{back},,2025-01-05T09:10,2025-01-08,come_back",
    "failure": "2,me,licence,licence,,7,A,A/1,served,,chase,{back},,2025-01-05T09:10,2025-01-08,instalment",
}
BACK = "2025-01-08T09:00:00,2025-01-08T09:15:00"
PARTS = """
    {header}
    door-1,P,,enquiry,enquiry,,7,A,A/door,served,,,2025-01-05T09:00:00,2025-01-05T09:30:00,,,,
    door-2,P,,licence,licence,,7,A,A/desk,served,,,2025-01-05T09:10:00,2025-01-05T09:40:00,,,,
    door-3,P,,licence,licence,,,A,A/desk,served,,,2025-01-08T09:00:00,2025-01-08T09:15:00,,,,
    left-1,Q,,licence,licence,,,A,A/hall,abandoned,,,2025-01-05T09:00:00,2025-01-05T09:15:00,,,,
    left-2,Q,,licence,licence,,,A,A/desk,served,,,2025-01-05T09:20:00,2025-01-05T09:30:00,left-1,,,
    left-3,Q,,licence,licence,,,A,A/desk,served,,,2025-01-08T09:00:00,2025-01-08T09:15:00,,,,
    call-1,R,,licence,licence,,,A,A/desk,served,,,2025-01-05T09:00:00,2025-01-05T09:15:00,,,,
    call-2,R,,licence,licence,,,A,A/desk,served,outbound,,2025-01-07T09:00:00,2025-01-07T09:15:00,,,,
    call-3,R,,licence,licence,,,A,A/desk,served,,,2025-01-08T09:00:00,2025-01-08T09:15:00,call-2,,,
    told-1,S,,licence,licence,,,A,A/desk,served,,,2025-01-05T09:00:00,2025-01-05T09:15:00,,,,
    told-2,S,,licence,licence,,,A,A/hall,served,,,2025-01-08T09:00:00,2025-01-08T09:05:00,,2025-01-05T09:10,2025-01-08,instalment
    told-3,S,,licence,licence,,,A,A/desk,served,,not_ready,2025-01-08T09:10:00,2025-01-08T09:15:00,told-2,,,
    hour-1,T,,licence,licence,,,L,L/desk,served,,,2025-03-15T09:00:00,2025-03-15T09:15:00,,,,
    hour-2,T,,licence,licence,,,L,L/desk,served,,,2025-04-14T23:59:00,2025-04-15T00:10:00,,,,
    hour-3,T,,licence,licence,,,L,L/desk,served,,,2025-05-16T00:00:00,2025-05-16T00:10:00,,,,
"""


def test_a_return_told_as_anything_else_is_charged_to_the_first_visit(app: Flask, tmp_path: Path) -> None:
    lines = [HEADER]
    for name, line in TRICKS.items():
        for row in (FIRST, line.format(back=BACK)):
            number, rest = row.split(",", 1)
            lines.append(f"{name}-{number},{name},{rest}".replace(",99,", f",{name}-99,"))
    report = bring(written(tmp_path, "\n".join(lines)))
    assert (report.new, report.rejected) == (2 * len(TRICKS), 0)
    found = {one["visit_id"]: one for one in exported(tmp_path)}
    for name in TRICKS:
        first, back = found[f"{name}-1"], found[f"{name}-2"]
        assert (first["class"], first["mature"]) == ("index_new", "true"), name
        told = [
            back[column] for column in ("class", "index_visit", "charged_visit", "charged_unit", "gap_days")
        ]
        assert told == ["repeat", f"{name}-1", f"{name}-1", "A/desk", "3"], name
        assert back["mature"] == ""


def test_no_ticket_hides_another_and_no_clock_a_day(app: Flask, tmp_path: Path) -> None:
    with transaction() as session:
        make_branch(session, code="L", timezone="Europe/London")
    bring(written(tmp_path, PARTS.format(header=HEADER)))
    rows = exported(tmp_path)
    assert {row["visit_id"]: row["class"] for row in rows} == {
        "door-1": "index_new", "door-2": "merged", "door-3": "repeat",
        "left-1": "index_new", "left-2": "merged", "left-3": "repeat",
        "call-1": "index_new", "call-2": "outbound", "call-3": "repeat",
        "told-1": "index_new", "told-2": "repeat", "told-3": "merged",
        "hour-1": "index_new", "hour-2": "repeat", "hour-3": "index_new",
    }  # fmt: skip
    charged = {
        row["visit_id"]: (row["charged_unit"], row["gap_days"]) for row in rows if row["charged_visit"]
    }
    assert charged == {
        "door-3": ("A/desk", "3"), "left-3": ("A/desk", "3"), "call-3": ("A/desk", "3"),
        "told-2": ("A/desk", "3"), "hour-2": ("L/desk", "30"),
    }  # fmt: skip
