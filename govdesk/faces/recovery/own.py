"""The person's own page of a task: what went wrong, what we did, and the word that closes it."""

import datetime as dt

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import clock, limits
from govdesk.cases.recovery import finding, redressing, service
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.recovery.forms import SayForm
from govdesk.faces.recovery.views import bp
from govdesk.once import once
from govdesk.web import actor, client_address, page, private_link

__all__ = ["bp"]

PRESSES, WINDOW = 30, dt.timedelta(minutes=10)


@bp.get("/recovery/<token>")
@private_link
def show(token: str) -> Response:
    """Look; nothing is closed by looking."""
    return _page(token, SayForm(formdata=None))


@bp.post("/recovery/<token>/good")
@private_link
def good(token: str) -> ResponseReturnValue:
    """Say that it is good."""
    return _said(token, is_good=True)


@bp.post("/recovery/<token>/not-yet")
@private_link
def not_yet(token: str) -> ResponseReturnValue:
    """Say that it is not."""
    return _said(token, is_good=False)


def _said(token: str, *, is_good: bool) -> ResponseReturnValue:
    form = SayForm()

    def act(session: Session) -> ResponseReturnValue:
        task = finding.by_token(session, token)
        service.answer(session, actor=actor(), task=task, is_good=is_good, words=form.words.data or "")
        return redirect(url_for("recovery.show", token=token))

    if form.validate_on_submit():
        try:
            limits.spend("recovery.say", client_address(), allowed=PRESSES, window=WINDOW)
            return once(act)
        except DeskError as refusal:
            form.refuse(refusal)
    return _page(token, form)


def _page(token: str, form: SayForm) -> Response:
    session = reading()
    task = finding.by_token(session, token)
    steps = finding.steps_of(session, task)
    said = [step for step in steps if step.kind in {"said_good", "said_not_good"} and step.actor == "person"]
    return page(
        "recovery/own.html",
        form=form,
        task=task,
        triggers=[one for one in finding.triggers_of(session, task) if one.spared is None],
        redress=[row for row in redressing.of(session, task) if row.state == "given"],
        last=said[-1] if said else None,
        local_day=clock.local_day,
    )
