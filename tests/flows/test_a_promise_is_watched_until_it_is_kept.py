"""The first quote is a promise: warned of before it ends, told honestly when it is broken, and each once."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.outbox import OutboxEvent, deliver_due
from govdesk.people import service as people
from govdesk.queue import counters, promises, service
from govdesk.queue.meant import Meant
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.wiring import HANDLERS
from tests.makers import SUNDAY, Cast, moment


@pytest.fixture
def late(cast: Cast) -> Ticket:
    """Omar is busy; Nora, who can be reached, waits since nine and was promised 25 minutes."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        people.note_contact(
            session, actor=cast.staff["reem"].actor, person=session.merge(cast.nora), name="Nora",
            phone="+966501234567",
        )  # fmt: skip
    for person in (None, cast.nora):
        with transaction() as session:
            ticket = service.issue(
                session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal,
                person=person, language="en",
            )  # fmt: skip
        if person is None:
            with transaction() as session:
                service.call_next(session, actor=cast.staff["omar"].actor)
    assert (ticket.quoted_at, ticket.quoted_high) == (moment("09:00"), 25)  # one departure: 23.03
    return ticket


def watch(at: str, day: dt.date = SUNDAY) -> int:
    with clock.at(moment(at, day)):
        told = promises.run_watch()
        deliver_due(HANDLERS)
    reading().rollback()
    return told


def kinds(ticket: Ticket) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return [kind for kind in reading().scalars(query) if kind.startswith("promise")]


def test_it_is_warned_of_in_its_last_minutes_and_said_when_it_is_broken_each_once(late: Ticket) -> None:
    assert [watch(at) for at in ("09:19", "09:20", "09:22", "09:26", "09:40")] == [0, 1, 0, 1, 0]
    assert kinds(late) == ["promise_threatened", "promise_broken"]
    told = reading().scalars(select(OutboxEvent.name).where(OutboxEvent.name.like("promise.%")))
    assert sorted(told) == ["promise.broken", "promise.threatened"]


def test_who_can_be_reached_is_told_how_long_it_takes_now(late: Ticket) -> None:
    watch("09:26")
    message = reading().scalars(select(Message).where(Message.key == "promise_broken")).one()
    assert message.person_id == late.person_id
    assert message.values is not None
    assert message.values["ticket"] == late.number
    assert message.values["wait"] == "1 to 25 min"
    assert message.values["link"].endswith(f"/ticket/{late.token}")


def test_who_is_sent_on_before_the_call_keeps_the_promise_of_the_door(late: Ticket, cast: Cast) -> None:
    with clock.at(moment("09:10")), transaction() as session:
        reem = cast.staff["reem"].actor
        follow = service.transfer(session, actor=reem, ticket_id=late.id, service=cast.passport)
    assert (follow.quoted_at, follow.quoted_high) == (moment("09:00"), 25)
    assert [watch(at) for at in ("09:19", "09:20", "09:26")] == [0, 1, 1]
    assert (kinds(late), kinds(follow)) == ([], ["promise_threatened", "promise_broken"])


def test_who_was_called_has_a_promise_for_the_next_wait(late: Ticket, cast: Cast) -> None:
    officer = cast.staff["omar"].actor
    first = reading().scalars(select(Ticket).where(Ticket.state == "called")).one()
    with clock.at(moment("09:10")), transaction() as session:
        follow = service.transfer(session, actor=officer, ticket_id=first.id, service=cast.passport)
        assert follow.quoted_at == moment("09:10")
        assert follow.quoted_high is not None
        assert follow.quoted_high > 0  # Nora came at the same time and stands before
        service.abandon(session, actor=officer, ticket_id=late.id)
        counters.open_counter(session, actor=cast.staff["othman"].actor, counter_id=cast.north_2.id)
        service.call_next(session, actor=officer)
        to = Meant(counter_id=cast.north_2.id)
        alone = service.transfer(session, actor=officer, ticket_id=follow.id, service=cast.deed, to=to)
        assert alone.quoted_at is None  # nobody can tell when that one counter is free
    assert reading().get_one(Ticket, first.id).quoted_at == moment("09:00")


def test_who_is_called_in_time_is_told_nothing(late: Ticket, cast: Cast) -> None:
    officer = cast.staff["omar"].actor
    first = reading().scalars(select(Ticket.id).where(Ticket.state == "called")).one()
    with clock.at(moment("09:10")), transaction() as session:
        service.conclude(session, actor=officer, ticket_id=first, outcome="resolved")
    with clock.at(moment("09:10")), transaction() as session:
        service.call_next(session, actor=officer)
    assert watch("09:26") == 0
    given = promises.of(reading().get_one(Ticket, late.id))
    assert given is not None
    assert given.is_kept
    assert not given.is_threatened


def test_the_hall_sees_whose_promise_ends(late: Ticket, cast: Cast) -> None:
    with clock.at(moment("09:21")):
        (one,) = promises.threatened(reading(), cast.north.id)
        assert (one.number, one.promise.minutes_left) == (late.number, 4)
        assert promises.threatened(reading(), cast.harbour.id) == []


def test_a_short_promise_is_warned_of_in_its_last_third() -> None:
    given = promises.promise(moment("09:00"), 2.0, None)
    assert given is not None
    assert given.before == moment("09:02")
    assert given.warned_from == moment("09:02") - dt.timedelta(minutes=2) / 3
    assert promises.promise(None, None, None) is None
