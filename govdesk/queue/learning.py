"""What the past teaches about a line: how long services take a counter, and how long people have patience.

Pure functions of plain numbers, so that learning again from the events gives the same digits.
"""

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHRINKAGE = 20  # the mean above weighs as much as this many observations, until the data say how much
LEAST_WEIGHT, MOST_WEIGHT = 5.0, 500.0
FEW = 8  # observations, below which what is usual is known from the declared length alone
LONGEST = 6  # times the declared length, then
FENCE = 1.5  # quartile distances of the logarithms (Tukey 1977)
LEAST_FENCE = 3  # times the median
LEAVERS = 5  # the patience above weighs as much as this many people who left
BEGINS = frozenset({"called", "started", "resumed"})  # started: a further service without a call
ENDS = frozenset({"held", "transferred", "concluded", "noshow", "parked", "handed_back"})
NIGHT = "closed"
ANY_HOUR = -1
MINUTE = 60.0

Where = tuple[int, int, int]  # branch, service, hour of the local day


@dataclass(frozen=True, slots=True)
class Pace:
    """How a service goes: mean minutes, their coefficient of variation, from how many, how many give up."""

    minutes: float
    spread: float = 1.0  # 1 is that of exponential lengths
    count: int = 0
    patience_rate: float = 0.0  # per minute and person


@dataclass(frozen=True, slots=True)
class Patience:
    """Who left before the call, and how long everybody waited (seconds): censored at the call."""

    left: int = 0
    waited: int = 0


def at_counter(events: Iterable[tuple[str, dt.datetime]]) -> int | None:
    """Seconds that a ticket took of a counter, from the call to the end, without what it was set aside.

    `events` are kind and moment in their order. None when it was never called, and when it was closed at
    night: nobody knows then when it really ended. What was undone counts as if it had not been.
    """
    took, since, was_called = dt.timedelta(), None, False
    before: tuple[dt.timedelta, dt.datetime | None] = took, since
    for kind, at in events:
        if kind == NIGHT:
            return None
        if kind == "undone":
            took, since = before
            continue
        before = took, since
        if kind in BEGINS and since is None:
            since, was_called = at, True
        elif kind in ENDS and since is not None:
            took, since = took + (at - since), None
    return round(took.total_seconds()) if was_called and since is None else None


def usual(lengths: Sequence[int], declared: float) -> list[int]:
    """The lengths (seconds) without the forgotten: beyond the outer fence of the logarithms none is usual.

    The fence is never below three times the median. Of few lengths nobody can tell what is usual: then six
    times the declared length is the fence.
    """
    known = sorted(length for length in lengths if length > 0)
    if len(known) < FEW:
        return [length for length in known if length <= LONGEST * declared * MINUTE]
    first, median, third = statistics.quantiles(known, n=4, method="inclusive")
    fence = max(LEAST_FENCE * median, third * (third / first) ** FENCE)
    return [length for length in known if length <= fence]


def shrunk(prior: float, lengths: Sequence[float], weight: float = SHRINKAGE) -> float:
    """The mean of the lengths, drawn towards a prior that weighs as much as `weight` of them."""
    return (weight * prior + math.fsum(lengths)) / (weight + len(lengths))


def credibility(groups: Iterable[Sequence[float]]) -> float:
    """How many observations the common mean is worth to each of its groups (Bühlmann, Straub 1970).

    The variance within the groups over the variance between their means: where groups hardly differ, each is
    drawn far. 20 where fewer than three groups have anything to say.
    """
    filled = [group for group in groups if group]
    total = sum(len(group) for group in filled)
    if len(filled) < 3 or total <= len(filled):  # noqa: PLR2004 - two groups tell no variance
        return SHRINKAGE
    means = [math.fsum(group) / len(group) for group in filled]
    common = math.fsum(map(math.fsum, filled)) / total
    squares = (math.fsum((x - mean) ** 2 for x in group) for group, mean in zip(filled, means, strict=True))
    within = math.fsum(squares) / (total - len(filled))
    apart = math.fsum(len(group) * (mean - common) ** 2 for group, mean in zip(filled, means, strict=True))
    between = (apart - (len(filled) - 1) * within) / (total - sum(len(g) ** 2 for g in filled) / total)
    if between <= 0:
        return MOST_WEIGHT
    return min(max(within / between, LEAST_WEIGHT), MOST_WEIGHT)


