"""What the reception desk sees: who waits, who was missed, whose appointment is near."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import telling
from govdesk.booking.models import Appointment
from govdesk.cases.commitments import lists as commitments
from govdesk.cases.past import of_ticket
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.catalog.service import offered
from govdesk.db import reading
from govdesk.faces import priorities
from govdesk.faces.fields import plan_word
from govdesk.i18n import minutes, t
from govdesk.notify.service import unreached
from govdesk.queue import lane
from govdesk.queue.models import Ticket
from govdesk.queue.rules import LIVE

SHOWN, ALL = 25, 2000
EXPECTED = 8
PAST = dt.timedelta(minutes=60)  # an appointment this long gone leaves the list, not the day


@dataclass(frozen=True, slots=True)
class Room:
    """The hall as reception sees it."""

    line: lane.Lane
    services: dict[int, PublicService]
    missed: list[tuple[int, str]]
    expected: Sequence[Appointment]
    is_whole: bool
    away: frozenset[int]  # tickets taken from elsewhere whose holders are not here yet

    @property
    def hidden(self) -> int:
        """How many wait that are not in the list."""
        return self.line.count - len(self.line.first)


def of(session: Session, branch: Branch, *, is_whole: bool = False) -> Room:
    """The hall now; the whole line, or its first."""
    line = lane.lane(session, branch_id=branch.id, service_ids=(), shown=ALL if is_whole else SHOWN)
    wanted = {waiting.service_id for waiting in line.first}
    services = session.scalars(select(PublicService).where(PublicService.id.in_(wanted)))
    return Room(
        line=line,
        services={service.id: service for service in services},
        missed=lane.missed(session, branch, shown=EXPECTED),
        expected=_expected(session, branch),
        is_whole=is_whole,
        away=_away(session, branch),
    )


def causes(session: Session) -> Sequence[Cause]:
    """Why a visit may fail, in the order of the list."""
    return session.scalars(select(Cause).where(Cause.is_active).order_by(Cause.position)).all()


def choices(session: Session, branch: Branch) -> list[PublicService]:
    """What a ticket may be for here."""
    return offered(session, branch)


def state(room: Room) -> dict[str, Any]:
    """The hall as data: when any of it changes, the page takes its lists anew."""
    return {
        "waiting": [
            [waiting.ticket_id, waiting.is_early, int((clock.now() - waiting.since).total_seconds() // 60)]
            for waiting in room.line.first
        ],
        "count": room.line.count,
        "away": sorted(room.away),
        "missed": [ticket_id for ticket_id, _number in room.missed],
        "expected": [[one.reference, one.late_minutes] for one in room.expected],
    }


def about(appointment: Appointment) -> list[str]:
    """What reception should know of someone expected: late, a need, an interpreter, the way, not reached."""
    said = []
    if appointment.coming_at and appointment.late_minutes:
        said.append(t("reception.late_by", minutes=minutes(appointment.late_minutes)))
    elif appointment.coming_at:
        said.append(t("reception.on_the_way"))
    if appointment.priority != "none":
        said.append(priorities.name_of(appointment.priority))
    if appointment.interpreter:
        said.append(t(f"booking.interpreter_{appointment.interpreter}"))
    if appointment.kind != "on_site":
        said.append(t(f"booking.kind_{appointment.kind}"))
    subject = telling.about(appointment)
    if address := unreached(reading(), [subject]).get(subject):
        said.append(t("notify.unreached", address=address))
    return said


def seen_before(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What reception knows of somebody who is here again: when, where, what came of it, what was promised."""
    past = of_ticket(session, ticket) if ticket.state in LIVE else None
    if past is None or not past.is_return or ticket.person_id is None:
        return {"past": None}
    promised = commitments.standing(
        session, person_id=ticket.person_id, family=ticket.service.family, object_ref=ticket.object_ref
    )
    return {"past": past, "owed": promised, "plan_word": plan_word}


def _away(session: Session, branch: Branch) -> frozenset[int]:
    far = Ticket.is_remote & Ticket.present_at.is_(None)
    here = select(Ticket.id).where(Ticket.branch_id == branch.id, Ticket.state == "waiting", far)
    return frozenset(session.scalars(here))


def _expected(session: Session, branch: Branch) -> Sequence[Appointment]:
    now = clock.now()
    first, after = clock.day_bounds(clock.local_day(now, branch.timezone), branch.timezone)
    query = (
        select(Appointment)
        .where(
            Appointment.branch_id == branch.id,
            Appointment.state == "booked",
            Appointment.starts_at >= max(first, now - PAST),
            Appointment.starts_at < after,
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(EXPECTED)
    )
    return session.scalars(query).all()
