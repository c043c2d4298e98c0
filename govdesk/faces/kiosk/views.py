"""The kiosk: language first, then one of three doors; it goes back to its start by itself."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, i18n, limits
from govdesk.booking import service as booking
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.scenarios import scenarios_in_use
from govdesk.catalog.service import calendar_of, offered
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import qr_code
from govdesk.faces.devices import device, held, keep_longer, served_branch
from govdesk.faces.kiosk.forms import PRIORITIES, ArrivalForm, TicketForm
from govdesk.faces.ticket import standing
from govdesk.once import once
from govdesk.people import service as people
from govdesk.queue import live, service
from govdesk.queue.errors import NotOfferedError
from govdesk.queue.finding import by_token
from govdesk.queue.reasons import reason_for
from govdesk.web import actor, client_address, private_link
from govdesk.web import page as web_page

bp = Blueprint("kiosk", __name__)
WINDOW = dt.timedelta(minutes=10)
POSTS = 300  # in a window, from one address: unregistered kiosks of a hall may share one
DEVICE_POSTS = 120  # in a window, from one registered kiosk
KEPT = ("large", "priority")  # what a person chose, carried from page to page
View = Callable[..., ResponseReturnValue]


def while_open(view: View) -> View:
    """Show the page of a branch that is open; outside its hours say so, and give out nothing."""

    @functools.wraps(view)
    def opened(branch: str, **rest: Any) -> ResponseReturnValue:
        here = served_branch(branch)
        calendar = calendar_of(reading(), here, is_strict=False)
        if calendar.is_open(clock.now()):
            if request.method == "POST":
                _spend()
            return view(here, **rest)
        status = 409 if request.method == "POST" else 200
        return page("kiosk/closed.html", here, status, opens=calendar.next_opening(clock.now()))

    return opened


@bp.get("/kiosk/<branch>")
@device("kiosk")
@while_open
def start(branch: Branch) -> Response:
    """Three doors."""
    return keep_longer(page("kiosk/start.html", branch, spread=live.spread(reading(), branch)))


@bp.get("/kiosk/<branch>/priority")
@device("kiosk")
@while_open
def priority(branch: Branch) -> Response:
    """Who the law puts first; one's own word is enough."""
    return page("kiosk/priority.html", branch, priorities=PRIORITIES)


@bp.get("/kiosk/<branch>/help")
@device("kiosk")
@while_open
def help_(branch: Branch) -> Response:
    """Where a person helps."""
    return page("kiosk/help.html", branch)


@bp.route("/kiosk/<branch>/appointment", methods=["GET", "POST"])
@device("kiosk")
@while_open
def appointment(branch: Branch) -> ResponseReturnValue:
    """Check in by the reference, typed or read from its code; a second time gives the same ticket."""
    form = ArrivalForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _check_in(session, branch, form.reference.data))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("kiosk/appointment.html", branch, form=form)


@bp.get("/kiosk/<branch>/services")
@device("kiosk")
@while_open
def services(branch: Branch) -> Response:
    """Every service with its wait now."""
    return page("kiosk/services.html", branch, waits=live.waits(reading(), branch), is_unsure=False)


@bp.get("/kiosk/<branch>/unsure")
@device("kiosk")
@while_open
def unsure(branch: Branch) -> Response:
    """Every service with what it is for."""
    return page("kiosk/services.html", branch, waits=live.waits(reading(), branch), is_unsure=True)


@bp.route("/kiosk/<branch>/services/<service>", methods=["GET", "POST"])
@device("kiosk")
@while_open
def take(branch: Branch, service: str) -> ResponseReturnValue:
    """Take a ticket, with an identity number or without."""
    chosen = _offered(reading(), branch, service)
    form = TicketForm(scenarios_in_use(reading(), [chosen.id]))
    if request.method == "GET" and request.args.get("priority") in PRIORITIES:
        form.priority.data = request.args["priority"]
    if form.validate_on_submit():
        try:
            return once(lambda session: _issue(session, branch, service, form))
        except DeskError as refusal:
            form.refuse(refusal)
    quote = next((quote for one, _count, quote in live.waits(reading(), branch) if one.id == chosen.id), None)
    return page("kiosk/take.html", branch, form=form, service=chosen, quote=quote)


@bp.get("/kiosk/<branch>/ticket/<token>")
@private_link
def given(branch: str, token: str) -> Response:
    """The ticket that was given: number, range, and the code that takes it to one's phone."""
    ticket = by_token(reading(), token)
    here = served_branch(branch)
    if ticket.branch_id != here.id:
        raise NotFoundError
    address = url_for("ticket.show", token=token, _external=True)
    return page("kiosk/given.html", here, here=standing.of(reading(), ticket), qr=qr_code.image(address))


def page(template: str, branch: Branch, status: int = 200, **context: Any) -> Response:
    """A page of the kiosk, with the way back to its start and what the person chose so far."""
    chosen = {name: request.args[name] for name in KEPT if request.args.get(name)}
    home = url_for("kiosk.start", branch=branch.code)

    def way(endpoint: str, **rest: Any) -> str:
        found = {name: value for name, value in (chosen | rest).items() if value is not None}
        return url_for(f"kiosk.{endpoint}", branch=branch.code, **found)

    def here_with(**rest: Any) -> str:
        view = {**(request.view_args or {}), "branch": branch.code}
        found = {name: value for name, value in (chosen | rest).items() if value is not None}
        return url_for(request.endpoint or "kiosk.start", **view, **found)

    return web_page(
        template,
        status,
        branch=branch,
        now=clock.now(),
        way=way,
        here_with=here_with,
        is_large="large" in chosen,
        chosen_priority=chosen.get("priority") if chosen.get("priority") in PRIORITIES[1:] else None,
        start_url=home,
        fresh_url=url_for("public.speak", language=settings().default_language, back=home),
        **context,
    )


def _check_in(session: Session, branch: Branch, typed: str) -> ResponseReturnValue:
    found = booking.find(session, typed)
    if found.branch_id != branch.id:
        raise DeskError("kiosk.other_branch", field="reference", branch=i18n.named(found.branch))
    try:
        ticket = service.check_in(
            session, actor=actor(), appointment=found, priority=request.args.get("priority", "none")
        )
    except DeskError as refusal:
        refusal.field = refusal.field or "reference"
        raise
    return redirect(url_for("kiosk.given", branch=branch.code, token=ticket.token, large=_large()))


def _issue(session: Session, branch: Branch, code: str, form: TicketForm) -> ResponseReturnValue:
    here = session.get_one(Branch, branch.id)
    person = None
    if form.identity_read:
        person = people.identify(
            session, actor=actor(), identity=form.identity_read, language=i18n.language()
        )
    wanted = _offered(session, here, code)
    ticket = service.issue(
        session,
        actor=actor(),
        branch=here,
        service=wanted,
        scenario_id=reason_for(session, form.scenario.data, wanted.id),
        person=person,
        priority=form.priority.data,
        language=i18n.language(),
        channel="kiosk",
    )
    return redirect(url_for("kiosk.given", branch=here.code, token=ticket.token, large=_large()))


def _offered(session: Session, branch: Branch, code: str) -> PublicService:
    found = next((one for one in offered(session, branch) if one.code == code), None)
    if found is None:
        raise NotOfferedError(status=404)
    return found


def _large() -> str | None:
    return "1" if request.args.get("large") else None


def _spend() -> None:
    own = held()
    if own is not None:
        limits.spend("kiosk", own.actor.label, allowed=DEVICE_POSTS, window=WINDOW)
    else:
        limits.spend("kiosk", client_address(), allowed=POSTS, window=WINDOW)
