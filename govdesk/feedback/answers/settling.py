"""When a week or a wave is over, what would let somebody stand out is taken from its answers."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.feedback.answers.coarsening import ORDER, coarsened
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking.models import Wave

KEPT = ("mode", "occasion")  # they cannot be taken away, and count where it is looked who is rare
WEEK = dt.timedelta(days=7)
Crowd = tuple[int, int | None, dt.date | None]  # questionnaire, wave, or else the week


def run_settle() -> int:
    """Settle the answers of every week and wave that is over; how many. A job."""
    session = reading()
    waiting = crowds(session)
    session.rollback()
    count = 0
    for crowd in waiting:
        with transaction(patient=True) as writing:
            count += settle(writing, crowd)
    return count


def crowds(session: Session) -> list[Crowd]:
    """The weeks and waves that are over and have answers that are not settled."""
    today = clock.local_day(clock.now(), settings().default_timezone)
    over = or_(
        Response.wave_id.is_(None) & (Response.week <= today - WEEK),
        Wave.state.in_(("closed", "cancelled")),
    )
    rows = session.execute(
        select(Response.questionnaire_id, Response.wave_id, Response.week)
        .outerjoin(Wave, Wave.id == Response.wave_id)
        .where(Response.is_settled.is_(False), over)
        .distinct()
    )
    found = {(row.questionnaire_id, row.wave_id, None if row.wave_id else row.week) for row in rows}
    return sorted(found, key=lambda crowd: (crowd[0], crowd[1] or 0, crowd[2] or dt.date.min))


def settle(session: Session, crowd: Crowd) -> int:
    """Take from the answers of one week or wave what is rare; how many they are."""
    questionnaire_id, wave_id, week = crowd
    theirs = Response.wave_id == wave_id if wave_id else Response.wave_id.is_(None) & (Response.week == week)
    query = select(Response).where(Response.questionnaire_id == questionnaire_id, theirs)
    answers: Sequence[Response] = session.scalars(query.order_by(Response.id).with_for_update()).all()
    known = [{name: getattr(one, name) for name in (*KEPT, *ORDER)} for one in answers]
    changes = [
        {"id": one.id, **facts, "is_settled": True}
        for one, facts in zip(answers, coarsened(known, KEPT), strict=True)
    ]
    session.execute(update(Response), changes)
    return len(changes)
