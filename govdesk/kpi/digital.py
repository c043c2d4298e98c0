"""How many needs reach us without a journey or a counter: in the guide, or arranged online (KPI.md §6).

Each need counts once, where it was first dealt with: it ended in the guide, a time was booked for it, or a
ticket was taken without one. A booking is digital where the person or a program of theirs made it (web, api),
a ticket where it was taken from elsewhere (remote). What is booked at reception or by phone is not.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.scenario_models import AvoidedVisit
from govdesk.kpi.figures import share
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question, each_row
from govdesk.queue.models import Ticket

GUIDE, ONLINE, REMOTE = "guide", "booked_online", "ticket_from_elsewhere"
BY_STAFF, WALKED_IN = "booked_by_staff", "walked_in"
DIGITAL = (GUIDE, ONLINE, REMOTE)
WAYS = (*DIGITAL, BY_STAFF, WALKED_IN)
ONLINE_CHANNELS = ("web", "api")
NAMELESS = frozenset({"branch", "kind", "language"})  # what nobody knows of a need that ended in the guide


@dataclass(slots=True)
class Tally:
    """Needs of a group by the way on which they reached us."""

    ways: Counter[str] = field(default_factory=Counter)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Count the needs that reached us in a period: bookings by the day on which they were made."""
    found = gather(session, question, bys)
    for tallies, by in zip(found, bys, strict=True):
        leave_out_nameless(by, tallies)
    return found


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Count them with what ended in the guide in every breakdown, at no branch and of nobody."""
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    grouping = Grouping(bys, question.places)
    for parts in (_booked, _taken, _avoided):
        for day, way, count, places in parts(session, question, grouping):
            for tallies, group in zip(found, grouping.of(places, day), strict=True):
                tallies[group].ways[way] += count
    return found


def leave_out_nameless(by: By, tallies: Tallies[Tally]) -> None:
    """Leave out what ended in the guide where it would be told by what nobody knows of it."""
    if not NAMELESS & set(by):
        return
    for group, one in list(tallies.items()):
        del one.ways[GUIDE]
        if not one.ways:
            del tallies[group]


def digital_share(one: Tally, _question: Question) -> dict[str, Any]:
    """Needs met or arranged without a counter, of all needs that reached us."""
    digital = sum(one.ways[way] for way in DIGITAL)
    return {**share(digital, one.ways.total()), "detail": {way: one.ways[way] for way in WAYS}}


def _booked(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, str, int, Sequence[Any]]]:
    """Bookings that were made, whatever became of them."""
    way = case((Appointment.channel.in_(ONLINE_CHANNELS), ONLINE), else_=BY_STAFF)
    query = grouping.select(select(Appointment.booked_at, way), Appointment).where(
        *question.known(Appointment.booked_at),
        *question.scope.conditions(Appointment),
    )
    for booked_at, found, *places in each_row(session, query):
        day = clock.local_day(booked_at, question.places.zone(places[-1]))
        if question.has(day):
            yield day, found, 1, places


def _taken(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, str, int, Sequence[Any]]]:
    """Tickets that were taken without an appointment."""
    way = case((Ticket.is_remote, REMOTE), else_=WALKED_IN)
    inner = (
        grouping.select(select(Ticket.day, way.label("way")), Ticket)
        .where(
            Ticket.arrived_at <= question.as_of,
            Ticket.stage == 1,
            Ticket.appointment_id.is_(None),
            Ticket.state != "undone",
            *question.days(Ticket.day),
            *question.scope.conditions(Ticket),
        )
        .subquery()
    )
    for row in session.execute(select(*inner.c, func.count()).group_by(*inner.c)):
        yield row[0], row[1], row[-1], row[2:-1]


def _avoided(
    session: Session, question: Question, grouping: Grouping
) -> Iterator[tuple[dt.date, str, int, Sequence[Any]]]:
    """What ended in the guide, which belongs to no branch."""
    if not question.scope.is_everywhere:
        return
    unknown: list[ColumnElement[Any]] = [literal(None).label(name) for name in grouping.names]
    inner = (
        select(AvoidedVisit.day, *unknown, AvoidedVisit.service_id, literal(None).label("branch_id"))
        .where(
            AvoidedVisit.noted_at <= question.as_of,
            *question.days(AvoidedVisit.day),
            *question.scope.conditions(AvoidedVisit),
        )
        .subquery()
    )
    for row in session.execute(select(*inner.c, func.count()).group_by(*inner.c)):
        yield row[0], GUIDE, row[-1], row[1:-1]
