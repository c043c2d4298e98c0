"""The time zone of a branch is fixed once something has happened in it: days and figures were cut by it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.booking.models import Appointment
from govdesk.cases.models import Visit
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.models import Branch
from govdesk.queue.models import Ticket


def refuse_other_zone(session: Session, *, code: str, timezone: str) -> None:
    """Raise CatalogEditError where a branch has another zone and appointments, tickets or visits already."""
    branch = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if branch is None or branch.timezone == timezone:
        return
    for lived in (Appointment, Ticket, Visit):
        here = select(lived.id).where(lived.branch_id == branch.id).limit(1)
        if session.scalar(here) is not None:
            raise CatalogEditError(
                "catalog.timezone_settled", field="timezone", status=409, code=code, zone=branch.timezone
            )
