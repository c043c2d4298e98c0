"""Of earlier places people hear one a day and three in all, never of the eve; no old reminder is sent."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import SYSTEM, VISITOR
from govdesk.booking import answering, offering, rebooking, sweeps, waiting
from govdesk.booking import service as booking
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Appointment
from govdesk.booking.turns import OFFERED_FOR
from govdesk.booking.waiting_models import WaitingEntry, WaitingSkip
from govdesk.catalog.entries import Name
from govdesk.db import transaction
from govdesk.people.models import Person
from tests.flows.messages import Postman, book, give_contact, hear, keys, send
from tests.makers import MORNING, SUNDAY, Cast, make_slot, moment

DAY = dt.timedelta(days=1)
LATE = OFFERED_FOR + dt.timedelta(minutes=1)


@pytest.fixture
def wish(app: Flask, cast: Cast) -> int:
    """Nora has an appointment in 14 days, and wishes for an earlier one; her entry."""
    with transaction() as session:
        give_contact(session, session.get_one(Person, cast.nora.id))
    mine = book(cast, days=14)
    with transaction() as session:
        appointment = session.get_one(Appointment, mine.id)
        entry = waiting.wish_earlier(session, actor=VISITOR, appointment=appointment)
        assert entry is not None
        return entry.id


def free(cast: Cast, days: int, clock_time: str = "10:00") -> int:
    with transaction() as session:
        start = moment(clock_time, SUNDAY + days * DAY)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=start)
        outbox.emit(session, "place.freed", service_id=cast.renewal.id)
        return slot.id


def look(cast: Cast) -> None:
    """Hear what came free and what came of it; then look at the line twice, as its job may."""
    hear()
    for _ in range(2):
        with transaction() as session:
            offering.offer_places(session, cast.renewal.id)
        hear()


def answer(entry_id: int, verb: str) -> None:
    with transaction() as session:
        entry = session.get_one(WaitingEntry, entry_id)
        getattr(answering, verb)(session, actor=VISITOR, entry=entry)


def notices() -> int:
    return keys().count("place_offered")


def reasons(entry_id: int) -> list[str]:
    with transaction() as session:
        skipped = select(WaitingSkip.reason).where(WaitingSkip.entry_id == entry_id)
        return list(session.scalars(skipped.order_by(WaitingSkip.id)))


def test_a_place_8_days_ahead_gives_one_notice(cast: Cast, wish: int) -> None:
    free(cast, days=8)
    look(cast)
    assert notices() == 1


def test_a_second_place_of_the_same_day_gives_none_and_says_why(cast: Cast, wish: int) -> None:
    free(cast, days=8)
    look(cast)
    answer(wish, "refuse")
    free(cast, days=7)
    look(cast)
    assert (notices(), set(reasons(wish))) == (1, {"notified_today"})
    with clock.at(MORNING + DAY):
        look(cast)
    assert notices() == 2


def test_there_are_three_notices_in_all(cast: Cast, wish: int) -> None:
    free(cast, days=11)
    for day in range(6):
        with clock.at(MORNING + day * DAY):
            look(cast)
        with clock.at(MORNING + day * DAY + LATE):
            look(cast)
    assert notices() == 3


def test_the_eve_of_the_appointment_gives_none_and_says_why(cast: Cast, wish: int) -> None:
    free(cast, days=13)
    free(cast, days=14, clock_time="08:00")
    look(cast)
    assert (notices(), reasons(wish)) == (0, ["no_gain", "no_gain"])


def test_the_place_is_kept_for_half_an_hour_and_then_for_anybody(cast: Cast, wish: int) -> None:
    slot_id = free(cast, days=8)
    look(cast)

    def take() -> Appointment:
        sweeps.run_expire_holds()
        with transaction() as session:
            return booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id)

    with clock.at(MORNING + OFFERED_FOR - dt.timedelta(seconds=1)), pytest.raises(SlotTakenError):
        take()
    with clock.at(MORNING + OFFERED_FOR):
        assert take().state == "held"


def test_what_is_refused_is_free_at_once(cast: Cast, wish: int) -> None:
    slot_id = free(cast, days=8)
    look(cast)
    answer(wish, "refuse")
    with transaction() as session:
        held = booking.hold(session, actor=VISITOR, slot_id=slot_id, service_id=cast.renewal.id)
        assert (held.state, held.slot_id) == ("held", slot_id)


def test_who_takes_an_earlier_place_is_told_of_it_and_not_reminded_of_the_old_one(
    cast: Cast, wish: int
) -> None:
    free(cast, days=8)
    look(cast)
    answer(wish, "accept")
    assert "reminder_eve" not in keys("queued")  # gone with the move itself, before anybody has heard of it
    hear()
    postman = Postman()
    send(postman)
    assert postman.letters[-1].text.startswith("Your appointment has moved: Identity renewal, Monday 12")
    with clock.at(moment("12:00", SUNDAY + 13 * DAY)):  # when the old reminder would have gone
        hear()
        before = len(postman.letters)
        send(postman)
        assert [letter.text[:8] for letter in postman.letters[before:]] == []


@pytest.mark.parametrize("told", ["moved_by_us", "displaced"])
def test_whom_the_office_moves_is_not_reminded_of_the_old_time(cast: Cast, wish: int, told: str) -> None:
    if told == "moved_by_us":
        free(cast, days=15)
    with transaction() as session:
        mine = session.scalars(select(Appointment).where(Appointment.state == "booked")).one()
        mine.slot.is_closed = True
        session.flush()
        rebooking.rebook(session, actor=SYSTEM, appointments=[mine], reason=Name("عطل", "A fault"))
    assert keys("queued") == []
    hear()
    assert told in keys("queued")
