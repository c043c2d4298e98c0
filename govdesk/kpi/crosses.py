"""Where failure is made: counts of small groups added up along two trees, and which sums must not be shown.

A place is a path such as (branch, unit), a matter one such as (service, scenario); () is all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from govdesk.kpi.statistics import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from govdesk.kpi.statistics import Interval

Path = tuple[str | None, ...]
Cell = tuple[Path, Path]  # a place and a matter
ALL: Path = ()
WHOLE: Cell = (ALL, ALL)


@dataclass(slots=True)
class Count:
    """Mature first visits of a cell, and those that failed, by their cause."""

    mature: int = 0
    failed: Counter[str | None] = field(default_factory=Counter)

    def add(self, other: Count) -> None:
        """Take in the visits of another."""
        self.mature += other.mature
        self.failed.update(other.failed)

    def failures(self, causes: AbstractSet[str | None] | None = None) -> int:
        """How many failed, by some causes or by any."""
        return sum(count for cause, count in self.failed.items() if causes is None or cause in causes)

    def rate(self, causes: AbstractSet[str | None] | None = None) -> tuple[float, Interval] | None:
        """The share that failed with its Wilson interval; None without visits."""
        failed = self.failures(causes)
        interval = wilson(failed, self.mature)
        return None if interval is None else (failed / self.mature, interval)


def added(leaves: Mapping[Cell, Count]) -> dict[Cell, Count]:
    """Give the counts of every place and matter above the leaves, these among them."""
    found: dict[Cell, Count] = {}
    for cell, count in leaves.items():
        for above in _above(cell):
            found.setdefault(above, Count()).add(count)
    return found


def withheld(sizes: Mapping[Cell, int], fewest: int) -> frozenset[Cell]:
    """Give the cells that are not shown: those of fewer than `fewest` people, and what would reveal them.

    In each line (a cell and the cells that it is the sum of, along one of the trees) nobody may be able to
    subtract: where the sum is shown, what is hidden of its parts is at least two of them and together at
    least `fewest` people; where the sum is hidden, so is at least one part. The next smallest parts are
    hidden until that is so, and the sum itself where there is no other part.
    """
    found = {cell for cell, people in sizes.items() if 0 < people < fewest}
    lines = _lines(sizes)
    of_cell: dict[Cell, list[tuple[Cell, list[Cell]]]] = defaultdict(list)
    for line in lines:
        for cell in (line[0], *line[1]):
            of_cell[cell].append(line)
    waiting = deque(sorted(found, key=repr))
    while waiting:
        for line in of_cell[waiting.popleft()]:
            while (more := _next(line, sizes, found, fewest)) is not None:
                found.add(more)
                waiting.append(more)
    return frozenset(found)


def children(cells: Iterable[Cell], of: Cell, axis: int) -> list[Cell]:
    """Give the cells one step below another, along the tree of places (0) or of matters (1)."""
    wanted = len(of[axis]) + 1
    return [
        cell
        for cell in cells
        if cell[1 - axis] == of[1 - axis] and len(cell[axis]) == wanted and cell[axis][:-1] == of[axis]
    ]


def _above(cell: Cell) -> Iterator[Cell]:
    place, matter = cell
    for here in range(len(place) + 1):
        for there in range(len(matter) + 1):
            yield place[:here], matter[:there]


def _lines(sizes: Mapping[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    """Each sum with its parts; the parts without people tell nothing and are left out."""
    parts: dict[tuple[Cell, int], list[Cell]] = defaultdict(list)
    for cell in sorted((cell for cell, people in sizes.items() if people), key=repr):
        place, matter = cell
        if place:
            parts[(place[:-1], matter), 0].append(cell)
        if matter:
            parts[(place, matter[:-1]), 1].append(cell)
    return [(total, own) for (total, _axis), own in parts.items()]


def _next(
    line: tuple[Cell, list[Cell]], sizes: Mapping[Cell, int], found: AbstractSet[Cell], fewest: int
) -> Cell | None:
    total, parts = line
    gone = [part for part in parts if part in found]
    shown = [part for part in parts if part not in found]
    smallest = min(shown, key=lambda part: (sizes[part], repr(part)), default=None)
    if total in found:
        return None if gone else smallest
    if not gone or (len(gone) > 1 and sum(sizes[part] for part in gone) >= fewest):
        return None
    return smallest or total
