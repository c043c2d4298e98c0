"""Who is set aside or sent to one counter keeps the place of their arrival, and is never left behind."""

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import counters, holding, lane, service
from govdesk.queue.errors import NotOfferedError, WrongStepError
from govdesk.queue.meant import Meant, MeantError
from govdesk.queue.models import Ticket, TicketEvent
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def ticket(ticket_id: int) -> Ticket:
    reading().rollback()
    return reading().get_one(Ticket, ticket_id)


def kinds(ticket_id: int) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return list(reading().scalars(query))


def nobody_is_called(cast: Cast, at: str, officer: str) -> bool:
    with clock.at(day.when(0, at)), transaction() as session:
        return service.call_next(session, actor=cast.staff[officer].actor) is None


def whys(cast: Cast, officer: str) -> list[str]:
    seat = counters.seat_of(reading(), cast.staff[officer].actor)
    line = lane.lane(reading(), branch_id=cast.north.id, service_ids=(), shown=5, seat=seat)
    return [one.why for one in line.first]


def returned(at: str) -> int:
    with clock.at(day.when(0, at)):
        return holding.run_return_held()


def test_a_hold_with_a_time_returns_to_the_old_place(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", first, minutes=10)
    day.arrive(city, 0, "09:05", None)
    assert returned("09:20") == 0
    assert returned("09:21") == 1
    assert returned("09:21") == 0
    now = ticket(first)
    assert (now.state, now.held_until, now.counter_id, now.call_count) == ("waiting", None, None, 0)
    assert day.call(city, 0, "09:22", "othman") == first
    assert kinds(first) == ["issued", "called", "held", "returned", "called"]


def test_who_was_taken_back_in_time_does_not_return(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", first, minutes=5)
    day.act(city, 0, "09:15", "resume", first)
    assert returned("09:30") == 0
    assert ticket(first).state == "serving"


def test_who_is_kept_for_one_officer_comes_back_to_that_officer(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", first, minutes=5, is_mine=True)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:12", "resume", first, officer="othman")
    returned("09:16")
    assert nobody_is_called(city, "09:17", "othman")
    assert day.call(city, 0, "09:18") == first
    assert ticket(first).meant_staff_id is None


@pytest.mark.parametrize("is_counter", [True, False])
def test_who_is_sent_to_one_place_is_called_there_alone_by_the_first_arrival(
    city: Cast, *, is_counter: bool
) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    later = day.arrive(city, 0, "09:05", None)
    othman = city.staff["othman"].id
    to = Meant(counter_id=city.north_2.id) if is_counter else Meant(staff_id=othman)
    follow = day.act(city, 0, "09:20", "transfer", first, service=city.renewal, to=to)
    assert ticket(first).ended_at == ticket(follow.id).arrived_at == day.when(0, "09:20")
    with clock.at(day.when(0, "09:20")):
        assert whys(city, "othman") == ["queue.why_meant", "queue.why_arrival"]
        assert whys(city, "omar") == ["queue.why_arrival"]
    assert day.call(city, 0, "09:21", "omar") == later
    assert day.call(city, 0, "09:22", "othman") == follow.id


def test_when_the_seat_closes_who_waited_for_it_waits_for_anybody(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    kept = day.arrive(city, 0, "09:01", None)
    day.call(city, 0, "09:10", "othman")
    to = Meant(counter_id=city.north_2.id)
    follow = day.act(city, 0, "09:20", "transfer", first, service=city.renewal, to=to)
    day.act(city, 0, "09:21", "hold", kept, officer="othman", is_mine=True)
    with clock.at(day.when(0, "09:30")), transaction() as session:
        counters.leave(session, actor=city.staff["othman"].actor)
    assert day.call(city, 0, "09:31", "omar") == follow.id
    assert kinds(follow.id) == ["issued", "released", "called"]
    day.act(city, 0, "09:32", "conclude", follow.id, outcome="resolved")
    assert day.act(city, 0, "09:33", "resume", kept).state == "serving"


def test_nobody_is_sent_where_nobody_sits_or_serves_it(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    for to in (Meant(counter_id=city.harbour_1.id), Meant(staff_id=city.staff["reem"].id)):
        with pytest.raises(MeantError):
            day.act(city, 0, "09:11", "transfer", first, service=city.renewal, to=to)
    with transaction() as session:
        session.merge(city.north_2).service_ids = [city.passport.id]
    with pytest.raises(MeantError) as refused:
        day.act(
            city, 0, "09:12", "transfer", first, service=city.renewal, to=Meant(counter_id=city.north_2.id)
        )
    assert refused.value.key == "queue.meant_other_service"
    with pytest.raises(NotOfferedError):
        day.act(city, 0, "09:13", "transfer", first, service=city.renewal)
    assert ticket(first).state == "called"
