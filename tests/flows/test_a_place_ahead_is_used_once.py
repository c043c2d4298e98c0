"""Who was promised a place with priority is called sooner the next time they come for it, and only then."""

import pytest

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking.models import Appointment
from govdesk.cases import places_ahead
from govdesk.cases.place_models import PlaceAhead
from govdesk.cases.recovery import opening, redressing
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.returns import offering
from govdesk.db import reading, transaction
from govdesk.queue import service as queue
from govdesk.queue.models import Ticket
from tests.flows import office_days as day
from tests.flows.test_help_comes_before_a_second_visit import book
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Two officers at the north; Nora was served on the first day, and nothing failed her then."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora)
    return cast


def promised(city: Cast, at: str = "12:00", code: str = "priority_place") -> Recovery:
    """On the second day an officer gives Nora something for the renewal."""
    with clock.at(day.when(1, at)), transaction() as session:
        task = opening.place(
            session, actor=city.staff["omar"].actor, kind="complaint", at=clock.now(),
            person_id=city.nora.id, need=city.renewal.family, service_id=city.renewal.id,
            branch_id=city.north.id,
        ).task  # fmt: skip
        redressing.give(session, actor=city.staff["omar"].actor, recovery_id=task.id, code=code)
    day.hear(1)
    return task


def came(city: Cast, days: int, at: str = "09:00", what: str = "renewal") -> Ticket:
    """Nora takes a ticket, and it is heard of."""
    ticket = day.arrive(city, days, at, city.nora, getattr(city, what))
    day.hear(days)
    return reading().get_one(Ticket, ticket)


def places() -> list[PlaceAhead]:
    reading().rollback()
    return list(reading().query(PlaceAhead).order_by(PlaceAhead.id))


def test_the_next_ticket_for_the_need_has_it_and_no_other(city: Cast) -> None:
    promised(city)
    other = came(city, 60, "08:30", "passport")
    assert (other.call_class, other.is_our_mistake) == ("walk_in", False)
    first = came(city, 60)
    assert (first.call_class, first.is_our_mistake) == ("our_mistake", True)
    assert places_ahead.of_ticket(reading(), first) is not None
    assert [one.ticket_id for one in places()] == [first.id]
    assert {day.call(city, 60, "09:10"), day.call(city, 60, "09:10", "othman")} == {other.id, first.id}
    day.act(city, 60, "09:11", "start", first.id, "omar" if first.counter_id == 1 else "othman")
    assert places_ahead.is_used(reading(), places()[0])
    assert came(city, 120).call_class == "walk_in"


def test_who_leaves_before_being_called_has_it_still(city: Cast) -> None:
    promised(city)
    first = came(city, 60)
    with clock.at(day.when(60, "09:30")), transaction() as session:
        queue.abandon(session, actor=VISITOR, ticket_id=first.id)
    day.hear(60)
    again = came(city, 61)
    assert again.call_class == "our_mistake"
    assert [one.ticket_id for one in places()] == [again.id]


def test_who_is_sent_on_before_being_called_does_not_have_it_twice(city: Cast) -> None:
    promised(city)
    first = came(city, 60)
    with clock.at(day.when(60, "09:05")), transaction() as session:
        follow = queue.transfer(
            session, actor=city.staff["sara"].actor, ticket_id=first.id, service=session.merge(city.passport)
        )
        assert (follow.call_class, follow.is_our_mistake) == ("our_mistake", True)
        found = places_ahead.of_ticket(session, follow)
        assert found is not None
        assert not places_ahead.is_used(session, found)
    day.hear(60)
    assert came(city, 60, "09:10").call_class == "walk_in"


def test_who_waits_already_has_it_at_once(city: Cast) -> None:
    waiting = day.arrive(city, 1, "11:00", city.nora)
    promised(city)
    assert reading().get_one(Ticket, waiting).call_class == "our_mistake"
    assert [one.ticket_id for one in places()] == [waiting]


def test_another_redress_gives_no_place_and_the_same_one_no_second(city: Cast) -> None:
    task = promised(city, code="callback")
    assert places() == []
    for at in ("12:10", "12:20"):
        with clock.at(day.when(1, at)), transaction() as session:
            redressing.give(
                session, actor=city.staff["omar"].actor, recovery_id=task.id, code="priority_place"
            )
    assert len(places()) == 1


def test_who_comes_all_the_same_has_the_place_that_was_offered(cast: Cast) -> None:
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    made = book(cast, cast.nora)
    with clock.at(day.when(3, "13:00")), transaction() as session:
        own = session.get_one(Appointment, made.id)
        offering.wish(session, actor=VISITOR, appointment=own, wanted="come")
        offering.wish(session, actor=VISITOR, appointment=own, wanted="call", phone="+966501234567")
        offering.wish(session, actor=VISITOR, appointment=own, wanted="come")
    (place,) = places()
    assert (place.kind, place.family) == ("help_offer", cast.renewal.family)
    walked_in = came(cast, 4, "08:00")
    assert walked_in.call_class == "our_mistake"
    assert [one.ticket_id for one in places()] == [walked_in.id]
