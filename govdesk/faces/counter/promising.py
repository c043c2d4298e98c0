"""A promise from the counter: what, and by when."""

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.cases.commitments import service as commitments
from govdesk.faces.counter.by_hand import bp
from govdesk.faces.counter.forms import PromiseForm
from govdesk.faces.counter.promise_card import PROMISE
from govdesk.faces.counter.reasons import carried
from govdesk.faces.counter.views import fill
from govdesk.i18n import date_long, t
from govdesk.queue.finding import in_hands_of
from govdesk.web import actor, staff_only

__all__ = ["bp"]


@bp.post("/ticket/<int:ticket_id>/promise")
@staff_only("officer")
def promise(ticket_id: int) -> ResponseReturnValue:
    """Promise the person something by a day."""
    form = PromiseForm(prefix=PROMISE)

    def act(session: Session) -> dict[str, str]:
        in_hands_of(session, ticket_id, actor())
        given = commitments.promise(
            session,
            actor=actor(),
            to=commitments.to_ticket(session, ticket_id),
            what=form.what.data or "",
            due_on=form.due_on.data,
        )
        flash(t("commitments.said_made", day=date_long(given.due_on)), "good")
        return carried(session, ticket_id)

    return fill(form, ticket_id, act)
