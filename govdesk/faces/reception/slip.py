"""The slip of a ticket at reception: printed, handed over, and whose it is."""

from flask import Response, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking.models import Appointment
from govdesk.booking.visit import together
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.faces import qr_code
from govdesk.faces.reception import room
from govdesk.faces.reception.forms import OwnerForm
from govdesk.faces.reception.views import ROLES, bp, branch_here, is_open, ticket_here
from govdesk.faces.ticket import standing
from govdesk.feedback.asking import ends
from govdesk.queue import slips as papers
from govdesk.queue.models import Ticket
from govdesk.web import page, staff_only


@bp.get("/reception/<branch>/tickets/<int:ticket_id>")
@staff_only(*ROLES)
def slip(branch: str, ticket_id: int) -> Response:
    """The slip to print, in the language of the person."""
    return slip_page(branch_here(branch), ticket_id)


def slip_page(here: Branch, ticket_id: int, form: OwnerForm | None = None) -> Response:
    """The page of a ticket at reception, with the form that names whose it is."""
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
        branch=here,
        ticket=ticket,
        paper=paper,
        is_open=is_open(here),
        original=papers.original_of(reading(), ticket.id),
        others=_others(reading(), ticket),
        **room.seen_before(reading(), ticket),
        form=form or OwnerForm(formdata=None),
    )


def _others(session: Session, ticket: Ticket) -> list[Appointment]:
    """Who else of the visit is still expected, and may have come along."""
    return together.still_expected(session, ticket.appointment) if ticket.appointment else []
