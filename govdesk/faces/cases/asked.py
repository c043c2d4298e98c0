"""The person's own page: what the office asked, and the answer to it. Looking at it changes nothing."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.cases.file_models import CaseAsk
from govdesk.cases.models import Case
from govdesk.cases.work import asking, lists, telling
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.cases.forms import AnswerForm
from govdesk.faces.ticket.views import PRESSES, WINDOW
from govdesk.once import once
from govdesk.web import actor, client_address, page, private_link

bp = Blueprint("asked", __name__)


@bp.route("/asked/<token>", methods=["GET", "POST"])
@private_link
def show(token: str) -> ResponseReturnValue:
    """Say what is asked, take the answer, confirm that it has come."""
    form = AnswerForm()
    if form.validate_on_submit():
        limits.spend("case.answer", client_address(), allowed=PRESSES, window=WINDOW)
        try:
            return once(lambda session: _answered(session, token, form.words.data or ""))
        except DeskError as refusal:
            if refusal.field is None and refusal.status != 410:  # noqa: PLR2004 - HTTP: over
                raise
            form.refuse(refusal)
    session = reading()
    ask = asking.asked_by(session, token)
    case = session.get_one(Case, ask.act.case_id)
    return page(
        "cases/asked.html",
        form=form,
        token=token,
        ask=ask,
        case=case,
        branch=None if case.branch_id is None else session.get(Branch, case.branch_id),
        until=lists.last_day(ask.ends_at, telling.zone_of(session, case)),
        state=_state(ask),
    )


def _answered(session: Session, token: str, words: str) -> ResponseReturnValue:
    asking.answer(session, actor=actor(), token=token, words=words)
    return redirect(url_for("asked.show", token=token))


def _state(ask: CaseAsk) -> str:
    """Where it stands: open, answered, or over (the day has come, or it is no longer needed)."""
    if ask.ended_by == "answer":
        return "answered"
    return "open" if asking.is_open(ask) else "over"
