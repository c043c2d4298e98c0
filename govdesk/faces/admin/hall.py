"""When the hall of a branch asks for a hand: the minutes beyond which the floor shows an alert."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.fields import whole
from govdesk.queue import limits
from govdesk.queue.thresholds import Limits
from govdesk.web import DeskForm, actor, page, staff_only


class HallForm(DeskForm):
    """The four lengths, in minutes."""

    idle = whole("admin.hall_idle", limits.LEAST["idle"], limits.MOST["idle"])
    unserved = whole("admin.hall_unserved", limits.LEAST["unserved"], limits.MOST["unserved"])
    wrap_up = whole("admin.hall_wrap_up", limits.LEAST["wrap_up"], limits.MOST["wrap_up"])
    soon = whole("admin.hall_soon", limits.LEAST["soon"], limits.MOST["soon"])


@staff_only("admin")
def hall(branch_id: int) -> ResponseReturnValue:
    """Change when the floor of a branch is alerted."""
    row = found(reading(), Branch, branch_id)
    if row.is_imported:
        raise NotFoundError
    form = HallForm(obj=limits.of(reading(), branch_id))

    def act(session: Session) -> str:
        wanted = Limits(**{name: form[name].data for name in limits.NAMES})
        limits.set_limits(session, actor=actor(), branch=session.get_one(Branch, branch_id), wanted=wanted)
        return url_for("admin.hall", branch_id=branch_id)

    return sent(form, act) or page("admin/hall.html", form=form, branch=row)
