"""Everybody reads what is published: in words, as files, with its hash, whole or not at all."""

import csv
import io
import json
from typing import Any

import pytest

from govdesk.db import reading, transaction
from govdesk.kpi.periods import document, published, service
from tests.desk import Desk
from tests.makers import Cast
from tests.period_makers import count, make_month, make_waits, publish

Json = dict[str, Any]


@pytest.fixture
def month(cast: Cast) -> Json:
    """September, published."""
    with transaction() as session:
        make_month(session, cast)
        return published.document_of(publish(session, cast=cast))


def test_before_the_first_publication_the_page_says_so(cast: Cast, desk: Desk) -> None:
    page = desk.get("/performance", language="en", status=200)
    assert "Nothing is published yet" in page.main
    assert desk.get("/open-data/figures.json", status=200).json["periods"] == []
    assert "/performance" in desk.get("/", status=200).links()


def test_a_period_is_told_in_words_with_what_was_seen_in_it(month: Json, desk: Desk) -> None:
    for path in ("/performance", "/performance/2026-09"):
        page = desk.get(path, language="en", status=200)
        assert "September 2026" in page.main
        assert "87.5%" in page.main
        assert "The target is at least 80%" in page.main
        assert "People waited long in the mornings." in page.main
    assert month["hash"] in page.main
    arabic = desk.get("/performance/2026-09", language="ar").main
    assert "٨٧٫٥٪" in arabic
    assert "انتظر الناس طويلًا صباحًا." in arabic
    assert "Lands" in page.main


def test_the_report_is_a_page_for_the_printer(month: Json, desk: Desk) -> None:
    page = desk.get("/performance/2026-09/report", language="en", status=200)
    assert page.heading == "Performance report: September 2026"
    assert month["hash"] in page.main
    assert page.all("script") == [] or all(one.get("src") for one in page.all("script"))


def test_what_is_no_published_period_is_not_found(month: Json, cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        service.draft_ended(session)
    for code in ("2026-Q3", "2026-09-civil", "2026-08", "nothing", "2026-09-civil%00"):
        assert desk.get(f"/performance/{code}").status in {400, 404}
        assert desk.get(f"/open-data/{code}.json").status in {400, 404}
    assert desk.get("/performance/2026-09/v2").status == 404
    assert desk.get("/performance/2026-09/report-en.pdf").status == 404


def test_the_feed_is_letter_for_letter_what_was_published(month: Json, desk: Desk) -> None:
    listed = desk.get("/open-data/figures.json", status=200)
    (entry,) = listed.json["periods"]
    assert (entry["period"], entry["version"], entry["hash"]) == ("2026-09", 1, month["hash"])
    assert listed.json["installation"]["name"] == {"ar": "وكالة المدينة", "en": "City Agency"}
    path = entry["url"].partition("://")[2].partition("/")[2]
    told = desk.get(f"/{path}", status=200)
    assert told.json == month
    assert document.is_whole(json.loads(told.data))
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in told.headers["Cache-Control"]
    same = desk.get(f"/{path}", headers={"If-None-Match": told.headers["ETag"]})
    assert same.status == 304
    assert "immutable" in desk.get("/open-data/2026-09/v1.json").headers["Cache-Control"]


def test_the_table_and_its_dictionary(month: Json, desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.get("/open-data/2026-09.csv").data.decode("utf-8-sig"))))
    whole = next(row for row in rows if row["key"] == "service_level" and not row["branch"])
    assert (whole["value"], whole["n"], whole["target"], whole["hash"]) == (
        "0.875",
        "80",
        "0.8",
        month["hash"],
    )
    words = list(csv.DictReader(io.StringIO(desk.get("/open-data/dictionary.csv").data.decode("utf-8-sig"))))
    assert {row["name"] for row in words} >= {*rows[0], "service_level"}
    assert all(row["ar"] and row["en"] for row in words)


def test_a_correction_is_read_beside_what_it_corrects(month: Json, cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        make_waits(session, branch=cast.north, service=cast.renewal, count=12, late=12)
        period = published.period_of(session, "2026-09")
        service.correct(
            session, actor=cast.staff["adam"].actor, period=period, measured=count(session, period), of=1,
            reason={"ar": "وصل ملف متأخر", "en": "a late file"},
        )  # fmt: skip
    page = desk.get("/performance/2026-09", language="en", status=200)
    assert "Reason for the correction: a late file" in page.main
    assert "سبب التصحيح: وصل ملف متأخر" in desk.get("/performance/2026-09", language="ar", status=200).main
    assert "87.5% (80)" in page.main
    old = desk.get("/performance/2026-09/v1", language="en", status=200)
    assert "older version" in old.main
    assert desk.get("/open-data/2026-09/v1.json").json == month
    assert desk.get("/open-data/2026-09.json").json["version"] == 2
    reading().rollback()
