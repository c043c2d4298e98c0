"""The slip of a ticket at reception: printed, handed over or sent to a phone, and whose it is."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking.models import Appointment
from govdesk.booking.visit import together
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import qr_code
from govdesk.faces.reception import room
from govdesk.faces.reception.forms import OwnerForm, SendForm
from govdesk.faces.reception.views import ROLES, bp, branch_here, is_open, ticket_here
from govdesk.faces.ticket import standing
from govdesk.feedback.asking import ends
from govdesk.notify import service as messages
from govdesk.once import once
from govdesk.people.contact import clean_phone
from govdesk.queue import reaching
from govdesk.queue import slips as papers
from govdesk.queue.models import Ticket
from govdesk.web import page, staff_only


@bp.get("/reception/<branch>/tickets/<int:ticket_id>")
@staff_only(*ROLES)
def slip(branch: str, ticket_id: int) -> Response:
    """The slip to print, in the language of the person."""
    return slip_page(branch_here(branch), ticket_id)


@bp.post("/reception/<branch>/tickets/<int:ticket_id>/send")
@staff_only(*ROLES)
def send(branch: str, ticket_id: int) -> ResponseReturnValue:
    """Send the ticket to a phone; its holder is told there too when the turn is near."""
    here, form = branch_here(branch), SendForm()
    ticket_here(reading(), here, ticket_id)
    if form.validate_on_submit():
        try:
            phone = clean_phone(form.phone.data or "", settings().country)
            return once(lambda session: _send(session, here, ticket_id, phone))
        except DeskError as refusal:
            form.refuse(refusal)
    return slip_page(here, ticket_id, sending=form)


def _send(session: Session, here: Branch, ticket_id: int, phone: str) -> ResponseReturnValue:
    ticket = ticket_here(session, here, ticket_id)
    reaching.send(session, ticket=ticket, branch=here, phone=phone, language=ticket.language)
    flash(i18n.t("reception.send_done", number=ticket.number), "good")
    return redirect(url_for("reception.slip", branch=here.code, ticket_id=ticket_id))


def slip_page(
    here: Branch, ticket_id: int, form: OwnerForm | None = None, sending: SendForm | None = None
) -> Response:
    """The page of a ticket at reception, with the forms that name whose it is and send it to a phone."""
    ticket = ticket_here(reading(), here, ticket_id)
    address = url_for("ticket.show", token=ticket.token, _external=True)
    with i18n.speaking(ticket.language):
        paper = Markup(  # noqa: S704 - our own template, escaped by itself
            render_template(
                "reception/paper.html",
                here=standing.of(reading(), ticket),
                branch=here,
                qr=qr_code.image(address),
                is_asked=ends.will_be_asked(reading(), ticket.service),
            )
        )
    return page(
        "reception/slip.html",
        422 if sending is not None and sending.errors else 200,
        branch=here,
        ticket=ticket,
        paper=paper,
        is_open=is_open(here),
        original=papers.original_of(reading(), ticket.id),
        others=_others(reading(), ticket),
        **room.seen_before(reading(), ticket),
        form=form or OwnerForm(formdata=None),
        sending=sending or SendForm(formdata=None),
        sent=reaching.addresses(reading(), [ticket.id]).get(ticket.id),
        masked=messages.masked,
    )


def _others(session: Session, ticket: Ticket) -> list[Appointment]:
    """Who else of the visit is still expected, and may have come along."""
    return together.still_expected(session, ticket.appointment) if ticket.appointment else []
