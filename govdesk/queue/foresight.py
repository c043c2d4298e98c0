"""The next hours of a hall, played many times: who would be called when, by the branch's own policy.

For lines that no formula describes: appointments and priorities ahead, several services, counters that do not
all do the same, lengths unlike exponential ones. Times are minutes from now.
"""

import datetime as dt
import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol

from govdesk.queue.delays import HIGH, LOW
from govdesk.queue.dispatch import Head, Officer, decide
from govdesk.queue.learning import Pace
from govdesk.queue.policy import MINUTE, Policy

MOST_RUNS, LEAST_RUNS = 200, 40
CALLS = 4000  # drawn in all runs together: what a page may cost
DEAR = 4  # times that, a decision of a policy that is not one order
SERIES = 2**48
NOBODY = 2**40  # numbers that no ticket and no appointment has
HORIZON = 360.0  # minutes; who is not called by then is not called in that run
LIKE_EXPONENTIAL = 0.95  # a coefficient of variation
CERTAIN = 1 - 1e-9
Range = tuple[float, float]
Drawn = Callable[[], float]


class Draw(Protocol):
    """What is asked of a source of chance."""

    def seed(self, a: int) -> None:
        """Begin a series anew."""

    def random(self) -> float:
        """Give a number between 0 and 1."""

    def expovariate(self, lambd: float) -> float:
        """Give an exponential length of this rate."""

    def gauss(self, mu: float, sigma: float) -> float:
        """Give a number of a normal law."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter: what its officer can do, the service it is at, and for how many minutes already."""

    officer: Officer
    service_id: int | None = None
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Comer:
    """Somebody who is expected and not here: the head they would be, from when, and how probably."""

    head: Head
    chance: float


@dataclass(frozen=True, slots=True)
class Stream:
    """Walk-ins of a class that keep coming, so many a minute, each standing `head_start` minutes earlier."""

    call_class: str
    service_id: int
    rate: float
    head_start: float
    until: float  # minutes from now; who comes later passes nobody who is asked about


@dataclass(frozen=True, slots=True)
class Hall:
    """All that bears on who is called when."""

    now: dt.datetime
    policy: Policy
    desks: tuple[Desk, ...]
    waiting: tuple[Head, ...]
    paces: Mapping[int, Pace]
    comers: tuple[Comer, ...] = ()
    lately: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()


@dataclass(slots=True, eq=False)
class _Person:
    """Somebody in one run. Nobody waits longer because of newcomers, or of leavers who are asked about."""

    head: Head
    due: float  # from when they may be called
    leaves: float = math.inf
    is_newcomer: bool = False


@dataclass(slots=True)
class _Run:
    """One run of the hall: who is still there, and when each was called."""

    hall: Hall
    people: list[_Person]
    free: list[tuple[float, int]]
    wanted: set[int]
    lately: list[str]
    called: dict[int, float] = field(default_factory=dict)


