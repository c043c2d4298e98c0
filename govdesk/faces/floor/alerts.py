"""Alerts of the hall: somebody says that they have seen one and take care."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.faces.floor.views import bp, branch_of
from govdesk.once import once
from govdesk.queue import alerts
from govdesk.web import actor, staff_only


@bp.post("/<branch>/alerts/<int:alert_id>/acknowledge")
@staff_only(*alerts.HELPERS)
def acknowledge_alert(branch: str, alert_id: int) -> ResponseReturnValue:
    """Take care of it."""

    def act(session: Session) -> ResponseReturnValue:
        here = branch_of(session, branch)
        alerts.acknowledge(session, actor=actor(), branch=here, alert_id=alert_id)
        return redirect(url_for("floor.show", branch=branch))

    return once(act)
