"""Links of visits: what waits, one visit and what is mended of it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import i18n
from govdesk.cases import traces
from govdesk.cases.linking import duplicates, merging, seeing, service
from govdesk.cases.linking.service import ROLES, LinkError
from govdesk.cases.models import Case, Visit
from govdesk.cases.work import scope
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.cases.naming import case_words
from govdesk.faces.linking.forms import CaseForm, IdentityForm, ObjectForm, ReasonForm
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people import service as people
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("linking", __name__, url_prefix="/work/identity")
WORKERS = (*ROLES, "admin")
Act = Callable[[Session], object]


@bp.get("")
@staff_only(*WORKERS)
def index() -> ResponseReturnValue:
    """What waits: proposals to check, probable duplicates, visits linked to nobody; how sure links are."""
    session, who = reading(), actor()
    here = seeing.branch_ids(session, who)
    linked = seeing.how_linked(session, who)
    return page(
        "linking/index.html",
        proposals=merging.waiting(session, here),
        is_own=lambda merge: merging.is_own(who, merge),
        may_judge=who.has(*merging.JUDGES),
        pairs=duplicates.suggestions(session, here),
        unlinked=seeing.unlinked(session, who),
        linked=linked,
        total=sum(linked.values()),
    )


@bp.get("/visits/<int:visit_id>")
@staff_only(*WORKERS)
def visit(visit_id: int) -> ResponseReturnValue:
    """One visit: whose it is, how that is known, and what can be mended."""
    return _visit_page(visit_here(visit_id))


@bp.post("/visits/<int:visit_id>/link")
@staff_only(*WORKERS)
def link(visit_id: int) -> ResponseReturnValue:
    """Say whose the visit was, by the number on a card."""
    form = IdentityForm()

    def act(session: Session) -> None:
        assert form.identity_read is not None
        person = people.identify(session, actor=actor(), identity=form.identity_read)
        service.link(session, actor=actor(), visit_id=visit_id, person=person, reason=form.reason.data or "")

    return _mend(visit_id, form, act, "linking.linked_done")


@bp.post("/visits/<int:visit_id>/unlink")
@staff_only(*WORKERS)
def unlink(visit_id: int) -> ResponseReturnValue:
    """Say that it is not known whose the visit was."""
    form = ReasonForm(prefix="unlink-")

    def act(session: Session) -> None:
        service.unlink(session, actor=actor(), visit_id=visit_id, reason=form.reason.data or "")

    return _mend(visit_id, form, act, "linking.unlinked_done")


@bp.post("/visits/<int:visit_id>/case")
@staff_only(*WORKERS)
def join(visit_id: int) -> ResponseReturnValue:
    """Say to which case the visit belongs."""
    form = CaseForm(prefix="case-")

    def act(session: Session) -> None:
        if not form.number:
            raise LinkError("errors.choose", field="case")
        found = traces.numbered(session, form.number)
        if found is None or found.branch_id not in seeing.branch_ids(session, actor()):
            raise LinkError("linking.case_unknown", field="case")
        case_id = found.id
        mended = service.join_case(
            session, actor=actor(), visit_id=visit_id, case=found, reason=form.reason.data or ""
        )
        session.refresh(mended, ["case_id"])
        if mended.case_id != case_id:
            flash(t("linking.joined_apart"), "warn")

    return _mend(visit_id, form, act, "linking.case_done")


@bp.post("/visits/<int:visit_id>/part")
@staff_only(*WORKERS)
def part(visit_id: int) -> ResponseReturnValue:
    """Take the number of a case from the visit."""
    form = ReasonForm(prefix="part-")

    def act(session: Session) -> None:
        service.part_from_case(session, actor=actor(), visit_id=visit_id, reason=form.reason.data or "")

    return _mend(visit_id, form, act, "linking.parted_done")


@bp.post("/visits/<int:visit_id>/object")
@staff_only(*WORKERS)
def say_object(visit_id: int) -> ResponseReturnValue:
    """Say what the visit was about."""
    form = ObjectForm(prefix="object-")

    def act(session: Session) -> None:
        about, why = form.object_ref.data or "", form.reason.data or ""
        service.say_object(session, actor=actor(), visit_id=visit_id, object_ref=about, reason=why)

    return _mend(visit_id, form, act, "linking.object_done")


def visit_here(visit_id: int) -> Visit:
    """A visit at a branch where the signed-in mends links. Raises NotFoundError."""
    found = reading().get(Visit, visit_id)
    if found is None or found.branch_id not in seeing.branch_ids(reading(), actor()):
        raise NotFoundError
    return found


def _case(session: Session, visit: Visit) -> Case | None:
    return session.get(Case, visit.case_id) if visit.case_id else None


def _mend(visit_id: int, form: DeskForm, act: Act, said: str) -> ResponseReturnValue:
    found = visit_here(visit_id)
    if form.validate_on_submit():
        try:
            return once(lambda session: _done(session, act, visit_id, said))
        except DeskError as refusal:
            form.refuse(refusal)
    return _visit_page(found, form)


def _done(session: Session, act: Act, visit_id: int, said: str) -> ResponseReturnValue:
    act(session)
    flash(t(said), "good")
    return redirect(url_for("linking.visit", visit_id=visit_id))


def _visit_page(found: Visit, wrong: DeskForm | None = None) -> ResponseReturnValue:
    session = reading()
    forms: dict[str, DeskForm] = {
        "link": IdentityForm(formdata=None),
        "unlink": ReasonForm(formdata=None, prefix="unlink-"),
        "case": CaseForm(formdata=None, prefix="case-"),
        "part": ReasonForm(formdata=None, prefix="part-"),
        "object": ObjectForm(formdata=None, prefix="object-"),
    }
    if wrong is not None:
        name = "link" if isinstance(wrong, IdentityForm) else wrong._prefix.rstrip("-")  # noqa: SLF001 - its name
        forms[name] = wrong
    near = seeing.cases_of(
        session, actor(), person_id=found.person_id, family=found.family, but=found.case_id
    )
    forms["case"].chosen.choices = [SelectChoice(case.case_no, case_words(case)) for case in near]
    if not near:
        del forms["case"].chosen
    return page(
        "linking/visit.html",
        form=wrong,
        forms=forms,
        visit=found,
        case=_case(session, found),
        may_open=lambda case: scope.may_read(session, actor(), case),
        person=found.person,
        changes=service.changes_of(session, found),
        place=i18n.named(found.branch),
    )
