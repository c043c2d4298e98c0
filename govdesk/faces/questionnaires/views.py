"""Questionnaires: all of them, a new one, and one with its versions."""

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog.models import Department
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.admin.acts import pressed, sent
from govdesk.faces.questionnaires.forms import COPY, EMPTY, NameForm, NewForm
from govdesk.feedback.asking.models import Programme
from govdesk.feedback.forms import editing, service
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.presets import Preset, presets
from govdesk.feedback.forms.rules import Form, parse
from govdesk.feedback.forms.soundness import problems
from govdesk.people.models import Staff
from govdesk.web import actor, page, staff_only

ROLES = service.BUILDERS
PLACED = ("after_service", "complaint", "missed", "second_visit")  # of these one is asked at a time
bp = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")


@dataclass(frozen=True, slots=True)
class Line:
    """A questionnaire as the list shows it."""

    questionnaire: Questionnaire
    published: QuestionnaireVersion | None
    draft: QuestionnaireVersion | None
    is_overtaken: bool  # another one of its kind is asked in its place

    @property
    def questions(self) -> int:
        """How many are asked, or would be."""
        version = self.published or self.draft
        return len(service.form_of(version).questions) if version else 0


@bp.get("")
@staff_only(*ROLES)
def index() -> ResponseReturnValue:
    """Show what is asked now, what is being written, and what was asked once."""
    lines = [_line(one) for one in _readable(actor())]
    return page(
        "questionnaires/index.html",
        lines=[line for line in lines if line.questionnaire.is_used],
        retired=[line for line in lines if not line.questionnaire.is_used],
        may_begin=bool(_departments(actor())) or service.may_change(actor(), None),
    )


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*ROLES)
def new() -> ResponseReturnValue:
    """Begin one, with a preset or with nothing."""
    form = NewForm(data={"preset": request.args.get("preset")})
    whole_agency = service.may_change(actor(), None)
    form.offer(_departments(actor()), _readable(actor()), has_agency=whole_agency)

    def act(session: Session) -> str:
        begun = _beginning(session, form)
        made = service.create(
            session, actor=actor(), kind=begun.kind, form=begun.form,
            department=_department(session, form.department.data),
            name_ar=form.name_ar.data or begun.name["ar"], name_en=form.name_en.data or begun.name["en"],
        )  # fmt: skip
        return url_for("questionnaires.draft", questionnaire_id=made.id)

    return sent(form, act, "questionnaires.begun") or page("questionnaires/new.html", form=form)


@bp.get("/<int:questionnaire_id>")
@staff_only(*ROLES)
def show(questionnaire_id: int) -> ResponseReturnValue:
    """One questionnaire: what is asked, what is being written, and all its versions."""
    one = readable(reading(), questionnaire_id)
    line = _line(one)
    drafted = parse(line.draft.content) if line.draft else None
    people = select(Staff).where(Staff.id.in_([version.published_by_id for version in one.versions]))
    return page(
        "questionnaires/show.html",
        one=one,
        line=line,
        drafted=drafted,
        problems=problems(drafted) if drafted else [],
        versions=list(reversed(one.versions)),
        programmes=_programmes(one),
        people={staff.id: staff for staff in reading().scalars(people)},
        may_change=service.may_change(actor(), one.department_id),
        count_of=lambda version: len(service.form_of(version).questions),
    )


@bp.route("/<int:questionnaire_id>/name", methods=["GET", "POST"])
@staff_only(*ROLES)
def name(questionnaire_id: int) -> ResponseReturnValue:
    """Call it something else."""
    one = own(reading(), questionnaire_id)
    form = NameForm(obj=one)

    def act(session: Session) -> str:
        service.rename(
            session, actor=actor(), questionnaire=service.found(session, questionnaire_id),
            name_ar=form.name_ar.data or "", name_en=form.name_en.data or "",
        )  # fmt: skip
        return url_for("questionnaires.show", questionnaire_id=questionnaire_id)

    return sent(form, act, "questionnaires.saved") or page("questionnaires/name.html", form=form, one=one)


@bp.post("/<int:questionnaire_id>/<any('retire', 'resume', 'drop'):act>")
@staff_only(*ROLES)
def settle(questionnaire_id: int, act: str) -> ResponseReturnValue:
    """Ask by it no more, ask again, or give its draft up."""
    verb = {"retire": service.retire, "resume": service.resume, "drop": service.drop_draft}[act]
    back = url_for("questionnaires.show", questionnaire_id=questionnaire_id)

    def do(session: Session) -> str:
        verb(session, actor=actor(), questionnaire=service.found(session, questionnaire_id))
        return back

    return pressed(do, f"questionnaires.done_{act}", back)


def readable(session: Session, questionnaire_id: int) -> Questionnaire:
    """Return one that this person may read: their departments' and the agency's."""
    one = service.found(session, questionnaire_id)
    if not service.may_read(actor(), one):
        raise NotAllowedError
    return one


def own(session: Session, questionnaire_id: int) -> Questionnaire:
    """Return one that this person builds."""
    one = readable(session, questionnaire_id)
    service.refuse_others(actor(), one)
    return one


def working_form(one: Questionnaire) -> Form:
    """Return the draft; where there is none, what a draft would begin with."""
    version = service.draft_of(one) or service.published_of(one)
    return parse(version.content) if version else editing.EMPTY


def numbered(one: Questionnaire, number: int) -> QuestionnaireVersion:
    """Return a version by its number."""
    version = next((each for each in one.versions if each.number == number), None)
    if version is None:
        raise NotFoundError
    return version


def _beginning(session: Session, form: NewForm) -> Preset:
    """What a new one begins with: a preset, a copy, or nothing. Raises DeskError beside `preset`."""
    chosen = form.preset.data or ""
    if chosen == EMPTY:
        return Preset(EMPTY, form.kind.data, {"ar": "", "en": ""}, editing.EMPTY)
    if chosen.startswith(COPY) and chosen in [choice.value for choice in form.preset.choices]:
        copied = readable(session, int(chosen.removeprefix(COPY)))
        names = {"ar": copied.name_ar, "en": copied.name_en}
        return Preset(chosen, copied.kind, names, working_form(copied))
    preset = presets().get(chosen)
    if preset is None:
        raise DeskError("errors.choose_known", field="preset", status=422)
    return preset


def _readable(who: Actor) -> list[Questionnaire]:
    rows = reading().scalars(select(Questionnaire).order_by(Questionnaire.kind, Questionnaire.id)).unique()
    return [one for one in rows if service.may_read(who, one)]


def _line(one: Questionnaire) -> Line:
    asked = service.published_of(one)
    instead = None
    if asked is not None and one.kind in PLACED and one.is_used:
        instead = service.published(reading(), one.kind, department_id=one.department_id)
    is_overtaken = asked is not None and instead is not None and instead.id != asked.id
    return Line(one, asked, service.draft_of(one), is_overtaken)


def _programmes(one: Questionnaire) -> list[Programme]:
    """The programmes that ask by it, of those that this person may read."""
    asking = select(Programme).where(Programme.questionnaire_id == one.id, Programme.is_running)
    found = reading().scalars(asking.order_by(Programme.id)).unique()
    return [
        row for row in found if row.department_id is None or service.may_change(actor(), row.department_id)
    ]


def _departments(who: Actor) -> list[Department]:
    rows = reading().scalars(select(Department).order_by(Department.id)).all()
    return [row for row in rows if service.may_change(who, row.id)]


def _department(session: Session, code: str | None) -> Department | None:
    return session.scalars(select(Department).where(Department.code == code)).one_or_none() if code else None
