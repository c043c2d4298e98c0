"""The private page of a ticket: where one stands, live; what one may do about it; and the way out."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n, limits
from govdesk.cases import places_ahead
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import followers
from govdesk.faces.fields import line, tidy
from govdesk.faces.ticket import standing
from govdesk.feedback.answers.parts import first_touch
from govdesk.feedback.asking import ends
from govdesk.feedback.forms.service import form_of
from govdesk.i18n import latin_digits
from govdesk.once import once
from govdesk.people.contact import clean_phone
from govdesk.queue import own_turn, reaching, service
from govdesk.queue.errors import WrongStepError
from govdesk.queue.finding import by_token
from govdesk.queue.models import Ticket
from govdesk.queue.rules import LIVE
from govdesk.web import DeskForm, actor, client_address, page, private_link

bp = Blueprint("ticket", __name__)
WINDOW = dt.timedelta(minutes=10)
PRESSES = 60  # in a window, from one address: a hall may share one
CODES = 8  # typed in a window for one ticket
KEPT_DAYS = dt.timedelta(days=1)  # a link lives until the end of the day after


class PresenceForm(DeskForm):
    """The code of the day, which only who is on site can read."""

    code = line(
        "ticket.code",
        longest=20,
        filters=[tidy, latin_digits],
        render_kw={"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"},
    )


class TellForm(DeskForm):
    """The phone on which the holder wants to be told."""

    phone = line(
        "ticket.tell_phone",
        longest=40,
        filters=[tidy],
        render_kw={"dir": "ltr", "inputmode": "tel", "autocomplete": "tel"},
    )


@bp.get("/ticket/<token>")
@private_link
def show(token: str) -> Response:
    """Number, people ahead, wait, promise, thread; after the service a closing sentence."""
    ticket = _living(reading(), token)
    version = followers.followers().follow(ticket).tag
    now = standing.of(reading(), ticket)
    asked = ends.asked_about(reading(), ticket)
    return page(
        "ticket/show.html",
        here=now,
        token=token,
        now=clock.now(),
        version=version,
        state=now.as_json(),
        is_our_mistake=ticket.is_our_mistake and ticket.state in LIVE,
        place_ahead=places_ahead.of_ticket(reading(), ticket),
        is_told=reaching.is_reached(reading(), ticket),
        asked=asked,
        first=first_touch(form_of(asked)) if asked else None,
    )


@bp.get("/ticket/<token>/state.json")
@private_link
def state(token: str) -> Response:
    """The same as data, for the page's own script; mostly answered from memory, before it comes here."""
    ticket = _living(reading(), token)
    return followers.answer(followers.followers().follow(ticket))


@bp.route("/ticket/<token>/leave", methods=["GET", "POST"])
@private_link
def leave(token: str) -> ResponseReturnValue:
    """Ask before giving the place up; give it up."""
    return _asked(token, "leave", service.abandon, lambda here: here.may_leave)


@bp.route("/ticket/<token>/push-back", methods=["GET", "POST"])
@private_link
def push_back(token: str) -> ResponseReturnValue:
    """Ask before letting others pass; let them."""
    return _asked(token, "push_back", own_turn.push_back, lambda here: here.may_push_back)


@bp.route("/ticket/<token>/rejoin", methods=["GET", "POST"])
@private_link
def rejoin(token: str) -> ResponseReturnValue:
    """Ask before coming back; come back."""
    return _asked(token, "rejoin", own_turn.rejoin, lambda here: here.may_rejoin)


@bp.route("/ticket/<token>/here", methods=["GET", "POST"])
@private_link
def here(token: str) -> ResponseReturnValue:
    """Say that one is on site, by the code that hangs there."""
    form = PresenceForm()
    if form.validate_on_submit():
        limits.spend("ticket.here", token, allowed=CODES, window=WINDOW)
        try:
            return once(lambda session: _arrive(session, token, form.code.data or ""))
        except DeskError as refusal:
            form.refuse(refusal)
    now = standing.of(reading(), _living(reading(), token))
    if not now.is_away and not form.errors:
        return redirect(url_for("ticket.show", token=token))
    return page("ticket/here.html", form=form, here=now, token=token)


@bp.route("/ticket/<token>/by-message", methods=["GET", "POST"])
@private_link
def tell(token: str) -> ResponseReturnValue:
    """Ask on which phone the holder wants to be told, and send the ticket there."""
    form = TellForm()
    if form.validate_on_submit():
        limits.spend("ticket.tell", client_address(), allowed=PRESSES, window=WINDOW)
        try:
            phone = clean_phone(form.phone.data or "", settings().country)
            return once(lambda session: _tell(session, token, phone))
        except DeskError as refusal:
            form.refuse(refusal)
    now = standing.of(reading(), _living(reading(), token))
    if not now.may_leave and not form.errors:
        return redirect(url_for("ticket.show", token=token))
    return page("ticket/tell.html", form=form, here=now, token=token)


def _asked(
    token: str,
    what: str,
    act: Callable[..., Ticket],
    is_possible: Callable[[standing.Standing], bool],
) -> ResponseReturnValue:
    """Show the question of one act, or do it once; what is not possible leads back to the ticket."""
    form = DeskForm()
    if form.validate_on_submit():
        limits.spend(f"ticket.{what}", client_address(), allowed=PRESSES, window=WINDOW)
        try:
            return once(lambda session: _act(session, token, act))
        except DeskError as refusal:
            form.refuse(refusal)
    found = standing.of(reading(), _living(reading(), token))
    is_open = is_possible(found)
    if not is_open and not form.errors:
        return redirect(url_for("ticket.show", token=token))
    return page("ticket/ask.html", form=form, here=found, token=token, what=what, is_open=is_open)


def _act(session: Session, token: str, act: Callable[..., Ticket]) -> ResponseReturnValue:
    act(session, actor=actor(), ticket_id=_living(session, token).id)
    return redirect(url_for("ticket.show", token=token))


def _arrive(session: Session, token: str, code: str) -> ResponseReturnValue:
    own_turn.arrive(session, actor=actor(), ticket_id=_living(session, token).id, code=code)
    return redirect(url_for("ticket.show", token=token))


def _tell(session: Session, token: str, phone: str) -> ResponseReturnValue:
    ticket = _living(session, token)
    if ticket.state not in LIVE:
        raise WrongStepError(state=ticket.state)
    branch = session.get_one(Branch, ticket.branch_id)
    reaching.send(session, ticket=ticket, branch=branch, phone=phone, language=i18n.language())
    return redirect(url_for("ticket.show", token=token))


def _living(session: Session, token: str) -> Ticket:
    """The ticket of a link that is not too old; NotFoundError after its day and the one that follows."""
    ticket = by_token(session, token)
    zone = session.get_one(Branch, ticket.branch_id).timezone
    if clock.local_day(clock.now(), zone) > ticket.day + KEPT_DAYS:
        raise NotFoundError
    return ticket
