"""Today's people at reception: the list of the day, the search in it; a copy; whose ticket it is."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch
from govdesk.db import reading
from govdesk.errors import DeskError
from govdesk.faces import slips
from govdesk.faces.reception.forms import OwnerForm, SearchForm
from govdesk.faces.reception.slip import slip_page
from govdesk.faces.reception.views import ROLES, bp, branch_here, ticket_here
from govdesk.i18n import t
from govdesk.once import once
from govdesk.people import service as people
from govdesk.people.identity import Identity, identify
from govdesk.queue import arrivals, service
from govdesk.queue.models import Ticket
from govdesk.web import DeskForm, actor, page, staff_only

STATES = ("booked", "arrived", "fulfilled", "noshow")
MOST = 500


@bp.route("/reception/<branch>/today", methods=["GET", "POST"])
@staff_only(*ROLES)
def today(branch: str) -> Response:
    """The appointments of the day; or who was looked for, sent as a form so that no name is in an address."""
    here, form = branch_here(branch), SearchForm()
    tickets: list[Ticket] = []
    if form.validate_on_submit():
        found, tickets = arrivals.search(reading(), here, form.q.data or "")
    else:
        found = _of_the_day(reading(), here)
    return page(
        "reception/today.html", branch=here, form=form, appointments=found, tickets=tickets,
        is_search=form.is_submitted() and not form.errors,
    )  # fmt: skip


@bp.post("/reception/<branch>/tickets/<int:ticket_id>/print")
@staff_only(*ROLES)
def print_copy(branch: str, ticket_id: int) -> ResponseReturnValue:
    """Print the slip once more, marked as a copy; outside the transaction that keeps the press."""
    here = branch_here(branch)
    ticket_here(reading(), here, ticket_id)
    back = url_for("reception.slip", branch=branch, ticket_id=ticket_id)
    fresh: list[bool] = []

    def act(_session: Session) -> ResponseReturnValue:
        fresh.append(True)
        return redirect(back)

    if not DeskForm().validate_on_submit():
        return redirect(back)
    answer = once(act)
    if fresh and here.printer:
        is_out = slips.print_copy(branch_here(branch), ticket_here(reading(), branch_here(branch), ticket_id))
        flash(t("reception.copy_out" if is_out else "reception.copy_lost"), "good" if is_out else "bad")
    return answer


@bp.post("/reception/<branch>/tickets/<int:ticket_id>/person")
@staff_only(*ROLES)
def name_person(branch: str, ticket_id: int) -> ResponseReturnValue:
    """Say whose matter a ticket is, by their identity number."""
    here, form = branch_here(branch), OwnerForm()
    ticket_here(reading(), here, ticket_id)
    if form.validate_on_submit():
        try:
            is_passport = form.identity_kind.data == "passport"
            identity = identify(form.identity.data or "", "passport" if is_passport else None)
            return once(lambda session: _name(session, here, ticket_id, identity))
        except DeskError as refusal:
            form.refuse(refusal)
    return slip_page(here, ticket_id, form)


def _name(session: Session, here: Branch, ticket_id: int, identity: Identity) -> ResponseReturnValue:
    person = people.identify(session, actor=actor(), identity=identity)
    service.name_person(session, actor=actor(), ticket_id=ticket_id, person=person)
    flash(t("reception.person_done"), "good")
    return redirect(url_for("reception.slip", branch=here.code, ticket_id=ticket_id))


def _of_the_day(session: Session, here: Branch) -> list[Appointment]:
    first, after = clock.day_bounds(clock.local_day(clock.now(), here.timezone), here.timezone)
    query = select(Appointment).where(
        Appointment.branch_id == here.id,
        Appointment.state.in_(STATES),
        Appointment.starts_at >= first,
        Appointment.starts_at < after,
    )
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(MOST)))
