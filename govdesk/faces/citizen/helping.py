"""Before you come again: who booked for a need that we failed to meet is offered help without a visit."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from govdesk.booking import service as booking
from govdesk.cases.returns import offering
from govdesk.cases.returns.rules import LONGEST_WISH, WISHES
from govdesk.config import settings
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import fairness
from govdesk.faces.citizen.views import bp
from govdesk.faces.fields import line, text
from govdesk.i18n import t
from govdesk.notify.service import masked
from govdesk.once import once
from govdesk.people.contact import clean_phone
from govdesk.web import DeskForm, actor, page, private_link


class HelpForm(DeskForm):
    """What the person wishes: a call, an answer to what they write, or to come all the same."""

    wish = RadioField(
        "returns.wish",
        [InputRequired("errors.choose")],
        choices=[SelectChoice(one, f"returns.wish_{one}") for one in WISHES],
        validate_choice=False,
    )
    words = text("returns.wish_words", longest=LONGEST_WISH, description="returns.wish_words_hint")
    phone = line("returns.wish_phone", required=False, longest=40)


@bp.route("/appointment/<token>/help", methods=["GET", "POST"])
@private_link
def help_before(token: str) -> ResponseReturnValue:
    """An apology, and what we can do before the visit."""
    form = HelpForm()
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.change")
            phone = clean_phone(form.phone.data, settings().country) if form.phone.data else None
            return once(lambda session: _wish(session, token, form, phone))
        except DeskError as refusal:
            form.refuse(refusal)
    appointment = booking.by_token(reading(), token)
    offer = offering.open_offer(reading(), appointment)
    if offer is None:
        return redirect(url_for("citizen.booked", token=token))
    phone = offering.phone_of(reading(), offer)
    return page(
        "citizen/help.html", 422 if form.errors else 200, form=form, appointment=appointment, offer=offer,
        phone=f"\u2066{masked(phone)}\u2069" if phone else "",  # reads from the left in any sentence
    )  # fmt: skip


def _wish(session: Session, token: str, form: HelpForm, phone: str | None) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    offering.wish(
        session, actor=actor(), appointment=appointment, wanted=form.wish.data, words=form.words.data or "",
        phone=phone,
    )  # fmt: skip
    flash(t(f"returns.said_{form.wish.data}"), "good")
    return redirect(url_for("citizen.help_before", token=token))
