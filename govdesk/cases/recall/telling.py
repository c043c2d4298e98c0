"""What people are told of a recall: what was wrong, that it is ours to mend, and where to say how."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.actor import SYSTEM
from govdesk.cases.recall.models import Recall, RecallMember
from govdesk.cases.recall.steps import note
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.notify import service as messages
from govdesk.notify.models import Message

TOLD, INVITED = "recall_told", "recall_invited"
OWN = "/recall/{}"  # the private page
TOLD_WITHIN = dt.timedelta(days=7)
AT_ONCE = 100  # in one transaction


def run_tell() -> int:
    """The job: write the messages of running recalls, some in each transaction; how many."""
    count = 0
    while done := _tell_some():
        count += done
    return count


def tell_next(session: Session, *, most: int = AT_ONCE) -> int:
    """Write the messages of the next who have an address and were not told; how many were looked at.

    1. The rows are locked; on PostgreSQL another process takes the next ones.
    2. Who has no address is marked as looked at by `told_at` alone and waits for a call.
    """
    waiting = session.scalars(
        select(RecallMember)
        .join(Recall, Recall.id == RecallMember.recall_id)
        .where(
            Recall.telling_at.is_not(None),
            Recall.ended_at.is_(None),
            RecallMember.state == "listed",
            RecallMember.told_at.is_(None),
        )
        .order_by(RecallMember.id)
        .limit(most)
        .with_for_update(of=RecallMember, skip_locked=True)
    ).all()
    for member in waiting:
        tell(session, member)
    return len(waiting)


def tell(session: Session, member: RecallMember) -> Message | None:
    """Queue the message of one person; None where none can be brought."""
    message = _queue(session, member, TOLD)
    member.told_at = clock.now()
    if message is not None:
        member.state = "told"
        note(
            session, SYSTEM, member.recall_id, "told", member=member, channel=message.channel,
            is_reached=False,
        )  # fmt: skip
    return message


def tell_invited(session: Session, member: RecallMember) -> Message | None:
    """Queue the invitation in writing to whom staff invited by word."""
    return _queue(session, member, INVITED)


def forget(session: Session, member: RecallMember) -> None:
    """Drop what waits to be sent."""
    messages.drop_about(session, about(member))


def about(member: RecallMember) -> str:
    """What a message is about."""
    return f"recall_member:{member.id}"


def _tell_some() -> int:
    waiting = (
        select(RecallMember.id)
        .join(Recall, Recall.id == RecallMember.recall_id)
        .where(
            Recall.telling_at.is_not(None), Recall.ended_at.is_(None), RecallMember.state == "listed",
            RecallMember.told_at.is_(None),
        )
    )  # fmt: skip
    is_any = reading().scalar(waiting.limit(1)) is not None
    reading().rollback()
    if not is_any:
        return 0
    with transaction(patient=True) as session:
        return tell_next(session)


def _queue(session: Session, member: RecallMember, key: str) -> Message | None:
    with i18n.speaking(member.language):
        fault = member.recall.fault_ar if member.language == "ar" else member.recall.fault_en
        values = {
            "service": i18n.named(member.service),
            "branch": i18n.named(member.branch),
            "day": i18n.date_long(member.visited_on),
            "fault": fault,
            "link": settings().base_address + OWN.format(member.token),
        }
    return messages.queue(
        session, key=key, about=about(member), language=member.language, values=values,
        person=member.person, expires_at=clock.now() + TOLD_WITHIN, zone=member.branch.timezone,
    )  # fmt: skip
