"""Who stands at the door: the guard of pages for registered screens, and how a screen is paired."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from govdesk import cookies, limits
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.fields import tidy
from govdesk.i18n import latin_digits
from govdesk.once import once
from govdesk.queue import devices
from govdesk.queue.device_models import Device
from govdesk.queue.devices import DeviceUnknownError, Held
from govdesk.web import DeskForm, View, actor, client_address, page, public, wants_json

bp = Blueprint("devices", __name__)
COOKIE = "govdesk_device"
KEPT = dt.timedelta(days=400)  # the longest that browsers keep one; each visit of its page begins it anew
TRIES, WINDOW = 10, dt.timedelta(minutes=10)  # codes typed from one address
LOOKERS = ("reception", "supervisor", "admin")  # may look at a screen of their branch in their own browser
# where a device of each kind stands
PAGES = {"kiosk": "kiosk.start", "board": "board.show", "exit": "answering.tablet"}


class PairForm(DeskForm):
    """The code from the administrator's screen."""

    code = StringField(
        "devices.code",
        [InputRequired("devices.code_missing"), Length(max=40, message="errors.too_long")],
        filters=[tidy, latin_digits],
    )


def device(*kinds: str) -> Callable[[View], View]:
    """Let in a registered device of one of these kinds at the branch in the address.

    Staff of the branch may look too, and where the branch does not demand registration so may anybody: only
    a device that was revoked is refused even there. Who was let in is `actor()`; a device is in `held()`.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, branch: str, **rest: Any) -> ResponseReturnValue:
            here = served_branch(branch)
            shown = _shown_by_browser()
            if shown is not None and not shown.is_revoked and _belongs(shown, here, kinds):
                g.held_device, g.device_actor, g.device = shown, shown.actor, shown.actor.label
                devices.note_seen(shown)
            elif (shown is not None and shown.is_revoked) or not _may_look(here):
                return _refuse(here, is_revoked=shown is not None and shown.is_revoked)
            answer: ResponseReturnValue = view(*args, branch=branch, **rest)
            return answer

        guarded.guard = "device:" + ",".join(kinds)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


def held() -> Held | None:
    """The registered device that asks; None for any other browser."""
    found: Held | None = g.get("held_device")
    return found


def served_branch(code: str) -> Branch:
    """The branch in use with this code, or NotFoundError."""
    branch = branch_of(reading(), code)
    if not branch.is_active or branch.is_imported:
        raise NotFoundError
    return branch


@bp.route("/device", methods=["GET", "POST"])
@public
def pair() -> ResponseReturnValue:
    """Type the code that the administrator's screen shows; from then on this browser is that device.

    The secret goes into a cookie of this answer alone, not into the answer that is kept for a second press.
    """
    form = PairForm()
    made: list[str] = []
    if form.validate_on_submit():
        limits.spend("devices.pair", client_address(), allowed=TRIES, window=WINDOW)
        try:
            answer = once(lambda session: _pair(session, form.code.data or "", made))
        except DeskError as refusal:
            form.refuse(refusal)
        else:
            if made:
                _keep(answer, made[0])
            return answer
    shown = _shown_by_browser()
    own = reading().get(Device, shown.device_id) if shown and not shown.is_revoked else None
    return page("devices/pair.html", form=form, own=own, page_url=_page_of(own) if own else None)


def keep_longer(answer: Response) -> Response:
    """Begin the life of a device's cookie anew, so that one in use never runs out."""
    secret = request.cookies.get(COOKIE)
    if held() is not None and secret:
        _keep(answer, secret)
    return answer


def _pair(session: Session, code: str, made: list[str]) -> ResponseReturnValue:
    paired, secret = devices.pair(session, actor=actor(), code=code)
    made[:] = [secret]
    return redirect(_page_of(paired))


def _page_of(own: Device) -> str:
    endpoint = PAGES.get(own.kind)
    return url_for(endpoint, branch=own.branch.code) if endpoint else url_for("devices.pair")


def _keep(answer: Response, secret: str) -> None:
    secure = cookies.are_secure()
    answer.set_cookie(COOKIE, secret, max_age=KEPT, secure=secure, httponly=True, samesite="Lax")


def _shown_by_browser() -> Held | None:
    secret = request.cookies.get(COOKIE)
    return devices.holder_of(reading(), secret) if secret else None


def _belongs(shown: Held, here: Branch, kinds: tuple[str, ...]) -> bool:
    return shown.branch_id == here.id and shown.kind in kinds


def _may_look(here: Branch) -> bool:
    return not here.demands_devices or actor().may(*LOOKERS, branch_id=here.id)


def _refuse(here: Branch, *, is_revoked: bool) -> ResponseReturnValue:
    key = "devices.revoked_say" if is_revoked else None
    if wants_json():
        raise DeviceUnknownError(key)
    return page("devices/refused.html", 403, branch=here, key=key or DeviceUnknownError.key)
