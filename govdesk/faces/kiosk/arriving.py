"""Check in at the kiosk: by reference, by its code under camera or reader, by phone or identity number."""

import datetime as dt

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import i18n, limits
from govdesk.booking import service as booking
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import priorities, slips
from govdesk.faces.devices import device, held
from govdesk.faces.kiosk.forms import ArrivalForm
from govdesk.faces.kiosk.tickets import printed
from govdesk.faces.kiosk.views import bp, large, page, while_open
from govdesk.once import once
from govdesk.queue import arrivals, service
from govdesk.web import actor, client_address

LOOKED_UP, WINDOW = 60, dt.timedelta(minutes=10)  # numbers typed at one kiosk


@bp.route("/kiosk/<branch>/appointment", methods=["GET", "POST"])
@device("kiosk")
@while_open
def appointment(branch: Branch) -> ResponseReturnValue:
    """Check in; a number that means several appointments asks which."""
    form = ArrivalForm()
    if form.validate_on_submit():
        own = held()
        try:
            limits.spend(
                "kiosk.find", own.actor.label if own else client_address(), allowed=LOOKED_UP, window=WINDOW
            )
            found = arrivals.expected(reading(), branch, form.reference.data)
            if len(found) > 1:
                return page("kiosk/which.html", branch, found=found)
            reference = found[0].reference
            slips.refuse_without_paper()
            return printed(once(lambda session: _check_in(session, branch, reference)))
        except DeskError as refusal:
            refusal.field = "reference"
            form.refuse(refusal)
    return page("kiosk/appointment.html", branch, form=form)


def _check_in(session: Session, branch: Branch, reference: str) -> ResponseReturnValue:
    found = booking.find(session, reference)
    if found.branch_id != branch.id:
        raise DeskError("kiosk.other_branch", branch=i18n.named(found.branch))
    ticket = service.check_in(
        session, actor=actor(), appointment=found,
        priority=priorities.of_oneself(request.args.get("priority")),
    )  # fmt: skip
    return redirect(url_for("kiosk.given", branch=branch.code, token=ticket.token, large=large()))
