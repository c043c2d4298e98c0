"""New York's 311 requests about animals: as cases they take time, as visits they come again."""

import csv
import datetime as dt
import io
from collections import defaultdict
from itertools import pairwise

import pytest
from flask import Flask

from govdesk.config import Settings
from tests.realdata.real_files import bring, figures, real, run

pytestmark = real
HOURS = 24


def test_as_cases_they_take_the_time_of_the_reference(app: Flask, settings: Settings) -> None:
    assert "4,969 new" in bring(settings, "cases", "nyc311_animals.csv.gz", "nyc311")
    row = figures(settings, "time_to_resolution")["time_to_resolution"][0]
    assert (row["open"], row["n"]) == (277, 4969)
    assert row["value"] * HOURS == pytest.approx(5.7, abs=1e-9)
    assert row["detail"]["p90"] * HOURS == pytest.approx(103.2, abs=1e-9)
    closed = row["detail"]["closed_only"]
    assert closed["median"] * HOURS == pytest.approx(4.4833, abs=1e-4)
    assert closed["p90"] * HOURS == pytest.approx(73.0767, abs=1e-4)


def test_as_visits_the_same_place_comes_again(app: Flask, settings: Settings) -> None:
    assert "4,969 new" in bring(settings, "visits", "nyc311_animals.csv.gz", "nyc311-visits")
    row = figures(settings, "avoidable_visit_share")["avoidable_visit_share"][0]
    assert (row["numerator"], row["unlinked"]) == (1413, 23)
    # 4,946 rows have a place; two of them were made in the same minute as another: one visit each
    assert row["denominator"] == 4944


def test_counted_by_elapsed_time_it_is_the_number_of_the_reference(app: Flask, settings: Settings) -> None:
    bring(settings, "visits", "nyc311_animals.csv.gz", "nyc311-visits")
    places: dict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
    listed = list(csv.DictReader(io.StringIO(run(settings, "export", "visits").stdout)))
    for visit in listed:
        if visit["beneficiary"]:
            began = dt.datetime.fromisoformat(visit["started_at"])
            places[visit["beneficiary"], visit["service"]].append(began)
    gaps = [later - earlier for moments in places.values() for earlier, later in pairwise(sorted(moments))]
    assert sum(map(len, places.values())) == 4946
    assert [sum(gap <= dt.timedelta(days=days) for gap in gaps) for days in (30, 7)] == [1413, 1108]
    # our definition counts local days, and two requests of one minute as one visit
    by_days = [int(visit["gap_days"]) for visit in listed if visit["class"] == "repeat"]
    assert [sum(gap <= days for gap in by_days) for days in (30, 7)] == [1413, 1134]
