"""A day is read to its edges in every zone, and what followed it as long as it counts."""

import datetime as dt
from typing import Any

import pytest

from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from tests.kpi_makers import make_case, make_visit
from tests.makers import Cast, make_branch, make_person


def on(key: str, day: dt.date) -> Row:
    return service.figure(reading(), key, from_day=day, to_day=day).total


def test_the_first_and_the_last_second_of_a_far_day_count(cast: Cast) -> None:
    with transaction() as session:
        at: dict[str, Any] = {"service": cast.renewal, "days": 1}
        at["branch"] = make_branch(session, "auckland", timezone="Pacific/Auckland")
        for second in ("04T23:59:59", "05T00:00:00", "05T23:59:59", "06T00:00:00"):
            make_case(session, opened=f"2026-08-{second}+12:00", **at)
    assert on("time_to_resolution", dt.date(2026, 8, 5)).n == 2


def test_an_hour_that_comes_back_after_midnight_belongs_to_the_day_before(cast: Cast) -> None:
    """On 29 October 2006 the clocks of St. John's were put back from 00:01 to 23:01 of the day before."""
    with transaction() as session:
        branch = make_branch(session, "st-johns", timezone="America/St_Johns")
        make_case(session, opened="2006-10-29T03:00:00+00:00", days=1, branch=branch, service=cast.renewal)
    assert on("time_to_resolution", dt.date(2006, 10, 28)).n == 1
    assert on("time_to_resolution", dt.date(2006, 10, 29)).n == 0


def test_a_repeat_begins_no_matter_on_its_own_day(cast: Cast) -> None:
    with transaction() as session:
        person = make_person(session)
        for day in ("08-03", "08-10"):
            make_visit(session, day, person=person, branch=cast.north, service=cast.renewal)
        reclassify_all(session)
    first, second = (on("visits_per_matter", dt.date(2026, 8, day)) for day in (3, 10))
    assert (first.numerator, first.denominator) == (2, 1)
    assert second.denominator == 0


@pytest.mark.parametrize(("back", "share"), [("07-30", 1.0), ("07-31", 0.0)])
def test_a_return_counts_until_the_ninetieth_day(cast: Cast, back: str, share: float) -> None:
    with transaction() as session:  # 1 May + 90 days is 30 July
        person = make_person(session)
        for day in ("05-01", back):
            make_visit(session, day, person=person, branch=cast.north, service=cast.renewal)
        reclassify_all(session)
    row = on("returned_in_90_days", dt.date(2026, 5, 1))
    assert (row.value, row.n) == (share, 1)
