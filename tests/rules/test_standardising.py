"""Case mix taken out of a comparison: expected counts by hand, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.funnels import funnel
from govdesk.kpi.standardising import standardise

SIZES = st.dictionaries(
    st.sampled_from("abcd"), st.dictionaries(st.sampled_from("xyz"), st.integers(1, 400)), min_size=2
)
COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
UNITS = st.dictionaries(st.sampled_from("abcd"), st.dictionaries(st.sampled_from("xyz"), COUNTS), min_size=2)


def test_a_unit_with_the_hard_service_is_as_good_as_the_other() -> None:
    # hard: 40 of 100 together; easy: 10 of 100. North has 90 hard and 10 easy: 36 + 1 expected, 37 found.
    found = standardise(
        {"north": {"hard": (36, 90), "easy": (1, 10)}, "port": {"hard": (4, 10), "easy": (9, 90)}}
    )
    north, port = found["north"], found["port"]
    assert (north.observed, north.n, north.apart) == (37, 100, 0)
    assert north.expected == pytest.approx(37)
    assert north.crude == 0.37
    assert north.share == north.value == pytest.approx(0.25)
    assert port.crude == 0.13
    assert port.value == pytest.approx(0.25)
    assert north.usual == pytest.approx(148)  # 37 expected at one in four


def test_the_ratio_is_that_of_the_definition() -> None:
    # 47.5 expected: 475 people at one in ten, with 52 found; the other unit holds 43 of its 475
    found = standardise({"a": {"s": (52, 475)}, "b": {"s": (43, 475)}})["a"]
    assert found.expected == pytest.approx(47.5)
    assert found.ratio == pytest.approx((1.0947, 0.8176, 1.4356), abs=5e-5)


def test_what_nobody_else_offers_is_in_neither_part() -> None:
    found = standardise({"a": {"s": (5, 50), "own": (30, 40)}, "b": {"s": (5, 50)}, "c": {"other": (1, 9)}})
    assert (found["a"].observed, found["a"].n, found["a"].apart) == (5, 50, 40)
    assert found["a"].ratio is not None
    assert found["a"].ratio[0] == 1
    assert "c" not in found


def test_where_nothing_was_counted_anywhere_there_is_no_ratio() -> None:
    found = standardise({"a": {"s": (0, 20)}, "b": {"s": (0, 30)}})["a"]
    assert (found.expected, found.ratio, found.value, found.usual) == (0, None, 0, 20)


@given(SIZES, st.integers(1, 9))
def test_services_that_go_alike_need_no_adjustment(sizes: dict[str, dict[str, int]], tenths: int) -> None:
    units: dict[str, dict[str | None, tuple[int, int]]] = {
        unit: {service: (tenths * n, 10 * n) for service, n in own.items()} for unit, own in sizes.items()
    }
    for one in standardise(units).values():
        assert one.value == pytest.approx(one.crude)
        assert one.usual == pytest.approx(one.n)
        assert one.expected == pytest.approx(one.n * tenths / 10)


@given(UNITS)
def test_as_many_are_expected_as_were_found(units: dict[str, dict[str | None, tuple[int, int]]]) -> None:
    found = standardise(units)
    assert sum(one.expected for one in found.values()) == pytest.approx(
        sum(one.observed for one in found.values())
    )
    for unit, one in found.items():
        assert one.n + one.apart == sum(n for _, n in units[unit].values())
        assert one.ratio is None or one.ratio[1] <= one.ratio[0] <= one.ratio[2]
        assert 0 <= one.value <= 1


@given(UNITS)
def test_adjusted_units_make_a_funnel(units: dict[str, dict[str | None, tuple[int, int]]]) -> None:
    adjusted = [(one.value * one.usual, one.usual) for one in standardise(units).values()]
    made = funnel(adjusted)
    for count, n in adjusted:
        if made is not None and n:
            assert made.place(count, n) in {"inside", "high", "low", "far_high", "far_low"}
