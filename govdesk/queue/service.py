"""Verbs of the queue: what can happen to a ticket between the door and the end of service."""

import datetime as dt

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch, Cause, Counter, PublicService
from govdesk.errors import NotAllowedError
from govdesk.people.models import Person
from govdesk.queue import counters, estimates, rules
from govdesk.queue.errors import CounterBusyError, OutcomeError, TicketNotFoundError, WrongStepError
from govdesk.queue.models import NumberSeries, Ticket, TicketEvent


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
) -> Ticket:
    """Give a place in the queue; the first wait quoted (minutes, p10..p90) is kept with the ticket as a promise."""
    now = clock.now()
    due = appointment.starts_at if appointment else None
    order_at = rules.place(now, due, priority)
    callable_at = rules.callable_from(now, due)
    quote = estimates.for_newcomer(session, branch_id=branch.id, service=service, order_at=order_at)
    early = max(0.0, (callable_at - now).total_seconds() / 60)
    day = clock.local_day(now, branch.timezone)
    ticket = Ticket(
        token=chance.token(),
        branch_id=branch.id,
        service_id=service.id,
        number=_next_number(session, branch.id, day, service.prefix),
        day=day,
        state="waiting",
        priority=priority if priority in rules.PRIORITIES else "none",
        channel=channel,
        language=language,
        person_id=person.id if person else None,
        visitor_id=visitor.id if visitor else None,
        object_ref=object_ref or None,
        appointment_id=appointment.id if appointment else None,
        arrived_at=now,
        callable_at=callable_at,
        order_at=order_at,
        quoted_at=now if quote else None,
        quoted_low=max(quote.low, early) if quote else None,
        quoted_high=max(quote.high, early) if quote else None,
    )
    session.add(ticket)
    session.flush()
    _note(session, ticket, "issued", actor, channel=channel)
    return ticket


def check_in(session: Session, *, actor: Actor, appointment: Appointment, priority: str = "none") -> Ticket:
    """Turn an appointment into a ticket, once: a second check-in answers with the same ticket."""
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
        priority=priority,
        language=appointment.language,
        channel="appointment",
        object_ref=appointment.object_ref,
        appointment=appointment,
    )


def call_next(session: Session, *, actor: Actor) -> Ticket | None:
    """Call the ticket that stands first to the officer's counter; None when nobody may be called now.

    The race of many officers over one queue, in steps:
    1. A counter that has an open person is refused, so a repeated press cannot take a second one.
    2. One UPDATE … WHERE id = (first waiting …) AND state = 'waiting' RETURNING decides. On SQLite there is one writer;
       on PostgreSQL the inner SELECT locks its row and skips rows that other officers are just taking.
    3. When skipping left nothing, the same statement runs once more without skipping: it waits for those officers, and takes
       what one of them gave back. So "nobody is waiting" is never said while somebody waits.
    4. The partial unique index on the counter of called and serving tickets refuses a second one whatever the code does.
    Retrying is safe: before the commit nothing has happened, after it step 1 refuses.
    """
    seat = counters.calling_seat(session, actor)
    if counters.ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError
    now = clock.now()
    taken = _claim(session, seat.counter, actor, now, skip=True)
    if taken is None and session.get_bind().dialect.name != "sqlite":
        taken = _claim(session, seat.counter, actor, now, skip=False)
    if taken is None:
        return None
    ticket = session.get_one(Ticket, taken)
    if ticket.called_at is None:
        ticket.called_at = now
    _note(session, ticket, "called", actor, counter_id=seat.counter_id)
    return ticket


