"""The one fair order, and how long a newcomer waits."""

import datetime as dt
import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.queue import rules

NINE = dt.datetime(2026, 10, 14, 9, 0, tzinfo=dt.UTC)
EXPECTED = Path(os.environ.get("GOVDESK_EXPECTED", Path(__file__).parents[3] / "shared" / "expected"))


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def test_an_appointment_is_due_exactly_at_its_minute() -> None:
    assert rules.callable_from(NINE - minutes(30), NINE) == NINE
    assert rules.callable_from(NINE + minutes(5), NINE) == NINE + minutes(5)
    assert rules.callable_from(NINE, None) == NINE


@pytest.mark.parametrize(("count", "number"), [(1, "A001"), (47, "A047"), (999, "A999"), (1000, "A1000")])
def test_numbers_are_padded_to_three_digits(count: int, number: str) -> None:
    assert rules.number("A", count) == number


@pytest.mark.parametrize(
    ("verb", "state", "allowed"),
    [
        ("call", "waiting", True),
        ("call", "held", False),
        ("call", "served", False),
        ("recall", "called", True),
        ("recall", "serving", False),
        ("start", "called", True),
        ("hold", "serving", True),
        ("resume", "held", True),
        ("resume", "waiting", False),
        ("take_back", "noshow", True),
        ("take_back", "served", False),
        ("conclude", "served", False),
        ("transfer", "held", True),
        ("abandon", "serving", False),
    ],
)
def test_what_may_follow_what(verb: str, state: str, *, allowed: bool) -> None:
    assert rules.may(verb, state) is allowed


def test_two_ahead_at_five_counters_of_eight_minutes_wait_between_1_76_and_8_52_minutes() -> None:
    low, high = rules.wait_range(2, 5, 8.0)
    assert rules.expected_wait(2, 5, 8.0) == pytest.approx(4.8)
    assert low == pytest.approx(1.76330, abs=5e-6)
    assert high == pytest.approx(8.51571, abs=5e-6)


@pytest.mark.skipif(not EXPECTED.exists(), reason="the folder of reference values is not here")
def test_ranges_and_means_agree_with_the_reference() -> None:
    reference = json.loads((EXPECTED / "queueing.json").read_text())
    for row in reference["ql_prediction_interval_s5_mean8"]:
        low, high = rules.wait_range(row["ahead"], 5, 8.0)
        assert rules.expected_wait(row["ahead"], 5, 8.0) == pytest.approx(row["mean"], rel=1e-12)
        assert low == pytest.approx(row["p10"], rel=1e-9)
        assert high == pytest.approx(row["p90"], rel=1e-9)
    for step, mean in enumerate(reference["qlm_mean_s5_mu.125_theta.05"]):  # 0, 2, 4 … ahead
        assert rules.expected_wait(2 * step, 5, 8.0, 0.05) == pytest.approx(mean, rel=1e-12)


@given(ahead=st.integers(0, 400), counters=st.integers(1, 40))
def test_a_range_holds_its_mean_and_grows_with_the_line(ahead: int, counters: int) -> None:
    low, high = rules.wait_range(ahead, counters, 8.0)
    assert 0 < low < rules.expected_wait(ahead, counters, 8.0) < high < math.inf
    assert rules.wait_range(ahead + 1, counters, 8.0)[1] > high


def test_without_data_the_declared_length_stands_and_data_slowly_take_over() -> None:
    assert rules.learned_minutes(10, []) == 10
    assert rules.learned_minutes(10, [20] * 20) == 15
    assert rules.learned_minutes(10, [20] * 180) == pytest.approx(19)
