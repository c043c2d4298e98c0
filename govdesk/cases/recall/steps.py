"""How a recall takes a step: found within the actor's reach and locked, noted, told to the audit."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.cases.recall import rules
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.catalog import reach
from govdesk.errors import DeskError, NotAllowedError, NotFoundError

LONGEST = 1000


class RecallNotFoundError(NotFoundError):
    """There is no such recall, or no such person in it."""

    key = "recall.not_found"


class RecallError(DeskError):
    """A step that the recall does not allow; the key says why."""

    key = "recall.refused"
    status = 409


def within(actor: Actor) -> ColumnElement[bool]:
    """The condition for members of recalls that someone may see."""
    return reach.within(RecallMember, actor, rules.STARTERS)


def seen(actor: Actor) -> ColumnElement[bool]:
    """The condition for recalls of which someone may see at least a part."""
    return exists().where(RecallMember.recall_id == Recall.id, within(actor)).correlate(Recall)


def sees_whole(session: Session, actor: Actor, recall: Recall) -> bool:
    """Whether everybody in a recall is within someone's reach: only then may they lead or end it."""
    others = select(func.count()).select_from(RecallMember)
    return not session.scalar(others.where(RecallMember.recall_id == recall.id, ~within(actor)))


def found(session: Session, recall_id: int, actor: Actor, *, is_running: bool | None = None) -> Recall:
    """A recall that somebody leads, its row locked. RecallNotFoundError; NotAllowedError; RecallError."""
    recall = session.get(Recall, recall_id, with_for_update={"of": Recall})
    if recall is None:
        raise RecallNotFoundError
    if not actor.has(*rules.STARTERS) or not sees_whole(session, actor, recall):
        raise NotAllowedError
    if is_running is not None and is_running is not (recall.ended_at is None):
        raise RecallError("recall.is_ended" if is_running else "recall.is_running")
    return recall


def member_of(session: Session, member_id: int, actor: Actor) -> RecallMember:
    """Somebody in a recall, to look at. RecallNotFoundError; NotAllowedError outside one's reach."""
    member = session.get(RecallMember, member_id)
    if member is None:
        raise RecallNotFoundError
    mine = select(RecallMember.id).where(RecallMember.id == member_id, within(actor))
    if session.scalar(mine) is None:
        raise NotAllowedError
    return member


def open_member(session: Session, member_id: int, actor: Actor) -> RecallMember:
    """The same to act on, the row locked, of a recall that runs and for whom it has not ended."""
    member = member_of(session, member_id, actor)
    lock(session, member)
    if member.recall.ended_at is not None:
        raise RecallError("recall.is_ended")
    if member.end is not None:
        raise RecallError("recall.member_ended")
    return member


def lock(session: Session, member: RecallMember) -> None:
    """Lock a row, so that of two who act at once the second sees what the first did."""
    session.flush()
    session.refresh(member, ["state", "end", "wish", "told_at"], with_for_update={"of": RecallMember})


def note(
    session: Session, actor: Actor, recall_id: int, kind: str, *, member: RecallMember | None = None,
    words: str = "", **told: Any,
) -> RecallStep:  # fmt: skip
    """Add a step to the history, and to the audit (without the words, which can be removed)."""
    row = RecallStep(
        recall_id=recall_id, member_id=member and member.id, at=clock.now(), kind=kind, actor=actor.label,
        words=words, **told,
    )  # fmt: skip
    session.add(row)
    session.flush()
    subject = f"recall:{recall_id}"
    detail: Mapping[str, Any] = told if member is None else {**told, "member": member.id}
    audit.record(session, actor=actor, action=f"recall.{kind}", subject=subject, **detail)
    return row


def end(session: Session, actor: Actor, member: RecallMember, how: str, words: str = "") -> None:
    """End it for somebody."""
    member.state, member.end, member.ended_at = "ended", how, clock.now()
    note(session, actor, member.recall_id, how, member=member, words=words)


def said(words: str, *, is_needed: bool = False) -> str:
    """What was written, tidied. RecallError beside `words`."""
    tidy = words.strip()
    if is_needed and not tidy:
        raise RecallError("errors.required", field="words", status=422)
    if len(tidy) > LONGEST:
        raise RecallError("errors.too_long", field="words", status=422, max=LONGEST)
    return tidy
