"""What a person is sent about an appointment, and whether reminders are wanted."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking import service as booking
from govdesk.booking import telling
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.i18n import t
from govdesk.notify import service
from govdesk.notify.kinds import REMINDERS
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, private_link

bp = Blueprint("messages", __name__)


@bp.route("/appointment/<token>/messages", methods=["GET", "POST"])
@private_link
def choose(token: str) -> ResponseReturnValue:
    """Say what is sent; switch reminders off, or on again. What tells of a change cannot be switched off."""
    appointment = booking.by_token(reading(), token)
    if appointment.booked_at is None or appointment.person is None:
        raise NotFoundError
    is_stopped = service.is_stopped(reading(), appointment.person.id, REMINDERS)
    if DeskForm().validate_on_submit():
        return once(lambda session: _switch(session, token, is_on=is_stopped))
    return page("citizen/messages.html", appointment=appointment, is_stopped=is_stopped)


def _switch(session: Session, token: str, *, is_on: bool) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    person = appointment.person
    assert person is not None
    if is_on:
        service.resume(session, actor=actor(), person=person, what=REMINDERS)
        if appointment.state == "booked":
            telling.plan_reminders(session, appointment)
    else:
        service.stop(session, actor=actor(), person=person, what=REMINDERS)
    flash(t("notify.reminders_on" if is_on else "notify.reminders_off"), "good")
    return redirect(url_for("messages.choose", token=token))
