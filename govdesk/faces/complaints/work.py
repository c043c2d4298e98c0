"""Complaints for staff: take one at the desk, the list, one complaint, its slip, the sheets on the wall."""

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.cases.models import Case
from govdesk.cases.work import scope
from govdesk.catalog.models import Cause, Counter
from govdesk.catalog.service import branch_of
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces import qr_code
from govdesk.faces.complaints.forms import AnswerForm, AssessForm, ComplainForm
from govdesk.faces.complaints.making import bp, complain_form, taken
from govdesk.faces.navigation import branches_of
from govdesk.feedback.complaints import finding, instances, matching, rules, service
from govdesk.feedback.complaints.models import Complaint
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people.models import Person, Staff
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm, actor, page, staff_only

__all__ = ["bp"]

AT_DESK = ("officer", "reception", "supervisor")
ID = "/work/complaints/<int:complaint_id>"


@bp.get("/work/complaints")
@staff_only(*service.HANDLERS)
def index() -> Response:
    """The list by where they stand."""
    part = request.args.get("part", "")
    return _listed(part if part in finding.PARTS else "received")


@bp.get("/work/complaints/raised")
@staff_only(*service.HANDLERS)
def raised() -> Response:
    """What one was told of, because a deadline is near or over."""
    return _listed("raised")


def _listed(part: str) -> Response:
    return page(
        "complaints/index.html",
        part=part,
        parts=[(one, finding.count(reading(), actor(), one)) for one in finding.PARTS],
        complaints=finding.listed(reading(), actor(), part),
        branches=branches_of(actor(), *service.HANDLERS),
        most=finding.MOST,
        now=clock.now(),
    )


@bp.route("/work/complaints/new", methods=["GET", "POST"])
@staff_only(*AT_DESK)
def take() -> ResponseReturnValue:
    """Write down what somebody complains of at the desk; of a ticket, whose it is is known."""
    ticket = _ticket()
    form = complain_form()
    if request.method == "GET":
        here = branches_of(actor(), *AT_DESK)
        chosen = [one for one in here if ticket is not None and one.id == ticket.branch_id] or here
        form.branch.data = chosen[0].code if len(chosen) == 1 else ""
        form.service.data = ticket.service.code if ticket else ""
    if ticket is not None and ticket.person_id is not None and not form.is_anonymous:
        form.is_known = True
    if form.validate_on_submit():
        try:
            return once(lambda session: _taken(session, form, ticket))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("complaints/take.html", form=form, ticket=ticket)


@bp.get("/work/complaints/slip/<token>")
@staff_only(*AT_DESK, *service.HANDLERS)
def slip(token: str) -> Response:
    """The number and the link on paper, in the language of the complainant."""
    complaint = finding.by_token(reading(), token)
    address = url_for("complaints.own", token=token, _external=True)
    with i18n.speaking(complaint.language):
        paper = Markup(  # noqa: S704 - our own template, escaped by itself
            render_template("complaints/paper.html", complaint=complaint, qr=qr_code.image(address))
        )
    return page("complaints/slip.html", complaint=complaint, paper=paper)


@bp.get("/work/complaints/sheets/<branch>")
@staff_only(*AT_DESK, *service.HANDLERS)
def sheets(branch: str) -> Response:
    """Sheets for the wall and for each counter: their code leads to the form with the place filled in."""
    here = branch_of(reading(), branch)
    if not actor().may(*AT_DESK, *service.HANDLERS, branch_id=here.id):
        raise NotAllowedError
    counters = reading().scalars(
        select(Counter).where(Counter.branch_id == here.id, Counter.is_active).order_by(Counter.number)
    )
    places = [None, *(counter.number for counter in counters)]
    made = [
        (place, qr_code.image(url_for("complaints.complain", at=here.code, counter=place, _external=True)))
        for place in places
    ]
    invitations = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            invitations[language] = t("complaints.sheet")
    return page("complaints/sheets.html", branch=here, sheets=made, invitations=invitations)


@bp.get(ID)
@staff_only(*service.HANDLERS)
def one(complaint_id: int) -> Response:
    """One complaint with all that was done about it."""
    return _show(complaint_id)


@bp.post(ID + "/acknowledge")
@staff_only(*service.HANDLERS)
def acknowledge(complaint_id: int) -> ResponseReturnValue:
    """Somebody has it now."""

    def act(session: Session) -> None:
        service.acknowledge(session, actor=actor(), complaint_id=complaint_id)

    return _done(complaint_id, DeskForm(), act, "complaints.acknowledge_done")


