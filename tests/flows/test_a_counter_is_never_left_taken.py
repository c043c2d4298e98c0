"""A seat that its sitter left: closed at night, or by whoever sits down there next."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.people import staff
from govdesk.people.models import Staff
from govdesk.queue import counters, scenes, service
from govdesk.queue.errors import CounterTakenError
from govdesk.queue.models import CounterSession, Ticket, TicketEvent
from govdesk.queue.sweeps import run_close_day
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, moment

SignIn = Callable[[str], Desk]
MONDAY = SUNDAY + dt.timedelta(days=1)


def sit(cast: Cast, at: dt.datetime, name: str) -> int:
    with clock.at(at), transaction() as session:
        actor = session.get_one(Staff, cast.staff[name].id).actor
        return counters.open_counter(session, actor=actor, counter_id=cast.north_1.id).id


def sitters() -> list[int]:
    reading().rollback()
    query = select(CounterSession.staff_id).where(CounterSession.closed_at.is_(None))
    return list(reading().scalars(query.order_by(CounterSession.counter_id)))


def serve(cast: Cast, at: dt.datetime) -> int:
    with clock.at(at), transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        service.issue(session, actor=cast.staff["reem"].actor, branch=branch, service=cast.renewal)
        called = service.call_next(session, actor=cast.staff["omar"].actor)
        assert called is not None
        return called.id


def test_the_night_closes_the_seats_of_yesterday_and_no_quote_counts_them(cast: Cast) -> None:
    sit(cast, moment("15:00"), "omar")
    with clock.at(moment("23:59")):
        run_close_day()
    assert sitters() == [cast.staff["omar"].id]
    with clock.at(moment("00:00", MONDAY)):
        run_close_day()
    assert sitters() == []
    assert scenes.read(reading(), cast.north.id).seats == ()
    last = reading().scalars(select(AuditEntry).order_by(AuditEntry.position.desc())).first()
    assert last is not None
    assert (last.actor, last.action) == ("system", "counter.closed")
    assert last.detail == {"sitter": f"staff:{cast.staff['omar'].id}"}


def test_who_serves_past_midnight_keeps_the_seat_until_half_an_hour_after_the_last_act(cast: Cast) -> None:
    sit(cast, moment("23:00"), "omar")
    ticket_id = serve(cast, moment("00:05", MONDAY))
    with clock.at(moment("00:10", MONDAY)):
        run_close_day()
    assert sitters() == [cast.staff["omar"].id]
    with clock.at(moment("00:15", MONDAY)), transaction() as session:
        service.conclude(session, actor=cast.staff["omar"].actor, ticket_id=ticket_id, outcome="resolved")
    with clock.at(moment("00:40", MONDAY)):
        run_close_day()
    assert sitters() == [cast.staff["omar"].id]
    with clock.at(moment("00:50", MONDAY)):
        run_close_day()
    assert sitters() == []


def test_who_is_at_work_at_midnight_need_not_sit_down_again_and_loses_nobody(cast: Cast) -> None:
    seat = sit(cast, moment("22:00"), "omar")
    ticket_id = serve(cast, moment("23:50"))
    with clock.at(moment("00:00", MONDAY)):
        assert run_close_day() == 0
    assert sitters() == [cast.staff["omar"].id]
    assert sit(cast, moment("00:05", MONDAY), "omar") == seat
    with pytest.raises(CounterTakenError):
        sit(cast, moment("00:06", MONDAY), "othman")
    with clock.at(moment("00:10", MONDAY)), transaction() as session:
        service.conclude(session, actor=cast.staff["omar"].actor, ticket_id=ticket_id, outcome="resolved")
    with clock.at(moment("00:30", MONDAY)):
        run_close_day()
    assert reading().get_one(Ticket, ticket_id).state == "served"
    assert sitters() == [cast.staff["omar"].id]


def test_what_the_night_closed_is_no_act_of_the_officer(cast: Cast) -> None:
    sit(cast, moment("22:00"), "omar")
    serve(cast, moment("23:00"))
    with clock.at(moment("00:00", MONDAY)):
        assert run_close_day() == 1
    assert sitters() == []


def test_a_seat_of_yesterday_gives_way_to_a_colleague_and_is_renewed_by_its_own_sitter(cast: Cast) -> None:
    first = sit(cast, moment("09:00"), "omar")
    assert sit(cast, moment("10:00"), "omar") == first
    assert sit(cast, moment("08:00", MONDAY), "omar") != first
    with pytest.raises(CounterTakenError):
        sit(cast, moment("09:00", MONDAY), "othman")
    sit(cast, moment("08:00", MONDAY + dt.timedelta(days=1)), "othman")
    assert sitters() == [cast.staff["othman"].id]


@pytest.mark.parametrize("how", ["disabled", "revoked"])
def test_who_may_serve_no_more_gives_way_and_the_person_there_is_handed_over(
    cast: Cast, sign_in: SignIn, how: str
) -> None:
    sit(cast, moment("09:00"), "omar")
    ticket_id = serve(cast, moment("09:05"))
    with transaction() as session:
        omar = session.get_one(Staff, cast.staff["omar"].id)
        if how == "disabled":
            staff.disable(session, actor=cast.staff["adam"].actor, staff=omar)
        else:
            held = staff.Grant("officer", branch_id=cast.north.id)
            staff.revoke(session, actor=cast.staff["adam"].actor, staff=omar, wanted=held)
    choices = sign_in("othman").get("/counter").all("input")
    assert str(cast.north_1.id) in [field.get("value") for field in choices if field.get("name") == "counter"]
    sit(cast, moment("09:10"), "othman")
    othman = cast.staff["othman"].id
    assert sitters() == [othman]
    ticket = reading().get_one(Ticket, ticket_id)
    assert (ticket.state, ticket.staff_id) == ("called", othman)
    kinds = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    assert list(reading().scalars(kinds)) == ["issued", "called", "handed_over"]
