"""The tallies of many groups as columns: they add up without an object for each group.

A tally is a dataclass whose fields are numbers (they add up), Counters, Lengths, or a greatest value that may
be None. A field whose metadata says BESIDE is no fact: it is put there when figures are read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from govdesk.kpi.groups import Group, Tallies
from govdesk.kpi.lengths import Lengths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

BESIDE = {"is_beside": True}
LARGEST = 2**62
FEW = 64  # groups that are brought in order one by one

Make: TypeAlias = "Callable[[], Any]"
Whole: TypeAlias = "NDArray[np.int64]"


@dataclass(slots=True)
class Column:
    """One field of the groups that have something in it: the places of these groups, in order, and what.

    A number has only amounts, and so has a greatest value (then they are floats). Lengths have their seconds
    as keys, a Counter places in `named`; their amounts say how many, None: one of each.
    """

    owners: Whole
    amounts: NDArray[Any] | None
    keys: Whole | None = None
    named: Sequence[Any] | None = None

    def moved(self, codes: Whole, number: int) -> Column:
        """The same of other groups: what goes to the same group adds up; a code below 0 leaves it out."""
        return replace(self, owners=codes[self.owners]).summed(number)

    def summed(self, number: int) -> Column:
        """Add up what goes to the same of so many groups, whose places are in no order yet."""
        owners, amounts, keys = self.owners, self.amounts, self.keys
        if len(owners) and owners.min() < 0:
            seen = owners >= 0
            owners = owners[seen]
            amounts = None if amounts is None else amounts[seen]
            keys = None if keys is None else keys[seen]
        if keys is not None:
            return Column(*_merged(owners, keys, amounts), named=self.named)
        if amounts is None:
            raise ValueError("a number without an amount")
        if amounts.dtype.kind == "f":
            most = np.full(number, -np.inf)
            np.maximum.at(most, owners, amounts)
            places = np.flatnonzero(most > -np.inf)
            return Column(places, most[places])
        total = np.zeros(number, np.int64)
        np.add.at(total, owners, amounts)
        places = np.flatnonzero(total)
        return Column(places, total[places])

    def between(self, first: int, end: int) -> Column:
        """The part of the groups of some places, which begin with 0 then."""
        here = slice(*np.searchsorted(self.owners, (first, end)).tolist())
        return Column(
            self.owners[here] - first,
            None if self.amounts is None else self.amounts[here],
            None if self.keys is None else self.keys[here],
            self.named,
        )


def _merged(owners: Whole, keys: Whole, amounts: Whole | None) -> tuple[Whole, Whole | None, Whole]:
    """Bring what is equal together, in order."""
    if not len(owners):
        return owners, None, keys
    low = int(keys.min())
    span = int(keys.max()) - low + 1
    if span * (int(owners.max()) + 1) > LARGEST:  # one number cannot tell both
        named, ranks = np.unique(keys, return_inverse=True)
        owners, amounts, ranks = _merged(owners, ranks, amounts)
        return owners, amounts, named[ranks]
    joint = owners * span + (keys - low)
    falls = np.flatnonzero(joint[1:] <= joint[:-1])
    if not len(falls):  # as where each part goes to a group of its own
        return owners, None if amounts is None or amounts.min() == amounts.max() == 1 else amounts, keys
    if owners[0] != owners[-1] and (owners[1:] >= owners[:-1]).all():
        which = np.unique(owners[falls])
        if len(which) <= FEW:
            return _mended(owners, keys, amounts, which)
    if amounts is not None and amounts.min() > 0 and amounts.sum() < 2 * len(amounts):
        joint, amounts = np.repeat(joint, amounts), None  # numbers are sorted faster than their places
    if amounts is None:
        joint.sort(kind="stable")  # which is faster where parts are in order
    else:
        order = np.argsort(joint, kind="stable")
        joint, amounts = joint[order], amounts[order]
    starts = np.flatnonzero(np.concatenate(([True], joint[1:] != joint[:-1])))
    if amounts is not None:
        amounts = np.add.reduceat(amounts, starts)
    elif len(starts) < len(joint):
        amounts = np.diff(starts, append=len(joint))
    if amounts is not None and amounts.min() == amounts.max() == 1:
        amounts = None
    owners, keys = np.divmod(joint[starts], span)
    return owners, amounts, keys + low


def _mended(
    owners: Whole, keys: Whole, amounts: Whole | None, which: Whole
) -> tuple[Whole, Whole | None, Whole]:
    """Bring what is equal together where only few groups are not in order yet."""
    parts: list[tuple[Whole, Whole | None, Whole]] = []
    place = 0
    for begin, end in np.searchsorted(owners, np.stack((which, which + 1), axis=1)).tolist():
        for here, is_done in ((slice(place, begin), True), (slice(begin, end), False)):
            part = owners[here], keys[here], None if amounts is None else amounts[here]
            parts.append((part[0], part[2], part[1]) if is_done else _merged(*part))
        place = end
    parts.append((owners[place:], None if amounts is None else amounts[place:], keys[place:]))
    found = None
    if any(part[1] is not None for part in parts):
        found = np.concatenate(
            [np.ones(len(part[0]), np.int64) if part[1] is None else part[1] for part in parts]
        )
        found = None if found.min() == found.max() == 1 else found
    return np.concatenate([part[0] for part in parts]), found, np.concatenate([part[2] for part in parts])


@dataclass(slots=True)
class Columns:
    """The tallies of groups: the groups in their places, and the fields that are not empty."""

    groups: list[Group] = field(default_factory=list)
    fields: dict[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, tallies: Mapping[Group, Any], make: Make) -> Columns:
        """Take tallies, which stay as they are."""
        groups = sorted(tallies, key=str)
        ordered = [tallies[group] for group in groups]
        made = cls(groups)
        for name in names(make):
            column = _column(name, ordered)
            if column is not None:
                made.fields[name] = column
        return made

    def tallies(self, make: Make) -> Tallies[Any]:
        """Give a tally for each group."""
        found: Tallies[Any] = Tallies(make)
        ordered = [found[group] for group in self.groups]
        for name, column in self.fields.items():
            _put(name, column, ordered)
        return found

    def only(self, wanted: AbstractSet[str] | None) -> Columns:
        """The same with only these fields; None: all of them."""
        if wanted is None:
            return self
        return Columns(self.groups, {name: column for name, column in self.fields.items() if name in wanted})

    def by_first(self) -> Iterator[tuple[str | None, Columns]]:
        """Part them by the first word of their groups, which stand together by it."""
        begin = 0
        for word, some in groupby(self.groups, key=lambda group: group[0]):
            groups = [group[1:] for group in some]
            end = begin + len(groups)
            parts = {name: column.between(begin, end) for name, column in self.fields.items()}
            yield word, Columns(groups, {name: part for name, part in parts.items() if len(part.owners)})
            begin = end


def names(make: Make) -> list[str]:
    """The names of the fields that are facts, in their order."""
    return [one.name for one in fields(make()) if not one.metadata.get("is_beside")]


def added(parts: Iterable[tuple[Columns, Sequence[Group | None]]]) -> Columns:
    """Add columns up, each with the group that each of its groups goes to; None leaves one out."""
    places: dict[Group | None, int] = {}
    pieces: dict[str, list[tuple[Column, Whole]]] = {}
    for columns, groups in parts:
        codes = np.fromiter(
            (-1 if group is None else places.setdefault(group, len(places)) for group in groups),
            np.int64, len(groups),
        )  # fmt: skip
        for name, column in columns.fields.items():
            pieces.setdefault(name, []).append((column, codes))
    made = Columns([group for group in places if group is not None])
    for name, some in pieces.items():
        moved = _joined(some).summed(len(places))
        if len(moved.owners):
            made.fields[name] = moved
    return made


def _joined(pieces: Sequence[tuple[Column, Whole]]) -> Column:
    """One column of several, of the groups that each thing goes to."""
    owners = np.concatenate([codes[column.owners] for column, codes in pieces])
    amounts: NDArray[Any] | None = None
    if any(column.amounts is not None for column, _codes in pieces):
        amounts = np.concatenate([_amounts(column) for column, _codes in pieces])
    if pieces[0][0].keys is None:
        return Column(owners, amounts)
    if pieces[0][0].named is None:
        return Column(owners, amounts, np.concatenate([_keys(column) for column, _codes in pieces]))
    named: dict[Any, int] = {}
    keys = []
    for column, _codes in pieces:
        own = [named.setdefault(name, len(named)) for name in column.named or ()]
        keys.append(np.array(own, np.int64)[_keys(column)])
    return Column(owners, amounts, np.concatenate(keys), list(named))


def _amounts(column: Column) -> NDArray[Any]:
    return np.ones(len(column.owners), np.int64) if column.amounts is None else column.amounts


def _keys(column: Column) -> Whole:
    if column.keys is None:
        raise ValueError("one field of two kinds")
    return column.keys


def _column(name: str, ordered: Sequence[Any]) -> Column | None:
    """The column of a field of tallies; None where all are empty."""
    values: list[Any] = [getattr(one, name) for one in ordered]
    filled: list[tuple[int, Any]] = [
        (place, value)
        for place, value in enumerate(values)
        if value is not None and (value or isinstance(value, float))
    ]
    if not filled:
        return None
    first = filled[0][1]
    if isinstance(first, Lengths):
        return _column_of_lengths(filled)
    owners = np.array([place for place, _ in filled], np.int64)
    if not isinstance(first, Counter):
        return Column(owners, np.array([value for _, value in filled]))
    each = [(place, key, count) for place, counter in filled for key, count in counter.items() if count]
    named: dict[Any, int] = {}
    keys = [named.setdefault(key, len(named)) for _, key, _ in each]
    owners = np.array([place for place, _, _ in each], np.int64)
    counts = np.array([count for _, _, count in each], np.int64)
    merged = _merged(owners, np.array(keys, np.int64), counts)
    return Column(*merged, named=list(named)) if each else None


def _column_of_lengths(filled: Sequence[tuple[int, Lengths]]) -> Column:
    parts = [(place, *lengths.part()) for place, lengths in filled]
    owners = np.repeat([place for place, _, _ in parts], [len(values) for _, values, _ in parts])
    keys = np.concatenate([values.astype(np.int64) for _, values, _ in parts])
    counts = [np.ones(len(values), np.int64) if own is None else own for _, values, own in parts]
    return Column(*_merged(owners, keys, np.concatenate(counts)))


def _put(name: str, column: Column, ordered: Sequence[Any]) -> None:
    """Set a field of tallies."""
    owners = column.owners.tolist()
    if column.keys is None:
        for owner, amount in zip(owners, _amounts(column).tolist(), strict=True):
            setattr(ordered[owner], name, amount)
    elif column.named is not None:
        each = zip(owners, column.keys.tolist(), _amounts(column).tolist(), strict=True)
        for owner, key, amount in each:
            getattr(ordered[owner], name)[column.named[key]] = amount
    else:
        starts = np.flatnonzero(np.diff(column.owners, prepend=-1)).tolist()
        for begin, end in zip(starts, [*starts[1:], len(owners)], strict=True):
            counts = None if column.amounts is None else column.amounts[begin:end]
            setattr(ordered[owners[begin]], name, Lengths.of_part(column.keys[begin:end], counts))
