"""Kaplan-Meier: open ones count, and one half is exactly one half."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk import chance
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.statistics import Z95
from govdesk.kpi.survival import HALF, NINE_TENTHS, curve_of, kaplan_meier, provisional_rate
from tests.rules.expected_files import cases, expected_json

REFERENCE = expected_json("km.json")
MAINTAINED = [
    (9, 1),
    (13, 1),
    (13, 0),
    (18, 1),
    (23, 1),
    (28, 0),
    (31, 1),
    (34, 1),
    (45, 0),
    (48, 1),
    (161, 0),
]
NONMAINTAINED = [*((t, 1) for t in (5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45)), (16, 0)]


def observed(pairs: list[tuple[int, int]]) -> list[tuple[float, bool]]:
    return [(time, bool(ended)) for time, ended in pairs]


@pytest.mark.parametrize("case", cases(REFERENCE.get("cases")), ids=lambda case: case["name"])
def test_a_reference_curve(case: dict[str, Any]) -> None:
    curve = kaplan_meier(observed(list(zip(case["durations"], case["closed"], strict=True))))
    for time, share in case["S"].items():
        assert curve.at(float(time)) == pytest.approx(share, abs=1e-9)
    found = [curve.quantile(p) for p in (HALF, Fraction(3, 4), NINE_TENTHS)]
    assert found == [case["median"], case["p75"], case["p90"]]


@pytest.mark.parametrize(("pairs", "expected"), [(MAINTAINED, (13, None)), (NONMAINTAINED, (5, 33))])
def test_the_log_log_interval_of_the_median_of_the_leukaemia_data(
    pairs: list[tuple[int, int]], expected: tuple[int, int | None]
) -> None:
    assert kaplan_meier(observed(pairs)).quantile_interval() == expected


def test_the_log_log_interval_of_s_by_hand() -> None:
    """One of four: S = .75, variance of log S = 1/12; .75 ^ exp(±1.96 √(1/12) / ln .75)."""
    curve = kaplan_meier(observed([(1, 1), (2, 0), (2, 0), (2, 0)]))
    assert curve.interval_at(1) == pytest.approx((0.127948, 0.960547), abs=5e-6)
    assert curve.interval_at(0.5) == (1.0, 1.0)


def test_one_half_is_exactly_one_half() -> None:
    """4/6 × 3/4 multiplied in floating point may miss it; five sixths to one half in three steps."""
    curve = kaplan_meier(observed([(2, 1), (4, 1), (6, 1), (10, 0), (10, 0), (10, 0)]))
    assert (curve.quantile(), curve.exact_at(6)) == (6, Fraction(1, 2))


def test_open_at_the_time_of_an_event_was_at_risk() -> None:
    assert kaplan_meier(observed([(5, 0), (5, 1)])).at_risk == (2,)


def test_no_observations_are_no_data() -> None:
    curve = kaplan_meier([])
    assert (curve.at(1), curve.exact_at(1), curve.interval_at(1), curve.quantile()) == (
        None,
        None,
        None,
        None,
    )
    assert provisional_rate([], 30) is None


def test_nobody_ended_yet() -> None:
    curve = kaplan_meier(observed([(3, 0), (5, 0)]))
    assert (curve.at(5), curve.quantile(), curve.quantile_interval()) == (1.0, None, (None, None))


def test_beyond_the_last_observation_nothing_is_known() -> None:
    curve = kaplan_meier(observed([(3, 1), (5, 0)]))
    assert (curve.at(5), curve.at(5.1), curve.interval_at(6)) == (0.5, None, None)
    assert kaplan_meier(observed([(3, 0), (5, 1)])).at(100) == 0.0


def test_a_cohort_too_young_for_the_window_has_no_provisional_figure() -> None:
    young = observed([(3, 1), (10, 0), (12, 0)])
    assert provisional_rate(young, 30) is None
    rate, (low, high) = provisional_rate([*young, (30, False)], 30) or (-1, (0, 0))
    assert rate == pytest.approx(0.25)
    assert low < rate < high


def test_a_provisional_figure_does_not_flatter_the_young() -> None:
    """A fifth returns, on day 20; half of the people have been watched for ten days only."""
    cohort = [(10.0, False)] * 50 + [(20.0, True)] * 10 + [(32.0, False)] * 40
    rate, _ = provisional_rate(cohort, 30) or (-1, (0, 0))
    assert rate == pytest.approx(0.2)


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        kaplan_meier([(-1, True)])


def test_a_hundred_thousand_durations() -> None:
    """Everybody ends, one a moment; every tenth is watched no longer than that moment."""
    curve = kaplan_meier([(float(i), i % 10 != 0) for i in range(1, 100_001)])
    median = curve.quantile() or 0.0
    assert (curve.exact_at(median) or 1) <= HALF < (curve.exact_at(median - 1) or 0)


pairs_of_observations = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=40)


@settings(deadline=None)
@given(
    pairs_of_observations, st.sampled_from([HALF, NINE_TENTHS, Fraction(3, 4), Fraction(1, 3), Fraction(1)])
)
def test_the_curve_is_that_of_plain_fractions(pairs: list[tuple[int, int]], p: Fraction) -> None:
    curve, share, quantile = kaplan_meier(observed(pairs)), Fraction(1), None
    for time in range(13):
        at_risk = sum(t >= time for t, _ in pairs)
        ended = sum(t == time and bool(e) for t, e in pairs)
        if at_risk:
            share *= Fraction(at_risk - ended, at_risk)
            assert curve.exact_at(time) == share
            assert curve.at(time) == pytest.approx(float(share), abs=1e-12)
        if quantile is None and ended and share <= 1 - p:
            quantile = time
    assert curve.quantile(p) == quantile


def step_by_step(pairs: list[tuple[int, int]]) -> list[tuple[int, Fraction, float, float]]:
    """At each time of events S, and its limits with Greenwood's sum added up event by event."""
    share, variance, limits, found = Fraction(1), 0.0, (1.0, 1.0), []
    for time in sorted({t for t, ended in pairs if ended}):
        at_risk = sum(t >= time for t, _ in pairs)
        ended = sum(t == time and bool(e) for t, e in pairs)
        share *= Fraction(at_risk - ended, at_risk)
        limits = (0.0, limits[1])
        if at_risk > ended:
            variance += ended / (at_risk * (at_risk - ended))
            theta = Z95 * math.sqrt(variance) / math.log(share)
            limits = share ** math.exp(-theta), share ** math.exp(theta)
        found.append((time, share, *limits))
    return found


