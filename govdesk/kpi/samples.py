"""What a sample says of everyone: weights, who is missing, and what goes with being dissatisfied."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from govdesk.kpi.statistics import Z95, Interval, wilson_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ENOUGH = 0.8  # of the population that the answered strata must hold, for a weighted figure to be told


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population: its people, how many of them answered, and how many of these well."""

    population: int
    answered: int
    good: int


@dataclass(frozen=True, slots=True)
class Weighted:
    """A share as it would be if every stratum had answered in proportion.

    `effective_n` is how many answers of a plain sample would be worth the same; `covered` the share of the
    population that is in a stratum with an answer.
    """

    value: float
    effective_n: float
    interval: Interval
    covered: float


def post_stratified(strata: Iterable[Stratum]) -> Weighted | None:
    """Weigh a share by the population of each stratum; None where too little of the population answered.

    Each answer weighs W_h / n_h; the effective number of answers is (Σw)² / Σw² (Kish 1965), and the interval
    Wilson's with it. Strata without an answer are left out: `covered` tells how much is in the others.
    Raises ValueError for a stratum with more good answers than answers.
    """
    known = [one for one in strata if one.population > 0]
    told = [one for one in known if one.answered > 0]
    if any(not 0 <= one.good <= one.answered for one in told):
        raise ValueError("more good answers than answers")
    everyone, reached = sum(one.population for one in known), sum(one.population for one in told)
    if not told or reached < ENOUGH * everyone:
        return None
    value = math.fsum(one.population * one.good / one.answered for one in told) / reached
    effective = reached**2 / math.fsum(one.population**2 / one.answered for one in told)
    value = min(1.0, max(0.0, value))
    return Weighted(value, effective, wilson_of(value, effective), reached / everyone)


def non_response_bounds(rate: float, value: float) -> Interval:
    """Give the share if all who said nothing were dissatisfied, and if all were satisfied (Manski 1989).

    A rate of .1 and a share of .9 leave .09 to .99.
    """
    if not (0 <= rate <= 1 and 0 <= value <= 1):
        raise ValueError("a rate and a share lie in 0..1")
    return rate * value, rate * value + 1 - rate


def representativeness(groups: Sequence[tuple[int, int]]) -> float | None:
    """Give R = 1 − 2 S of the response rates of groups, each (invited, answered) (Schouten et al. 2009).

    1 where every group answered at the same rate; None with fewer than two groups to compare.
    """
    known = [(invited, answered) for invited, answered in groups if invited > 0]
    if len(known) < 2:  # noqa: PLR2004 - one group is compared with nothing
        return None
    n = sum(invited for invited, _ in known)
    mean = sum(answered for _, answered in known) / n
    squares = math.fsum(invited * (answered / invited - mean) ** 2 for invited, answered in known)
    return 1 - 2 * math.sqrt(squares / n)


@dataclass(frozen=True, slots=True)
class Effect:
    """What goes with something that happened to some people: how many it met, and how they differ.

    `ratio` is None where nobody else was dissatisfied; `attributable` is the share of all dissatisfied who
    would not be, if those it met were as dissatisfied as the others. That it is the cause, it cannot say.
    """

    met: int
    met_bad: int
    others: int
    others_bad: int
    ratio: float | None
    interval: Interval | None
    attributable: float | None

    @property
    def prevalence(self) -> float:
        """The share of people whom it met."""
        return self.met / (self.met + self.others)


def effect(met: int, met_bad: int, others: int, others_bad: int) -> Effect | None:
    """Compare the dissatisfied among those whom something met with those among the others (KPI.md §5).

    The ratio of risks with Katz's logarithmic interval, and the share attributable in the population
    (Levin 1953). None where one of the groups is empty. Raises ValueError for impossible counts.
    """
    if not (0 <= met_bad <= met and 0 <= others_bad <= others):
        raise ValueError("more dissatisfied than people")
    if not met or not others:
        return None
    ratio = attributable = None
    interval = None
    base, bad = others_bad / others, met_bad + others_bad
    if bad:
        attributable = (bad / (met + others) - base) / (bad / (met + others))
    if others_bad:
        ratio = (met_bad / met) / base
    if ratio:
        spread = math.exp(Z95 * math.sqrt(1 / met_bad - 1 / met + 1 / others_bad - 1 / others))
        interval = ratio / spread, ratio * spread
    return Effect(met, met_bad, others, others_bad, ratio, interval, attributable)


def correlation(pairs: Mapping[tuple[int, int], int]) -> float | None:
    """Give Pearson's correlation of pairs of answers, each with how often it was given; None if undefined."""
    n = sum(pairs.values())
    if n < 3:  # noqa: PLR2004 - two points always lie on a line
        return None
    mean_x = math.fsum(x * count for (x, _), count in pairs.items()) / n
    mean_y = math.fsum(y * count for (_, y), count in pairs.items()) / n
    across = math.fsum((x - mean_x) * (y - mean_y) * count for (x, y), count in pairs.items())
    along_x = math.fsum((x - mean_x) ** 2 * count for (x, _), count in pairs.items())
    along_y = math.fsum((y - mean_y) ** 2 * count for (_, y), count in pairs.items())
    return across / math.sqrt(along_x * along_y) if along_x and along_y else None


def place_in_grid(importance: float, performance: float, middle: tuple[float, float]) -> str:
    """Name the field of a matter by importance and performance (Martilla and James 1977).

    `middle` is where the fields meet: weakness (important, done badly), strength, minor, spare.
    """
    is_important, is_done_well = importance >= middle[0], performance >= middle[1]
    if is_important:
        return "strength" if is_done_well else "weakness"
    return "spare" if is_done_well else "minor"
