"""What a person says of an appointment: sooner please, on my way or late, another of us comes instead."""

import functools

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking import managing, waiting
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import fairness, proving
from govdesk.faces.citizen.appointments import changeable
from govdesk.faces.citizen.confirming import OWN, note_person
from govdesk.faces.citizen.forms import DetailsForm, masked
from govdesk.faces.citizen.views import bp
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, private_link


@bp.route("/appointment/<token>/earlier", methods=["GET", "POST"])
@private_link
def earlier(token: str) -> ResponseReturnValue:
    """Say that an earlier place would be welcome, or no longer; asked before."""
    if DeskForm().validate_on_submit():
        fairness.spend("citizen.change")
        is_wished = request.form.get("wish") != "no"
        return once(lambda session: _wish(session, token, is_wished=is_wished))
    return page("citizen/earlier.html", appointment=changeable(token))


@bp.route("/appointment/<token>/coming", methods=["GET", "POST"])
@private_link
def coming(token: str) -> ResponseReturnValue:
    """Say: I am on my way, or late by some minutes."""
    form = DeskForm()
    if form.validate_on_submit():
        late = i18n.latin_digits(request.form.get("late", ""))
        try:
            fairness.spend("citizen.change")
            return once(lambda session: _coming(session, token, int(late) if late.isdecimal() else -1))
        except DeskError as refusal:
            form.refuse(refusal)
    appointment = booking.by_token(reading(), token)
    if not managing.can_say_coming(appointment) and request.method == "GET":
        return redirect(url_for("citizen.booked", token=token))
    return page("citizen/coming.html", appointment=appointment, form=form, lateness=managing.LATENESS)


@bp.route("/appointment/<token>/forward", methods=["GET", "POST"])
@private_link
def forward(token: str) -> ResponseReturnValue:
    """Let another of the family come instead; the new private link is shown to whoever does it, once.

    Where the office asks for codes, one goes to the contact of the booking first: having found or been sent
    its link is not enough to give the place away.
    """
    form = DetailsForm()
    appointment = changeable(token)
    owner = proving.contact_of(reading(), appointment)
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.change")
            prove = functools.partial(proving.prove, form, owner)
            answer = once(lambda session: _forward(session, token, form), prove)
        except proving.CodeSentError:
            form.is_proving = True
        except AlreadyBookedError as refusal:
            form.refuse(refusal)
        except DeskError as refusal:
            form.refuse(refusal)
        else:
            new = (answer.location or "").rsplit("/", 1)[-1].split("?")[0]
            session[OWN] = [*(link for link in session.get(OWN, []) if link != token), new]
            return answer
    shown = masked(owner) if form.is_proving and owner else ""
    return page("citizen/forward.html", appointment=appointment, form=form, code_sent_to=shown)


def _wish(session: Session, token: str, *, is_wished: bool) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    waiting.wish_earlier(session, actor=actor(), appointment=appointment, is_wished=is_wished)
    flash(i18n.t("citizen.earlier_noted" if is_wished else "citizen.earlier_dropped"), "good")
    return redirect(url_for("citizen.booked", token=token))


def _coming(session: Session, token: str, late: int) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    managing.say_coming(session, actor=actor(), appointment=appointment, late_minutes=late)
    flash(i18n.t("citizen.coming_noted"), "good")
    return redirect(url_for("citizen.booked", token=token))


def _forward(session: Session, token: str, form: DetailsForm) -> ResponseReturnValue:
    appointment = managing.forward(
        session,
        actor=actor(),
        appointment=booking.by_token(session, token),
        person=note_person(session, form),
        contact=form.contact_read,
    )
    appointment.language = form.language.data
    return redirect(url_for("citizen.booked", token=appointment.link_token, forwarded=1))
