"""Lengths in whole parts of a unit that add up: how many there are of each, read by their ranks."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np

from govdesk.kpi.ranks import median_rank, quantile_ranks
from govdesk.kpi.statistics import exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from govdesk.kpi.statistics import Interval

DENSE = 1 << 20  # so wide a range is counted in a row of places; a wider one is sorted
HALF_PLACE = 31  # bits
LIMB_BITS = 18  # so that the sum of very many products fits into one place
LIMB = (1 << LIMB_BITS) - 1

Whole: TypeAlias = "NDArray[np.signedinteger[Any]]"
Part: TypeAlias = "tuple[Whole, NDArray[np.int64] | None]"  # values in order, how often; None: each once


class Lengths:
    """Any number of lengths; what is asked of them depends on nothing but which lengths they are.

    They are added one by one, or as parts that were gathered before. Whoever adds them says what they are
    counted in (seconds, or microseconds); a unit is a number of these.
    """

    __slots__ = ("_counts", "_parts")

    def __init__(self, lengths: Iterable[int] = ()) -> None:
        self._counts = Counter(lengths)
        self._parts: list[Part] = []

    def add(self, length: int, count: int = 1) -> None:
        """Add a length, so many times."""
        if count:
            self._counts[length] += count

    @classmethod
    def all_of(cls, *some: Self) -> Self:
        """Give all of several together; they stay as they are."""
        made = cls()
        for one in some:
            made.join(one)
        return made

    def until(self, moment: int) -> Self:
        """Of moments, how long each is before one; they stay as they are."""
        values, counts = self.part()
        return self.of_part((moment - values)[::-1], None if counts is None else counts[::-1])

    def join(self, others: Self) -> None:
        """Add all of others; they stay as they are."""
        if len(others._parts) > 1:
            others.part()  # so that they are brought in order once, however often they are added
        self._parts.extend(others._parts)
        self._counts.update(others._counts)

    def part(self) -> Part:
        """All of them in one part, in order; a value may come more than once where each counts as one."""
        if self._counts:
            values = np.fromiter(sorted(self._counts), np.int64, len(self._counts))
            counts = np.fromiter((self._counts[value] for value in values.tolist()), np.int64, len(values))
            self._parts.append((values, None if counts.max() == 1 else counts))
            self._counts = Counter()
        if len(self._parts) > 1:
            self._parts = [_one(self._parts)]
        return self._parts[0] if self._parts else (np.empty(0, np.int64), None)

    @classmethod
    def of_part(cls, values: Whole, counts: NDArray[np.int64] | None) -> Self:
        """Take a part that was gathered before."""
        made = cls()
        made.bring(values, counts)
        return made

    def bring(self, values: Whole, counts: NDArray[np.int64] | None) -> None:
        """Add a part that was gathered before."""
        if len(values):
            self._parts.append((values, counts))

    def __bool__(self) -> bool:
        return bool(self._counts or self._parts)

    def __len__(self) -> int:
        values, counts = self.part()
        return len(values) if counts is None else int(counts.sum())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lengths) and self.counted() == other.counted()

    __hash__ = None  # type: ignore[assignment]

    def counted(self) -> dict[int, int]:
        """How many there are of each."""
        values, counts = self.part()
        if counts is None:
            return dict(Counter(values.tolist()))
        return dict(zip(values.tolist(), counts.tolist(), strict=True))

    def ranked(self, rank: int) -> int:
        """The length of a rank, the shortest has rank 1."""
        values, counts = self.part()
        place = rank - 1 if counts is None else np.searchsorted(counts.cumsum(), rank)
        return int(values[place])

    def up_to(self, length: float) -> int:
        """How many are no longer."""
        values, counts = self.part()
        place = int(np.searchsorted(values, length, "right"))
        return place if counts is None else int(counts[:place].sum())

    @property
    def total(self) -> int:
        """All of them together; of very long ones that is more than a place in a row can hold."""
        values, counts = self.part()
        high, low = values >> HALF_PLACE, values & (1 << HALF_PLACE) - 1
        if counts is not None:
            high, low = counts * high, counts * low
        return (int(high.sum(dtype=np.int64)) << HALF_PLACE) + int(low.sum(dtype=np.int64))

    @property
    def squares(self) -> int:
        """The sum of their squares, exactly."""
        values, counts = self.part()
        most = 0 if not self else max(abs(int(values[0])), abs(int(values[-1])))
        limbs = [
            (place, (values >> place) & LIMB if place + LIMB_BITS <= most.bit_length() else values >> place)
            for place in range(0, most.bit_length() + 1, LIMB_BITS)
        ]
        weights = 1 if counts is None else counts
        return sum(
            int((left * right * weights).sum(dtype=np.int64)) << (low + high)
            for low, left in limbs
            for high, right in limbs
        )

    @property
    def shortest(self) -> int | None:
        """The shortest; None of none."""
        return int(self.part()[0][0]) if self else None

    @property
    def longest(self) -> int | None:
        """The longest; None of none."""
        return int(self.part()[0][-1]) if self else None

    def mean(self, unit: int) -> float | None:
        """The mean in units; None of none."""
        return self.total / (unit * len(self)) if self else None

    def nearest_rank(self, p: Fraction | float, unit: int) -> float | None:
        """A percentile as a length that really occurred, in units; None of none."""
        n = len(self)
        return self.ranked(max(math.ceil(exact(p) * n), 1)) / unit if n else None

    def linear_percentile(self, p: Fraction | float, unit: int) -> float | None:
        """A percentile between two lengths, as numpy gives it, in units; None of none."""
        n = len(self)
        if not n:
            return None
        place = exact(p) * (n - 1)
        below = math.floor(place)
        low, high = self.ranked(below + 1), self.ranked(min(below + 2, n))
        return float((low + (high - low) * (place - below)) / unit)

    def median_interval(self, unit: int) -> Interval | None:
        """The exact 95 % interval of the median by order statistics, in units; None below six."""
        n = len(self)
        rank = median_rank(n)
        return (self.ranked(rank) / unit, self.ranked(n - rank + 1) / unit) if rank else None

    def quantile_interval(self, p: float, unit: int) -> Interval | None:
        """The 95 % interval of a percentile by order statistics, in units; None where there are too few."""
        ranks = quantile_ranks(len(self), p)
        return (self.ranked(ranks[0]) / unit, self.ranked(ranks[1]) / unit) if ranks else None


def _one(parts: list[Part]) -> Part:
    low = min(int(values[0]) for values, _ in parts)
    high = max(int(values[-1]) for values, _ in parts)
    if high - low < DENSE:
        row = np.zeros(high - low + 1, np.int64)
        for values, counts in parts:
            if counts is None:
                row += np.bincount(values - low, minlength=len(row))
            else:
                row[values - low] += counts  # each value is there once
        places = np.nonzero(row)[0]
        return places + low, row[places]
    each = [values if counts is None else np.repeat(values, counts) for values, counts in parts]
    return np.sort(np.concatenate(each), kind="stable"), None  # which merges what is in order