def agrees(pairs: list[tuple[int, int]]) -> None:
    curve, steps = kaplan_meier(observed(pairs)), step_by_step(pairs)
    assert curve.times == tuple(time for time, *_ in steps)
    assert [curve.exact_at(time) for time in curve.times] == [share for _, share, *_ in steps]
    assert curve.survival == pytest.approx([float(share) for _, share, *_ in steps], abs=1e-12)
    for side in (0, 1):
        assert [bound[side] for bound in curve.bounds] == pytest.approx([one[2 + side] for one in steps])
    for p in (HALF, NINE_TENTHS, Fraction(1, 3)):
        limit = 1 - p
        assert curve.quantile(p) == next((time for time, share, *_ in steps if share <= limit), None)
        for side, bound in enumerate(curve.quantile_interval(p)):
            sure, likely = (
                next((one[0] for one in steps if one[2 + side] <= float(limit) * (1 + slack)), None)
                for slack in (-1e-12, 1e-12)
            )
            assert bound in {sure, likely}


@settings(deadline=None)
@given(pairs_of_observations)
def test_the_steps_between_removals_are_those_of_event_by_event(pairs: list[tuple[int, int]]) -> None:
    agrees(pairs)


def test_many_steps_are_those_of_event_by_event() -> None:
    draw = chance.seeded(("curve",))
    agrees([(draw.randrange(10_000), int(draw.random() < 0.9)) for _ in range(1_500)])


@settings(deadline=None)
@given(pairs_of_observations)
def test_lengths_in_parts_of_a_unit_give_the_same_curve(pairs: list[tuple[int, int]]) -> None:
    ended, still_open = (
        Lengths(10 * time for time, ended in pairs if bool(ended) is side) for side in (True, False)
    )
    curve, plain = curve_of(ended, still_open, 10), kaplan_meier(observed(pairs))
    assert (curve.times, curve.bounds, curve.at_risk, curve.events) == (
        plain.times, plain.bounds, plain.at_risk, plain.events,
    )  # fmt: skip
    assert (curve.n, curve.open_count, curve.longest) == (plain.n, plain.open_count, plain.longest)
    for time in (0, 1.5, 7, 12):
        assert curve.at(time) == plain.at(time)
        assert curve.watched(time) == sum(length >= time for length, _ in pairs)
    assert curve.thinned(1)[-1:] == plain.thinned(40)[-1:]


def test_whole_stretches_of_a_long_curve_are_passed_by_and_none_is_missed() -> None:
    draw = chance.seeded(("long curve",))
    pairs = [(draw.randrange(10**9), draw.random() < 0.8) for _ in range(40_000)]
    curve = kaplan_meier(pairs)
    for p in (HALF, NINE_TENTHS, Fraction(1, 100), Fraction(999, 1000)):
        reached = [
            next(
                (time for time, bound in zip(curve.times, curve.bounds, strict=True) if bound[side] <= 1 - p),
                None,
            )
            for side in (0, 1)
        ]
        assert list(curve.quantile_interval(p)) == reached
