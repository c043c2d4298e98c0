"""What happened? One touch tells why somebody did not come."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking import service as booking
from govdesk.booking.absence import service as absences
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import fairness
from govdesk.faces.citizen.views import bp
from govdesk.feedback.asking import ends
from govdesk.once import once
from govdesk.web import DeskForm, actor, page, private_link


@bp.route("/appointment/<token>/why", methods=["GET", "POST"])
@private_link
def why(token: str) -> ResponseReturnValue:
    """Say why nobody came to an appointment; asked, never demanded."""
    form = DeskForm()
    if form.validate_on_submit():
        try:
            fairness.spend("citizen.change")
            return once(lambda session: _explain(session, token, request.form.get("reason", "")))
        except DeskError as refusal:
            form.refuse(refusal)
    appointment = booking.by_token(reading(), token)
    if appointment.state != "noshow":
        return redirect(url_for("citizen.booked", token=token))
    return page(
        "citizen/why.html",
        form=form,
        appointment=appointment,
        absence=absences.absence_of(reading(), appointment),
        reasons=absences.REASONS if absences.can_explain(appointment) else (),
        asked=ends.asked_about_missed(reading(), appointment),
    )


def _explain(session: Session, token: str, reason: str) -> ResponseReturnValue:
    appointment = booking.by_token(session, token)
    absences.explain(session, actor=actor(), appointment=appointment, reason=reason)
    return redirect(url_for("citizen.why", token=token))
