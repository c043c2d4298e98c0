"""Which cells of a table are hidden, so that no small group can be told, nor computed from the others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

Cell = tuple[str | None, ...]


def hidden(cells: Mapping[Cell, int], fewest: int) -> frozenset[Cell]:
    """Give the cells that are not shown: those of fewer than `fewest` people, and what would reveal them.

    Whoever knows the total of a line can subtract what is shown. So in each line of the table (the cells that
    differ in one word of their group only) what is hidden is at least two cells and, together, at least
    `fewest` people; the next smallest cells are hidden until that is so, or the whole line is. A cell without
    people is "no data": it hides nothing.
    """
    found = {cell for cell, people in cells.items() if 0 < people < fewest}
    if not found or not next(iter(cells)):
        return frozenset(found)
    lines = list(_lines(cells))
    waiting = True
    while waiting:
        waiting = False
        for line in lines:
            more = _next(line, found, fewest)
            if more is not None:
                found.add(more)
                waiting = True
    return frozenset(found)


def _next(line: Mapping[Cell, int], found: AbstractSet[Cell], fewest: int) -> Cell | None:
    """The next cell to hide in a line that would tell what it hides; None where it does not."""
    gone = [people for cell, people in line.items() if cell in found]
    if not gone or (len(gone) > 1 and sum(gone) >= fewest):
        return None
    shown = [cell for cell, people in line.items() if people > 0 and cell not in found]
    return min(shown, key=lambda cell: line[cell], default=None)


def _lines(cells: Mapping[Cell, int]) -> Iterator[dict[Cell, int]]:
    width = len(next(iter(cells)))
    for place in range(width):
        lines: dict[Cell, dict[Cell, int]] = defaultdict(dict)
        for cell, people in cells.items():
            lines[cell[:place] + cell[place + 1 :]][cell] = people
        yield from lines.values()
