"""Who opens the questions by themselves, from the slip, from a ticket or from a missed appointment."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.booking import service as booking
from govdesk.feedback.asking import ends, service
from govdesk.feedback.asking.models import Invitation
from govdesk.once import once
from govdesk.queue.finding import by_token
from govdesk.web import DeskForm, client_address, private_link

bp = Blueprint("asking", __name__)
WINDOW = dt.timedelta(minutes=10)
PRESSES = 60  # in a window, from one address: a hall may share one


@bp.post("/ticket/<token>/tell")
@private_link
def from_ticket(token: str) -> ResponseReturnValue:
    """Go to the questions about a ticket that has ended, the touched face chosen; nobody need be known."""
    return _open(lambda session: ends.open_for_ticket(session, by_token(session, token).id))


@bp.post("/appointment/<token>/tell")
@private_link
def from_appointment(token: str) -> ResponseReturnValue:
    """Go to the questions about an appointment to which nobody came."""
    return _open(lambda session: ends.open_for_appointment(session, booking.by_token(session, token)))


def _open(opened: Callable[[Session], Invitation]) -> ResponseReturnValue:
    DeskForm().validate_on_submit()
    limits.spend("asking.open", client_address(), allowed=PRESSES, window=WINDOW)
    return once(lambda session: _begin(session, opened(session)))


def _begin(session: Session, invitation: Invitation) -> ResponseReturnValue:
    first, face = ends.first_touch(invitation.version), request.form.get("face")
    if first is not None and face:
        service.begin(session, invitation=invitation, answers={first.key: face})
    return redirect(service.LINK.format(invitation.token))
