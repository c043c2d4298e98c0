"""What is a signal and what is ordinary variation: tables worked by hand, and what always holds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.process import (
    OUTSIDE,
    SHIFT,
    TREND,
    TWO_OF_THREE,
    Limits,
    Mark,
    assurance,
    p_prime,
    sense,
    variation,
    xmr,
)

FLAT = [10.0, 12.0] * 6  # mean 11, each moving range 2: limits 11 ± 5.32
NUMBERS = st.lists(st.integers(0, 1000).map(float), min_size=2, max_size=40)


def rules(values: list[float], **how: object) -> list[str | None]:
    return [mark.rule if mark else None for mark in xmr(values, **how).marks]  # type: ignore[arg-type]


def test_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    found = xmr(FLAT).limits[0]
    assert (found.mean, found.low, found.high) == pytest.approx((11, 5.68, 16.32))
    assert rules(FLAT) == [None] * 12


def test_a_moving_range_far_above_the_others_is_left_out_once() -> None:
    values = [*FLAT, 40.0, *FLAT]  # 24 ranges: 11 of 2, 28, 30, 11 of 2: mean 102 / 24 = 4.25, 13.88 times it
    assert xmr(values).limits[0].high == pytest.approx((24 * 11 + 40) / 25 + 2.66 * 2)
    assert xmr(values, is_screened=False).limits[0].high == pytest.approx((24 * 11 + 40) / 25 + 2.66 * 4.25)
    assert rules(values)[12] == OUTSIDE


def test_seven_that_rise_are_all_marked_and_six_are_not() -> None:
    rising = [11.0, 11.2, 11.4, 11.6, 11.8, 12.0, 12.2]
    assert rules([*FLAT, *rising])[12:] == [TREND] * 7
    assert TREND not in rules([*FLAT, *rising[:6], 12.0])
    assert TREND not in rules([*FLAT, 11.0, 11.2, 11.4, 11.4, 11.6, 11.8, 12.0])  # level is not rising


def test_seven_that_fall_are_marked_as_well() -> None:
    assert rules([*FLAT, 12.2, 12.0, 11.8, 11.6, 11.4, 11.2, 11.0], baseline=12)[12:] == [TREND] * 7


def test_seven_on_one_side_are_a_shift_and_one_on_the_mean_ends_the_run() -> None:
    assert (
        rules([*FLAT, 12.0, 13.0, 12.0, 13.0, 12.0, 13.0, 12.0], baseline=12)[11:] == [SHIFT] * 8
    )  # the last 12
    assert rules([*FLAT, 11.0, 12.0, 13.0, 12.0, 13.0, 12.0, 13.0], baseline=12)[12:] == [None] * 7


def test_two_of_three_near_a_limit_are_marked_and_the_third_is_not() -> None:
    assert rules([*FLAT, 15.0, 11.5, 15.0], baseline=12)[12:] == [TWO_OF_THREE, None, TWO_OF_THREE]
    assert rules([*FLAT, 15.0, 10.5, 15.0], baseline=12)[12:] == [None] * 3  # one on the other side
    assert (
        rules([*FLAT, 14.54, 11.5, 15.0], baseline=12)[12:] == [None] * 3
    )  # 2σ is 11 + 5.32 × 2 / 3 = 14.547
    assert rules([*FLAT, 20.0, 11.5, 15.0], baseline=12)[12:] == [OUTSIDE, None, None]  # outside is not near


def test_the_first_rule_that_fits_names_the_point() -> None:
    rising = [12.5, 13.0, 13.5, 14.0, 14.6, 15.2, 17.0]
    assert rules([*FLAT, *rising], baseline=12)[12:] == [TREND] * 6 + [OUTSIDE]


def test_a_new_process_begins_where_it_was_said() -> None:
    chart = xmr([*FLAT, 30.0, 32.0, 30.0, 32.0], rebased=[12])
    assert [one.mean for one in chart.limits] == [11] * 12 + [31] * 4
    assert chart.marks == (None,) * 16


def test_a_single_point_has_no_limits_and_none_have_no_chart() -> None:
    assert xmr([5.0]).limits == (Limits(5, -math.inf, math.inf),)
    assert xmr([]).limits == ()
    assert xmr([]).last is None


@pytest.mark.parametrize(
    ("side", "is_lower_better", "said"),
    [(1, True, "worse"), (-1, True, "better"), (1, False, "better"), (-1, False, "worse")],
)
def test_a_signal_is_good_or_bad_by_its_side(side: int, *, is_lower_better: bool, said: str) -> None:
    assert sense(Mark(SHIFT, side), is_lower_better=is_lower_better) == said
    assert sense(None, is_lower_better=is_lower_better) == "ordinary"


def test_fewer_than_twelve_points_are_not_judged() -> None:
    assert variation(xmr(FLAT[:11]), is_lower_better=True) == "few"
    assert variation(xmr(FLAT), is_lower_better=True) == "ordinary"
    assert assurance(xmr(FLAT[:11]), 3, is_lower_better=True) == "few"


@pytest.mark.parametrize(
    ("target", "is_lower_better", "said"),
    [
        (20, True, "passes"), (3, True, "fails"), (11, True, "hit_or_miss"), (16.3, True, "hit_or_miss"),
        (20, False, "fails"), (3, False, "passes"), (None, False, "none"),
    ],
)  # fmt: skip
def test_a_target_is_held_against_the_limits(
    target: float | None, *, is_lower_better: bool, said: str
) -> None:
    assert assurance(xmr(FLAT), target, is_lower_better=is_lower_better) == said


def test_large_denominators_get_limits_of_their_own_size() -> None:
    # shares .5, .6, .5, .6 of 100 each: mean .55, binomial sigma .0497494, z ∓1.005038, ranges 2.010076,
    # spread 2.010076 / 1.128 = 1.781982: .55 ± 3 × .0497494 × 1.781982 = .55 ± .265957
    chart = p_prime([(50, 100), (60, 100)] * 2)
    assert chart.limits[0].low == pytest.approx(0.284043, abs=1e-6)
    assert chart.limits[0].high == pytest.approx(0.815957, abs=1e-6)
    wide, narrow = p_prime([(50, 100), (600, 1000)]).limits
    assert wide.high - wide.low > narrow.high - narrow.low


def test_proportions_of_none_are_refused_and_certain_ones_have_no_spread() -> None:
    with pytest.raises(ValueError, match="none"):
        p_prime([(0, 0)])
    assert p_prime([(5, 5), (7, 7)]).limits == (Limits(1, 1, 1),) * 2
    assert p_prime([]).limits == ()


@given(NUMBERS)
def test_a_mirrored_course_has_the_mirrored_signals(values: list[float]) -> None:
    plain, mirrored = xmr(values), xmr([-value for value in values])
    assert [(one.rule, -one.side) if one else None for one in plain.marks] == [
        (one.rule, one.side) if one else None for one in mirrored.marks
    ]


@given(NUMBERS)
def test_no_ordinary_point_lies_outside(values: list[float]) -> None:
    chart = xmr(values)
    for value, limits, mark in zip(values, chart.limits, chart.marks, strict=True):
        assert (mark is not None and mark.rule == OUTSIDE) == (not limits.low <= value <= limits.high)


def test_equal_values_are_no_signal() -> None:
    chart = xmr([0.1] * 12)  # whose sum, divided again, is a little less
    assert set(chart.marks) == {None}
    assert chart.limits[0] == Limits(0.1, 0.1, 0.1)
