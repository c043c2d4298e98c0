"""Emergency: a branch closes at once, everybody waiting is told, who has booked for today is displaced."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n, outbox
from govdesk.actor import Actor
from govdesk.booking import rebooking
from govdesk.booking.hours import stops
from govdesk.booking.hours.models import JoinStop
from govdesk.booking.models import Appointment
from govdesk.booking.schedule import timetable
from govdesk.booking.schedule.models import ScheduleException
from govdesk.booking.telling import BOOK
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import NotAllowedError
from govdesk.people.models import PersonContact
from govdesk.queue import counters, live, reaching, steps
from govdesk.queue.models import Ticket

CLOSERS = stops.STOPPERS
CAUSE = "emergency"
SENT_HOME = ("waiting", "held")  # who is at a counter is served
MIDNIGHT = dt.time(0)
TOLD_WITHIN = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What closing now does: to whom, how many of them hear of it, and which counters still serve."""

    waiting: int
    reachable: int
    serving: int
    counters: int
    booked: int


def outlook(session: Session, branch: Branch) -> Outlook:
    """What closing this branch now would do."""
    here = select(func.count()).where(Ticket.branch_id == branch.id)
    home = Ticket.state.in_(SENT_HOME)
    serving = session.scalar(here.where(Ticket.state.in_(("called", "serving")))) or 0
    return Outlook(
        waiting=session.scalar(here.where(home)) or 0,
        reachable=_reachable(session, branch),
        serving=serving,
        counters=len(live.seats(session, branch.id)),
        booked=len(_booked_today(session, branch)),
    )


def _reachable(session: Session, branch: Branch) -> int:
    """Of those who would be sent home, who left a contact or had the ticket sent to a phone."""
    query = (
        select(Ticket.id, PersonContact.person_id)
        .outerjoin(PersonContact, PersonContact.person_id == Ticket.person_id)
        .where(Ticket.branch_id == branch.id, Ticket.state.in_(SENT_HOME))
    )
    rows = session.execute(query).all()
    known = {ticket_id for ticket_id, person_id in rows if person_id is not None}
    return len(known | reaching.addresses(session, [row[0] for row in rows]).keys())


def closed(session: Session, branch: Branch) -> tuple[JoinStop, ScheduleException | None] | None:
    """The stop and the closure of today's hours by which a branch is closed in an emergency now."""
    today = clock.local_day(clock.now(), branch.timezone)
    for stop in stops.in_force(session, branch.id):
        query = select(ScheduleException).where(
            ScheduleException.branch_id == branch.id,
            ScheduleException.kind == "shut",
            ScheduleException.service_id.is_(None),
            ScheduleException.first_on == today,
            ScheduleException.last_on == today,
            ScheduleException.starts == _minute(stop.stopped_at, branch),
            ScheduleException.ends == MIDNIGHT,
        )
        shut = session.scalars(query.order_by(ScheduleException.id)).first()
        if stop.service_id is None and shut is not None:
            return stop, shut
    return None


def close(session: Session, *, actor: Actor, branch: Branch, reason: Name) -> None:
    """Close a branch for the rest of the day, at once. NotAllowedError; DeskError beside the reason.

    1. The branch's row is locked: of two who press, the second finds it closed, and only sends home who
       came to wait meanwhile. So doing it twice is doing it once.
    2. No ticket and no time of today can be had from now on.
    3. Who waits or is set aside ends unserved, for its own cause, and hears of it (`ticket.sent_home`).
    4. Counters where nobody is close; the others serve who is there, and find nobody to call.
    5. Who has booked for later today is given another place, or is to be called: `rebooking.rebook`.
    """
    if not actor.may(*CLOSERS, branch_id=branch.id):
        raise NotAllowedError
    session.execute(select(Branch.id).where(Branch.id == branch.id).with_for_update())
    if closed(session, branch) is None:
        _shut(session, actor, branch, reason)
    home = _send_home(session, actor, branch, reason)
    for seat in live.seats(session, branch.id):
        if counters.ticket_at(session, seat.counter_id) is None:
            counters.end_seat(session, seat, actor)
    moved = rebooking.rebook(session, actor=actor, appointments=_booked_today(session, branch), reason=reason)
    subject = f"branch:{branch.id}"
    audit.record(
        session, actor=actor, action="branch.closed", subject=subject, tickets=home,
        appointments=len(moved), reason=reason.en,
    )  # fmt: skip


