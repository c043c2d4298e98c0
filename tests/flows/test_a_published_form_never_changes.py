"""Written as a draft, published once, then followed by the next version; what was asked stays as it was."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.feedback.forms import service
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import Form, Question, parse
from tests.makers import Cast, make_questionnaire


def made(cast: Cast, by: str = "adam", *, is_published: bool = True) -> int:
    with transaction() as session:
        actor = cast.staff[by].actor
        own = cast.civil if by == "huda" else None
        one = service.create(
            session, actor=actor, kind="after_service", form=presets()["after_service"].form, department=own,
            name_ar="بعد الخدمة", name_en="After the service",
        )  # fmt: skip
        if is_published:
            service.publish(session, actor=actor, questionnaire=one)
        return one.id


def reworded(form: Form, key: str, english: str) -> Form:
    def other(question: Question) -> Question:
        return replace(question, text={**question.text, "en": english}) if question.key == key else question

    return replace(
        form,
        sections=tuple(replace(one, questions=tuple(map(other, one.questions))) for one in form.sections),
    )


def revised(cast: Cast, questionnaire_id: int, form: Form) -> None:
    with transaction() as session:
        one = service.found(session, questionnaire_id)
        service.revise(session, actor=cast.staff["adam"].actor, questionnaire=one, form=form)
        service.publish(session, actor=cast.staff["adam"].actor, questionnaire=one)


def test_a_draft_is_asked_of_nobody_until_it_is_published(cast: Cast) -> None:
    one = made(cast, is_published=False)
    assert service.published(reading(), "after_service") is None
    with transaction() as session:
        service.publish(session, actor=cast.staff["adam"].actor, questionnaire=service.found(session, one))
    version = service.published(reading(), "after_service")
    assert version is not None
    assert (version.questionnaire_id, version.number, version.state) == (one, 1, "published")
    assert version.published_by_id == cast.staff["adam"].id
    assert service.form_of(version) == presets()["after_service"].form
    done = [entry.action for entry in reading().scalars(select(AuditEntry).order_by(AuditEntry.position))]
    assert done[-2:] == ["questionnaire.created", "questionnaire.published"]


def test_a_changed_wording_begins_a_new_series_and_leaves_the_old_version_as_it_was(cast: Cast) -> None:
    one = made(cast)
    before = service.published(reading(), "after_service")
    assert before is not None
    content, digest = dict(before.content), before.digest
    revised(cast, one, reworded(parse(content), "overall", "How did we do today?"))
    reading().rollback()
    old = reading().get_one(QuestionnaireVersion, before.id)
    assert (old.state, old.content, old.digest) == ("followed", content, digest)
    now = service.published(reading(), "after_service")
    assert now is not None
    assert now.number == 2
    series = {question.key: question.series for question in service.form_of(now).questions}
    assert series == {"overall": 2, "better": 1, "comment": 1}


@pytest.mark.parametrize(
    "values",
    [
        {"content": {"sections": []}},
        {"digest": "0"},
        {"number": 7},
        {"published_at": None},
        {"state": "draft"},
    ],
)
def test_the_database_refuses_to_change_it(cast: Cast, values: dict[str, object]) -> None:
    made(cast)
    with pytest.raises(DBAPIError, match="never changes"), transaction() as session:
        session.execute(update(QuestionnaireVersion).values(**values))


def test_the_database_refuses_to_remove_it(cast: Cast) -> None:
    made(cast)
    with pytest.raises(DBAPIError, match="never changes"), transaction() as session:
        session.execute(delete(QuestionnaireVersion))


def test_a_second_press_finds_nothing_to_publish(cast: Cast) -> None:
    one = made(cast)
    with pytest.raises(DeskError, match=r"questionnaires\.no_draft"), transaction() as session:
        service.publish(session, actor=cast.staff["adam"].actor, questionnaire=service.found(session, one))


def test_a_draft_can_be_given_up_and_another_written(cast: Cast) -> None:
    one = made(cast)
    form = presets()["statements"].form
    with transaction() as session:
        adam = cast.staff["adam"].actor
        row = service.found(session, one)
        service.revise(session, actor=adam, questionnaire=row, form=form)
        service.drop_draft(session, actor=adam, questionnaire=row)
        again = service.revise(session, actor=adam, questionnaire=row, form=form)
        assert (again.number, again.state) == (2, "draft")
    now = service.published(reading(), "after_service")
    assert now is not None
    assert now.number == 1


def test_a_departments_own_form_comes_before_the_agencys(cast: Cast) -> None:
    agency, own = made(cast), made(cast, "huda")
    found = {
        department: service.published(reading(), "after_service", department_id=department)
        for department in (None, cast.civil.id, cast.lands.id)
    }
    assert {key: row and row.questionnaire_id for key, row in found.items()} == {
        None: agency, cast.civil.id: own, cast.lands.id: agency,
    }  # fmt: skip


def test_a_retired_form_is_asked_of_nobody_and_can_come_back(cast: Cast) -> None:
    one = made(cast)
    with transaction() as session:
        service.retire(session, actor=cast.staff["adam"].actor, questionnaire=service.found(session, one))
    assert service.published(reading(), "after_service") is None
    with transaction() as session:
        service.resume(session, actor=cast.staff["adam"].actor, questionnaire=service.found(session, one))
    assert service.published(reading(), "after_service") is not None


def test_a_head_builds_their_departments_forms_only(cast: Cast) -> None:
    one = made(cast)
    huda, form = cast.staff["huda"].actor, presets()["staff"].form
    with transaction() as session, pytest.raises(NotAllowedError):
        service.publish(session, actor=huda, questionnaire=service.found(session, one))
    for department in (None, cast.lands):
        with transaction() as session, pytest.raises(NotAllowedError):
            service.create(
                session, actor=huda, kind="staff", form=form, department=department, name_ar="س", name_en="S"
            )
    assert reading().scalars(select(Questionnaire.kind)).all() == ["after_service"]


def test_every_preset_can_be_published(cast: Cast) -> None:
    with transaction() as session:
        for preset in presets().values():
            make_questionnaire(session, preset.kind, form=preset.form)
    assert len(reading().scalars(select(QuestionnaireVersion)).all()) == len(presets())