def _claim(session: Session, counter: Counter, actor: Actor, now: dt.datetime, *, skip: bool) -> int | None:
    first = (
        select(Ticket.id)
        .where(Ticket.branch_id == counter.branch_id, Ticket.state == "waiting", Ticket.callable_at <= now)
        .order_by(Ticket.order_at, Ticket.id)
        .limit(1)
        .with_for_update(skip_locked=skip)
    )
    if counter.service_ids:
        first = first.where(Ticket.service_id.in_(counter.service_ids))
    claim = (
        update(Ticket)
        .where(Ticket.id == first.scalar_subquery(), Ticket.state == "waiting")
        .values(
            state="called",
            counter_id=counter.id,
            staff_id=int(actor.id),
            last_called_at=now,
            call_count=Ticket.call_count + 1,
        )
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(claim).scalar_one_or_none()


def recall(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Call again, keeping the first call's time; after the third call without answer the ticket becomes missed."""
    ticket = _step(session, "recall", ticket_id, actor)
    if ticket.call_count >= rules.CALLS:
        return noshow(session, actor=actor, ticket_id=ticket_id)
    ticket.call_count += 1
    ticket.last_called_at = clock.now()
    _note(session, ticket, "recalled", actor)
    return ticket


def start(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """The person is at the desk."""
    ticket = _step(session, "start", ticket_id, actor)
    ticket.started_at = ticket.started_at or clock.now()
    _note(session, ticket, "started", actor)
    return ticket


def hold(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Set a person aside (a photocopy, a missing stamp) without losing their place; the counter is free."""
    ticket = _step(session, "hold", ticket_id, actor)
    _note(session, ticket, "held", actor)
    return ticket


def resume(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Take a held person back to one's counter, which must be free."""
    seat = counters.calling_seat(session, actor)
    if counters.ticket_at(session, seat.counter_id) is not None:
        raise CounterBusyError
    ticket = _step(session, "resume", ticket_id, actor)
    now = clock.now()
    ticket.counter_id, ticket.staff_id = seat.counter_id, int(actor.id)
    ticket.called_at, ticket.started_at = ticket.called_at or now, ticket.started_at or now
    _note(session, ticket, "resumed", actor)
    return ticket


def noshow(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Nobody came to the counter."""
    ticket = _step(session, "noshow", ticket_id, actor)
    _end(session, ticket, "noshow", actor)
    return ticket


def take_back(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """A missed person is here after all: waiting again at the old place, history kept; the same day only."""
    ticket = _found(session, ticket_id, actor)
    branch = session.get_one(Branch, ticket.branch_id)
    if ticket.day != clock.local_day(clock.now(), branch.timezone):
        raise WrongStepError("queue.another_day")
    ticket = _step(session, "take_back", ticket_id, actor)
    ticket.ended_at = ticket.counter_id = ticket.staff_id = None
    ticket.call_count = 0
    _note(session, ticket, "taken_back", actor)
    return ticket


def transfer(session: Session, *, actor: Actor, ticket_id: int, service: PublicService) -> Ticket:
    """Send a person on to another service: the same number, the place by the original arrival.

    The end of the old stage is the beginning of the next, to the second.
    """
    ticket = _step(session, "transfer", ticket_id, actor)
    ticket.ended_at = now = clock.now()
    follow = Ticket(
        token=chance.token(),
        branch_id=ticket.branch_id,
        service_id=service.id,
        number=ticket.number,
        day=ticket.day,
        stage=ticket.stage + 1,
        state="waiting",
        priority=ticket.priority,
        channel=ticket.channel,
        language=ticket.language,
        person_id=ticket.person_id,
        visitor_id=ticket.visitor_id,
        object_ref=ticket.object_ref,
        appointment_id=ticket.appointment_id,
        transferred_from_id=ticket.id,
        arrived_at=now,
        callable_at=now,
        order_at=ticket.order_at,
    )
    session.add(follow)
    session.flush()
    _note(session, ticket, "transferred", actor, to=follow.id, service=service.code)
    _note(session, follow, "issued", actor, channel=ticket.channel, transferred_from=ticket.id)
    outbox.emit(session, "ticket.ended", ticket_id=ticket.id)
    return follow


def conclude(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    outcome: str,
    cause: str | None = None,
    return_reason: str | None = None,
    plan_reason: str | None = None,
    plan_due: dt.date | None = None,
) -> Ticket:
    """End a service with its outcome. An unmet need wants its cause; a planned next step its reason and a date ahead."""
    ticket = _found(session, ticket_id, actor)
    if outcome not in rules.OUTCOMES:
        raise OutcomeError(field="outcome")
    if outcome in {"unresolved", "turned_away"} and not cause:
        raise OutcomeError("queue.cause_missing", field="cause")
    for field, code in (("cause", cause), ("return_reason", return_reason)):
        if code and session.get(Cause, code) is None:
            raise OutcomeError("queue.cause_unknown", field=field)
    if outcome == "planned_next_step":
        branch = session.get_one(Branch, ticket.branch_id)
        if not plan_reason:
            raise OutcomeError("queue.plan_reason_missing", field="plan_reason")
        if plan_due is None or plan_due < clock.local_day(clock.now(), branch.timezone):
            raise OutcomeError("queue.plan_due_past", field="plan_due")
        ticket.plan_reason, ticket.plan_due = plan_reason, plan_due
    ticket = _step(session, "turn_away" if outcome == "turned_away" else "conclude", ticket_id, actor)
    ticket.outcome, ticket.cause, ticket.return_reason = outcome, cause or None, return_reason or None
    ticket.started_at = ticket.started_at or ticket.last_called_at or clock.now()
    _end(session, ticket, "concluded", actor, outcome=outcome, cause=cause, return_reason=return_reason)
    if ticket.appointment_id is not None:
        appointment = session.get_one(Appointment, ticket.appointment_id)
        if appointment.state == "arrived":
            booking.fulfil(session, actor=actor, appointment=appointment)
    return ticket


def turn_away(session: Session, *, actor: Actor, ticket_id: int, cause: str) -> Ticket:
    """Send someone home unserved, with the cause: counted as an attended visit that failed."""
    if session.get(Cause, cause) is None:
        raise OutcomeError("queue.cause_unknown", field="cause")
    ticket = _step(session, "turn_away", ticket_id, actor)
    ticket.outcome, ticket.cause = "turned_away", cause
    _end(session, ticket, "concluded", actor, outcome="turned_away", cause=cause)
    return ticket


def abandon(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """The person left before being served; said by themselves or seen by staff."""
    ticket = _step(session, "abandon", ticket_id, actor)
    _end(session, ticket, "abandoned", actor)
    return ticket


def close_day(session: Session, *, branch: Branch) -> int:
    """Close what is still open from earlier local days as unserved; how many. Never counted as served."""
    today = clock.local_day(clock.now(), branch.timezone)
    query = select(Ticket).where(Ticket.branch_id == branch.id, Ticket.state.in_(rules.LIVE), Ticket.day < today)
    left = session.scalars(query.order_by(Ticket.id)).all()
    for ticket in left:
        ticket.state = "closed_unserved"
        _end(session, ticket, "closed", SYSTEM)
    return len(left)


def _found(session: Session, ticket_id: int, actor: Actor) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None:
        raise TicketNotFoundError
    if actor.kind == "staff" and not actor.sees_branch(ticket.branch_id):
        raise NotAllowedError
    return ticket


def _step(session: Session, verb: str, ticket_id: int, actor: Actor) -> Ticket:
    """Take a step if the ticket's state allows it: the row is locked, so of two presses one finds it changed."""
    ticket = _found(session, ticket_id, actor)
    if not rules.may(verb, ticket.state):
        raise WrongStepError(state=ticket.state)
    ticket.state = rules.STEPS[verb][1]
    return ticket


def _end(session: Session, ticket: Ticket, kind: str, actor: Actor, **detail: object) -> None:
    ticket.ended_at = clock.now()
    _note(session, ticket, kind, actor, **{name: value for name, value in detail.items() if value})
    outbox.emit(session, "ticket.ended", ticket_id=ticket.id)


def _note(session: Session, ticket: Ticket, kind: str, actor: Actor, **detail: object) -> None:
    """Write the event and the audit entry of one change."""
    counter_id = ticket.counter_id
    row = {"ticket_id": ticket.id, "at": clock.now(), "kind": kind, "actor": actor.label, "counter_id": counter_id}
    session.execute(insert(TicketEvent), [{**row, "detail": detail}])
    audit.record(session, actor=actor, action=f"ticket.{kind}", subject=f"ticket:{ticket.id}", **detail)


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
