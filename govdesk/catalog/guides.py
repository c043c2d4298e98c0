"""Verbs of the guide of a service: its questions with their answers, and the guide as a whole."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, i18n
from govdesk.actor import Actor
from govdesk.catalog import guide, scenarios
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_document import tree_of
from govdesk.catalog.guide_entries import (
    AnswerEntry,
    GuideEntry,
    PaperEntry,
    QuestionEntry,
    ScenarioEntry,
)
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import GuideAnswer, GuideQuestion, Scenario, ScenarioPaper
from govdesk.errors import NotFoundError


def questions_of(session: Session, service_id: int) -> list[GuideQuestion]:
    """Return the questions of a service's guide, the first one first."""
    query = select(GuideQuestion).where(GuideQuestion.service_id == service_id)
    return list(session.scalars(query.order_by(GuideQuestion.position, GuideQuestion.id)))


def question_of(session: Session, service_id: int, code: str) -> GuideQuestion:
    """Return a question of a service's guide, or raise NotFoundError."""
    found = next((one for one in questions_of(session, service_id) if one.code == code), None)
    if found is None:
        raise NotFoundError("catalog.question_unknown", code=code)
    return found


def describe_question(
    session: Session, *, actor: Actor, service: PublicService, entry: QuestionEntry
) -> GuideQuestion:
    """Add or change a question with all its answers; a new one comes last.

    Raises CatalogEditError when the guide would have a loop or a dead end: nobody may be left standing.
    """
    row = _put_question(session, actor, service, entry)
    _put_answers(session, actor, service, row, entry)
    _refuse_broken(session, service)
    return row


def remove_question(session: Session, *, actor: Actor, question: GuideQuestion) -> None:
    """Ask a question no more. Raises CatalogEditError while an answer leads to it."""
    led = select(GuideAnswer.id).where(
        GuideAnswer.next_question_id == question.id, GuideAnswer.question_id != question.id
    )
    if session.scalars(led).first():
        raise CatalogEditError("catalog.question_led_to")
    service = session.get_one(PublicService, question.service_id)
    session.delete(question)
    session.flush()
    subject = f"question:{service.code}/{question.code}"
    audit.record(session, actor=actor, action="question.removed", subject=subject)


def move_question(session: Session, *, actor: Actor, question: GuideQuestion, is_up: bool) -> None:
    """Change places with the question before or after: the first one is where the guide begins."""
    if scenarios.swap(questions_of(session, question.service_id), question, is_up=is_up):
        session.flush()
        service = session.get_one(PublicService, question.service_id)
        subject = f"question:{service.code}/{question.code}"
        audit.record(
            session, actor=actor, action="question.moved", subject=subject, position=question.position
        )


def set_guide(session: Session, *, actor: Actor, service: PublicService, entry: GuideEntry) -> None:
    """Make this the guide of a service; what it does not name is asked, and offered, no more."""
    for position, scenario in enumerate(entry.scenarios, 1):
        _put_scenario(session, actor, service, scenario, position)
    for position, question in enumerate(entry.questions, 1):
        _put_question(session, actor, service, question, position)
    for question in entry.questions:
        row = question_of(session, service.id, question.code)
        _put_answers(session, actor, service, row, question)
    kept = {question.code for question in entry.questions}
    for row in reversed(questions_of(session, service.id)):
        if row.code not in kept:
            row.answers.clear()
            session.flush()
            remove_question(session, actor=actor, question=row)
    named = {scenario.code: scenario.is_active for scenario in entry.scenarios}
    rows = scenarios.scenarios_of(session, service.id)
    for old in rows:
        if not named.get(old.code):
            scenarios.retire_scenario(session, actor=actor, scenario=old)
    for position, old in enumerate((one for one in rows if one.code not in named), len(named) + 1):
        old.position = position
    _refuse_broken(session, service)


def guide_of(session: Session, service: PublicService) -> GuideEntry:
    """Return the guide of a service as it is."""
    return GuideEntry(
        service=service.code,
        scenarios=tuple(_scenario_entry(row) for row in scenarios.scenarios_of(session, service.id)),
        questions=tuple(_question_entry(row) for row in questions_of(session, service.id)),
    )


def problems_of(session: Session, service: PublicService) -> list[guide.Problem]:
    """Return what is wrong with a guide: what is kept has only questions and scenarios nobody is led to."""
    return guide.problems(tree_of(guide_of(session, service)))


def guides_of(session: Session, services: Iterable[PublicService]) -> tuple[GuideEntry, ...]:
    """Return the guides that say anything."""
    found = (guide_of(session, service) for service in services)
    return tuple(entry for entry in found if entry.scenarios or entry.questions)


