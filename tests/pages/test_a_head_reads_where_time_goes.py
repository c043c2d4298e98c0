"""The pages about time say when, where and how long, in words, tables and files; small cells stay hidden."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue import counters
from tests.desk import Desk
from tests.flows import office_days as day
from tests.kpi_makers import make_case, make_wait
from tests.makers import Cast

SignIn = Callable[[str], Desk]
PAGES = ("/figures/time", "/figures/time/waits", "/figures/time/counters")
FILES = (
    "medians", "parts", "attainment", "policies", "waits", "promises", "commitments", "idle", "curves",
    "ageing", "load",
)  # fmt: skip


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Six needs met at the north, two and five open; on 1 October 8, 1 and 5 wait from 9, 11 and 12 on."""
    with transaction() as session:
        for days in (1, 2, 3, 4, 5, 6, None, None):
            make_case(session, branch=cast.north, service=cast.renewal, days=days, due=5, unit="north/civil")
        for _ in range(5):
            make_case(
                session, branch=cast.harbour, service=cast.passport, days=None, unit="harbour/civil",
                opened="2026-06-01T09:00:00+03:00",
            )  # fmt: skip
        for minute in range(8):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived=f"09:0{minute}",
                called=f"09:{minute + 10}", ended="09:40", quoted_high=15.0,
            )  # fmt: skip
        late = [("11:00", "11:30", "11:40"), *[("12:00", "12:05", "12:10")] * 5]
        for arrived, called, ended in late:
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived=arrived, called=called, ended=ended
            )
    return cast


def specs(html: str) -> list[Any]:
    found = re.findall(r'<script type="application/json" id="[\w-]+">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


def file(desk: Desk, name: str, query: str = "") -> list[dict[str, str]]:
    text = desk.get(f"/figures/time/{name}.csv{query}", status=200).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_curves_medians_and_who_is_under_observation(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/time", language="en", status=200)
    assert "Half of all needs are met within: not reached" in page.main  # seven of thirteen are open
    curve = specs(page.html)[0]["data"][0]
    assert curve["y"][:2] == [1.0, 0.875]
    assert min(curve["y"]) == 0.5  # the line ends where fewer than five are left
    medians = next(words for words in page.words("tr") if words.startswith("Identity renewal 8 2 4 days"))
    assert medians.count("not reached") == 1  # of nine of ten; the interval of the median is open above
    assert "4 days 1 day or more not reached" in medians


def test_the_parts_of_a_row_sum_to_its_whole(city: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    page = huda.get("/figures/time", language="en")
    row = next(words for words in page.words("tr") if "3 days 12:00:00" in words)
    assert row == "Identity renewal 00:00:00 00:00:00 00:00:00 3 days 12:00:00 00:00:00 3 days 12:00:00 6"
    detail = json.loads(next(one for one in file(huda, "parts") if one["service"] == "renewal")["detail"])
    assert sum(detail["seconds"].values()) == detail["elapsed_seconds"] == 21 * 86400


def test_open_cases_are_told_by_age_to_who_may_open_them(city: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/time", language="en")
    assert "7 cases are open, 2 of them overdue; the oldest for 125 days" in page.main
    assert f"/cases/unit?service={city.renewal.id}" in page.links()
    audited = sign_in("aziz").get("/figures/time", language="en")
    assert not [link for link in audited.links() if "/cases/unit" in link]
    young = next(
        words
        for words in audited.words("tr")
        if words.startswith("Identity renewal") and "days" in words and "hidden" in words
    )
    assert "under 5" in young


def test_the_heat_map_has_a_number_in_each_cell(city: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    page = huda.get("/figures/time/waits?branch=north", language="en")
    (ten,) = [words for words in page.words("tr") if words.startswith("09:00–10:00") and "n 8" in words]
    assert "10 n 8" in ten
    assert "Half waited longest on Thursday, 09:00–10:00: 10 min (n 8)" in page.main
    eleven = next(words for words in page.words("tr") if words.startswith("11:00–12:00"))
    assert "hidden" in eleven  # one person; and with it the next smallest hour, that nobody subtracts
    assert "100.0%" in page.main  # every promise was kept
    rows = file(huda, "waits", "?branch=north")
    told = {(row["weekday"], row["hour"]): row["value"] for row in rows}
    assert told == {("", ""): "10.0", ("4", "09"): "10.0", ("4", "11"): "", ("4", "12"): ""}
    assert "shut" not in page.words("tr")[1]


def test_load_is_drawn_beside_open_counters(city: Cast, sign_in: SignIn) -> None:
    omar = city.staff["omar"].actor
    with clock.at(day.when(-3, "09:00")), transaction() as session:
        counters.open_counter(session, actor=omar, counter_id=city.north_1.id)
    with clock.at(day.when(-3, "10:00")), transaction() as session:
        counters.close_counter(session, actor=omar)
    admin = sign_in("sara")
    page = admin.get("/figures/time/counters?branch=north&day=2026-10-01", language="en", status=200)
    assert "Most come from 09:00 on: 8 in half an hour; counters open: 1." in page.main
    names = [trace["name"].strip("\u2066\u2069") for trace in specs(page.html)[0]["data"]]
    assert names == ["Arrivals", "In the hall", "Counters open", "Counters needed"]
    rows = file(admin, "load", "?branch=north&day=2026-10-01")
    assert [(row["from"], row["arrivals"], row["open_counters"]) for row in rows[:2]] == [
        ("09:00", "8.0", "1.0"), ("09:30", "0.0", "1.0"),
    ]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_each_page_stands_in_both_languages_and_without_data(cast: Cast, sign_in: SignIn, path: str) -> None:
    assert sign_in("huda").get(path, status=200).heading.endswith("؟")  # the desk reads it in both
    assert sign_in("sara").get(f"{path}?period=4&branch=north&of=p90&weekday=9", status=200)


def test_a_day_that_is_none_is_refused_beside_its_field(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("sara").get("/figures/time/counters?day=nonsense", language="en", status=422)
    assert 'value="nonsense"' in page.html


@pytest.mark.parametrize("name", FILES)
def test_every_table_is_a_file(city: Cast, sign_in: SignIn, name: str) -> None:
    assert sign_in("huda").get(f"/figures/time/{name}.csv", status=200).data


def test_an_unknown_file_is_not_there(cast: Cast, sign_in: SignIn) -> None:
    sign_in("huda").get("/figures/time/nothing.csv", status=404)
