"""Whom a fault touched: the attended visits of some days, services, branches, outcomes, by their people."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.models import Visit
from govdesk.cases.recall import rules
from govdesk.cases.records import in_parts
from govdesk.catalog import reach
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.people.models import PersonContact


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which visits are meant; what is empty narrows nothing. Days are the branch's, both included."""

    from_on: dt.date
    until_on: dt.date
    services: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    unit: str = ""
    scenario: str = ""  # licence-renewal/lost
    outcome: str = ""
    cause: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as it is kept with the recall."""
        days = {"from_on": self.from_on.isoformat(), "until_on": self.until_on.isoformat()}
        return {**asdict(self), **days, "services": list(self.services), "branches": list(self.branches)}


@dataclass(frozen=True, slots=True)
class Touched:
    """One person, or one visit of nobody known, with the latest visit that the fault touched."""

    person_id: int | None
    source: str
    visit_no: str
    visits: int
    service_id: int
    branch_id: int
    visited_on: dt.date
    language: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """How many a recall would have: visits, people known, of these with an address, and visits of nobody."""

    visits: int
    people: int
    by_message: int
    unknown: int

    @property
    def members(self) -> int:
        """How long the list would be."""
        return self.people + self.unknown

    @property
    def without_contact(self) -> int:
        """People whom no message can reach: somebody must call, write or wait for them."""
        return self.people - self.by_message


def preview(session: Session, *, actor: Actor, asked: Asked) -> Preview:
    """Count whom a fault touched within someone's reach. Changes nothing."""
    found = touched(session, actor=actor, asked=asked)
    people = [one.person_id for one in found if one.person_id is not None]
    return Preview(
        visits=sum(one.visits for one in found),
        people=len(people),
        by_message=len(addressed(session, people)),
        unknown=len(found) - len(people),
    )


def touched(session: Session, *, actor: Actor, asked: Asked) -> list[Touched]:
    """Give each person once, with their latest visit; a visit of nobody known stands by itself."""
    columns = (
        Visit.person_id, Visit.source, Visit.visit_no, Visit.service_id, Visit.branch_id, Visit.ended_on,
        Visit.language, Visit.transfer_of,
    )  # fmt: skip
    rows: Any = session.execute(
        select(*columns)
        .where(
            Visit.status.in_(ATTENDED_STATUSES),
            Visit.direction == "inbound",
            reach.within(Visit, actor, rules.STARTERS),
            *_conditions(asked),
        )
        .order_by(Visit.started_at, Visit.id)
    )
    known: dict[int, Touched] = {}
    nameless: list[Touched] = []
    for person_id, *visit, transfer_of in rows:
        before = known.get(person_id)
        source, visit_no, *where = visit
        one = Touched(person_id, source, visit_no, before.visits + 1 if before else 1, *where)
        if person_id is not None:
            known[person_id] = one
        elif transfer_of is None:
            nameless.append(one)
    return [*known.values(), *nameless]


def addressed(session: Session, people: Sequence[int]) -> set[int]:
    """Those of some people to whom a message can be sent."""
    found: set[int] = set()
    for some in in_parts(people):
        has_address = PersonContact.phone.is_not(None) | PersonContact.email.is_not(None)
        found.update(
            session.scalars(
                select(PersonContact.person_id).where(PersonContact.person_id.in_(some), has_address)
            )
        )
    return found


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = [Visit.started_on >= asked.from_on, Visit.started_on <= asked.until_on]
    if asked.services:
        theirs = select(PublicService.id).where(PublicService.code.in_(asked.services))
        found.append(Visit.service_id.in_(theirs))
    if asked.branches:
        found.append(Visit.branch_id.in_(select(Branch.id).where(Branch.code.in_(asked.branches))))
    if asked.unit:
        found.append(Visit.unit == asked.unit)
    if asked.scenario:
        service, _, scenario = asked.scenario.partition("/")
        meant = select(Scenario.id).join(PublicService, PublicService.id == Scenario.service_id)
        found.append(
            Visit.scenario_id.in_(meant.where(PublicService.code == service, Scenario.code == scenario))
        )
    if asked.outcome:
        found.append(Visit.outcome == asked.outcome)
    if asked.cause:
        found.append(Visit.cause == asked.cause)
    return found
