"""The weeks of ends that people were asked about, and in which of them somebody may still answer."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import INSIDE
from govdesk.kpi.question import Question

UNDER_WAY = ("sent", "shown")
OF_ANY = Invitation.questionnaire_id.in_(  # all that ask who was served; its index has the weeks
    select(Questionnaire.id).where(Questionnaire.kind.not_in(sorted(INSIDE)))
)


def open_weeks(session: Session, question: Question, weeks: Collection[dt.date]) -> set[dt.date]:
    """Those of some weeks with an invitation that may still be answered, or of which something lies ahead.

    It is asked by when an invitation closes, not only whether it was answered: else it could be seen when the
    last of a week was.
    """
    today = question.today(None)
    is_open = or_(
        Invitation.closes_at > question.as_of,
        Invitation.state.in_(("due", *UNDER_WAY)),
        Invitation.asked_on > today,
        Invitation.answered_week > today,
    )
    return set(session.scalars(select(Invitation.week).where(OF_ANY, Invitation.week.in_(weeks), is_open)))


def weeks_before(session: Session, day: dt.date) -> set[dt.date]:
    """The weeks with invitations before a day."""
    return set(session.scalars(select(Invitation.week).where(OF_ANY, Invitation.week < day).distinct()))
