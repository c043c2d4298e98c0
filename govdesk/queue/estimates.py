"""How long a newcomer will wait: a formula where one holds, else the hall played ahead; said as a range."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Foretold:
    """What is foretold of one scene at one minute; each answer is found once."""

    scene: Scene
    now: dt.datetime
    newcomers: dict[int, Quote | None] = field(default_factory=dict)  # by service
    played: dict[frozenset[int], dict[int, Range]] = field(default_factory=dict)

    def of_newcomer(self, service_id: int) -> Quote | None:
        """The quote for who would join for a service now; None when no open counter serves it."""
        if service_id not in self.newcomers:
            self.newcomers[service_id] = self._quote(_newcomer(service_id, self.now))
        return self.newcomers[service_id]

    def of_ticket(self, ticket_id: int) -> Quote | None:
        """The quote for one who waits; None when no open counter serves them, or they wait no more."""
        head = next((head for head in self.scene.waiting if head.ticket_id == ticket_id), None)
        return self._quote(head) if head is not None else None

    def of(self, head: Head) -> Quote | None:
        """The quote for somebody who would stand as `head` does."""
        return self._quote(head)

    def _quote(self, head: Head) -> Quote | None:
        pool = [seat for seat in self.scene.seats if seat.officer.is_own(head.service_id)]
        if not pool:
            return None
        rivals = [
            one
            for one in self.scene.waiting
            if one.ticket_id != head.ticket_id and _is_rival(one.service_id, pool)
        ]
        before = _before(head, rivals, self.scene, self.now)
        range_ = (
            _by_formula(head, before, pool, self.scene)
            if len(before) >= LONG_LINE or _is_plain(head, before, pool, self.scene)
            else self._by_play(head)
        )
        if range_ is None:
            return None
        early = max(0.0, (head.callable_at - self.now) / MINUTE)
        low, high = delays.said(max(range_[0], early), max(range_[1], early))
        return Quote(len(before), float(low), float(high))

    def _by_play(self, head: Head) -> Range | None:
        """Play the part of the hall that bears on this person; once for all who stand in it."""
        part = _part(self.scene, head.service_id)
        known = {one.ticket_id for one in self.scene.waiting}
        own = _newcomer(head.service_id, self.now)
        if head.ticket_id not in known and head != own:
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
        return told.of_newcomer(service.id)
    since = order_at if told.scene.policy.form == "turns" else due
    return told.of(Head(_number(service.id), call_class, service.id, language, order_at, due, since))


def _number(service_id: int) -> int:
    """What a newcomer is called among the tickets, of which none has such a number."""
    return 2**60 + service_id


def _newcomer(service_id: int, now: dt.datetime) -> Head:
    return Head(_number(service_id), _PLAIN, service_id, "ar", now, now, now)


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def _before(head: Head, rivals: list[Head], scene: Scene, now: dt.datetime) -> list[Head]:
    """Who of those at the same counters would be called before, as things stand now."""
    if scene.policy.form == "order":
        return [one for one in rivals if (one.order_at, one.ticket_id) < (head.order_at, head.ticket_id)]
    return dispatch.ahead(head, rivals, scene.lately, now, scene.policy)


def _is_plain(head: Head, before: list[Head], pool: list[Seat], scene: Scene) -> bool:
    """Whether the formula holds: one service, one order, walk-ins alone, counters that all do the same."""
    return (
        scene.policy.is_plain
        and not any(_is_rival(comer.head.service_id, pool) for comer in scene.comers)
        and not any(_is_rival(stream.service_id, pool) for stream in scene.streams)
        and all(one.call_class == _PLAIN and one.service_id == head.service_id for one in (head, *before))
        and all(seat.service_id in {None, head.service_id} for seat in pool)
        and len({(seat.officer.own, seat.officer.skills) for seat in pool}) == 1
        and scene.paces[head.service_id].spread >= LIKE_EXPONENTIAL
    )


def _is_rival(service_id: int, pool: list[Seat]) -> bool:
    return any(seat.officer.is_own(service_id) for seat in pool)


def _by_formula(head: Head, before: list[Head], pool: list[Seat], scene: Scene) -> Range:
    free = sum(seat.service_id is None for seat in pool)
    if len(before) < free:
        return 0.0, 0.0
    paces = [scene.paces[one.service_id] for one in before] or [scene.paces[head.service_id]]
    minutes = math.fsum(pace.minutes for pace in paces) / len(paces)
    rate = math.fsum(pace.patience_rate for pace in paces) / len(paces)
    return delays.wait_range(len(before) - free, len(pool), minutes, rate)


def _part(scene: Scene, service_id: int) -> frozenset[int]:
    """The services that share counters with this one, directly or through others: what must be played."""
    part = {service_id}
    while True:
        sharing = [seat.officer for seat in scene.seats if any(seat.officer.is_own(one) for one in part)]
        wider = {one for one in scene.asked if any(officer.is_own(one) for officer in sharing)}
        if wider <= part:
            return frozenset(part)
        part |= wider
