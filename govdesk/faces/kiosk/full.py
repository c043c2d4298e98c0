"""When nobody else can walk in: a time to come back, a call back, the way online; or home, counted."""

from typing import Any

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking import service as booking
from govdesk.booking.errors import Place
from govdesk.booking.hours.closures import ShutError, open_elsewhere, stopped
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import qr_code
from govdesk.faces.devices import device
from govdesk.faces.kiosk.forms import AwayForm, CallBackForm, PlaceForm, TicketForm
from govdesk.faces.kiosk.views import bp, large, offered_here, page, while_open
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.contact import clean_phone
from govdesk.people.models import Person
from govdesk.queue import admission
from govdesk.web import actor, private_link

STOPPED = "stopped"  # beside what `admission` finds


def shown(
    branch: Branch,
    service: PublicService,
    reason: str,
    asked: TicketForm | None = None,
    call: CallBackForm | None = None,
) -> Response:
    """What else there is; an identity number that was typed goes along."""
    known = {"identity": asked.identity.data, "kind": asked.kind.data} if asked else {}
    places = admission.alternatives(reading(), branch, service)
    guided = bool(scenarios_in_use(reading(), [service.id]))
    address = url_for(
        "guide.ask" if guided else "citizen.service", **_code_of(service, is_guided=guided), _external=True
    )
    return page(
        "kiosk/full.html",
        branch,
        409 if asked or call else 200,
        service=service,
        why=_why(branch, service, reason),
        places=[(place, reading().get_one(Branch, place.branch_id)) for place in places],
        call=call or CallBackForm(formdata=None, data=known),
        away=AwayForm(formdata=None, data=known),
        qr=qr_code.image(address),
        is_guided=guided,
    )


@bp.post("/kiosk/<branch>/services/<service>/away")
@device("kiosk")
@while_open
def away(branch: Branch, service: str) -> ResponseReturnValue:
    """Count somebody who goes home."""
    chosen, form = offered_here(branch, service), AwayForm()
    if form.validate_on_submit():
        return once(lambda session: _away(session, branch, chosen.id, form))
    return redirect(url_for("kiosk.take", branch=branch.code, service=service))


@bp.post("/kiosk/<branch>/services/<service>/call-back")
@device("kiosk")
@while_open
def call_back(branch: Branch, service: str) -> ResponseReturnValue:
    """Keep the wish to be called, and count that nobody could be served."""
    chosen, form = offered_here(branch, service), CallBackForm()
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.phone.data or "", settings().country)
            return once(lambda session: _call_back(session, branch, chosen.id, form, phone))
        except DeskError as refusal:
            form.refuse(refusal)
    reason = admission.reason_full(reading(), branch, chosen) or "contingent"
    if stopped(reading(), branch, chosen.id) is not None:
        reason = STOPPED
    return shown(branch, chosen, reason, call=form)


@bp.route("/kiosk/<branch>/services/<service>/place/<int:slot_id>", methods=["GET", "POST"])
@device("kiosk")
@while_open
def place(branch: Branch, service: str, slot_id: int) -> ResponseReturnValue:
    """Take one of the offered times, with an identity number or a phone number."""
    chosen, form = offered_here(branch, service), PlaceForm()
    wanted = _place(branch, chosen, slot_id)
    if wanted is None:
        return redirect(url_for("kiosk.take", branch=branch.code, service=service))
    if form.validate_on_submit():
        try:
            return once(lambda session: _book(session, branch, chosen.id, wanted, form))
        except DeskError as refusal:
            form.refuse(refusal)
    there = reading().get_one(Branch, wanted.branch_id)
    return page("kiosk/place.html", branch, form=form, service=chosen, slot=wanted, there=there)


@bp.get("/kiosk/<branch>/done/<what>")
@device("kiosk")
@while_open
def done(branch: Branch, what: str) -> ResponseReturnValue:
    """Say goodbye to who goes home."""
    if what not in {"away", "call", "home"}:
        raise NotFoundError
    return page("kiosk/done.html", branch, what=what)


@bp.get("/kiosk/<branch>/booked/<token>")
@private_link
def booked(branch: str, token: str) -> ResponseReturnValue:
    """The appointment that was taken here: its reference, and the code that takes it to one's phone."""
    here = reading().query(Branch).filter_by(code=branch).one_or_none()
    found = booking.by_token(reading(), token)
    if here is None or found.channel != "kiosk":
        raise NotFoundError
    address = url_for("citizen.booked", token=token, _external=True)
    return page("kiosk/booked.html", here, appointment=found, qr=qr_code.image(address))


def _why(branch: Branch, service: PublicService, reason: str) -> str:
    """Why nobody else can walk in: a stop says its reason, until when, and where else."""
    closure = stopped(reading(), branch, service.id) if reason == STOPPED else None
    if closure is None:
        return i18n.t(f"queue.full_{reason}")
    elsewhere = open_elsewhere(reading(), branch, service)
    shut = ShutError.of(closure, branch.timezone, elsewhere)
    return i18n.t(shut.key, **shut.params)


def _away(session: Session, branch: Branch, service_id: int, form: AwayForm) -> ResponseReturnValue:
    _count(session, branch, service_id, _person(session, form))
    return redirect(url_for("kiosk.done", branch=branch.code, what="away", large=large()))


def _call_back(
    session: Session, branch: Branch, service_id: int, form: CallBackForm, phone: str
) -> ResponseReturnValue:
    person = _person(session, form)
    ticket = _count(session, branch, service_id, person)
    admission.wish_call(session, actor=actor(), ticket=ticket, phone=phone)
    return redirect(url_for("kiosk.done", branch=branch.code, what="call", large=large()))


def _book(
    session: Session, branch: Branch, service_id: int, wanted: Place, form: PlaceForm
) -> ResponseReturnValue:
    person = _person(session, form) or people.identify_contact(
        session, actor=actor(), phone=form.phone_read, language=i18n.language()
    )
    if form.phone_read and person.certainty != "certain":
        people.note_contact(session, actor=actor(), person=person, phone=form.phone_read)
    made = booking.book(
        session, actor=actor(), slot_id=wanted.slot_id, service_id=service_id, branch_id=wanted.branch_id,
        person=person, language=i18n.language(), channel="kiosk", contact=form.phone_read,
    )  # fmt: skip
    _count(session, branch, service_id, person)
    return redirect(url_for("kiosk.booked", branch=branch.code, token=made.link_token, large=large()))


def _count(session: Session, branch: Branch, service_id: int, person: Person | None) -> Any:
    return admission.send_away(
        session,
        actor=actor(),
        branch=session.get_one(Branch, branch.id),
        wanted=session.get_one(PublicService, service_id),
        person=person,
        language=i18n.language(),
        channel="kiosk",
    )


def _person(session: Session, form: AwayForm) -> Person | None:
    if form.identity_read is None:
        return None
    return people.identify(session, actor=actor(), identity=form.identity_read, language=i18n.language())


def _place(branch: Branch, service: PublicService, slot_id: int) -> Place | None:
    offered = admission.alternatives(reading(), branch, service)
    return next((one for one in offered if one.slot_id == slot_id), None)


def _code_of(service: PublicService, *, is_guided: bool) -> dict[str, str]:
    return {"service": service.code} if is_guided else {"code": service.code}
