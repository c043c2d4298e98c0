"""Two persons who are one: proposed by somebody, confirmed by somebody else, and undone without a trace."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.linking.mending import judge, point_again
from govdesk.cases.linking.models import PersonMerge
from govdesk.cases.linking.service import said
from govdesk.cases.models import Visit
from govdesk.catalog.models import Branch
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.people import same
from govdesk.people.models import Person

PROPOSERS = ("reception", "supervisor", "head")
JUDGES = ("supervisor", "head", "admin")


class MergeError(DeskError):
    """Two persons cannot be joined like that; the key says why."""

    key = "linking.merge_invalid"
    status = 422


def propose(
    session: Session, *, actor: Actor, kept: Person, other: Person, branch: Branch, reason: str
) -> PersonMerge:
    """Say that `other` is `kept`; nothing changes before somebody else has looked.

    Raises MergeError: for one and the same, two identity numbers (they are two people), somebody already
    joined, and what is proposed already. The unique index on standing proposals decides between two at once.
    """
    why = said(reason)
    if kept.id == other.id:
        raise MergeError("linking.merge_itself")
    if kept.same_as_id is not None or other.same_as_id is not None:
        raise MergeError("linking.merge_joined")
    if kept.certainty == other.certainty == "certain":
        raise MergeError("linking.merge_two_identities")
    if other.certainty == "certain":  # who shows a number is who remains
        kept, other = other, kept
    merge = PersonMerge(
        kept=kept, other=other, branch=branch, state="proposed", reason=why, proposed_at=clock.now(),
        proposed_by=actor.label,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(merge)
    except IntegrityError as error:
        raise MergeError("linking.merge_proposed_already") from error
    _note(session, actor, "person.merge_proposed", merge)
    outbox.emit(session, "person.merge_proposed", merge_id=merge.id)
    return merge


def confirm(session: Session, *, actor: Actor, merge_id: int) -> PersonMerge:
    """Join the two: all visits of the one are the other's, and everything is judged anew.

    Refused to whoever proposed it. Two who confirm at once: the row is locked, the second finds it decided.
    """
    merge = _standing(session, actor, merge_id)
    if merge.kept.same_as_id is not None or merge.other.same_as_id is not None:
        raise MergeError("linking.merge_joined")
    _decide(merge, actor, "confirmed", "")
    merge.other.same_as_id = merge.kept_id
    session.flush()
    _judge(session, merge)
    _note(session, actor, "person.merged", merge)
    outbox.emit(session, "person.merged", merge_id=merge.id, kept_id=merge.kept_id, other_id=merge.other_id)
    return merge


def refuse(session: Session, *, actor: Actor, merge_id: int, reason: str) -> PersonMerge:
    """Say that they are two, and why: the pair is suggested no more. Who proposed may withdraw like that."""
    merge = _standing(session, actor, merge_id, may_be_own=True)
    _decide(merge, actor, "refused", said(reason))
    session.flush()
    _note(session, actor, "person.merge_refused", merge)
    outbox.emit(session, "person.merge_refused", merge_id=merge.id)
    return merge


def undo(session: Session, *, actor: Actor, merge_id: int, reason: str) -> PersonMerge:
    """Split what was joined by mistake: every visit is again whose it was named for."""
    merge = _locked(session, merge_id)
    _refuse_strangers(actor, merge, JUDGES)
    why = said(reason)
    if merge.state != "confirmed":
        raise MergeError("linking.merge_not_joined")
    merge.state, merge.undone_at, merge.undone_by, merge.undone_why = "undone", clock.now(), actor.label, why
    merge.other.same_as_id = None
    session.flush()
    _judge(session, merge, is_split=True)
    _note(session, actor, "person.split", merge)
    outbox.emit(session, "person.split", merge_id=merge.id, kept_id=merge.kept_id, other_id=merge.other_id)
    return merge


def waiting(session: Session, branch_ids: Collection[int]) -> list[PersonMerge]:
    """The proposals of these branches that wait for a second person, the oldest first."""
    query = select(PersonMerge).where(PersonMerge.state == "proposed", PersonMerge.branch_id.in_(branch_ids))
    return list(session.scalars(query.order_by(PersonMerge.id)))


def of_person(session: Session, person_id: int) -> list[PersonMerge]:
    """Every proposal that names a person, the newest first."""
    query = select(PersonMerge).where(
        or_(PersonMerge.kept_id == person_id, PersonMerge.other_id == person_id)
    )
    return list(session.scalars(query.order_by(PersonMerge.id.desc())))


def is_own(actor: Actor, merge: PersonMerge) -> bool:
    """Whether somebody looks at what they proposed themselves."""
    return merge.proposed_by == actor.label


def _standing(session: Session, actor: Actor, merge_id: int, *, may_be_own: bool = False) -> PersonMerge:
    merge = _locked(session, merge_id)
    mine = is_own(actor, merge)
    if mine and not may_be_own:
        raise MergeError("linking.merge_own")
    if not mine:
        _refuse_strangers(actor, merge, JUDGES)
    if merge.state != "proposed":
        raise MergeError("linking.merge_decided")
    return merge


def _locked(session: Session, merge_id: int) -> PersonMerge:
    merge = session.get(PersonMerge, merge_id, with_for_update={"of": PersonMerge}, populate_existing=True)
    if merge is None:
        raise NotFoundError
    return merge


def _refuse_strangers(actor: Actor, merge: PersonMerge, roles: tuple[str, ...]) -> None:
    if not actor.may(*roles, branch_id=merge.branch_id):
        raise NotAllowedError


def _decide(merge: PersonMerge, actor: Actor, state: str, why: str) -> None:
    merge.state, merge.decided_at, merge.decided_by, merge.decided_why = (
        state,
        clock.now(),
        actor.label,
        why,
    )


def _judge(session: Session, merge: PersonMerge, *, is_split: bool = False) -> None:
    others = same.names_of(session, merge.other_id)
    people = point_again(session, others | same.names_of(session, merge.kept_id))
    moved = session.scalars(select(Visit.id).where(Visit.person_id.in_(others))).all() if is_split else ()
    judge(session, people | {merge.kept_id, merge.other_id}, moved=moved)


def _note(session: Session, actor: Actor, action: str, merge: PersonMerge) -> None:
    audit.record(
        session, actor=actor, action=action, subject=f"person:{merge.kept_id}", merge=merge.id,
        other=merge.other_id,
    )  # fmt: skip
