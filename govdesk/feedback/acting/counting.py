"""Programs are told how many answered, once a week is over: never when, never who."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import outbox
from govdesk.cases.obstacles.places import today_at
from govdesk.db import reading, transaction
from govdesk.feedback.acting.models import ToldWeek
from govdesk.feedback.answers.models import Response
from govdesk.feedback.forms.models import Questionnaire

FEWEST = 5  # fewer are told as "few", without a number
LIVE = "live"
WEEK = dt.timedelta(days=7)
LOOKED_BACK = dt.timedelta(weeks=8)

Told = tuple[int, dt.date]


def run_tell() -> int:
    """Tell of each week that is over how many answered each questionnaire; how many were told. A job."""
    waiting = _untold(reading())
    reading().rollback()
    count = 0
    for questionnaire_id, week in waiting:
        with transaction(patient=True) as session:
            count += tell(session, questionnaire_id, week)
    return count


def tell(session: Session, questionnaire_id: int, week: dt.date) -> bool:
    """Tell of one week of one questionnaire, once: its row is locked; whether it was told now."""
    asked = session.get_one(Questionnaire, questionnaire_id, with_for_update={"of": Questionnaire})
    if session.get(ToldWeek, (questionnaire_id, week)) is not None:
        return False
    counted = select(func.count()).where(
        Response.questionnaire_id == questionnaire_id, Response.week == week, Response.source == LIVE
    )
    count = session.scalar(counted) or 0
    session.add(ToldWeek(questionnaire_id=questionnaire_id, week=week))
    outbox.emit(
        session, "response.given", questionnaire=asked.code, week=week.isoformat(),
        count=count if count >= FEWEST else None,
    )  # fmt: skip
    return True


def _untold(session: Session) -> list[Told]:
    today = today_at(None)
    weeks = (
        select(Response.questionnaire_id, Response.week)
        .where(Response.week <= today - WEEK, Response.week > today - LOOKED_BACK, Response.source == LIVE)
        .group_by(Response.questionnaire_id, Response.week)
        .order_by(Response.week, Response.questionnaire_id)
    )
    told = set(session.execute(select(ToldWeek.questionnaire_id, ToldWeek.week)).all())
    return [(row.questionnaire_id, row.week) for row in session.execute(weeks) if tuple(row) not in told]
