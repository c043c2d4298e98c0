"""The floor: who serves, who waits, what asks for a hand; it refreshes by itself."""

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.booking.hours import stops
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.faces.floor import hall
from govdesk.queue import alarms, alerts, live
from govdesk.web import actor, page, staff_only

bp = Blueprint("floor", __name__, url_prefix="/floor")
ROLES = ("supervisor", "head", "admin")


@bp.get("/<branch>")
@staff_only(*ROLES)
def show(branch: str) -> Response:
    """The branch as it is now."""
    found = branch_of(reading(), branch)
    return page(
        "floor/show.html",
        place=i18n.named(found),
        may_stop=actor().may(*stops.STOPPERS, branch_id=found.id),
        calling=alarms.calling(reading(), found.id),
        **hall.now_in(reading(), found),
    )


@bp.get("/<branch>/live.json")
@staff_only(*ROLES)
def live_json(branch: str) -> Response:
    """The same as HTML in JSON; 304 while nothing has changed and no quarter of a minute has passed."""
    found = branch_of(reading(), branch)
    moment = int(clock.now().timestamp() // 15)
    answer = jsonify()
    calling = [one.id for one in alarms.calling(reading(), found.id)]
    alert = [(one.id, one.acknowledged_by) for one in alerts.lasting(reading(), found.id)]
    answer.set_etag(f"{live.version(reading(), found)}-{moment}-{i18n.language()}-{calling}-{alert}")
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(answer.get_etag()[0] or ""):
        answer.status_code = 304
        return answer
    html = render_template("floor/now.html", **hall.now_in(reading(), found))
    banner = render_template("floor/calling.html", branch=found, calling=alarms.calling(reading(), found.id))
    answer.set_data(jsonify(html=html, calling=banner).get_data())
    return answer


def branch_of(session: Session, code: str) -> Branch:
    """The branch whose floor the actor may see. Raises NotFoundError, NotAllowedError."""
    found = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if found is None:
        raise NotFoundError
    if not actor().may(*ROLES, branch_id=found.id):
        raise NotAllowedError
    return found