def reopen(session: Session, *, actor: Actor, branch: Branch) -> None:
    """Give tickets and times of today again; what was closed or moved stays so. Twice is once."""
    if not actor.may(*CLOSERS, branch_id=branch.id):
        raise NotAllowedError
    session.execute(select(Branch.id).where(Branch.id == branch.id).with_for_update())
    found = closed(session, branch)
    if found is None:
        return
    stop, shut = found
    stops.lift(session, actor=actor, branch=branch, stop_id=stop.id)
    if shut is not None:
        timetable.withdraw_exception(session, actor=actor, branch=branch, exception=shut)
    audit.record(session, actor=actor, action="branch.reopened", subject=f"branch:{branch.id}")


def tell_sent_home(session: Session, payload: dict[str, Any]) -> None:
    """Tell who waited and can be reached that the branch had to close, and why."""
    ticket = session.get_one(Ticket, payload["ticket_id"])
    if ticket.state != "closed_unserved":
        return
    branch = session.get_one(Branch, ticket.branch_id)
    with i18n.speaking(ticket.language):
        values = {
            "number": ticket.number,
            "service": i18n.named(ticket.service),
            "branch": i18n.named(branch),
            "reason": payload[f"reason_{ticket.language}"],
            "book_link": settings().base_address + BOOK.format(ticket.service.code),
        }
    reaching.tell(
        session, ticket, key="branch_closed", values=values, expires_at=clock.now() + TOLD_WITHIN,
        zone=branch.timezone,
    )  # fmt: skip


def _shut(session: Session, actor: Actor, branch: Branch, reason: Name) -> None:
    now = clock.now()
    today = clock.local_day(now, branch.timezone)
    until = clock.day_bounds(today, branch.timezone)[1]
    stops.stop_joining(session, actor=actor, branch=branch, service_id=None, reason=reason, until=until)
    shut = ScheduleException(
        branch_id=branch.id, kind="shut", first_on=today, last_on=today, starts=_minute(now, branch),
        ends=MIDNIGHT, name_ar=reason.ar, name_en=reason.en,
    )  # fmt: skip
    timetable.save_exception(session, actor=actor, branch=branch, exception=shut)


def _send_home(session: Session, actor: Actor, branch: Branch, reason: Name) -> int:
    query = select(Ticket).where(Ticket.branch_id == branch.id, Ticket.state.in_(SENT_HOME))
    waiting = session.scalars(query.order_by(Ticket.id).with_for_update(of=Ticket)).all()
    for ticket in waiting:
        ticket.state, ticket.cause = "closed_unserved", CAUSE
        steps.end(session, ticket, "closed", actor, cause=CAUSE)
        outbox.emit(
            session, "ticket.sent_home", ticket_id=ticket.id, reason_ar=reason.ar, reason_en=reason.en
        )
    session.flush()
    return len(waiting)


def _booked_today(session: Session, branch: Branch) -> list[Appointment]:
    now = clock.now()
    end = clock.day_bounds(clock.local_day(now, branch.timezone), branch.timezone)[1]
    query = select(Appointment).where(
        Appointment.branch_id == branch.id,
        Appointment.state == "booked",
        Appointment.starts_at > now,
        Appointment.starts_at < end,
    )
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.id)))


def _minute(moment: dt.datetime, branch: Branch) -> dt.time:
    local = moment.astimezone(ZoneInfo(branch.timezone))
    return local.time().replace(second=0, microsecond=0)
