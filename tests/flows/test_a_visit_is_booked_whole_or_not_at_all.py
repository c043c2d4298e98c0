"""Several services, or a family, come in one visit: all of it is held, booked and moved, or none."""

import datetime as dt
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select, update

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import managing, sweeps
from govdesk.booking import service as booking
from govdesk.booking.errors import AlreadyBookedError, AppointmentStateError, SlotTakenError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.visit import courses
from govdesk.booking.visit import service as visits
from govdesk.booking.visit.fitting import Part
from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.people.models import Person
from tests.flows.test_the_last_place_goes_to_one import all_at_once
from tests.makers import MORNING, Cast, make_slot
from tests.processes import together

TOMORROW = MORNING + dt.timedelta(days=1)
HALF_HOUR = dt.timedelta(minutes=30)
FIELDS = {0: "identity", 1: "identity_1", 2: "identity_2"}


class Day:
    """Tomorrow at the north branch: renewals and passports each half hour from nine."""

    def __init__(self, cast: Cast, times: int, *, renewals: int = 1, passports: int = 1) -> None:
        self.cast = cast
        with transaction() as session:
            self.renewals, self.passports = (
                [
                    make_slot(
                        session, branch=cast.north, service=service, capacity=capacity,
                        starts_at=TOMORROW + n * HALF_HOUR,
                    ).id
                    for n in range(times)
                ]
                for service, capacity in ((cast.renewal, renewals), (cast.passport, passports))
            )  # fmt: skip

    def both(self) -> list[Part]:
        """A renewal and a passport for one person."""
        return [Part(self.cast.renewal.id, 0, 10), Part(self.cast.passport.id, 0, 10)]

    def family(self) -> list[Part]:
        """A renewal for a parent and for two children."""
        return [Part(self.cast.renewal.id, member, 10) for member in range(3)]

    def taken(self) -> tuple[list[int], list[int]]:
        """How many places are taken in each slot of either service."""
        with transaction() as session:
            counts = {row.id: row.booked for row in session.execute(select(Slot.id, Slot.booked))}
        return [counts[one] for one in self.renewals], [counts[one] for one in self.passports]

    def hold(self, slot_id: int, parts: list[Part]) -> list[int]:
        """The ids of what was held."""
        with transaction() as session:
            return [one.id for one in visits.hold(session, actor=VISITOR, slot_id=slot_id, parts=parts)]

    def confirm(self, ids: list[int], *people: Person, slot_id: int | None = None) -> list[str]:
        """The states of what was booked for these people."""
        with transaction() as session:
            booked = visits.confirm(
                session, actor=VISITOR, appointment=session.get_one(Appointment, ids[0]),
                people=dict(enumerate(session.merge(person) for person in people)), fields=FIELDS,
                slot_id=slot_id,
            )  # fmt: skip
            return [one.state for one in booked]


def appointments() -> list[Appointment]:
    with transaction() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def states() -> Counter[str]:
    return Counter(one.state for one in appointments())


def test_two_services_follow_one_another_and_are_booked_by_one_act(cast: Cast) -> None:
    day = Day(cast, 4)
    ids = day.hold(day.renewals[1], day.both())
    assert day.taken() == ([0, 1, 0, 0], [0, 0, 1, 0])
    assert day.confirm(ids, cast.nora) == ["booked", "booked"]
    first, second = appointments()
    assert (first.starts_at, second.starts_at) == (TOMORROW + HALF_HOUR, TOMORROW + 2 * HALF_HOUR)
    assert first.visit_reference == second.visit_reference == first.reference
    assert second.reference == f"{first.reference}2"
    assert day.confirm(ids, cast.nora) == ["booked", "booked"]  # pressed twice
    assert day.taken() == ([0, 1, 0, 0], [0, 0, 1, 0])


def test_a_family_comes_side_by_side_where_there_are_desks(cast: Cast) -> None:
    day = Day(cast, 3, renewals=2)
    ids = day.hold(day.renewals[0], day.family())
    assert day.taken()[0] == [2, 1, 0]
    assert day.confirm(ids, cast.nora, cast.raj, cast.vera) == ["booked"] * 3
    assert [one.person_id for one in appointments()] == [cast.nora.id, cast.raj.id, cast.vera.id]


