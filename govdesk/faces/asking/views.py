"""Who opens the questions by themselves, from the slip, from a ticket or from a missed appointment.

As where they are answered, nothing is written by `once`: it would keep the address of the link, with its
secret and the moment, for days. Opened twice is opened once by itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.booking import service as booking
from govdesk.db import transaction
from govdesk.faces.answering.browsers import browser, remember
from govdesk.feedback.answers import drafting
from govdesk.feedback.answers.parts import first_touch
from govdesk.feedback.asking import ends, service
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.rules import checked
from govdesk.feedback.forms.service import form_of
from govdesk.queue.finding import by_token
from govdesk.web import client_address, private_link

bp = Blueprint("asking", __name__)
WINDOW = dt.timedelta(minutes=10)
PRESSES = 1200  # in a window, from one address: many phones of a network share one


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
    limits.spend_reading("asking.open", client_address(), allowed=PRESSES, window=WINDOW)
    with transaction() as session:
        invitation = opened(session)
        _begin(invitation, request.form.get("face"))
        return remember(make_response(redirect(service.LINK.format(invitation.token))))


def _begin(invitation: Invitation, face: str | None) -> None:
    """Keep a touched face as the beginning of the form; what else is filled in stays."""
    form = form_of(invitation.version)
    touch = first_touch(form)
    if touch is None or not face or not service.is_open(invitation):
        return
    mine = drafting.begun_in(invitation, browser(invitation.token))
    given = {**mine.answers, touch.key: face}
    kept, refused = checked(form, given, is_final=False)
    if not refused:
        drafting.keep(invitation, replace(mine, answers=kept, browser=browser(invitation.token)))
