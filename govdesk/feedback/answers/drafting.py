"""Answers are saved as one goes, and count an hour later also where nobody pressed the last button."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.feedback.answers import service
from govdesk.feedback.asking import links
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.links import Asked
from govdesk.feedback.asking.models import Invitation
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS

LEFT_ALONE = dt.timedelta(hours=1)  # after the last touch
BEFORE_CLOSING = dt.timedelta(minutes=20)  # the job that closes comes every quarter of an hour
UNDER_WAY = ("sent", "shown")
Given = Mapping[str, Any]


def keep(invitation: Invitation, *, answers: Given, part: str) -> None:
    """Save what was answered so far, and in which part; of an invitation that is locked."""
    invitation.draft = _draft(answers, part, links.saves_of(invitation.draft) + 1)


def save(session: Session, one: Asked, *, answers: Given, part: str) -> None:
    """The same of what was read without a lock. Raises AnsweredError where it is not so any more."""
    if not links.save(session, one, _draft(answers, part, one.saves + 1)):
        raise service.AnsweredError


def answers_of(one: Invitation | Asked) -> dict[str, Any]:
    """Return what was answered so far."""
    return dict((one.draft or {}).get("answers", {}))


def part_of(one: Invitation | Asked) -> str:
    """Return the part in which somebody was."""
    return str((one.draft or {}).get("part", ""))


def run_take_in() -> int:
    """The job: give what was touched and then left alone, a transaction for each; how many.

    One touch is an answer: the page says that it reached us. So it counts also where its link has closed
    since, because nothing ran meanwhile. It has the week in which it is taken in, like every other. What
    lacks an answer that is required was never given, and goes with the closing.
    """
    waiting = _left_alone(reading())
    reading().rollback()
    count = 0
    for invitation_id in waiting:
        try:
            with transaction(patient=True) as session:
                count += _take_in(session, invitation_id)
        except service.AnsweredError:
            continue
    return count


def _take_in(session: Session, invitation_id: int) -> bool:
    """Give one; of who wants no questions any more, nothing."""
    one = links.asked_by_id(session, invitation_id)
    touched = links.touched_at(one.draft) if one is not None else None
    if one is None or touched is None or not _is_left_alone(one) or not asking.is_open(one, at=touched):
        return False
    if not _has_stopped(session, one):
        try:
            service.give(session, invitation=one, answers=answers_of(one), saved_at=touched)
        except service.RefusedAnswersError:  # before anything was written
            pass
        else:
            return True
    if not asking.is_open(one):
        links.forget(session, one, saved_at=touched)
    return False


def _has_stopped(session: Session, one: Asked) -> bool:
    return one.person_id is not None and messages.is_stopped(session, one.person_id, QUESTIONS)


def _draft(answers: Given, part: str, saves: int) -> dict[str, Any]:
    return {"answers": dict(answers), "part": part, "touched": clock.now().isoformat(), "saves": saves}


def _left_alone(session: Session) -> list[int]:
    found = session.scalars(
        select(Invitation)
        .where(Invitation.state.in_(UNDER_WAY), Invitation.draft.is_not(None))
        .order_by(Invitation.id)
    )
    return [one.id for one in found if _is_left_alone(one)]


def _is_left_alone(one: Invitation | Asked) -> bool:
    touched = links.touched_at(one.draft)
    if touched is None:
        return False
    now = clock.now()
    return one.closes_at <= now + BEFORE_CLOSING or touched <= now - LEFT_ALONE
