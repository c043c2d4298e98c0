"""Whatever officers press in whatever order: the queue does what a plain model of lists does."""

import datetime as dt
from collections import Counter as Tally
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import VISITOR
from govdesk.audit import AuditEntry, AuditHead
from govdesk.booking.models import Appointment, Slot
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.db import reading, table_of, transaction
from govdesk.errors import DeskError
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Staff
from govdesk.queue import counters, holding, own_turn, rules, service, sweeps, undoing
from govdesk.queue.meant import Meant
from govdesk.queue.models import CounterPause, CounterSession, NumberSeries, Ticket, TicketEvent
from tests.flows.plain_queue import HERE, PlainQueue, RefusedError
from tests.fuzz import examples
from tests.makers import MORNING, Cast, make_appointment, make_slot, make_staff
from tests.tampering import unguarded

RIYADH = "Asia/Riyadh"
TABLES = (
    TicketEvent, CounterPause, CounterSession, Ticket, NumberSeries, Appointment, Slot, OutboxEvent,
    AuditEntry, AuditHead,
)  # fmt: skip
COMPARED = (Ticket, TicketEvent, CounterSession, CounterPause, NumberSeries, OutboxEvent, AuditHead)
officers = st.integers(min_value=0, max_value=2)
desks = st.integers(min_value=0, max_value=1)
kinds = st.integers(min_value=0, max_value=2)
picked = st.integers(min_value=0, max_value=40)


