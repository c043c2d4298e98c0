"""Process charts: what is ordinary variation of a figure, and what is a signal (KPI.md §4).

XmR as the English NHS draws it ("Making Data Count"); Laney's p′ where denominators are large.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LIMIT = 2.66  # mean moving ranges from the mean to a limit: 3 / 1.128
NEAR = 2 * LIMIT / 3  # and to where two of three are a signal
SCREEN = 3.267  # moving ranges of this many times their mean are left out, once
RUN = 7  # points
FEWEST = 12  # points below which limits are not trustworthy yet

OUTSIDE, TREND, TWO_OF_THREE, SHIFT = "outside", "trend", "two_of_three", "shift"


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean of a stable process, and between which values it will go on to vary."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A point that is no ordinary variation: by which rule, and on which side of the mean (1 or -1)."""

    rule: str
    side: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The limits at each point (they differ from point to point only for p′), and its signals."""

    limits: tuple[Limits, ...]
    marks: tuple[Mark | None, ...]

    @property
    def last(self) -> Mark | None:
        """The signal of the last point."""
        return self.marks[-1] if self.marks else None


def xmr(
    values: Sequence[float],
    *,
    baseline: int | None = None,
    is_screened: bool = True,
    rebased: Sequence[int] = (),
) -> Chart:
    """Give the limits and signals of single values in the order of time.

    The limits are the mean ± 2.66 × the mean moving range, of the first `baseline` points (of all without
    it); moving ranges of 3.267 times their mean and more are left out once. `rebased` are the places at which
    a new process begins: limits and rules start anew there. Without a moving range there are no limits.
    """
    limits: list[Limits] = []
    marks: list[Mark | None] = []
    for first, end in _phases(len(values), rebased):
        phase = values[first:end]
        found = _limits(phase[:baseline], is_screened=is_screened)
        limits += [found] * len(phase)
        near = (found.high - found.mean) * NEAR / LIMIT
        marks += _marks(phase, [found] * len(phase), [near] * len(phase))
    return Chart(tuple(limits), tuple(marks))


def p_prime(counts: Sequence[tuple[int, int]]) -> Chart:
    """Give the limits and signals of proportions with large denominators, each (count, of how many).

    Laney 2002: binomial limits, widened by how much more the z-scores vary from point to point than chance
    would have it (mean moving range of z / 1.128). Raises ValueError for a denominator of 0.
    """
    if any(n <= 0 for _, n in counts):
        raise ValueError("a proportion of none")
    if not counts:
        return Chart((), ())
    share = sum(x for x, _ in counts) / sum(n for _, n in counts)
    sigmas = [math.sqrt(share * (1 - share) / n) for _, n in counts]
    z = [(x / n - share) / sigma if sigma else 0.0 for (x, n), sigma in zip(counts, sigmas, strict=True)]
    ranges = [abs(later - earlier) for earlier, later in pairwise(z)]
    spread = math.fsum(ranges) / len(ranges) / 1.128 if ranges else 1.0
    limits = [
        Limits(share, max(0.0, share - 3 * sigma * spread), min(1.0, share + 3 * sigma * spread))
        for sigma in sigmas
    ]
    marks = _marks([x / n for x, n in counts], limits, [2 * sigma * spread for sigma in sigmas])
    return Chart(tuple(limits), tuple(marks))


def variation(chart: Chart, *, is_lower_better: bool) -> str:
    """What the last point says: worse, better or ordinary; few with fewer than FEWEST points."""
    if len(chart.marks) < FEWEST:
        return "few"
    return sense(chart.last, is_lower_better=is_lower_better)


def sense(mark: Mark | None, *, is_lower_better: bool) -> str:
    """Whether a point is a signal for the worse, for the better, or ordinary."""
    if mark is None:
        return "ordinary"
    return "worse" if (mark.side > 0) == is_lower_better else "better"


def assurance(chart: Chart, target: float | None, *, is_lower_better: bool) -> str:
    """Whether the process as it is will meet a target: passes, fails, hit_or_miss; few or none otherwise."""
    if target is None:
        return "none"
    if len(chart.marks) < FEWEST:
        return "few"
    now = chart.limits[-1]
    if now.low <= target <= now.high:
        return "hit_or_miss"
    return "passes" if (target > now.high) == is_lower_better else "fails"


def _phases(count: int, rebased: Sequence[int]) -> Iterator[tuple[int, int]]:
    starts = sorted({0, *(place for place in rebased if 0 < place < count)})
    return zip(starts, [*starts[1:], count], strict=True)


def _limits(values: Sequence[float], *, is_screened: bool) -> Limits:
    if not values:
        return Limits(math.nan, math.nan, math.nan)
    is_level = min(values) == max(values)  # then no rounding of a mean makes signals of equal values
    mean = values[0] if is_level else math.fsum(values) / len(values)
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    if not ranges:
        return Limits(mean, -math.inf, math.inf)
    average = math.fsum(ranges) / len(ranges)
    kept = [one for one in ranges if not is_screened or one < SCREEN * average]
    reach = LIMIT * math.fsum(kept) / len(kept) if kept else 0.0
    return Limits(mean, mean - reach, mean + reach)


def _marks(values: Sequence[float], limits: Sequence[Limits], near: Sequence[float]) -> list[Mark | None]:
    """Mark each point by the first rule that it breaks."""
    sides = [_sign(value - one.mean) for value, one in zip(values, limits, strict=True)]
    trend, shift = _trends(values), _shifts(sides)
    two = _two_of_three(values, limits, near, sides)
    found: list[Mark | None] = []
    for place, (value, one) in enumerate(zip(values, limits, strict=True)):
        side = sides[place]
        if value > one.high or value < one.low:
            found.append(Mark(OUTSIDE, side))
        elif place in trend:
            found.append(Mark(TREND, side or trend[place]))
        elif place in two:
            found.append(Mark(TWO_OF_THREE, side))
        else:
            found.append(Mark(SHIFT, side) if place in shift else None)
    return found


def _trends(values: Sequence[float]) -> dict[int, int]:
    """The points of seven that strictly rise or fall, with the direction."""
    steps = [_sign(later - earlier) for earlier, later in pairwise(values)]
    found = {}
    for first in range(len(values) - RUN + 1):
        ways = set(steps[first : first + RUN - 1])
        if len(ways) == 1 and 0 not in ways:
            found.update(dict.fromkeys(range(first, first + RUN), ways.pop()))
    return found


def _shifts(sides: Sequence[int]) -> set[int]:
    """The points of seven on one side of the mean; one on the mean ends the run."""
    found: set[int] = set()
    for first in range(len(sides) - RUN + 1):
        if abs(sum(sides[first : first + RUN])) == RUN:
            found.update(range(first, first + RUN))
    return found


def _two_of_three(
    values: Sequence[float], limits: Sequence[Limits], near: Sequence[float], sides: Sequence[int]
) -> set[int]:
    """The far ones of three on one side, two of which lie beyond 2σ and within the limits (so the NHS)."""
    far = [
        one.low <= value <= one.high and abs(value - one.mean) > reach
        for value, one, reach in zip(values, limits, near, strict=True)
    ]
    found: set[int] = set()
    for first in range(len(values) - 2):
        window = range(first, first + 3)
        if sum(far[place] for place in window) >= 2 and abs(sum(sides[place] for place in window)) == 3:  # noqa: PLR2004
            found.update(place for place in window if far[place])
    return found


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
