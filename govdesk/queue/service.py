"""Verbs of the queue: what can happen to a ticket between the door and the end of service."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import chance, clock, outbox
from govdesk.actor import Actor
from govdesk.booking import service as booking
from govdesk.booking.hours.closures import refuse_when_shut
from govdesk.booking.models import Appointment
from govdesk.booking.rebooking import has_priority
from govdesk.catalog import priorities
from govdesk.catalog.models import Branch, BranchService, PublicService
from govdesk.catalog.objects import plain
from govdesk.people.models import Person
from govdesk.queue import calling, endings, estimates, meant, policies, policy, rules, steps
from govdesk.queue.endings import abandon, close_day, conclude, noshow, turn_away
from govdesk.queue.errors import NotOfferedError, WrongStepError
from govdesk.queue.holding import hold, resume
from govdesk.queue.models import NumberSeries, Ticket

__all__ = [
    "abandon", "call_next", "check_in", "close_day", "conclude", "hold", "issue", "name_person", "noshow",
    "recall", "resume", "start", "take_back", "transfer", "turn_away", "waiting_count",
]  # fmt: skip


def issue(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    service: PublicService,
    person: Person | None = None,
    visitor: Person | None = None,
    priority: str = "none",
    language: str = "ar",
    channel: str = "reception",
    object_ref: str | None = None,
    appointment: Appointment | None = None,
    scenario_id: int | None = None,
    at_door: bool = False,
) -> Ticket:
    """Give a place in the queue; the first wait quoted (minutes, p10..p90) is kept as a promise.

    A priority that is of no group counts as none. Who walks in gets none for what is shut now: ShutError;
    who is counted `at_door` to be sent away does.
    """
    if appointment is None and not at_door:
        refuse_when_shut(session, branch, service)
    now, priority = clock.now(), priorities.read(session, priority)
    place = _place(session, branch, service, appointment, now=now, priority=priority, language=language)
    day = clock.local_day(now, branch.timezone)
    ticket = Ticket(
        token=chance.token(),
        branch_id=branch.id,
        service_id=service.id,
        number=_next_number(session, branch.id, day, service.prefix),
        day=day,
        state="waiting",
        priority=priority,
        channel=channel,
        language=language,
        person_id=person.id if person else None,
        visitor_id=visitor.id if visitor else None,
        object_ref=plain(object_ref, service.object_kind) or None,
        appointment_id=appointment.id if appointment else None,
        scenario_id=scenario_id,
        arrived_at=now,
        **place,
    )
    session.add(ticket)
    session.flush()
    steps.note(session, ticket, "issued", actor, channel=channel)
    if person is not None:
        outbox.emit(session, "ticket.named", ticket_id=ticket.id)
    return ticket


def _place(
    session: Session, branch: Branch, service: PublicService, appointment: Appointment | None, *,
    now: dt.datetime, priority: str, language: str,
) -> dict[str, Any]:  # fmt: skip
    """Where a ticket given now stands in the one order, and what its holder is told about the wait."""
    due = appointment.starts_at if appointment else None
    in_force = policies.in_force(session, branch.id)
    is_displaced = appointment is not None and has_priority(session, appointment)
    standing = {"has_priority": priority != rules.NO_PRIORITY, "is_displaced": is_displaced}
    place: dict[str, Any] = {
        "order_at": policy.place(now, due, **standing, policy=in_force),
        "callable_at": rules.callable_from(now, due),
        "call_class": policy.class_of(now, due, **standing, policy=in_force),
    }
    quote = estimates.for_newcomer(session, branch_id=branch.id, service=service, language=language, **place)
    return {
        **place,
        "is_displaced": is_displaced,
        "quoted_at": now if quote else None,
        "quoted_low": quote.low if quote else None,
        "quoted_high": quote.high if quote else None,
    }


def check_in(session: Session, *, actor: Actor, appointment: Appointment, priority: str = "none") -> Ticket:
    """Turn an appointment into a ticket, once: a second check-in answers with the same ticket.

    Without a priority given here, what the person said when booking counts.
    """
    session.refresh(appointment, ["state"], with_for_update=True)  # of two at once one finds the ticket
    already = session.scalars(
        select(Ticket).where(Ticket.appointment_id == appointment.id).order_by(Ticket.stage.desc()).limit(1)
    ).one_or_none()
    if already is not None:
        return already
    booking.arrive(session, actor=actor, appointment=appointment)
    return issue(
        session,
        actor=actor,
        branch=appointment.branch,
        service=appointment.service,
        person=appointment.person,
        priority=appointment.priority if priority == "none" else priority,
        language=appointment.language,
        channel="appointment",
        object_ref=appointment.object_ref,
        appointment=appointment,
        scenario_id=appointment.scenario_id,
    )


def call_next(session: Session, *, actor: Actor) -> Ticket | None:
    """Call the ticket that stands first to the officer's counter; None when nobody may be called now.

    How the race of many officers is won: see `calling.call`. Raises CounterClosedError, CounterBusyError.
    """
    taken = calling.call(session, actor=actor)
    return session.get_one(Ticket, taken, populate_existing=True) if taken is not None else None


def recall(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Call again, keeping the first call's time; after three calls without answer the ticket is missed.

    After more than three, where the branch wants more before a no-show.
    """
    ticket = steps.step(session, "recall", ticket_id, actor)
    if ticket.call_count >= max(rules.CALLS, session.get_one(Branch, ticket.branch_id).calls_before_noshow):
        return endings.noshow(session, actor=actor, ticket_id=ticket_id)
    ticket.call_count += 1
    ticket.last_called_at = clock.now()
    steps.note(session, ticket, "recalled", actor)
    return ticket


