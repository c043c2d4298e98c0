"""Verbs of coaching: a unit agrees what it does about a cause, and says when it is done."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.coaching import listing
from govdesk.cases.coaching.listing import Cell
from govdesk.cases.coaching.models import CoachingItem
from govdesk.catalog.models import Branch, Cause, Department, PublicService
from govdesk.errors import DeskError, NotAllowedError, NotFoundError

LEADERS = ("supervisor", "head")
LONGEST = 300


class CoachingError(DeskError):
    """Nothing can be agreed like that; the key says why."""

    key = "training.invalid"
    status = 422


def agree(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    cause: Cause,
    service: PublicService,
    scenario_id: int | None,
    words: str,
    due_on: dt.date | None = None,
) -> CoachingItem:
    """Note what a unit does about a cause, such as a short training or a better letter, and by when.

    Raises CoachingError for no words, a day that is over, and a cause that is worked on already.
    """
    department: Department = service.department
    _refuse_strangers(actor, branch.id, department.id)
    said = " ".join(words.split())[:LONGEST]
    if not said:
        raise CoachingError("training.words_missing", field="words")
    if due_on is not None and due_on < clock.local_day(clock.now(), branch.timezone):
        raise CoachingError("training.due_past", field="due_on")
    known = select(CoachingItem.id).where(
        CoachingItem.branch_id == branch.id,
        CoachingItem.cause_code == cause.code,
        CoachingItem.service_id == service.id,
        CoachingItem.scenario_id.is_not_distinct_from(scenario_id),
        CoachingItem.done_at.is_(None),
    )
    session.refresh(branch, ["code"], with_for_update=True)  # of two at once the second finds the first's
    if session.scalars(known).first() is not None:
        raise CoachingError("training.agreed_already", field="words")
    cell = Cell(f"{branch.code}/{department.code}", cause.code, service.id, scenario_id)
    item = CoachingItem(
        branch=branch, department=department, cause=cause, service=service, scenario_id=scenario_id,
        agreed=said, agreed_at=clock.now(), agreed_by=actor.label, due_on=due_on,
        failures_then=listing.failures_of(session, (branch, department), cell),
    )  # fmt: skip
    session.add(item)
    session.flush()
    audit.record(
        session, actor=actor, action="coaching.agreed", subject=f"branch:{branch.code}", item=item.id,
        cause=cause.code, service=service.code,
    )  # fmt: skip
    outbox.emit(session, "coaching.agreed", item_id=item.id)
    return item


def finish(session: Session, *, actor: Actor, item_id: int, words: str = "") -> CoachingItem:
    """Say that what was agreed is done, and what came of it; said twice is said once."""
    item = session.get(CoachingItem, item_id, with_for_update={"of": CoachingItem})
    if item is None:
        raise NotFoundError
    _refuse_strangers(actor, item.branch_id, item.department_id)
    if item.done_at is None:
        item.done_at, item.done_by = clock.now(), actor.label
        item.done_words = " ".join(words.split())[:LONGEST]
        subject = f"branch:{item.branch.code}"
        audit.record(session, actor=actor, action="coaching.finished", subject=subject, item=item.id)
        outbox.emit(session, "coaching.finished", item_id=item.id)
    return item


def _refuse_strangers(actor: Actor, branch_id: int, department_id: int) -> None:
    if not actor.may(*LEADERS, branch_id=branch_id) or not listing.sees(actor, branch_id, department_id):
        raise NotAllowedError
