"""The poster at the back door: its sheet for the printer, and the page that its code opens."""

import datetime as dt

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.actor import VISITOR
from govdesk.cases.obstacles import posters, service
from govdesk.cases.obstacles.rules import MANAGERS
from govdesk.catalog.models import Branch
from govdesk.catalog.service import branch_of
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError
from govdesk.faces import qr_code
from govdesk.faces.admin.acts import pressed
from govdesk.faces.obstacles.acting import bp
from govdesk.faces.obstacles.forms import PosterForm
from govdesk.i18n import LANGUAGES, speaking, t
from govdesk.once import once
from govdesk.web import DeskForm, actor, client_address, page, private_link, staff_only

__all__ = ["bp"]

WINDOW = dt.timedelta(hours=1)
FROM_ONE_PLACE = 10  # a whole branch may share an address
FROM_ONE_POSTER = 40


@bp.get("/posters/<branch>")
@staff_only(*MANAGERS)
def poster(branch: str) -> ResponseReturnValue:
    """The sheet to hang up; without one yet, the button that makes it."""
    here = _managed(branch)
    made = posters.poster_of(reading(), here)
    address = f"{settings().base_address}/obstacles/from/{made.token}" if made else ""
    return page(
        "obstacles/poster.html",
        branch=here,
        poster=made,
        address=address,
        qr=qr_code.image(address, can_grow=True) if made else "",
        poster_words={language: _said_in(language) for language in LANGUAGES},
    )


@bp.post("/posters/<branch>")
@staff_only(*MANAGERS)
def renew(branch: str) -> ResponseReturnValue:
    """Make the poster, or a new one: what hangs there then opens nothing any more."""
    _managed(branch)
    back = url_for("obstacles.poster", branch=branch)

    def act(session: Session) -> str:
        posters.renew(session, actor=actor(), branch=branch_of(session, branch))
        return back

    return pressed(act, "obstacles.poster_made", back)


@bp.route("/from/<token>", methods=["GET", "POST"])
@private_link
def from_poster(token: str) -> ResponseReturnValue:
    """Say what stops good service, without signing in; a name is not needed."""
    form = PosterForm()
    here = posters.branch_of(reading(), token)
    if form.validate_on_submit():
        limits.spend("obstacles.address", client_address(), allowed=FROM_ONE_PLACE, window=WINDOW)
        limits.spend("obstacles.poster", token, allowed=FROM_ONE_POSTER, window=WINDOW)
        try:
            return once(lambda session: _raise(session, form, token))
        except DeskError as refusal:
            form.refuse(refusal)
    return page("obstacles/from_poster.html", form=form, branch=here, token=token)


@bp.get("/from/<token>/thanks")
@private_link
def thanks(token: str) -> ResponseReturnValue:
    """Say what becomes of it."""
    here = posters.branch_of(reading(), token)
    return page("obstacles/thanks.html", branch=here, token=token)


def _raise(session: Session, form: DeskForm, token: str) -> ResponseReturnValue:
    assert isinstance(form, PosterForm)
    service.report(
        session,
        actor=VISITOR,  # also where a member of staff is signed in: nobody asks who it was
        category=form.category.data or "",
        words=form.words.data or "",
        branch=posters.branch_of(session, token),
        name=form.name.data,
    )
    return redirect(url_for("obstacles.thanks", token=token))


def _said_in(language: str) -> dict[str, str]:
    with speaking(language):
        return {"question": t("obstacles.poster_heading"), "say": t("obstacles.poster_lead")}


def _managed(code: str) -> Branch:
    here = branch_of(reading(), code)
    if not actor().may(*MANAGERS, branch_id=here.id):
        raise NotAllowedError
    return here
