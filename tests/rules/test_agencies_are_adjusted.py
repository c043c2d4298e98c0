"""Agencies adjusted for their services by the codes that they share: expected counts by hand."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from govdesk.kpi.comparing import Comparison, Unit
from govdesk.kpi.feeds import agencies, rules
from govdesk.kpi.feeds.agencies import Agency
from tests.feeds import coded, figure, published

KEY = "repeat_visit_rate"
AT = dt.datetime(2026, 10, 2, tzinfo=dt.UTC)
Counts = Mapping[str, tuple[int, int] | None]


def agency(name: str, counted: int, people: int, codes: Counts | None = None, **more: Any) -> Agency:
    """An agency that published one share, by codes too where it has any."""
    key = more.get("key", KEY)
    figures = [figure(key, counted, people), *([coded(key, codes)] if codes else [])]
    return Agency(name, name, name, 1, "2026-10-02", AT, rules.told(published("2026-09", figures=figures)))


def unit(one: Comparison, code: str) -> Unit:
    return next(unit for unit in one.units if unit.code == code)


def test_an_agency_is_held_against_what_its_services_lead_one_to_expect() -> None:
    # hard: 60 of 200 return at both together, easy: 30 of 300; one in three of "own" is nobody else's
    found = agencies.compare(
        [
            agency("a", 50, 200, {"n:HARD": (40, 100), "n:EASY": (10, 100)}),
            agency("b", 70, 390, {"n:HARD": (20, 100), "n:EASY": (20, 200), "n:OWN": (30, 90)}),
        ],
        KEY,
    )
    a, b = unit(found, "a").adjusted, unit(found, "b").adjusted
    assert a is not None
    assert b is not None
    # 100 × .3 + 100 × .1 = 40 and 100 × .3 + 200 × .1 = 50; of 50 and 40 found the exact limits are known
    assert (a.observed, b.observed) == (50, 40)
    assert [a.expected, b.expected] == pytest.approx([40, 50])
    assert a.ratio == pytest.approx((1.25, 37.1110 / 40, 65.9188 / 40), abs=1e-5)
    assert b.ratio == pytest.approx((0.8, 28.5766 / 50, 54.4686 / 50), abs=1e-5)
    # both: 90 of 500 = .18, so a has .18 × 1.25
    assert [a.value, b.value] == pytest.approx([0.225, 0.144])
    assert [one.covered for one in found.units] == [1, 300 / 390]
    assert found.is_adjusted


def test_of_a_measure_that_is_better_when_higher_the_failures_are_counted() -> None:
    # of 100 in each: 20 and 40 were not served in time, 30 expected of either
    found = agencies.compare(
        [
            agency("a", 80, 100, {"n:A": (80, 100)}, key="service_level"),
            agency("b", 60, 100, {"n:A": (60, 100)}, key="service_level"),
        ],
        "service_level",
    )
    told = unit(found, "a").adjusted
    assert told is not None
    assert told.observed == 20
    assert told.expected == pytest.approx(30)
    row = next(row for row in agencies.as_file(found).rows if row.group["agency"] == "a")
    assert row.detail["ratio"] == pytest.approx(2 / 3)
    assert row.detail["adjusted"] == pytest.approx(0.8)


def test_below_the_bound_an_agency_stands_as_it_is_and_still_says_how_a_code_goes() -> None:
    some = [
        agency("a", 10, 100, {"n:A": (10, 100)}),
        agency("b", 90, 500, {"n:A": (30, 100)}),  # a fifth of its people
        agency("c", 30, 100),
    ]
    found = agencies.compare(some, KEY)
    a = unit(found, "a").adjusted
    assert a is not None
    assert a.expected == pytest.approx(20)  # 40 of 200 at both
    assert [(one.code, one.adjusted is None, one.covered, one.crude) for one in found.units] == [
        ("a", False, 1, ""), ("b", True, 0.2, "uncovered"), ("c", True, None, "uncoded"),
    ]  # fmt: skip
    rows = {row.group["agency"]: row.detail for row in agencies.as_file(found).rows}
    assert rows["b"] == {"covered": 0.2, "not_adjusted": "uncovered"}
    assert rows["c"] == {"not_adjusted": "uncoded"}


@pytest.mark.parametrize(("people", "is_adjusted"), [(166, True), (167, False)])
def test_the_bound_is_six_of_ten(people: int, is_adjusted: bool) -> None:  # noqa: FBT001 - a table
    found = agencies.compare(
        [agency("a", 20, people, {"n:A": (10, 100)}), agency("b", 30, 100, {"n:A": (30, 100)})], KEY
    )
    assert (unit(found, "a").adjusted is not None) == is_adjusted


def test_the_same_services_with_more_of_the_hard_ones_are_not_a_signal() -> None:
    # in each agency half of the hard visits and a tenth of the easy ones return; only the mix differs
    some = []
    for name, hard in (("a", 100), ("b", 200), ("c", 300), ("d", 400), ("e", 500), ("f", 900)):
        easy = 1000 - hard
        counts = {"n:HARD": (hard // 2, hard), "n:EASY": (easy // 10, easy)}
        some.append(agency(name, hard // 2 + easy // 10, 1000, counts))
    found = agencies.compare(some, KEY)
    assert found.funnel is not None
    assert [one.place for one in found.units] == ["inside"] * 6
    # 1200 of 2400 and 360 of 3600: 1560 of 6000
    assert found.funnel.share == pytest.approx(0.26)
    for one in found.units:
        assert one.adjusted is not None
        assert one.adjusted.value == pytest.approx(0.26)
    assert found.funnel.between == 0


def test_who_has_no_codes_stands_in_the_same_funnel_as_it_is() -> None:
    some = [agency(name, 20, 100, {"n:A": (20, 100)}) for name in ("a", "b", "c", "d", "e")]
    found = agencies.compare([*some, agency("f", 20, 100), agency("g", 60, 100)], KEY)
    assert {one.code: one.place for one in found.units} == {
        **dict.fromkeys("abcdef", "inside"), "g": "far_high",
    }  # fmt: skip
    assert [one.code for one in found.units if one.crude == "uncoded"] == ["f", "g"]


def test_without_any_codes_the_comparison_is_the_one_of_before() -> None:
    some = [agency(name, 30 + place, 200) for place, name in enumerate("abcde")]
    found = agencies.compare([*some, agency("f", 90, 200)], KEY)
    assert not found.is_adjusted
    assert [one.code for one in found.outside] == ["f"]
    assert all(one.adjusted is None and one.covered is None for one in found.units)


def test_where_nobody_failed_anywhere_there_is_no_ratio() -> None:
    found = agencies.compare(
        [agency("a", 0, 100, {"n:A": (0, 100)}), agency("b", 0, 100, {"n:A": (0, 100)})], KEY
    )
    row = agencies.as_file(found).rows[0]
    assert (row.detail["observed"], row.detail["expected"], row.detail["ratio"]) == (0, 0, None)
