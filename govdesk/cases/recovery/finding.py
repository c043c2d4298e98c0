"""Tasks as they are looked for: by person and unit, by their link, with their history."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.recovery import redressing
from govdesk.cases.recovery.models import Recovery, RecoveryStep, RecoveryTrigger, Redress
from govdesk.cases.recovery.steps import ABOVE, RecoveryNotFoundError, sees, within
from govdesk.errors import NotAllowedError
from govdesk.people.models import Staff
from govdesk.queue.models import Ticket

PARTS = ("mine", "free", "overdue", "decide", "open", "closed")
MOST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the work list: the task, what it is about, who answers for it."""

    task: Recovery
    triggers: Sequence[str]
    owner: Staff | None

    @property
    def is_overdue(self) -> bool:
        """Whether its deadline has passed and it is still open."""
        return self.task.closed_at is None and self.task.due_at < clock.now()


def listed(session: Session, actor: Actor, part: str, *, branch_id: int | None = None) -> list[Listed]:
    """The tasks of a part of the list within someone's reach, the most urgent first; at most MOST."""
    query = select(Recovery).where(within(actor), *_part(actor, part))
    if branch_id is not None:
        query = query.where(Recovery.branch_id == branch_id)
    order = (
        (Recovery.closed_at.desc(), Recovery.id)
        if part == "closed"
        else (Recovery.escalated_to.is_(None), Recovery.due_at, Recovery.id)
    )
    tasks = session.scalars(
        query.order_by(*order)
        .limit(MOST)
        .options(joinedload(Recovery.service), joinedload(Recovery.branch), joinedload(Recovery.owner))
    ).all()
    triggers = _triggers(session, [task.id for task in tasks])
    return [Listed(task, triggers.get(task.id, ()), task.owner) for task in tasks]


def count(session: Session, actor: Actor, part: str) -> int:
    """How many tasks a part of the list has for someone."""
    query = select(func.count()).select_from(Recovery).where(within(actor), *_part(actor, part))
    return session.scalar(query) or 0


def count_own(session: Session, actor: Actor) -> int:
    """How many open tasks someone answers for."""
    return count(session, actor, "mine")


def count_unit(session: Session, actor: Actor) -> int:
    """How many open tasks there are in someone's units."""
    return count(session, actor, "open")


def task_of(session: Session, actor: Actor, recovery_id: int) -> Recovery:
    """A task to look at. RecoveryNotFoundError; NotAllowedError outside one's reach."""
    task = session.get(Recovery, recovery_id)
    if task is None:
        raise RecoveryNotFoundError
    if not sees(session, actor, task):
        raise NotAllowedError
    return task


def by_token(session: Session, token: str) -> Recovery:
    """The task of a private link. RecoveryNotFoundError."""
    task = session.scalars(select(Recovery).where(Recovery.token == token)).one_or_none()
    if task is None or task.closed_by == "forgotten":
        raise RecoveryNotFoundError
    return task


def open_task(session: Session, ticket: Ticket) -> Recovery | None:
    """The open task of the person and the need of a ticket."""
    if ticket.person_id is None:
        return None
    mine = Recovery.person_id == ticket.person_id, Recovery.need == ticket.service.family
    return session.scalars(select(Recovery).where(*mine, Recovery.closed_at.is_(None))).one_or_none()


def steps_of(session: Session, task: Recovery) -> list[RecoveryStep]:
    """The history of a task, in order."""
    mine = select(RecoveryStep).where(RecoveryStep.recovery_id == task.id)
    return list(session.scalars(mine.order_by(RecoveryStep.at, RecoveryStep.id)))


def triggers_of(session: Session, task: Recovery) -> list[RecoveryTrigger]:
    """What failed the person, in order."""
    mine = select(RecoveryTrigger).where(RecoveryTrigger.recovery_id == task.id)
    return list(session.scalars(mine.order_by(RecoveryTrigger.at, RecoveryTrigger.id)))


def colleagues(session: Session, task: Recovery) -> list[Staff]:
    """Who may answer for a task: who works in its unit."""
    staff = session.scalars(select(Staff).where(Staff.is_active).order_by(Staff.id))
    return [one for one in staff if sees(session, one.actor, task)]


def names_of(session: Session, labels: Sequence[str]) -> dict[str, Staff]:
    """The staff behind the labels of actors, by label."""
    ids = {int(label.partition(":")[2]) for label in labels if label.startswith("staff:")}
    return {f"staff:{one.id}": one for one in session.scalars(select(Staff).where(Staff.id.in_(ids)))}


def decidable(session: Session, actor: Actor, task: Recovery) -> set[int]:
    """The ids of what waits in a task for someone's decision."""
    rows = redressing.of(session, task)
    return {row.id for row in rows if redressing.may_decide(session, actor, task, row)}


def _part(actor: Actor, part: str) -> list[ColumnElement[bool]]:
    is_open = Recovery.closed_at.is_(None)
    mine = int(actor.id) if actor.kind == "staff" else 0
    asked = exists().where(Redress.recovery_id == Recovery.id, Redress.state == "asked")
    parts: dict[str, list[ColumnElement[bool]]] = {
        "mine": [is_open, Recovery.owner_id == mine],
        "free": [is_open, Recovery.owner_id.is_(None)],
        "overdue": [is_open, Recovery.due_at < clock.now()],
        "decide": [asked.correlate(Recovery), within(actor, ABOVE)],
        "closed": [Recovery.closed_at.is_not(None)],
    }
    return parts.get(part, [is_open])


def _triggers(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(RecoveryTrigger.recovery_id, RecoveryTrigger.kind)
        .where(RecoveryTrigger.recovery_id.in_(ids), RecoveryTrigger.spared.is_(None))
        .order_by(RecoveryTrigger.id)
    )
    found: dict[int, list[str]] = {}
    for recovery_id, kind in rows:
        if recovery_id is not None and kind not in found.setdefault(recovery_id, []):
            found[recovery_id].append(kind)
    return found