class Hall(RuleBasedStateMachine):
    """Two counters, three officers and three services; the second counter does not serve the third."""

    branch: ClassVar[int]
    staff: ClassVar[list[Staff]]
    reception: ClassVar[Staff]
    desk_ids: ClassVar[list[int]]
    service_ids: ClassVar[list[int]]

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.contexts = clock.at(MORNING)
        self.contexts.__enter__()
        with transaction() as session:
            with unguarded(session):
                for table in TABLES:
                    session.execute(delete(table))
            audit.begin_chain(session)
        own = {self.desk_ids[0]: set[int](), self.desk_ids[1]: set(self.service_ids[:2])}
        self.plain = PlainQueue(clock.now, lambda: clock.local_day(clock.now(), RIYADH), own)
        self.found: list[Any] = []
        self.open(0, 0)
        self.open(1, 1)

    def teardown(self) -> None:
        """The audit holds, and has an entry for every event; then the clock is given back."""
        session = reading()
        assert list(audit.verify(session)) == []
        told = Tally(session.scalars(select(AuditEntry.action).where(AuditEntry.subject.like("ticket:%"))))
        noted = session.scalars(select(TicketEvent.kind))
        assert told == Tally(f"ticket.{kind}" for kind in noted)
        session.rollback()
        self.contexts.__exit__(None, None, None)

    def press(
        self, real: Callable[[Session], Any], plain: Callable[[Any], Any], *, is_same: bool = False
    ) -> None:
        """Do it in the queue and in the model: both do it or both refuse, and a refusal changes nothing."""
        done, refusal = None, None
        try:
            with transaction() as session:
                done = real(session)
        except DeskError as error:
            refusal = error
        try:
            wanted = plain(done)
        except RefusedError:
            assert refusal is not None, "this should have been refused"
            assert self.read() == self.found
        else:
            assert refusal is None, "this should not have been refused"
            if is_same:
                assert done == wanted

    def step(self, verb: str, who: int, place: int, **given: Any) -> None:
        """Do one thing with one ticket."""
        ticket = self.one(place, who)
        act = getattr(holding if verb in {"hold", "resume"} else service, verb)
        ending = {"outcome": "resolved"} if verb == "conclude" else given
        self.press(
            lambda session: act(session, actor=self.staff[who].actor, ticket_id=ticket, **ending),
            lambda _done: getattr(self.plain, verb)(self.staff[who].id, ticket, **given),
        )

    def one(self, place: int, who: int) -> int:
        """A ticket: half of the time the one at the officer's counter."""
        seat = self.plain.seats.get(self.staff[who].id)
        here = self.plain.at(seat.counter) if seat and place % 2 else None
        known = sorted(self.plain.places)
        return here.ticket if here else known[place // 2 % len(known)]

    @rule(kind=kinds, is_first=st.booleans())
    def issue(self, kind: int, is_first: bool) -> None:  # noqa: FBT001
        """Somebody walks in."""
        with transaction() as session:
            ticket = service.issue(
                session, actor=self.reception.actor, branch=session.get_one(Branch, self.branch),
                service=session.get_one(PublicService, self.service_ids[kind]),
                priority="elderly" if is_first else "none",
            )  # fmt: skip
        self.plain.come(ticket.id, ticket.service_id, is_first=is_first)

    @rule(kind=kinds, minutes=st.integers(min_value=-15, max_value=30), is_first=st.booleans())
    def check_in(self, kind: int, minutes: int, is_first: bool) -> None:  # noqa: FBT001
        """Somebody comes to an appointment, twice with the same slip."""
        due = clock.now() + dt.timedelta(minutes=minutes)
        with transaction() as session:
            branch = session.get_one(Branch, self.branch)
            wanted = session.get_one(PublicService, self.service_ids[kind])
            same = select(Slot).where(Slot.service_id == wanted.id, Slot.starts_at == due)
            slot = session.scalars(same).one_or_none() or make_slot(
                session, branch=branch, service=wanted, starts_at=due, capacity=99
            )
            priority = "disability" if is_first else "none"
            booked = make_appointment(session, slot=slot, priority=priority)
            ticket = service.check_in(session, actor=self.reception.actor, appointment=booked)
            again = service.check_in(session, actor=self.reception.actor, appointment=booked)
        assert again.id == ticket.id
        self.plain.come(ticket.id, ticket.service_id, is_first=is_first, due=due)

    @rule(who=officers)
    def call_next(self, who: int) -> None:
        """Call."""
        self.press(lambda session: self.called(session, who), lambda _done: self.call(who), is_same=True)

    def called(self, session: Session, who: int) -> int | None:
        """Whom the queue gives."""
        ticket = service.call_next(session, actor=self.staff[who].actor)
        return ticket.id if ticket else None

    def call(self, who: int) -> int | None:
        """Whom the model gives."""
        return self.plain.call(self.staff[who].id)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def recall(self, who: int, place: int) -> None:
        """Call once more."""
        self.step("recall", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def start(self, who: int, place: int) -> None:
        """Begin."""
        self.step("start", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def conclude(self, who: int, place: int) -> None:
        """End."""
        self.step("conclude", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def conclude_and_call(self, who: int, place: int) -> None:
        """End and call with one press: both or neither."""
        ticket = self.one(place, who)

        def real(session: Session) -> int | None:
            service.conclude(session, actor=self.staff[who].actor, ticket_id=ticket, outcome="resolved")
            return self.called(session, who)

        def plain(_done: Any) -> int | None:
            seat = self.plain.seats.get(self.staff[who].id)
            if (
                seat is None
                or seat.is_paused
                or self.plain.at(seat.counter) not in {None, self.plain.places[ticket]}
            ):
                raise RefusedError
            self.plain.conclude(self.staff[who].id, ticket)
            return self.call(who)

        self.press(real, plain, is_same=True)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def noshow(self, who: int, place: int) -> None:
        """Nobody came."""
        self.step("noshow", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def take_back(self, who: int, place: int) -> None:
        """They came after all."""
        self.step("take_back", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def abandon(self, who: int, place: int) -> None:
        """They left."""
        self.step("abandon", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(place=picked)
    def push_back(self, place: int) -> None:
        """They let others pass."""
        ticket = self.one(place, 0)
        self.press(
            lambda session: own_turn.push_back(session, actor=VISITOR, ticket_id=ticket),
            lambda _done: self.plain.push_back(ticket),
        )

    @precondition(lambda self: self.plain.places)
    @rule(place=picked)
    def rejoin(self, place: int) -> None:
        """They come back, as their phone says."""
        ticket = self.one(place, 0)
        self.press(
            lambda session: own_turn.rejoin(session, actor=VISITOR, ticket_id=ticket),
            lambda _done: self.plain.rejoin(None, ticket),
        )

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked, minutes=st.sampled_from([None, 5, 10]), is_mine=st.booleans())
    def hold(self, who: int, place: int, minutes: int | None, is_mine: bool) -> None:  # noqa: FBT001
        """Set aside."""
        self.step("hold", who, place, minutes=minutes, is_mine=is_mine)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked)
    def resume(self, who: int, place: int) -> None:
        """Go on with who was set aside."""
        self.step("resume", who, place)

    @precondition(lambda self: self.plain.places)
    @rule(who=officers, place=picked, kind=kinds, counter=st.none() | desks, officer=st.none() | officers)
    def transfer(self, who: int, place: int, kind: int, counter: int | None, officer: int | None) -> None:
        """Send on: to a service, a counter or an officer."""
        to = Meant(
            None if counter is None else self.desk_ids[counter],
            None if officer is None or counter is not None else self.staff[officer].id,
        )
        self.send_on(who, self.one(place, who), self.service_ids[kind], to)

    @precondition(lambda self: any(one.state == "held" for one in self.plain.places.values()))
    @rule(who=officers, kind=kinds)
    def slip(self, who: int, kind: int) -> None:
        """Send on who was set aside the last, and take it back at once."""
        aside = [ticket for ticket, one in self.plain.places.items() if one.state == "held"]
        self.send_on(who, aside[-1], self.service_ids[kind], Meant())
        self.undo(who)

    @precondition(lambda self: any(one.state == "noshow" for one in self.plain.places.values()))
    @rule(who=officers)
    def mistake(self, who: int) -> None:
        """Take back who was missed the last, and undo it at once."""
        known = sorted(self.plain.places)
        missed = [ticket for ticket in known if self.plain.places[ticket].state == "noshow"]
        self.step("take_back", who, 2 * known.index(missed[-1]))
        self.undo(who)

    def send_on(self, who: int, ticket: int, wanted: int, to: Meant) -> None:
        """Send on."""
        self.press(
            lambda session: service.transfer(
                session, actor=self.staff[who].actor, ticket_id=ticket,
                service=session.get_one(PublicService, wanted), to=to,
            ).id,
            lambda made: self.plain.transfer(self.staff[who].id, ticket, wanted, to, made),
        )  # fmt: skip

    @rule(who=officers, counter=desks)
    def open(self, who: int, counter: int) -> None:
        """Sit down."""
        actor, place = self.staff[who].actor, self.desk_ids[counter]
        self.press(
            lambda session: counters.open_counter(session, actor=actor, counter_id=place),
            lambda _done: self.plain.open(self.staff[who].id, place),
        )

    @rule(who=officers, is_paused=st.booleans())
    def pause(self, who: int, is_paused: bool) -> None:  # noqa: FBT001
        """Begin or end a break."""
        act = counters.pause_counter if is_paused else counters.unpause_counter
        self.press(
            lambda session: act(session, actor=self.staff[who].actor),
            lambda _done: self.plain.pause(self.staff[who].id, is_paused=is_paused),
        )

    @rule(who=officers)
    def close(self, who: int) -> None:
        """Get up."""
        self.press(
            lambda session: counters.close_counter(session, actor=self.staff[who].actor),
            lambda _done: self.plain.close(self.staff[who].id),
        )

    @rule(who=officers)
    def leave(self, who: int) -> None:
        """Get up whoever is there."""
        self.press(
            lambda session: counters.leave(session, actor=self.staff[who].actor),
            lambda _done: self.plain.leave(self.staff[who].id),
        )

    @rule(who=st.none() | officers)
    def undo(self, who: int | None) -> None:
        """Take the last step back, most often by who did it."""
        last = [act.by for act in self.plain.acts if act.by is not None][-1:]
        mine = [number for number, one in enumerate(self.staff) if one.id in last]
        who = who if who is not None else (mine or [0])[0]
        actor = self.staff[who].actor

        def real(session: Session) -> None:
            last = undoing.last_step(session, actor)
            if last is None:
                raise undoing.UndoError
            undoing.undo(session, actor=actor, event_id=last.event_id)

        self.press(real, lambda _done: self.plain.undo(int(actor.id)))

    @rule(seconds=st.sampled_from([1, 59, 60, 61, 300, 900]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.move(self.now + dt.timedelta(seconds=seconds))
        holding.run_return_held()
        self.plain.pass_time()

    @precondition(lambda self: len(self.plain.acts) > 8)
    @rule()
    def night(self) -> None:
        """A day ends and the next begins."""
        self.move(dt.datetime.combine(self.now.date() + dt.timedelta(days=1), MORNING.timetz()))
        sweeps.run_close_day()
        self.plain.night()

    def move(self, moment: dt.datetime) -> None:
        """It is later."""
        self.contexts.__exit__(None, None, None)
        self.now = moment
        self.contexts = clock.at(moment)
        self.contexts.__enter__()

    def read(self) -> list[Any]:
        """All that the database holds of the queue."""
        session = reading()
        rows: list[Any] = []
        for model in COMPARED:
            table = table_of(model)
            rows.append(session.execute(select(table).order_by(*table.primary_key)).all())
        session.rollback()
        return rows

    @invariant()
    def it_stands_as_on_paper(self) -> None:
        """Every ticket and every seat is what the model says."""
        self.found = tickets, _events, seats, *_others = self.read()
        assert [one.id for one in tickets] == sorted(self.plain.places)
        for one in tickets:
            assert stood(one) == on_paper(self.plain, one.id)
        taken = {
            one.staff_id: (one.counter_id, one.paused_at is not None) for one in seats if not one.closed_at
        }
        assert taken == {who: (seat.counter, seat.is_paused) for who, seat in self.plain.seats.items()}
        each_is_in_one_place_and_none_is_lost(tickets)
        the_events_tell_the_state(*self.found[:2])


def each_is_in_one_place_and_none_is_lost(tickets: list[Any]) -> None:
    """A counter has one person at most; of the stages of a number one is still there, or ended."""
    there = Tally(one.counter_id for one in tickets if one.state in HERE)
    assert set(there.values()) <= {1}
    assert None not in there
    kept = Tally((one.day, one.number) for one in tickets if one.state not in {"transferred", "undone"})
    assert kept == Tally({(one.day, one.number) for one in tickets})


def the_events_tell_the_state(tickets: list[Any], events: list[Any]) -> None:
    """What was noted, played again, leaves each ticket where it is."""
    told: dict[int, list[Any]] = {}
    for event in events:
        told.setdefault(event.ticket_id, []).append(event)
    for one in tickets:
        held = rules.standing(told[one.id])
        assert one.state == (rules.LEADS_TO[held[-1].kind] if held else "undone")
        if one.state in HERE:
            assert one.counter_id == held[-1].counter_id


def stood(one: Any) -> dict[str, Any]:
    """How a ticket stands in the queue."""
    return {
        "service": one.service_id, "state": one.state, "order_at": one.order_at,
        "callable_at": one.callable_at, "calls": one.call_count, "called_at": one.called_at,
        "last_called_at": one.last_called_at, "started_at": one.started_at, "ended_at": one.ended_at,
        "at": (one.counter_id, one.staff_id) if one.state in HERE else None,
        "for": (one.meant_counter_id, one.meant_staff_id) if one.state in {"waiting", "held"} else None,
        "until": one.held_until if one.state == "held" else None,
    }  # fmt: skip


def on_paper(plain: PlainQueue, ticket: int) -> dict[str, Any]:
    """How it stands in the model."""
    one = plain.places[ticket]
    return {
        "service": one.service, "state": one.state, "order_at": one.order_at,
        "callable_at": one.callable_at, "calls": one.calls, "called_at": one.called_at,
        "last_called_at": one.last_called_at, "started_at": one.started_at, "ended_at": one.ended_at,
        "at": (one.counter, one.officer) if one.state in HERE else None,
        "for": (one.for_counter, one.for_officer) if one.state in {"waiting", "held"} else None,
        "until": one.held_until if one.state == "held" else None,
    }  # fmt: skip


@pytest.fixture
def hall(app: Flask, cast: Cast) -> type[Hall]:
    services = [cast.renewal.id, cast.passport.id, cast.deed.id]
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        branch.calls_before_noshow, branch.rejoin_minutes, branch.push_back_places = 2, 10, 2
        session.get_one(Counter, cast.north_2.id).service_ids = services[:2]
        third = make_staff(session, "layla", branch=branch)
    names = {
        "branch": cast.north.id,
        "staff": [cast.staff["omar"], cast.staff["othman"], third],
        "reception": cast.staff["reem"],
        "desk_ids": [cast.north_1.id, cast.north_2.id],
        "service_ids": services,
    }
    return type("HallOfToday", (Hall,), names)


@pytest.mark.hypothesis
def test_in_any_order_of_presses_the_queue_stands_as_on_paper(hall: type[Hall]) -> None:
    quick = settings(
        max_examples=examples(12), stateful_step_count=30, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(hall, settings=quick)
