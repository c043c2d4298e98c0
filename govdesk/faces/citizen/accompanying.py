"""One visit for more: another service for the same person, or another of the family."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk import i18n
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.visit import together
from govdesk.catalog import service as catalog
from govdesk.catalog.models import PublicService
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import fairness
from govdesk.faces.citizen.appointments import changeable
from govdesk.faces.citizen.confirming import note_person
from govdesk.faces.citizen.forms import CompanionForm
from govdesk.faces.citizen.views import bp
from govdesk.once import once
from govdesk.web import actor, page, private_link


@bp.route("/appointment/<token>/more", methods=["GET", "POST"])
@private_link
def more(token: str) -> ResponseReturnValue:
    """Choose what else and for whom, then a time beside the first: it is booked when the time is sent."""
    first = changeable(token)
    services = catalog.offered(reading(), first.branch)
    asked = request.values.get("service", "")
    chosen = next((one for one in services if one.code == asked), None)
    is_other = request.values.get("whom") == "other"
    form = CompanionForm(is_other=is_other)
    if chosen and form.validate_on_submit():
        try:
            fairness.spend("citizen.change")
            return once(lambda session: _accompany(session, token, chosen.id, form))
        except (SlotTakenError, AlreadyBookedError, DeskError) as refusal:
            form.refuse(refusal)
    return page(
        "citizen/more.html",
        appointment=first,
        services=[one for one in services if is_other or one.id != first.service_id],
        chosen=chosen,
        is_other=is_other,
        form=form,
        places=_items(first, chosen, is_other=is_other) if chosen else [],
    )


def _items(first: Appointment, chosen: PublicService, *, is_other: bool) -> list[dict[str, Any]]:
    session = reading()
    found = together.places_beside(session, first, service_id=chosen.id, is_same_person=not is_other)
    zone, picked = first.branch.timezone, request.form.get("slot", "")
    return [
        {
            "value": place.slot_id,
            "text": i18n.time_of(place.starts_at, zone),
            "is_free": True,
            "is_chosen": str(place.slot_id) == picked,
        }
        for place in found
    ]


def _accompany(session: Session, token: str, service_id: int, form: CompanionForm) -> ResponseReturnValue:
    first = booking.by_token(session, token)
    booked = together.accompany(
        session,
        actor=actor(),
        appointment=first,
        slot_id=form.slot_id or 0,
        service_id=service_id,
        person=note_person(session, form) if form.is_other else None,
        contact=form.contact_read,
        object_ref=form.object_ref.data if session.get_one(PublicService, service_id).object_kind else None,
    )
    return redirect(url_for("citizen.booked", token=token, added=booked.reference))
