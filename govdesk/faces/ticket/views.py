"""The private page of a ticket: where one stands, live; and the way out of the queue."""

import datetime as dt

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, limits
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import polling
from govdesk.faces.ticket import standing
from govdesk.once import once
from govdesk.queue import service
from govdesk.queue.finding import by_token
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm, actor, client_address, page, private_link

bp = Blueprint("ticket", __name__)
WINDOW = dt.timedelta(minutes=10)
LEAVINGS = 60  # in a window, from one address: a hall may share one


@bp.get("/ticket/<token>")
@private_link
def show(token: str) -> Response:
    """Number, people ahead, wait, promise, thread; after the service a closing sentence."""
    ticket = by_token(reading(), token)
    here = standing.of(reading(), ticket)
    return page(
        "ticket/show.html", here=here, token=token, now=clock.now(), version=_version(reading(), ticket)
    )


@bp.get("/ticket/<token>/state.json")
@private_link
def state(token: str) -> Response:
    """The same as data, for the page's own script."""
    session = reading()
    ticket = by_token(session, token)
    return polling.answer(_version(session, ticket), lambda: standing.of(session, ticket).as_json())


@bp.route("/ticket/<token>/leave", methods=["GET", "POST"])
@private_link
def leave(token: str) -> ResponseReturnValue:
    """Ask before giving the place up; give it up."""
    form = DeskForm()
    if form.validate_on_submit():
        limits.spend("ticket.leave", client_address(), allowed=LEAVINGS, window=WINDOW)
        try:
            return once(lambda session: _leave(session, token))
        except DeskError as refusal:
            form.refuse(refusal)
    here = standing.of(reading(), by_token(reading(), token))
    if not here.may_leave and not form.errors:
        return redirect(url_for("ticket.show", token=token))
    return page("ticket/leave.html", form=form, here=here, token=token)


def _leave(session: Session, token: str) -> ResponseReturnValue:
    service.abandon(session, actor=actor(), ticket_id=by_token(session, token).id)
    return redirect(url_for("ticket.show", token=token))


def _version(session: Session, ticket: Ticket) -> str:
    branch = session.get_one(Branch, ticket.branch_id)
    return polling.version(session, branch, own=f"-{ticket.id}-{ticket.state}")
