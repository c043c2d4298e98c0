"""Spans of time joined, shared and taken away, as one would do it minute by minute."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.spans import Span, both, joined, present, seconds, without
from tests.makers import moment

Pairs = list[tuple[str, str]]
LENGTH = 30
BEGIN = moment("09:00")
SOME = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=5)


def spans(pairs: Pairs) -> list[Span]:
    return [(moment(start), moment(end)) for start, end in pairs]


@pytest.mark.parametrize(
    ("some", "others", "shared", "rest"),
    [
        ([("09:00", "10:00")], [], [], [("09:00", "10:00")]),
        (
            [("09:00", "10:00")],
            [("09:20", "09:30")],
            [("09:20", "09:30")],
            [("09:00", "09:20"), ("09:30", "10:00")],
        ),
        ([("09:00", "10:00")], [("08:00", "09:10")], [("09:00", "09:10")], [("09:10", "10:00")]),
        ([("09:00", "10:00")], [("08:00", "11:00")], [("09:00", "10:00")], []),
        ([("09:00", "09:30"), ("09:20", "10:00")], [("10:00", "11:00")], [], [("09:00", "10:00")]),
    ],
)
def test_what_two_share_and_what_is_left_of_one(
    some: Pairs, others: Pairs, shared: Pairs, rest: Pairs
) -> None:
    assert both(spans(some), spans(others)) == spans(shared)
    assert without(spans(some), spans(others)) == spans(rest)


def test_time_that_is_there_twice_counts_once() -> None:
    assert seconds(spans([("09:00", "09:10"), ("09:05", "09:15"), ("09:20", "09:20")])) == 900


@given(SOME, SOME)
def test_they_agree_with_counting_each_minute(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left, right = timed(some), timed(others)
    one, other = minutes_of(some), minutes_of(others)
    assert seconds(left) == 60 * len(one)
    assert seconds(both(left, right)) == 60 * len(one & other)
    assert seconds(without(left, right)) == 60 * len(one - other)
    assert joined(left) == joined(joined(left))


def timed(pairs: list[tuple[int, int]]) -> list[Span]:
    return [(BEGIN + dt.timedelta(minutes=a), BEGIN + dt.timedelta(minutes=b)) for a, b in pairs]


def minutes_of(pairs: list[tuple[int, int]]) -> set[int]:
    return {minute for start, end in pairs for minute in range(start, end)}


def test_how_many_are_present_is_a_mean_over_time() -> None:
    bounds = [moment(time) for time in ("09:00", "09:30", "10:00", "10:30")]
    some = spans([("08:50", "09:15"), ("09:15", "10:15"), ("09:15", "10:15"), ("10:20", "12:00")])
    # 15 + 2 x 15 of 30 minutes; 2 x 30; 2 x 15 + 10
    assert present(some, bounds) == [1.5, 2.0, pytest.approx(40 / 30)]
    assert present([], bounds) == [0.0, 0.0, 0.0]
