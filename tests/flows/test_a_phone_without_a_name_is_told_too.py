"""Who is known by nothing but the phone to which the ticket was sent hears all that a known person hears."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.notify.models import Message
from govdesk.outbox import deliver_due
from govdesk.people import service as people
from govdesk.queue import counters, emergency, hall_messages, nearing, promises, reaching, service
from govdesk.queue.models import Ticket
from govdesk.queue.reaching import SentEnoughError
from govdesk.wiring import HANDLERS
from tests.makers import Cast, moment

PHONE = "+966501234567"


def issue(cast: Cast, at: str = "09:00") -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        return service.issue(
            session, actor=VISITOR, branch=session.merge(cast.north), service=cast.renewal, language="en",
            channel="kiosk",
        )  # fmt: skip


def send(cast: Cast, ticket: Ticket, phone: str = PHONE) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        here, own = session.get_one(Branch, cast.north.id), session.get_one(Ticket, ticket.id)
        reaching.send(session, ticket=own, branch=here, phone=phone, language="en")


def told(key: str) -> list[tuple[str, str]]:
    """To whom a kind of message goes, and about what."""
    reading().rollback()
    query = select(Message).where(Message.key == key).order_by(Message.id)
    return [(str(message.address), message.about) for message in reading().scalars(query)]


@pytest.fixture
def mine(cast: Cast) -> Ticket:
    """Omar serves the first; the second, sent to a phone, waits with one behind who gave nothing."""
    with clock.at(moment("09:00")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    issue(cast)
    with clock.at(moment("09:00")), transaction() as session:
        service.call_next(session, actor=cast.staff["omar"].actor)
    ticket = issue(cast)
    send(cast, ticket)
    issue(cast)
    return ticket


def test_that_the_turn_is_near_once(mine: Ticket) -> None:
    with clock.at(moment("09:01")):
        assert [nearing.run_tell_near(), nearing.run_tell_near()] == [1, 0]
    assert told("turn_soon") == [(PHONE, f"ticket:{mine.id}")]


def test_that_it_takes_longer_than_promised(mine: Ticket) -> None:
    with clock.at(moment("09:26")):  # 25 minutes were quoted, and one more is behind
        promises.run_watch()
        deliver_due(HANDLERS)
    assert told("promise_broken") == [(PHONE, f"ticket:{mine.id}")]


def test_what_is_said_to_the_whole_hall(mine: Ticket, cast: Cast) -> None:
    with clock.at(moment("09:02")), transaction() as session:
        sent, of = hall_messages.tell_waiting(
            session, actor=cast.staff["sara"].actor, branch=session.get_one(Branch, cast.north.id),
            text=Name("انتظروا", "Wait"), until=moment("10:00"),
        )  # fmt: skip
    assert (sent, of) == (1, 2)
    assert [address for address, _about in told("hall_message")] == [PHONE]


def test_that_the_branch_had_to_close(mine: Ticket, cast: Cast) -> None:
    with clock.at(moment("09:02")):
        outlook = emergency.outlook(reading(), reading().get_one(Branch, cast.north.id))
        assert (outlook.waiting, outlook.reachable) == (2, 1)
        with transaction() as session:
            here = session.get_one(Branch, cast.north.id)
            emergency.close(session, actor=cast.staff["sara"].actor, branch=here, reason=Name("حريق", "Fire"))
        deliver_due(HANDLERS)
    assert told("branch_closed") == [(PHONE, f"ticket:{mine.id}")]


def test_that_the_day_was_closed_before_the_turn(mine: Ticket, cast: Cast) -> None:
    with clock.at(moment("00:10", moment("09:00").date() + dt.timedelta(days=1))):
        with transaction() as session:
            service.close_day(session, branch=session.get_one(Branch, cast.north.id))
        deliver_due(HANDLERS)
    assert told("closed_unserved") == [(PHONE, f"ticket:{mine.id}")]


def test_also_after_being_sent_on_and_at_the_number_given_last(mine: Ticket, cast: Cast) -> None:
    send(cast, mine, "+966501234568")
    with clock.at(moment("09:01")), transaction() as session:
        reem = cast.staff["reem"].actor
        follow = service.transfer(
            session, actor=reem, ticket_id=mine.id, service=session.merge(cast.passport)
        )
    with clock.at(moment("09:02")):
        assert nearing.run_tell_near() == 1
    assert told("turn_soon") == [("+966501234568", f"ticket:{follow.id}")]


def test_a_ticket_is_sent_twice_and_not_more_often(mine: Ticket, cast: Cast) -> None:
    send(cast, mine)
    with pytest.raises(SentEnoughError):
        send(cast, mine)


def test_nobody_is_told_where_a_person_was_forgotten(mine: Ticket, cast: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        reem = cast.staff["reem"].actor
        service.name_person(session, actor=reem, ticket_id=mine.id, person=session.merge(cast.nora))
        people.remove_contact(session, actor=cast.staff["adam"].actor, person=session.merge(cast.nora))
    with clock.at(moment("09:01")):
        deliver_due(HANDLERS)
        assert reaching.addresses(reading(), [mine.id]) == {}
        nearing.run_tell_near()
    assert told("turn_soon") == []
    sent = reading().scalars(select(Message).where(Message.key == "ticket_link")).one()
    assert (sent.address, sent.values) == (None, None)
