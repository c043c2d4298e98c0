"""Which comments somebody may read, and be asked what they are about: only out of a crowd."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog.spelling import likeness, stems
from govdesk.config import settings
from govdesk.errors import NotFoundError
from govdesk.feedback.acting import themes
from govdesk.feedback.acting.models import CommentTheme, Theme
from govdesk.feedback.answers.models import Comment, Response
from govdesk.feedback.asking.rules import monday
from govdesk.feedback.forms.models import Questionnaire

FEWEST = 5  # answers to the same questionnaire in the same week or wave, at the same branch
MOST = 200
SOUGHT = 2000  # through so many of the latest a word is looked for
Crowd = tuple[int, int | None, dt.date | None, int | None]


@dataclass(frozen=True, slots=True)
class Said:
    """A comment and what it is about."""

    comment: Comment
    themes: list[Theme]


def read(
    session: Session, actor: Actor, *, words: str = "", theme: Theme | None = None, is_bare: bool = False
) -> list[Said]:
    """The comments that somebody may read, the latest weeks first, in no other order.

    `words` are looked for in any usual spelling; `theme` or `is_bare` leave those of a theme, or without any.
    """
    query = _seen(actor)
    if theme is not None:
        query = query.where(
            Comment.id.in_(select(CommentTheme.comment_id).where(CommentTheme.theme_id == theme.id))
        )
    if is_bare:
        query = query.where(Comment.id.not_in(select(CommentTheme.comment_id)))
    wanted = stems(words)
    latest = query.order_by(Response.week.desc(), Comment.id).limit(SOUGHT if wanted else MOST)
    found = [
        one
        for one in session.scalars(latest)
        if not wanted or likeness(wanted, stems(one.text)) >= len(wanted)
    ]
    crowded = _crowded(session, {one.response.questionnaire_id for one in found})
    shown = [one for one in found if _crowd_of(one.response) in crowded][:MOST]
    given = themes.of_comments(session, [one.id for one in shown])
    return [Said(one, given.get(one.id, [])) for one in shown]


def comment_of(session: Session, actor: Actor, comment_id: int) -> Comment:
    """A comment that somebody may read, or NotFoundError."""
    comment = session.scalars(_seen(actor).where(Comment.id == comment_id)).one_or_none()
    if comment is None:
        raise NotFoundError
    if _crowd_of(comment.response) not in _crowded(session, [comment.response.questionnaire_id]):
        raise NotFoundError
    return comment


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


def _crowded(session: Session, questionnaire_ids: Collection[int]) -> set[Crowd]:
    """The weeks and waves in which enough answered, at a branch or (None) in all."""
    columns = (Response.questionnaire_id, Response.wave_id, Response.week, Response.branch_id)
    rows = session.execute(
        select(*columns, func.count())
        .where(Response.questionnaire_id.in_(questionnaire_ids))
        .group_by(*columns)
    )
    sizes: Counter[Crowd] = Counter()
    for questionnaire_id, wave_id, week, branch_id, count in rows:
        together = (questionnaire_id, wave_id, None if wave_id else week)
        for place in {branch_id, None}:
            sizes[(*together, place)] += count
    return {crowd for crowd, size in sizes.items() if size >= FEWEST}


def _crowd_of(given: Response) -> Crowd:
    return (given.questionnaire_id, given.wave_id, None if given.wave_id else given.week, given.branch_id)
