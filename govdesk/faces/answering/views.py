"""Answering behind a private link: one touch first, then as much as one likes; saved as one goes.

Nothing here is written by `once`: it would keep the address of the link, with its secret and the moment, for
days. An invitation is answered once by itself, and a repeated press finds that it is.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from govdesk import i18n, limits
from govdesk.cases.recovery.rules import is_low
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError, TooManyError
from govdesk.faces.answering import marks
from govdesk.faces.answering.browsers import browser, remember
from govdesk.faces.answering.forms import LeaveContactForm
from govdesk.faces.answering.reading import typed_answers, with_wish
from govdesk.faces.questionnaires import words
from govdesk.feedback.answers import calling, drafting, parts, service
from govdesk.feedback.answers.parts import Part
from govdesk.feedback.answers.service import AnsweredError, ContactWish, Filled, RefusedAnswersError
from govdesk.feedback.asking import links
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.links import Asked
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.rules import INSIDE, Form, checked
from govdesk.i18n import t
from govdesk.web import actor, client_address, page, private_link, problem, wants_json

bp = Blueprint("answering", __name__)
WINDOW = dt.timedelta(minutes=10)
PRESSES = 1200  # in a window, from one address, of calls, stops and links that are not open
CONTACTS, CONTACTS_IN = 30, dt.timedelta(hours=1)  # left by people of one address
MOST_SAVES = 1000  # of one form
TRIES = 5  # where a link changes while it is answered
BACK, SAVE, SEND, ENOUGH = "back", "save", "send", "enough"


@bp.route("/q/<token>", methods=["GET", "POST"])
@private_link
def answer(token: str) -> ResponseReturnValue:
    """Show the questions, or take what was touched; looking at them answers nothing."""
    if request.method == "POST":
        return _take(token)
    one = _opened(token)
    if one is None:
        return _closed(token)
    form = forms.form_by(reading(), one.version_id, one.digest)
    mine = drafting.begun_in(one, browser(token))
    given = dict(mine.answers)
    return _page(one, form, parts.part_of(form, given, request.args.get("part") or mine.part), given)


@bp.get("/q/<token>/thanks")
@private_link
def thanks(token: str) -> ResponseReturnValue:
    """Thank who has just answered in this browser; to any other it is a link that is not open."""
    _asked(token)
    if not marks.has_answered(token):
        return redirect(url_for("answering.answer", token=token))
    return _thanks(token)


@bp.post("/q/<token>/call")
@private_link
def call(token: str) -> ResponseReturnValue:
    """Wish to be called after a low score: only now is it told whose it was.

    Whoever came by a slip without a name types a number.
    """
    _asked(token)
    limits.spend_reading("answering", client_address(), allowed=PRESSES, window=WINDOW)
    score = marks.score(token)
    if score is not None and not marks.is_called(token):
        if calling.may_leave_contact(asking.by_token(reading(), token)):
            form = LeaveContactForm()
            if not form.validate_on_submit():
                return _thanks(token, form)
            _leave_contact(token, score, form)
        else:
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
def stopped(token: str) -> ResponseReturnValue:
    """Say that nothing more is asked; the same for every link."""
    _asked(token)
    return page("answering/stopped.html")


def _thanks(token: str, form: LeaveContactForm | None = None) -> Response:
    invitation, score = asking.by_token(reading(), token), marks.score(token)
    is_offered = score is not None and is_low(*score) and not marks.is_called(token)
    may_leave = is_offered and calling.may_leave_contact(invitation)
    return page(
        "answering/thanks.html",
        token=token,
        inside=_inside(invitation),
        thanks=words.said(forms.form_of(invitation.version).thanks),
        may_wish=is_offered and service.may_be_called(invitation),
        form=(form or LeaveContactForm(formdata=None)) if may_leave else None,
        is_called=marks.is_called(token),
    )


def _leave_contact(token: str, score: tuple[int, int], form: LeaveContactForm) -> None:
    limits.spend("answering.contact", client_address(), allowed=CONTACTS, window=CONTACTS_IN)
    with transaction() as session:
        invitation = asking.by_token(session, token)
        calling.leave_contact(
            session, actor=actor(), invitation=invitation, score=score, contact=form.contact
        )


def _take(token: str) -> ResponseReturnValue:
    """Take what was touched or sent; what is wrong is shown beside its question with what was typed.

    Everything is read and made ready without a lock, and written where the link is still as it was read.
    Where it is not, since the same form came twice or another tab saved, it is read again. Thousands of
    phones share one address, so that only presses on links that are not open are counted by it: one that is
    open is answered once, and is saved so often at most.
    """
    for _ in range(TRIES):
        one = _opened(token)
        if one is None:
            limits.spend_reading("answering", client_address(), allowed=PRESSES, window=WINDOW)
            break
        if one.saves >= MOST_SAVES:
            raise TooManyError(seconds=int(WINDOW.total_seconds()))
        try:
            taken = _take_as_read(one, forms.form_by(reading(), one.version_id, one.digest))
            return remember(make_response(taken))
        except AnsweredError:
            continue
    if wants_json():  # a saving in the background: the page stays, and says it
        raise AnsweredError
    return redirect(url_for("answering.thanks", token=token))


def _take_as_read(one: Asked, form: Form) -> ResponseReturnValue:
    act = request.form.get("act", "")
    mine = with_wish(drafting.begun_in(one, browser(one.token)), request.form)
    before = dict(mine.answers)
    part = parts.part_of(form, before, request.form.get("part", ""))
    typed, seen = typed_answers(part, request.form)
    merged = {**before, **typed}
    kept, refused = checked(form, merged, is_final=False)
    saved = {**{key: before[key] for key in refused if key in before}, **kept}  # what was in order stays
    refused |= _missing(form, merged, part, act)
    goal = _goal(form, kept, part, seen, act)
    if not refused and goal is None:
        try:
            return _give(one, service.fill(reading(), form, kept, one.language), mine.wish)
        except RefusedAnswersError as refusal:
            refused = dict(refusal.refused)
            part = _first_with(form, kept, refused) or part
    with transaction() as session:
        to = part if refused else goal or part
        begun = replace(mine, answers=saved, part=to.key, browser=browser(one.token))
        drafting.save(session, one, begun)
    if act == SAVE and not refused:
        return Response(status=204, mimetype="text/plain")
    if refused and wants_json():
        said = [{"field": key, "title": t(why)} for key, why in refused.items()]
        return problem(RefusedAnswersError(refused), errors=said)
    if refused:
        return _page(one, form, part, merged, refused)
    return redirect(url_for("answering.answer", token=one.token, part=(goal or part).key))


def _give(one: Asked, filled: Filled, wish: ContactWish | None) -> ResponseReturnValue:
    with transaction() as session:
        service.take(session, one=one, filled=filled, contact_wish=wish)
    marks.note_answered(one.token, filled.score, is_called=wish is not None)
    return redirect(url_for("answering.thanks", token=one.token))


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


def _asked(token: str) -> Asked | None:
    """What a link asks, open or not. From here on its language is spoken, unless the reader chose another."""
    one = links.asked(reading(), token)
    if one is not None:
        i18n.prefer(one.language)
    return one


def _opened(token: str) -> Asked | None:
    """What a link asks that may still be answered; None for all others alike."""
    one = _asked(token)
    return one if one is not None and asking.is_open(one) else None


def _closed(token: str) -> Response:
    """One kind sentence for every link that is not open: used, over, withdrawn or never there.

    Who has chosen no language reads it in both: in which one a link that is wrong was sent, nobody knows.
    """
    if marks.has_answered(token):
        return page("answering/closed.html", token=token, said=t("answering.you_have_answered"), others=[])
    return page("answering/closed.html", 410, token=token, said=t("answering.over"), others=_in_the_other())


def _in_the_other() -> list[str]:
    if i18n.has_chosen():
        return []
    with i18n.speaking("en" if i18n.language() == "ar" else "ar"):
        return [t("answering.closed"), t("answering.over")]


def _inside(one: Asked | Invitation) -> str:
    """Who answers without having been served: staff | mystery; other people: nothing."""
    return one.occasion if one.occasion in INSIDE else ""


def _page(
    one: Asked, form: Form, part: Part, given: dict[str, Any], wrong: dict[str, str] | None = None
) -> Response:
    touch = parts.first_touch(form)
    is_touched = touch is None or given.get(touch.key) is not None
    place, count = parts.place_of(form, given, part)
    score = service.score_of(form, checked(form, given, is_final=False)[0])
    shown = tuple(each for each in part.questions if touch is None or each.key != touch.key)
    return page(
        "answering/answer.html",
        422 if wrong else 200,
        token=one.token,
        inside=_inside(one),
        intro=words.said(form.intro),
        touch=touch if touch in part.questions else None,
        is_touched=is_touched,
        is_begun_elsewhere=drafting.is_begun_elsewhere(one, browser(one.token)) and not wrong,
        part=part,
        questions=shown if is_touched else (),
        given=given,
        wrong=wrong or {},
        words=words,
        at=(place, count),
        is_last=parts.part_after(form, given, part, [each.key for each in part.questions]) is None,
        minutes_needed=parts.minutes(form),
        may_wish=score is not None and is_low(*score) and service.may_be_called(one),
        mine=with_wish(drafting.begun_in(one, browser(one.token)), request.form),
    )
