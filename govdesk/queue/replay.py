"""A past day played again under another policy: who would have been called when, without any chance."""

import bisect
import datetime as dt
import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from govdesk.queue.dispatch import Head, Officer, decide
from govdesk.queue.policy import CLASSES, MINUTE, Policy, class_of, place

LEAST = dt.timedelta(minutes=1)
LONGEST_GAP = dt.timedelta(minutes=10)  # between two people at a counter; longer is another kind of pause


@dataclass(frozen=True, slots=True)
class Came:
    """Someone who came that day, and what became of them."""

    ticket_id: int
    service_id: int
    language: str
    arrived_at: dt.datetime
    due_at: dt.datetime | None = None
    has_priority: bool = False
    is_displaced: bool = False
    is_our_mistake: bool = False
    stage_before: int | None = None  # the ticket from which they were sent on
    first_arrived_at: dt.datetime | None = None  # where that began
    counter_id: int | None = None
    called_at: dt.datetime | None = None
    left_at: dt.datetime | None = None  # when they gave up, uncalled
    ended_at: dt.datetime | None = None

    @property
    def since(self) -> dt.datetime:
        """From when the wait counts: the arrival, or the appointment's minute."""
        return max(self.arrived_at, self.due_at) if self.due_at else self.arrived_at

    @property
    def took(self) -> dt.timedelta | None:
        """How long a counter was theirs."""
        return self.ended_at - self.called_at if self.called_at and self.ended_at else None


@dataclass(frozen=True, slots=True)
class Shift:
    """A time in which a counter was open and on no break, and what the one who sat there can do."""

    counter_id: int
    opens: dt.datetime
    closes: dt.datetime
    officer: Officer


@dataclass(frozen=True, slots=True)
class Figures:
    """The waits of one class in minutes; None where nobody was called."""

    called: int
    median: float | None
    p90: float | None
    longest: float | None
    passing: int  # were called before somebody who waited longer for the same service
    left: int


def play(people: Sequence[Came], shifts: Iterable[Shift], policy: Policy) -> dict[int, dt.datetime]:
    """Return when each would have been called: the same arrivals, lengths and open counters, this policy.

    Who left would leave at the same moment if not called by then; who was never served and is called takes
    the median of the service that day. Between two people a counter needs what it usually needed.
    """
    return _Day(people, shifts, policy).run()


def figures(people: Sequence[Came], called: Mapping[int, dt.datetime], policy: Policy) -> dict[str, Figures]:
    """The waits by class (the classes of this policy) when these people are called at these moments."""
    by_class: dict[str, list[Came]] = {name: [] for name in CLASSES}
    for one in people:
        by_class[_class_of(one, policy)].append(one)
    passing = _passing(people, called)
    return {name: _figures(some, called, passing) for name, some in by_class.items() if some}


def really(people: Iterable[Came]) -> dict[int, dt.datetime]:
    """When each was called in truth."""
    return {one.ticket_id: one.called_at for one in people if one.called_at is not None}


def turnaround(people: Iterable[Came]) -> dt.timedelta:
    """The median pause of a counter between two people of whom the second already waited."""
    gaps = []
    at_counter: dict[int, Came] = {}
    for one in sorted(
        (one for one in people if one.called_at), key=lambda one: (one.called_at, one.ticket_id)
    ):
        assert one.called_at is not None
        before = at_counter.get(one.counter_id or 0)
        if before is not None and before.ended_at is not None and one.since <= before.ended_at:
            gap = one.called_at - before.ended_at
            if dt.timedelta() <= gap <= LONGEST_GAP:
                gaps.append(gap.total_seconds())
        at_counter[one.counter_id or 0] = one
    return dt.timedelta(seconds=median(gaps)) if gaps else dt.timedelta()


