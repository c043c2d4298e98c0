"""A lost link: sent again to the contact of the booking, and the same answer whether there is one or not."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import service as booking
from govdesk.booking import telling
from govdesk.booking.errors import AppointmentNotFoundError
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
        return redirect(url_for("citizen.sent"))
    contact = session.get(PersonContact, found.person_id) if found.person_id else None
    known = {contact_digest(one) for one in (contact.phone, contact.email) if one} if contact else set()
    is_proven = settings().verify_contact == "off" or found.verified_at is not None
    is_ahead = found.state == "booked" and found.ends_at > clock.now()
    if is_ahead and is_proven and contact_digest(form.contact_read) in known:
        telling.send_link(session, appointment=found)
    return redirect(url_for("citizen.sent"))
