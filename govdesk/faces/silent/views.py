"""The list of the silent ones, a call with what was said, and the person's page with one question."""

import datetime as dt

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk import limits
from govdesk.cases.silent import listing, rules, service
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.admin.acts import sent
from govdesk.faces.fields import text
from govdesk.i18n import t
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.once import once
from govdesk.web import DeskForm, actor, client_address, page, private_link, staff_only

bp = Blueprint("silent", __name__)
WINDOW = dt.timedelta(hours=1)
PRESSES = 60
NOT_REACHED = "not_reached"


class CallForm(DeskForm):
    """What came of a call."""

    answer = RadioField(
        "silent.what_came",
        choices=[SelectChoice(one, f"silent.said_{one}") for one in (*rules.ANSWERS, NOT_REACHED)],
        validators=[InputRequired("errors.choose")],
        validate_choice=False,
    )
    words = text("silent.words_of_call", description="silent.words_of_call_hint")


@bp.get("/work/silent")
@staff_only(*service.CALLERS)
def waiting() -> ResponseReturnValue:
    """Who probably left unhappy and said nothing, at the branches of the signed-in person."""
    session, who = reading(), actor()
    return page(
        "silent/list.html",
        lines=listing.waiting(session, who),
        ended=listing.ended(session, who),
    )


@bp.route("/work/silent/<int:silent_id>", methods=["GET", "POST"])
@staff_only(*service.CALLERS)
def call(silent_id: int) -> ResponseReturnValue:
    """One of them: what happened, what was tried; note a call."""
    form = CallForm()
    listing.found(reading(), actor(), silent_id)

    def act(session: Session) -> str:
        said = form.answer.data
        is_reached = said != NOT_REACHED
        service.call(
            session,
            actor=actor(),
            one=listing.found(session, actor(), silent_id),
            is_reached=is_reached,
            answer_=said if is_reached else None,
            words=form.words.data or "",
        )
        return url_for("silent.waiting")

    done = sent(form, act, "silent.call_noted")
    if done is not None:
        return done
    one = listing.found(reading(), actor(), silent_id)
    touches = service.touches(reading(), one)
    return page(
        "silent/call.html",
        form=form,
        one=one,
        touches=touches,
        may_call=one.state == "waiting" and rules.may_call(len(touches)),
    )


@bp.route("/still-needed/<token>", methods=["GET", "POST"])
@private_link
def ask(token: str) -> ResponseReturnValue:
    """Whether help is still needed: one touch answers, words are free; looking answers nothing."""
    form = DeskForm()
    if form.validate_on_submit():
        limits.spend("silent.answer", client_address(), allowed=PRESSES, window=WINDOW)
        try:
            return once(lambda session: _answer(session, token))
        except DeskError as refusal:
            form.refuse(refusal)
    one = service.by_token(reading(), token)
    return page(
        "silent/ask.html",
        form=form,
        one=one,
        token=token,
        answers=rules.ANSWERS if service.may_answer(one) else (),
        is_stopped=messages.is_stopped(reading(), one.person_id, QUESTIONS),
    )


@bp.post("/still-needed/<token>/stop")
@private_link
def stop(token: str) -> ResponseReturnValue:
    """Be asked no questions any more."""
    DeskForm().validate_on_submit()

    def act(session: Session) -> ResponseReturnValue:
        service.stop(session, actor=actor(), token=token)
        flash(t("silent.stopped"), "good")
        return redirect(url_for("silent.ask", token=token))

    return once(act)


def _answer(session: Session, token: str) -> ResponseReturnValue:
    service.answer(
        session,
        actor=actor(),
        token=token,
        said=request.form.get("answer", ""),
        words=request.form.get("words", ""),
    )
    return redirect(url_for("silent.ask", token=token))
