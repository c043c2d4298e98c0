"""The day of a branch on paper: its appointments and its tickets."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Counter
from govdesk.db import reading
from govdesk.faces.floor.views import ROLES, bp, branch_of
from govdesk.i18n import named
from govdesk.people.models import Person
from govdesk.queue.models import Ticket
from govdesk.web import actor, page, staff_only

NAMING = ("reception", "supervisor")  # reception shows them names too; nobody else reads them here
STATES = ("booked", "arrived", "fulfilled", "noshow")


@bp.get("/<branch>/day")
@staff_only(*ROLES)
def day_list(branch: str) -> Response:
    """What was and will be today; names of people only for whom reception shows them."""
    here = branch_of(reading(), branch)
    return page(
        "floor/day_list.html", branch=here, place=named(here), now=clock.now(),
        today=clock.local_day(clock.now(), here.timezone), appointments=_appointments(reading(), here),
        tickets=_tickets(reading(), here), has_names=actor().may(*NAMING, branch_id=here.id),
    )  # fmt: skip


def _appointments(session: Session, branch: Branch) -> list[tuple[Appointment, str | None]]:
    """The appointments of the day by time, each with the number of its ticket."""
    first, after = clock.day_bounds(clock.local_day(clock.now(), branch.timezone), branch.timezone)
    query = (
        select(Appointment, Ticket.number)
        .outerjoin(Ticket, (Ticket.appointment_id == Appointment.id) & (Ticket.stage == 1))
        .where(
            Appointment.branch_id == branch.id,
            Appointment.state.in_(STATES),
            Appointment.starts_at >= first,
            Appointment.starts_at < after,
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .options(joinedload(Appointment.service), joinedload(Appointment.person).joinedload(Person.contact))
    )
    return [(appointment, number) for appointment, number in session.execute(query)]


def _tickets(session: Session, branch: Branch) -> list[tuple[Ticket, int | None]]:
    """The tickets of the day in the order of arrival, each with the counter at which it was last."""
    query = (
        select(Ticket, Counter.number)
        .outerjoin(Counter, Counter.id == Ticket.counter_id)
        .where(
            Ticket.branch_id == branch.id,
            Ticket.day == clock.local_day(clock.now(), branch.timezone),
            Ticket.state != "undone",
        )
        .order_by(Ticket.arrived_at, Ticket.id)
        .options(joinedload(Ticket.service))
    )
    return [(ticket, number) for ticket, number in session.execute(query)]
