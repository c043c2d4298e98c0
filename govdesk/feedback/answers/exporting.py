"""Anonymous answers as rows: one for each answer to each question, of weeks and waves that are settled."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch, PublicService
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion

BATCH = 2000
Days = tuple[dt.date | None, dt.date | None]
COLUMNS = (
    "response", "questionnaire", "version", "wave", "week", "occasion", "mode", "branch", "service",
    "channel", "outcome", "kind", "priority", "language", "question", "wording", "number", "choice",
)  # fmt: skip


def responses(session: Session, days: Days = (None, None)) -> Iterator[list[Any]]:
    """The answers of the weeks that begin on these days, in the order of numbers drawn by lot.

    Only where what is rare was taken away already (see coarsening); and no comments, which are read on the
    page alone, out of a crowd.
    """
    query = (
        select(
            Response.id, Questionnaire.code, QuestionnaireVersion.number, Response.wave_id, Response.week,
            Response.occasion, Response.mode, Branch.code, PublicService.code, Response.channel,
            Response.outcome, Response.person_kind, Response.priority, Response.language, Answer.question,
            Answer.series, Answer.number, func.nullif(Answer.choice, ""),
        )
        .join(Answer, Answer.response_id == Response.id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.version_id)
        .outerjoin(Branch, Branch.id == Response.branch_id)
        .outerjoin(PublicService, PublicService.id == Response.service_id)
        .where(Response.is_settled)
        .order_by(Response.id, Answer.question, Answer.choice)
    )  # fmt: skip
    first, last = days
    if first is not None:
        query = query.where(Response.week >= first)
    if last is not None:
        query = query.where(Response.week <= last)
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        yield [
            value.isoformat() if isinstance(value, dt.date) else value if value != "" else None
            for value in row
        ]
