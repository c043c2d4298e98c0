"""Somebody needs more than they came for: each service is timed by itself, and all are one visit."""

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import adding, counters
from govdesk.queue.errors import NotOfferedError, OutcomeError
from govdesk.queue.models import Ticket, TicketEvent
from tests.flows import office_days as day
from tests.makers import Cast, make_service


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def test_a_further_service_begins_where_the_first_ends_without_a_call(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    omar = city.staff["omar"].actor
    with clock.at(day.when(0, "09:20")), transaction() as session:
        second = adding.also_needs(
            session, actor=omar, ticket_id=first, service=city.passport, outcome="resolved"
        ).id
        there = counters.ticket_at(session, city.north_1.id)
        assert there is not None
        assert (there.id, there.state, there.staff_id) == (second, "serving", city.staff["omar"].id)
    day.act(city, 0, "09:32", "conclude", second, outcome="unresolved", cause="papers")
    day.hear(0)
    times = [
        (one.number, one.started_at, one.ended_at, one.outcome)
        for one in reading().scalars(select(Ticket).order_by(Ticket.id))
    ]
    number = times[0][0]
    assert times == [
        (number, day.when(0, "09:11"), day.when(0, "09:20"), "resolved"),
        (number, day.when(0, "09:20"), day.when(0, "09:32"), "unresolved"),
    ]
    assert [(visit.visit_no, visit.class_name, visit.transfer_of) for visit in day.visits()] == [
        (str(first), "index_new", None),
        (str(second), "merged", str(first)),
    ]
    calls = select(TicketEvent.ticket_id).where(TicketEvent.kind == "called")
    assert list(reading().scalars(calls)) == [first]


def test_what_cannot_be_ended_or_is_not_offered_begins_nothing(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    omar = city.staff["omar"].actor
    with pytest.raises(OutcomeError), transaction() as session:
        adding.also_needs(session, actor=omar, ticket_id=first, service=city.deed, outcome="unresolved")
    with transaction() as session:
        elsewhere = make_service(session, department=city.lands, branches=(city.harbour,))
    with pytest.raises(NotOfferedError), transaction() as session:
        adding.also_needs(session, actor=omar, ticket_id=first, service=elsewhere, outcome="resolved")
    reading().rollback()
    assert [one.state for one in reading().scalars(select(Ticket))] == ["called"]
