"""Invitations that are due are sent, those of ends and of waves alike; nobody is sent one twice.

1. A transaction claims some that are due. On PostgreSQL two that claim at once skip each other's rows; SQLite
   has one writer.
2. Their people are locked, in the order of their numbers, then it is read what each was asked before: of two
   invitations of one person, wherever they come from, the second sees the first.
3. The message is queued in the transaction that makes the invitation `sent`. Killed before it commits,
   neither is there and the next run begins anew; after it, both are, and nothing is due any more.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import agency_of
from govdesk.config import settings
from govdesk.db import reading, transaction, written
from govdesk.feedback.asking import rules
from govdesk.feedback.asking.crowd import crowd_of
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.asking.service import LINK, subject
from govdesk.feedback.forms.models import Questionnaire
from govdesk.notify import service as messages
from govdesk.notify.models import Message
from govdesk.people.models import Person

BATCH, BATCHES = 10, 100  # few at once, so that no counter waits for them
STOP = "#stop"  # the part of the page where one says: no more questions
KEYS = {"complaint": "question_complaint", "periodic": "question_wave"}
KEY, REMINDER = "question_after", "question_reminder"
REACHED_WITHIN = dt.timedelta(days=3)  # a message that cannot leave for so long is of no use any more


def run_send() -> int:
    """The job: send what is due; how many were sent."""
    sent = 0
    for _ in range(BATCHES):
        if not _is_any_due():
            break
        with transaction(patient=True) as session:
            claimed = _claim(session)
            sent += _send(session, claimed)
        if len(claimed) < BATCH:
            break
    return sent


def queue(session: Session, invitation: Invitation, *, key: str) -> Message | None:
    """Queue the question or its reminder; None where its person cannot be reached, or not in time."""
    if invitation.person_id is None:
        return None
    branch = session.get(Branch, invitation.branch_id) if invitation.branch_id else None
    service = session.get(PublicService, invitation.service_id) if invitation.service_id else None
    agency = agency_of(session)
    link = settings().base_address + LINK.format(invitation.token)
    with i18n.speaking(invitation.language):
        place = branch or agency
        values = {
            "branch": i18n.named(place) if place else "",
            "service": i18n.named(service) if service else "",
            "until": i18n.date_short(clock.local_day(invitation.closes_at, zone_of(branch))),
            "link": link,
            "stop_link": link + STOP,
        }
    return messages.queue(
        session, key=key, about=subject(invitation), language=invitation.language, values=values,
        person=session.get_one(Person, invitation.person_id),
        expires_at=min(clock.now() + REACHED_WITHIN, invitation.closes_at), zone=zone_of(branch),
    )  # fmt: skip


def zone_of(branch: Branch | None) -> str:
    """The zone in which the days of an invitation are cut."""
    return branch.timezone if branch else settings().default_timezone


def _claim(session: Session) -> Sequence[Invitation]:
    query = _due().order_by(Invitation.send_after, Invitation.id).limit(BATCH)
    return session.scalars(query.with_for_update(of=Invitation, skip_locked=True)).all()


def _due() -> Select[Invitation]:
    """What is due and still open: of a wave while that is open too, of an end while it is not long ago."""
    now = clock.now()
    is_fresh = Invitation.wave_id.is_(None) & (Invitation.send_after > now - rules.ASK_WITHIN)
    return (
        select(Invitation)
        .outerjoin(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.state == written("due"), Invitation.send_after <= now, Invitation.closes_at > now)
        .where(or_(is_fresh, Wave.state == "open"))
    )


def _is_any_due() -> bool:
    """Look before taking the writer's place: most of the time nothing is due."""
    found = reading().scalar(_due().with_only_columns(Invitation.id).limit(1)) is not None
    reading().rollback()
    return found


def _send(session: Session, claimed: Sequence[Invitation]) -> int:
    crowd, kinds, sent = crowd_of(session, claimed), _kinds(session, claimed), 0
    for one in claimed:
        today, kind = _today(session, one), kinds[one.questionnaire_id]
        why = crowd.why_spared(session, one, kind, today)
        message = queue(session, one, key=KEYS.get(kind, KEY)) if why is None else None
        if message is None:
            one.state, one.why_spared = "spared", why or "no_address"
            continue
        one.state, one.mode, one.asked_on = "sent", message.channel, today
        crowd.note_asked(one, kind, today)
        sent += 1
    session.flush()
    return sent


def _kinds(session: Session, claimed: Sequence[Invitation]) -> dict[int, str]:
    wanted = {one.questionnaire_id for one in claimed}
    rows = select(Questionnaire.id, Questionnaire.kind).where(Questionnaire.id.in_(wanted))
    return dict(session.execute(rows).all())


def _today(session: Session, invitation: Invitation) -> dt.date:
    branch = session.get(Branch, invitation.branch_id) if invitation.branch_id else None
    return clock.local_day(clock.now(), zone_of(branch))
