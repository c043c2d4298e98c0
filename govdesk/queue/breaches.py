"""Who is in good time still and will not be: foretold from what each has waited and has yet to wait."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits, in minutes: so long already, the target, and the range of what is to come."""

    number: str
    service_id: int
    waited: float
    target: float
    low: float
    high: float

    @property
    def left(self) -> float:
        """Minutes until the target is missed; below 0 when it is."""
        return self.target - self.waited

    @property
    def will_miss(self) -> bool:
        """Whether the call will rather come after the target than before it."""
        return (self.low + self.high) / 2 > self.left


@dataclass(frozen=True, slots=True)
class Breach:
    """People of a service who will wait beyond the target; the first of them in so many minutes."""

    service_id: int
    number: str
    left: float
    count: int


@dataclass(frozen=True, slots=True)
class Level:
    """The share called within the target today, and what it comes to with those who wait."""

    now: float
    then: float


def coming(waiting: Iterable[Waiter]) -> list[Breach]:
    """The breaches that are foreseen, one for each service, the nearest first.

    Who waits beyond the target already is none: that is a breach that has come.
    """
    missing: dict[int, list[Waiter]] = {}
    for one in waiting:
        if one.left >= 0 and one.will_miss:
            missing.setdefault(one.service_id, []).append(one)
    firsts = [(min(some, key=lambda one: (one.left, one.number)), len(some)) for some in missing.values()]
    found = [Breach(first.service_id, first.number, first.left, count) for first, count in firsts]
    return sorted(found, key=lambda one: (one.left, one.service_id))


def falling(in_time: int, judged: int, waiting: Iterable[Waiter], goal: float) -> Level | None:
    """The service level of a day that reaches its goal and is about to fall below it; None of any other.

    `judged` counts who was called and who waits beyond the target already.
    """
    still = [one for one in waiting if one.left >= 0]
    if not judged or not still or in_time / judged < goal:
        return None
    kept = sum(not one.will_miss for one in still)
    then = (in_time + kept) / (judged + len(still))
    return Level(in_time / judged, then) if then < goal else None
