"""What opens a task: what failed somebody is noted when it is heard, weighed by the rules, and placed."""

import datetime as dt
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.cases.recovery import rules, weighing
from govdesk.cases.recovery.deadlines import due, settled_hours
from govdesk.cases.recovery.models import Recovery, RecoveryTrigger
from govdesk.cases.recovery.steps import note
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.db import connection_of, reading, table_of, transaction
from govdesk.people.models import Person

NO_NEED = ""  # of a complaint that names no service
Where = Literal["open", "join", "reopen"]
DONE: dict[Where, str] = {"open": "opened", "join": "joined", "reopen": "reopened"}


class Placed(NamedTuple):
    """The task in which something was placed, and how it came there."""

    task: Recovery
    where: Where


def note_trigger(
    session: Session, *, kind: str, source: str, person_id: int | None, service_id: int | None,
    branch_id: int, at: dt.datetime,
) -> RecoveryTrigger | None:  # fmt: skip
    """Note something that failed a person, once for each source; weigh it now, or when its grace is over.

    None where it was noted before, and where an administrator lets nothing of its kind open a task.
    """
    known = RecoveryTrigger.kind == kind, RecoveryTrigger.source == source
    if session.scalars(select(RecoveryTrigger.id).where(*known)).first() is not None:
        return None
    if settled_hours(session, kind) is None:
        return None
    row = RecoveryTrigger(
        kind=kind, source=source, person_id=person_id, service_id=service_id, branch_id=branch_id, at=at,
        weigh_at=at + rules.GRACE.get(kind, dt.timedelta(0)), state="waiting",
    )  # fmt: skip
    session.add(row)
    session.flush()
    if row.weigh_at <= clock.now():
        weigh(session, row)
    return row


def weigh(session: Session, trigger: RecoveryTrigger) -> Recovery | None:
    """Decide what becomes of something that waits: spared, or placed in a task; None when it was spared."""
    trigger.spared = rules.spared(trigger.kind, weighing.facts(session, trigger))
    if trigger.spared is not None or trigger.person_id is None:
        trigger.state = "spared"
        session.flush()
        return None
    service = session.get(PublicService, trigger.service_id) if trigger.service_id else None
    need = service.family if service else NO_NEED
    task, where = place(
        session, actor=SYSTEM, kind=trigger.kind, at=trigger.at, person_id=trigger.person_id, need=need,
        service_id=trigger.service_id, branch_id=trigger.branch_id,
    )  # fmt: skip
    trigger.recovery_id, trigger.state = task.id, DONE[where]
    session.flush()
    return task


def weigh_due(session: Session) -> int:
    """Weigh in this transaction what has waited for its grace to end, for bulk work; how many."""
    waiting = _waiting(session)
    for trigger_id in waiting:
        weigh(session, session.get_one(RecoveryTrigger, trigger_id))
    return len(waiting)


def run_weigh() -> int:
    """The job: weigh what has waited for its grace to end, a transaction for each; how many."""
    session = reading()
    waiting = _waiting(session)
    session.rollback()
    for trigger_id in waiting:
        with transaction(patient=True) as writing:
            trigger = writing.get(RecoveryTrigger, trigger_id, with_for_update=True)
            if trigger is not None and trigger.state == "waiting":
                weigh(writing, trigger)
    return len(waiting)


def place(
    session: Session, *, actor: Actor, kind: str, at: dt.datetime, person_id: int, need: str,
    service_id: int | None, branch_id: int,
) -> Placed:  # fmt: skip
    """Put something that happened into the task of its person and need: the open one, the last, a new one.

    1. The last task of the person and need is read and locked. What may join or reopen it does.
    2. Else a new one is inserted, unless an open one is there: the unique index on open tasks decides
       between two that come at once. On SQLite there is one writer; on PostgreSQL the second waits for the
       first's commit, inserts nothing, finds that task and joins it.
    """
    branch = session.get_one(Branch, branch_id)
    until = due(session, branch, kind, clock.now())
    task = _last(session, person_id, need)
    where: Where = rules.placed(
        has_open=task is not None and task.closed_at is None,
        closed_at=task.closed_at if task else None,
        at=at,
    )
    if task is None or where == "open":
        task, is_new = _made(session, person_id, need, service_id, branch_id, until)
        where = "open" if is_new else "join"
    _arrive(session, task, where, until)
    note(session, task, DONE[where], actor, what=kind)
    if where == "open":
        outbox.emit(session, "recovery.opened", recovery_id=task.id, trigger=kind)
    elif where == "reopen":
        outbox.emit(session, "recovery.reopened", recovery_id=task.id, trigger=kind)
    return Placed(task, where)


def reopen(session: Session, task: Recovery, kind: str) -> None:
    """Open a closed task again, with a new deadline; its first one stays what a figure judges."""
    _arrive(session, task, "reopen", due(session, task.branch, kind, clock.now()))


def _arrive(session: Session, task: Recovery, where: Where, until: dt.datetime) -> None:
    if where == "join" and task.closed_at is None and until < task.due_at:
        task.due_at = until
        if not task.reopened:
            task.first_due_at = until
    elif where == "reopen":
        task.closed_at, task.closed_by, task.heard_by_id = None, None, None
        task.escalated_to, task.escalated_at = None, None
        task.due_at, task.reopened = until, task.reopened + 1
    session.flush()


def _waiting(session: Session) -> list[int]:
    due = RecoveryTrigger.state == "waiting", RecoveryTrigger.weigh_at <= clock.now()
    order = RecoveryTrigger.weigh_at, RecoveryTrigger.id
    return list(session.scalars(select(RecoveryTrigger.id).where(*due).order_by(*order)))


def _last(session: Session, person_id: int, need: str) -> Recovery | None:
    mine = Recovery.person_id == person_id, Recovery.need == need
    order = Recovery.closed_at.is_not(None), Recovery.closed_at.desc(), Recovery.id.desc()
    return session.scalars(
        select(Recovery).where(*mine).order_by(*order).limit(1).with_for_update(of=Recovery)
    ).first()


def _made(
    session: Session, person_id: int, need: str, service_id: int | None, branch_id: int, until: dt.datetime
) -> tuple[Recovery, bool]:
    insert = sqlite_insert if settings().is_sqlite else postgresql_insert
    person = session.get_one(Person, person_id)
    new = insert(table_of(Recovery)).values(
        token=chance.token(), person_id=person_id, need=need, service_id=service_id, branch_id=branch_id,
        language=person.language or settings().default_language, opened_at=clock.now(), due_at=until,
        first_due_at=until, reopened=0,
    )  # fmt: skip
    session.flush()
    made = (
        connection_of(session)
        .execute(new.on_conflict_do_nothing().returning(table_of(Recovery).c.id))
        .first()
    )
    task = _last(session, person_id, need)
    assert task is not None
    return task, made is not None
