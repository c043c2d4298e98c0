"""When an alert of a hall begins and when it ends: two bounds and a shortest time, so that none flickers."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from govdesk.queue.dispatch import Officer
from govdesk.queue.policy import MINUTE

LATE, IDLE, UNSERVED = KINDS = ("late", "idle", "unserved")
SHORTEST = dt.timedelta(minutes=2)  # between two changes of the same alert
EASED = 0.8  # of the wait target: below it who waits longest is in good time again
Key = tuple[str, int]  # what it is, and the service (of an idle one: the counter)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Minutes: an alert begins above the one and ends below the other, which is the lower."""

    above: float
    below: float


IDLE_BOUNDS = Bounds(above=3.0, below=1.0)
UNSERVED_BOUNDS = Bounds(above=2.0, below=1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """Those who wait for a service, for anybody or for one seat alone; the first of them since when."""

    service_id: int
    since: dt.datetime
    counter_id: int | None = None
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter without a break; `free_since` is None while somebody is there or notes are finished."""

    counter_id: int
    staff_id: int
    officer: Officer
    free_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A hall at a moment: who waits, who could call, the target of each service, which ones get help."""

    now: dt.datetime
    lines: tuple[Line, ...]
    desks: tuple[Desk, ...]
    targets: Mapping[int, int]
    helped: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Level:
    """How bad it is, in minutes, and the bounds that it is held against."""

    minutes: float
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Course:
    """The last alert of a key: when it began, and when it ended unless it is open."""

    began_at: dt.datetime
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Which alerts begin now and which end."""

    begin: tuple[Key, ...] = ()
    end: tuple[Key, ...] = ()


def levels(view: View) -> dict[Key, Level]:
    """Return what there is to watch. What is not named is at nought.

    `late` is the longest wait for a service, against its target. `unserved` is the same wait where nobody
    who sits there may call for it. `idle` is how long a free counter and somebody it may call have both
    been there.
    """
    found: dict[Key, Level] = {}
    for line in view.lines:
        waited = max(0.0, (view.now - line.since) / MINUTE)
        target = float(view.targets[line.service_id])
        _at_least(found, (LATE, line.service_id), waited, Bounds(target, EASED * target))
        if not any(_may_come(desk, line, view) for desk in view.desks):
            _at_least(found, (UNSERVED, line.service_id), waited, UNSERVED_BOUNDS)
        for desk in view.desks:
            if desk.free_since is not None and _is_own(desk, line):
                free = max(0.0, (view.now - desk.free_since) / MINUTE)
                _at_least(found, (IDLE, desk.counter_id), min(free, waited), IDLE_BOUNDS)
    return found


def decide(found: Mapping[Key, Level], known: Mapping[Key, Course], now: dt.datetime) -> Changes:
    """Return what changes, of what is found now and of what was known.

    1. An alert begins above its upper bound and ends below its lower one; in between it stays what it is.
    2. It lasts at least the shortest time, and does not begin again before as much has passed since its end.
    """
    begin = [
        key
        for key, level in found.items()
        if level.minutes > level.bounds.above and _may_begin(known.get(key), now)
    ]
    end = [
        key
        for key, course in known.items()
        if course.ended_at is None
        and now - course.began_at >= SHORTEST
        and (key not in found or found[key].minutes < found[key].bounds.below)
    ]
    return Changes(_sorted(begin), _sorted(end))


def _may_begin(course: Course | None, now: dt.datetime) -> bool:
    return course is None or (course.ended_at is not None and now - course.ended_at >= SHORTEST)


def _is_own(desk: Desk, line: Line) -> bool:
    """Whether it is a line of this counter, and not one meant for another seat."""
    is_meant = line.counter_id in {None, desk.counter_id} and line.staff_id in {None, desk.staff_id}
    return is_meant and desk.officer.is_own(line.service_id)


def _may_come(desk: Desk, line: Line, view: View) -> bool:
    """Whether whoever sits there may call for the service: as their own, or to help."""
    helps = line.service_id in view.helped and desk.officer.may_serve(line.service_id)
    return desk.officer.is_own(line.service_id) or helps


def _at_least(found: dict[Key, Level], key: Key, minutes: float, bounds: Bounds) -> None:
    if key not in found or minutes > found[key].minutes:
        found[key] = Level(minutes, bounds)


def _sorted(keys: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(sorted(keys))
