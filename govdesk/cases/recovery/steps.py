"""How a task takes a step: found within the actor's reach and locked, noted, told."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.cases.recovery.models import Recovery, RecoveryStep
from govdesk.catalog import reach
from govdesk.errors import DeskError, NotAllowedError, NotFoundError

ROLES = ("officer", "reception", "supervisor", "head")  # who makes good
ABOVE = ("supervisor", "head")  # who decides what is above a limit, and hands tasks over


class RecoveryNotFoundError(NotFoundError):
    """There is no such task."""

    key = "recovery.not_found"


class ClosedError(DeskError):
    """The task is closed; it opens again only when the person comes back for it."""

    key = "recovery.is_closed"


def within(actor: Actor, roles: Collection[str] = ROLES) -> ColumnElement[bool]:
    """The condition for tasks that someone may see in one of these roles."""
    return reach.within(Recovery, actor, roles)


def sees(session: Session, actor: Actor, task: Recovery, roles: Collection[str] = ROLES) -> bool:
    """Whether a task is within someone's reach in one of these roles."""
    return session.scalar(select(Recovery.id).where(Recovery.id == task.id, within(actor, roles))) is not None


def found(session: Session, recovery_id: int, actor: Actor, *, is_open: bool = True) -> Recovery:
    """A task, its row locked. RecoveryNotFoundError; NotAllowedError outside one's reach; ClosedError."""
    task = session.get(Recovery, recovery_id, with_for_update=True)
    if task is None:
        raise RecoveryNotFoundError
    if not sees(session, actor, task):
        raise NotAllowedError
    if is_open and task.closed_at is not None:
        raise ClosedError
    return task


def note(
    session: Session, task: Recovery, kind: str, actor: Actor, *, channel: str | None = None,
    is_reached: bool | None = None, what: str | None = None, words: str = "",
) -> RecoveryStep:  # fmt: skip
    """Add a step to the history of a task, and to the audit (without the words, which can be removed)."""
    row = RecoveryStep(
        recovery_id=task.id, at=clock.now(), kind=kind, actor=actor.label, channel=channel,
        is_reached=is_reached, what=what, words=words,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action=f"recovery.{kind}", subject=f"recovery:{task.id}", channel=channel,
        is_reached=is_reached, what=what,
    )  # fmt: skip
    return row
