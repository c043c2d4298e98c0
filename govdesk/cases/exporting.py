"""Exports: visits with their class, cases and tickets, as rows that can be imported elsewhere."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import clock
from govdesk.cases.classes import INDEX_CLASSES
from govdesk.cases.columns import CASE_COLUMNS, CLASS_COLUMNS, VISIT_COLUMNS
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.cases.stores import NO_BRANCH
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.people.models import Person
from govdesk.queue.models import Ticket

BATCH = 2000
Days = tuple[dt.date | None, dt.date | None]
VISITS = (*(column.name for column in VISIT_COLUMNS), *CLASS_COLUMNS)
CASES = tuple(column.name for column in CASE_COLUMNS)
TICKETS = (
    "ticket_id",
    "number",
    "day",
    "stage",
    "transferred_from",
    "branch",
    "service",
    "counter",
    "state",
    "priority",
    "channel",
    "language",
    "beneficiary",
    "object",
    "arrived_at",
    "quoted_low",
    "quoted_high",
    "called_at",
    "calls",
    "started_at",
    "ended_at",
    "outcome",
    "cause",
    "return_reason",
    "plan_due",
    "plan_reason",
    "scenario",
)


def visits(session: Session, days: Days = (None, None)) -> Iterator[list[Any]]:
    """The visits that began on these local days, in order, each with what the rules say of it.

    Times are ISO 8601 in the zone of the branch. People are written as their pseudonyms. A number that two
    sources share is written with its source, so that every number in the file is one visit.
    """
    shared = frozenset(
        session.scalars(select(Visit.visit_no).group_by(Visit.visit_no).having(func.count() > 1))
    )
    for row in _stream(
        session, _between(_visit_query(), Visit.started_on, days).order_by(Visit.started_at, Visit.id)
    ):
        zone = ZoneInfo(row.zone)
        said = _plain(row, zone)
        is_timeless = row.arrived_at is None and row.served_at is None
        is_index = row.class_name in INDEX_CLASSES
        said |= {
            "visit_id": _number(row.source, row.visit_no, shared),
            "object": row.object_given or row.object_ref,
            "branch": None if row.branch == NO_BRANCH else row.branch,
            "started_at": said["started_at"] if is_timeless else said["served_at"],
            "transfer_of": _number(row.source, row.transfer_of, shared),
            "class": row.class_name,
            "index_visit": _number(row.index_source, row.index_no, shared),
            "charged_visit": _number(row.charged_source, row.charged_no, shared),
            "mature": row.mature_on <= clock.local_day(clock.now(), zone) if is_index else None,
        }
        yield [said[name] for name in VISITS]


def cases(session: Session, days: Days = (None, None)) -> Iterator[list[Any]]:
    """The cases opened on these local days, in order; a number that two sources share bears its source."""
    shared = frozenset(session.scalars(select(Case.case_no).group_by(Case.case_no).having(func.count() > 1)))
    query: Select[Any] = (
        select(Case.__table__, PublicService.code.label("service"), Branch.timezone.label("zone"))
        .join(PublicService, Case.service_id == PublicService.id)
        .outerjoin(Branch, Case.branch_id == Branch.id)
        .order_by(Case.opened_at, Case.id)
    )
    pauses = _pauses(session)
    for row in _stream(session, query):
        zone = ZoneInfo(row.zone or settings().default_timezone)
        if not _is_within(clock.local_day(row.opened_at, zone), days):
            continue
        said = _plain(row, zone)
        said |= {
            "case_no": _number(row.source, row.case_no, shared),
            "pauses": [
                {"from": _iso(start, zone), "to": _iso(end, zone), "reason": reason}
                for start, end, reason in pauses.get(row.id, ())
            ]
            or None,
        }
        yield [said[name] for name in CASES]


def tickets(session: Session, days: Days = (None, None)) -> Iterator[list[Any]]:
    """The tickets of these local days, in order; without what opens their private pages."""
    query: Select[Any] = (
        select(
            Ticket.__table__,
            PublicService.code.label("service"),
            Branch.code.label("branch"),
            Branch.timezone.label("zone"),
            Counter.number.label("counter"),
            Person.pseudonym.label("beneficiary"),
            Scenario.code.label("scenario"),
        )
        .join(PublicService, Ticket.service_id == PublicService.id)
        .join(Branch, Ticket.branch_id == Branch.id)
        .outerjoin(Counter, Ticket.counter_id == Counter.id)
        .outerjoin(Person, Ticket.person_id == Person.id)
        .outerjoin(Scenario, Ticket.scenario_id == Scenario.id)
        .order_by(Ticket.arrived_at, Ticket.id)
    )
    for row in _stream(session, _between(query, Ticket.day, days)):
        said = _plain(row, ZoneInfo(row.zone))
        said |= {
            "ticket_id": row.id,
            "transferred_from": row.transferred_from_id,
            "object": row.object_ref,
            "calls": row.call_count,
        }
        yield [said[name] for name in TICKETS]


def _visit_query() -> Select[Any]:
    index, charged, visitor = aliased(Visit), aliased(Visit), aliased(Person)
    return (
        select(
            Visit.__table__,
            Person.pseudonym.label("beneficiary"),
            visitor.pseudonym.label("visitor"),
            PublicService.code.label("service"),
            Branch.code.label("branch"),
            Branch.timezone.label("zone"),
            index.source.label("index_source"),
            index.visit_no.label("index_no"),
            charged.source.label("charged_source"),
            charged.visit_no.label("charged_no"),
            Scenario.code.label("scenario"),
        )
        .join(PublicService, Visit.service_id == PublicService.id)
        .join(Branch, Visit.branch_id == Branch.id)
        .outerjoin(Person, Visit.person_id == Person.id)
        .outerjoin(visitor, Visit.visitor_id == visitor.id)
        .outerjoin(index, Visit.index_visit_id == index.id)
        .outerjoin(charged, Visit.charged_visit_id == charged.id)
        .outerjoin(Scenario, Visit.scenario_id == Scenario.id)
    )


def _pauses(session: Session) -> dict[int, list[tuple[dt.datetime, dt.datetime | None, str]]]:
    found: dict[int, list[tuple[dt.datetime, dt.datetime | None, str]]] = {}
    for pause in session.scalars(select(CasePause).order_by(CasePause.case_id, CasePause.from_at)):
        found.setdefault(pause.case_id, []).append((pause.from_at, pause.to_at, pause.reason))
    return found


def _stream(session: Session, query: Select[Any]) -> Iterable[Row[Any]]:
    return session.execute(query.execution_options(yield_per=BATCH))


def _between(query: Select[Any], column: Any, days: Days) -> Select[Any]:
    first, last = days
    if first is not None:
        query = query.where(column >= first)
    return query if last is None else query.where(column <= last)


def _is_within(day: dt.date, days: Days) -> bool:
    first, last = days
    return (first is None or first <= day) and (last is None or day <= last)


def _plain(row: Row[Any], zone: ZoneInfo) -> dict[str, Any]:
    """A row by the names of its columns, moments and days as texts."""
    said: dict[str, Any] = {}
    for name, value in row._mapping.items():  # noqa: SLF001 - SQLAlchemy's public name for this
        if isinstance(value, dt.datetime):
            said[name] = _iso(value, zone)
        else:
            said[name] = value.isoformat() if isinstance(value, dt.date) else value
    return said


def _iso(moment: dt.datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).isoformat()


def _number(source: str | None, number: str | None, shared: frozenset[str]) -> str | None:
    return f"{source}/{number}" if number in shared else number
