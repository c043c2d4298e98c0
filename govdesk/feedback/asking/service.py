"""Verbs of invitations: invite to a questionnaire, show one on a page, take back, decline (answer: `links`).

An invitation is its own record, as a message is: no verb here but the person's own choice is told to the
audit. Nothing here leads to what somebody answered.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.errors import DeskError, NotFoundError
from govdesk.feedback.asking import rules
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.people.models import Person

KINDS_OF_PEOPLE = frozenset({"citizen", "resident", "visitor"})
WAITING = ("due", "spared", "undeliverable")  # its person has not seen it
OVER = ("answered", "expired", "declined")
LINK = "/q/{}"  # the page on which it is answered


class Openable(Protocol):
    """An invitation, or what was read of one."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def state(self) -> str:
        """What has become of it."""

    @property
    def closes_at(self) -> dt.datetime:
        """Until when it may be answered."""


class NotAskedError(DeskError):
    """Nobody is asked about this, or not any more."""

    key = "asking.not_asked"
    status = 410


def invite(
    session: Session, *, kind: str, about: str, occasion: str, person: Person | None, branch: Branch | None,
    service: PublicService | None, ended_at: dt.datetime, language: str, channel: str | None = None,
    outcome: str | None = None, priority: str | None = None, send_after: dt.datetime | None = None,
) -> Invitation | None:  # fmt: skip
    """Invite somebody to say how something ended; the invitation there is already, where it was made before.

    None where nothing is asked on this occasion. `about` names what it is about (`ticket:12`). It is due some
    minutes after the end; whether this person may be asked is seen when it leaves (see `sending`), for much
    may happen until then. `about` is unique: of two that invite at once the second finds the first one's row.
    """
    version = forms.published(session, kind, department_id=service.department_id if service else None)
    if version is None:
        return None
    known = about_this(session, kind, about)
    if known is not None:
        return known
    zone = branch.timezone if branch else settings().default_timezone
    row = {
        "token": chance.token(), "questionnaire_id": version.questionnaire_id, "version_id": version.id,
        "person_id": person.id if person else None, "about": about, "occasion": occasion,
        "week": rules.monday(clock.local_day(ended_at, zone)), "branch_id": branch.id if branch else None,
        "service_id": service.id if service else None, "channel": channel, "outcome": outcome,
        "person_kind": person.kind if person and person.kind in KINDS_OF_PEOPLE else None,
        "priority": priority, "language": language, "state": "due",
        "send_after": send_after or ended_at + rules.ASK_AFTER, "closes_at": ended_at + rules.OPEN_FOR,
    }  # fmt: skip
    insert = sqlite_insert if settings().is_sqlite else postgresql_insert
    session.flush()
    made = insert(Invitation).values(row).on_conflict_do_nothing().returning(Invitation)
    return session.scalars(made).one_or_none() or about_this(session, kind, about)


def is_asked(session: Session, kind: str, department_id: int | None) -> bool:
    """Whether anything is asked on an occasion."""
    return forms.published(session, kind, department_id=department_id) is not None


def about_this(session: Session, kind: str, about: str) -> Invitation | None:
    """The invitation to a kind of questionnaire that is about something, answered or not."""
    return session.scalars(
        select(Invitation)
        .join(Questionnaire, Questionnaire.id == Invitation.questionnaire_id)
        .where(Questionnaire.kind == kind, Invitation.about.in_((about, digest_of(about))))
        .limit(1)
    ).first()


def digest_of(about: str) -> str:
    """What stays of `about` once an invitation is answered: enough to know that it was asked about."""
    return hmac.new(settings().secret_key.encode(), f"asked:{about}".encode(), hashlib.sha256).hexdigest()


def by_token(session: Session, token: str, *, is_locked: bool = False) -> Invitation:
    """The invitation of a private link, or NotFoundError."""
    query = select(Invitation).where(Invitation.token == token)
    found = session.scalars(query.with_for_update(of=Invitation) if is_locked else query).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def is_open(invitation: Openable, *, at: dt.datetime | None = None) -> bool:
    """Whether it may still be answered, or could be at a moment."""
    return invitation.state in ("sent", "shown") and (at or clock.now()) < invitation.closes_at


def show(session: Session, *, invitation: Invitation, mode: str) -> Invitation:
    """Show an invitation on a page that its person opened (`mode` qr or page): it is not sent any more.

    Who is spared is not written to, and may answer all the same where they come by themselves.
    """
    session.refresh(invitation, with_for_update={"of": Invitation})
    if invitation.state in WAITING and clock.now() < invitation.closes_at:
        invitation.state, invitation.mode, invitation.why_spared = "shown", mode, None
        invitation.asked_on = clock.local_day(clock.now(), settings().default_timezone)
        session.flush()
    return invitation


def take_back(session: Session, about: str) -> None:
    """Remove what would still have asked about an end that was none."""
    session.execute(
        delete(Invitation).where(Invitation.about == about, Invitation.state.in_(("due", "spared")))
    )


def overtake(session: Session, invitation: Invitation, by: Invitation) -> None:
    """Let one invitation that is still due be overtaken by another about the same."""
    if invitation.id != by.id and invitation.state == "due":
        invitation.state, invitation.why_spared = "spared", "overtaken"
        session.flush()


def decline(session: Session, *, actor: Actor, invitation: Invitation) -> None:
    """Ask this person nothing any more, by this or any other questionnaire; twice is once."""
    if invitation.person_id is not None:
        person = session.get_one(Person, invitation.person_id)
        messages.stop(session, actor=actor, person=person, what=QUESTIONS)
    if invitation.state in ("due", "sent", "shown"):
        invitation.state, invitation.draft = "declined", None
    session.flush()


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: forget half-filled forms; who cannot be reached is asked no more."""
    mine = Invitation.person_id == payload["person_id"]
    session.execute(update(Invitation).where(mine).values(draft=None))
    due = update(Invitation).where(mine, Invitation.state == "due")
    session.execute(due.values(state="spared", why_spared="no_address"))
    under_way = update(Invitation).where(mine, Invitation.state.in_(("sent", "shown")))
    session.execute(under_way.values(state="expired"))


def subject(invitation: Openable) -> str:
    """How messages name an invitation."""
    return f"invitation:{invitation.id}"
