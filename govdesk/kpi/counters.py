"""Counters: how much of their open time is occupied, or idle while people wait; and notes (KPI.md §6)."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.catalog.models import Counter
from govdesk.kpi.groups import By, Tallies, period_of
from govdesk.kpi.question import Question
from govdesk.kpi.ranks import median_interval
from govdesk.kpi.sittings import Sitting, by_hour
from govdesk.kpi.spans import Span, both, joined, seconds, without
from govdesk.kpi.statistics import mean, nearest_rank
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.learning import BEGINS, ENDS, NIGHT
from govdesk.queue.models import CounterPause, CounterSession, Ticket, TicketEvent
from govdesk.queue.pause_models import WrapUp

MINUTE = 60.0
WIDE = 1.959963984540054  # of a 95 % interval
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """One sitting at a counter, in seconds: open without breaks, occupied, idle while somebody waited."""

    open: float
    occupied: float
    idle_with_queue: float


@dataclass(slots=True)
class Tally:
    """The sittings of a group, and the lengths of wrap-up in minutes."""

    shifts: list[Shift] = field(default_factory=list)
    wraps: list[float] = field(default_factory=list)
    going_on: int = 0  # wrap-ups that have not ended
    left_open: int = 0  # sittings that the night closed: nobody knows until when somebody was there


@dataclass(slots=True)
class Hall:
    """What happened at a branch in the days asked for."""

    busy: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))  # by counter
    breaks: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    wraps: dict[int, list[tuple[dt.datetime, dt.datetime | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by sitting; the end where the officer said so
    waits: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))  # by service


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Measure the sittings that began in the period, at every branch that may be seen whole.

    A counter is of no department and of no service, so that who sees one of these alone sees none.
    """
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    for branch_id, code in sorted(question.places.branches.items()):
        if not is_seen(question, branch_id):
            continue
        seats = _seats(session, question, branch_id)
        if not seats:
            continue
        hall = _hall(session, question, branch_id)
        for seat, own in seats:
            zone = question.places.zone(branch_id)
            day = clock.local_day(seat.opened_at, zone)
            sitting = _sitting(seat, own, hall, question)
            for tallies, by in zip(found, bys, strict=True):
                for hour, part in by_hour(sitting, zone) if "hour" in by else [(None, sitting)]:
                    words = {"branch": code, "hour": hour}
                    group = tuple(words[word] if word in words else period_of(day, word) for word in by)
                    _count(tallies[group], part, question)
    return found


def wrap_up_time(one: Tally, _question: Question) -> dict[str, Any]:
    """The median length of notes after a conclusion, nearest-rank."""
    return {
        "unit": "minutes",
        "value": nearest_rank(one.wraps, 0.5),
        "n": len(one.wraps),
        "interval": median_interval(one.wraps),
        "open": one.going_on,
        "data_quality": _quality(one),
        "detail": {
            "mean": mean(one.wraps),
            "p90": nearest_rank(one.wraps, 0.9),
            "longest": max(one.wraps, default=None),
        },
    }


def counter_occupancy(one: Tally, _question: Question) -> dict[str, Any]:
    """The share of the open time in which somebody is called, served, or noted down."""
    return _share(one, [shift.occupied for shift in one.shifts])


def idle_with_queue(one: Tally, _question: Question) -> dict[str, Any]:
    """The share of the open time in which nobody is at the counter though somebody waits for it."""
    return _share(one, [shift.idle_with_queue for shift in one.shifts])


def _share(one: Tally, parts: list[float]) -> dict[str, Any]:
    """A ratio of sums of minutes; its interval by the sittings, as a ratio of means (Cochran 1977, 6.4)."""
    wholes = [shift.open for shift in one.shifts]
    n, whole = len(wholes), math.fsum(wholes)
    value = math.fsum(parts) / whole if whole else None
    interval = None
    if value is not None and n > 1:
        rest = math.fsum((part - value * own) ** 2 for part, own in zip(parts, wholes, strict=True))
        wide = WIDE * math.sqrt(n / (n - 1) * rest) / whole
        interval = (max(0.0, value - wide), min(1.0, value + wide))
    return {
        "unit": "share",
        "value": value,
        "numerator": round(math.fsum(parts) / MINUTE),
        "denominator": round(whole / MINUTE),
        "n": n,
        "interval": interval,
        "data_quality": _quality(one),
    }


def _quality(one: Tally) -> dict[str, Any]:
    whole = len(one.shifts) + one.left_open
    return {"left_open": one.left_open, "left_open_share": one.left_open / whole if whole else None}


def is_seen(question: Question, branch_id: int) -> bool:
    """Whether the counters of a branch are looked at: it is seen whole, and no service asked for alone.

    Who sees every department of a branch sees it whole.
    """
    scope = question.scope
    if scope.service_id is not None or scope.branch_id not in {None, branch_id}:
        return False
    if scope.places is None:
        return True
    theirs = {department for branch, department in scope.places if branch in {None, branch_id}}
    return None in theirs or (bool(theirs) and theirs >= question.places.own_departments)


def _seats(
    session: Session, question: Question, branch_id: int
) -> list[tuple[CounterSession, frozenset[int] | None]]:
    """The sittings that began in the period, each with the services it may call for (None: all)."""
    query = (
        select(CounterSession, Counter.service_ids, WorkProfile.service_ids)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .outerjoin(WorkProfile, WorkProfile.staff_id == CounterSession.staff_id)
        .where(
            Counter.branch_id == branch_id,
            *question.known(CounterSession.opened_at),
        )
        .order_by(CounterSession.opened_at, CounterSession.id)
    )
    zone = question.places.zone(branch_id)
    return [
        (seat, _own(of_counter, of_officer))
        for seat, of_counter, of_officer in session.execute(query)
        if question.has(clock.local_day(seat.opened_at, zone))
    ]