def spread_of(minutes: Sequence[float]) -> float:
    """The coefficient of variation, drawn towards that of exponential lengths while there is little."""
    if len(minutes) < 2:  # noqa: PLR2004 - one length has no spread
        return 1.0
    mean = math.fsum(minutes) / len(minutes)
    squared = math.fsum((x - mean) ** 2 for x in minutes) / (len(minutes) - 1) / mean**2
    return math.sqrt((SHRINKAGE + len(minutes) * squared) / (SHRINKAGE + len(minutes)))


def paces(
    lengths: Mapping[Where, Sequence[int]],
    patience: Mapping[tuple[int, int], Patience],
    declared: Mapping[int, float],
) -> dict[Where, Pace]:
    """The pace of every branch and service that has lengths (seconds), at each hour and at ANY_HOUR.

    Step by step, each mean drawn towards the one above: the service's towards its declared minutes; the
    branch's factor (slower or faster than these) towards 1; the service at the branch towards service times
    factor; its hours towards that.
    """
    ordinary = _ordinary(lengths, declared)
    by_service: dict[int, list[float]] = {}
    at_branch: dict[tuple[int, int], list[float]] = {}
    for (branch, service, _hour), minutes in sorted(ordinary.items()):
        by_service.setdefault(service, []).extend(minutes)
        at_branch.setdefault((branch, service), []).extend(minutes)
    means = {service: shrunk(declared[service], minutes) for service, minutes in by_service.items()}
    factors = _factors(at_branch, means)
    rates = _rates(patience)
    found: dict[Where, Pace] = {}
    for (branch, service), minutes in at_branch.items():
        same = [others for (_branch, other), others in at_branch.items() if other == service]
        mean = shrunk(means[service] * factors[branch], minutes, credibility(same))
        spread, rate = spread_of(minutes), rates.get((branch, service), 0.0)
        found[branch, service, ANY_HOUR] = Pace(mean, spread, len(minutes), rate)
        hours = {where[2]: some for where, some in ordinary.items() if where[:2] == (branch, service)}
        weight = credibility(hours[hour] for hour in sorted(hours))
        for hour, some in sorted(hours.items()):
            found[branch, service, hour] = Pace(shrunk(mean, some, weight), spread, len(some), rate)
    return found


def _ordinary(
    lengths: Mapping[Where, Sequence[int]], declared: Mapping[int, float]
) -> dict[Where, list[float]]:
    """Minutes by place and hour, without those that are unusual for the service at the branch."""
    whole: dict[tuple[int, int], list[int]] = {}
    for (branch, service, _hour), seconds in lengths.items():
        whole.setdefault((branch, service), []).extend(seconds)
    most = {place: max(usual(all_, declared[place[1]]), default=0) for place, all_ in whole.items()}
    return {
        where: [length / MINUTE for length in sorted(seconds) if 0 < length <= most[where[:2]]]
        for where, seconds in lengths.items()
    }


def _factors(
    at_branch: Mapping[tuple[int, int], Sequence[float]], means: Mapping[int, float]
) -> dict[int, float]:
    ratios: dict[int, list[float]] = {}
    for (branch, service), minutes in at_branch.items():
        ratios.setdefault(branch, []).extend(length / means[service] for length in minutes)
    return {branch: shrunk(1.0, some) for branch, some in ratios.items()}


def _rates(patience: Mapping[tuple[int, int], Patience]) -> dict[tuple[int, int], float]:
    """Who leaves per minute of waiting: leavers over all the time waited, drawn towards branch and whole."""
    whole = _together(patience.values())
    general = whole.left / (whole.waited / MINUTE) if whole.waited else 0.0
    at_branch: dict[int, float] = {}
    for branch in sorted({branch for branch, _service in patience}):
        own = _together(some for (other, _service), some in patience.items() if other == branch)
        at_branch[branch] = _rate(own, general)
    return {place: _rate(some, at_branch[place[0]]) for place, some in patience.items()}


def _rate(own: Patience, prior: float) -> float:
    return (own.left + LEAVERS) / (own.waited / MINUTE + LEAVERS / prior) if prior else 0.0


def _together(some: Iterable[Patience]) -> Patience:
    known = list(some)
    return Patience(sum(one.left for one in known), sum(one.waited for one in known))