class _Day:
    """The day as it is played: a line of moments, who is inside, which counters are free."""

    def __init__(self, people: Sequence[Came], shifts: Iterable[Shift], policy: Policy) -> None:
        self.policy = policy
        self.people = {one.ticket_id: one for one in people}
        self.shifts = sorted(shifts, key=lambda shift: (shift.opens, shift.counter_id))
        self.free_at = [shift.opens for shift in self.shifts]
        self.pause = turnaround(people)
        self.lengths = _usual(people)
        self.inside: dict[tuple[str, int, str], list[tuple[dt.datetime, int, Head]]] = {}
        self.called: dict[int, dt.datetime] = {}
        self.lately: list[str] = []
        self.following = {one.stage_before: one for one in people if one.stage_before is not None}
        self.moments: list[tuple[dt.datetime, int]] = []  # with who comes in, or 0 to look again
        for one in people:
            if one.stage_before not in self.people:
                heapq.heappush(self.moments, (one.arrived_at, one.ticket_id))
        for shift in self.shifts:
            heapq.heappush(self.moments, (shift.opens, 0))

    def run(self) -> dict[int, dt.datetime]:
        """Play until nothing more happens."""
        while self.moments:
            now, ticket_id = heapq.heappop(self.moments)
            if ticket_id:
                self._enter(self.people[ticket_id], now)
            if not self.moments or self.moments[0][0] > now:
                self._call_all(now)
        return self.called

    def _enter(self, one: Came, now: dt.datetime) -> None:
        came = replace(one, arrived_at=now)
        stands = replace(one, arrived_at=one.first_arrived_at or now)
        callable_at = now if one.stage_before is not None else came.since
        order_at = _place_of(stands, self.policy)
        since = order_at if self.policy.form == "turns" else callable_at
        name = _class_of(stands, self.policy)
        head = Head(one.ticket_id, name, one.service_id, one.language, order_at, callable_at, since)
        bisect.insort(self.inside.setdefault(head.line, []), (order_at, one.ticket_id, head))
        ahead = [head.callable_at, head.callable_at - self.policy.early * MINUTE]
        ahead += [since + help_.after * MINUTE + LEAST for help_ in self.policy.helps]
        for moment in ahead:
            if moment > now:
                heapq.heappush(self.moments, (moment, 0))

    def _call_all(self, now: dt.datetime) -> None:
        self._let_go(now)
        free = [seat for seat, shift in enumerate(self.shifts) if self.free_at[seat] <= now < shift.closes]
        for seat in sorted(free, key=lambda seat: (self.free_at[seat], seat)):
            if self.inside:
                self._call(seat, now)

    def _call(self, seat: int, now: dt.datetime) -> None:
        shift = self.shifts[seat]
        choice = decide(self._heads(now), self.lately, shift.officer, now, self.policy)
        if choice is None:
            return
        head = choice.head
        self._remove(head)
        self.called[head.ticket_id] = now
        self.lately = [head.call_class, *self.lately][: self.policy.memory]
        ends = now + (self.people[head.ticket_id].took or self.lengths.get(head.service_id, LEAST))
        for number, other in enumerate(self.shifts):  # after a break it is still the same counter
            if other.counter_id == shift.counter_id:
                self.free_at[number] = max(self.free_at[number], ends + self.pause)
        heapq.heappush(self.moments, (self.free_at[seat], 0))
        follows = self.following.get(head.ticket_id)
        if follows is not None:
            heapq.heappush(self.moments, (ends, follows.ticket_id))

    def _heads(self, now: dt.datetime) -> list[Head]:
        """The first of each line whose minute has come, and who is early enough to be asked."""
        until, heads = now + self.policy.early * MINUTE, []
        for line in self.inside.values():
            due = next((head for _at, _id, head in line if head.callable_at <= now), None)
            near = next((head for _at, _id, head in line if now < head.callable_at <= until), None)
            heads += [head for head in (due, near) if head is not None]
        return heads

    def _let_go(self, now: dt.datetime) -> None:
        for line in list(self.inside.values()):
            for _at, ticket_id, head in list(line):
                left_at = self.people[ticket_id].left_at
                if left_at is not None and left_at <= now:
                    self._remove(head)

    def _remove(self, head: Head) -> None:
        line = self.inside[head.line]
        line.remove((head.order_at, head.ticket_id, head))
        if not line:
            del self.inside[head.line]


def _class_of(one: Came, policy: Policy) -> str:
    return class_of(
        one.arrived_at,
        one.due_at,
        has_priority=one.has_priority,
        is_displaced=one.is_displaced,
        is_our_mistake=one.is_our_mistake,
        policy=policy,
    )


def _place_of(one: Came, policy: Policy) -> dt.datetime:
    return place(
        one.arrived_at,
        one.due_at,
        has_priority=one.has_priority,
        is_displaced=one.is_displaced,
        is_our_mistake=one.is_our_mistake,
        policy=policy,
    )


def _usual(people: Iterable[Came]) -> dict[int, dt.timedelta]:
    lengths: dict[int, list[float]] = {}
    for one in people:
        if one.took is not None:
            lengths.setdefault(one.service_id, []).append(one.took.total_seconds())
    return {service_id: dt.timedelta(seconds=median(some)) for service_id, some in lengths.items()}


def _passing(people: Sequence[Came], called: Mapping[int, dt.datetime]) -> set[int]:
    """Who was called while somebody who waited longer for the same service was still waiting."""
    by_service: dict[int, list[Came]] = {}
    for one in people:
        by_service.setdefault(one.service_id, []).append(one)
    found = set()
    for some in by_service.values():
        some.sort(key=lambda one: (one.since, one.ticket_id))
        for number, one in enumerate(some):
            at = called.get(one.ticket_id)
            if at is not None and any(_still_waits(other, called, at) for other in some[:number]):
                found.add(one.ticket_id)
    return found


def _still_waits(one: Came, called: Mapping[int, dt.datetime], at: dt.datetime) -> bool:
    until = called.get(one.ticket_id, one.left_at)
    return until is None or until > at


def _figures(some: Sequence[Came], called: Mapping[int, dt.datetime], passing: set[int]) -> Figures:
    waits = sorted(
        max(0.0, (called[one.ticket_id] - one.since) / MINUTE) for one in some if one.ticket_id in called
    )
    return Figures(
        called=len(waits),
        median=median(waits) if waits else None,
        p90=waits[math.ceil(0.9 * len(waits)) - 1] if waits else None,
        longest=waits[-1] if waits else None,
        passing=sum(one.ticket_id in passing for one in some),
        left=sum(one.ticket_id not in called for one in some),
    )
