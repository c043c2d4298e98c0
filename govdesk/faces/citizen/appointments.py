"""The private page of an appointment: see it, keep it, move it, cancel it."""

import hashlib

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import managing, telling, waiting
from govdesk.booking import service as booking
from govdesk.booking.errors import AppointmentStateError, SlotTakenError, SlotUnknownError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.slots import LARGEST_ID
from govdesk.booking.visit import service as visits
from govdesk.booking.visit import together
from govdesk.cases.returns import offering
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import qr_code
from govdesk.faces.citizen import calendar_file, fairness, wishes
from govdesk.faces.citizen.forms import TimeForm, slot_number
from govdesk.faces.citizen.views import bp, time_page
from govdesk.notify.service import unreached
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, private_link

CHANGES = 30  # in a window, from one browser
DONE = ("moved", "added", "forwarded")  # what has just been done, said at the top


@bp.get("/appointment/<token>")
@private_link
def booked(token: str) -> ResponseReturnValue:
    """The appointment: reference, QR, when and where; or that it is over."""
    appointment = booking.by_token(reading(), token)
    if appointment.booked_at is None:
        return redirect(url_for("citizen.details", token=token))
    address = url_for("citizen.booked", token=token, _external=True)
    others = together.of_visit(reading(), appointment)
    return page(
        "citizen/booked.html",
        appointment=appointment,
        can_change=_can_change(appointment),
        can_say_coming=managing.can_say_coming(appointment),
        others=others,
        visit_ahead=len([one for one in others if together.is_ahead(one)]),
        room=room_link(appointment),
        interpreter=wishes.interpreter_words(appointment.interpreter) if appointment.interpreter else "",
        unreached=unreached(reading(), [telling.about(appointment)]).get(telling.about(appointment), ""),
        address=address,
        qr=qr_code.image(address),
        done=next((name for name in DONE if name in request.args), ""),
        earlier=waiting.entry_of(reading(), appointment),
        help_offer=offering.open_offer(reading(), appointment),
    )


@bp.get("/appointment/<token>/appointment.ics")
@private_link
def calendar(token: str) -> Response:
    """The calendar file, of a visit with all its parts; after cancelling it takes the entry out again."""
    appointment = booking.by_token(reading(), token)
    if appointment.booked_at is None or appointment.state not in {"booked", "arrived", "cancelled"}:
        raise AppointmentStateError.of(appointment.state)
    is_over = appointment.state == "cancelled"
    others = [] if is_over else together.of_visit(reading(), appointment)
    visit = [
        (one, url_for("citizen.booked", token=one.link_token, _external=True))
        for one in (appointment, *others)
    ]
    answer = Response(calendar_file.render(visit), mimetype="text/calendar")
    name = f"appointment-{appointment.reference}.ics"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.route("/appointment/<token>/cancel", methods=["GET", "POST"])
@private_link
def cancel(token: str) -> ResponseReturnValue:
    """Ask before cancelling; cancel."""
    if DeskForm().validate_on_submit():
        spend()
        is_whole = "whole" in request.form
        return once(lambda session: _cancel(session, token, is_whole=is_whole))
    appointment = changeable(token)
    others = [one for one in together.of_visit(reading(), appointment) if together.is_ahead(one)]
    return page("citizen/cancel.html", appointment=appointment, others=others)


@bp.get("/appointment/<token>/move")
@private_link
def move(token: str) -> Response:
    """Choose another time."""
    return _move_page(changeable(token), TimeForm())


@bp.route("/appointment/<token>/move/to", methods=["GET", "POST"])
@private_link
def move_to(token: str) -> ResponseReturnValue:
    """Show the old and the new time and ask; move."""
    form, taken = TimeForm(request.values), None
    try:
        if form.validate_on_submit():
            spend()
            return once(lambda session: _move(session, token, form.slot_id))
        if request.method == "GET":
            slot = wanted(changeable(token).service_id, form.slot.data or "")
            branch = reading().get_one(Branch, slot.branch_id)
            return page("citizen/move.html", appointment=changeable(token), slot=slot, branch=branch)
    except SlotTakenError as refusal:
        taken = refusal
        form.refuse(refusal)
    except DeskError as refusal:
        form.refuse(refusal)
    return _move_page(changeable(token), form, taken)


def changeable(token: str) -> Appointment:
    """The appointment, while it can be moved or cancelled. Raises AppointmentStateError."""
    appointment = booking.by_token(reading(), token)
    if appointment.state != "booked":
        raise AppointmentStateError.of(appointment.state)
    if not _can_change(appointment):
        raise AppointmentStateError("booking.has_begun")
    return appointment


def _move_page(appointment: Appointment, form: TimeForm, taken: SlotTakenError | None = None) -> Response:
    token = appointment.link_token
    return time_page(
        appointment.service,
        form,
        wishes.of(appointment),
        where=url_for("citizen.move", token=token),
        back=url_for("citizen.booked", token=token),
        action=url_for("citizen.move_to", token=token),
        taken=taken,
        moving=appointment,
    )


def _cancel(session: Session, token: str, *, is_whole: bool) -> ResponseReturnValue:
    cancel = visits.cancel if is_whole else booking.cancel
    cancel(session, actor=actor(), appointment=booking.by_token(session, token))
    return redirect(url_for("citizen.booked", token=token))


def _move(session: Session, token: str, slot_id: int) -> ResponseReturnValue:
    booking.move(session, actor=actor(), appointment=booking.by_token(session, token), slot_id=slot_id)
    return redirect(url_for("citizen.booked", token=token, moved=1))


def wanted(service_id: int, text: str) -> Slot:
    """The slot that was chosen, if it is one of this service. Raises DeskError, SlotUnknownError."""
    if not text:
        raise DeskError("citizen.time_missing", field="slot", status=422)
    number = slot_number(text)
    slot = reading().get(Slot, number) if 0 < number <= LARGEST_ID else None
    if slot is None or slot.service_id != service_id:
        raise SlotUnknownError(field="slot")
    return slot


def room_link(appointment: Appointment) -> str:
    """Where a video appointment takes place; a new link has another room. Empty where no address is set."""
    if appointment.kind != "video" or not settings().video_url:
        return ""
    room = hashlib.sha256(f"room:{appointment.link_token}".encode()).hexdigest()[:20]
    return settings().video_url.replace("{room}", room)


def _can_change(appointment: Appointment) -> bool:
    return appointment.state == "booked" and appointment.starts_at > clock.now()


def spend() -> None:
    """Count one change of this browser. Raises TooManyError."""
    fairness.spend("citizen.change", of_browser=CHANGES)
