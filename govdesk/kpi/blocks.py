"""Rows column by column: what is equal has one number, so that groups are found for all rows at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from govdesk.kpi.columns import Column, Columns, Whole
from govdesk.kpi.groups import TIMES, Group, Grouping

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Mapping, Sequence

DENSE = 1 << 22  # so many possible groups are numbered without being sorted
LARGEST = 1 << 40  # of numbers that tell of several columns

Numbered: TypeAlias = "tuple[Whole, list[Any]]"  # the number of each row, and what each number stands for


@dataclass(frozen=True, slots=True)
class Words:
    """In which columns of a block the words of a breakdown are found."""

    names: Sequence[int]  # those that the grouping added, in its order
    service: int
    branch: int
    day: int
    hour: int | None = None

    def at(self, hour: int) -> Words:
        """The same, with the hours in a column."""
        return replace(self, hour=hour)


class Block:
    """Some rows, by their columns."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        self.columns = [*columns]
        self.length = len(self.columns[0])
        self._numbered: dict[int, Numbered] = {}
        self._words: dict[Hashable, Numbered] = {}
        self._derived: dict[Hashable, int] = {}

    def derived(self, name: Hashable, make: Callable[[], Sequence[Any]]) -> int:
        """The place of a column that follows from others; it is made when it is first asked for."""
        if name not in self._derived:
            self._derived[name] = len(self.columns)
            self.columns.append(make())
        return self._derived[name]

    def numbered(self, place: int) -> Numbered:
        """Number what is in a column, in the order in which it is found there."""
        if place not in self._numbered:
            self._numbered[place] = numbered(self.columns[place])
        return self._numbered[place]

    def word(self, word: str, grouping: Grouping, words: Words) -> Numbered:
        """Number the names that a word of a breakdown gives the rows, in their order, None last."""
        places = _places_of(word, grouping, words)
        if (word, places) not in self._words:
            codes, _size = joint([self.numbered(place) for place in places], self.length)
            _kinds, firsts, codes = np.unique(codes, return_index=True, return_inverse=True)
            names = [self._name(word, grouping, words, row) for row in firsts.tolist()]
            order, named = in_order(names)
            self._words[word, places] = order[codes], named
        return self._words[word, places]

    def _name(self, word: str, grouping: Grouping, words: Words, row: int) -> str | None:
        if word == "hour":
            return None if words.hour is None else self.columns[words.hour][row]
        own = [self.columns[place][row] for place in (*words.names, words.service, words.branch)]
        day: dt.date = self.columns[words.day][row]
        return grouping.word(word, own, day)

    def sums(
        self, grouping: Grouping, words: Words, facts: Mapping[str, Column], seen: Whole | None = None
    ) -> list[Columns]:
        """Add up the facts of rows in each breakdown; `seen` are the places of these rows, None: all."""
        length = self.length if seen is None else len(seen)
        found = []
        for by in grouping.bys:
            named = [self.word(word, grouping, words) for word in by]
            if seen is not None:
                named = [(codes[seen], names) for codes, names in named]
            codes, groups = _groups(named, length)
            fields = {name: column.moved(codes, len(groups)) for name, column in facts.items()}
            found.append(Columns(groups, {name: one for name, one in fields.items() if len(one.owners)}))
        return found


def numbered(values: Sequence[Any]) -> Numbered:
    """Number values, in the order in which they are found."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return np.fromiter(map(places.__getitem__, values), np.int64, len(values)), list(places)


def in_order(names: Sequence[Any]) -> Numbered:
    """Number names in their order, None last."""
    named = sorted(set(names), key=lambda name: (name is None, str(name)))
    places = {name: place for place, name in enumerate(named)}
    return np.fromiter(map(places.__getitem__, names), np.int64, len(names)), named


def joint(columns: Sequence[Numbered], length: int) -> tuple[Whole, int]:
    """Tell several columns by one number; and what no number reaches."""
    found, size = np.zeros(length, np.int64), 1
    for codes, named in columns:
        if size * len(named) > LARGEST:
            present, found = np.unique(found, return_inverse=True)
            size = len(present)
        found = found * len(named) + codes
        size *= len(named)
    return found, size


def _places_of(word: str, grouping: Grouping, words: Words) -> tuple[int, ...]:
    """The columns that a word follows from."""
    if word == "hour":
        return () if words.hour is None else (words.hour,)
    if word in TIMES or word == "weekday":
        return (words.day,)
    if word == "branch":
        return (words.branch,)
    if word in {"service", "department"}:
        return (words.service,)
    own = words.names[grouping.names.index(word)]
    return (own, words.service) if word == "family" else (own,)


def _groups(words: Sequence[Numbered], length: int) -> tuple[Whole, list[Group]]:
    """Number the groups of rows in the order of their words: the number of each row, and the groups."""
    codes, size = np.zeros(length, np.int64), 1
    for own, named in words:
        codes = codes * len(named) + own
        size *= len(named)
    if size <= DENSE:
        is_there = np.zeros(size, np.bool_)
        is_there[codes] = True
        codes, present = (is_there.cumsum() - 1)[codes], np.flatnonzero(is_there)
    else:
        present, codes = np.unique(codes, return_inverse=True)
    parts: list[list[str | None]] = []
    for _codes, named in reversed(words):
        present, own = np.divmod(present, len(named))
        parts.append([named[place] for place in own.tolist()])
    return codes, list(zip(*reversed(parts), strict=True)) if parts else [()]
