"""How many more may be booked than can be served, where some never come: capped by probability.

Only for a pool: a window whose desks serve whoever comes, so that chance evens out. P(more come than there
are places) is a binomial tail; the largest number booked for which it stays within `RISK` is allowed.
"""

import math

RISK = 0.05
POOL = 8  # places in one window: fewer are no pool, in which one too many waits for long
LEAST_SHARE = 0.05  # fewer than that are never believed to come: where nobody comes, no number is the largest
EVERYBODY = 30  # people who came, believed in before anything is known: who has no history books nobody over
Z = 1.959963984540054


def allowed(capacity: int, show_rate: float, *, risk: float = RISK, pool: int = POOL) -> int:
    """Return the largest n with P(Binomial(n, show_rate) > capacity) <= risk; the capacity where no pool is.

    From n to n + 1 the tail grows by show_rate times P(exactly `capacity` come of n), which itself follows
    from the one before; kept as logarithms, so that no large pool rounds to nothing.
    """
    if not 0 <= show_rate <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {show_rate}")
    if capacity < pool or show_rate == 1:
        return capacity
    share = max(show_rate, LEAST_SHARE)
    log_full = capacity * math.log(share)  # exactly `capacity` of `capacity` come
    n, tail = capacity, 0.0
    while (tail := tail + share * math.exp(log_full)) <= risk:
        log_full += math.log((n + 1) / (n + 1 - capacity)) + math.log1p(-share)
        n += 1
    return n


def show_rate(came: int, expected: int) -> float:
    """Return the share who come, careful on the side of many: drawn towards all by `EVERYBODY` who came.

    Never above the upper Wilson bound (95 %) of what was measured. 1 where nothing is known.
    """
    if not 0 <= came <= expected:
        raise ValueError(f"{came} of {expected} cannot have come")
    if expected == 0:
        return 1.0
    drawn = (came + EVERYBODY) / (expected + EVERYBODY)
    return min(drawn, _upper(came, expected))


def _upper(came: int, expected: int) -> float:
    share, square = came / expected, Z * Z
    middle = share + square / (2 * expected)
    spread = Z * math.sqrt(share * (1 - share) / expected + square / (4 * expected * expected))
    return min(1.0, (middle + spread) / (1 + square / expected))
