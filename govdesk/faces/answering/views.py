"""Answering behind a private link: one touch first, then as much as one likes; saved as one goes.

Nothing here is written by `once`: it would keep the address of the link, with its secret and the moment, for
days. An invitation is answered once by itself, and a repeated press finds that it is.
"""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.cases.recovery.rules import is_low
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.faces.answering import marks
from govdesk.faces.answering.reading import typed_answers
from govdesk.faces.questionnaires import words
from govdesk.feedback.answers import drafting, parts, service
from govdesk.feedback.answers.parts import Part
from govdesk.feedback.answers.service import AnsweredError, ContactWish, RefusedAnswersError
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.rules import Form, checked
from govdesk.i18n import t
from govdesk.web import actor, client_address, page, private_link

bp = Blueprint("answering", __name__)
WINDOW = dt.timedelta(minutes=10)
PRESSES = 1200  # in a window, from one address: many phones of a network share one
BACK, SAVE, SEND, ENOUGH = "back", "save", "send", "enough"


@bp.route("/q/<token>", methods=["GET", "POST"])
@private_link
def answer(token: str) -> ResponseReturnValue:
    """Show the questions, or take what was touched; looking at them answers nothing."""
    if request.method == "POST":
        limits.spend_reading("answering", client_address(), allowed=PRESSES, window=WINDOW)
        return _take(token)
    invitation = _opened(reading(), token)
    if invitation is None:
        return _closed(token)
    form = forms.form_of(invitation.version)
    given = drafting.answers_of(invitation)
    key = request.args.get("part") or drafting.part_of(invitation)
    return _page(invitation, form, parts.part_of(form, given, key), given)


@bp.get("/q/<token>/thanks")
@private_link
def thanks(token: str) -> ResponseReturnValue:
    """Thank who has just answered in this browser; to any other it is a link that is not open."""
    if not marks.has_answered(token):
        return redirect(url_for("answering.answer", token=token))
    invitation = asking.by_token(reading(), token)
    score = marks.score(token)
    may_wish = score is not None and is_low(*score) and service.may_be_called(invitation)
    return page(
        "answering/thanks.html",
        token=token,
        thanks=words.said(forms.form_of(invitation.version).thanks),
        may_wish=may_wish and not marks.is_called(token),
        is_called=marks.is_called(token),
    )


@bp.post("/q/<token>/call")
@private_link
def call(token: str) -> ResponseReturnValue:
    """Wish to be called after a low score: only now is it told whose it was."""
    limits.spend_reading("answering", client_address(), allowed=PRESSES, window=WINDOW)
    score = marks.score(token)
    if score is not None and not marks.is_called(token):
        with transaction() as session:
            invitation = asking.by_token(session, token, is_locked=True)
            service.ask_for_call(session, invitation=invitation, score=score)
        marks.note_called(token)
    return redirect(url_for("answering.thanks", token=token))


@bp.post("/q/<token>/stop")
@private_link
def stop(token: str) -> ResponseReturnValue:
    """Be asked nothing any more; an unknown link gets the same words."""
    limits.spend_reading("answering", client_address(), allowed=PRESSES, window=WINDOW)
    with transaction() as session:
        try:
            invitation = asking.by_token(session, token, is_locked=True)
        except NotFoundError:
            pass
        else:
            asking.decline(session, actor=actor(), invitation=invitation)
    return redirect(url_for("answering.stopped", token=token))


@bp.get("/q/<token>/stopped")
@private_link
def stopped(token: str) -> ResponseReturnValue:  # noqa: ARG001 - the same for every link
    """Say that nothing more is asked."""
    return page("answering/stopped.html")


