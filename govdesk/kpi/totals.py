"""Sums of columns as tallies, in which many lengths stay in the parts they were kept in until read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from govdesk.kpi.columns import Columns, Make, added

if TYPE_CHECKING:
    from collections.abc import Sequence

    from govdesk.kpi.columns import Column
    from govdesk.kpi.groups import Group, Tallies

LONG = 256  # lengths of a group in a part; fewer are quicker brought in order for all groups at once

Parts = list[tuple[Columns, "Sequence[Group | None]"]]


def totals(parts: Parts, make: Make) -> Tallies[Any]:
    """Add columns up, each with the group that each of its groups goes to; None leaves one out."""
    long = _long(parts)
    found = added((_without(columns, long), groups) for columns, groups in parts).tallies(make)
    for columns, groups in parts:
        for name in long & columns.fields.keys():
            _bring(name, columns.fields[name], groups, found)
    return found


def _long(parts: Parts) -> set[str]:
    """The fields of lengths of which each group has many."""
    lengths: dict[str, int] = {}
    owners: dict[str, int] = {}
    for columns, groups in parts:
        for name, column in columns.fields.items():
            if column.keys is not None and column.named is None:
                lengths[name] = lengths.get(name, 0) + len(column.keys)
                owners[name] = owners.get(name, 0) + len(groups)
    return {name for name, number in lengths.items() if number >= LONG * owners[name]}


def _without(columns: Columns, long: set[str]) -> Columns:
    return columns.only(columns.fields.keys() - long)


def _bring(name: str, column: Column, groups: Sequence[Group | None], found: Tallies[Any]) -> None:
    """Add the lengths of each group to those of the group that it goes to."""
    if column.keys is None:
        raise ValueError("lengths without keys")
    bounds = np.searchsorted(column.owners, np.arange(len(groups) + 1)).tolist()
    for group, begin, end in zip(groups, bounds[:-1], bounds[1:], strict=True):
        if group is not None and begin < end:
            counts = None if column.amounts is None else column.amounts[begin:end]
            getattr(found[group], name).bring(column.keys[begin:end], counts)
