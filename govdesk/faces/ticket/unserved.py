"""Two questions to who went away unserved: each answer is one touch, and none is demanded."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.ticket.views import PRESSES, WINDOW, bp
from govdesk.feedback.asking import ends
from govdesk.once import once
from govdesk.queue import unserved
from govdesk.queue.finding import by_token
from govdesk.web import DeskForm, actor, client_address, page, private_link

__all__ = ["bp"]

NEEDED = {"yes": True, "no": False}


@bp.route("/ticket/<token>/why", methods=["GET", "POST"])
@private_link
def why(token: str) -> ResponseReturnValue:
    """Say whether one still needs it, and why one went; what was served is asked nothing."""
    form = DeskForm()
    if form.validate_on_submit():
        limits.spend("ticket.why", client_address(), allowed=PRESSES, window=WINDOW)
        try:
            return once(lambda session: _answer(session, token))
        except DeskError as refusal:
            form.refuse(refusal)
    session = reading()
    ticket = by_token(session, token)
    if ticket.state not in unserved.ASKED and not form.errors:
        return redirect(url_for("ticket.show", token=token))
    return page(
        "ticket/why.html",
        form=form,
        token=token,
        ticket=ticket,
        branch=session.get_one(Branch, ticket.branch_id),
        answer=unserved.answer_of(session, ticket),
        reasons=unserved.reasons_for(ticket) if unserved.may_answer(session, ticket) else (),
        asked=ends.asked_about(session, ticket),
    )


def _answer(session: Session, token: str) -> ResponseReturnValue:
    unserved.answer(
        session,
        actor=actor(),
        ticket_id=by_token(session, token).id,
        is_needed=NEEDED.get(request.form.get("needed", "")),
        reason=request.form.get("reason") or None,
    )
    return redirect(url_for("ticket.why", token=token))
