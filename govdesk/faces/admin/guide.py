"""The guide of a service: its questions, its scenarios with their papers, and what nobody foresaw."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk.catalog import guides, scenarios
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import AnswerEntry, QuestionEntry
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import GuideQuestion, Scenario, ScenarioPaper
from govdesk.catalog.service import service_of
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.admin.acts import found, pressed, sent
from govdesk.faces.admin.guide_forms import PaperForm, QuestionForm, ScenarioForm, question_form
from govdesk.i18n import named, t
from govdesk.queue import reasons
from govdesk.queue.models import UnforeseenReason
from govdesk.web import actor, page, staff_only

QUESTION, SCENARIO = "q:", "s:"  # before the code of what an answer leads to


@staff_only("admin")
def guide(code: str) -> ResponseReturnValue:
    """Show the whole guide of a service, what is wrong with it, and what nobody foresaw."""
    service = _service(reading(), code)
    return page(
        "admin/guide.html",
        service=service,
        questions=guides.questions_of(reading(), service.id),
        scenarios=scenarios.scenarios_of(reading(), service.id),
        problems=_sentences(service),
        unsettled=reasons.unsettled(reading(), service.id),
    )


@staff_only("admin")
def guide_question(code: str, question: str | None = None) -> ResponseReturnValue:
    """Add or change a question with its answers."""
    service = _service(reading(), code)
    row = guides.question_of(reading(), service.id, question) if question else None
    answers = list(row.answers) if row else []
    form = question_form(len(answers), obj=row, data=_shown_answers(row))
    form.offer(_ways(service, row))
    if form.is_submitted() and (typed := request.form.get("move", "")):
        moved = form.move(typed)
        return page("admin/guide_question.html", form=form, service=service, question=row, moved=moved)

    def act(session: Session) -> str:
        entry = _read_question(form, row, [one.code for one in guides.questions_of(session, service.id)])
        guides.describe_question(session, actor=actor(), service=_service(session, code), entry=entry)
        return url_for("admin.guide", code=code)

    return sent(form, act) or page(
        "admin/guide_question.html", form=form, service=service, question=row, moved=None
    )


@staff_only("admin")
def guide_scenario(code: str, scenario: str | None = None) -> ResponseReturnValue:
    """Add or change a scenario; one made of an unforeseen reason settles it."""
    service = _service(reading(), code)
    row = scenarios.scenario_of(reading(), service.id, scenario) if scenario else None
    reason = None if row else _reason(request.values.get("reason", ""), service)
    form = ScenarioForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        made = scenarios.describe_scenario(
            session, actor=actor(), service=_service(session, code), is_new=row is None,
            code=row.code if row else form.code.data or "", **form.values(),
        )  # fmt: skip
        if reason is not None:
            reasons.settle(session, actor=actor(), reason_id=reason.id, scenario=made)
        return url_for("admin.guide_scenario", code=code, scenario=made.code)

    return sent(form, act) or page(
        "admin/guide_scenario.html", form=form, service=service, scenario=row, reason=reason
    )


@staff_only("admin")
def guide_paper(code: str, scenario: str, paper: str | None = None) -> ResponseReturnValue:
    """Add or change a paper to bring."""
    service = _service(reading(), code)
    above = scenarios.scenario_of(reading(), service.id, scenario)
    row = _paper(above, paper) if paper else None
    form = PaperForm(obj=row)
    if row:
        del form.code

    def act(session: Session) -> str:
        scenarios.describe_paper(
            session, actor=actor(), scenario=scenarios.scenario_of(session, service.id, scenario),
            code=row.code if row else form.code.data or "", is_new=row is None, **form.values(),
        )  # fmt: skip
        return url_for("admin.guide_scenario", code=code, scenario=scenario)

    return sent(form, act) or page(
        "admin/guide_paper.html", form=form, service=service, scenario=above, paper=row
    )


@staff_only("admin")
def guide_question_act(code: str, question: str, act: str) -> ResponseReturnValue:
    """Move a question up or down, or remove it."""
    back = url_for("admin.guide", code=code)

    def do(session: Session) -> str:
        row = guides.question_of(session, _service(session, code).id, question)
        if act == "remove":
            guides.remove_question(session, actor=actor(), question=row)
        else:
            guides.move_question(session, actor=actor(), question=row, is_up=act == "up")
        return back

    return pressed(do, "admin.saved", back)


@staff_only("admin")
def guide_scenario_act(code: str, scenario: str, act: str) -> ResponseReturnValue:
    """Move a scenario up or down."""
    back = url_for("admin.guide", code=code)

    def do(session: Session) -> str:
        row = scenarios.scenario_of(session, _service(session, code).id, scenario)
        scenarios.move_scenario(session, actor=actor(), scenario=row, is_up=act == "up")
        return back

    return pressed(do, "admin.saved", back)


@staff_only("admin")
def guide_paper_act(code: str, scenario: str, paper: str, act: str) -> ResponseReturnValue:
    """Move a paper up or down, or ask for it no more."""
    back = url_for("admin.guide_scenario", code=code, scenario=scenario)

    def do(session: Session) -> str:
        row = _paper(scenarios.scenario_of(session, _service(session, code).id, scenario), paper)
        if act == "remove":
            scenarios.give_up_paper(session, actor=actor(), paper=row)
        else:
            scenarios.move_paper(session, actor=actor(), paper=row, is_up=act == "up")
        return back

    return pressed(do, "admin.saved", back)


@staff_only("admin")
def guide_set_aside(code: str, reason_id: int) -> ResponseReturnValue:
    """Set an unforeseen reason aside."""
    back = url_for("admin.guide", code=code)

    def do(session: Session) -> str:
        reason = found(session, UnforeseenReason, reason_id)
        if reason.service_id != _service(session, code).id:
            raise NotFoundError
        reasons.settle(session, actor=actor(), reason_id=reason_id, scenario=None)
        return back

    return pressed(do, "guide_admin.was_set_aside", back)


_ACT = "<any('up', 'down', 'remove'):act>"
_WAY = "<any('up', 'down'):act>"
_AT, _SCENARIO = "/services/<code>/guide", "/services/<code>/guide/scenarios/<scenario>"
ROUTES = (
    (_AT, guide, ("GET",)),
    (f"{_AT}/questions/new", guide_question, ("GET", "POST")),
    (f"{_AT}/questions/<question>", guide_question, ("GET", "POST")),
    (f"{_AT}/questions/<question>/{_ACT}", guide_question_act, ("POST",)),
    (f"{_AT}/scenarios/new", guide_scenario, ("GET", "POST")),
    (_SCENARIO, guide_scenario, ("GET", "POST")),
    (f"{_SCENARIO}/{_WAY}", guide_scenario_act, ("POST",)),
    (f"{_SCENARIO}/papers/new", guide_paper, ("GET", "POST")),
    (f"{_SCENARIO}/papers/<paper>", guide_paper, ("GET", "POST")),
    (f"{_SCENARIO}/papers/<paper>/{_ACT}", guide_paper_act, ("POST",)),
    (f"{_AT}/unforeseen/<int(max=2147483647):reason_id>/set-aside", guide_set_aside, ("POST",)),
)


def _service(session: Session, code: str) -> PublicService:
    service = service_of(session, code)
    if service.is_imported:
        raise NotFoundError
    return service


def _paper(scenario: Scenario, code: str) -> ScenarioPaper:
    paper = next((one for one in scenario.papers if one.code == code), None)
    if paper is None:
        raise NotFoundError
    return paper


def _reason(typed: str, service: PublicService) -> UnforeseenReason | None:
    wanted = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0  # noqa: PLR2004 - ids
    return (
        reading()
        .scalars(
            select(UnforeseenReason).where(
                UnforeseenReason.id == wanted,
                UnforeseenReason.service_id == service.id,
                UnforeseenReason.state == "new",
            )
        )
        .one_or_none()
    )


def _sentences(service: PublicService) -> list[str]:
    questions = {row.code: named(row) for row in guides.questions_of(reading(), service.id)}
    ends = {row.code: named(row) for row in scenarios.scenarios_of(reading(), service.id)}
    return [
        t("guide_admin.unasked", name=questions[problem.question or ""])
        if problem.kind == "unasked"
        else t("guide_admin.unmet", name=ends[problem.scenario or ""])
        for problem in guides.problems_of(reading(), service)
        if problem.kind in {"unasked", "unmet"}
    ]


def _ways(service: PublicService, row: GuideQuestion | None) -> list[SelectChoice]:
    questions = [
        SelectChoice(QUESTION + one.code, t("guide_admin.to_question", name=named(one)))
        for one in guides.questions_of(reading(), service.id)
        if row is None or one.code != row.code
    ]
    ends = [
        SelectChoice(SCENARIO + one.code, t("guide_admin.to_scenario", name=named(one)))
        for one in scenarios.scenarios_in_use(reading(), [service.id])
    ]
    return ends + questions


def _shown_answers(row: GuideQuestion | None) -> dict[str, str]:
    shown = {}
    for n, answer in enumerate(row.answers if row else ()):
        shown[f"answer_{n}_ar"], shown[f"answer_{n}_en"] = answer.name_ar, answer.name_en
        shown[f"answer_{n}_code"] = answer.code
        shown[f"answer_{n}_to"] = (
            QUESTION + answer.next_question.code
            if answer.next_question
            else SCENARIO + answer.scenario.code
            if answer.scenario
            else ""
        )
    return shown


def _read_question(form: QuestionForm, row: GuideQuestion | None, taken: list[str]) -> QuestionEntry:
    """The question as it was typed; a row without any text is no answer. Raises DeskError beside a row."""
    codes = [answer.code for answer in row.answers] if row else []
    answers: list[AnswerEntry] = []
    for n, (arabic, english, to) in enumerate(form.rows()):
        if not (arabic.data or english.data):
            continue
        for field in (arabic, english):
            if not field.data:
                raise DeskError("errors.required", field=field.name, status=422)
        if not to.data:
            raise DeskError("guide_admin.leads_missing", field=to.name, status=422)
        used = [one.code for one in answers]
        known = form.code_of(n) in codes and form.code_of(n) not in used
        code = form.code_of(n) if known else _fresh("a", [*codes, *used])
        leads = {"question" if to.data.startswith(QUESTION) else "scenario": to.data[len(QUESTION) :]}
        answers.append(AnswerEntry(code, Name(arabic.data, english.data), **leads))
    return QuestionEntry(
        row.code if row else _fresh("q", taken),
        Name(form.name_ar.data or "", form.name_en.data or ""),
        Name(form.hint_ar.data or "", form.hint_en.data or ""),
        tuple(answers),
    )


def _fresh(letter: str, taken: list[str]) -> str:
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"
