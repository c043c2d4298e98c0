"""Signing out with a person at the counter asks first; then the person keeps their place in the line."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import CounterSession, Ticket, TicketEvent
from govdesk.queue.pause_models import EarlyClosing
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]


@pytest.fixture
def called(cast: Cast) -> int:
    day.sit_down(cast)
    one = day.arrive(cast, 0, "09:00", cast.nora)
    day.call(cast, 0, "09:10")
    day.act(cast, 0, "09:11", "start", one)
    return one


def sitters() -> list[int]:
    reading().rollback()
    return list(reading().scalars(select(CounterSession.staff_id).where(CounterSession.closed_at.is_(None))))


def test_it_asks_and_then_gives_the_person_back_to_the_line(cast: Cast, called: int, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    with clock.at(moment("09:15")):
        asked = omar.post("/staff/sign-out", {}, page="/counter", status=409)
        assert cast.staff["omar"].id in sitters()
        assert str(called) in [field.get("value") for field in asked.all("input")]
        leaving = {"hand_back": str(called), "reason": "leave"}
        omar.submit(asked, leaving, action="/staff/sign-out", status=302)
    assert sitters() == [cast.staff["othman"].id]
    ticket = reading().get_one(Ticket, called)
    assert (ticket.state, ticket.counter_id, ticket.order_at) == ("waiting", None, moment("09:00"))
    kinds = select(TicketEvent.kind).where(TicketEvent.ticket_id == called).order_by(TicketEvent.id)
    assert list(reading().scalars(kinds)) == ["issued", "called", "started", "handed_back"]
    with clock.at(moment("09:20")), transaction() as session:
        again = service.call_next(session, actor=cast.staff["othman"].actor)
        assert again is not None
        assert (again.id, again.called_at) == (called, moment("09:10"))


def test_before_the_branch_closes_it_asks_why_and_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    day.sit_down(cast)
    omar = sign_in("omar")
    with clock.at(moment("09:15")):
        asked = omar.post("/staff/sign-out", {}, page="/counter", status=409)
        assert asked.errors() == {}
        words = {"reason": "", "words": "the doctor"}
        again = omar.submit(asked, words, action="/staff/sign-out", status=409)
        assert list(again.errors()) == ["reason"]
        assert "the doctor" in again.html
        assert len(sitters()) == 2
        omar.submit(again, {"reason": "leave"}, action="/staff/sign-out", status=302)
    assert sitters() == [cast.staff["othman"].id]
    kept = reading().scalars(select(EarlyClosing)).one()
    assert (kept.reason, kept.words) == ("leave", "the doctor")


def test_at_the_end_of_the_day_the_counter_closes_at_once(cast: Cast, sign_in: SignIn) -> None:
    day.sit_down(cast)
    with clock.at(moment("23:30")):
        sign_in("omar").post("/staff/sign-out", {}, page="/counter", status=302)
    assert sitters() == [cast.staff["othman"].id]
    assert reading().scalars(select(EarlyClosing)).all() == []
