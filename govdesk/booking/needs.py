"""What an appointment needs and may be: a place, its length, how one meets, how many a contact may have."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import chains
from govdesk.booking.errors import KindNotOfferedError, SlotTakenError, TooManyBookingsError
from govdesk.booking.models import Appointment, Slot
from govdesk.catalog.models import BranchService, PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.config import settings
from govdesk.db import table_of
from govdesk.prepared import Prepared

_slots = table_of(Slot)
_FULL = Prepared(
    select(_slots.c.id).where(_slots.c.id == bindparam("slot"), _slots.c.booked >= _slots.c.capacity)
)


def refuse_full(session: Session, slot_id: int) -> None:
    """Refuse a slot that is seen to be full, so that who comes too late makes no writer wait.

    It decides nothing: whoever passes still has to win in `slots.take`. Raises SlotTakenError.
    """
    if _FULL.first(session.connection(), {"slot": slot_id}) is not None:
        raise SlotTakenError(slot_id=slot_id)


def minutes_needed(
    session: Session, service_id: int, *, scenario_id: int | None = None, interpreter: str | None = None
) -> int:
    """How long an appointment lasts: the service, what its reason adds, and an interpreter where needed."""
    service = select(PublicService.minutes, PublicService.interpreter_minutes)
    row = session.execute(service.where(PublicService.id == service_id)).one_or_none()
    extra = select(Scenario.extra_minutes).where(Scenario.id == scenario_id)
    return chains.length(
        row.minutes if row else 0,
        scenario_minutes=(session.scalar(extra) or 0) if scenario_id else 0,
        interpreter_minutes=row.interpreter_minutes if row and interpreter else 0,
    )


def refuse_other_kind(session: Session, branch_id: int, service_id: int, kind: str) -> None:
    """Refuse a way of meeting that the branch does not offer for the service: KindNotOfferedError."""
    if kind == "on_site":
        return
    offered = session.scalar(
        select(BranchService.kinds).where(
            BranchService.branch_id == branch_id, BranchService.service_id == service_id
        )
    )
    if kind not in (offered or ()):
        raise KindNotOfferedError(field="kind")


def refuse_hoarding(session: Session, digest: str) -> None:
    """Refuse one more booking with a contact that has as many ahead as a family needs.

    Raises TooManyBookingsError. Two at once may both pass: the limit is there to stop hundreds.
    """
    ahead = session.scalar(
        select(func.count()).where(
            Appointment.contact_digest == digest,
            Appointment.state == "booked",
            Appointment.starts_at > clock.now(),
        )
    )
    if (ahead or 0) >= settings().bookings_per_contact:
        raise TooManyBookingsError(field="phone", bookings=settings().bookings_per_contact)
