"""Which comments somebody may read, and be asked what they are about: only out of a crowd."""

import datetime as dt
from collections import Counter

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.errors import NotFoundError
from govdesk.feedback.answers.models import Comment, Response
from govdesk.feedback.asking.mystery import KIND as MYSTERY
from govdesk.feedback.asking.rules import monday
from govdesk.feedback.forms.models import Questionnaire

FEWEST = 5  # answers to the same questionnaire in the same week or wave, at the same branch (see crowd_of)
Crowd = tuple[int, int | None, dt.date | None, int | None]


def comment_of(session: Session, actor: Actor, comment_id: int) -> Comment:
    """A comment that somebody may read, or NotFoundError."""
    comment = session.scalars(_seen(actor).where(Comment.id == comment_id)).one_or_none()
    if comment is None:
        raise NotFoundError
    asked = session.get_one(Questionnaire, comment.response.questionnaire_id)
    if crowd_of(comment.response, asked) not in crowded(session, asked):
        raise NotFoundError
    return comment


def crowded(session: Session, asked: Questionnaire) -> set[Crowd]:
    """The weeks and waves in which enough answered a questionnaire, at a branch or (None) in all."""
    columns = (Response.questionnaire_id, Response.wave_id, Response.week, Response.branch_id)
    rows = session.execute(
        select(*columns, func.count()).where(Response.questionnaire_id == asked.id).group_by(*columns)
    )
    sizes: Counter[Crowd] = Counter()
    for questionnaire_id, wave_id, week, branch_id, count in rows:
        together = (questionnaire_id, wave_id, None if wave_id else week)
        for place in {branch_id, None}:
            sizes[(*together, place)] += count
    return {crowd for crowd, size in sizes.items() if size >= FEWEST}


def crowd_of(given: Response, asked: Questionnaire) -> Crowd:
    """Among whom a comment stands: at its branch; of a mystery visit among all, for it names no branch."""
    place = None if is_placeless(asked) else given.branch_id
    return (given.questionnaire_id, given.wave_id, None if given.wave_id else given.week, place)


def is_placeless(asked: Questionnaire) -> bool:
    """Whether comments are told without their branch: visits to one are few, and officers would be known."""
    return asked.kind == MYSTERY


def _seen(actor: Actor) -> Select[Comment]:
    """What was said in weeks that are over, of somebody's departments and branches."""
    today = clock.local_day(clock.now(), settings().default_timezone)
    query = (
        select(Comment)
        .join(Response, Response.id == Comment.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Response.week < monday(today))
    )
    if actor.department_ids is not None:
        own = Questionnaire.department_id.in_(actor.department_ids)
        query = query.where(or_(Questionnaire.department_id.is_(None), own))
    if actor.branch_ids is not None:
        query = query.where(Response.branch_id.in_(actor.branch_ids))
    return query
