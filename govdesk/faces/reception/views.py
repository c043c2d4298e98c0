"""Reception: give a ticket, check an appointment in, see who waits, note who left or was sent home."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking import service as booking
from govdesk.booking.hours.closures import shut_now, stopped
from govdesk.cases.returns import asking
from govdesk.catalog.models import Branch
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.catalog.service import branch_of, calendar_of, service_of
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError
from govdesk.faces import followers, polling, slips
from govdesk.faces.reception import room
from govdesk.faces.reception.forms import ArrivalForm, GateForm, TicketForm
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people import relations
from govdesk.queue import admission, own_turn, service
from govdesk.queue.admission import FullError
from govdesk.queue.errors import TicketNotFoundError
from govdesk.queue.models import Ticket
from govdesk.queue.reasons import reason_for
from govdesk.web import DeskForm, actor, page, staff_only

bp = Blueprint("reception", __name__)
ROLES = ("reception", "supervisor")


@bp.get("/reception/<branch>")
@staff_only(*ROLES)
def desk(branch: str) -> Response:
    """The desk: a ticket, an arrival, and the hall."""
    here = branch_here(branch)
    return _desk(here, _ticket_form(here), ArrivalForm(formdata=None))


@bp.get("/reception/<branch>/state.json")
@staff_only(*ROLES)
def state(branch: str) -> Response:
    """The hall as data, for the page's own script."""
    session, here = reading(), branch_here(branch)
    version = polling.version(session, here, own="-all" if "all" in request.args else "")
    answer = polling.answer(
        version, lambda: room.state(room.of(session, here, is_whole="all" in request.args))
    )
    if answer.status_code == 304:  # noqa: PLR2004 - HTTP
        followers.followers().has_all(here.id, version)
    return answer


@bp.post("/reception/<branch>/tickets")
@staff_only(*ROLES)
def issue(branch: str) -> ResponseReturnValue:
    """Give a ticket to who came without an appointment."""
    here = branch_here(branch)
    form = _ticket_form(here)
    if form.validate_on_submit():
        try:
            return _printed(here, once(lambda session: _issue(session, here, form)))
        except FullError as refusal:
            form.refuse(refusal)
            return _desk(here, form, ArrivalForm(formdata=None), full=form.service.data)
        except DeskError as refusal:
            form.refuse(refusal)
    return _desk(here, form, ArrivalForm(formdata=None))


@bp.post("/reception/<branch>/arrivals")
@staff_only(*ROLES)
def arrive(branch: str) -> ResponseReturnValue:
    """Check an appointment in; a second time gives the same ticket."""
    here = branch_here(branch)
    form = ArrivalForm()
    if form.validate_on_submit():
        try:
            return _printed(here, once(lambda session: _arrive(session, here, form.reference.data)))
        except DeskError as refusal:
            form.refuse(refusal)
    return _desk(here, _ticket_form(here, is_fresh=True), form)


@bp.route("/reception/<branch>/tickets/<int:ticket_id>/left", methods=["GET", "POST"])
@staff_only(*ROLES)
def left(branch: str, ticket_id: int) -> ResponseReturnValue:
    """Ask, then note that somebody left before being served."""
    here, form = branch_here(branch), DeskForm()
    ticket = ticket_here(reading(), here, ticket_id)
    if form.validate_on_submit():
        try:
            return once(lambda session: _left(session, here, ticket_id))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("reception/left.html", branch=here, ticket=ticket, form=form)


@bp.post("/reception/<branch>/tickets/<int:ticket_id>/back")
@staff_only(*ROLES)
def back(branch: str, ticket_id: int) -> ResponseReturnValue:
    """A missed person is here after all, and gets the same place."""
    here = branch_here(branch)
    ticket_here(reading(), here, ticket_id)
    if DeskForm().validate_on_submit():
        return once(lambda session: _back(session, here, ticket_id))
    return redirect(url_for("reception.desk", branch=branch))


@bp.post("/reception/<branch>/tickets/<int:ticket_id>/here")
@staff_only(*ROLES)
def is_here(branch: str, ticket_id: int) -> ResponseReturnValue:
    """Somebody who took a ticket from elsewhere has come, and may be called from now on."""
    here = branch_here(branch)
    ticket_here(reading(), here, ticket_id)
    if DeskForm().validate_on_submit():
        return once(lambda session: _is_here(session, here, ticket_id))
    return redirect(url_for("reception.desk", branch=branch))


