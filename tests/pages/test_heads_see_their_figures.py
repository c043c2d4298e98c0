"""A head sees figures with n, interval and definition; small groups and other places stay out of sight."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import transaction
from govdesk.kpi.periods.measuring import STRATEGIC
from govdesk.kpi.registry import MEASURES
from tests.desk import Desk, Page
from tests.kpi_makers import make_case, make_visit, make_wait
from tests.makers import Cast, make_person

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Renewals in August, 20 at the north (four failed) and two at the harbour; eight young; waits; cases."""
    with transaction() as session:
        for place in range(22):
            who = make_person(session)
            at: dict[str, Any] = {
                "branch": cast.harbour if place > 19 else cast.north,
                "service": cast.renewal,
                "person": who,
            }
            make_visit(session, "08-10", **at)
            if place < 4:
                make_visit(session, "08-20", reason="missing_document" if place else "not_ready", **at)
        for _ in range(8):
            make_visit(session, "09-14", branch=cast.north, service=cast.renewal, person=make_person(session))
        for minute in range(12):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00",
                called=f"09:{minute + 1:02}", ended="09:30",
            )  # fmt: skip
        for days in range(1, 8):
            make_case(session, branch=cast.north, service=cast.passport, days=days, due=5)
        reclassify_all(session)
    return cast


def charts(page: Page) -> list[Any]:
    """The figures that lie on a page, as Plotly gets them."""
    found = re.findall(r'<script type="application/json" id="[\w-]+">(.*?)</script>', page.html, re.DOTALL)
    return [json.loads(text) for text in found]


