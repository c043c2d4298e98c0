"""How long a newcomer will wait: a formula where one holds, else the hall played ahead; said as a range."""

import bisect
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.catalog.models import PublicService
from govdesk.queue import delays, dispatch, foresight, scenes
from govdesk.queue.dispatch import Head
from govdesk.queue.foresight import LIKE_EXPONENTIAL, Range
from govdesk.queue.policy import MINUTE
from govdesk.queue.scenes import Scene, Seat

LONG_LINE = 100  # of so many people the lengths even out: the formula with their mean is near enough
KEPT = 200  # branches of which what was foretold is remembered
_PLAIN = "walk_in"


@dataclass(frozen=True, slots=True)
class Quote:
    """A wait in whole minutes, as it is said, that eight of ten people will have; and how many are ahead."""

    ahead: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """Who stands at the counters of a service, with what the formula needs of those before each."""

    heads: tuple[Head, ...]
    places: Mapping[int, int]  # by ticket: how many stand before
    minutes: Sequence[float]  # of all up to each place
    rates: Sequence[float]  # of their patience
    alike: int  # so many at the front are walk-ins for one service

    def before(self, number: int) -> "Before":
        """What stands before this place."""
        return Before(number, self.minutes[number], self.rates[number], self.heads[:1], self.alike)


@dataclass(frozen=True, slots=True)
class Before:
    """Those before somebody: how many, their minutes and patience together, and how far they are alike."""

    count: int
    minutes: float
    rates: float
    first: Sequence[Head]
    alike: int

    def is_plain(self, head: Head) -> bool:
        """Whether they and this one are walk-ins for one service."""
        same = not self.count or self.first[0].service_id == head.service_id
        return head.call_class == _PLAIN and same and self.count <= self.alike


@dataclass(slots=True)
class Foretold:
    """What is foretold of one scene at one minute; each answer is found once."""

    scene: Scene
    now: dt.datetime
    newcomers: dict[int, Quote | None] = field(default_factory=dict)  # by service
    played: dict[frozenset[int], dict[int, Range]] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)  # by service
    heads: dict[int, Head] = field(default_factory=dict)  # by ticket
    pools: dict[int, list[Seat]] = field(default_factory=dict)  # who serves a service
    plain: dict[int, bool] = field(default_factory=dict)  # services whose counters allow the formula

    def of_newcomer(self, service_id: int) -> Quote | None:
        """The quote for who would join for a service now; None when no open counter serves it."""
        if service_id not in self.newcomers:
            self.newcomers[service_id] = self._quote(_newcomer(service_id, self.now))
        return self.newcomers[service_id]

    def of_ticket(self, ticket_id: int) -> Quote | None:
        """The quote for one who waits; None when no open counter serves them, or they wait no more."""
        if not self.heads:
            self.heads = {head.ticket_id: head for head in self.scene.waiting}
        head = self.heads.get(ticket_id)
        return self._quote(head) if head is not None else None

    def of(self, head: Head) -> Quote | None:
        """The quote for somebody who would stand as `head` does: what is known, else found for them alone."""
        if head == _newcomer(head.service_id, self.now) and head.service_id in self.newcomers:
            return self.newcomers[head.service_id]
        return self._quote(head, is_alone=True)

    def _quote(self, head: Head, *, is_alone: bool = False) -> Quote | None:
        pool = self._pool(head.service_id)
        if not pool:
            return None
        before = self._before(head, pool)
        is_simple = before.count >= LONG_LINE or (self.plain[head.service_id] and before.is_plain(head))
        range_ = (
            _by_formula(head, before, pool, self.scene)
            if is_simple
            else self._by_play(head, is_alone=is_alone)
        )
        if range_ is None:
            return None
        early = max(0.0, (head.callable_at - self.now) / MINUTE)
        low, high = delays.said(max(range_[0], early), max(range_[1], early))
        return Quote(before.count, float(low), float(high))

    def _pool(self, service_id: int) -> list[Seat]:
        """The counters that serve a service; looked up once, with what they allow."""
        pool = self.pools.get(service_id)
        if pool is None:
            pool = [seat for seat in self.scene.seats if seat.officer.is_own(service_id)]
            self.pools[service_id] = pool
            self.plain[service_id] = bool(pool) and _is_plain(service_id, pool, self.scene)
        return pool

    def _before(self, head: Head, pool: list[Seat]) -> Before:
        """Who of those at the same counters would be called before, as things stand now."""
        line = self.lines.get(head.service_id)
        if line is None:
            rivals = [one for one in self.scene.waiting if _is_rival(one.service_id, pool)]
            self.lines[head.service_id] = line = self._line(rivals)
        place = line.places.get(head.ticket_id)
        if place is not None and (self.scene.policy.form == "order" or head.callable_at <= self.now):
            return line.before(place)
        others = [one for one in line.heads if one.ticket_id != head.ticket_id]
        if self.scene.policy.form == "order":
            others.sort(key=_place)
            number = bisect.bisect_left(others, _place(head), key=_place)
        else:
            others = dispatch.ahead(head, others, self.scene.lately, self.now, self.scene.policy)
            number = len(others)
        return _sums(others[:number], self.scene).before(number)

    def _line(self, rivals: list[Head]) -> Line:
        policy = self.scene.policy
        if policy.form == "order":
            return _sums(sorted(rivals, key=_place), self.scene)
        run = dispatch.order(rivals, self.scene.lately, self.now, policy)
        return _sums([choice.head for choice in run], self.scene)

    def _by_play(self, head: Head, *, is_alone: bool) -> Range | None:
        """Play the part of the hall that bears on this person; once for all who stand in it, or for one."""
        part = _part(self.scene, head.service_id)
        if is_alone:
            return self._play(part, [head], is_for_all=False).get(head.ticket_id)
        if part not in self.played:
            asked = [_newcomer(service_id, self.now) for service_id in sorted(part)]
            self.played[part] = self._play(part, asked)
        return self.played[part].get(head.ticket_id)

    def _play(
        self, part: frozenset[int], asked: Sequence[Head], *, is_for_all: bool = True
    ) -> dict[int, Range]:
        seed = f"{self.scene.branch_id} {self.now:%Y-%m-%dT%H:%M} {sorted(part)}"
        hall, draw = self.scene.hall(self.now, part), chance.seeded(seed)
        return foresight.foresee(hall, asked, draw, is_for_all=is_for_all)