@bp.route("/reception/<branch>/turned-away", methods=["GET", "POST"])
@staff_only(*ROLES)
def gate(branch: str) -> ResponseReturnValue:
    """Note who is sent home at the door, and why: an attended visit that failed."""
    here = branch_here(branch)
    form = GateForm(room.choices(reading(), here), room.causes(reading()))
    if request.method == "GET":
        form.service.data, form.cause.data = request.args.get("service"), request.args.get("cause")
    if form.validate_on_submit():
        try:
            return once(lambda session: _turn_away(session, here, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("reception/gate.html", branch=here, form=form)


def _printed(here: Branch, answer: Response) -> Response:
    """Let reception's printer print the ticket of an answer that leads to one, after it is committed."""
    ticket_id = (answer.location or "").rpartition("/")[2]
    if here.printer and ticket_id.isdecimal():
        slips.print_at_desk(here, ticket_here(reading(), here, int(ticket_id)))
    return answer


def _desk(here: Branch, form: TicketForm, arrival: ArrivalForm, full: str | None = None) -> Response:
    is_whole = "all" in request.args
    return page(
        "reception/desk.html",
        422 if arrival.errors else 200,
        branch=here,
        form=form,
        full=full,
        arrival=arrival,
        room=room.of(reading(), here, is_whole=is_whole),
        about=room.about,
        is_open=is_open(here),
        shut=shut_now(reading(), here),
        stop=stopped(reading(), here),
        now=clock.now(),
        version=polling.version(reading(), here, own="-all" if is_whole else ""),
        minutes_since=lambda moment: (clock.now() - moment).total_seconds() / 60,
    )


def _ticket_form(here: Branch, *, is_fresh: bool = False) -> TicketForm:
    given: dict[str, Any] = {"formdata": None} if is_fresh else {}
    services = room.choices(reading(), here)
    foreseen = scenarios_in_use(reading(), [service.id for service in services])
    return TicketForm(services, foreseen, **given)


def _issue(session: Session, here: Branch, form: TicketForm) -> ResponseReturnValue:
    wanted = service_of(session, form.service.data)
    if not form.anyway.data:
        admission.refuse_when_full(session, branch=here, wanted=wanted)
    person, visitor = (
        form.person(session, actor(), read) for read in (form.identity_read, form.visitor_read)
    )
    if person is not None and visitor is not None:
        relations.record(
            session,
            actor=actor(),
            agent=visitor,
            beneficiary=person,
            kind=form.relation.data,
            on=clock.local_day(clock.now(), here.timezone),
            proof=form.proof.data or "",
        )
    ticket = service.issue(
        session,
        actor=actor(),
        branch=session.get_one(Branch, here.id),
        service=wanted,
        scenario_id=reason_for(session, form.scenario.data, wanted.id),
        person=person,
        visitor=visitor,
        priority=form.priority.data,
        language=form.language.data,
        channel="reception",
        object_ref=form.object_ref.data,
    )
    return redirect(url_for("reception.slip", branch=here.code, ticket_id=ticket.id))


def _arrive(session: Session, here: Branch, typed: str) -> ResponseReturnValue:
    found = booking.find(session, typed)
    if found.branch_id != here.id:
        raise DeskError("reception.other_branch", field="reference", branch=i18n.named(found.branch))
    try:
        ticket = service.check_in(session, actor=actor(), appointment=found)
    except DeskError as refusal:
        refusal.field = refusal.field or "reference"
        raise
    return redirect(url_for("reception.slip", branch=here.code, ticket_id=ticket.id))


def _left(session: Session, here: Branch, ticket_id: int) -> ResponseReturnValue:
    ticket = service.abandon(session, actor=actor(), ticket_id=ticket_id)
    flash(t("reception.left_done", number=ticket.number), "good")
    return redirect(url_for("reception.desk", branch=here.code))


def _back(session: Session, here: Branch, ticket_id: int) -> ResponseReturnValue:
    ticket = service.take_back(session, actor=actor(), ticket_id=ticket_id)
    flash(t("reception.back_done", number=ticket.number), "good")
    return redirect(url_for("reception.desk", branch=here.code))


def _is_here(session: Session, here: Branch, ticket_id: int) -> ResponseReturnValue:
    ticket = own_turn.arrive(session, actor=actor(), ticket_id=ticket_id)
    flash(t("reception.here_done", number=ticket.number), "good")
    return redirect(url_for("reception.desk", branch=here.code))


def _turn_away(session: Session, here: Branch, form: GateForm) -> ResponseReturnValue:
    ticket = asking.send_away(
        session,
        actor=actor(),
        branch=session.get_one(Branch, here.id),
        wanted=service_of(session, form.service.data),
        cause=form.cause.data,
        words=form.words.data or "",
        return_reason=form.return_reason.data or None,
        return_words=form.return_words.data or "",
        person=form.person(session, actor(), form.identity_read),
        language=i18n.language(),
    )
    if form.phone_read:
        admission.wish_call(session, actor=actor(), ticket=ticket, phone=form.phone_read)
    flash(t("reception.gate_done", number=ticket.number), "good")
    return redirect(url_for("reception.desk", branch=here.code))


def branch_here(code: str) -> Branch:
    """The branch, if who asks works at its reception."""
    branch = branch_of(reading(), code)
    if not actor().may(*ROLES, branch_id=branch.id):
        raise NotAllowedError
    return branch


def ticket_here(session: Session, here: Branch, ticket_id: int) -> Ticket:
    """A ticket of this branch. Raises TicketNotFoundError."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.branch_id != here.id:
        raise TicketNotFoundError
    return ticket


def is_open(here: Branch) -> bool:
    """Whether the doors are open now; where holidays are not known, by the week alone."""
    return calendar_of(reading(), here, is_strict=False).is_open(clock.now())
