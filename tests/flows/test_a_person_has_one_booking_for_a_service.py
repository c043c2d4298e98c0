"""One live booking per person and service; pressing twice is pressing once; cancelling makes room."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import audit, clock
from govdesk.actor import SYSTEM, VISITOR, Actor
from govdesk.booking import service as booking
from govdesk.booking import sweeps
from govdesk.booking.errors import (
    AlreadyBookedError,
    AppointmentNotFoundError,
    AppointmentStateError,
    SlotTakenError,
    TooManyBookingsError,
)
from govdesk.booking.models import Appointment, Slot
from govdesk.db import transaction
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person
from tests.makers import MORNING, SUNDAY, Cast, make_person, make_slot, moment

HOUR = dt.timedelta(hours=1)
MONDAY = SUNDAY + dt.timedelta(days=1)
TOMORROW = MORNING + dt.timedelta(days=1)


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Three slots of one place: tomorrow at nine and half past nine, and at the harbour."""
    with transaction() as session:
        half_past = TOMORROW + dt.timedelta(minutes=30)
        made = [
            make_slot(session, branch=cast.north, service=cast.renewal),
            make_slot(session, branch=cast.north, service=cast.renewal, starts_at=half_past),
            make_slot(session, branch=cast.harbour, service=cast.renewal),
        ]
        return [slot.id for slot in made]


def book(cast: Cast, slot_id: int, person: Person) -> Appointment:
    with transaction() as session:
        return booking.book(
            session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id, person=person
        )


def counts(slot_ids: list[int]) -> list[int]:
    with transaction() as session:
        return [session.get_one(Slot, slot_id).booked for slot_id in slot_ids]


def told() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


def test_a_second_booking_is_refused_and_takes_no_place(cast: Cast, slot_ids: list[int]) -> None:
    first = book(cast, slot_ids[0], cast.nora)
    with pytest.raises(AlreadyBookedError) as refusal:
        book(cast, slot_ids[1], cast.nora)
    assert refusal.value.reference == first.reference
    assert refusal.value.params == {}  # the sentence carries nothing of it
    assert counts(slot_ids) == [1, 0, 0]
    assert book(cast, slot_ids[1], cast.raj).state == "booked"


def test_confirming_twice_gives_the_same_booking(cast: Cast, slot_ids: list[int]) -> None:
    first = book(cast, slot_ids[0], cast.nora)
    with transaction() as session:
        again = session.get_one(Appointment, first.id)
        booking.confirm(session, actor=VISITOR, appointment=again, person=cast.nora)
    with transaction() as session, pytest.raises(AppointmentStateError):
        again = session.get_one(Appointment, first.id)
        booking.confirm(session, actor=VISITOR, appointment=again, person=cast.raj)
    assert counts(slot_ids) == [1, 0, 0]
    assert told() == ["appointment.booked"]


def test_cancelling_frees_the_place_once_and_kills_the_link(cast: Cast, slot_ids: list[int]) -> None:
    mine = book(cast, slot_ids[0], cast.nora)
    for _time in range(2):
        with transaction() as session:
            booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, mine.id))
    assert counts(slot_ids) == [0, 0, 0]
    assert told() == ["appointment.booked", "appointment.cancelled"]
    for verb, more in ((booking.move, {"slot_id": slot_ids[1]}), (booking.arrive, {})):
        with transaction() as session, pytest.raises(AppointmentStateError) as refusal:
            verb(session, actor=VISITOR, appointment=session.get_one(Appointment, mine.id), **more)
        assert (refusal.value.key, refusal.value.status) == ("booking.is_cancelled", 410)
    assert book(cast, slot_ids[0], cast.nora).state == "booked"


def test_moving_changes_place_and_branch_but_not_the_reference(cast: Cast, slot_ids: list[int]) -> None:
    mine = book(cast, slot_ids[0], cast.nora)
    with transaction() as session:
        moved = session.get_one(Appointment, mine.id)
        booking.move(session, actor=VISITOR, appointment=moved, slot_id=slot_ids[2])
    assert (moved.reference, moved.link_token) == (mine.reference, mine.link_token)
    assert (moved.branch_id, moved.starts_at, moved.sequence) == (cast.harbour.id, TOMORROW, 1)
    assert counts(slot_ids) == [0, 0, 1]


def test_a_move_to_a_full_time_keeps_the_old_place(cast: Cast, slot_ids: list[int]) -> None:
    mine = book(cast, slot_ids[0], cast.nora)
    book(cast, slot_ids[1], cast.raj)
    with transaction() as session:
        appointment = session.get_one(Appointment, mine.id)
        with pytest.raises(SlotTakenError):
            booking.move(session, actor=VISITOR, appointment=appointment, slot_id=slot_ids[1])
        session.rollback()
    assert counts(slot_ids) == [1, 1, 0]


