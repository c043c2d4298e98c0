"""The tablet at the exit: a screen of the branch on which anybody answers, and that knows nobody."""

import datetime as dt
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from govdesk import limits
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError, NotFoundError
from govdesk.faces.answering.reading import typed_answers
from govdesk.faces.answering.views import bp
from govdesk.faces.devices import device, held, keep_longer, served_branch
from govdesk.faces.questionnaires import words
from govdesk.feedback.answers import parts, tablets
from govdesk.feedback.answers.parts import Part
from govdesk.feedback.answers.service import RefusedAnswersError
from govdesk.feedback.forms.rules import Form, checked, visible
from govdesk.i18n import language, t
from govdesk.once import once
from govdesk.queue.devices import DeviceUnknownError
from govdesk.web import page

__all__ = ["bp"]

WINDOW = dt.timedelta(minutes=10)
PRESSES = 240  # in a window, from one tablet: no crowd leaves as fast, a child at play does
START_AFTER = 8  # seconds
FRESH_AFTER = 120  # without a touch: the language of the house, and what is published now
SEND_AFTER = 25


class StaffHandError(DeskError):
    """Somebody of staff is signed in on this browser: nobody answers under their eyes."""

    key = "answering.staff_hand"
    status = 403


@bp.route("/exit/<branch>", methods=["GET", "POST"])
@device("exit")
def tablet(branch: str) -> ResponseReturnValue:
    """Ask with faces; what is touched is shown once more with what could have been better, then sent.

    Only a registered tablet sends: who looks at this page in another browser, or signed in, cannot answer.
    """
    here = served_branch(branch)
    version = tablets.asked(reading())
    if version is None:
        return _shown("answering/exit_none.html", here)
    form = tablets.form_of(version)
    if request.method == "POST":
        try:
            return _take(here, form)
        except DeskError as refusal:
            return _refused(here, refusal)
    return keep_longer(_first(here, form))


@bp.get("/exit/<branch>/thanks")
@device("exit")
def tablet_thanks(branch: str) -> ResponseReturnValue:
    """Thank, and go back to the start."""
    return _shown("answering/exit_thanks.html", served_branch(branch), start_after=START_AFTER)


def _take(here: Branch, form: Form) -> ResponseReturnValue:
    _refuse_others()
    whole = Part(form.sections[0], visible(form, request.form))
    given, seen = typed_answers(whole, request.form)
    kept, refused = checked(form, given, is_final=True)
    asked = visible(form, kept)
    if refused:
        return _first(here, form)
    if any(question.key not in seen for question in asked):
        rest = [one for one in asked if one != parts.first_touch(form)]
        return _shown("answering/exit_rest.html", here, questions=rest, given=kept, send_after=SEND_AFTER,
                      touch=parts.first_touch(form))  # fmt: skip
    try:
        return once(lambda session: _give(session, here, kept))
    except RefusedAnswersError:
        return _first(here, form)


def _give(session: Session, here: Branch, answers: dict[str, Any]) -> ResponseReturnValue:
    version = tablets.asked(session)
    if version is None:
        raise NotFoundError
    tablets.give_at_tablet(session, version=version, branch=here, answers=answers, language=language())
    return redirect(url_for("answering.tablet_thanks", branch=here.code))


def _refuse_others() -> None:
    shown = held()
    if shown is None:
        raise DeviceUnknownError
    if current_user and current_user.is_authenticated:
        raise StaffHandError
    limits.spend_reading("answering.exit", shown.actor.label, allowed=PRESSES, window=WINDOW)


def _refused(here: Branch, refusal: DeskError) -> Response:
    """Say why not on a page that leads back by itself: nobody stands there to press anything."""
    answer = _shown(
        "answering/exit_refused.html", here, sentence=t(refusal.key, **refusal.params),
        start_after=START_AFTER,
    )  # fmt: skip
    answer.status_code = refusal.status
    return answer


def _first(here: Branch, form: Form) -> Response:
    touch = parts.first_touch(form)
    asked = visible(form, {})
    questions = () if touch else asked
    return _shown("answering/exit.html", here, touch=touch, questions=questions, start_after=FRESH_AFTER)


def _shown(template: str, here: Branch, **context: Any) -> Response:
    start = url_for("answering.tablet", branch=here.code)
    fresh = url_for("public.speak", language=settings().default_language, back=start)
    return page(template, branch=here, words=words, start_url=start, fresh_url=fresh, **context)
