"""What rows add to the tallies of their groups, in several breakdowns: summed for many rows at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govdesk.kpi.blocks import Block, Words, in_order
from govdesk.kpi.columns import Column, Columns, added
from govdesk.kpi.groups import Grouping, hour_of

AT_ONCE = 50_000  # rows in memory


@dataclass(slots=True)
class _Facts:
    """What was added to one field: to which row, how much, and under which key."""

    owners: list[int] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)
    keys: list[Any] = field(default_factory=list)

    def column(self, *, are_names: bool) -> Column:
        owners = np.array(self.owners, np.int64)
        amounts: NDArray[Any] | None = np.array(self.amounts)
        if not self.keys:
            return Column(owners, amounts)
        if min(self.amounts) == max(self.amounts) == 1:
            amounts = None
        if not are_names:
            return Column(owners, amounts, np.array(self.keys, np.int64))
        codes, named = in_order(self.keys)
        return Column(owners, amounts, codes, named)


class Adding:
    """Takes what is added, to one row after another."""

    def __init__(self) -> None:
        self._place = -1  # of the last row
        self._facts: dict[str, _Facts] = defaultdict(_Facts)
        self._counters: set[str] = set()

    def begin(self) -> None:
        """Begin the next row."""
        self._place += 1

    def add(self, name: str, amount: int = 1) -> None:
        """Add to a number."""
        if amount:
            facts = self._facts[name]
            facts.owners.append(self._place)
            facts.amounts.append(amount)

    def count(self, name: str, key: Hashable, amount: int = 1) -> None:
        """Count in a Counter."""
        self._counters.add(name)
        self.length(name, key, amount)

    def length(self, name: str, seconds: Any, amount: int = 1) -> None:
        """Add to lengths, in whole seconds."""
        facts = self._facts[name]
        facts.owners.append(self._place)
        facts.amounts.append(amount)
        facts.keys.append(seconds)

    def most(self, name: str, value: float) -> None:
        """Offer a greatest value."""
        facts = self._facts[name]
        facts.owners.append(self._place)
        facts.amounts.append(float(value))

    def take(self) -> dict[str, Column]:
        """Give what was added, field by field, and begin again."""
        facts = {name: own.column(are_names=name in self._counters) for name, own in self._facts.items()}
        self._facts, self._place = defaultdict(_Facts), -1
        return facts


class Gathering(Adding):
    """Rows as they are read: `row` begins one, and what follows is what it adds to each of its groups."""

    def __init__(self, grouping: Grouping) -> None:
        super().__init__()
        self.grouping = grouping
        self._rows: list[tuple[Any, ...]] = []
        width = len(grouping.names)
        self._words = Words(range(width), *range(width, width + 4))
        self._parts: list[list[Columns]] = [[] for _ in grouping.bys]

    def row(self, values: Sequence[Any], day: dt.date, at: dt.datetime | None = None) -> None:
        """Begin a row, with the values of the columns that the grouping added, its day, and its moment."""
        if len(self._rows) == AT_ONCE:
            self._sum()
        is_by_hour = at is not None and self.grouping.has_hours
        hour = hour_of(at, self.grouping.places.zone(values[-1])) if at is not None and is_by_hour else None
        self._place = len(self._rows)
        self._rows.append((*values, day, hour))

    def columns(self) -> list[Columns]:
        """The sums of all rows, in each breakdown."""
        self._sum()
        return [_together(parts) for parts in self._parts]

    def put(self, sums: Sequence[Columns]) -> None:
        """Add the sums of other rows, in each breakdown."""
        for parts, one in zip(self._parts, sums, strict=True):
            parts.append(one)

    def _sum(self) -> None:
        if self._rows:
            block = Block(list(zip(*self._rows, strict=True)))
            self.put(block.sums(self.grouping, self._words, self.take()))
            self._rows = []


def _together(parts: Sequence[Columns]) -> Columns:
    if len(parts) <= 1:
        return parts[0] if parts else Columns()
    groups = sorted({group for part in parts for group in part.groups}, key=str)
    return added([(Columns(), groups), *((part, part.groups) for part in parts)])