_told: dict[tuple[str, int], Foretold] = {}


def foretell(session: Session, branch_id: int) -> Foretold:
    """What is foretold of a branch as it is now; remembered while nothing happens there, for a minute."""
    scene, now = scenes.read(session, branch_id), clock.now()
    where = (str(session.get_bind().engine.url), branch_id)
    known = _told.get(where)
    if known is not None and known.scene == scene and _minute(known.now) == _minute(now):
        return known
    if len(_told) >= KEPT:
        _told.clear()
    _told[where] = made = Foretold(scene, now)
    return made


def for_newcomer(
    session: Session,
    *,
    branch_id: int,
    service: PublicService,
    order_at: dt.datetime,
    ticket_id: int | None = None,
    call_class: str = _PLAIN,
    callable_at: dt.datetime | None = None,
    language: str = "ar",
) -> Quote | None:
    """The quote for someone who stands at `order_at` (a ticket already there is not counted itself).

    None when no open counter serves this service: nothing honest can be said.
    """
    told = foretell(session, branch_id)
    if ticket_id is not None:
        return told.of_ticket(ticket_id)
    due = callable_at or told.now
    if call_class == _PLAIN and order_at == told.now == due:
        return told.of(_newcomer(service.id, told.now))
    since = order_at if told.scene.policy.form == "turns" else due
    return told.of(Head(_number(service.id), call_class, service.id, language, order_at, due, since))


def _number(service_id: int) -> int:
    """What a newcomer is called among the tickets, of which none has such a number."""
    return 2**60 + service_id


def _newcomer(service_id: int, now: dt.datetime) -> Head:
    return Head(_number(service_id), _PLAIN, service_id, "ar", now, now, now)


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def _place(head: Head) -> tuple[dt.datetime, int]:
    return head.order_at, head.ticket_id


def _sums(heads: Sequence[Head], scene: Scene) -> Line:
    """A line with its sums; the last of each is that of the whole line."""
    paces = [scene.paces[head.service_id] for head in heads]
    first = heads[0].service_id if heads else None
    differs = (n for n, one in enumerate(heads) if one.call_class != _PLAIN or one.service_id != first)
    return Line(
        heads=tuple(heads),
        places={head.ticket_id: place for place, head in enumerate(heads)},
        minutes=list(accumulate((pace.minutes for pace in paces), initial=0.0)),
        rates=list(accumulate((pace.patience_rate for pace in paces), initial=0.0)),
        alike=next(differs, len(heads)),
    )


def _is_plain(service_id: int, pool: list[Seat], scene: Scene) -> bool:
    """Whether the formula holds for walk-ins alone: one service, one order, counters that all do the same."""
    return (
        scene.policy.is_plain
        and not any(_is_rival(comer.head.service_id, pool) for comer in scene.comers)
        and not any(_is_rival(stream.service_id, pool) for stream in scene.streams)
        and all(seat.service_id in {None, service_id} for seat in pool)
        and len({(seat.officer.own, seat.officer.skills) for seat in pool}) == 1
        and scene.paces[service_id].spread >= LIKE_EXPONENTIAL
    )


def _is_rival(service_id: int, pool: list[Seat]) -> bool:
    return any(seat.officer.is_own(service_id) for seat in pool)


def _by_formula(head: Head, before: Before, pool: list[Seat], scene: Scene) -> Range:
    free = sum(seat.service_id is None for seat in pool)
    if before.count < free:
        return 0.0, 0.0
    pace = scene.paces[head.service_id]
    minutes = before.minutes / before.count if before.count else pace.minutes
    rate = before.rates / before.count if before.count else pace.patience_rate
    return delays.wait_range(before.count - free, len(pool), minutes, rate)


def _part(scene: Scene, service_id: int) -> frozenset[int]:
    """The services that share counters with this one, directly or through others: what must be played."""
    part = {service_id}
    while True:
        sharing = [seat.officer for seat in scene.seats if any(seat.officer.is_own(one) for one in part)]
        wider = {one for one in scene.asked if any(officer.is_own(one) for officer in sharing)}
        if wider <= part:
            return frozenset(part)
        part |= wider
