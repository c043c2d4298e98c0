"""An officer finishes notes after a conclusion: nobody's service grows, the floor sees it, a call ends it."""

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import Actor
from govdesk.db import reading, transaction
from govdesk.faces.floor import hall
from govdesk.kpi.service import figure
from govdesk.queue import service, watched, wrapping
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import Ticket
from govdesk.queue.pause_models import WrapUp
from tests.flows import office_days as day
from tests.makers import Cast


def wrap(actor: Actor, at: str) -> None:
    with clock.at(day.when(0, at)), transaction() as session:
        wrapping.begin(session, actor=actor)


def test_notes_after_a_conclusion_count_in_no_service_and_end_with_the_next_call(cast: Cast) -> None:
    day.sit_down(cast)
    omar = cast.staff["omar"].actor
    first, second = (day.arrive(cast, 0, at, None) for at in ("09:00", "09:01"))
    with pytest.raises(WrongStepError):
        wrap(omar, "09:05")  # there is nothing to note yet
    day.call(cast, 0, "09:10")
    with clock.at(day.when(0, "09:20")), transaction() as session:
        service.conclude(session, actor=omar, ticket_id=first, outcome="resolved")
    wrap(omar, "09:21")
    wrap(omar, "09:24")  # it goes on
    with clock.at(day.when(0, "09:25")):
        assert wrapping.going_on(reading(), cast.north) == {cast.north_1.id: day.when(0, "09:21")}
        stalls = {one.counter.id: one for one in hall.now_in(reading(), cast.north)["stalls"]}
        assert (stalls[cast.north_1.id].state, stalls[cast.north_2.id].state) == ("wrapping", "idle")
    assert reading().get_one(Ticket, first).ended_at == day.when(0, "09:20")
    with clock.at(day.when(0, "09:26")), transaction() as session:
        called = service.call_next(session, actor=omar)
        assert called is not None
        assert called.id == second
        service.hold(session, actor=omar, ticket_id=second)
        assert wrapping.going_on(session, cast.north) == {}


def test_the_officer_says_that_the_notes_are_done_though_nobody_waits(cast: Cast) -> None:
    day.sit_down(cast)
    omar = cast.staff["omar"].actor
    first = day.arrive(cast, 0, "09:00", None)
    day.call(cast, 0, "09:10")
    with clock.at(day.when(0, "09:20")), transaction() as session:
        service.conclude(session, actor=omar, ticket_id=first, outcome="resolved")
    wrap(omar, "09:20")
    for at in ("09:24", "09:30"):
        with clock.at(day.when(0, at)), transaction() as session:
            wrapping.end(session, actor=omar)
            assert wrapping.going_on(session, cast.north) == {}
    assert reading().scalars(select(WrapUp.ended_at)).all() == [day.when(0, "09:24")]
    with clock.at(day.when(0, "09:40")):
        assert figure(reading(), "wrap_up_time").total.value == 4.0
        desk = {one.counter_id: one.free_since for one in watched.read(reading(), cast.north.id).desks}
        assert desk == {}  # nobody waits
    day.arrive(cast, 0, "09:41", None)
    with clock.at(day.when(0, "09:42")):
        desk = {one.counter_id: one.free_since for one in watched.read(reading(), cast.north.id).desks}
    assert desk[cast.north_1.id] == day.when(0, "09:24")