def test_each_card_has_its_value_n_interval_and_definition(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures", language="en", status=200)
    cards = {words.split(" n ")[0]: words for words in page.words("article", "measure")}
    card = next(words for words in cards.values() if words.startswith("Repeat visits for the same need"))
    assert "18.2%" in card  # 4 of 22
    assert "7.3–38.5%" in card  # Wilson
    assert "n 22" in card
    assert "8 too young to judge" in card
    assert "Definition" in card


def test_the_whole_strategic_set_is_on_one_page(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures", language="en", status=200)
    shown = {link.partition("?")[0].rpartition("/")[2] for link in page.links()}
    beside = {"visits_per_matter", "abandon_returns"}  # on the page of repeat visits
    assert set(STRATEGIC) - shown == beside


def test_no_data_says_so(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures", language="en")
    dashed = page.words("article", "none")
    assert any(words.startswith("Did not come No data") for words in dashed)


def test_filters_stay_in_the_address(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures?period=12&service=renewal", language="en")
    assert any(
        link.startswith("/figures/repeat_visit_rate?period=12&service=renewal") for link in page.links()
    )
    chosen = [option.get("value") for option in page.all("option") if "selected" in option.attrib]
    assert chosen == ["12", "", "renewal"]


def test_nonsense_in_the_address_is_as_if_not_said(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures?period=9999&branch=%27;--&service=deed", status=200)
    chosen = [option.get("value") for option in page.all("option") if "selected" in option.attrib]
    assert chosen == ["24", "", ""]  # the deed belongs to another department


def test_small_groups_are_hidden(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures?branch=harbour", language="en")
    card = next(words for words in page.words("article") if words.startswith("Repeat visits"))
    assert "No data" in card
    assert "Fewer than five people" in card


@pytest.mark.parametrize("key", [measure.key for measure in MEASURES])
def test_every_figure_has_a_page_in_both_languages(city: Cast, sign_in: SignIn, key: str) -> None:
    page = sign_in("huda").get(f"/figures/{key}", status=200)  # the desk reads it in both
    assert page.heading.endswith("؟")


def test_a_young_week_shows_an_estimate_never_a_ratio(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeat_visit_rate", language="en")
    assert len(page.all("tr", "young")) == 1
    assert "Kaplan–Meier estimate" in page.main
    assert "hatched" in page.main.lower()


def test_the_chart_says_what_the_table_says(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeat_visit_rate", language="en")
    course = charts(page)[0]
    settled = next(trace for trace in course["data"] if trace["mode"] == "lines+markers")
    assert [value for value in settled["y"] if value is not None] == [pytest.approx(4 / 22)]
    assert "18.2%" in page.main


def test_values_stand_where_reading_begins_and_digits_are_those_of_the_language(
    city: Cast, sign_in: SignIn
) -> None:
    desk = sign_in("huda")
    arabic = charts(desk.get("/figures/repeat_visit_rate", language="ar"))[0]["layout"]["yaxis"]
    english = charts(desk.get("/figures/repeat_visit_rate", language="en"))[0]["layout"]["yaxis"]
    assert (arabic["side"], english["side"]) == ("right", "left")
    assert not re.search(r"[0-9]", "".join(arabic["ticktext"]))
    assert re.search(r"[0-9]", "".join(english["ticktext"]))


def test_causes_are_the_most_frequent_first(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeat_visit_rate", language="en")
    table = page.words("table", "pareto")[0]
    assert "4 returns by cause" in table
    assert table.index("missing_document") < table.index("not_ready")


def test_one_small_branch_hides_the_other(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/repeat_visit_rate", language="en")
    branches = page.words("table", "intervals")[0]
    assert branches.count("hidden") == 2


def test_open_cases_have_a_curve_and_waits_a_distribution(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/figures/time_to_resolution?service=passport", language="en")
    assert "Half are resolved within 4 days" in page.main
    assert len(charts(page)) == 2
    page = desk.get("/figures/waiting_time", language="en")
    assert "Half were called within 6 minutes" in page.main


def test_what_ends_before_it_begins_is_told_below_the_chart(city: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for days in (-2, -1):
            make_case(session, branch=city.north, service=city.passport, days=days, is_set_aside=True)
    page = sign_in("huda").get("/figures/time_to_resolution?service=passport", language="en")
    assert "Half are resolved within 3 days" in page.main  # 0, 0, 1, 2, 3 of nine
    told = "2 cases end before they begin and count as 0; without them: 4 days"
    assert page.main.count(told) == 2


def test_an_unknown_figure_is_not_found(city: Cast, sign_in: SignIn) -> None:
    assert sign_in("huda").get("/figures/happiness").status == 404


def test_definitions_name_every_figure(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("aziz").get("/figures/definitions", status=200)
    assert {section.get("id") for section in page.all("section")} == {one.key for one in MEASURES}


def test_the_file_holds_the_same_and_hides_the_same(city: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/figures/repeat_visit_rate.csv", status=200)
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert (rows[0]["numerator"], rows[0]["denominator"], rows[0]["pending"]) == ("4", "22", "8")
    assert [row["value"] for row in rows if row["branch"]] == ["", ""]


def test_the_overview_has_a_file_too(city: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/figures.csv", status=200)
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0]["key"] == "repeat_visit_rate"


def test_strangers_sign_in_first(cast: Cast, desk: Desk) -> None:
    assert desk.get("/figures", status=302).location == "/staff/sign-in?next=/figures?"


def test_officers_have_other_work(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("omar").get("/figures").status == 403


def test_a_supervisor_sees_the_own_branch_only(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("sara").get("/figures/repeat_visit_rate", language="en")
    assert "20.0%" in page.main  # 4 of the 20 at the north
    assert "Harbour Branch" not in page.main
    page = sign_in("salim").get("/figures/repeat_visit_rate?branch=north", language="en")
    assert "20.0%" not in page.main


def script_path(desk: Desk) -> str:
    page = desk.get("/figures/waiting_time", language="en")
    return next(script.attrib["src"] for script in page.all("script") if "plotly" in script.get("src", ""))


def test_its_script_is_ours_packed_and_kept_for_ever(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    path = script_path(desk)
    answer = desk.get(path, status=200, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 2_000_000 < len(gzip.decompress(answer.data))
    again = desk.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


def test_another_version_is_not_there(cast: Cast, desk: Desk) -> None:
    assert desk.get("/plotly-1.0.min.js").status == 404


def test_it_finds_its_forbidden_style_sheet_there_already(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/figures/waiting_time")
    wanted = re.findall(rb'getElementById\("([0-9a-f]{64})"\)', desk.get(script_path(desk)).data)
    assert {one.decode() for one in wanted} == {one.get("id") for one in page.all("template")}
