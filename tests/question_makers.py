"""Makers of questionnaires, programmes, waves and answers as bare rows, for stories that begin after them."""

import datetime as dt
import itertools
from typing import Any

from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking.models import Programme, Wave
from govdesk.feedback.forms import rules
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.rules import Form, Question, Section

_count = itertools.count(1)
STATEMENTS = Form(
    sections=(
        Section(
            key="all",
            questions=(
                Question(
                    key="satisfied",
                    kind="agreement",
                    text={"ar": "أنا راضٍ", "en": "I am satisfied"},
                    role="satisfied",
                ),
                Question(key="words", kind="text", text={"ar": "تعليق", "en": "A comment"}, role="comment"),
            ),
        ),
    )
)


def make_questionnaire(session: Session, *, form: Form = STATEMENTS, **columns: Any) -> QuestionnaireVersion:
    """The published version of a questionnaire: one statement and a comment unless told otherwise."""
    code = f"ask-{next(_count)}"
    now = clock.now()
    given = {"code": code, "kind": "periodic", "name_ar": f"استبانة {code}", "name_en": f"Questions {code}"}
    questionnaire = Questionnaire(**{**given, "created_at": now, **columns})
    version = QuestionnaireVersion(
        questionnaire=questionnaire, number=1, state="published", content=rules.dump(form), digest=code,
        created_at=now, published_at=now,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def make_programme(
    session: Session, *, version: QuestionnaireVersion | None = None, **columns: Any
) -> Programme:
    """A quarterly programme over all services."""
    version = version or make_questionnaire(session)
    given = {
        "questionnaire": version.questionnaire, "name_ar": "رضا الناس", "name_en": "How people were served",
        "every": "quarter", "calendar": "gregorian", "starts_on": dt.date(2026, 7, 1), "half_width": 0.05,
        "expected_rate": 0.3, "panels": 4, "spread_days": 3, "open_days": 14, "seed": "s",
        "created_at": clock.now(),
    }  # fmt: skip
    programme = Programme(**{**given, **columns})
    session.add(programme)
    session.flush()
    return programme


def make_wave(session: Session, *, programme: Programme, **columns: Any) -> Wave:
    """The wave of the third quarter of 2026, closed."""
    now = clock.now()
    given = {
        "programme": programme, "version_id": programme.questionnaire.versions[-1].id, "number": 1,
        "from_on": dt.date(2026, 7, 1), "to_on": dt.date(2026, 9, 30), "panel": 1, "seed": "s",
        "state": "closed", "opens_at": now - dt.timedelta(days=20), "closes_at": now - dt.timedelta(days=1),
        "population": 400, "drawn": 100, "closed_at": now - dt.timedelta(days=1),
    }  # fmt: skip
    wave = Wave(**{**given, **columns})
    session.add(wave)
    session.flush()
    return wave


def make_response(
    session: Session, *, version: QuestionnaireVersion, number: int = 5, words: str = "", **columns: Any
) -> Response:
    """An answer that somebody gave in the week of the story, and perhaps a comment."""
    given = {
        "id": int(chance.digits(15)), "source": "live", "questionnaire_id": version.questionnaire_id,
        "version": version, "week": dt.date(2026, 9, 28), "occasion": "wave", "mode": "sms",
        "is_settled": True,
    }  # fmt: skip
    response = Response(**{**given, **columns})
    session.add(response)
    session.flush()
    session.add(Answer(response_id=response.id, question="satisfied", choice="", series=1, number=number))
    if words:
        session.add(
            Comment(id=int(chance.digits(15)), response=response, question="words", text=words, language="en")
        )
    session.flush()
    return response
