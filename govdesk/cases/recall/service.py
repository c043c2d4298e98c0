"""Verbs of a recall: start, tell, hand over, move, end, reopen."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.obstacles.places import today_at
from govdesk.cases.recall import finding, rules
from govdesk.cases.recall.finding import Asked, Touched
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recall.steps import RecallError, found, note, said, sees_whole
from govdesk.cases.records import in_parts
from govdesk.config import settings
from govdesk.errors import NotAllowedError
from govdesk.people.models import Person, Staff

LONGEST_TITLE, LONGEST_FAULT = 120, 200  # a fault is told in an SMS too
LATEST_DUE = dt.timedelta(days=366)


def start(
    session: Session, *, actor: Actor, title: str, fault_ar: str, fault_en: str, asked: Asked,
    due_on: dt.date, expected: int | None = None,
) -> Recall:  # fmt: skip
    """Make the list of everyone a fault touched; from now on it stays as it is.

    `expected` is how long the list was when its starter looked: where it is another by now nothing is made,
    so that nobody starts what they have not seen. RecallError beside `title`, a fault or a day, or above.
    """
    if actor.kind != "system" and not actor.has(*rules.STARTERS):
        raise NotAllowedError
    _check(title, fault_ar, fault_en, asked, due_on)
    touched = finding.touched(session, actor=actor, asked=asked)
    if not touched:
        raise RecallError("recall.nobody", status=422)
    if expected is not None and expected != len(touched):
        raise RecallError("recall.list_changed", before=expected, now=len(touched))
    branches = {one.branch_id for one in touched}
    staff_id = int(actor.id) if actor.kind == "staff" else None
    recall = Recall(
        title=title.strip(), fault_ar=fault_ar.strip(), fault_en=fault_en.strip(), asked=asked.as_json(),
        branch_id=branches.pop() if len(branches) == 1 else None, visits=sum(one.visits for one in touched),
        started_at=clock.now(), started_by_id=staff_id, owner_id=staff_id, due_on=due_on,
    )  # fmt: skip
    session.add(recall)
    session.flush()
    members = list(_members(session, recall, touched))
    session.add_all(members)
    note(session, actor, recall.id, "started", what=str(len(members)))
    for member in members:
        if member.end is not None:
            note(session, actor, recall.id, member.end, member=member)
    outbox.emit(session, "recall.started", recall_id=recall.id, members=len(members))
    return recall


def tell(session: Session, *, actor: Actor, recall_id: int) -> Recall:
    """Let the messages leave from now on; a job writes them, some at a time. Twice is once."""
    recall = found(session, recall_id, actor, is_running=True)
    if recall.telling_at is None:
        recall.telling_at = clock.now()
        note(session, actor, recall.id, "telling")
    return recall


def hand_over(session: Session, *, actor: Actor, recall_id: int, staff_id: int) -> Recall:
    """Let somebody else answer for it: one who may see all of it. RecallError beside `staff`."""
    recall = found(session, recall_id, actor, is_running=True)
    to = session.get(Staff, staff_id)
    if to is None or not to.is_active or not may_own(session, to, recall):
        raise RecallError("recall.not_whole", field="staff", status=422)
    if recall.owner_id != to.id:
        recall.owner_id = to.id
        note(session, actor, recall.id, "handed", what=to.actor.label)
    return recall


def move(session: Session, *, actor: Actor, recall_id: int, due_on: dt.date, words: str) -> Recall:
    """Give it another last day, with the reason. RecallError beside `due_on` or `words`."""
    recall = found(session, recall_id, actor, is_running=True)
    _check_due(due_on)
    reason = said(words, is_needed=True)
    recall.due_on, recall.escalated_at = due_on, None
    note(session, actor, recall.id, "moved", what=due_on.isoformat(), words=reason)
    return recall


def end(session: Session, *, actor: Actor, recall_id: int) -> Recall:
    """End it, once it has ended for everybody on the list. RecallError says how many are left."""
    recall = found(session, recall_id, actor, is_running=True)
    left = session.scalar(
        select(func.count())
        .select_from(RecallMember)
        .where(RecallMember.recall_id == recall.id, RecallMember.end.is_(None))
    )
    if left:
        raise RecallError("recall.not_everybody", left=left)
    recall.ended_at = clock.now()
    note(session, actor, recall.id, "closed")
    outbox.emit(session, "recall.ended", recall_id=recall.id)
    return recall


def reopen(session: Session, *, actor: Actor, recall_id: int, due_on: dt.date, words: str) -> Recall:
    """Open it again with a reason and a new last day: those whom nobody reached are tried anew."""
    recall = found(session, recall_id, actor, is_running=False)
    _check_due(due_on)
    reason = said(words, is_needed=True)
    recall.ended_at = recall.escalated_at = None
    recall.due_on, recall.reopened = due_on, recall.reopened + 1
    note(session, actor, recall.id, "reopened", what=due_on.isoformat(), words=reason)
    lost = RecallMember.recall_id == recall.id, RecallMember.end == rules.UNREACHED
    for member in session.scalars(select(RecallMember).where(*lost).order_by(RecallMember.id)):
        member.state, member.end, member.ended_at = "listed", None, None
        note(session, actor, recall.id, "again", member=member)
    outbox.emit(session, "recall.reopened", recall_id=recall.id)
    return recall


def may_own(session: Session, staff: Staff, recall: Recall) -> bool:
    """Whether somebody may answer for a recall."""
    who = staff.actor
    return staff.is_active and who.has(*rules.STARTERS) and sees_whole(session, who, recall)


def may_end(session: Session, recall: Recall) -> bool:
    """Whether it has ended for everybody."""
    left = select(RecallMember.id).where(RecallMember.recall_id == recall.id, RecallMember.end.is_(None))
    return recall.ended_at is None and session.scalar(left.limit(1)) is None


def history(session: Session, recall: Recall) -> list[RecallStep]:
    """All that was done with it as a whole, from the first."""
    whole = RecallStep.recall_id == recall.id, RecallStep.member_id.is_(None)
    return list(session.scalars(select(RecallStep).where(*whole).order_by(RecallStep.at, RecallStep.id)))


def _members(session: Session, recall: Recall, touched: list[Touched]) -> Iterator[RecallMember]:
    languages = _languages(session, [one.person_id for one in touched if one.person_id is not None])
    for one in touched:
        is_known = one.person_id is not None
        known = languages.get(one.person_id) if one.person_id is not None else None
        yield RecallMember(
            token=chance.token(), recall_id=recall.id, recall=recall, person_id=one.person_id,
            source=one.source, visit_no=one.visit_no, visits=one.visits, service_id=one.service_id,
            branch_id=one.branch_id, visited_on=one.visited_on,
            language=one.language or known or settings().default_language,
            state="listed" if is_known else "ended", end=None if is_known else rules.UNKNOWN,
            ended_at=None if is_known else clock.now(),
        )  # fmt: skip


def _languages(session: Session, people: list[int]) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    for some in in_parts(people):
        rows = session.execute(select(Person.id, Person.language).where(Person.id.in_(some)))
        found.update((row[0], row[1]) for row in rows)
    return found


def _check(title: str, fault_ar: str, fault_en: str, asked: Asked, due_on: dt.date) -> None:
    texts = (
        ("title", title, LONGEST_TITLE),
        ("fault_ar", fault_ar, LONGEST_FAULT),
        ("fault_en", fault_en, LONGEST_FAULT),
    )
    for field, text, longest in texts:
        if not text.strip():
            raise RecallError("errors.required", field=field, status=422)
        if len(text.strip()) > longest:
            raise RecallError("errors.too_long", field=field, status=422, max=longest)
    if asked.until_on < asked.from_on:
        raise RecallError("recall.until_before", field="until_on", status=422)
    if asked.from_on > today_at(None):
        raise RecallError("recall.not_yet", field="from_on", status=422)
    _check_due(due_on)


def _check_due(due_on: dt.date) -> None:
    today = today_at(None)
    if not today < due_on <= today + LATEST_DUE:
        raise RecallError("recall.due_ahead", field="due_on", status=422)
