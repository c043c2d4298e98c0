"""Answers are saved as one goes, and count an hour later also where nobody pressed the last button."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.feedback.answers import service
from govdesk.feedback.answers.service import ContactWish
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
MOST = 4  # browsers in which one form is begun


@dataclass(frozen=True, slots=True)
class Begun:
    """What was answered so far in one browser, in which part somebody was, and whether they want a call."""

    answers: Given = field(default_factory=dict)
    part: str = ""
    browser: str = ""
    call: bool = False
    with_words: bool = False

    @property
    def wish(self) -> ContactWish | None:
        """The wish to be called, where there is one."""
        return ContactWish(with_words=self.with_words) if self.call else None


def keep(invitation: Invitation, begun: Begun) -> None:
    """Save what was answered so far in a browser; of an invitation that is locked."""
    invitation.draft = _draft(invitation.draft, begun)


def save(session: Session, one: Asked, begun: Begun) -> None:
    """The same of what was read without a lock. Raises AnsweredError where it is not so any more."""
    if not links.save(session, one, _draft(one.draft, begun)):
        raise service.AnsweredError


def begun_in(one: Invitation | Asked, browser: str) -> Begun:
    """Return what was answered so far in a browser. What others began with the same link is theirs."""
    return next((each for each in _begun(one.draft) if each.browser == browser), Begun())


def is_begun_elsewhere(one: Invitation | Asked, browser: str) -> bool:
    """Whether something was answered in another browser, and nothing in this one."""
    return bool(answers_of(one)) and not begun_in(one, browser).answers


def answers_of(one: Invitation | Asked) -> dict[str, Any]:
    """Return what was answered so far, in the browser that was touched last."""
    return dict((one.draft or {}).get("answers", {}))


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
    begun_by_all = [begun for begun in _begun(one.draft) if begun.answers]
    for begun in () if _has_stopped(session, one) else begun_by_all:
        try:
            service.give(
                session, invitation=one, answers=begun.answers, contact_wish=begun.wish, saved_at=touched
            )
        except service.RefusedAnswersError:  # before anything was written
            continue
        return True
    if not asking.is_open(one):
        links.forget(session, one, saved_at=touched)
    return False


def _has_stopped(session: Session, one: Asked) -> bool:
    return one.person_id is not None and messages.is_stopped(session, one.person_id, QUESTIONS)


def _draft(before: Given | None, begun: Begun) -> dict[str, Any]:
    """What is saved: first what was touched last, beside it what was begun with this link elsewhere."""
    others = [each for each in _begun(before) if each.answers and each.browser != begun.browser]
    return {
        **asdict(begun), "touched": clock.now().isoformat(), "saves": links.saves_of(before) + 1,
        "others": [asdict(each) for each in others][: MOST - 1],
    }  # fmt: skip


def _begun(draft: Given | None) -> list[Begun]:
    """All that was begun, what was touched last first."""
    found = [draft, *draft.get("others", ())] if draft else []
    names = [one.name for one in fields(Begun)]
    return [Begun(**{name: one[name] for name in names if name in one}) for one in found]


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
