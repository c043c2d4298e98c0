"""Units compared by funnel: limits worked by hand, and what always holds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.funnels import Z998, Funnel, funnel
from govdesk.kpi.statistics import Z95

UNITS = st.lists(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=30
)


def test_alike_units_differ_by_less_than_chance() -> None:
    found = funnel([(50, 100), (50, 100), (50, 100)])
    assert found == Funnel(0.5, 0.0, 0.0)


def test_two_units_worked_by_hand() -> None:
    # 40 and 60 of 100: together .5, angle π/4; angles asin √.4 = .684719, asin √.6 = .886077; s = .05;
    # z = ∓2.013579; type-7 quantiles at 10 % of two: ∓1.610863; φ = 2.594880;
    # w = 400 each: τ² = (2 × 2.594880 − 1) / (800 − 320000 / 800) = .01047440
    found = funnel([(40, 100), (60, 100)])
    assert found is not None
    assert found.dispersion == pytest.approx(2.594880, abs=1e-5)
    assert found.between == pytest.approx(0.0104744, abs=1e-6)


def test_limits_lie_on_the_arcsine_scale() -> None:
    low, high = Funnel(0.5, 1, 0).bounds(100, Z95)
    assert (low, high) == pytest.approx((0.402628, 0.597372), abs=1e-6)  # (1 ± sin(2 × 1.959964 × .05)) / 2
    wider = Funnel(0.5, 2, 0.0025).bounds(100, Z95)
    assert wider == pytest.approx((math.sin(math.pi / 4 - Z95 * math.sqrt(0.005)) ** 2, 1 - wider[0]))


@pytest.mark.parametrize(
    ("count", "place"),
    [
        (50, "inside"),
        (59, "inside"),
        (60, "high"),
        (41, "inside"),
        (40, "low"),
        (66, "far_high"),
        (34, "far_low"),
    ],
)
def test_a_unit_lies_inside_or_beyond(count: int, place: str) -> None:
    assert Funnel(0.5, 1, 0).place(count, 100) == place


def test_what_units_differ_by_anyway_is_no_signal() -> None:
    assert Funnel(0.5, 9, 0.02).place(66, 100) == "inside"
    assert Funnel(0.5, 9, 0.02).place(66, 100, is_adjusted=False) == "far_high"


def test_one_unit_is_compared_with_nobody_and_units_without_data_do_not_count() -> None:
    assert funnel([]) is None
    assert funnel([(1, 2), (0, 0)]) is None


@given(UNITS)
def test_the_share_of_all_lies_within_every_limit(units: list[tuple[int, int]]) -> None:
    found = funnel(units)
    assert found is not None
    assert found.between >= 0
    for _, n in units:
        low, high = found.bounds(n, Z95)
        assert 0 <= low <= found.share + 1e-12
        assert found.share - 1e-12 <= high <= 1


@given(st.floats(0, 1), st.floats(0, 0.1), st.sampled_from([Z95, Z998]), st.integers(1, 2000))
def test_limits_draw_nearer_as_units_grow(share: float, between: float, z: float, n: int) -> None:
    low, high = Funnel(share, 1, between).bounds(n, z)
    lower, higher = Funnel(share, 1, between).bounds(n + 1, z)
    assert low <= lower + 1e-12
    assert higher <= high + 1e-12


def test_none_of_a_few_is_no_signal() -> None:
    # at one in twenty, none of 20 happens to 36 % of units (.95^20), none of 72 to 2.5 %, none of 135 to .1 %
    made = Funnel(0.05, 1, 0)
    assert [made.place(0, n) for n in (20, 71, 72, 134, 135)] == ["inside"] * 2 + ["low"] * 2 + ["far_low"]
    other = Funnel(0.95, 1, 0)
    assert [other.place(n, n) for n in (71, 72, 135)] == ["inside", "high", "far_high"]


def test_where_all_units_have_none_all_are_alike() -> None:
    found = funnel([(0, 5), (0, 400)])
    assert found == Funnel(0.0, 0.0, 0.0)
    assert found.place(0, 400) == "inside"
    assert found.bounds(5, Z95)[0] == 0
    assert funnel([(5, 5), (400, 400)]) == Funnel(1.0, 0.0, 0.0)


def test_few_units_are_rarely_outside_their_own_spread() -> None:
    found = funnel([(10, 100), (12, 100), (60, 100)])
    assert found is not None
    assert [found.place(*unit) for unit in ((10, 100), (12, 100), (60, 100))] == ["inside"] * 3
    assert found.place(60, 100, is_adjusted=False) == "far_high"