def test_a_part_that_is_full_refuses_the_whole_and_names_where_it_fits(cast: Cast) -> None:
    day = Day(cast, 6)
    for full in day.passports[1:3]:
        with transaction() as session:
            session.get_one(Slot, full).booked = 1
    with pytest.raises(SlotTakenError) as refusal:
        day.hold(day.renewals[0], day.both())
    assert refusal.value.key == "booking.visit_taken"
    assert day.taken() == ([0] * 6, [0, 1, 1, 0, 0, 0])
    found = courses.near(reading(), parts=day.both(), slot_id=day.renewals[0])
    assert [[row[0].slot_id for row in course] for course in found] == [
        [day.renewals[n], day.passports[max(n + 1, 3)]] for n in (1, 2, 3, 4)
    ]


def test_a_part_that_fills_up_meanwhile_gives_all_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    day = Day(cast, 3)
    seen = courses.course_from

    def seen_before(*given: object, **named: object) -> object:
        found = seen(*given, **named)  # type: ignore[arg-type]
        given[0].execute(update(Slot).where(Slot.id == day.passports[1]).values(booked=1))  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(visits, "course_from", seen_before)
    with pytest.raises(SlotTakenError):
        day.hold(day.renewals[0], day.both())
    assert (day.taken(), appointments()) == (([0] * 3, [0] * 3), [])


def test_one_of_a_family_who_is_booked_already_refuses_all(cast: Cast) -> None:
    day = Day(cast, 4)
    with transaction() as session:
        booking.book(
            session, actor=VISITOR, slot_id=day.renewals[3], service_id=cast.renewal.id, person=cast.vera
        )
    ids = day.hold(day.renewals[0], day.family())
    with pytest.raises(AlreadyBookedError) as refusal:
        day.confirm(ids, cast.nora, cast.raj, cast.vera)
    assert refusal.value.field == "identity_2"
    assert states() == {"held": 3, "booked": 1}
    with pytest.raises(DeskError) as same:
        day.confirm(ids, cast.nora, cast.raj, cast.nora)
    assert same.value.key == "booking.visit_same_person"
    assert states() == {"held": 3, "booked": 1}


def test_what_ran_out_is_asked_for_once_more_whole(cast: Cast) -> None:
    day = Day(cast, 3)
    ids = day.hold(day.renewals[0], day.both())
    with clock.at(MORNING + dt.timedelta(minutes=6)):
        with transaction() as session:
            assert sweeps.expire_holds(session) == 2
        assert day.taken() == ([0] * 3, [0] * 3)
        assert day.confirm(ids, cast.nora) == ["booked", "booked"]
        assert day.taken() == ([1, 0, 0], [0, 1, 0])


def test_what_ran_out_and_is_gone_is_refused_whole_and_another_start_can_be_had(cast: Cast) -> None:
    day = Day(cast, 4)
    ids = day.hold(day.renewals[0], day.both())
    with clock.at(MORNING + dt.timedelta(minutes=6)):
        with transaction() as session:
            sweeps.expire_holds(session)
            for gone in day.passports[1:3]:
                session.get_one(Slot, gone).booked = 1
        with pytest.raises(SlotTakenError) as refusal:
            day.confirm(ids, cast.nora)
        assert refusal.value.key == "booking.hold_lapsed"
        assert states() == {"cancelled": 2}
        assert day.confirm(ids, cast.nora, slot_id=day.renewals[2]) == ["booked", "booked"]
        assert day.taken() == ([0, 0, 1, 0], [0, 1, 1, 1])


def test_five_minutes_more_and_giving_back_are_for_all_of_it(cast: Cast) -> None:
    day = Day(cast, 3)
    ids = day.hold(day.renewals[0], day.both())
    with transaction() as session:
        for one in visits.of_hold(session, session.get_one(Appointment, ids[1])):
            managing.extend(session, actor=VISITOR, appointment=one)
    assert {one.held_until for one in appointments()} == {MORNING + dt.timedelta(minutes=10)}
    with transaction() as session:
        assert visits.release(session, actor=VISITOR, appointment=session.get_one(Appointment, ids[1])) == 2
    assert day.taken() == ([0] * 3, [0] * 3)


