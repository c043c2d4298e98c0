"""The draft of a questionnaire: its sections and questions, each on a page of its own."""

from collections.abc import Callable, Sequence

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.questionnaires import words
from govdesk.faces.questionnaires.forms import AroundForm, SectionForm, both, question_form
from govdesk.faces.questionnaires.views import ROLES, bp, own, working_form
from govdesk.feedback.forms import editing, service
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import Form, Question, Section, parse
from govdesk.feedback.forms.soundness import problems, warnings
from govdesk.web import actor, page, staff_only

__all__ = ["bp"]

SAVED = "questionnaires.saved"


@bp.get("/<int:questionnaire_id>/draft")
@staff_only(*ROLES)
def draft(questionnaire_id: int) -> ResponseReturnValue:
    """Show the draft as it is, with what must be mended, place by place; a first change begins one."""
    one = own(reading(), questionnaire_id)
    form = working_form(one)
    found: dict[str, list[str]] = {}
    for place, key in problems(form):
        found.setdefault(place, []).append(key)
    return page(
        "questionnaires/draft.html",
        one=one,
        drafted=form,
        version=service.draft_of(one),
        problems=found,
        warnings=warnings(form),
        words=words,
    )


@bp.route("/<int:questionnaire_id>/draft/questions/new", methods=["GET", "POST"])
@bp.route("/<int:questionnaire_id>/draft/questions/<key>", methods=["GET", "POST"])
@staff_only(*ROLES)
def question(questionnaire_id: int, key: str | None = None) -> ResponseReturnValue:
    """Write a question, or another one."""
    one = own(reading(), questionnaire_id)
    drafted = working_form(one)
    row = _seen_question(one, drafted, key) if key else None
    section = _section(drafted, (row and row.key) or request.args.get("section") or drafted.sections[-1].key)
    form = question_form(row, section, request.form)
    form.offer(drafted, _earlier(drafted, row))
    moved = form.move(request.form["move"]) if form.is_submitted() and request.form.get("move") else None

    def change(asked: Form) -> Form:
        form.refuse_overtaken(editing.question_of(asked, key) if key else None)
        typed = form.question(key or editing.fresh_key("q", _taken(one)), _earlier(asked, row))
        return editing.put_question(asked, typed, form.section.data)

    act = _revising(questionnaire_id, change, lambda: key or "")
    done = None if request.form.get("move") else sent(form, act, SAVED)
    if done is not None:
        return done
    now = working_form(one)
    theirs = editing.question_of(now, key) if key else None
    form.show(theirs)
    return page(
        "questionnaires/question.html",
        one=one,
        form=form,
        question=row,
        earlier=_earlier(drafted, row),
        moved=moved,
        theirs=theirs,
        drafted=now,
        words=words,
    )


@bp.route("/<int:questionnaire_id>/draft/sections/new", methods=["GET", "POST"])
@bp.route("/<int:questionnaire_id>/draft/sections/<key>", methods=["GET", "POST"])
@staff_only(*ROLES)
def section(questionnaire_id: int, key: str | None = None) -> ResponseReturnValue:
    """Give a section its heading, or add one."""
    one = own(reading(), questionnaire_id)
    row = _seen_section(one, key) if key else None
    title = (row.title if row else None) or {}
    form = SectionForm(data={"title_ar": title.get("ar", ""), "title_en": title.get("en", "")})

    def change(drafted: Form) -> Form:
        form.refuse_overtaken(editing.section_of(drafted, key) if key else None)
        fresh = key or editing.fresh_key("s", _taken(one))
        return editing.put_section(drafted, fresh, both(form.title_ar, form.title_en))

    done = sent(form, _revising(questionnaire_id, change), SAVED)
    if done is not None:
        return done
    theirs = editing.section_of(working_form(one), key) if key else None
    form.show(theirs)
    return page("questionnaires/section.html", one=one, form=form, section=row, theirs=theirs)


