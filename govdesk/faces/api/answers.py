"""Answers to questionnaires: what is asked, and the answers themselves without anybody behind them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Response as Answered
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.faces.api import paging, shapes
from govdesk.faces.api.fields import Field, InvalidError, query
from govdesk.faces.api.shapes import Json
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.rules import options, parse
from govdesk.web import actor

DRAFT = "draft"
OF_QUESTIONNAIRES = paging.PAGED
OF_RESPONSES = (
    Field(name="questionnaire", kind="text", example="after_service-1"),
    Field(name="from", kind="day", example="2026-07-01"),
    Field(name="to", kind="day", example="2026-09-30"),
    *paging.PAGED,
)
FACTS = ("occasion", "mode", "channel", "outcome", "person_kind", "priority", "language")


def questionnaires() -> Answered:
    """Every questionnaire that was published, with the questions of its newest version."""
    query_ = select(Questionnaire).order_by(Questionnaire.code)
    published = [(one, _newest(one)) for one in reading().scalars(query_)]
    known = [(one, version) for one, version in published if version is not None]
    return paging.pages(known, query(OF_QUESTIONNAIRES), lambda pair: (pair[0].code,), _questionnaire)


def responses() -> Answered:
    """Answers whose week or wave is over and of which what is rare was taken away, in a drawn order.

    A program of one branch reads the answers that are still said to be of that branch.
    """
    session, asked = reading(), query(OF_RESPONSES)
    if asked["from"] and asked["to"] and asked["to"] < asked["from"]:
        raise InvalidError.of("to", "api.before_from")
    wanted = select(Response).where(Response.is_settled)
    if asked["questionnaire"]:
        code = asked["questionnaire"]
        found = session.scalars(select(Questionnaire).where(Questionnaire.code == code)).one_or_none()
        if found is None:
            raise InvalidError.of("questionnaire", "errors.choose_known")
        wanted = wanted.where(Response.questionnaire_id == found.id)
    if asked["from"]:
        wanted = wanted.where(Response.week >= _monday(asked["from"]))
    if asked["to"]:
        wanted = wanted.where(Response.week <= asked["to"])
    branches = actor().branch_ids
    if branches is not None:
        wanted = wanted.where(Response.branch_id.in_(branches))
    after = paging.position(asked, (0,))
    if after is not None:
        wanted = wanted.where(Response.id > after[0])
    rows = session.scalars(wanted.order_by(Response.id).limit(paging.limit(asked) + 1)).all()
    shaped = _Shaped(session, rows)
    return paging.answer(rows, asked, lambda one: (one.id,), shaped.of)


class _Shaped:
    """The answers of a page as JSON, with all that they name read at once."""

    def __init__(self, session: Session, rows: Sequence[Response]) -> None:
        ids = [one.id for one in rows]
        self.answers: dict[int, list[Json]] = {one: [] for one in ids}
        given = select(Answer).where(Answer.response_id.in_(ids)).order_by(Answer.question, Answer.choice)
        for answer in session.scalars(given):
            self.answers[answer.response_id].append(_answer(answer))
        versions = select(QuestionnaireVersion).where(
            QuestionnaireVersion.id.in_({one.version_id for one in rows})
        )
        self.versions = {one.id: one for one in session.scalars(versions)}
        self.branches = _codes(session, Branch, {one.branch_id for one in rows})
        self.services = _codes(session, PublicService, {one.service_id for one in rows})

    def of(self, one: Response) -> Json:
        """One answer."""
        version = self.versions[one.version_id]
        return {
            "questionnaire": version.questionnaire.code,
            "version": version.number,
            "week": one.week.isoformat(),
            "wave": one.wave_id,
            "source": one.source,
            "branch": self.branches.get(one.branch_id),
            "service": self.services.get(one.service_id),
            **{name: getattr(one, name) for name in FACTS},
            "answers": self.answers[one.id],
        }


def _answer(answer: Answer) -> Json:
    return {
        "question": answer.question,
        "series": answer.series,
        "number": answer.number,
        "choice": answer.choice or None,
    }


def _questionnaire(pair: tuple[Questionnaire, QuestionnaireVersion]) -> Json:
    one, version = pair
    return {
        "id": one.code,
        "kind": one.kind,
        **shapes.names(one),
        "version": version.number,
        "questions": [
            {
                "id": question.key,
                "kind": question.kind,
                "series": question.series,
                "role": question.role,
                "text": dict(question.text),
                "choices": list(options(question)),
            }
            for question in parse(version.content).questions
        ],
    }


def _newest(one: Questionnaire) -> QuestionnaireVersion | None:
    published = [version for version in one.versions if version.state != DRAFT]
    return max(published, key=lambda version: version.number, default=None)


def _codes(session: Session, model: type[Any], ids: set[int | None]) -> dict[int | None, str]:
    rows = session.execute(select(model.id, model.code).where(model.id.in_(ids - {None})))
    return {row.id: row.code for row in rows}


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
