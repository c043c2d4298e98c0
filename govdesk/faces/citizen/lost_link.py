"""A lost link, of a booking or of a place in a waiting list: sent again to its contact and to no other.

The answer is the same whether there is one or not.
"""

import datetime as dt

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import service as booking
from govdesk.booking import telling, telling_waiting, waiting
from govdesk.booking.errors import AppointmentNotFoundError
from govdesk.booking.waiting_models import LIVE
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.faces.citizen import fairness
from govdesk.faces.citizen.forms import LostLinkForm
from govdesk.faces.citizen.views import bp
from govdesk.once import once
from govdesk.people.models import PersonContact
from govdesk.people.service import contact_digest
from govdesk.web import page, public

ASKED = 6  # in ten minutes, from one browser


@bp.route("/appointment/find", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Ask for the private link by reference and contact."""
    form = LostLinkForm()
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.find", of_browser=ASKED)
            return once(lambda session: _send(session, form))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("citizen/find.html", form=form)


@bp.get("/appointment/find/sent")
@public
def sent() -> ResponseReturnValue:
    """What is said whoever asked for whatever."""
    return page("citizen/sent.html")


def _send(session: Session, form: LostLinkForm) -> ResponseReturnValue:
    """Send the link where reference and contact belong together; proven, where the office asks for that."""
    try:
        found = booking.find(session, form.reference.data)
    except AppointmentNotFoundError:
        _send_turn(session, form)
        return redirect(url_for("citizen.sent"))
    is_ahead = found.state == "booked" and found.ends_at > clock.now()
    if is_ahead and _is_theirs(session, form, found.person_id, found.verified_at):
        telling.send_link(session, appointment=found)
    return redirect(url_for("citizen.sent"))


def _send_turn(session: Session, form: LostLinkForm) -> None:
    """The same for who waits for a place."""
    try:
        entry = waiting.find(session, form.reference.data)
    except waiting.EntryNotFoundError:
        return
    if entry.state in LIVE and _is_theirs(session, form, entry.person_id, entry.verified_at):
        telling_waiting.send_link(session, entry=entry)


def _is_theirs(
    session: Session, form: LostLinkForm, person_id: int | None, verified_at: dt.datetime | None
) -> bool:
    contact = session.get(PersonContact, person_id) if person_id else None
    known = {contact_digest(one) for one in (contact.phone, contact.email) if one} if contact else set()
    is_proven = settings().verify_contact == "off" or verified_at is not None
    return is_proven and contact_digest(form.contact_read) in known