@bp.route("/<int:questionnaire_id>/draft/words", methods=["GET", "POST"])
@staff_only(*ROLES)
def around(questionnaire_id: int) -> ResponseReturnValue:
    """Write what is said before the questions, and after them."""
    one = own(reading(), questionnaire_id)
    drafted = working_form(one)
    said = {"intro": drafted.intro or {}, "thanks": drafted.thanks or {}}
    form = AroundForm(
        data={f"{name}_{code}": text.get(code, "") for name, text in said.items() for code in ("ar", "en")}
    )

    def change(asked: Form) -> Form:
        form.refuse_overtaken(asked)
        intro, thanks = both(form.intro_ar, form.intro_en), both(form.thanks_ar, form.thanks_en)
        return Form(sections=asked.sections, intro=intro, thanks=thanks)

    done = sent(form, _revising(questionnaire_id, change), SAVED)
    if done is not None:
        return done
    now = working_form(one)
    form.show(now)
    return page("questionnaires/around.html", one=one, form=form, theirs=now)


@bp.post("/<int:questionnaire_id>/draft/questions/<key>/<any('up', 'down', 'remove'):act>")
@staff_only(*ROLES)
def question_act(questionnaire_id: int, key: str, act: str) -> ResponseReturnValue:
    """Move a question up or down, or take it out."""

    def change(drafted: Form) -> Form:
        _question(drafted, key)
        if act == "remove":
            return editing.drop_question(drafted, key)
        return editing.move_question(drafted, key, is_up=act == "up")

    back = url_for("questionnaires.draft", questionnaire_id=questionnaire_id)
    place = "" if act == "remove" else key
    return pressed(_revising(questionnaire_id, change, lambda: place), SAVED, back)


@bp.post("/<int:questionnaire_id>/draft/sections/<key>/<any('up', 'down', 'remove'):act>")
@staff_only(*ROLES)
def section_act(questionnaire_id: int, key: str, act: str) -> ResponseReturnValue:
    """Move a section up or down, or take it out with its questions."""

    def change(drafted: Form) -> Form:
        _section(drafted, key)
        if act == "remove":
            return editing.drop_section(drafted, key)
        return editing.move_section(drafted, key, is_up=act == "up")

    back = url_for("questionnaires.draft", questionnaire_id=questionnaire_id)
    return pressed(_revising(questionnaire_id, change), SAVED, back)


def _revising(
    questionnaire_id: int, change: Callable[[Form], Form], place: Callable[[], str] = str
) -> Callable[[Session], str]:
    """Return an act that changes the draft as it stands then, whoever changed it meanwhile."""

    def act(session: Session) -> str:
        one = service.found(session, questionnaire_id)
        service.hold(session, actor=actor(), questionnaire=one)
        service.revise(session, actor=actor(), questionnaire=one, form=change(working_form(one)))
        return url_for("questionnaires.draft", questionnaire_id=one.id, _anchor=place() or None)

    return act


def _taken(one: Questionnaire) -> set[str]:
    """Keys that were ever used: a new question never takes up the series of another."""
    return set().union(*(editing.keys_of(parse(version.content)) for version in one.versions))


def _earlier(form: Form, question: Question | None) -> Sequence[Question]:
    """The questions on which one may depend: those before it that are not answered in words."""
    keys = [one.key for one in form.questions]
    end = keys.index(question.key) if question and question.key in keys else len(keys)
    return [one for one in form.questions[:end] if one.kind != "text"]


def _seen_question(one: Questionnaire, form: Form, key: str) -> Question | None:
    """A question of the draft; None where somebody took it out while another was writing it."""
    known = editing.question_of(form, key)
    if known is None and (request.method == "GET" or key not in _taken(one)):
        raise NotFoundError
    return known


def _seen_section(one: Questionnaire, key: str) -> Section | None:
    """The same of a section."""
    known = editing.section_of(working_form(one), key)
    if known is None and request.method == "GET":
        raise NotFoundError
    return known


def _question(form: Form, key: str) -> Question:
    question = editing.question_of(form, key)
    if question is None:
        raise NotFoundError
    return question


def _section(form: Form, key: str) -> Section:
    section = editing.section_of(form, key)
    if section is None:
        raise NotFoundError
    return section
