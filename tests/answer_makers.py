"""Answers and invitations as bare rows, for figures whose numbers are computed by hand."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking.models import Invitation, Programme, Wave
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import dump, parse
from tests.makers import SUNDAY, moment

WEEK = dt.date(2026, 9, 28)  # the Monday before the city's Sunday


def make_questionnaire(
    session: Session, preset: str = "statements", *, code: str = "", content: Mapping[str, Any] | None = None,
    **columns: Any,
) -> QuestionnaireVersion:  # fmt: skip
    """A published questionnaire as one of the presets has it."""
    found = presets()[preset]
    one = Questionnaire(
        code=code or f"{preset}-1", kind=found.kind, name_ar="استبيان", name_en=f"Survey {preset}",
        created_at=clock.now(), versions=[], **columns,
    )  # fmt: skip
    session.add(one)
    session.flush()
    return make_version(session, one, dict(content or dump(found.form)))


def make_version(session: Session, questionnaire: Questionnaire, content: Any) -> QuestionnaireVersion:
    """Its next version, published at once; what was published is followed."""
    for before in questionnaire.versions:
        before.state = "followed"
    session.flush()
    parse(content)
    version = QuestionnaireVersion(
        questionnaire=questionnaire, number=len(questionnaire.versions) + 1, state="published",
        content=content, digest=chance.key(16), created_at=clock.now(), published_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def make_answers(
    session: Session, version: QuestionnaireVersion, count: int, answers: Mapping[str, Any],
    *, words: str = "", series: int = 1, **columns: Any,
) -> list[Response]:  # fmt: skip
    """So many responses that all say the same: numbers, or lists of choices."""
    given: dict[str, Any] = {
        "source": "live", "questionnaire_id": version.questionnaire_id, "version_id": version.id,
        "week": WEEK, "occasion": "served", "mode": "sms", "is_settled": True, "language": "ar", **columns,
    }  # fmt: skip
    made = [Response(id=int(chance.digits(15)), **given) for _ in range(count)]
    session.add_all(made)
    session.flush()
    for one in made:
        for key, value in answers.items():
            chosen: list[tuple[str, int | None]] = (
                [("", value)] if isinstance(value, int) else [(word, None) for word in value]
            )
            session.add_all(
                Answer(response_id=one.id, question=key, choice=choice, series=series, number=number)
                for choice, number in chosen
            )
        if words:
            session.add(
                Comment(
                    id=int(chance.digits(15)), response_id=one.id, question="comment", text=words,
                    language="ar",
                )
            )  # fmt: skip
    session.flush()
    return made


def make_wave(
    session: Session, version: QuestionnaireVersion, strata: list[dict[str, Any]], *, number: int = 1
) -> Wave:
    """A closed wave of a programme of its own, with the people of its strata."""
    programme = Programme(
        questionnaire_id=version.questionnaire_id, name_ar="ربعي", name_en="Quarterly", every="quarter",
        calendar="gregorian", starts_on=dt.date(2026, 7, 1), half_width=0.05, expected_rate=0.3, panels=4,
        spread_days=5, open_days=21, seed="s", created_at=clock.now(),
    )  # fmt: skip
    session.add(programme)
    session.flush()
    wave = Wave(
        programme_id=programme.id, version_id=version.id, number=number, from_on=dt.date(2026, 7, 1),
        to_on=dt.date(2026, 9, 30), panel=1, panels=4, seed="s", state="closed", opens_at=moment("09:00"),
        closes_at=moment("10:00"), population=sum(one["population"] for one in strata), strata=strata,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    return wave


def make_invitations(
    session: Session, version: QuestionnaireVersion, count: int, state: str, **columns: Any
) -> None:
    """So many invitations in a state."""
    is_asked = state not in {"due", "spared"}
    given: dict[str, Any] = {
        "questionnaire_id": version.questionnaire_id, "version_id": version.id, "occasion": "served",
        "week": WEEK, "language": "ar", "state": state, "send_after": moment("09:00"),
        "closes_at": moment("10:00"), "asked_on": SUNDAY - dt.timedelta(days=3) if is_asked else None,
        "answered_week": WEEK if state == "answered" else None, **columns,
    }  # fmt: skip
    session.add_all(Invitation(token=chance.token(), **given) for _ in range(count))
    session.flush()
