"""When an alert of a hall begins and when it ends: two bounds and a shortest time, so that none flickers."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from govdesk.queue.dispatch import Officer
from govdesk.queue.policy import MINUTE

LATE, IDLE, UNSERVED, WRAPPING, UNMANNED = KINDS = ("late", "idle", "unserved", "wrapping", "unmanned")
OF_COUNTERS = (IDLE, WRAPPING)  # the others are of services
SHORTEST = dt.timedelta(minutes=2)  # between two changes of the same alert
EASED = 0.8  # of the wait target: below it who waits longest is in good time again
CALM = 1.0  # minutes: below it a wait or a rest asks for nothing any more
Key = tuple[str, int]  # what it is, and the service, or the counter


@dataclass(frozen=True, slots=True)
class Bounds:
    """Minutes: an alert begins above the one and ends below the other, which is the lower."""

    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The minutes of a branch beyond which its hall asks for a hand."""

    idle: int = 3  # a counter is free while somebody waits for it
    unserved: int = 2  # people wait, and nobody may call them
    wrap_up: int = 10  # an officer finishes notes
    soon: int = 30  # before an appointment for which nobody is there


USUAL = Limits()


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
class Coming:
    """The next appointments for a service."""

    service_id: int
    starts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class View:
    """A hall at a moment: who waits, who could call, the target of each service, which ones get help.

    `resting` are the counters on a break, `writing` those at which notes are finished, and since when.
    """

    now: dt.datetime
    lines: tuple[Line, ...]
    desks: tuple[Desk, ...]
    targets: Mapping[int, int]
    helped: frozenset[int] = frozenset()
    limits: Limits = USUAL
    resting: tuple[Desk, ...] = ()
    writing: Mapping[int, dt.datetime] = field(default_factory=dict)
    coming: tuple[Coming, ...] = ()


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
    been there. `wrapping` is how long notes are finished. `unmanned` is how far the time before an
    appointment has run down for which nobody sits there; who is on a break does.
    """
    found: dict[Key, Level] = {}
    limits = view.limits
    for line in view.lines:
        waited = max(0.0, (view.now - line.since) / MINUTE)
        target = float(view.targets[line.service_id])
        _at_least(found, (LATE, line.service_id), waited, Bounds(target, EASED * target))
        if not any(_may_come(desk, line.service_id, view) for desk in view.desks):
            _at_least(found, (UNSERVED, line.service_id), waited, bounds(limits.unserved))
        for desk in view.desks:
            if desk.free_since is not None and _is_own(desk, line):
                free = max(0.0, (view.now - desk.free_since) / MINUTE)
                _at_least(found, (IDLE, desk.counter_id), min(free, waited), bounds(limits.idle))
    for counter_id, since in view.writing.items():
        lasts = max(0.0, (view.now - since) / MINUTE)
        _at_least(found, (WRAPPING, counter_id), lasts, bounds(limits.wrap_up))
    for one in view.coming:
        if not any(_may_come(desk, one.service_id, view) for desk in (*view.desks, *view.resting)):
            gone = limits.soon - (one.starts_at - view.now) / MINUTE
            _at_least(found, (UNMANNED, one.service_id), gone, Bounds(0.0, 0.0))
    return found


def bounds(limit: int) -> Bounds:
    """The bounds of a limit in minutes: it is over once less than a minute is left of it."""
    return Bounds(float(limit), min(CALM, limit / 2))


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


def _may_come(desk: Desk, service_id: int, view: View) -> bool:
    """Whether whoever sits there may call for the service: as their own, or to help."""
    helps = service_id in view.helped and desk.officer.may_serve(service_id)
    return desk.officer.is_own(service_id) or helps


def _at_least(found: dict[Key, Level], key: Key, minutes: float, bounds: Bounds) -> None:
    if key not in found or minutes > found[key].minutes:
        found[key] = Level(minutes, bounds)


def _sorted(keys: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(sorted(keys))