def _own(of_counter: list[int], of_officer: list[int] | None) -> frozenset[int] | None:
    sets = [frozenset(ids) for ids in (of_counter, of_officer) if ids]
    return frozenset.intersection(*sets) if sets else None


def _hall(session: Session, question: Question, branch_id: int) -> Hall:
    hall = Hall()
    now = question.as_of
    for counter_id, span in _at_counters(session, question, branch_id):
        hall.busy[counter_id].append(span)
    of_branch = select(Counter.id).where(Counter.branch_id == branch_id)
    rests = select(CounterPause.counter_id, CounterPause.begun_at, CounterPause.ended_at).where(
        CounterPause.counter_id.in_(of_branch),
        *question.moments(CounterPause.begun_at),
    )
    for counter_id, begun_at, ended_at in session.execute(rests):
        hall.breaks[counter_id].append((begun_at, min(ended_at or now, now)))
    wraps = (
        select(WrapUp.seat_id, WrapUp.begun_at, WrapUp.ended_at)
        .join(CounterSession, CounterSession.id == WrapUp.seat_id)
        .where(CounterSession.counter_id.in_(of_branch))
        .where(*question.moments(WrapUp.begun_at))
    )
    for seat_id, begun_at, ended_at in session.execute(wraps):
        hall.wraps[seat_id].append((begun_at, ended_at))
    waits = select(Ticket.service_id, Ticket.callable_at, Ticket.called_at, Ticket.ended_at).where(
        Ticket.branch_id == branch_id, Ticket.callable_at <= now, *_days(question)
    )
    for service_id, since, called_at, ended_at in session.execute(waits):
        until = min(moment for moment in (called_at, ended_at, now) if moment is not None)
        if since < until:
            hall.waits[service_id].append((since, until))
    return hall


def _at_counters(session: Session, question: Question, branch_id: int) -> Iterator[tuple[int, Span]]:
    """When somebody was called to a counter or served there, ticket by ticket; what was undone counts not."""
    query = (
        select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.at, TicketEvent.counter_id)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(Ticket.branch_id == branch_id, TicketEvent.at <= question.as_of, *_days(question))
        .order_by(TicketEvent.ticket_id, TicketEvent.id)
    )
    courses: dict[int, list[tuple[str, dt.datetime, int | None]]] = defaultdict(list)
    for ticket_id, kind, at, counter_id in session.execute(query):
        courses[ticket_id].append((kind, at, counter_id))
    for events in courses.values():
        yield from _spans(events, question.as_of)


def _spans(events: Iterable[tuple[str, dt.datetime, int | None]], now: dt.datetime) -> list[tuple[int, Span]]:
    found: list[tuple[int, Span]] = []
    there: tuple[int, dt.datetime] | None = None
    before = (list(found), there)
    for kind, at, counter_id in events:
        if kind == "undone":
            found, there = before
            continue
        if kind not in BEGINS | ENDS | {NIGHT}:
            continue
        before = (list(found), there)
        if kind in BEGINS and there is None and counter_id is not None:
            there = counter_id, at
        elif kind not in BEGINS and there is not None:
            if kind != NIGHT:  # nobody knows then when it really ended
                found.append((there[0], (there[1], at)))
            there = None
    return [*found, (there[0], (there[1], now))] if there is not None else found


def _sitting(seat: CounterSession, own: frozenset[int] | None, hall: Hall, question: Question) -> Sitting:
    zone = question.places.zone(seat.counter.branch_id)
    end = min(seat.closed_at or question.as_of, question.as_of)
    if clock.local_day(end, zone) != clock.local_day(seat.opened_at, zone):
        return Sitting((seat.opened_at, seat.opened_at), is_left_open=True)
    whole = [(seat.opened_at, end)]
    rests = both(hall.breaks[seat.counter_id], whole)
    served = both(hall.busy[seat.counter_id], whole)
    noted: list[Span] = []
    for begun_at, ended_at in hall.wraps[seat.id]:
        later = [start for start, _end in (*served, *rests) if start >= begun_at]
        noted.append((begun_at, min((*later, ended_at or end, end))))
    at_work = without(whole, rests)
    occupied = both(at_work, joined([*served, *noted]))
    waited = [
        span
        for service_id, some in hall.waits.items()
        if own is None or service_id in own
        for span in some
        if span[0] < end and span[1] > seat.opened_at
    ]
    return Sitting((seat.opened_at, end), at_work, occupied, both(without(at_work, occupied), waited), noted)


def _count(one: Tally, sitting: Sitting, question: Question) -> None:
    if sitting.is_left_open:
        one.left_open += 1
        return
    for begun_at, until in sitting.noted:
        if until == question.as_of:
            one.going_on += 1
        else:
            one.wraps.append((until - begun_at).total_seconds() / MINUTE)
    one.shifts.append(Shift(*map(seconds, (sitting.at_work, sitting.occupied, sitting.idle))))


def _days(question: Question) -> list[Any]:
    """The tickets of the period, and of the day before: who came last may be served past midnight."""
    wider = [] if question.from_day is None else [Ticket.day >= question.from_day - DAY]
    return [*wider, *([] if question.to_day is None else [Ticket.day <= question.to_day])]
