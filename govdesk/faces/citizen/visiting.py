"""Several appointments in one visit: choose what and for whom, and move all of it to another time."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.booking import service as booking
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.booking.visit.together import LARGEST_VISIT
from govdesk.catalog import service as catalog
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces.citizen import wishes
from govdesk.faces.citizen.appointments import changeable, spend, wanted
from govdesk.faces.citizen.forms import TimeForm
from govdesk.faces.citizen.views import bp, service_of, time_page
from govdesk.once import once
from govdesk.web import actor, page, private_link, public

ALONG = frozenset({"scenario", "way", "interpreter"})


@bp.get("/book/<code>/visit")
@public
def visit(code: str) -> Response:
    """What else, and for whom: leads to the times at which all of it can be had."""
    chosen = service_of(code)
    wish = wishes.read(reading(), chosen, request.args)
    return page(
        "citizen/visit.html",
        service=chosen,
        services=_beside(reading(), chosen),
        wish=wish,
        chosen_for=wishes.lines(wish),
        along={name: text for name, text in wish.along().items() if name in ALONG},
        most=LARGEST_VISIT,
    )


@bp.get("/appointment/<token>/move/visit")
@private_link
def move_visit(token: str) -> ResponseReturnValue:
    """Choose another time for the whole visit; one that is alone moves as any other."""
    ahead = _ahead(token)
    if len(ahead) == 1:
        return redirect(url_for("citizen.move", token=token))
    return _move_page(ahead, token, TimeForm())


@bp.route("/appointment/<token>/move/visit/to", methods=["GET", "POST"])
@private_link
def move_visit_to(token: str) -> ResponseReturnValue:
    """Show the old and the new times and ask; move all or none."""
    form, taken = TimeForm(request.values), None
    try:
        if form.validate_on_submit():
            spend()
            return once(lambda session: _move(session, token, form.slot_id))
        if request.method == "GET":
            return _ask(_ahead(token), token, form.slot.data or "")
    except SlotTakenError as refusal:
        taken = refusal
        form.refuse(refusal)
    except DeskError as refusal:
        form.refuse(refusal)
    return _move_page(_ahead(token), token, form, taken)


def _beside(session: Session, chosen: PublicService) -> list[PublicService]:
    """The services that some branch offers beside this one, which comes first."""
    found: dict[int, PublicService] = {chosen.id: chosen}
    for branch in catalog.branches_offering(session, chosen):
        found.update({one.id: one for one in catalog.offered(session, branch)})
    return list(found.values())


def _ahead(token: str) -> list[Appointment]:
    """What is ahead of the visit, while all of it can be moved. Raises AppointmentStateError."""
    return visits.ahead(reading(), changeable(token))


def _move_page(
    ahead: list[Appointment], token: str, form: TimeForm, taken: SlotTakenError | None = None
) -> Response:
    return time_page(
        ahead[0].service,
        form,
        wishes.of_visit(ahead),
        where=url_for("citizen.move_visit", token=token),
        back=url_for("citizen.booked", token=token),
        action=url_for("citizen.move_visit_to", token=token),
        taken=taken,
        moving=ahead[0],
    )


def _ask(ahead: list[Appointment], token: str, text: str) -> Response:
    """The old time and the new one of each part."""
    slot = wanted(ahead[0].service_id, text)
    course = courses.course_of_move(reading(), ahead, slot.id)
    branch = reading().get_one(Branch, slot.branch_id)
    changes = [(one, row[0]) for one, row in zip(ahead, course, strict=True)]
    return page("citizen/move_visit.html", token=token, changes=changes, slot=slot, branch=branch)


def _move(session: Session, token: str, slot_id: int) -> ResponseReturnValue:
    visits.move(session, actor=actor(), appointment=booking.by_token(session, token), slot_id=slot_id)
    return redirect(url_for("citizen.booked", token=token, moved=1))
