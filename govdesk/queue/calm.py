"""Which hours of a branch's week are calm, from the waits of its own past."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

LEAST = 8  # visits of an hour before anything is said of it
CALM, BUSY = 2 / 3, 4 / 3  # of the middle wait of the week


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the week: how many visits are known of it, their middle wait, and how it compares.

    `kind` is calm, usual, busy, or unknown where fewer than LEAST visits are known; then `minutes` is None.
    """

    count: int
    minutes: float | None
    kind: str


def week(waits: Iterable[tuple[int, int, float]]) -> Mapping[tuple[int, int], Hour]:
    """Judge each hour by (weekday, hour of arrival, minutes waited) of visits; an hour without any is absent.

    An hour is calm when its middle wait is at most two thirds of the middle of all hours that are known, busy
    from four thirds on. Where the middle is under a minute, nothing is busy and every known hour is calm.
    """
    by_hour: dict[tuple[int, int], list[float]] = defaultdict(list)
    for weekday, hour, minutes in waits:
        by_hour[weekday, hour].append(minutes)
    middles = {when: median(found) for when, found in by_hour.items() if len(found) >= LEAST}
    usual = median(middles.values()) if middles else 0.0
    return {
        when: Hour(len(found), middles.get(when), _kind(middles.get(when), usual))
        for when, found in by_hour.items()
    }


def calmest(hours: Mapping[tuple[int, int], Hour], most: int = 3) -> list[tuple[int, int]]:
    """The calmest hours that are known, the calmest first."""
    known = [
        (hour.minutes, when)
        for when, hour in hours.items()
        if hour.kind == "calm" and hour.minutes is not None
    ]
    return [when for _minutes, when in sorted(known)[:most]]


def _kind(minutes: float | None, usual: float) -> str:
    if minutes is None:
        return "unknown"
    if usual < 1 or minutes <= usual * CALM:
        return "calm"
    return "busy" if minutes >= usual * BUSY else "usual"