def test_arrival_is_for_the_day_and_the_branch(cast: Cast, slot_ids: list[int]) -> None:
    mine = book(cast, slot_ids[0], cast.nora)

    def arrive(branch_id: int) -> str:
        with transaction() as session:
            appointment = session.get_one(Appointment, mine.id)
            try:
                booking.arrive(session, actor=SYSTEM, appointment=appointment, branch_id=branch_id)
            except AppointmentStateError as refusal:
                session.rollback()
                return refusal.key
            return "arrived"

    assert arrive(cast.north.id) == "booking.other_day"
    with clock.at(TOMORROW):
        assert arrive(cast.harbour.id) == "booking.other_branch"
        assert arrive(cast.north.id) == "arrived"
        assert arrive(cast.north.id) == "booking.is_arrived"
        with transaction() as session:
            done = booking.fulfil(session, actor=SYSTEM, appointment=session.get_one(Appointment, mine.id))
            assert done.state == "fulfilled"


def test_who_does_not_come_is_noted_two_hours_after_the_end_and_can_book_again(
    cast: Cast, slot_ids: list[int]
) -> None:
    mine = book(cast, slot_ids[0], cast.nora)  # until half past nine
    last = TOMORROW + dt.timedelta(hours=2, minutes=30)
    with clock.at(last - dt.timedelta(seconds=1)), transaction() as session:
        assert sweeps.note_missed(session) == 0
    with clock.at(last):
        with transaction() as session:
            assert sweeps.note_missed(session) == 1
        with transaction() as session:
            assert sweeps.note_missed(session) == 0
            missed = session.get_one(Appointment, mine.id)
            assert missed.state == "noshow"
            with pytest.raises(AppointmentStateError):
                booking.arrive(session, actor=SYSTEM, appointment=missed)
        with transaction() as session:
            later = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=last + HOUR)
        assert book(cast, later.id, cast.nora).state == "booked"
        with transaction() as session:
            assert list(audit.verify(session)) == []
    assert told() == ["appointment.booked", "appointment.missed", "appointment.booked"]


@pytest.mark.parametrize(("at", "says"), [("01:29:59", "arrived"), ("01:30", "booking.other_day")])
def test_who_comes_late_is_checked_in_until_then_even_past_midnight(cast: Cast, at: str, says: str) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("23:00", MONDAY))
    mine = book(cast, slot.id, cast.nora)
    with clock.at(moment(at, MONDAY + dt.timedelta(days=1))), transaction() as session:
        appointment = session.get_one(Appointment, mine.id)
        try:
            said = booking.arrive(session, actor=SYSTEM, appointment=appointment).state
        except AppointmentStateError as refusal:
            said = refusal.key
    assert said == says


def test_it_is_found_by_reference_link_or_token(cast: Cast, slot_ids: list[int]) -> None:
    mine = book(cast, slot_ids[0], cast.nora)
    spaced = f" {mine.reference[:4].lower()}-{mine.reference[4:]} "
    arabic = mine.reference.translate(str.maketrans("23456789", "٢٣٤٥٦٧٨٩"))
    address = f"https://desk.example/appointment/{mine.link_token}/"
    with transaction() as session:
        for typed in (spaced, arabic, address, mine.link_token):
            assert booking.find(session, typed).id == mine.id
        for typed in ("", "ZZZZZZZZ", "/", "https://desk.example/"):
            with pytest.raises(AppointmentNotFoundError):
                booking.find(session, typed)


def test_one_contact_books_for_a_family_and_no_more(cast: Cast, app: Flask) -> None:
    with transaction() as session:
        roomy = make_slot(session, branch=cast.north, service=cast.renewal, capacity=20).id
        people = [make_person(session) for _ in range(8)]

    def book_with(person: Person, contact: str, actor: Actor = VISITOR) -> Appointment:
        with transaction() as session:
            return booking.book(
                session,
                actor=actor,
                slot_id=roomy,
                service_id=cast.renewal.id,
                person=person,
                contact=contact,
            )

    first, *_five = [book_with(person, "+966501234567") for person in people[:6]]
    with pytest.raises(TooManyBookingsError) as refusal:
        book_with(people[6], "+966501234567")
    assert refusal.value.params == {"bookings": 6}
    assert counts([roomy]) == [6]
    book_with(people[6], "+966507654321")
    book_with(people[7], "+966501234567", SYSTEM)  # who sees the person knows better
    with transaction() as session:
        for appointment in session.scalars(select(Appointment).order_by(Appointment.id).limit(2)):
            booking.cancel(session, actor=VISITOR, appointment=appointment)
        assert first.contact_digest is not None
        assert "501234567" not in first.contact_digest
    assert book_with(people[0], "+966501234567").state == "booked"