def foresee(
    hall: Hall, newcomers: Sequence[Head], draw: Draw, *, is_for_all: bool = True
) -> dict[int, Range]:
    """p10 and p90 of the minutes until each of `newcomers` and of those who wait is called.

    Each newcomer is asked about alone, as if they joined now; their ticket_id tells them apart. Whoever waits
    is told as if they stayed. Unless `is_for_all`, of newcomers alone. Who is called in too few runs (nobody
    serves them) is not in the answer.

    Each run draws a series of its own, and newcomers draw nothing, so that the answer for one of them is the
    same whoever else is asked about.
    """
    cost = 1 if hall.policy.is_plain else DEAR
    runs = min(max(CALLS // (cost * (len(hall.waiting) + 2)), LEAST_RUNS), MOST_RUNS)
    series = int(draw.random() * SERIES)
    asked = {head.ticket_id for head in (*(hall.waiting if is_for_all else ()), *newcomers)}
    found: dict[int, list[float]] = {ticket_id: [] for ticket_id in asked}
    lasting = {service_id: lengths(pace, draw) for service_id, pace in hall.paces.items()}
    ending = [
        rests(hall.paces[desk.service_id], desk.minutes, draw) if desk.service_id is not None else None
        for desk in hall.desks
    ]
    for number in range(series, series + runs):
        draw.seed(number)
        free = [(end() if end else 0.0, place) for place, end in enumerate(ending)]
        heapq.heapify(free)
        run = _Run(hall, _people(hall, newcomers, draw), free, set(asked), list(hall.lately))
        _play(run, lasting)
        for ticket_id, moment in run.called.items():
            found[ticket_id].append(moment)
    return {
        ticket_id: (quantile(moments, LOW), quantile(moments, HIGH))
        for ticket_id, moments in found.items()
        if len(moments) > HIGH * runs / 2
    }


def quantile(moments: Iterable[float], share: float) -> float:
    """A quantile of what was drawn, nearly median-unbiased whatever the law (Hyndman, Fan 1996, type 8)."""
    known = sorted(moments)
    place = share * (len(known) + 1 / 3) + 1 / 3
    below = min(max(math.floor(place), 1), len(known))
    above = min(below + 1, len(known))
    part = min(max(place - below, 0.0), 1.0)
    return known[below - 1] * (1 - part) + known[above - 1] * part


def lengths(pace: Pace, draw: Draw) -> Drawn:
    """Draw lengths of a service: exponential while its spread says so, else log-normal with that spread."""
    if pace.spread >= LIKE_EXPONENTIAL:
        return lambda: draw.expovariate(1 / pace.minutes)
    middle, sigma = _law(pace)
    return lambda: math.exp(draw.gauss(middle, sigma))


def rests(pace: Pace, already: float, draw: Draw) -> Drawn:
    """Draw what is left of a service that has taken `already` minutes, by the same law."""
    if pace.spread >= LIKE_EXPONENTIAL or already <= 0:
        return lengths(pace, draw)
    normal = NormalDist(*_law(pace))
    share = normal.cdf(math.log(already))
    if share > CERTAIN:  # nobody knows when what lasts so long will end
        return lambda: draw.expovariate(1 / pace.minutes)

    def left() -> float:
        drawn = min(share + (1 - share) * draw.random(), CERTAIN)
        return max(0.0, math.exp(normal.inv_cdf(drawn)) - already)

    return left


def _law(pace: Pace) -> tuple[float, float]:
    squared = math.log1p(pace.spread**2)
    return math.log(pace.minutes) - squared / 2, math.sqrt(squared)


def _people(hall: Hall, newcomers: Sequence[Head], draw: Draw) -> list[_Person]:
    """Who plays in one run, in the one order: who waits, who comes this time, who is asked about."""
    here = [_person(hall, head, draw) for head in hall.waiting]
    here += [_person(hall, comer.head, draw) for comer in hall.comers if draw.random() < comer.chance]
    here += [_person(hall, head, draw) for stream in hall.streams for head in _coming(hall, stream, draw)]
    here += [_Person(head, _due(hall, head), is_newcomer=True) for head in newcomers]
    here.sort(key=lambda person: (person.head.order_at, person.is_newcomer, person.head.ticket_id))
    return here


def _coming(hall: Hall, stream: Stream, draw: Draw) -> list[Head]:
    """Who comes of a stream in one run, as the heads they will be; their numbers are nobody's."""
    found: list[Head] = []
    moment = draw.expovariate(stream.rate)
    while moment < stream.until:
        came = hall.now + moment * MINUTE
        order_at, number = came - stream.head_start * MINUTE, -(NOBODY * stream.service_id + len(found))
        found.append(Head(number, stream.call_class, stream.service_id, "ar", order_at, came, came))
        moment += draw.expovariate(stream.rate)
    return found


def _person(hall: Hall, head: Head, draw: Draw) -> _Person:
    due, rate = _due(hall, head), hall.paces[head.service_id].patience_rate
    return _Person(head, due, due + draw.expovariate(rate) if rate > 0 else math.inf)


def _due(hall: Hall, head: Head) -> float:
    return max(0.0, (head.callable_at - hall.now) / MINUTE)


def _play(run: _Run, lasting: Mapping[int, Drawn]) -> None:
    """Counters fall free and the policy decides, until everybody asked about has been called."""
    desks, step = run.hall.desks, _first_in_order if run.hall.policy.is_plain else _chosen
    while run.free and run.wanted:
        moment, place = heapq.heappop(run.free)
        if moment > HORIZON:
            break
        person = step(run, moment, desks[place].officer)
        if person is not None:
            run.people.remove(person)
            _note(run, person, moment)
            heapq.heappush(run.free, (moment + lasting[person.head.service_id](), place))
        elif (later := _next(run, moment)) is not None:
            heapq.heappush(run.free, (later, place))


def _note(run: _Run, person: _Person, moment: float) -> None:
    if person.head.ticket_id in run.wanted:
        run.wanted.discard(person.head.ticket_id)
        run.called[person.head.ticket_id] = moment


def _stays_asked(run: _Run, person: _Person) -> bool:
    """Let who leaves stand beside the line from now on, if they are asked about; whether they do."""
    person.is_newcomer = person.head.ticket_id in run.wanted
    return person.is_newcomer


def _first_in_order(run: _Run, moment: float, officer: Officer) -> _Person | None:
    """Whom this counter takes when the first in one order is called; newcomers met before are answered."""
    gone = []
    chosen = None
    for person in run.people:
        if person.leaves < moment and not _stays_asked(run, person):
            gone.append(person)
        elif person.due <= moment and officer.is_own(person.head.service_id):
            if not person.is_newcomer:
                chosen = person
                break
            _note(run, person, moment)
            gone.append(person)
    for person in gone:
        run.people.remove(person)
    return chosen


def _chosen(run: _Run, moment: float, officer: Officer) -> _Person | None:
    """Whom this counter takes by the policy, from the heads of the lines as they are then."""
    run.people = [one for one in run.people if one.leaves >= moment or _stays_asked(run, one)]
    lines: dict[tuple[str, int, str], _Person] = {}
    last: dict[tuple[str, int, str], list[_Person]] = {}  # newcomers before whom nobody of their line is
    for person in run.people:
        line = person.head.line
        if person.due > moment or line in lines:
            continue
        if person.is_newcomer:
            last.setdefault(line, []).append(person)
        else:
            lines[line] = person
    at = run.hall.now + moment * MINUTE
    heads = {person.head.ticket_id: person for person in lines.values()}
    for person in [one for some in last.values() for one in some]:
        others = [one.head for one in heads.values() if one.head.line != person.head.line]
        choice = decide([*others, person.head], run.lately, officer, at, run.hall.policy)
        if choice is not None and choice.head.ticket_id == person.head.ticket_id:
            _note(run, person, moment)
            run.people.remove(person)
    choice = decide([one.head for one in heads.values()], run.lately, officer, at, run.hall.policy)
    if choice is None:
        return None
    run.lately = [choice.head.call_class, *run.lately][: run.hall.policy.memory]
    return heads[choice.head.ticket_id]


def _next(run: _Run, moment: float) -> float | None:
    """When a counter that finds nobody looks again: when the next person may be called, or help is due."""
    if not run.people:
        return None
    later = [person.due for person in run.people if person.due > moment]
    if run.hall.policy.helps:
        later.append(moment + 1)
    return min(later) + 1e-9 if later else None
