"""How long a line takes, as a distribution: the sum of the times between its departures.

With k people still before a newcomer and all counters busy, the next of them leaves the line at the rate
counters / minutes + k * patience_rate: somebody is called, or one of the k gives up. The wait of who has
`ahead` people before is the sum of ahead + 1 independent exponential times (Ibrahim, Whitt 2009). Lengths
are in minutes, rates per minute.
"""

import functools
import itertools
import math
from statistics import NormalDist

LOW, HIGH = 0.1, 0.9
LEAST_PROMISE = 2.0  # minutes: also at a free counter somebody has to press and somebody has to hear
LONG_LINE = 300  # from here on the cube-root normal law is within half a thousandth of the exact one
EXACT = 1e-13
BY_THE_MINUTE, BY_FIVE = 20, 60  # up to here people say every minute, and every fifth


def mean_wait(ahead: int, counters: int, minutes: float, patience_rate: float = 0.0) -> float:
    """Mean wait of a newcomer (QLm)."""
    return math.fsum(1.0 / rate for rate in _rates(ahead, counters, minutes, patience_rate))


def variance_of_wait(ahead: int, counters: int, minutes: float, patience_rate: float = 0.0) -> float:
    """Variance of the same wait in square minutes: the squared error that its mean must have."""
    return math.fsum(1.0 / rate**2 for rate in _rates(ahead, counters, minutes, patience_rate))


@functools.lru_cache(maxsize=8192)  # a hall asks for the same ones with every call
def wait_range(ahead: int, counters: int, minutes: float, patience_rate: float = 0.0) -> tuple[float, float]:
    """The wait that eight of ten newcomers have, p10 and p90."""
    line = (ahead, counters, minutes, patience_rate)
    return quantile(LOW, *line), quantile(HIGH, *line)


def chance_of_more(
    moment: float, ahead: int, counters: int, minutes: float, patience_rate: float = 0.0
) -> float:
    """The probability to wait longer than `moment`: that at most `ahead` have left the line by then."""
    return math.fsum(_left_by(moment, ahead, counters / minutes, patience_rate)) if moment > 0 else 1.0


def chances_of_more(
    moment: float, most: int, counters: int, minutes: float, patience_rate: float = 0.0
) -> list[float]:
    """The same with 0, 1, … `most` people ahead: each is the one before and one departure more."""
    if moment <= 0:
        return [1.0] * (most + 1)
    return list(itertools.accumulate(_left_by(moment, most, counters / minutes, patience_rate)))


def quantile(share: float, ahead: int, counters: int, minutes: float, patience_rate: float = 0.0) -> float:
    """The moment before which `share` of newcomers are called: Newton's steps, kept between bounds."""
    guess = _near(share, ahead, counters, minutes, patience_rate)
    if ahead >= LONG_LINE:
        return guess
    rate = counters / minutes
    last = rate + ahead * patience_rate
    low, high = 0.0, math.inf
    for _ in range(100):
        left = _left_by(guess, ahead, rate, patience_rate)
        missing = (1.0 - share) - math.fsum(left)
        low, high = (guess, high) if missing < 0 else (low, guess)
        if abs(missing) <= EXACT:
            return guess
        density = last * left[-1]
        step = guess - missing / density if density > 0 else math.nan
        is_inside = low < step < high
        guess = step if is_inside else (low + high) / 2 if high < math.inf else 2 * guess
    return guess


def said(low: float, high: float) -> tuple[int, int]:
    """A range as people say it: by the minute up to 20, by five up to an hour, then by ten; never a point."""
    high = max(high, LEAST_PROMISE)
    first, last = _said(low), _said(high)
    return (first, last) if first < last else (first, first + _step(first))


def _said(minutes: float) -> int:
    step = _step(minutes)
    return step * math.floor(minutes / step + 0.5)


def _step(minutes: float) -> int:
    return 1 if minutes < BY_THE_MINUTE else 5 if minutes < BY_FIVE else 10


def _rates(ahead: int, counters: int, minutes: float, patience_rate: float) -> list[float]:
    return [counters / minutes + k * patience_rate for k in range(ahead + 1)]


def _left_by(moment: float, ahead: int, rate: float, patience_rate: float) -> list[float]:
    """The probabilities that 0, 1, … `ahead` people have left the line by `moment`.

    Departures whose rate grows by the same amount with each (here read from the last to the first) are
    negative-binomial: the j-th term is the one before times (rate + (j - 1) patience) y / j, where
    y = (1 - e^(-patience moment)) / patience. All are positive, so nothing cancels; without patience y is the
    moment and they are Poisson's.
    """
    y = -math.expm1(-patience_rate * moment) / patience_rate if patience_rate > 0 else moment
    logarithm = -rate * moment
    terms = [math.exp(logarithm)]
    for j in range(1, ahead + 1):
        logarithm += math.log((rate + (j - 1) * patience_rate) * y / j)
        terms.append(math.exp(logarithm))
    return terms


def _near(share: float, ahead: int, counters: int, minutes: float, patience_rate: float) -> float:
    """The same quantile of the gamma law with this mean and variance (Wilson, Hilferty 1931)."""
    mean = mean_wait(ahead, counters, minutes, patience_rate)
    shape = mean**2 / variance_of_wait(ahead, counters, minutes, patience_rate)
    root = 1 - 1 / (9 * shape) + NormalDist().inv_cdf(share) / (3 * math.sqrt(shape))
    return mean * max(root, 0.05) ** 3
