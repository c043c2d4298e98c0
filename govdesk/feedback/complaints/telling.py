"""What a complainant is told: the number at once, who has it, and that there is an answer."""

import datetime as dt

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.config import settings
from govdesk.feedback.complaints.models import Complaint
from govdesk.notify import service as messages

OWN = "/complaint/{}"  # the private page
TOLD_WITHIN = dt.timedelta(days=3)


def tell_received(session: Session, complaint: Complaint) -> None:
    """Send the number and the private link."""
    _tell(session, complaint, "complaint_received", complaint.round.acknowledge_due_at)


def tell_acknowledged(session: Session, complaint: Complaint) -> None:
    """Say that somebody has it, and by when they answer."""
    _tell(session, complaint, "complaint_acknowledged", complaint.round.answer_due_at)


def tell_answered(session: Session, complaint: Complaint) -> None:
    """Say that the answer is there; it stands on the private page, not in the message."""
    _tell(session, complaint, "complaint_answered", complaint.round.answer_due_at)


def _tell(session: Session, complaint: Complaint, key: str, until: dt.datetime) -> None:
    if complaint.person is None:
        return
    zone = complaint.branch.timezone
    with i18n.speaking(complaint.language):
        day = clock.local_day(until, zone)
        values = {
            "reference": complaint.number,
            "branch": i18n.named(complaint.branch),
            "until": f"{i18n.weekday(day)} {i18n.date_short(day)}",
            "link": settings().base_address + OWN.format(complaint.token),
        }
    if key == "complaint_answered":
        values.pop("until")
    messages.queue(
        session, key=key, about=f"complaint:{complaint.id}", language=complaint.language, values=values,
        person=complaint.person, expires_at=clock.now() + TOLD_WITHIN, zone=zone,
    )  # fmt: skip