def test_a_visit_moves_whole_also_over_its_own_places(cast: Cast) -> None:
    day = Day(cast, 4)
    ids = day.hold(day.renewals[0], day.both())
    day.confirm(ids, cast.nora)
    references = [one.reference for one in appointments()]
    with transaction() as session:
        mine = session.get_one(Appointment, ids[1])
        visits.move(session, actor=VISITOR, appointment=mine, slot_id=day.renewals[1])
    assert day.taken() == ([0, 1, 0, 0], [0, 0, 1, 0])
    assert [one.reference for one in appointments()] == references
    with transaction() as session:
        session.get_one(Slot, day.passports[3]).booked = 1
    with pytest.raises(SlotTakenError), transaction() as session:
        mine = session.get_one(Appointment, ids[0])
        visits.move(session, actor=VISITOR, appointment=mine, slot_id=day.renewals[2])
    assert day.taken() == ([0, 1, 0, 0], [0, 0, 1, 1])
    with clock.at(TOMORROW + HALF_HOUR), pytest.raises(AppointmentStateError), transaction() as session:
        mine = session.get_one(Appointment, ids[0])
        visits.move(session, actor=VISITOR, appointment=mine, slot_id=day.renewals[2])


def test_a_visit_is_cancelled_whole(cast: Cast) -> None:
    day = Day(cast, 3)
    day.confirm(day.hold(day.renewals[0], day.both()), cast.nora)
    with transaction() as session:
        mine = session.scalars(select(Appointment)).first()
        assert mine is not None
        assert visits.cancel(session, actor=VISITOR, appointment=mine) == 2
    assert (day.taken(), states()) == (([0] * 3, [0] * 3), {"cancelled": 2})


def test_the_same_service_twice_for_one_person_is_no_visit(cast: Cast) -> None:
    with transaction() as session, pytest.raises(DeskError) as refusal:
        courses.parts_of(session, [(cast.renewal.id, 0), (cast.renewal.id, 0)])
    assert refusal.value.key == "booking.visit_twice"
    with transaction() as session, pytest.raises(AppointmentStateError):
        courses.parts_of(session, [(cast.renewal.id, member) for member in range(7)])


def test_20_families_ask_at_once_for_what_two_can_have(app: Flask, cast: Cast) -> None:
    """Two passports between 9:00 and 10:00 and three renewals at nine: two visits win, no renewal stays."""
    day = Day(cast, 2, renewals=3, passports=2)
    with transaction() as session:
        session.execute(update(Slot).where(Slot.id == day.renewals[1]).values(is_closed=True))
    parts = day.both()

    def ask() -> str:
        with app.app_context(), clock.at(MORNING):
            try:
                day.hold(day.renewals[0], parts)
            except SlotTakenError:
                return "refused"
            return "won"

    assert all_at_once(20, ask) == {"won": 2, "refused": 18}
    assert day.taken() == ([2, 0], [0, 2])
    assert states() == {"held": 4}


HOLD_AND_MOVE = """
import random
from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking.visit import service as visits
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.visit.fitting import Part
from govdesk.db import transaction
from tests.makers import MORNING
renewal, passport, *slots = (int(word) for word in sys.argv[1:])
draw = random.Random()
orders = ([Part(renewal, 0, 10), Part(passport, 0, 10)], [Part(passport, 0, 10), Part(renewal, 0, 10)])
won = 0
with clock.at(MORNING):
    for turn in range(12):
        parts = orders[draw.randrange(2)]
        mine = slots[: len(slots) // 2] if parts is orders[0] else slots[len(slots) // 2 :]
        try:
            with transaction() as session:
                held = visits.hold(session, actor=VISITOR, slot_id=draw.choice(mine), parts=parts)
                ids = [one.id for one in held]
            won += 1
        except SlotTakenError:
            continue
        if draw.random() < 0.5:
            with transaction() as session:
                visits.release(session, actor=VISITOR, appointment=held[-1])
            won -= 1
print(won)
"""


def test_three_processes_hold_and_release_visits_that_cross_and_nothing_is_left_half(
    settings: Settings, cast: Cast
) -> None:
    day = Day(cast, 4, renewals=2, passports=2)
    given = [str(word) for word in (cast.renewal.id, cast.passport.id, *day.renewals, *day.passports)]
    kept = sum(int(out) for out in together(HOLD_AND_MOVE, count=3, settings=settings, arguments=given))
    renewals, passports = day.taken()
    assert sum(renewals) == sum(passports) == kept
    assert max(renewals + passports) <= 2
    assert states()["held"] == 2 * kept
