"""Which comments somebody may read, and be asked what they are about: only out of a crowd."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.errors import NotFoundError
from govdesk.feedback.answers.models import Comment, Response
from govdesk.feedback.forms.models import Questionnaire

FEWEST = 5  # answers to the same questionnaire in the same week or wave, at the same branch


def comment_of(session: Session, actor: Actor, comment_id: int) -> Comment:
    """A comment that somebody may read, or NotFoundError."""
    comment = session.get(Comment, comment_id)
    if comment is None or not (_is_in_scope(session, actor, comment) and _is_in_crowd(session, comment)):
        raise NotFoundError
    return comment


def _is_in_scope(session: Session, actor: Actor, comment: Comment) -> bool:
    given = comment.response
    department_id = session.get_one(Questionnaire, given.questionnaire_id).department_id
    if department_id is not None and not actor.sees_department(department_id):
        return False
    if given.branch_id is None:
        return actor.branch_ids is None
    return actor.sees_branch(given.branch_id)


def _is_in_crowd(session: Session, comment: Comment) -> bool:
    given = comment.response
    together: list[ColumnElement[bool]] = [Response.questionnaire_id == given.questionnaire_id]
    if given.wave_id is not None:
        together.append(Response.wave_id == given.wave_id)
    else:
        together.append(Response.week == given.week)
    if given.branch_id is not None:
        together.append(Response.branch_id == given.branch_id)
    return (session.scalar(select(func.count()).select_from(Response).where(*together)) or 0) >= FEWEST
