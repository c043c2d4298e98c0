"""The kiosk: language first, then one of three doors; it goes back to its start by itself."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from govdesk import clock, limits
from govdesk.booking.hours.closures import shut_now, stopped
from govdesk.booking.hours.opening import opening_of
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.priorities import NONE
from govdesk.catalog.service import calendar_of, offered
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces import priorities, qr_code
from govdesk.faces.devices import device, held, keep_longer, served_branch
from govdesk.faces.opening import words
from govdesk.i18n import t
from govdesk.queue import live
from govdesk.queue.errors import NotOfferedError
from govdesk.web import client_address, problem, wants_json
from govdesk.web import page as web_page

bp = Blueprint("kiosk", __name__)
WINDOW = dt.timedelta(minutes=10)
POSTS = 300  # in a window, from one address: unregistered kiosks of a hall may share one
DEVICE_POSTS = 120  # in a window, from one registered kiosk
KEPT = ("large", "priority")  # what a person chose, carried from page to page
ANSWER = "q."  # before the code of a question of the guide, in an address
View = Callable[..., ResponseReturnValue]


def while_open(view: View) -> View:
    """Show the page of a branch that is open; outside its hours say so, and give out nothing."""

    @functools.wraps(view)
    def opened(branch: str, **rest: Any) -> ResponseReturnValue:
        here = g.kiosk_branch = served_branch(branch)
        calendar = calendar_of(reading(), here, is_strict=False)
        shut = shut_now(reading(), here)
        if calendar.is_open(clock.now()) and shut is None:
            if request.method == "POST":
                _spend()
            return view(here, **rest)
        status = 409 if request.method == "POST" else 200
        opening = opening_of(reading(), here)
        booking = qr_code.image(url_for("citizen.home", _external=True)) if shut else ""
        return page(
            "kiosk/closed.html", here, status, opens=shut.until if shut else opening.opens, shut=shut,
            why=words(opening.why) if opening.why else "", qr=booking,
        )  # fmt: skip

    return opened


@bp.get("/kiosk/<branch>")
@device("kiosk")
@while_open
def start(branch: Branch) -> Response:
    """Three doors; where no tickets are given for a while, also why and until when."""
    stop, spread = stopped(reading(), branch), live.spread(reading(), branch)
    return keep_longer(page("kiosk/start.html", branch, spread=spread, stop=stop))


@bp.get("/kiosk/<branch>/priority")
@device("kiosk")
@while_open
def priority(branch: Branch) -> Response:
    """Who the law puts first; one's own word is enough."""
    offered, meanings = priorities.choices_of_oneself(), priorities.meanings()
    return page("kiosk/priority.html", branch, priorities=offered, meanings=meanings)


@bp.get("/kiosk/<branch>/help")
@device("kiosk")
@while_open
def help_(branch: Branch) -> Response:
    """Where a person helps."""
    return page("kiosk/help.html", branch)


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


@bp.get("/kiosk/<branch>/<path:elsewhere>")
@device("kiosk")
def elsewhere(branch: str, elsewhere: str) -> ResponseReturnValue:  # noqa: ARG001 - wherever it is
    """Lead an unknown address below the kiosk's to its start: nobody is left standing outside."""
    return redirect(url_for("kiosk.start", branch=branch))


def offered_here(branch: Branch, code: str) -> PublicService:
    """The service with this code, if the branch offers it. Raises NotOfferedError."""
    found = next((one for one in offered(reading(), branch) if one.code == code), None)
    if found is None:
        raise NotOfferedError(status=404)
    return found


def page(template: str, branch: Branch, status: int = 200, **context: Any) -> Response:
    """A page of the kiosk, with the way back to its start and what the person chose so far."""
    chosen = carried()
    home = url_for("kiosk.start", branch=branch.code)

    def way_to(endpoint: str, **rest: Any) -> str:
        found = {name: value for name, value in (chosen | rest).items() if value is not None}
        return url_for(f"kiosk.{endpoint}", branch=branch.code, **found)

    def here_with(**rest: Any) -> str:
        view = {**(request.view_args or {}), "branch": branch.code}
        kept = chosen | answers() | rest
        found = {name: value for name, value in kept.items() if value is not None}
        return url_for(request.endpoint or "kiosk.start", **view, **found)

    return web_page(
        template,
        status,
        branch=branch,
        now=clock.now(),
        way=way_to,
        here_with=here_with,
        is_large="large" in chosen,
        has_priorities=len(priorities.choices_of_oneself()) > 1 or bool(priorities.by_reception()),
        chosen_priority=_priority(chosen.get("priority")),
        start_url=home,
        fresh_url=url_for("public.speak", language=settings().default_language, back=home),
        **context,
    )


def _priority(code: str | None) -> str | None:
    """The name of the group that was chosen; None where none was."""
    said = priorities.of_oneself(code)
    return None if said == NONE else priorities.name_of(said)


def carried() -> dict[str, str]:
    """What a person chose so far and every further page keeps."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def answers() -> dict[str, str]:
    """What a person answered so far to the questions of the guide."""
    return {name: value for name, value in request.args.items() if name.startswith(ANSWER)}


def large() -> str | None:
    """Whether the person reads larger text, to be carried on."""
    return "1" if request.args.get("large") else None


@bp.errorhandler(CSRFError)
def _stale(_error: CSRFError) -> Response:
    return _refused(DeskError("errors.form_expired", status=400))


@bp.errorhandler(HTTPException)
def _wrong(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - HTTP
        return error.get_response()
    known = error.code if error.code in {400, 404, 405, 413} else 400
    return _refused(DeskError(f"errors.body_{known}", status=error.code))


@bp.errorhandler(DeskError)
def _refused(error: DeskError) -> Response:
    """Say a refusal on a page from which only the start is reached."""
    code = (request.view_args or {}).get("branch", "").replace("\0", "")  # which no database takes
    try:
        here = g.get("kiosk_branch") or served_branch(code)
    except NotFoundError:
        return problem(error)
    if wants_json():
        return problem(error)
    g.pop("refusal_status", None)
    answer = page("kiosk/refused.html", here, error.status, sentence=t(error.key, **error.params))
    if "seconds" in error.params:
        answer.headers["Retry-After"] = str(error.params["seconds"])
    return answer


def _spend() -> None:
    own = held()
    if own is not None:
        limits.spend("kiosk", own.actor.label, allowed=DEVICE_POSTS, window=WINDOW)
    else:
        limits.spend("kiosk", client_address(), allowed=POSTS, window=WINDOW)
