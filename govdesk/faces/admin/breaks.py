"""Why counters rest: the reasons from which officers choose."""

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField

from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import sent
from govdesk.faces.admin.forms import NamedForm
from govdesk.faces.fields import whole
from govdesk.queue import pause_reasons
from govdesk.queue.pause_models import PauseReason
from govdesk.web import actor, page, staff_only


class PauseReasonForm(NamedForm):
    """A reason of a break, or of closing early."""

    position = whole("admin.position", 1, 99, required=False, description="admin.position_hint")
    is_closing = BooleanField("admin.break_is_closing")
    asks_words = BooleanField("admin.break_asks_words")
    is_active = BooleanField("admin.in_use", default=True)


@staff_only("admin")
def breaks() -> ResponseReturnValue:
    """List the reasons, in the order in which officers see them."""
    return page("admin/breaks.html", reasons=pause_reasons.known(reading()))


@staff_only("admin")
def pause_reason(code: str | None = None) -> ResponseReturnValue:
    """Add or change a reason; one that is not wanted any more is taken out of use, not deleted."""
    row = reading().get(PauseReason, code) if code else None
    if code and row is None:
        raise NotFoundError
    form = PauseReasonForm(obj=row)
    if row:
        del form.code
        del form.is_closing

    def act(session: Session) -> str:
        pause_reasons.describe_reason(
            session,
            actor=actor(),
            code=row.code if row else form.code.data or "",
            is_closing=row.is_closing if row else bool(form.is_closing.data),
            position=form.position.data,
            asks_words=bool(form.asks_words.data),
            is_active=bool(form.is_active.data),
            is_new=row is None,
            **form.names(),
        )
        return url_for("admin.breaks")

    return sent(form, act) or page("admin/pause_reason.html", form=form, reason=row)
