"""The page of repeat visits: every table narrows by a click, nothing small is told, every table is a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from govdesk.cases.rebuild.service import reclassify_all
from govdesk.config import settings
from govdesk.db import transaction
from tests.desk import Desk, Page
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person

SignIn = Callable[[str], Desk]
TABLES = ("unit", "service", "scenario", "cause", "combinations", "beside", "cohorts", "costs", "removed")


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Renewals and passports in August at two units of the north and two of the harbour; eight young."""
    made = {
        ("north", "north/civil", "renewal"): (20, ["missing_document"] * 5 + ["not_ready"]),
        ("north", "north/civil", "passport"): (12, ["missing_document"]),
        ("north", "north/cash", "renewal"): (10, ["system_down"] * 3),
        ("north", "north/cash", "passport"): (8, []),
        ("harbour", "harbour/civil", "renewal"): (3, ["chase"]),
        ("harbour", "harbour/civil", "passport"): (9, []),
        ("harbour", "harbour/cash", "renewal"): (7, []),
        ("harbour", "harbour/cash", "passport"): (6, []),
    }
    with transaction() as session:
        for (branch, unit, service), (count, reasons) in made.items():
            for place in range(count):
                at: dict[str, Any] = {
                    "branch": getattr(cast, branch), "service": getattr(cast, service), "unit": unit,
                    "person": make_person(session),
                }  # fmt: skip
                make_visit(session, "08-10", **at)
                if place < len(reasons):
                    make_visit(session, "08-20", minutes=30, reason=reasons[place], **at)
        for _ in range(8):
            make_visit(session, "09-14", branch=cast.north, service=cast.renewal, person=make_person(session))
        reclassify_all(session)
    return cast


def rows(page: Page) -> list[str]:
    return page.words("tr")


def file(desk: Desk, table: str, query: str = "") -> list[dict[str, str]]:
    text = desk.get(f"/figures/repeats/{table}.csv{query}", status=200).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_tells_where_how_fast_and_what_it_costs(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeats", language="en", status=200)
    assert "11 of 75 mature first visits failed: 14.7%" in page.main
    assert "Repeat visits for the same need" in page.main
    assert "Came back for anything (shadow)" in page.main
    assert "13.3% within 14 days" in page.main  # 11 of 83: the young count for as long as they were seen
    assert any(row.startswith("Together 11 5.5 hours") for row in rows(page))  # eleven of half an hour
    assert "no administrator has stated an assumption" in page.main
    assert "No obstacle that touches what you look at" in page.main
    assert sign_in("huda").get("/figures/repeats", status=200).heading.startswith("العودات")


def test_a_click_narrows_and_all_of_it_is_in_the_address(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/figures/repeats", language="en")
    link = next(link for link in page.links() if "unit=north%2Fcivil" in link or "unit=north/civil" in link)
    page = desk.get(link, language="en", status=200)
    assert "7 of 32 mature first visits failed" in page.main
    page = desk.get(link + "&cause=missing_document", language="en", status=200)
    assert "6 of 32 mature first visits failed: 18.8%" in page.main
    assert any("/figures/repeats?unit=north" in link and "cause" not in link for link in page.links())
    query = link.removeprefix("/figures/repeats")
    assert [row["failed"] for row in file(desk, "combinations", query)] == ["5", "1", "1"]


def test_what_is_small_is_hidden_with_what_would_reveal_it(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    told = {(row["unit"], row["service"]): row for row in file(desk, "combinations")}
    assert ("harbour/civil", "renewal") not in told  # three people
    page = desk.get("/figures/repeats?unit=harbour/civil&service=renewal", language="en", status=200)
    assert "this part is hidden" in page.main
    assert "chase" not in page.main
    narrowed = file(desk, "service", "?unit=harbour/civil")
    assert {row["hidden"] for row in narrowed} == {"True"}  # the passports beside them would tell


def test_young_cohorts_are_estimates_and_every_table_is_a_file(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/figures/repeats", language="en")
    assert len(page.all("tr", "young")) == 1
    assert "Kaplan–Meier estimate" in page.main
    for table in TABLES:
        assert desk.get(f"/figures/repeats/{table}.csv", status=200).data.startswith(b"\xef\xbb\xbf")
    assert desk.get("/figures/repeats/nothing.csv").status == 404
    causes = file(desk, "cause")
    assert [(row["failed"], row["mature"]) for row in causes] == [
        ("6", "75"), ("3", "75"), ("1", "75"), ("1", "75"),
    ]  # fmt: skip


def test_nonsense_in_the_address_is_as_if_not_said(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeats?unit=nowhere&scenario=x/y&cause=%27;--", language="en")
    assert "11 of 75" in page.main


def test_nobody_sees_another_place(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("sara")  # supervisor of the north
    page = desk.get("/figures/repeats?unit=harbour/civil", language="en", status=200)
    assert "10 of 50 mature first visits failed" in page.main
    assert "harbour" not in desk.get("/figures/repeats/combinations.csv").data.decode()


def test_without_visits_there_is_no_data(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeats", language="en", status=200)
    assert "No data" in page.main
    assert "0%" not in page.main


def test_travel_is_counted_only_where_it_was_assumed(
    city: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("returning", "returning_beside"):
        assumed = replace(settings(), assumed_travel_minutes=60)
        monkeypatch.setattr(f"govdesk.faces.head.{module}.settings", lambda assumed=assumed: assumed)
    page = sign_in("huda").get("/figures/repeats", language="en")
    assert "11 hours more for the people" in page.main
