"""Mystery visits: somebody is sent to be served like anybody, and answers by a link made for that visit."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, PublicService
from govdesk.config import settings
from govdesk.errors import DeskError, NotFoundError
from govdesk.feedback.asking import rules, service
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import Questionnaire

KIND = "mystery"  # of the questionnaire, and the occasion of its invitations
MOST_AT_ONCE = 20
MOST_SHOWN = 200


class MysteryError(DeskError):
    """A visit cannot be planned so; the key says why, the field where."""

    key = "mystery.refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Sent:
    """A visit as the list shows it: open | answered | over."""

    invitation: Invitation
    branch: Branch
    service: PublicService | None
    state: str

    @property
    def last_on(self) -> dt.date:
        """The last day on which it may be answered."""
        return clock.local_day(
            self.invitation.closes_at - dt.timedelta(seconds=1), settings().default_timezone
        )


def plan(
    session: Session, *, actor: Actor, questionnaire: Questionnaire, branch: Branch,
    service_wanted: PublicService | None, language: str, last_on: dt.date, count: int = 1,
) -> list[Invitation]:  # fmt: skip
    """Plan visits to a branch: one link for each, open through a day (from tomorrow to 90 days on).

    Nobody is named: the link is handed to whoever is sent. Which branch and service were visited stays with
    the answer, since the visit was made for that; who answered is not known.
    Raises NotAllowedError for who does not build the questionnaire, and MysteryError.
    """
    forms.refuse_others(actor, questionnaire)
    version = forms.published_of(questionnaire)
    if questionnaire.kind != KIND or version is None or not questionnaire.is_used:
        raise MysteryError("mystery.not_published", status=409)
    today = clock.local_day(clock.now(), settings().default_timezone)
    least, most = (today + dt.timedelta(days=days) for days in rules.SENT_DAYS)
    if not least <= last_on <= most:
        raise MysteryError("mystery.wrong_day", field="last_on")
    if not 1 <= count <= MOST_AT_ONCE:
        raise MysteryError("errors.out_of_range", field="count")
    planned = [
        Invitation(
            token=chance.token(), questionnaire_id=questionnaire.id, version_id=version.id,
            about=f"mystery:{chance.token()}", occasion=KIND, week=rules.monday(today), branch_id=branch.id,
            service_id=service_wanted.id if service_wanted else None, language=language, state="shown",
            mode="page", send_after=clock.now(), asked_on=today,
            closes_at=clock.day_bounds(last_on, settings().default_timezone)[1],
        )
        for _ in range(count)
    ]  # fmt: skip
    session.add_all(planned)
    session.flush()
    audit.record(
        session, actor=actor, action="mystery.planned", subject=f"questionnaire:{questionnaire.id}",
        branch=branch.id, count=count, last_on=last_on.isoformat(),
    )  # fmt: skip
    return planned


def withdraw(session: Session, *, actor: Actor, questionnaire: Questionnaire, invitation_id: int) -> None:
    """Close the link of a visit that is not to be made; twice is once. An unknown one: NotFoundError."""
    forms.refuse_others(actor, questionnaire)
    one = _found(session, questionnaire, invitation_id, is_locked=True)
    if not service.is_open(one):
        return
    one.state, one.draft = "expired", None
    session.flush()
    audit.record(
        session, actor=actor, action="mystery.withdrawn", subject=f"questionnaire:{questionnaire.id}",
        branch=one.branch_id,
    )  # fmt: skip


def sent(session: Session, questionnaire: Questionnaire) -> Sequence[Sent]:
    """The visits that were planned with a questionnaire, the last planned first."""
    rows = session.execute(
        select(Invitation, Branch, PublicService)
        .join(Branch, Branch.id == Invitation.branch_id)
        .outerjoin(PublicService, PublicService.id == Invitation.service_id)
        .where(Invitation.questionnaire_id == questionnaire.id, Invitation.occasion == KIND)
        .order_by(Invitation.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Sent(one, branch, wanted, _state(one)) for one, branch, wanted in rows]


def one_of(session: Session, questionnaire: Questionnaire, invitation_id: int) -> Sent:
    """One of them, or NotFoundError."""
    one = _found(session, questionnaire, invitation_id)
    wanted = session.get(PublicService, one.service_id) if one.service_id else None
    return Sent(one, session.get_one(Branch, one.branch_id), wanted, _state(one))


def _found(
    session: Session, questionnaire: Questionnaire, invitation_id: int, *, is_locked: bool = False
) -> Invitation:
    query = select(Invitation).where(
        Invitation.id == invitation_id, Invitation.questionnaire_id == questionnaire.id,
        Invitation.occasion == KIND,
    )  # fmt: skip
    found = session.scalars(query.with_for_update(of=Invitation) if is_locked else query).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def _state(one: Invitation) -> str:
    if one.state == "answered":
        return "answered"
    return "open" if service.is_open(one) else "over"
