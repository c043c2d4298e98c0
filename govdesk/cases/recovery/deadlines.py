"""By when a task must be made good: working hours of the unit, from a table that an administrator edits."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.recovery import rules
from govdesk.cases.recovery.models import RecoveryDeadline
from govdesk.catalog.editing import describe
from govdesk.catalog.models import Branch
from govdesk.catalog.service import calendar_of


@dataclass(frozen=True, slots=True)
class Deadline:
    """Within how many working hours what one kind opened must be made good; whether it opens any."""

    kind: str
    working_hours: int
    is_active: bool


def settled(session: Session) -> list[Deadline]:
    """The table as it holds now: what an administrator wrote, else what the product brings along."""
    rows = {row.kind: row for row in session.scalars(select(RecoveryDeadline))}
    return [
        Deadline(kind, rows[kind].working_hours, rows[kind].is_active)
        if kind in rows
        else Deadline(kind, rules.WORKING_HOURS[kind], is_active=True)
        for kind in rules.KINDS
    ]


def settled_hours(session: Session, kind: str) -> int | None:
    """The working hours of one kind; None where it opens no task."""
    row = session.get(RecoveryDeadline, kind)
    if row is None:
        return rules.WORKING_HOURS[kind]
    return row.working_hours if row.is_active else None


def settle(session: Session, *, actor: Actor, kind: str, working_hours: int, is_active: bool) -> None:
    """Write one line of the table; tasks that are open keep the deadline they were given."""
    row = session.get(RecoveryDeadline, kind) or RecoveryDeadline(kind=kind)
    subject = f"recovery_deadline:{kind}"
    describe(
        session, actor=actor, thing=row, subject=subject, working_hours=working_hours, is_active=is_active
    )


def due(session: Session, branch: Branch, kind: str, since: dt.datetime) -> dt.datetime:
    """The moment by which it must be made good: so many open hours of the branch after `since`.

    A branch that has no hours within two years (known only from a file) counts them by the clock.
    """
    length = dt.timedelta(hours=settled_hours(session, kind) or rules.WORKING_HOURS[kind])
    calendar = calendar_of(session, branch, is_strict=False)
    return calendar.after_open_time(since, length) or since + length
