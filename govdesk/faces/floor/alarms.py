"""The silent alarm, raised from any page of staff; it and the alerts are answered on the floor."""

from flask import Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.floor.views import ROLES, bp, branch_of
from govdesk.i18n import named
from govdesk.once import once
from govdesk.queue import alarms, seeing
from govdesk.web import actor, page, staff_only


@bp.post("/<branch>/alarm")
@staff_only(*alarms.RAISERS)
def call_help(branch: str) -> ResponseReturnValue:
    """Call for help; the page of who pressed stays as it was."""

    def act(session: Session) -> ResponseReturnValue:
        here = session.scalars(select(Branch).where(Branch.code == branch)).one_or_none()
        if here is None:
            raise NotFoundError
        raised = alarms.call_help(session, actor=actor(), branch=here)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(sent=True)
        if raised.counter_id is not None:
            return redirect(url_for("counter.bench"))
        return redirect(_where_one_works(here))

    return once(act)


def _where_one_works(here: Branch) -> str:
    if actor().may("reception", "supervisor", branch_id=here.id):
        return url_for("reception.desk", branch=here.code)
    if actor().may(*ROLES, branch_id=here.id):
        return url_for("floor.show", branch=here.code)
    return url_for("staff.home")


@bp.post("/<branch>/<any('alarms', 'alerts'):kind>/<int:row_id>/acknowledge")
@staff_only(*seeing.HELPERS)
def acknowledge(branch: str, kind: str, row_id: int) -> ResponseReturnValue:
    """Go there, or take care of it."""

    def act(session: Session) -> ResponseReturnValue:
        here = branch_of(session, branch)
        seeing.acknowledge(session, actor=actor(), branch=here, kind=kind, row_id=row_id)
        return redirect(url_for("floor.show", branch=branch))

    return once(act)


@bp.get("/<branch>/alarms")
@staff_only(*ROLES)
def alarm_list(branch: str) -> Response:
    """Who called for help in the last months, and who went."""
    here = branch_of(reading(), branch)
    found = alarms.lately(reading(), here.id)
    return page("floor/alarms.html", branch=here, place=named(here), alarms=found)
