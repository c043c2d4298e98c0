"""More may be booked than can be served only where chance evens out, and only as far as chance allows."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from govdesk.booking.schedule.overbooking import LEAST_SHARE, POOL, RISK, allowed, show_rate

SHARES = st.floats(0.3, 1)
POOLS = st.integers(POOL, 120)


def overflow(booked: int, capacity: int, share: float) -> float:
    """P(more than `capacity` of `booked` come), summed exactly with whole binomial coefficients."""
    return math.fsum(
        math.comb(booked, come) * share**come * (1 - share) ** (booked - come)
        for come in range(capacity + 1, booked + 1)
    )


@pytest.mark.parametrize(
    ("capacity", "share", "expected"),
    [
        (20, 0.8, 22),  # P(more than 20 of 22) = 22 x .8^21 x .2 + .8^22 = .0480; of 23 it is .1332
        (10, 0.8, 10),  # .8^11 = .0859 of one too many already
        (10, 0.7, 11),  # .7^11 = .0198; of 12 it is 12 x .7^11 x .3 + .7^12 = .0850
        (8, 0.9, 8),
        (30, 0.7, 37),
        (50, 0.7, 63),
        (50, 0.85, 54),
        (50, 0.95, 50),
        (100, 0.5, 179),
        (100, 0.9, 106),
        (40, 1.0, 40),
        (1, 0.2, 1),  # P(both come) = .04, and yet one desk is no pool
        (7, 0.1, 7),
        (0, 0.5, 0),
    ],
)
def test_so_many_may_be_booked(capacity: int, share: float, expected: int) -> None:
    assert allowed(capacity, share) == expected


def test_fewer_than_one_in_twenty_are_never_believed_to_come() -> None:
    assert allowed(20, 0.0) == allowed(20, 0.01) == allowed(20, LEAST_SHARE)


def test_the_tail_of_22_is_what_a_hand_sums() -> None:
    assert overflow(22, 20, 0.8) == pytest.approx(0.0480, abs=0.00005)
    assert overflow(11, 10, 0.8) == pytest.approx(0.8**11)


def test_a_pool_of_ten_thousand_does_not_round_to_nothing() -> None:
    n = allowed(10_000, 0.9)
    middle, spread = n * 0.9, (n * 0.9 * 0.1) ** 0.5
    assert n > 10_000
    assert (10_000.5 - middle) / spread == pytest.approx(1.645, abs=0.03)  # the normal's 95 % point


@given(POOLS, SHARES)
def test_it_is_the_largest_number_within_the_risk(capacity: int, share: float) -> None:
    n = allowed(capacity, share)
    tail, following = overflow(n, capacity, share), overflow(n + 1, capacity, share)
    assume(abs(tail - RISK) > 1e-9)
    assume(abs(following - RISK) > 1e-9)
    assert capacity <= n
    assert tail <= RISK
    assert following > RISK or share == 1


@given(POOLS, SHARES, SHARES)
def test_who_come_more_surely_are_overbooked_less(capacity: int, one: float, other: float) -> None:
    assert allowed(capacity, max(one, other)) <= allowed(capacity, min(one, other))


@given(POOLS, SHARES)
def test_a_larger_pool_takes_no_fewer(capacity: int, share: float) -> None:
    assert allowed(capacity + 1, share) > allowed(capacity, share)


def test_without_a_past_everybody_comes() -> None:
    assert show_rate(0, 0) == 1.0


@pytest.mark.parametrize(
    ("came", "expected", "share"),
    [
        (8, 10, (8 + 30) / (10 + 30)),  # .95, drawn towards all; measured upper bound .9433
        (160, 200, (160 + 30) / (200 + 30)),
        (1600, 2000, (1600 + 30) / (2000 + 30)),
    ],
)
def test_the_share_is_drawn_towards_all_and_stays_under_the_measured_bound(
    came: int, expected: int, share: float
) -> None:
    bounds = {10: 0.943318, 200: 0.849571, 2000: 0.816939}  # Wilson, 95 %
    assert show_rate(came, expected) == pytest.approx(min(share, bounds[expected]), abs=2e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_share_is_never_below_the_measured_one(came: int, missed: int) -> None:
    assume(came + missed > 0)
    assert came / (came + missed) - 1e-12 <= show_rate(came, came + missed) <= 1


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_nought_and_one_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="a share"):
        allowed(20, share)
