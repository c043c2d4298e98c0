"""At night each branch closes its own yesterday: by its own midnight, as unserved, once."""

import datetime as dt

from govdesk import clock, wiring
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from govdesk.queue.sweeps import run_close_day
from tests.makers import SUNDAY, Cast, moment

MIDNIGHT = moment("00:00", SUNDAY + dt.timedelta(days=1))  # 21:00 UTC
MONDAY = SUNDAY + dt.timedelta(days=1)


def arrive(cast: Cast, at: dt.datetime, branch: Branch) -> Ticket:
    with clock.at(at), transaction() as session:
        actor = cast.staff["adam"].actor
        return service.issue(session, actor=actor, branch=branch, service=cast.renewal)


def states() -> list[str]:
    reading().rollback()
    return [ticket.state for ticket in reading().query(Ticket).order_by(Ticket.id)]


def test_what_was_left_open_is_closed_unserved_after_the_branchs_own_midnight(cast: Cast) -> None:
    for branch in (cast.north, cast.north, cast.harbour):
        arrive(cast, moment("15:30"), branch)
    with transaction() as session:
        actor = cast.staff["omar"].actor
        counters.open_counter(session, actor=actor, counter_id=cast.north_1.id)
        with clock.at(moment("15:40")):
            service.call_next(session, actor=actor)
    with clock.at(MIDNIGHT - dt.timedelta(seconds=1)):
        assert run_close_day() == 0
    with clock.at(MIDNIGHT):
        assert run_close_day() == 3
        assert run_close_day() == 0
    assert states() == ["closed_unserved"] * 3
    ticket = reading().query(Ticket).order_by(Ticket.id).first()
    assert ticket is not None
    assert (ticket.started_at, ticket.outcome) == (None, None)  # nothing was served


def test_each_branch_has_a_midnight_of_its_own(cast: Cast) -> None:
    with transaction() as session:
        session.get_one(Branch, cast.harbour.id).timezone = "Europe/London"
    for branch in (cast.north, session.get_one(Branch, cast.harbour.id)):
        arrive(cast, moment("15:30"), branch)
    with clock.at(MIDNIGHT):
        assert run_close_day() == 1  # in London it is ten in the evening
    assert states() == ["closed_unserved", "waiting"]


def test_numbers_begin_again_at_local_midnight(cast: Cast) -> None:
    evening = arrive(cast, MIDNIGHT - dt.timedelta(seconds=1), cast.north)
    later = arrive(cast, MIDNIGHT, cast.north)
    assert (evening.number, evening.day) == ("A001", SUNDAY)
    assert (later.number, later.day) == ("A001", MONDAY)


def test_the_clock_does_it_every_ten_minutes() -> None:
    assert [job.every for job in wiring.JOBS if job.name == "queue.close_day"] == [600]
