"""Whoever answered without a name may leave a number: it leads to a task, never to the answer."""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk import outbox
from govdesk.actor import Actor
from govdesk.cases.recovery.rules import is_low
from govdesk.config import settings
from govdesk.feedback.answers.service import AnsweredError
from govdesk.feedback.asking.links import Asked
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.rules import INSIDE
from govdesk.people import service as people


@dataclass(frozen=True, slots=True)
class LeftContact:
    """How somebody wants to be reached, and what they want whoever calls to know."""

    phone: str | None
    email: str | None
    name: str | None
    words: str
    language: str


def may_leave_contact(invitation: Invitation | Asked) -> bool:
    """Whether nobody is named, and it is known who would call; not who serves, nor who was sent."""
    is_nameless = invitation.person_id is None and invitation.branch_id is not None
    return is_nameless and invitation.occasion not in INSIDE


def leave_contact(
    session: Session, *, actor: Actor, invitation: Invitation | Asked, score: tuple[int, int],
    contact: LeftContact,
) -> None:  # fmt: skip
    """Let who makes good hear of somebody who was dissatisfied and left a number; twice is once.

    1. The person is who is reached by it, known from before or new; a name that was typed counts too.
    2. What is told names the branch, the service and the score. It carries a digest of the link, which
       nobody can read back: no number of the invitation, of which the week of its answer is known.
    3. Nothing that was answered goes along: the words are those that were typed for this.
    Raises ContactError and UnknownPersonError; AnsweredError where no number is asked for.
    """
    if not may_leave_contact(invitation) or not is_low(*score):
        raise AnsweredError
    who = {"phone": contact.phone, "email": contact.email, "name": contact.name}
    person = people.identify_contact(session, actor=actor, language=contact.language, **who)
    people.note_contact(session, actor=actor, person=person, **who)
    outbox.emit(
        session, "rating.low", rating_id=_digest(invitation.token), person_id=person.id,
        branch_id=invitation.branch_id, service_id=invitation.service_id, score=score[0], most=score[1],
        words=contact.words,
    )  # fmt: skip


def _digest(token: str) -> str:
    return hmac.new(settings().secret_key.encode(), f"call:{token}".encode(), hashlib.sha256).hexdigest()[:24]