def _put_scenario(
    session: Session, actor: Actor, service: PublicService, entry: ScenarioEntry, position: int
) -> None:
    row = scenarios.describe_scenario(
        session,
        actor=actor,
        service=service,
        code=entry.code,
        position=position,
        action=entry.action,
        link=entry.link,
        extra_minutes=entry.extra_minutes,
        **({"is_active": True} if entry.is_active else {}),  # else retired when no answer leads to it
        **_both("name", entry.name),
        **_both("advice", entry.advice),
        **_both("keywords", entry.keywords),
    )
    for place, paper in enumerate(entry.papers, 1):
        scenarios.describe_paper(
            session,
            actor=actor,
            scenario=row,
            code=paper.code,
            position=place,
            link=paper.link,
            form=paper.form,
            is_required=paper.is_required,
            **_both("name", paper.name),
            **_both("how", paper.how),
        )
    kept = {paper.code for paper in entry.papers}
    for old in row.papers:
        if old.code not in kept:
            scenarios.give_up_paper(session, actor=actor, paper=old)


def _put_question(
    session: Session,
    actor: Actor,
    service: PublicService,
    entry: QuestionEntry,
    position: int | None = None,
) -> GuideQuestion:
    """Write a question without its answers; without a position it stays where it is, a new one comes last."""
    values = {**_both("name", entry.name), **_both("hint", entry.hint)}
    values |= {} if position is None else {"position": position}
    known = questions_of(session, service.id)
    row = next((one for one in known if one.code == entry.code), None)
    subject = f"question:{service.code}/{entry.code}"
    if row is None:
        last = max((one.position for one in known), default=0)
        row = GuideQuestion(service_id=service.id, code=entry.code, **{"position": last + 1, **values})
        session.add(row)
        session.flush()
        audit.record(session, actor=actor, action="question.added", subject=subject)
    elif any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        audit.record(session, actor=actor, action="question.changed", subject=subject, **values)
    return row


def _put_answers(
    session: Session, actor: Actor, service: PublicService, row: GuideQuestion, entry: QuestionEntry
) -> None:
    if _question_entry(row).answers == entry.answers:
        return
    questions = {one.code: one for one in questions_of(session, service.id)}
    ends = {one.code: one for one in scenarios.scenarios_of(session, service.id)}
    known = {answer.code: answer for answer in row.answers}
    was = len(known)
    row.answers = [
        _led(known.get(answer.code) or GuideAnswer(code=answer.code), answer, position, questions, ends)
        for position, answer in enumerate(entry.answers, 1)
    ]
    session.flush()
    subject = f"question:{service.code}/{entry.code}"
    led = {answer.code: answer.question or answer.scenario for answer in entry.answers}
    audit.record(session, actor=actor, action="question.answers", subject=subject, was=was, now=led)


def _led(
    row: GuideAnswer,
    entry: AnswerEntry,
    position: int,
    questions: dict[str, GuideQuestion],
    ends: dict[str, Scenario],
) -> GuideAnswer:
    row.position = position
    row.name_ar, row.name_en = entry.name.ar, entry.name.en
    row.next_question = questions.get(entry.question or "")
    row.scenario = ends.get(entry.scenario or "")
    if (row.next_question is None) == (row.scenario is None):
        raise CatalogEditError("catalog.answer_leads_nowhere", answer=i18n.named(row))
    return row


def _refuse_broken(session: Session, service: PublicService) -> None:
    entry = guide_of(session, service)
    broken = next((one for one in guide.problems(tree_of(entry)) if one.is_blocking), None)
    if broken is None:
        return
    question = question_of(session, service.id, broken.question or "")
    answer = next((one for one in question.answers if one.code == broken.answer), None)
    if answer is None:
        raise CatalogEditError("catalog.question_unanswered", question=i18n.named(question))
    key = "catalog.answer_loops" if broken.kind == "loop" else "catalog.answer_leads_nowhere"
    raise CatalogEditError(key, answer=i18n.named(answer), question=i18n.named(question))


def _question_entry(row: GuideQuestion) -> QuestionEntry:
    return QuestionEntry(
        row.code,
        _name(row, "name"),
        _name(row, "hint"),
        tuple(
            AnswerEntry(
                answer.code,
                _name(answer, "name"),
                answer.next_question.code if answer.next_question else None,
                answer.scenario.code if answer.scenario else None,
            )
            for answer in row.answers
        ),
    )


def _scenario_entry(row: Scenario) -> ScenarioEntry:
    return ScenarioEntry(
        code=row.code,
        name=_name(row, "name"),
        action=row.action,
        advice=_name(row, "advice"),
        link=row.link,
        keywords=_name(row, "keywords"),
        extra_minutes=row.extra_minutes,
        is_active=row.is_active,
        papers=_paper_entries(row.papers),
    )


def _paper_entries(rows: Sequence[ScenarioPaper]) -> tuple[PaperEntry, ...]:
    return tuple(
        PaperEntry(row.code, _name(row, "name"), _name(row, "how"), row.link, row.form, row.is_required)
        for row in rows
    )


def _both(field: str, name: Name) -> dict[str, Any]:
    return {f"{field}_ar": name.ar, f"{field}_en": name.en}


def _name(row: object, field: str) -> Name:
    return Name(getattr(row, f"{field}_ar"), getattr(row, f"{field}_en"))
