"""Close a branch in an emergency, on a page that says first what will happen; and open it again."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.catalog.entries import Name
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.floor.reasons import WhyForm
from govdesk.faces.floor.views import bp, branch_of
from govdesk.i18n import named
from govdesk.once import once
from govdesk.queue import emergency
from govdesk.web import actor, page, staff_only


class EmergencyForm(WhyForm):
    """Why the branch closes, as people are told it."""

    OFTEN = ("fire", "power", "systems", "security", "weather")


@bp.route("/<branch>/emergency", methods=["GET", "POST"])
@staff_only(*emergency.CLOSERS)
def close_branch(branch: str) -> ResponseReturnValue:
    """What closing now does; close."""
    here = branch_of(reading(), branch)
    form = EmergencyForm()
    if form.validate_on_submit():
        try:
            return once(lambda session: _close(session, branch, form.reason))
        except DeskError as refusal:
            form.refuse(refusal)
    return page(
        "floor/emergency.html", form=form, branch=here, place=named(here),
        outlook=emergency.outlook(reading(), here), closed=emergency.closed(reading(), here),
    )  # fmt: skip


@bp.post("/<branch>/emergency/reopen")
@staff_only(*emergency.CLOSERS)
def reopen_branch(branch: str) -> ResponseReturnValue:
    """Give tickets again."""

    def act(session: Session) -> ResponseReturnValue:
        emergency.reopen(session, actor=actor(), branch=branch_of(session, branch))
        return redirect(url_for("floor.show", branch=branch))

    return once(act)


def _close(session: Session, code: str, reason: Name) -> ResponseReturnValue:
    emergency.close(session, actor=actor(), branch=branch_of(session, code), reason=reason)
    return redirect(url_for("floor.close_branch", branch=code))