@bp.post(ID + "/assess")
@staff_only(*service.HANDLERS)
def assess(complaint_id: int) -> ResponseReturnValue:
    """Justified, partly or not, and why."""
    form = AssessForm(_causes())

    def act(session: Session) -> None:
        service.assess(
            session, actor=actor(), complaint_id=complaint_id, verdict=form.verdict.data or "",
            cause=form.cause.data or None, findings=form.findings.data or "",
        )  # fmt: skip

    return _done(complaint_id, form, act, "complaints.assess_done")


@bp.post(ID + "/answer")
@staff_only(*service.HANDLERS)
def answer(complaint_id: int) -> ResponseReturnValue:
    """Answer it."""
    form = AnswerForm()

    def act(session: Session) -> None:
        service.answer(session, actor=actor(), complaint_id=complaint_id, words=form.words.data or "")

    return _done(complaint_id, form, act, "complaints.answer_done")


def _done(
    complaint_id: int, form: DeskForm, act: Callable[[Session], None], said: str
) -> ResponseReturnValue:
    finding.complaint_of(reading(), actor(), complaint_id)

    def acted(session: Session) -> ResponseReturnValue:
        act(session)
        flash(t(said), "good")
        return redirect(url_for("complaints.one", complaint_id=complaint_id))

    if form.validate_on_submit():
        try:
            return once(acted)
        except (NotAllowedError, NotFoundError):
            raise
        except DeskError as refusal:
            form.refuse(refusal)
    return _show(complaint_id, form)


def _show(complaint_id: int, wrong: DeskForm | None = None) -> Response:
    session = reading()
    complaint = finding.complaint_of(session, actor(), complaint_id)
    steps = finding.steps_of(session, complaint)
    assessing = wrong if isinstance(wrong, AssessForm) else AssessForm(_causes(), formdata=None)
    if not isinstance(wrong, AssessForm):
        last = complaint.round
        assessing.verdict.data, assessing.cause.data = last.verdict, last.cause_code or ""
        assessing.findings.data = last.findings
    return page(
        "complaints/one.html",
        form=wrong,
        complaint=complaint,
        steps=steps,
        who=_staff(session, [step.actor for step in steps]),
        instances={one.level: one for one in instances.known(session)},
        may_handle=complaint.state in rules.OPEN and service.may_handle(session, actor(), complaint),
        assessing=assessing,
        answering=wrong if isinstance(wrong, AnswerForm) else AnswerForm(formdata=None),
        now=clock.now(),
        next_instance=instances.after(session, complaint),
        case=_case(session, complaint),
        local_day=clock.local_day,
    )


def _case(session: Session, complaint: Complaint) -> Case | None:
    """The case that it concerns, where the signed-in may look into it."""
    case = matching.case_of(session, complaint)
    return case if case is not None and scope.may_read(session, actor(), case) else None


def _ticket() -> Ticket | None:
    """The ticket for which a complaint is taken, of a branch where one works."""
    typed = request.values.get("ticket", "")
    ticket = reading().get(Ticket, int(typed)) if typed.isdecimal() and len(typed) < 10 else None  # noqa: PLR2004 - digits of an id
    if ticket is None or not actor().may(*AT_DESK, branch_id=ticket.branch_id):
        return None
    return ticket


def _taken(session: Session, form: ComplainForm, ticket: Ticket | None) -> ResponseReturnValue:
    known = ticket.person_id if ticket is not None and not form.is_anonymous else None
    person = session.get_one(Person, known) if known is not None else None
    complaint: Complaint = taken(session, form, channel="desk", person=person)
    flash(t("complaints.take_done", number=complaint.number), "good")
    return redirect(url_for("complaints.slip", token=complaint.token))


def _causes() -> list[Cause]:
    in_use = select(Cause).where(Cause.is_active).order_by(Cause.position, Cause.code)
    return list(reading().scalars(in_use))


def _staff(session: Session, labels: list[str]) -> dict[str, Staff]:
    ids = {int(label.partition(":")[2]) for label in labels if label.startswith("staff:")}
    return {f"staff:{one.id}": one for one in session.scalars(select(Staff).where(Staff.id.in_(ids)))}
