"""Left, or closed before their turn: told once, at a decent hour, and asked; it is held against nobody."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import VISITOR
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.kpi import service as kpi
from govdesk.notify.models import Message
from govdesk.people.models import Person, PersonContact
from govdesk.queue import own_turn, service, unserved
from govdesk.queue.models import Ticket
from govdesk.queue.sweeps import run_close_day
from govdesk.queue.unserved_models import UnservedAnswer
from govdesk.wiring import HANDLERS
from tests.makers import SUNDAY, Cast, moment

MONDAY = SUNDAY + dt.timedelta(days=1)


def arrive(cast: Cast, at: str, person: Person | None) -> int:
    with clock.at(moment(at)), transaction() as session:
        known = session.get_one(Person, person.id) if person else None
        if known is not None:
            session.get_one(PersonContact, known.id).phone = "+966501234567"
        branch = session.get_one(Branch, cast.north.id)
        return service.issue(
            session, actor=cast.staff["adam"].actor, branch=branch, service=cast.renewal, person=known
        ).id


def night(at: dt.datetime) -> int:
    with clock.at(at):
        closed = run_close_day()
        outbox.deliver_due(HANDLERS)
    return closed


def told() -> list[Message]:
    reading().rollback()
    asked = Message.key.in_(("left_why", "closed_unserved"))
    return list(reading().scalars(select(Message).where(asked).order_by(Message.id)))


def answered(ticket_id: int, at: dt.datetime, **words: bool | str) -> None:
    with clock.at(at), transaction() as session:
        unserved.answer(session, actor=VISITOR, ticket_id=ticket_id, **words)  # type: ignore[arg-type]


def test_who_was_closed_out_is_told_next_morning_once(cast: Cast) -> None:
    reached, unknown = arrive(cast, "15:30", cast.nora), arrive(cast, "15:31", None)
    assert night(moment("00:00", MONDAY)) == 2
    assert night(moment("00:10", MONDAY)) == 0
    message = told()[0]
    assert len(told()) == 1
    assert (message.key, message.about) == ("closed_unserved", f"ticket:{reached}")
    assert message.send_after == moment("08:00", MONDAY)  # the quiet hours end
    assert message.values is not None
    assert f"/ticket/{reading().get_one(Ticket, reached).token}/why" in message.values["link"]
    assert unknown


def test_after_a_long_standstill_the_days_are_closed_and_nobody_is_bothered(cast: Cast) -> None:
    ticket_id = arrive(cast, "15:30", cast.nora)
    assert night(moment("10:00", SUNDAY + dt.timedelta(days=6))) == 1
    assert reading().get_one(Ticket, ticket_id).state == "closed_unserved"
    assert told() == []


def test_who_left_is_asked_once_there_is_no_way_back_and_not_who_came_back(cast: Cast) -> None:
    gone, back = arrive(cast, "09:30", cast.nora), arrive(cast, "09:31", cast.raj)
    with clock.at(moment("09:40")):
        for ticket_id in (gone, back):
            with transaction() as session:
                service.abandon(session, actor=VISITOR, ticket_id=ticket_id)
        outbox.deliver_due(HANDLERS)
    minutes = dt.timedelta(minutes=reading().get_one(Branch, cast.north.id).rejoin_minutes)
    assert {message.send_after for message in told()} == {moment("09:40") + minutes}
    with clock.at(moment("09:42")):
        with transaction() as session:
            own_turn.rejoin(session, actor=VISITOR, ticket_id=back)
        outbox.deliver_due(HANDLERS)
    assert [(one.about, one.state) for one in told()] == [
        (f"ticket:{gone}", "queued"), (f"ticket:{back}", "dropped"),
    ]  # fmt: skip


def test_answers_are_kept_one_by_one_and_change_no_figure(cast: Cast) -> None:
    ticket_id = arrive(cast, "15:30", cast.nora)
    night(moment("00:00", MONDAY))
    morning = moment("09:00", MONDAY)
    answered(ticket_id, morning, is_needed=True)
    answered(ticket_id, morning, reason="too_long")
    answered(ticket_id, morning, reason="until_closing")
    with transaction() as session:
        row = session.get_one(UnservedAnswer, ticket_id)
        assert (row.is_needed, row.reason) == (True, "until_closing")
    with clock.at(morning):
        reading().rollback()
        for key in ("service_time", "repeat_visit_rate"):
            assert [row["n"] for row in kpi.figure(reading(), key).as_json()["rows"] if row["n"]] == []


@pytest.mark.parametrize(
    ("words", "key"),
    [({"reason": "nonsense"}, "choose_known"), ({"reason": "until_closing"}, "choose_known"), ({}, "choose")],
)
def test_what_cannot_be_said_is_refused(cast: Cast, words: dict[str, str], key: str) -> None:
    ticket_id = arrive(cast, "09:30", cast.nora)
    with pytest.raises(DeskError, match="why_not_asked"):
        answered(ticket_id, moment("09:31"), reason="too_long")
    with transaction() as session:
        service.abandon(session, actor=VISITOR, ticket_id=ticket_id)
    with pytest.raises(DeskError, match=key):
        answered(ticket_id, moment("09:40"), **words)
    with pytest.raises(DeskError, match="why_too_late"):
        answered(ticket_id, moment("09:40", SUNDAY + dt.timedelta(days=16)), reason="other")
