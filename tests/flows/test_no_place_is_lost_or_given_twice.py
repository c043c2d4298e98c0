"""Whatever people do in whatever order: never more than the capacity, and no place is lost."""

import contextlib
import datetime as dt
from collections import Counter

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
from sqlalchemy import delete, select, update

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import managing, sweeps
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment, AppointmentSlot, Slot
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.catalog.models import PublicService
from govdesk.db import transaction
from govdesk.errors import DeskError
from tests.fuzz import examples
from tests.makers import MORNING, Cast, make_person, make_slot

SLOTS, LONGEST = 6, 4
TAKES = ("held", "booked", "arrived", "fulfilled", "noshow")
TOMORROW = MORNING + dt.timedelta(days=1)
STEP = dt.timedelta(minutes=15)
chosen = st.integers(min_value=0, max_value=SLOTS - 1)
picked = st.integers(min_value=0, max_value=30)


class Office(RuleBasedStateMachine):
    """Six slots of a quarter of an hour, one or two places each; appointments of one to four slots."""

    cast: Cast
    slot_ids: list[int]
    people: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.ids: list[int] = []
        self.contexts = clock.at(MORNING)
        self.contexts.__enter__()
        with transaction() as session:
            session.execute(delete(AppointmentSlot))
            session.execute(delete(Appointment))
            session.execute(update(Slot).values(booked=0))

    def teardown(self) -> None:
        """Give the clock back."""
        self.contexts.__exit__(None, None, None)

    def mine(self, place: int) -> int:
        """One of the appointments so far."""
        return self.ids[place % len(self.ids)]

    def lasting(self, length: int) -> None:
        """Let a renewal take so many slots."""
        with transaction() as session:
            session.get_one(PublicService, self.cast.renewal.id).minutes = 15 * length

    @rule(slot=chosen, length=st.integers(min_value=1, max_value=LONGEST))
    def hold(self, slot: int, length: int) -> None:
        """Hold places in a row."""
        self.lasting(length)
        with contextlib.suppress(DeskError), transaction() as session:
            held = booking.hold(
                session, actor=VISITOR, slot_id=self.slot_ids[slot], service_id=self.cast.renewal.id
            )
            self.ids.append(held.id)

    @precondition(lambda self: self.ids)
    @rule(place=picked, whom=st.integers(min_value=0, max_value=9))
    def confirm(self, place: int, whom: int) -> None:
        """Book what was held, in time or too late."""
        with contextlib.suppress(DeskError), transaction() as session:
            appointment = session.get_one(Appointment, self.mine(place))
            person = session.get_one(type(self.cast.nora), self.people[whom])
            booking.confirm(session, actor=VISITOR, appointment=appointment, person=person)

    @precondition(lambda self: self.ids)
    @rule(place=picked)
    def cancel(self, place: int) -> None:
        """Give it up."""
        with contextlib.suppress(DeskError), transaction() as session:
            booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, self.mine(place)))

    @precondition(lambda self: self.ids)
    @rule(place=picked, slot=chosen)
    def move(self, place: int, slot: int) -> None:
        """Choose another time, also one that overlaps the old."""
        with contextlib.suppress(DeskError), transaction() as session:
            appointment = session.get_one(Appointment, self.mine(place))
            booking.move(session, actor=VISITOR, appointment=appointment, slot_id=self.slot_ids[slot])

    @rule(slot=chosen, others=st.integers(min_value=1, max_value=2), length=st.integers(1, 2))
    def hold_visit(self, slot: int, others: int, length: int) -> None:
        """Hold places for a family at once."""
        self.lasting(length)
        with contextlib.suppress(DeskError), transaction() as session:
            wanted = [(self.cast.renewal.id, member) for member in range(1 + others)]
            parts = courses.parts_of(session, wanted)
            held = visits.hold(session, actor=VISITOR, slot_id=self.slot_ids[slot], parts=parts)
            self.ids.extend(one.id for one in held)

    @precondition(lambda self: self.ids)
    @rule(place=picked, whom=st.integers(min_value=0, max_value=7), slot=st.none() | chosen)
    def confirm_visit(self, place: int, whom: int, slot: int | None) -> None:
        """Book all that was held together, in time or too late, or at another start."""
        with contextlib.suppress(DeskError), transaction() as session:
            appointment = session.get_one(Appointment, self.mine(place))
            people = {n: session.get_one(type(self.cast.nora), self.people[whom + n]) for n in range(3)}
            visits.confirm(
                session, actor=VISITOR, appointment=appointment, people=people,
                fields=dict.fromkeys(range(3), "name"), slot_id=None if slot is None else self.slot_ids[slot],
            )  # fmt: skip

    @precondition(lambda self: self.ids)
    @rule(place=picked, slot=chosen)
    def move_visit(self, place: int, slot: int) -> None:
        """Choose another start for all that is booked together."""
        with contextlib.suppress(DeskError), transaction() as session:
            appointment = session.get_one(Appointment, self.mine(place))
            visits.move(session, actor=VISITOR, appointment=appointment, slot_id=self.slot_ids[slot])

    @precondition(lambda self: self.ids)
    @rule(place=picked)
    def cancel_visit(self, place: int) -> None:
        """Give all of it up."""
        with contextlib.suppress(DeskError), transaction() as session:
            visits.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, self.mine(place)))

    @precondition(lambda self: self.ids)
    @rule(place=picked)
    def extend(self, place: int) -> None:
        """Hold it longer."""
        with contextlib.suppress(DeskError), transaction() as session:
            appointment = session.get_one(Appointment, self.mine(place))
            managing.extend(session, actor=VISITOR, appointment=appointment)

    @rule(minutes=st.integers(min_value=1, max_value=6))
    def wait(self, minutes: int) -> None:
        """Let minutes pass, and holds run out."""
        self.contexts.__exit__(None, None, None)
        self.now += dt.timedelta(minutes=minutes)
        self.contexts = clock.at(self.now)
        self.contexts.__enter__()
        with transaction() as session:
            sweeps.expire_holds(session)

    @invariant()
    def every_place_is_counted_once(self) -> None:
        """What slots say is taken is what appointments have, and never above the capacity."""
        with transaction() as session:
            first = session.scalars(select(Appointment.slot_id).where(Appointment.state.in_(TAKES)))
            taken = Counter(first)
            taken.update(session.scalars(select(AppointmentSlot.slot_id)))
            for slot in session.scalars(select(Slot)):
                assert slot.booked == taken[slot.id] <= slot.capacity
            for one in session.scalars(select(Appointment).where(Appointment.state.in_(TAKES))):
                assert len(one.slot_ids) == (one.ends_at - one.starts_at) // STEP
                assert (one.minutes or 0) <= (one.ends_at - one.starts_at) // dt.timedelta(minutes=1)


@pytest.fixture
def office(app: Flask, cast: Cast) -> type[Office]:
    with transaction() as session:
        slots = [
            make_slot(
                session, branch=cast.north, service=cast.renewal, starts_at=TOMORROW + n * STEP,
                ends_at=TOMORROW + (n + 1) * STEP, capacity=1 + n % 2,
            )
            for n in range(SLOTS)
        ]  # fmt: skip
        people = [make_person(session).id for _ in range(10)]
        ids = [slot.id for slot in slots]
    return type("OfficeOfToday", (Office,), {"cast": cast, "slot_ids": ids, "people": people})


@pytest.mark.hypothesis
def test_in_any_order_of_acts_every_place_is_counted_once(office: type[Office]) -> None:
    quick = settings(
        max_examples=examples(25), stateful_step_count=25, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(office, settings=quick)
