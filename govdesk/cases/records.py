"""Visits as the classifier wants them, with all others that their classes hang on."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from govdesk.cases.classes import Plan, RepeatRule, VisitRecord
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch, PublicService, ResolvePolicy
from govdesk.db import Base

AT_ONCE = 500
LIVE = "live"  # the source of what is recorded here; every other is an import
RESULTS = (
    "class_name",
    "index_visit_id",
    "charged_visit_id",
    "charged_unit",
    "gap_days",
    "repeat_visit_id",
    "mature_on",
    "is_excluded",
    "closing_visit_id",
    "return_cause",
)


class VisitRow(NamedTuple):
    """What is read of a visit: its facts, its case, and what was said of it before (RESULTS)."""

    id: int
    source: str
    visit_no: str
    person_id: int | None
    service_id: int
    branch_id: int
    family: str
    object_ref: str | None
    case_no: str | None
    unit: str
    channel: str | None
    status: str
    direction: str
    reason: str | None
    outcome: str | None
    cause: str | None
    started_at: dt.datetime
    served_at: dt.datetime | None
    ended_at: dt.datetime
    transfer_of: str | None
    plan_made_at: dt.datetime | None
    plan_due: dt.date | None
    plan_reason: str | None
    withdrawn_on: dt.date | None
    case_id: int | None
    class_name: str
    index_visit_id: int | None
    charged_visit_id: int | None
    charged_unit: str | None
    gap_days: int | None
    repeat_visit_id: int | None
    mature_on: dt.date | None
    is_excluded: bool
    closing_visit_id: int | None
    return_cause: str | None

    @property
    def key(self) -> str:
        """Its name among the visits of all sources."""
        return key_of(self.source, self.visit_no)


COLUMNS = [getattr(Visit, name) for name in VisitRow._fields]
Item = TypeVar("Item")


class Places:
    """What the classifier asks of the catalog: the zone of a branch, the code and the rule of a service."""

    def __init__(self, session: Session) -> None:
        self.zones = {
            branch_id: ZoneInfo(name)
            for branch_id, name in session.execute(select(Branch.id, Branch.timezone))
        }
        services = session.scalars(select(PublicService)).all()
        self.codes = {service.id: service.code for service in services}
        self._declared = {service.id: service.resolve_days for service in services}
        self._promises: dict[int, list[ResolvePolicy]] = defaultdict(list)
        for policy in session.scalars(select(ResolvePolicy).order_by(ResolvePolicy.version)):
            self._promises[policy.service_id].append(policy)
        self._rules = {service.code: rule_of(service) for service in services}

    def rule_for(self, code: str) -> RepeatRule:
        """The repeat parameters in force for a service."""
        return self._rules[code]

    def promise_at(self, service_id: int, moment: dt.datetime) -> tuple[int | None, int | None]:
        """The version of the policy in force at a moment, and the days to resolution that it promises.

        Before the first version that one counts; a service that never had one promises what it declares.
        """
        versions = self._promises.get(service_id)
        if not versions:
            return None, self._declared[service_id]
        known = [policy for policy in versions if policy.since <= moment] or versions[:1]
        return known[-1].version, known[-1].resolve_days


def rule_of(service: PublicService) -> RepeatRule:
    """The repeat parameters in force for a service, as the classifier reads them."""
    policy = service.policy
    return RepeatRule(
        window_days=policy.window_days,
        lag_days=policy.lag_days,
        allowed_reasons=frozenset(policy.allowed_reasons),
        cycle_days=policy.cycle_days,
    )


def record_of(row: VisitRow, places: Places) -> VisitRecord:
    """Read a row as a ticket of the classifier; its id is made of source and number."""
    plan = None
    if row.plan_made_at is not None and row.plan_due is not None and row.plan_reason is not None:
        plan = Plan(made_at=row.plan_made_at, due=row.plan_due, reason=row.plan_reason)
    return VisitRecord(
        id=row.key,
        beneficiary=None if row.person_id is None else str(row.person_id),
        service=places.codes[row.service_id],
        started_at=row.started_at,
        ended_at=row.ended_at,
        zone=places.zones[row.branch_id],
        status=row.status,
        family=row.family,
        object=row.object_ref,
        case_no=key_of(row.source, row.case_no) if row.case_no else None,
        unit=row.unit,
        channel=row.channel,
        direction=row.direction,
        reason=row.reason,
        return_cause=row.reason if row.source == LIVE else None,
        outcome=row.outcome,
        cause=row.cause,
        transfer_of=key_of(row.source, row.transfer_of) if row.transfer_of else None,
        plan=plan,
        withdrawn_on=row.withdrawn_on,
    )


def key_of(source: str, number: str) -> str:
    """The name of a visit or case among those of all sources: numbers of two systems never meet."""
    return f"{source}:{number}"


def together(
    session: Session, person_ids: Iterable[int], visit_ids: Iterable[int] = ()
) -> dict[int, VisitRow]:
    """All visits on which the classes of these people's visits can depend, by id.

    Their own, those joined to them by transfer in either direction, and all visits of the people whom that
    brings in, until nothing is added: only then is classifying a part the same as classifying the whole.
    """
    rows: dict[int, VisitRow] = {}
    known: set[int] = set()
    people, others = set(person_ids), set(visit_ids)
    while people or others:
        known |= people
        fresh = [*_rows(session, Visit.person_id, people), *_rows(session, Visit.id, others - rows.keys())]
        linked: list[VisitRow] = []
        while fresh:
            fresh = [row for row in fresh if row.id not in rows]
            rows.update((row.id, row) for row in fresh)
            linked += fresh
            fresh = list(_joined(session, fresh))
        people = {row.person_id for row in linked if row.person_id is not None} - known
        others = set()
    return rows


def _joined(session: Session, rows: Collection[VisitRow]) -> Iterator[VisitRow]:
    """The visits that these were transferred from, and those transferred from these."""
    for source in {row.source for row in rows}:
        mine = [row for row in rows if row.source == source]
        origins = {row.transfer_of for row in mine if row.transfer_of}
        numbers = {row.visit_no for row in mine}
        yield from _rows(session, Visit.visit_no, origins, source)
        yield from _rows(session, Visit.transfer_of, numbers, source)


def _rows(
    session: Session, column: Any, values: Iterable[Any], source: str | None = None
) -> Iterator[VisitRow]:
    for some in in_parts(values):
        query: Select[Any] = select(*COLUMNS).where(column.in_(some))
        found = session.execute(query if source is None else query.where(Visit.source == source))
        yield from map(VisitRow._make, found)


def in_parts(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """Cut a series into lists of at most `size`, so that statements stay short."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def table_of(model: type[Base]) -> Table:
    """The table of a model, for many rows: through the model each pattern of nulls is its own statement."""
    assert isinstance(model.__table__, Table)
    return model.__table__
