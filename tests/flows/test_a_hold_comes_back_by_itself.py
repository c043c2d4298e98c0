"""A held place counts for five minutes; then it is anyone's again, also the holder's."""

import datetime as dt

import pytest
from flask import Flask

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking import sweeps
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Appointment, Slot
from govdesk.booking.slots import alternatives_to
from govdesk.db import reading, transaction
from tests.makers import MORNING, Cast, make_slot

SIX_MINUTES = dt.timedelta(minutes=6)


@pytest.fixture
def slot_id(app: Flask, cast: Cast) -> int:
    with transaction() as session:
        return make_slot(session, branch=cast.north, service=cast.renewal).id


def hold(cast: Cast, slot_id: int) -> int:
    with transaction() as session:
        return booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id).id


def confirm(cast: Cast, appointment_id: int, *, slot_id: int | None = None) -> Appointment:
    with transaction() as session:
        held = session.get_one(Appointment, appointment_id)
        return booking.confirm(session, actor=VISITOR, appointment=held, person=cast.nora, slot_id=slot_id)


def expire() -> int:
    with transaction() as session:
        return sweeps.expire_holds(session)


def booked(slot_id: int) -> int:
    with transaction() as session:
        return session.get_one(Slot, slot_id).booked


def test_a_held_place_counts_and_comes_back(cast: Cast, slot_id: int) -> None:
    hold(cast, slot_id)
    with pytest.raises(SlotTakenError):
        hold(cast, slot_id)
    assert expire() == 0
    with clock.at(MORNING + SIX_MINUTES):
        assert expire() == 1
        assert booked(slot_id) == 0
        assert expire() == 0
        hold(cast, slot_id)
    assert booked(slot_id) == 1


def test_a_confirmed_hold_does_not_expire(cast: Cast, slot_id: int) -> None:
    confirm(cast, hold(cast, slot_id))
    with clock.at(MORNING + SIX_MINUTES):
        assert expire() == 0
    assert booked(slot_id) == 1


def test_confirming_late_still_books_when_nobody_swept(cast: Cast, slot_id: int) -> None:
    held = hold(cast, slot_id)
    with clock.at(MORNING + SIX_MINUTES):
        assert confirm(cast, held).state == "booked"
        assert expire() == 0
    assert booked(slot_id) == 1


def test_confirming_after_the_sweep_tries_once_more(cast: Cast, slot_id: int) -> None:
    held = hold(cast, slot_id)
    with clock.at(MORNING + SIX_MINUTES):
        expire()
        assert confirm(cast, held).state == "booked"
    assert booked(slot_id) == 1


def test_after_the_sweep_another_may_have_it_and_the_first_takes_an_alternative(
    cast: Cast, slot_id: int
) -> None:
    with transaction() as session:
        later = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=MORNING + dt.timedelta(days=2)
        ).id
    held = hold(cast, slot_id)
    with clock.at(MORNING + SIX_MINUTES):
        expire()
        hold(cast, slot_id)
        with pytest.raises(SlotTakenError) as refusal:
            confirm(cast, held)
        assert refusal.value.key == "booking.hold_lapsed"
        others = alternatives_to(reading(), refusal.value.slot_id)
        assert [place.slot_id for place in others] == [later]
        moved = confirm(cast, held, slot_id=later)
    assert (moved.state, moved.slot_id, moved.starts_at) == ("booked", later, MORNING + dt.timedelta(days=2))
    assert (booked(slot_id), booked(later)) == (1, 1)


def test_forgotten_holds_leave_no_row(cast: Cast, slot_id: int) -> None:
    held = hold(cast, slot_id)
    with clock.at(MORNING + SIX_MINUTES):
        expire()
    with clock.at(MORNING + dt.timedelta(days=1, minutes=10)):
        expire()
    with transaction() as session:
        assert session.get(Appointment, held) is None