def start(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """The person is at the desk."""
    ticket = steps.step(session, "start", ticket_id, actor)
    ticket.started_at = ticket.started_at or clock.now()
    steps.note(session, ticket, "started", actor)
    return ticket


def take_back(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """A missed person is here after all: waiting again at the old place, history kept; the same day only."""
    ticket = steps.found(session, ticket_id, actor)
    branch = session.get_one(Branch, ticket.branch_id)
    if ticket.day != clock.local_day(clock.now(), branch.timezone):
        raise WrongStepError("queue.another_day")
    ticket = steps.step(session, "take_back", ticket_id, actor)
    assert ticket.ended_at is not None
    was = {"counter": ticket.counter_id, "officer": ticket.staff_id, "calls": ticket.call_count}
    ended_at = ticket.ended_at.isoformat()
    ticket.ended_at = ticket.counter_id = ticket.staff_id = None
    ticket.call_count = 0
    steps.note(session, ticket, "taken_back", actor, **was, ended_at=ended_at)
    outbox.emit(session, "ticket.taken_back", ticket_id=ticket.id)
    return ticket


def name_person(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    person: Person,
    object_ref: str | None = None,
    visitor: Person | None = None,
) -> Ticket:
    """Say whose matter a live ticket is, and about what; who was named before by mistake stays in the events.

    `visitor` is who came in the person's place, such as a relative; the matter stays the person's.
    The stages it was transferred from are the same person's: they are named with it, and told again.
    Raises WrongStepError once the ticket has ended.
    """
    ticket = steps.found(session, ticket_id, actor)
    if ticket.state not in rules.LIVE:
        raise WrongStepError(state=ticket.state)
    known = ticket.object_ref
    about = plain(object_ref, ticket.service.object_kind) or ticket.object_ref
    if visitor is not None and visitor.id != person.id:
        ticket.visitor_id = visitor.id
    elif ticket.visitor_id == person.id:  # who came has come for themselves
        ticket.visitor_id = None
    if _name(session, ticket, actor, person, about):
        outbox.emit(session, "ticket.named", ticket_id=ticket.id)
    stage = ticket
    while stage.transferred_from_id is not None:
        stage = steps.found(session, stage.transferred_from_id, actor)
        stage.visitor_id = ticket.visitor_id
        is_same = stage.object_ref == known  # a transfer hands on what it is about
        if _name(session, stage, actor, person, about if is_same else stage.object_ref):
            outbox.emit(session, "ticket.ended", ticket_id=stage.id)
    return ticket


def _name(session: Session, ticket: Ticket, actor: Actor, person: Person, about: str | None) -> bool:
    if (ticket.person_id, ticket.object_ref) == (person.id, about):
        return False
    before = ticket.person_id
    ticket.person_id, ticket.object_ref = person.id, about
    steps.note(session, ticket, "named", actor, person=person.id, before=before)
    return True


def transfer(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    service: PublicService,
    to: meant.Meant = meant.ANYBODY,
) -> Ticket:
    """Send a person on, to another service or `to` one counter or officer: same number, place by arrival.

    The end of the old stage is the beginning of the next, to the second. Who was not called yet keeps the
    promise that was made at the door; who was gets one for the next wait. NotOfferedError when the
    branch does not offer that service, or they would stand where they stood; MeantError when nobody there
    serves it. Who is sent to a counter or an officer is called there alone, until that seat closes.
    """
    ticket = steps.sought(session, ticket_id)
    if to != meant.ANYBODY:
        meant.seat_for(session, to, branch_id=ticket.branch_id, service_id=service.id)
    ticket = steps.step(session, "transfer", ticket_id, actor)
    if session.get(BranchService, (ticket.branch_id, service.id)) is None:
        raise NotOfferedError(field="service")
    if to == meant.ANYBODY and service.id == ticket.service_id:
        raise NotOfferedError("queue.transfer_nowhere", field="to")
    ticket.ended_at = now = clock.now()
    ticket.held_until = None
    follow = steps.next_stage(ticket, service.id, now)
    follow.meant_counter_id, follow.meant_staff_id = to
    session.add(follow)
    session.flush()
    _promise(session, ticket, follow, service)
    told = {"counter": to.counter_id, "officer": to.staff_id}
    where = {name: value for name, value in told.items() if value}
    steps.note(session, ticket, "transferred", actor, to=follow.id, service=service.code, **where)
    steps.note(session, follow, "issued", actor, channel=ticket.channel, transferred_from=ticket.id)
    outbox.emit(session, "ticket.ended", ticket_id=ticket.id)
    return follow


def _promise(session: Session, ticket: Ticket, follow: Ticket, service: PublicService) -> None:
    """Promise the wait of a next stage; to who is meant for one seat nothing can be foretold."""
    if ticket.called_at is None and ticket.quoted_at is not None:
        follow.quoted_at = ticket.quoted_at
        follow.quoted_low, follow.quoted_high = ticket.quoted_low, ticket.quoted_high
        return
    if (follow.meant_counter_id, follow.meant_staff_id) != meant.ANYBODY:
        return
    quote = estimates.for_newcomer(
        session, branch_id=follow.branch_id, service=service, order_at=follow.order_at, ticket_id=follow.id
    )
    if quote is not None:
        follow.quoted_at, follow.quoted_low, follow.quoted_high = follow.arrived_at, quote.low, quote.high


def _next_number(session: Session, branch_id: int, day: dt.date, prefix: str) -> str:
    """The next number of the day: one atomic upsert, so two desks never give the same."""
    dialect = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    given = session.execute(
        dialect(NumberSeries)
        .values(branch_id=branch_id, day=day, prefix=prefix, last=1)
        .on_conflict_do_update(
            index_elements=["branch_id", "day", "prefix"], set_={"last": NumberSeries.last + 1}
        )
        .returning(NumberSeries.last)
    ).scalar_one()
    return rules.number(prefix, given)


def waiting_count(session: Session, branch_id: int) -> int:
    """How many wait in a branch now."""
    query = select(func.count()).where(Ticket.branch_id == branch_id, Ticket.state == "waiting")
    return session.scalar(query) or 0
