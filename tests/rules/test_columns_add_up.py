"""Tallies as columns add up to what they add up to one by one, and come back from bytes as they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.columns import Column, Columns, added
from govdesk.kpi.facts import packing
from govdesk.kpi.groups import Group, Tallies
from govdesk.kpi.lengths import Lengths

SECOND = 1_000_000


@dataclass(slots=True)
class Tally:
    n: int = 0
    most: float | None = None
    causes: Counter[str] = field(default_factory=Counter)
    lengths: Lengths = field(default_factory=Lengths)


lengths = st.one_of(
    st.integers(0, 5), st.integers(0, 10**15), st.integers(0, 10**9).map(lambda value: value * SECOND),
    st.integers(-(2**61), 2**61),
)  # fmt: skip
facts = st.lists(st.tuples(st.sampled_from("abc"), lengths, st.integers(1, 3)), max_size=12)


def tallied(some: list[tuple[str, int, int]]) -> Tallies[Tally]:
    found: Tallies[Tally] = Tallies(Tally)
    for name, length, count in some:
        one = found[(name,)]
        one.n += count
        one.most = max(float(length), one.most if one.most is not None else float(length))
        one.causes[str(length % 3)] += count
        one.lengths.add(length, count)
    return found


@given(st.lists(facts, max_size=4), st.sampled_from([1, SECOND]))
def test_parts_add_up_to_the_whole(parts: list[list[tuple[str, int, int]]], scale: int) -> None:
    scaled = [[(name, length - length % scale, count) for name, length, count in some] for some in parts]
    pieces = [packing.unpack(packing.pack(Columns.of(tallied(some), Tally))) for some in scaled]
    whole = added([(piece, piece.groups) for piece in pieces]).tallies(Tally)
    assert dict(whole) == dict(tallied([one for some in scaled for one in some]))


def test_groups_that_go_to_one_are_one() -> None:
    columns = Columns.of(tallied([("a", 1, 1), ("b", 1, 2), ("c", -(2**61), 1), ("c", 2**61, 1)]), Tally)
    to: list[Group | None] = [("x",), ("x",), None]
    found = added([(columns, to)]).tallies(Tally)
    assert list(found) == [("x",)]
    assert found[("x",)].lengths.counted() == {1: 3}


@given(st.lists(st.tuples(st.integers(-(2**44), 2**44), st.integers(1, 3)), max_size=20))
def test_sums_are_exact_where_a_place_in_a_row_would_not_hold_them(some: list[tuple[int, int]]) -> None:
    lengths = Lengths()
    for length, count in some:
        lengths.add(length, count)
    every = [length for length, count in some for _ in range(count)]
    assert (lengths.total, lengths.squares) == (sum(every), sum(length**2 for length in every))
    parts = Lengths.all_of(lengths, lengths)
    assert (len(parts), parts.total, parts.squares) == (
        2 * len(every),
        2 * lengths.total,
        2 * lengths.squares,
    )


def test_moments_become_lengths_before_another_moment() -> None:
    since = Lengths([3, 5, 5])
    assert (since.until(10).counted(), since.shortest, len(Lengths().until(10))) == ({5: 2, 7: 1}, 3, 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=12
    ),
    st.booleans(),
)  # fmt: skip
def test_what_is_partly_in_order_adds_up_too(rows: list[tuple[int, int, int]], is_in_order: bool) -> None:  # noqa: FBT001 - drawn
    """Also where a length is there no time at all."""
    some = sorted(rows, key=lambda row: row[0]) if is_in_order else rows
    owners, keys, amounts = (np.array(column, np.int64) for column in zip(*some, strict=True))
    told = Column(owners, amounts, keys).summed(4)
    counts = np.ones(len(told.owners), np.int64) if told.amounts is None else told.amounts
    assert told.keys is not None
    found = list(zip(told.owners.tolist(), told.keys.tolist(), strict=True))
    assert found == sorted(set(found))
    expected: Counter[tuple[int, int]] = Counter()
    for owner, key, amount in rows:
        expected[owner, key] += amount
    assert +Counter(dict(zip(found, counts.tolist(), strict=True))) == +expected