def _take(token: str) -> ResponseReturnValue:
    """Take what was touched or sent; what is wrong is shown beside its question with what was typed."""
    act = request.form.get("act", "")
    known = _opened(reading(), token)
    if known is None:
        return redirect(url_for("answering.thanks", token=token))
    form = forms.form_of(known.version)  # its version never changes while it is open
    names = service.staff_names(reading())  # read here, where nobody waits for it
    with transaction() as session:
        service.know_names(session, names)
        invitation = _opened(session, token, is_locked=True)
        if invitation is None:
            return redirect(url_for("answering.thanks", token=token))
        before = drafting.answers_of(invitation)
        part = parts.part_of(form, before, request.form.get("part", ""))
        typed, seen = typed_answers(part, request.form)
        merged = {**before, **typed}
        kept, refused = checked(form, merged, is_final=False)
        refused |= _missing(form, merged, part, act)
        goal = _goal(form, kept, part, seen, act)
        if not refused and goal is None:
            try:
                return _give(session, token, invitation, form, kept)
            except RefusedAnswersError as refusal:
                refused = dict(refusal.refused)
                part = _first_with(form, kept, refused) or part
        drafting.keep(invitation, answers=kept, part=part.key if refused else (goal or part).key)
    if act == SAVE and not refused:
        return Response(status=204, mimetype="text/plain")
    if refused:
        here = asking.by_token(reading(), token)
        return _page(here, form, part, {**merged, **typed}, refused)
    return redirect(url_for("answering.answer", token=token, part=(goal or part).key))


def _give(
    session: Session, token: str, invitation: Invitation, form: Form, kept: dict[str, Any]
) -> ResponseReturnValue:
    wish = ContactWish(with_words="with_words" in request.form) if "call" in request.form else None
    score = service.score_of(form, kept)
    try:
        service.give(
            session, invitation=invitation, answers=kept, contact_wish=wish, form=form, is_locked=True
        )
    except AnsweredError:  # closed in this very second
        return redirect(url_for("answering.thanks", token=token))
    marks.note_answered(token, score, is_called=wish is not None)
    return redirect(url_for("answering.thanks", token=token))


def _goal(form: Form, kept: dict[str, Any], part: Part, seen: set[str], act: str) -> Part | None:
    """Where one goes: on, back, to the same place; None: the answer is given."""
    if act == BACK:
        return parts.part_before(form, kept, part) or part
    if act == ENOUGH:
        return None
    if act == SEND:
        return parts.part_after(form, kept, part, seen)
    return parts.part_of(form, kept, part.key)


def _missing(form: Form, merged: dict[str, Any], part: Part, act: str) -> dict[str, str]:
    """What is required in this part and not answered, where one wants to go on."""
    if act != SEND:
        return {}
    _kept, refused = checked(form, merged, is_final=True)
    here = {question.key for question in part.questions}
    return {key: why for key, why in refused.items() if key in here}


def _first_with(form: Form, kept: dict[str, Any], refused: dict[str, str]) -> Part | None:
    for part in parts.parts(form, kept):
        if any(question.key in refused for question in part.questions):
            return part
    return None


def _opened(session: Session, token: str, *, is_locked: bool = False) -> Invitation | None:
    """The invitation of a link that may still be answered; None for all others alike."""
    try:
        invitation = asking.by_token(session, token, is_locked=is_locked)
    except NotFoundError:
        return None
    return invitation if asking.is_open(invitation) else None


def _closed(token: str) -> Response:
    """One kind sentence for every link that is not open: used, over, withdrawn or never there."""
    if marks.has_answered(token):
        return page("answering/closed.html", token=token, said=t("answering.you_have_answered"))
    return page("answering/closed.html", 410, token=token, said=t("answering.over"))


def _page(
    invitation: Invitation, form: Form, part: Part, given: dict[str, Any], wrong: dict[str, str] | None = None
) -> Response:
    touch = parts.first_touch(form)
    is_touched = touch is None or given.get(touch.key) is not None
    place, count = parts.place_of(form, given, part)
    score = service.score_of(form, checked(form, given, is_final=False)[0])
    shown = tuple(one for one in part.questions if touch is None or one.key != touch.key)
    return page(
        "answering/answer.html",
        422 if wrong else 200,
        token=invitation.token,
        intro=words.said(form.intro),
        touch=touch if touch in part.questions else None,
        is_touched=is_touched,
        part=part,
        questions=shown if is_touched else (),
        given=given,
        wrong=wrong or {},
        words=words,
        at=(place, count),
        is_last=parts.part_after(form, given, part, [one.key for one in part.questions]) is None,
        minutes_needed=parts.minutes(form),
        may_wish=score is not None and is_low(*score) and service.may_be_called(invitation),
        wishes="call" in request.form,
        with_words="with_words" in request.form,
    )
