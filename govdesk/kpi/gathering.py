"""What rows add to the tallies of their groups, in several breakdowns: summed for many rows at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govdesk.kpi.columns import Column, Columns, Whole, added
from govdesk.kpi.groups import TIMES, Group, Grouping, hour_of

AT_ONCE = 50_000  # rows in memory
DENSE = 1 << 22  # so many possible groups are numbered without being sorted


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
        codes, named = _numbered(self.keys)
        return Column(owners, amounts, codes, named)


class Gathering:
    """Rows as they are read: `row` begins one, and what follows is what it adds to each of its groups."""

    def __init__(self, grouping: Grouping) -> None:
        self.grouping = grouping
        self._rows: list[tuple[Any, ...]] = []
        self._place = -1  # of the last row
        self._facts: dict[str, _Facts] = defaultdict(_Facts)
        self._counters: set[str] = set()
        self._parts: list[list[Columns]] = [[] for _ in grouping.bys]

    def row(self, values: Sequence[Any], day: dt.date, at: dt.datetime | None = None) -> None:
        """Begin a row, with the values of the columns that the grouping added, its day, and its moment."""
        if len(self._rows) == AT_ONCE:
            self._sum()
        is_by_hour = at is not None and self.grouping.has_hours
        hour = hour_of(at, self.grouping.places.zone(values[-1])) if at is not None and is_by_hour else None
        self._place = len(self._rows)
        self._rows.append((*values, day, hour))

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

    def columns(self) -> list[Columns]:
        """The sums of all rows, in each breakdown."""
        self._sum()
        return [_together(parts) for parts in self._parts]

    def _sum(self) -> None:
        if not self._rows:
            return
        words = self._words()
        facts = {name: own.column(are_names=name in self._counters) for name, own in self._facts.items()}
        for parts, by in zip(self._parts, self.grouping.bys, strict=True):
            codes, groups = _groups([words[word] for word in by], len(self._rows))
            fields = {name: column.moved(codes, len(groups)) for name, column in facts.items()}
            parts.append(Columns(groups, {name: one for name, one in fields.items() if len(one.owners)}))
        self._rows, self._facts = [], defaultdict(_Facts)

    def _words(self) -> dict[str, tuple[Whole, list[str | None]]]:
        """Number the names of each word of the breakdowns: the number of each row, and the names."""
        columns = list(zip(*self._rows, strict=True))
        service, branch, day, hour = columns[-4:]
        found: dict[str, tuple[Whole, list[str | None]]] = {}
        for word in {word for by in self.grouping.bys for word in by}:
            keys: Sequence[Any]
            if word == "hour":
                keys = hour
            elif word in TIMES or word == "weekday":
                keys = day
            elif word == "branch":
                keys = branch
            elif word in {"service", "department"}:
                keys = service
            else:
                own = columns[self.grouping.names.index(word)]
                keys = list(zip(own, service, strict=True)) if word == "family" else own
            found[word] = self._named(word, keys)
        return found

    def _named(self, word: str, keys: Sequence[Any]) -> tuple[Whole, list[str | None]]:
        some = dict(zip(keys, self._rows, strict=True))  # of each key one row
        names = [
            row[-1] if word == "hour" else self.grouping.word(word, row[:-2], row[-2])
            for row in some.values()
        ]
        codes, named = _numbered(names)
        places = dict(zip(some, codes.tolist(), strict=True))
        return np.fromiter(map(places.__getitem__, keys), np.int64, len(keys)), named


def _numbered(names: Sequence[Any]) -> tuple[Whole, list[Any]]:
    """Number names, None last: the number of each, and the names."""
    named = sorted(set(names), key=lambda name: (name is None, str(name)))
    places = {name: place for place, name in enumerate(named)}
    return np.fromiter(map(places.__getitem__, names), np.int64, len(names)), named


def _groups(words: Sequence[tuple[Whole, list[str | None]]], number: int) -> tuple[Whole, list[Group]]:
    """Number the groups of rows in the order of their words: the number of each row, and the groups."""
    joint, size = np.zeros(number, np.int64), 1
    for codes, named in words:
        joint = joint * len(named) + codes
        size *= len(named)
    if size <= DENSE:
        is_there = np.zeros(size, np.bool_)
        is_there[joint] = True
        codes, present = (is_there.cumsum() - 1)[joint], np.flatnonzero(is_there)
    else:
        present, codes = np.unique(joint, return_inverse=True)
    parts: list[list[str | None]] = []
    for _codes, named in reversed(words):
        present, own = np.divmod(present, len(named))
        parts.append([named[place] for place in own.tolist()])
    return codes, list(zip(*reversed(parts), strict=True)) if parts else [()]


def _together(parts: Sequence[Columns]) -> Columns:
    if len(parts) <= 1:
        return parts[0] if parts else Columns()
    groups = sorted({group for part in parts for group in part.groups}, key=str)
    return added([(Columns(), groups), *((part, part.groups) for part in parts)])
