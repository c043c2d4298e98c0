"""What a counter should know of a person who is here again for the same need."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases import steps
from govdesk.cases.classes import RECALL_REASON, Classified, Plan, VisitClass, VisitRecord
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import NextStep, Visit
from govdesk.cases.recall import coming
from govdesk.cases.records import Places, VisitRow, key_of, record_of, together
from govdesk.cases.rules import classify
from govdesk.catalog.models import Branch
from govdesk.people import same
from govdesk.queue.models import Ticket

HERE = "at the counter"
RETURNS = frozenset({VisitClass.REPEAT, VisitClass.PLANNED, VisitClass.RECALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The last attended visit of a matter, and what a visit now would be by the rules of KPI.md §1.

    `last` is the ticket that closed that visit (its branch, outcome and cause), `days_ago` local days since
    its end, `visits` how many attended visits the matter has had, newest last. `step` is the planned step
    the person comes for now, `waiting_steps` all that are promised and not yet come for: coming too early
    shows here.
    """

    last: Visit
    days_ago: int
    visits: tuple[Visit, ...]
    step: NextStep | None
    waiting_steps: tuple[NextStep, ...]
    visit_class: VisitClass

    @property
    def is_return(self) -> bool:
        """Whether a visit now counts as a return for the same need, not as a new one."""
        return self.visit_class in RETURNS

    @property
    def is_failure(self) -> bool:
        """Whether a visit now counts as a failure of the last one: ask why the person had to come back."""
        return self.visit_class is VisitClass.REPEAT


def history(
    session: Session,
    *,
    person_id: int | None,
    family: str,
    object_ref: str | None = None,
    at: dt.datetime,
    reason: str | None = None,
    branch: Branch | None = None,
    ticket_id: int | None = None,
) -> Past | None:
    """Return what is known of a person's earlier visits for a need; None for whoever never came for it.

    `at` is the arrival; `branch` gives the local day (else that of the last visit), `reason` what the
    person says brought them back, `ticket_id` the ticket being served: its own earlier stages are no
    earlier visit. Changes nothing.
    """
    if person_id is None:
        return None
    person_id = same.whole(session, person_id)
    mine = _stages(session, ticket_id)
    rows = {
        row.id: row
        for row in together(session, [person_id]).values()
        if row.started_at <= at and not (row.source == LIVE and row.visit_no in mine)
    }
    if not any(row.person_id == person_id for row in rows.values()):
        return None
    places = Places(session)
    now = _now(session, list(rows.values()), places, person_id, family, object_ref, at, reason, branch)
    records = [record_of(row, places) for row in rows.values()]
    classified = classify([*records, now], places.rule_for)
    return _past(session, rows, classified, now)


def of_ticket(session: Session, ticket: Ticket) -> Past | None:
    """What is known of the earlier visits of a ticket's person for its need."""
    found = _of_ticket(session, ticket, None)
    if found is None or not found.is_failure or coming.reason_of(session, ticket) != RECALL_REASON:
        return found
    return _of_ticket(session, ticket, RECALL_REASON)


def _of_ticket(session: Session, ticket: Ticket, reason: str | None) -> Past | None:
    return history(
        session,
        person_id=ticket.person_id,
        family=ticket.service.family,
        object_ref=ticket.object_ref,
        at=ticket.arrived_at,
        reason=reason,
        branch=session.get_one(Branch, ticket.branch_id),
        ticket_id=ticket.id,
    )


def _now(
    session: Session,
    rows: list[VisitRow],
    places: Places,
    person_id: int,
    family: str,
    object_ref: str | None,
    at: dt.datetime,
    reason: str | None,
    branch: Branch | None,
) -> VisitRecord:
    """The visit that is about to be, as the classifier will see it."""
    latest = max(rows, key=lambda row: (row.started_at, row.id))
    zone = places.zones[branch.id if branch is not None else latest.branch_id]
    step = steps.fitting(
        session,
        person_id=person_id,
        family=family,
        object_ref=object_ref,
        before=at,
        on=clock.local_day(at, zone),
        reason=reason,
    )
    return VisitRecord(
        id=HERE,
        beneficiary=str(person_id),
        service=places.codes[latest.service_id],
        started_at=at,
        ended_at=at,
        zone=zone,
        family=family,
        object=object_ref,
        reason=reason,
        plan=Plan(made_at=step.made_at, due=step.due, reason=step.reason) if step else None,
    )


def _past(
    session: Session, rows: dict[int, VisitRow], classified: dict[str, Classified], now: VisitRecord
) -> Past | None:
    key_by_id = {row.id: key_of(row.source, row.visit_no) for row in rows.values()}
    verdict = classified[HERE]
    head = verdict.previous if verdict.visit_class is not VisitClass.MERGED else verdict.head
    if head is None or head == HERE:
        return None
    tickets = [row for row in rows.values() if classified[key_by_id[row.id]].head == head]
    closing = max(tickets, key=lambda row: (row.ended_at, row.started_at, row.visit_no))
    matter = classified[head].matter
    in_matter = [row.id for row in rows.values() if classified[key_by_id[row.id]].matter == matter]
    visits = session.scalars(
        select(Visit).where(Visit.id.in_(in_matter)).order_by(Visit.started_at, Visit.id)
    )
    waiting = steps.promised(
        session,
        person_id=int(now.beneficiary or 0),
        family=now.family or "",
        object_ref=now.object,
        before=now.started_at,
    )
    plan = now.plan
    fits = [step for step in waiting if plan and (step.made_at, step.due) == (plan.made_at, plan.due)]
    return Past(
        last=session.get_one(Visit, closing.id),
        days_ago=(clock.local_day(now.started_at, now.zone) - classified[head].ended_on).days,  # type: ignore[arg-type]
        visits=tuple(visits),
        step=fits[0] if fits else None,
        waiting_steps=tuple(waiting),
        visit_class=verdict.visit_class,
    )


def _stages(session: Session, ticket_id: int | None) -> set[str]:
    """The numbers of the visits of a ticket and of the stages before it."""
    numbers: set[str] = set()
    here = session.get(Ticket, ticket_id) if ticket_id is not None else None
    while here is not None:
        numbers.add(str(here.id))
        here = session.get(Ticket, here.transferred_from_id) if here.transferred_from_id is not None else None
    return numbers
