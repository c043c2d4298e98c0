"""What of a unit's failures may be shown to those who work there: never a cell that points at few people."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

FEWEST = 5  # people in a cell that is shown
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Count:
    """How many failures fell on one cell, and how many people they met."""

    failures: int
    people: int


def shown(counts: Iterable[tuple[Key, int]]) -> tuple[dict[Key, Count], int]:
    """Count failures by cell, each given with its person; the cells of enough people, how many are hidden.

    The most frequent first. Nothing is said of a hidden cell, and no total is shown from which one follows.
    """
    failures: dict[Key, int] = {}
    people: dict[Key, set[int]] = {}
    for key, person in counts:
        failures[key] = failures.get(key, 0) + 1
        people.setdefault(key, set()).add(person)
    cells = {key: Count(failures[key], len(people[key])) for key in failures}
    kept = {key: count for key, count in cells.items() if count.people >= FEWEST}
    order = sorted(kept.items(), key=lambda pair: (-pair[1].failures, repr(pair[0])))
    return dict(order), len(cells) - len(kept)
