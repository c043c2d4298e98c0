"""When a week or a wave is over, what would let somebody stand out is taken from its answers."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.feedback.answers.coarsening import FEWEST, ORDER, coarsened
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.answers.service import LIVE
from govdesk.feedback.asking.models import Invitation, Wave
from govdesk.feedback.asking.mystery import KIND as MYSTERY
from govdesk.feedback.asking.rules import monday
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.service import PUBLISHED

KEPT = ("occasion", "mode")  # in this order; something must stand there, so what is rare becomes "other"
AT_ONCE = 500
WEEK = dt.timedelta(days=7)
Crowd = tuple[int, int | None, dt.date | None, str]  # questionnaire, wave, or else the week; source


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
    """The weeks and waves that are over and have answers that are not settled.

    A wave waits for what was touched in it and is not taken in yet: alone it would never be settled.
    """
    today = clock.local_day(clock.now(), settings().default_timezone)
    touched = exists().where(
        Invitation.wave_id == Wave.id, Invitation.state.in_(("sent", "shown")),
        Invitation.draft["touched"].as_string().is_not(None),
    )  # fmt: skip
    over = or_(
        Response.wave_id.is_(None) & (Response.week <= today - WEEK),
        Wave.state.in_(("closed", "cancelled")) & ~touched,
    )
    rows = session.execute(
        select(Response.questionnaire_id, Response.wave_id, Response.week, Response.source)
        .outerjoin(Wave, Wave.id == Response.wave_id)
        .where(Response.is_settled.is_(False), over)
        .distinct()
    )
    found = {
        (row.questionnaire_id, row.wave_id, None if row.wave_id else row.week, row.source) for row in rows
    }
    return sorted(found, key=lambda crowd: (crowd[0], crowd[1] or 0, crowd[3], crowd[2] or dt.date.min))


def settle(session: Session, crowd: Crowd) -> int:
    """Take from the answers of one week or wave what is rare; how many they are.

    0. Of fewer than five nobody reads anything: answers of a week join those of the next one and wait with
       them, those of a wave stay as they are. Else whoever compares what is told with and without that week
       would read what these few said. Answers that were imported wait for nobody: they join the next week of
       their survey, at its end the one before.
    1. The rows are read and written again in the order of their drawn numbers.
    2. PostgreSQL keeps with each row which transaction wrote it, and where: until now the same as the
       invitation's. From now on all of a crowd were written by this one, in an order that means nothing.
    3. Of a wave there is one week, since whoever answered in a week of their own would stand out by it.
    4. The invitations name the version of today: few answer an older one, and would stand out by that.
    5. Who was sent on a mystery visit is no one of the public: where they went stays with what they say.
    """
    questionnaire_id, wave_id, week, source = crowd
    theirs = Response.wave_id == wave_id if wave_id else Response.wave_id.is_(None) & (Response.week == week)
    query = select(Response).where(
        Response.questionnaire_id == questionnaire_id, Response.source == source, theirs
    )
    answers: Sequence[Response] = session.scalars(query.order_by(Response.id).with_for_update()).all()
    if len(answers) < FEWEST:
        if source == LIVE or wave_id is not None:
            for one in answers if wave_id is None else ():
                one.week += WEEK
            session.flush()
            return 0
        coming, week = _weeks_beside(session, crowd)
        if coming is not None:
            for one in answers:
                one.week = coming
            session.flush()
            return 0
    known = [{name: getattr(one, name) for name in (*KEPT, *ORDER)} for one in answers]
    told = known if _is_sent(session, questionnaire_id) else coarsened(known, KEPT)
    week = week or _week_of(session, wave_id)
    changes = [
        {"id": one.id, **facts, "week": week, "is_settled": True}
        for one, facts in zip(answers, told, strict=True)
    ]
    session.execute(update(Response), changes)
    ids = [one.id for one in answers]
    for start in range(0, len(ids), AT_ONCE):
        _write_again(session, ids[start : start + AT_ONCE])
    if wave_id is None:
        _forget_wording(session, questionnaire_id)
    return len(changes)


def _weeks_beside(session: Session, crowd: Crowd) -> tuple[dt.date | None, dt.date | None]:
    """The next week of an old survey that is not settled; else the last one before, or the week itself."""
    questionnaire_id, _wave_id, week, source = crowd
    theirs = Response.questionnaire_id == questionnaire_id, Response.source == source
    waiting = select(func.min(Response.week)).where(*theirs, Response.is_settled.is_(False))
    before = select(func.max(Response.week)).where(*theirs, Response.week < week)
    return session.scalar(waiting.where(Response.week > week)), session.scalar(before) or week


def _is_sent(session: Session, questionnaire_id: int) -> bool:
    return session.get_one(Questionnaire, questionnaire_id).kind == MYSTERY


def _forget_wording(session: Session, questionnaire_id: int) -> None:
    theirs = QuestionnaireVersion.questionnaire_id == questionnaire_id
    of_today = session.scalar(
        select(QuestionnaireVersion.id).where(theirs, QuestionnaireVersion.state == PUBLISHED)
    )
    if of_today is not None:
        answered = (
            Invitation.questionnaire_id == questionnaire_id, Invitation.state == "answered",
            Invitation.wave_id.is_(None), Invitation.version_id != of_today,
        )  # fmt: skip
        session.execute(update(Invitation).where(*answered).values(version_id=of_today))


def _write_again(session: Session, ids: Sequence[int]) -> None:
    given = select(Answer).where(Answer.response_id.in_(ids))
    written = [
        {"response_id": one.response_id, "question": one.question, "choice": one.choice, "series": one.series}
        for one in session.scalars(given.order_by(Answer.response_id, Answer.question, Answer.choice))
    ]
    if written:
        session.execute(update(Answer), written)
    said = session.scalars(select(Comment).where(Comment.response_id.in_(ids)).order_by(Comment.id))
    words = [{"id": one.id, "question": one.question} for one in said]
    if words:
        session.execute(update(Comment), words)


def _week_of(session: Session, wave_id: int | None) -> dt.date:
    """The Monday of the week in which a wave opened."""
    opened = session.get_one(Wave, wave_id).opens_at
    return monday(clock.local_day(opened, settings().default_timezone))
