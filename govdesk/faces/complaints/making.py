"""Complain without an account, and follow one's complaint by a private link."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, limits
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.service import open_branches
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.complaints.forms import ComplainForm, NextForm
from govdesk.feedback.complaints import finding, instances, service
from govdesk.feedback.complaints.models import Complaint
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.models import Person
from govdesk.web import DeskForm, actor, client_address, page, private_link, public

bp = Blueprint("complaints", __name__)
MADE, MADE_IN = 6, dt.timedelta(hours=1)  # complaints, from one address
PRESSES, PRESSED_IN = 30, dt.timedelta(minutes=10)


@bp.route("/complaint", methods=["GET", "POST"])
@public
def complain() -> ResponseReturnValue:
    """Complain; a printed sheet leads here with the place in the address (`at`, `counter`)."""
    form = complain_form()
    if request.method == "GET":
        _prefill(form)
    if form.validate_on_submit():
        try:
            limits.spend("complaint.new", client_address(), allowed=MADE, window=MADE_IN)
            return once(lambda session: _made(session, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("complaints/complain.html", form=form)


@bp.get("/complaint/<token>")
@private_link
def own(token: str) -> Response:
    """Where it stands: who has it, by when, the answer, the next instance."""
    return _page(token, NextForm(formdata=None))


@bp.post("/complaint/<token>/next")
@private_link
def go_on(token: str) -> ResponseReturnValue:
    """Go to the next instance."""
    form = NextForm()

    def act(session: Session, complaint: Complaint) -> None:
        service.go_on(session, actor=actor(), complaint=complaint, words=form.words.data or "")

    return _acted(token, form, act)


@bp.post("/complaint/<token>/withdraw")
@private_link
def withdraw(token: str) -> ResponseReturnValue:
    """Withdraw it."""

    def act(session: Session, complaint: Complaint) -> None:
        service.withdraw(session, actor=actor(), complaint=complaint)

    return _acted(token, NextForm(), act)


def complain_form(**given: object) -> ComplainForm:
    """The form with the branches and services in use."""
    own_services = PublicService.is_active, PublicService.is_imported.is_(False)
    services = reading().scalars(select(PublicService).where(*own_services).order_by(PublicService.id)).all()
    return ComplainForm(open_branches(reading()), services, **given)


def taken(session: Session, form: ComplainForm, *, channel: str, person: Person | None = None) -> Complaint:
    """Take the complaint of a valid form; the person is who is reached by the contact, unless it is known."""
    if person is None and not form.is_anonymous:
        typed = {"phone": form.phone, "email": form.email, "name": form.name}
        who = {part: field.data or None for part, field in typed.items()}
        person = people.identify_contact(session, actor=actor(), language=form.language.data, **who)
        people.note_contact(session, actor=actor(), person=person, **who)
    branch = select(Branch).where(Branch.code == (form.branch.data or ""))
    chosen = select(PublicService).where(PublicService.code == (form.service.data or ""))
    return service.complain(
        session, actor=actor(), about=form.about.data or "", words=form.words.data or "",
        wished=form.wished.data or "", channel=channel, language=form.language.data or "ar",
        branch=session.scalars(branch).one_or_none(), counter_number=form.counter.data,
        service=session.scalars(chosen).one_or_none(), happened_on=form.happened_on.data, person=person,
    )  # fmt: skip


def _made(session: Session, form: ComplainForm) -> ResponseReturnValue:
    complaint = taken(session, form, channel="qr" if form.way.data == "qr" else "web")
    return redirect(url_for("complaints.own", token=complaint.token, received=1))


def _prefill(form: ComplainForm) -> None:
    """The place that a printed sheet names."""
    at, counter = request.args.get("at", ""), request.args.get("counter", "")
    if at and any(choice.value == at for choice in form.branch.choices):
        form.branch.data, form.way.data = at, "qr"
        form.counter.data = int(counter) if counter.isdecimal() and 0 < int(counter) < 1000 else None  # noqa: PLR2004 - as the field


def _acted(token: str, form: DeskForm, act: Callable[[Session, Complaint], None]) -> ResponseReturnValue:
    def acted(session: Session) -> ResponseReturnValue:
        act(session, finding.by_token(session, token))
        return redirect(url_for("complaints.own", token=token))

    if form.validate_on_submit():
        try:
            limits.spend("complaint.press", client_address(), allowed=PRESSES, window=PRESSED_IN)
            return once(acted)
        except DeskError as refusal:
            form.refuse(refusal)
    return _page(token, form)


def _page(token: str, form: DeskForm) -> Response:
    session = reading()
    complaint = finding.by_token(session, token)
    return page(
        "complaints/own.html",
        form=form,
        complaint=complaint,
        instance=instances.at(session, complaint.level),
        next_instance=instances.after(session, complaint),
        outside=instances.outside(session, complaint),
        may_go_on=service.may_go_on(session, complaint),
        instances={one.level: one for one in instances.known(session)},
        now=clock.now(),
        local_day=clock.local_day,
    )
