"""What a day at a branch will need: arrivals foreseen from its own past, and what counters make of it.

The figures are of half hours of the branch's own clock, learned from the same weekday of the weeks before.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch
from govdesk.queue import staffing

WEEKS = 8  # looked back
FEWEST = 3  # days without which nothing is foreseen
PART = 30  # minutes
CAME = ("served", "turned_away", "abandoned", "closed_unserved")
NO_TIME, LONGEST_WAY = dt.timedelta(), dt.timedelta(minutes=5)
BOOKED = ("booked", "arrived", "fulfilled")
USUAL_PATIENCE = 1 / 60  # per minute, where nobody has been seen to give up yet
Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Expected:
    """How many will come in a part of the day: the mean, and between which numbers eight of ten days lie."""

    mean: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Part:
    """A half hour: who comes, how many of them without an appointment, and what counters make of it."""

    begins: dt.time
    arrivals: Expected
    walk_ins: float
    needed: int
    needed_busy: int  # where as many come as on the busiest of ten such days
    within: tuple[float, float, float]  # the share called in time with one counter fewer, as given, one more
    waits: tuple[float | None, float, float]  # mean minutes, of the same; None without a counter
    gives_up: float  # the share that leaves


@dataclass(frozen=True, slots=True)
class Offer:
    """An hour: how many appointments the counters can bear beside who walks in, and how many are booked."""

    begins: dt.time
    bearable: int
    booked: int

    @property
    def free(self) -> int:
        """How many more can be offered."""
        return max(0, self.bearable - self.booked)


@dataclass(frozen=True, slots=True)
class Plan:
    """A day: its parts, and what it was learned from."""

    parts: tuple[Part, ...]
    days: int
    minutes: float  # of a counter, for one person
    patience: float  # minutes that people wait on average before they give up
    to_offer: tuple[Offer, ...]


def expected(counts: Sequence[int]) -> Expected:
    """Foresee a count from those of like days: the mean and a range of 80 %.

    The variance is that of the counts, but not less than chance alone makes (Poisson), and 1 / n more because
    the mean itself is only known from n days.
    """
    n = len(counts)
    mean = sum(counts) / n
    spread = sum((count - mean) ** 2 for count in counts) / (n - 1) if n > 1 else mean
    reach = Z80 * math.sqrt(max(spread, mean) * (1 + 1 / n))
    return Expected(mean, max(0, math.floor(mean - reach + 0.5)), math.floor(mean + reach + 0.5))


def plan(
    session: Session, branch: Branch, day: dt.date, *, counters: int, within: float, share: float
) -> Plan | None:
    """Foresee a day; None where fewer than FEWEST days like it are known.

    `within` minutes and `share` are the service level, `counters` those that are meant to be open.
    """
    facts = _facts(session, branch, day)
    days = sorted({fact.started_on for fact in facts})
    minutes, patience_rate = _minutes(facts), _patience_rate(facts)
    if len(days) < FEWEST or minutes is None:
        return None
    zone = ZoneInfo(branch.timezone)
    came: Counter[tuple[int, dt.date]] = Counter()
    walked: Counter[int] = Counter()
    for fact in facts:
        if fact.arrived_at is None:
            continue
        local = fact.arrived_at.astimezone(zone)
        place = (local.hour * 60 + local.minute) // PART
        came[place, fact.started_on] += 1
        walked[place] += fact.appointment_at is None
    places = range(min(place for place, _ in came), max(place for place, _ in came) + 1) if came else ()
    rates = 1 / minutes, patience_rate
    parts = []
    for place in places:
        arrivals = expected([came[place, one] for one in days])
        parts.append(_part(place, arrivals, walked[place] / len(days), rates, counters, within, share))
    most = staffing.arrivals_for(counters, *rates, within=within, share=share) * 2 * PART
    offers = _to_offer(parts, most, _booked(session, branch, day))
    return Plan(tuple(parts), len(days), minutes, 1 / patience_rate, tuple(offers))


def _part(
    place: int, arrivals: Expected, walk_ins: float, rates: tuple[float, float], counters: int, within: float,
    share: float,
) -> Part:  # fmt: skip
    rate = arrivals.mean / PART
    hall = (rate, *rates)
    three = (counters - 1, counters, counters + 1)
    levels = [staffing.called_within(*hall, some, within) if some > 0 else 0.0 for some in three]
    halls = [staffing.erlang_a(*hall, some) if rate > 0 and some > 0 else None for some in three]
    fewer, now, more = (made.wait if made else 0.0 for made in halls)
    busy = arrivals.high / PART, *rates
    return Part(
        begins=dt.time(place * PART // 60, place * PART % 60),
        arrivals=arrivals,
        walk_ins=walk_ins,
        needed=staffing.counters_needed(*hall, within=within, share=share),
        needed_busy=staffing.counters_needed(*busy, within=within, share=share),
        within=(levels[0], levels[1], levels[2]),
        waits=(fewer if counters > 1 else None, now, more),
        gives_up=halls[1].gives_up if halls[1] else 0.0,
    )


def _to_offer(parts: Sequence[Part], most: float, booked: Mapping[int, int]) -> list[Offer]:
    """For each hour what the counters can bear beside who comes without an appointment."""
    hours: dict[int, float] = {}
    for part in parts:
        hours[part.begins.hour] = hours.get(part.begins.hour, 0.0) + part.walk_ins
    return [
        Offer(dt.time(hour), max(0, math.floor(most - walk_ins)), booked.get(hour, 0))
        for hour, walk_ins in sorted(hours.items())
    ]


def _booked(session: Session, branch: Branch, day: dt.date) -> Counter[int]:
    """The appointments of a day, by the hour at which they begin."""
    begin, end = clock.day_bounds(day, branch.timezone)
    query = select(Appointment.starts_at).where(
        Appointment.branch_id == branch.id,
        Appointment.starts_at >= begin,
        Appointment.starts_at < end,
        Appointment.state.in_(BOOKED),
    )
    zone = ZoneInfo(branch.timezone)
    return Counter(starts_at.astimezone(zone).hour for starts_at in session.scalars(query))


def _facts(session: Session, branch: Branch, day: dt.date) -> Sequence[Visit]:
    today = clock.local_day(clock.now(), branch.timezone)  # it is not over yet
    ahead = max(1, (day - today).days // 7 + 1)  # weeks from the last day like it that is over
    alike = [day - dt.timedelta(weeks=weeks) for weeks in range(ahead, ahead + WEEKS)]
    columns = (
        Visit.started_on, Visit.status, Visit.arrived_at, Visit.called_at, Visit.served_at, Visit.ended_at,
        Visit.appointment_at,
    )  # fmt: skip
    query = select(*columns).where(
        Visit.branch_id == branch.id,
        Visit.started_on.in_(alike),
        Visit.direction == "inbound",
        Visit.status.in_(CAME),
        Visit.transfer_of.is_(None),
    )
    return session.execute(query).all()  # type: ignore[return-value]


def _minutes(facts: Sequence[Visit]) -> float | None:
    """The mean minutes that somebody took of a counter on those days, the way from the call to it included.

    Who came to the counter later than LONGEST_WAY after the call was set aside in between.
    """
    lengths = []
    for fact in facts:
        if fact.served_at is None or fact.ended_at <= fact.served_at:
            continue
        way = fact.served_at - (fact.called_at or fact.served_at)
        taken = fact.ended_at - fact.served_at + (way if NO_TIME <= way <= LONGEST_WAY else NO_TIME)
        lengths.append(taken / dt.timedelta(minutes=1))
    return math.fsum(lengths) / len(lengths) if lengths else None


def _patience_rate(facts: Sequence[Visit]) -> float:
    """How many gave up in a minute of waiting: leavers by all the time that anybody waited (exponential)."""
    waited, left = 0.0, 0
    for fact in facts:
        if fact.arrived_at is None:
            continue
        until = fact.called_at or fact.served_at or fact.ended_at
        waited += max(0.0, (until - fact.arrived_at) / dt.timedelta(minutes=1))
        left += fact.status == "abandoned" and fact.called_at is None
    return left / waited if left and waited > 0 else USUAL_PATIENCE
