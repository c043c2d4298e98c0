"""The door of a branch: which screens are let in, the printer of reception, how many may walk in each day."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField

from govdesk.catalog import branches as verbs
from govdesk.catalog.models import Branch, BranchService
from govdesk.db import reading
from govdesk.errors import NotFoundError
from govdesk.faces.admin.acts import found, sent
from govdesk.faces.admin.forms import LATIN
from govdesk.faces.fields import line, whole
from govdesk.web import DeskForm, actor, page, staff_only


class DoorForm(DeskForm):
    """What holds for the whole branch; the fields of each service are added to it."""

    demands_devices = BooleanField("devices.demand", description="devices.demand_hint")
    printer = line(
        "devices.desk_printer", required=False, description="devices.desk_printer_hint", render_kw=LATIN
    )


@staff_only("admin")
def door(branch_id: int) -> ResponseReturnValue:
    """Change the door of a branch."""
    row = found(reading(), Branch, branch_id)
    if row.is_imported:
        raise NotFoundError
    offers = sorted(row.offers, key=lambda offer: offer.service.prefix)
    form = _form_for(offers)(obj=row, data=_limits_of(offers))

    def act(session: Session) -> str:
        place = session.get_one(Branch, branch_id)
        verbs.set_door(
            session,
            actor=actor(),
            branch=place,
            demands_devices=bool(form.demands_devices.data),
            printer=form.printer.data or "",
        )
        for offer in place.offers:
            _limit(session, offer, form)
        return url_for("admin.door", branch_id=branch_id)

    return sent(form, act) or page("admin/door.html", form=form, branch=row, offers=offers)


def _limit(session: Session, offer: BranchService, form: DoorForm) -> None:
    if f"daily_{offer.service_id}" in form:
        verbs.limit_offer(
            session,
            actor=actor(),
            offer=offer,
            daily_walkins=form[f"daily_{offer.service_id}"].data,
            longest_wait_minutes=form[f"wait_{offer.service_id}"].data,
            kept_for_hall=form[f"kept_{offer.service_id}"].data or 0,
        )


def _form_for(offers: list[BranchService]) -> type[DoorForm]:
    fields: dict[str, Any] = {}
    for offer in offers:
        own = offer.service_id
        fields[f"daily_{own}"] = whole("devices.daily_walkins", 0, verbs.MOST_WALKINS, required=False)
        fields[f"wait_{own}"] = whole("devices.longest_wait", 5, verbs.LONGEST_WAIT, required=False)
        fields[f"kept_{own}"] = whole("devices.kept_for_hall", 0, verbs.MOST_WALKINS, required=False)
    return type("BranchDoorForm", (DoorForm,), fields)


def _limits_of(offers: list[BranchService]) -> dict[str, int | None]:
    found_limits: dict[str, int | None] = {}
    for offer in offers:
        found_limits[f"daily_{offer.service_id}"] = offer.daily_walkins
        found_limits[f"wait_{offer.service_id}"] = offer.longest_wait_minutes
        found_limits[f"kept_{offer.service_id}"] = offer.kept_for_hall or None
    return found_limits
