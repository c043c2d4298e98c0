"""Verbs of one person in a recall: try, invite, hear the person, mend, give up."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases import places_ahead
from govdesk.cases.recall import rules, telling
from govdesk.cases.recall.models import RecallMember, RecallStep
from govdesk.cases.recall.steps import (
    RecallError,
    RecallNotFoundError,
    end,
    lock,
    note,
    open_member,
    said,
)

ABOUT = "recall_member"


def attempt(
    session: Session, *, actor: Actor, member_id: int, channel: str, is_reached: bool, words: str = ""
) -> RecallMember:
    """Note that somebody tried to reach the person: how, whether they did, what was said."""
    member = open_member(session, member_id, actor)
    if channel not in rules.CHANNELS:
        raise RecallError("errors.choose_known", field="channel", status=422)
    if is_reached and member.state in {"listed", "told"}:
        member.state = "reached"
    note(
        session, actor, member.recall_id, "attempt", member=member, channel=channel, is_reached=is_reached,
        words=said(words),
    )  # fmt: skip
    return member


def invite(session: Session, *, actor: Actor, member_id: int) -> RecallMember:
    """Ask the person to come, whom staff have reached: they are called before others. Twice is once."""
    member = open_member(session, member_id, actor)
    if not has_reached(session, member):
        raise RecallError("recall.reach_first")
    if member.state != "invited":
        _invite(session, actor, member)
        telling.tell_invited(session, member)
    return member


def answer(
    session: Session, *, actor: Actor, member: RecallMember, wish: str, words: str = ""
) -> RecallMember:
    """Hear what the person wants, on their own page: to come, to be called, nothing. The last word counts.

    RecallError where it has ended, or beside `wish`.
    """
    if wish not in rules.WISHES:
        raise RecallError("errors.choose", field="wish", status=422)
    lock(session, member)
    if member.end == rules.FORGOTTEN:
        raise RecallNotFoundError
    if member.end is not None or member.recall.ended_at is not None:
        raise RecallError("recall.over", status=410)
    if member.wish == wish and not words.strip():
        return member
    member.wish, member.state = wish, "answered"
    note(session, actor, member.recall_id, "answered", member=member, what=wish, words=said(words))
    if wish == "place":
        _invite(session, actor, member)
    elif wish == "none":
        end(session, actor, member, rules.DECLINED)
    return member


def remedy(session: Session, *, actor: Actor, member_id: int, words: str) -> RecallMember:
    """Note that the fault is mended for somebody without a visit, and how. RecallError beside `words`."""
    member = open_member(session, member_id, actor)
    how = said(words, is_needed=True)
    if not has_reached(session, member):
        raise RecallError("recall.reach_first")
    end(session, actor, member, rules.REMEDIED, how)
    return member


def decline(session: Session, *, actor: Actor, member_id: int, words: str = "") -> RecallMember:
    """Note that the person, once reached, wants nothing."""
    member = open_member(session, member_id, actor)
    if not has_reached(session, member):
        raise RecallError("recall.reach_first")
    end(session, actor, member, rules.DECLINED, said(words))
    return member


def give_up(session: Session, *, actor: Actor, member_id: int, words: str = "") -> RecallMember:
    """End it for whom nobody could reach, after two attempts in vain on two channels."""
    member = open_member(session, member_id, actor)
    if not may_give_up(session, member):
        raise RecallError("recall.not_tried_enough")
    end(session, actor, member, rules.UNREACHED, said(words))
    return member


def may_give_up(session: Session, member: RecallMember) -> bool:
    """Whether enough was tried since it was opened last."""
    if member.end is not None or has_reached(session, member):
        return False
    tried: list[tuple[str, bool]] = []
    for step in steps_of(session, member):
        if step.kind == "again":
            tried.clear()
        elif step.kind in {"attempt", "told"} and step.channel:
            tried.append((step.channel, bool(step.is_reached)))
    return rules.may_give_up(tried)


def has_reached(session: Session, member: RecallMember) -> bool:
    """Whether the person was spoken with, or answered."""
    acts = [rules.Act(step.kind, step.at, step.is_reached) for step in steps_of(session, member)]
    return bool(acts) and rules.standing(acts, acts[-1].at).is_reached


def steps_of(session: Session, member: RecallMember) -> list[RecallStep]:
    """All that was done to reach somebody, from the first."""
    mine = select(RecallStep).where(RecallStep.member_id == member.id)
    return list(session.scalars(mine.order_by(RecallStep.at, RecallStep.id)))


def about(member: RecallMember) -> str:
    """By what a place ahead of a member is given."""
    return f"{ABOUT}:{member.id}"


def _invite(session: Session, actor: Actor, member: RecallMember) -> None:
    assert member.person_id is not None
    member.state = "invited"
    note(session, actor, member.recall_id, "invited", member=member)
    places_ahead.give(
        session, actor=actor, about=about(member), person_id=member.person_id, family=member.service.family
    )
