"""Totals of columns are those of what was counted, also where many lengths stay in their parts."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from govdesk.kpi.columns import Columns
from govdesk.kpi.groups import Group, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.totals import LONG, totals

SECOND = 1_000_000


@dataclass(slots=True)
class Tally:
    n: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    lengths: Lengths = field(default_factory=Lengths)


def columns(some: dict[Group, list[int]]) -> Columns:
    tallies: Tallies[Tally] = Tallies(Tally)
    for group, lengths in some.items():
        one = tallies[group]
        one.n = len(lengths)
        one.causes["late"] = len(lengths)
        one.lengths = Lengths(lengths)
    return Columns.of(tallies, Tally)


@pytest.mark.parametrize("number", [1, LONG, 2 * LONG])
@pytest.mark.parametrize("step", [1, 7 * SECOND])
def test_groups_of_several_parts_are_together(number: int, step: int) -> None:
    """Of the numbers from 0 the first part has the even ones of a, the second the odd ones and c's twice."""
    even = [place * step for place in range(0, 2 * number, 2)]
    odd = [place * step for place in range(1, 2 * number, 2)]
    first = columns({("a",): even, ("b",): even})
    second = columns({("a",): odd, ("b",): odd, ("c",): odd * 2})
    to_all: list[Group | None] = [("x",), None, ("x",)]
    found = totals([(first, [("x",), ("y",)]), (second, to_all)], Tally)
    assert list(found) == [("x",), ("y",)]
    x, y = found[("x",)], found[("y",)]
    assert (x.n, x.causes) == (4 * number, Counter(late=4 * number))
    assert x.lengths.counted() == {**dict.fromkeys(even, 1), **dict.fromkeys(odd, 3)}
    assert y.lengths.counted() == dict.fromkeys(even, 1)
    assert (x.lengths.ranked(1), x.lengths.longest) == (0, (2 * number - 1) * step)


def test_a_part_that_is_read_twice_stays_as_it_is() -> None:
    part = columns({("a",): list(range(LONG))})
    once = totals([(part, part.groups)], Tally)[("a",)]
    twice = totals([(part, part.groups), (part, part.groups)], Tally)[("a",)]
    assert len(twice.lengths) == 2 * LONG
    together = Lengths.all_of(once.lengths, twice.lengths)
    assert together.counted() == dict.fromkeys(range(LONG), 3)
    assert once.lengths.counted() == dict.fromkeys(range(LONG), 1)
