"""Who booked where the office shuts gets the nearest place, or a call; nobody is lost or counted twice."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM, VISITOR
from govdesk.booking import rebooking, slots, sweeps
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment, Slot, SlotSchedule
from govdesk.booking.schedule import timetable
from govdesk.booking.schedule.models import Displacement, ScheduleException
from govdesk.booking.schedule.previews import booked_ahead
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch, Holiday
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.people.models import Person
from tests.makers import SUNDAY, Cast, make_person, make_schedule, moment

MONDAY = SUNDAY + dt.timedelta(days=1)
TUESDAY = SUNDAY + dt.timedelta(days=2)
WEDNESDAY = SUNDAY + dt.timedelta(days=3)
LEAK = Name("تسرّب مياه", "Water leak")
BOOKED = {"nora": "09:00", "raj": "09:30", "vera": "10:00"}


@pytest.fixture
def city(app: Flask, cast: Cast) -> Cast:
    """Nine to eleven in half hours, one desk, three days ahead; three people have booked Monday."""
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 9, 23), name_ar="اليوم الوطني", name_en="National Day"))
        make_schedule(
            session, branch=cast.north, service=cast.renewal, ends=dt.time(11), capacity=1, horizon_days=3,
            lead_minutes=0,
        )  # fmt: skip
        make(session, cast)
        for name, time in BOOKED.items():
            book(session, cast, getattr(cast, name), time)
    return cast


def make(session: Session, cast: Cast) -> None:
    branch = session.get_one(Branch, cast.north.id)
    timetable.remake(session, branch, [cast.renewal.id])


def book(session: Session, cast: Cast, person: Person, time: str, day: dt.date = MONDAY) -> Appointment:
    slot_id = session.scalars(select(Slot.id).where(Slot.starts_at == moment(time, day))).one()
    return booking.book(
        session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id,
        person=session.get_one(Person, person.id),
    )  # fmt: skip


def close(
    cast: Cast, day: dt.date = MONDAY, last: dt.date | None = None, **hours: dt.time
) -> list[Displacement]:
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        shut = ScheduleException(
            branch_id=branch.id, kind="shut", first_on=day, last_on=last or day, name_ar=LEAK.ar,
            name_en=LEAK.en, **hours,
        )  # fmt: skip
        services = timetable.touched_services(branch, shut)
        touched = timetable.look(session, branch, services, exception=shut).touched
        timetable.save_exception(session, actor=SYSTEM, branch=branch, exception=shut)
        return rebooking.rebook(session, actor=SYSTEM, appointments=touched, reason=LEAK)


def of(person: Person) -> Appointment:
    return reading().scalars(select(Appointment).where(Appointment.person_id == person.id)).one()


def events(name: str) -> list[dict[str, object]]:
    rows = reading().scalars(select(outbox.OutboxEvent).where(outbox.OutboxEvent.name == name))
    return [row.payload for row in rows]


def test_a_shut_day_moves_everyone_to_the_nearest_free_places(city: Cast) -> None:
    before = {
        name: (of(getattr(city, name)).reference, of(getattr(city, name)).link_token) for name in BOOKED
    }
    made = close(city)
    # today is nearer than Tuesday, but nobody is asked to come earlier without a day's notice
    assert [of(getattr(city, name)).starts_at for name in BOOKED] == [
        moment("09:00", TUESDAY), moment("09:30", TUESDAY), moment("10:00", TUESDAY)
    ]  # fmt: skip
    assert {
        name: (of(getattr(city, name)).reference, of(getattr(city, name)).link_token) for name in BOOKED
    } == before
    assert [row.moved_to is not None for row in made] == [True, True, True]
    told = events("appointment.moved")
    assert [(row["by"], row["reason_en"]) for row in told] == [("office", "Water leak")] * 3
    assert [of(getattr(city, name)).sequence for name in BOOKED] == [1, 1, 1]


def test_their_places_are_counted_once_and_the_old_ones_are_free_of_them(city: Cast) -> None:
    close(city)
    with transaction() as session:
        rows = session.execute(select(Slot.starts_at, Slot.booked, Slot.is_closed).where(Slot.booked > 0))
        assert sorted(row.starts_at for row in rows) == [
            moment("09:00", TUESDAY), moment("09:30", TUESDAY), moment("10:00", TUESDAY)
        ]  # fmt: skip
        monday = session.scalars(select(Slot).where(Slot.starts_at >= moment("00:00", MONDAY)))
        assert all(
            slot.is_closed for slot in monday if clock.local_day(slot.starts_at, "Asia/Riyadh") == MONDAY
        )


def test_with_a_day_of_notice_the_nearest_may_be_earlier(city: Cast) -> None:
    close(city, TUESDAY, TUESDAY)
    with transaction() as session:
        mine = session.scalars(select(Appointment).where(Appointment.person_id == city.vera.id)).one()
        last = session.scalars(select(Slot.id).where(Slot.starts_at == moment("09:00", WEDNESDAY))).one()
        booking.move(session, actor=VISITOR, appointment=mine, slot_id=last)
    close(city, WEDNESDAY, WEDNESDAY)
    # Monday at half past ten is the last before Wednesday, and more than a day away
    assert of(city.vera).starts_at == moment("10:30", MONDAY)


def test_shut_hours_touch_only_those_who_booked_in_them(city: Cast) -> None:
    made = close(city, starts=dt.time(9, 30), ends=dt.time(10))
    assert [row.was_at for row in made] == [moment("09:30", MONDAY)]
    assert of(city.raj).starts_at == moment("10:30", MONDAY)
    assert of(city.nora).starts_at == moment("09:00", MONDAY)


def test_places_kept_for_staff_are_theirs_too(city: Cast) -> None:
    with transaction() as session:
        branch = session.get_one(Branch, city.north.id)
        schedule = session.scalars(select(SlotSchedule)).one()
        schedule.capacity, schedule.kept_staff = 2, 1
        timetable.save_schedule(session, actor=SYSTEM, branch=branch, schedule=schedule)
        for number, time in enumerate(("09:00", "09:30", "10:00", "10:30")):
            book(session, city, make_person(session, name=f"Person {number}"), time, TUESDAY)
    close(city, SUNDAY, MONDAY)
    # in public Tuesday and Wednesday morning are all there is, and Tuesday is full but for the kept places
    assert [of(getattr(city, name)).starts_at for name in BOOKED] == [
        moment("09:00", TUESDAY), moment("09:30", TUESDAY), moment("10:00", TUESDAY)
    ]  # fmt: skip


def test_who_finds_no_place_keeps_the_reference_and_needs_a_call(city: Cast) -> None:
    made = close(city, SUNDAY, SUNDAY + dt.timedelta(days=3))
    assert [(row.moved_to, row.needs_call) for row in made] == [(None, True)] * 3
    assert [row.appointment.person_id for row in rebooking.calls(reading(), [city.north.id])] == [
        city.nora.id, city.raj.id, city.vera.id
    ]  # fmt: skip
    assert rebooking.calls(reading(), [city.harbour.id]) == []
    assert [row["reason_ar"] for row in events("appointment.displaced")] == [LEAK.ar] * 3
    assert (of(city.nora).state, of(city.nora).starts_at) == ("booked", moment("09:00", MONDAY))
    assert rebooking.has_priority(reading(), of(city.nora))


def test_displacing_twice_displaces_nobody_twice(city: Cast) -> None:
    close(city, SUNDAY, SUNDAY + dt.timedelta(days=3))
    with transaction() as session:
        booked = booked_ahead(session, city.north.id, city.renewal.id)
        assert rebooking.rebook(session, actor=SYSTEM, appointments=booked, reason=LEAK) == []
    assert len(events("appointment.displaced")) == 3


def test_a_call_is_settled_by_staff_of_the_branch_only(city: Cast) -> None:
    first = close(city, SUNDAY, SUNDAY + dt.timedelta(days=3))[0].id
    with transaction() as session:
        row = session.get_one(Displacement, first)
        with pytest.raises(NotAllowedError):
            rebooking.settle(session, actor=city.staff["rana"].actor, displacement=row)
        rebooking.settle(session, actor=city.staff["reem"].actor, displacement=row)
        rebooking.settle(session, actor=city.staff["reem"].actor, displacement=row)
        assert len(rebooking.calls(session)) == 2


def test_who_moves_without_being_called_leaves_the_list(city: Cast) -> None:
    close(city, SUNDAY, SUNDAY + dt.timedelta(days=3))
    with transaction() as session:
        assert {row.appointment.person_id for row in rebooking.calls(session)} >= {city.nora.id}
        mine = session.scalars(select(Appointment).where(Appointment.person_id == city.nora.id)).one()
        booking.cancel(session, actor=VISITOR, appointment=mine)
        assert city.nora.id not in {row.appointment.person_id for row in rebooking.calls(session)}


def test_nobody_is_missed_before_a_door_that_we_had_shut(city: Cast) -> None:
    close(city, SUNDAY, SUNDAY + dt.timedelta(days=3))
    with clock.at(moment("13:30", MONDAY)):
        assert sweeps.run_note_missed() == 3
    assert [of(getattr(city, name)).state for name in BOOKED] == ["cancelled"] * 3
    assert [row["by"] for row in events("appointment.cancelled")] == ["office"] * 3
    assert events("appointment.missed") == []
    assert reading().scalars(select(Slot.booked).where(Slot.booked > 0)).all() == []


def test_free_places_of_many_branches_come_in_one_list(city: Cast) -> None:
    found = slots.free_places(
        reading(),
        service_id=city.renewal.id,
        branch_ids=[city.north.id, city.harbour.id],
        since=moment("09:00", MONDAY),
        until=moment("00:00", TUESDAY),
    )
    assert [(place.branch_id, place.starts_at) for place in found] == [
        (city.north.id, moment("10:30", MONDAY))
    ]
