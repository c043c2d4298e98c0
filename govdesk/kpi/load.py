"""Load against open counters, by half hours of the branch's clock: of one day or of days alike."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch
from govdesk.catalog.models import Counter as Desk
from govdesk.catalog.rules import wall_moment
from govdesk.kpi import planning
from govdesk.kpi.planning import PART
from govdesk.kpi.question import Question
from govdesk.kpi.spans import Span, present, without
from govdesk.queue.models import CounterPause, CounterSession, Ticket

MOST_DAYS = 26
PARTS = 24 * 60 // PART
BEGINS = tuple(dt.time(place * PART // 60, place * PART % 60) for place in range(PARTS))
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A half hour: who came, how many waited and were in the hall, counters open, counters needed."""

    begins: dt.time
    arrivals: float
    waiting: float
    in_hall: float
    open: float
    needed: int | None  # None where too few days like it are known


@dataclass(frozen=True, slots=True)
class Load:
    """The half hours in which anything happened, as means over these days."""

    days: tuple[dt.date, ...]
    parts: tuple[Part, ...]


@dataclass(slots=True)
class _Day:
    """What happened on a day: who came, who waited, who was in the hall, where somebody sat at a counter."""

    arrivals: Counter[int] = field(default_factory=Counter)  # by half hours
    waits: list[Span] = field(default_factory=list)
    stays: list[Span] = field(default_factory=list)
    sittings: list[Span] = field(default_factory=list)


def load(
    session: Session, question: Question, branch: Branch, *, weekday: int, day: dt.date | None = None,
    within: float, share: float,
) -> Load:  # fmt: skip
    """Give the load of one day, or of the last days of the period that are this weekday (0 = Monday).

    Days on which nothing happened were shut and count for nothing. Counters needed are those that the page
    of staffing foresees for that day, or for the next day like these.
    """
    wanted = [day] if day is not None else _alike(question, weekday)
    found = _days(session, question, branch, wanted)
    if not found:
        return Load((), ())
    zone = ZoneInfo(branch.timezone)
    means = [[0.0] * PARTS for _ in range(4)]
    for one, facts in found.items():
        bounds = [wall_moment(one, begins, zone) for begins in BEGINS]
        bounds.append(wall_moment(one + DAY, dt.time(0), zone))
        lines = [[float(facts.arrivals[place]) for place in range(PARTS)]]
        lines += [present(some, bounds) for some in (facts.waits, facts.stays, facts.sittings)]
        for sums, line in zip(means, lines, strict=True):
            for place, value in enumerate(line):
                sums[place] += value / len(found)
    foreseen = day or max(found) + 7 * DAY
    plan = planning.plan(session, branch, foreseen, counters=1, within=within, share=share)
    needed = {part.begins: part.needed for part in plan.parts} if plan else {}
    used = [place for place in range(PARTS) if any(line[place] > 0 for line in means)]
    parts = []
    for place in range(used[0], used[-1] + 1) if used else ():
        begins, (came, waiting, in_hall, seats) = BEGINS[place], [line[place] for line in means]
        parts.append(Part(begins, came, waiting, in_hall, seats, needed.get(begins, 0) if plan else None))
    return Load(tuple(sorted(found)), tuple(parts))


def _alike(question: Question, weekday: int) -> list[dt.date]:
    """The last days of the period that are this weekday, so many at most; today is not over yet."""
    last = question.today(None) - DAY
    last = last if question.to_day is None else min(last, question.to_day)
    last -= (last.weekday() - weekday) % 7 * DAY
    days = [last - weeks * 7 * DAY for weeks in range(MOST_DAYS)]
    return [one for one in days if question.has(one)]


def _days(
    session: Session, question: Question, branch: Branch, wanted: Sequence[dt.date]
) -> dict[dt.date, _Day]:
    found: dict[dt.date, _Day] = defaultdict(_Day)
    zone = ZoneInfo(branch.timezone)
    for day, arrived_at, until, ended_at, is_arrival in _turns(session, question, branch, wanted):
        one = found[day]
        one.waits.append((arrived_at, until))
        one.stays.append((arrived_at, ended_at))
        if is_arrival:
            local = arrived_at.astimezone(zone)
            one.arrivals[(local.hour * 60 + local.minute) // PART] += 1
    for span in _sittings(session, question, branch, wanted):
        found[clock.local_day(span[0], zone)].sittings.append(span)
    return dict(found)


def _turns(
    session: Session, question: Question, branch: Branch, wanted: Sequence[dt.date]
) -> Iterator[tuple[dt.date, dt.datetime, dt.datetime, dt.datetime, bool]]:
    """Give (day, arrival, first call or end, end, whether somebody new came) of visits and live tickets."""
    now = question.as_of
    visits = select(
        Visit.started_on,
        Visit.arrived_at,
        Visit.called_at,
        Visit.served_at,
        Visit.ended_at,
        Visit.transfer_of,
    ).where(
        Visit.branch_id == branch.id,
        Visit.started_on.in_(wanted),
        Visit.direction == "inbound",
        Visit.status.in_(planning.CAME),
        Visit.ended_at <= now,
    )
    for day, arrived_at, called_at, served_at, ended_at, transfer_of in session.execute(visits):
        if arrived_at is not None:
            yield day, arrived_at, called_at or served_at or ended_at, ended_at, transfer_of is None
    tickets = select(Ticket.day, Ticket.arrived_at, Ticket.called_at, Ticket.transferred_from_id).where(
        Ticket.branch_id == branch.id,
        Ticket.day.in_(wanted),
        Ticket.arrived_at <= now,
        or_(Ticket.ended_at.is_(None), Ticket.ended_at > now),
    )
    for day, arrived_at, called_at, before_id in session.execute(tickets):
        yield day, arrived_at, min(called_at or now, now), now, before_id is None


def _sittings(
    session: Session, question: Question, branch: Branch, wanted: Sequence[dt.date]
) -> Iterator[Span]:
    """Give when somebody sat at a counter, without breaks; a seat left open overnight is left out."""
    zone, now = ZoneInfo(branch.timezone), question.as_of
    since, until = (
        wall_moment(min(wanted), dt.time(0), zone),
        wall_moment(max(wanted) + DAY, dt.time(0), zone),
    )
    breaks: dict[int, list[Span]] = defaultdict(list)
    of_branch = select(Desk.id).where(Desk.branch_id == branch.id)
    rests = select(CounterPause.counter_id, CounterPause.begun_at, CounterPause.ended_at).where(
        CounterPause.counter_id.in_(of_branch), CounterPause.begun_at >= since, CounterPause.begun_at < until
    )
    for counter_id, begun_at, ended_at in session.execute(rests):
        breaks[counter_id].append((begun_at, min(ended_at or now, now)))
    seats = select(CounterSession.counter_id, CounterSession.opened_at, CounterSession.closed_at).where(
        CounterSession.counter_id.in_(of_branch),
        CounterSession.opened_at >= since,
        CounterSession.opened_at < min(until, now),
    )
    for counter_id, opened_at, closed_at in session.execute(seats):
        end, day = min(closed_at or now, now), clock.local_day(opened_at, zone)
        if day in wanted and clock.local_day(end, zone) == day:
            yield from without([(opened_at, end)], breaks[counter_id])
