"""A long appointment takes as many slots as it lasts, all or none, and gives all of them back."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking import slots, sweeps
from govdesk.booking.errors import KindNotOfferedError, SlotTakenError
from govdesk.booking.models import Appointment, AppointmentSlot, Slot
from govdesk.catalog.models import BranchService, PublicService
from govdesk.db import transaction
from govdesk.people.models import Person
from tests.makers import MORNING, Cast, make_slot

TOMORROW = MORNING + dt.timedelta(days=1)
HALF_HOUR = dt.timedelta(minutes=30)


@pytest.fixture
def slot_ids(app: Flask, cast: Cast) -> list[int]:
    """Twelve slots of half an hour from tomorrow nine o'clock, one place each."""
    with transaction() as session:
        made = [
            make_slot(session, branch=cast.north, service=cast.renewal, starts_at=TOMORROW + n * HALF_HOUR)
            for n in range(12)
        ]
        return [slot.id for slot in made]


def lasting(cast: Cast, minutes: int) -> None:
    """Let a renewal take so long."""
    with transaction() as session:
        session.get_one(PublicService, cast.renewal.id).minutes = minutes


def book(cast: Cast, slot_id: int, person: Person, **more: str) -> Appointment:
    with transaction() as session:
        found = booking.book(
            session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id, person=person,
            interpreter=more.get("interpreter"), kind=more.get("kind", "on_site"),
        )  # fmt: skip
        session.refresh(found, ["further"])
        return found


def counts(slot_ids: list[int]) -> list[int]:
    with transaction() as session:
        return [session.get_one(Slot, slot_id).booked for slot_id in slot_ids]


def test_a_booking_of_three_slots_frees_three(cast: Cast, slot_ids: list[int]) -> None:
    lasting(cast, 75)
    mine = book(cast, slot_ids[2], cast.nora)
    assert (mine.starts_at, mine.ends_at) == (TOMORROW + 2 * HALF_HOUR, TOMORROW + 5 * HALF_HOUR)
    assert counts(slot_ids[:6]) == [0, 0, 1, 1, 1, 0]
    with transaction() as session:
        booking.cancel(session, actor=VISITOR, appointment=session.get_one(Appointment, mine.id))
    assert counts(slot_ids) == [0] * 12
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(AppointmentSlot)) == 0


def test_a_chain_of_ten_fails_whole_when_a_later_one_is_full(cast: Cast, slot_ids: list[int]) -> None:
    book(cast, slot_ids[8], cast.raj)
    lasting(cast, 300)
    with pytest.raises(SlotTakenError):
        book(cast, slot_ids[0], cast.nora)
    assert counts(slot_ids) == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]


def test_a_later_slot_that_fills_up_meanwhile_gives_the_earlier_ones_back(
    cast: Cast, slot_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting(cast, 90)
    row = slots._row

    def seen_before(*given: object, **named: object) -> list[int]:
        found = row(*given, **named)  # type: ignore[arg-type]
        with_one_more = given[0].get_one(Slot, slot_ids[2])  # type: ignore[attr-defined]
        with_one_more.booked = 1
        given[0].flush()  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(slots, "_row", seen_before)
    with pytest.raises(SlotTakenError):
        book(cast, slot_ids[0], cast.nora)
    assert counts(slot_ids[:3]) == [0, 0, 0]


def test_a_gap_or_the_end_of_the_day_breaks_the_row(cast: Cast, slot_ids: list[int]) -> None:
    lasting(cast, 60)
    with transaction() as session:
        session.get_one(Slot, slot_ids[4]).is_closed = True
    for slot_id in (slot_ids[3], slot_ids[11]):
        with pytest.raises(SlotTakenError) as refusal:
            book(cast, slot_id, cast.nora)
        assert refusal.value.key == "booking.row_broken"
    assert counts(slot_ids) == [0] * 12


def test_alternatives_are_as_long_as_what_was_refused(cast: Cast, slot_ids: list[int]) -> None:
    book(cast, slot_ids[3], cast.raj)
    with transaction() as session:
        found = slots.alternatives_to(session, slot_ids[3], 60)
        first = slots.next_free(session, service_id=cast.renewal.id, branch_ids=[cast.north.id], minutes=120)
    assert [place.slot_id for place in found] == [slot_ids[n] for n in (0, 1, 4, 5)]
    assert first[cast.north.id].slot_id == slot_ids[4]


def test_a_move_over_its_own_slots_keeps_those_in_both(cast: Cast, slot_ids: list[int]) -> None:
    lasting(cast, 90)
    mine = book(cast, slot_ids[0], cast.nora)
    lasting(cast, 10)  # who has booked keeps the length that was promised
    with transaction() as session:
        appointment = session.get_one(Appointment, mine.id)
        booking.move(session, actor=VISITOR, appointment=appointment, slot_id=slot_ids[1])
        assert appointment.ends_at == TOMORROW + 4 * HALF_HOUR
        assert appointment.slot_ids == slot_ids[1:4]
    assert counts(slot_ids[:5]) == [0, 1, 1, 1, 0]


def test_an_interpreter_needs_longer(cast: Cast, slot_ids: list[int]) -> None:
    lasting(cast, 25)
    assert book(cast, slot_ids[0], cast.nora).ends_at == TOMORROW + HALF_HOUR
    assert book(cast, slot_ids[1], cast.raj, interpreter="ur").ends_at == TOMORROW + 3 * HALF_HOUR
    assert counts(slot_ids[:4]) == [1, 1, 1, 0]


def test_a_long_hold_that_runs_out_gives_everything_back_and_can_be_taken_again(
    cast: Cast, slot_ids: list[int]
) -> None:
    lasting(cast, 60)
    with transaction() as session:
        held = booking.hold(session, actor=VISITOR, slot_id=slot_ids[0], service_id=cast.renewal.id)
    assert counts(slot_ids[:3]) == [1, 1, 0]
    with clock.at(MORNING + dt.timedelta(minutes=6)):
        with transaction() as session:
            assert sweeps.expire_holds(session) == 1
        assert counts(slot_ids[:3]) == [0, 0, 0]
        with transaction() as session:
            lapsed = session.get_one(Appointment, held.id)
            booking.confirm(session, actor=VISITOR, appointment=lapsed, person=cast.nora)
    assert counts(slot_ids[:3]) == [1, 1, 0]


def test_only_what_is_offered_there_can_be_booked_by_phone(cast: Cast, slot_ids: list[int]) -> None:
    with pytest.raises(KindNotOfferedError):
        book(cast, slot_ids[0], cast.nora, kind="phone")
    with transaction() as session:
        offer = session.get_one(BranchService, (cast.north.id, cast.renewal.id))
        offer.kinds = ["on_site", "phone"]
    assert book(cast, slot_ids[0], cast.nora, kind="phone").kind == "phone"
