"""Which cells of several related tables are hidden, so that none can be computed from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

Cell = tuple[str, str | None]  # ("branch", "north"); a service that nobody named is ("service", None)
Sum = tuple[Cell, tuple[Cell, ...]]  # a cell, and those of which it is the sum
TOTAL: Cell = ("", None)


class ExposedError(Exception):
    """What must be hidden can be computed from what is public already."""


def hidden(
    people: Mapping[Cell, int], sums: Sequence[Sum], fewest: int, *, already: AbstractSet[Cell] = frozenset(),
    public: AbstractSet[Cell] = frozenset(),
) -> frozenset[Cell]:  # fmt: skip
    """Give the cells that are not shown: those of fewer than `fewest` people, and what would reveal them.

    Each sum is an equation that a reader can solve. What it hides is at least two cells and, where its whole
    is shown, at least `fewest` people together: the next smallest part is hidden until that is so, at last
    the whole. `already` are cells that were hidden before, which stay so; `public` those that everybody knows
    already: hiding them is of no use. Raises ExposedError where these alone would tell.
    """
    found = {cell for cell, count in people.items() if 0 < count < fewest}
    found |= {cell for cell in already if people.get(cell)}
    if found & public:
        raise ExposedError
    waiting = True
    while waiting:
        waiting = False
        for whole, parts in sums:
            present = [part for part in parts if people.get(part)]
            more = _next(people, whole, present, found, fewest, public)
            if more is not None:
                found.add(more)
                waiting = True
    return frozenset(found)


def _next(
    people: Mapping[Cell, int], whole: Cell, parts: Sequence[Cell], found: AbstractSet[Cell], fewest: int,
    public: AbstractSet[Cell],
) -> Cell | None:  # fmt: skip
    """The next cell to hide in an equation that would tell what it hides; None where it does not."""
    gone = [part for part in parts if part in found]
    if whole in found:
        if gone or not parts:
            return None
    elif not gone or (len(gone) > 1 and sum(people[part] for part in gone) >= fewest):
        return None
    rest = [part for part in parts if part not in found and part not in public]
    if rest:
        return min(rest, key=lambda part: (people[part], str(part)))
    if whole in found or whole in public:
        raise ExposedError
    return whole
