"""Whoever came is asked how it went, minutes after any end, once, and not too often."""

import datetime as dt

import pytest
from sqlalchemy import event

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.catalog.models import PublicService
from govdesk.db import db, transaction
from govdesk.errors import DeskError
from govdesk.feedback.asking import ends, service
from govdesk.feedback.asking.models import Invitation
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.notify.models import Message
from govdesk.people.models import Person
from govdesk.queue import service as queue
from tests.flows.asked import (
    ask_everybody,
    came,
    follow,
    hear,
    invitation,
    invitations,
    note_answered,
    questions,
    send,
    visited,
)
from tests.makers import SUNDAY, Cast, make_questionnaire, moment

MONDAY = SUNDAY + dt.timedelta(days=1)


def states() -> list[tuple[str, str | None]]:
    return [(one.state, one.why_spared) for one in invitations()]


def test_who_was_served_is_asked_five_minutes_later(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", cast.nora)
    made = invitation()
    assert (made.occasion, made.about, made.state) == ("served", f"ticket:{ticket_id}", "due")
    assert (made.outcome, made.channel, made.person_kind) == ("resolved", "reception", "citizen")
    assert made.week == dt.date(2026, 9, 28)  # the Monday before
    assert (send("10:14"), send("10:15"), send("10:16")) == (0, 1, 0)
    (message,) = questions()
    assert (message.key, message.about) == ("question_after", f"invitation:{made.id}")
    assert message.values is not None
    assert message.values["link"].endswith(f"/q/{made.token}")
    sent = invitation()
    assert (sent.state, sent.mode, sent.asked_on) == ("sent", "sms", SUNDAY)
    assert sent.closes_at == moment("10:10", SUNDAY + dt.timedelta(days=14))


@pytest.mark.parametrize(("at", "sent"), [("10:14", 1), ("10:15", 0)])
def test_after_a_standstill_of_three_days_nobody_is_asked_any_more(cast: Cast, at: str, sent: int) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    assert send(at, SUNDAY + dt.timedelta(days=3)) == sent


def test_nobody_is_asked_where_nothing_is_published_or_nobody_is_named(cast: Cast) -> None:
    visited(cast, "10:00", cast.nora)
    ask_everybody()
    visited(cast, "10:30", None)
    assert invitations() == []


@pytest.mark.parametrize(("state", "occasion"), [("turned_away", "turned_away"), ("noshow", "noshow")])
def test_who_was_turned_away_or_not_there_is_asked_too(cast: Cast, state: str, occasion: str) -> None:
    ask_everybody("after_service", "missed")
    at = "called" if state == "noshow" else "serving"
    ticket_id = came(cast, "10:00", cast.nora, state=at, call_count=3)
    with clock.at(moment("10:10")):
        with transaction() as session:
            if state == "noshow":
                queue.noshow(session, actor=cast.staff["sara"].actor, ticket_id=ticket_id)
            else:
                queue.turn_away(session, actor=cast.staff["sara"].actor, ticket_id=ticket_id, cause="papers")
        hear()
    assert invitation().occasion == occasion
    assert send("10:15") == 1


def test_who_left_is_asked_by_the_message_that_asks_why_and_goes_on_from_there(cast: Cast) -> None:
    ask_everybody()
    ticket_id = came(cast, "10:00", cast.nora, state="waiting", called_at=None, started_at=None)
    with clock.at(moment("10:10")):
        with transaction() as session:
            queue.abandon(session, actor=VISITOR, ticket_id=ticket_id)
        hear()
    assert send("10:30") == 0
    assert invitations() == []
    with clock.at(moment("11:00")), transaction() as session:
        opened = ends.open_for_ticket(session, ticket_id)
        again = ends.open_for_ticket(session, ticket_id)
        assert opened.id == again.id
    shown = invitation()
    assert (shown.occasion, shown.outcome, shown.state, shown.mode) == ("left", "left", "shown", "qr")
    assert send("11:10") == 0


def test_a_slip_leads_to_the_form_without_any_name(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", None)
    with clock.at(moment("10:20")), transaction() as session:
        ends.open_for_ticket(session, ticket_id)
    shown = invitation()
    assert (shown.state, shown.mode, shown.person_id, shown.person_kind) == ("shown", "qr", None, None)
    assert shown.asked_on == SUNDAY
    too_late = moment("10:11", SUNDAY + dt.timedelta(days=14))
    with clock.at(too_late), transaction() as session, pytest.raises(DeskError) as refusal:
        ends.open_for_ticket(session, ticket_id)
    assert refusal.value.key == "asking.not_asked"


def test_what_was_opened_from_the_slip_is_not_sent_as_well(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", cast.nora)
    with clock.at(moment("10:12")), transaction() as session:
        ends.open_for_ticket(session, ticket_id)
    assert send("10:20") == 0
    assert states() == [("shown", None)]


def test_an_end_that_was_none_is_not_asked_about(cast: Cast) -> None:
    ask_everybody("missed")
    ticket_id = came(cast, "10:00", cast.nora, state="called", call_count=3)
    with clock.at(moment("10:10")):
        with transaction() as session:
            queue.noshow(session, actor=cast.staff["sara"].actor, ticket_id=ticket_id)
        hear()
    assert states() == [("due", None)]
    with clock.at(moment("10:12")):
        with transaction() as session:
            queue.take_back(session, actor=cast.staff["sara"].actor, ticket_id=ticket_id)
        hear()
    assert invitations() == []


def test_somebody_is_asked_once_in_ninety_days(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    visited(cast, "10:00", cast.nora, day=MONDAY)
    assert send("12:00", MONDAY) == 1  # both are due, one goes
    assert states() == [("sent", None), ("spared", "fatigue")]
    day_89, day_90 = (MONDAY + dt.timedelta(days=days) for days in (89, 90))
    visited(cast, "10:00", cast.nora, day=day_89)
    assert send("12:00", day_89) == 0
    visited(cast, "10:00", cast.nora, day=day_90)
    assert send("12:00", day_90) == 1


def test_who_is_known_twice_is_asked_once(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    visited(cast, "10:00", cast.raj)
    visited(cast, "10:00", cast.vera)
    with transaction() as session:
        session.get_one(Person, cast.raj.id).same_as_id = cast.nora.id
        session.get_one(Person, cast.vera.id).same_as_id = cast.raj.id
    assert send("11:00") == 1
    visited(cast, "10:00", cast.vera, day=MONDAY)
    assert send("11:00", MONDAY) == 0
    assert states() == [("sent", None), *[("spared", "fatigue")] * 3]


def test_who_answered_is_left_alone_for_twice_as_long(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", cast.nora)
    send("12:00")
    with clock.at(moment("13:00")), transaction() as session:
        note_answered(session, invitation().id)
    answered = invitation()
    assert (answered.state, answered.mode, answered.draft) == ("answered", None, None)
    assert [one.state for one in questions()] == ["dropped"]  # what had not left leaves no more
    assert answered.answered_week == dt.date(2026, 9, 28)
    assert answered.about == service.digest_of(f"ticket:{ticket_id}")
    served_again = moment("14:00")
    with clock.at(served_again), transaction() as session:  # the same end heard once more
        ends.ask_after_ticket(session, {"ticket_id": ticket_id})
    assert len(invitations()) == 1
    day_179, day_180 = (SUNDAY + dt.timedelta(days=days) for days in (179, 180))
    visited(cast, "10:00", cast.nora, day=day_179)
    assert send("12:00", day_179) == 0
    visited(cast, "10:00", cast.nora, day=day_180)
    assert send("12:00", day_180) == 1


def test_who_wants_no_questions_and_who_cannot_be_reached_is_spared(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    visited(cast, "10:00", cast.raj)
    with transaction() as session:
        nora = session.get_one(Person, cast.nora.id)
        messages.stop(session, actor=VISITOR, person=nora, what=QUESTIONS)
        contact = session.get_one(Person, cast.raj.id).contact
        assert contact is not None
        contact.phone = None
    assert send("12:00") == 0
    assert states() == [("spared", "opted_out"), ("spared", "no_address")]


def test_who_declines_is_never_asked_again(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    send("12:00")
    with clock.at(moment("13:00")), transaction() as session:
        own = session.get_one(Invitation, invitation().id)
        service.decline(session, actor=VISITOR, invitation=own)
    assert invitation().state == "declined"
    years_later = SUNDAY + dt.timedelta(days=364 * 3)
    visited(cast, "10:00", cast.nora, day=years_later)
    assert send("12:00", years_later) == 0
    assert [one.why_spared for one in invitations()] == [None, "opted_out"]


def test_one_reminder_comes_after_three_days_and_the_link_closes_after_fourteen(cast: Cast) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    send("12:00")
    with transaction() as session:
        session.get_one(Message, questions()[0].id).state = "delivered"
    days = [SUNDAY + dt.timedelta(days=days) for days in (2, 3, 4, 14)]
    told = [follow("10:30", day) for day in days]
    assert told == [
        "0 not delivered, 0 reminded, 0 closed",
        "0 not delivered, 1 reminded, 0 closed",
        "0 not delivered, 0 reminded, 0 closed",
        "0 not delivered, 0 reminded, 1 closed",
    ]
    assert [one.key for one in questions()] == ["question_after", "question_reminder"]
    assert invitation().state == "expired"


@pytest.mark.parametrize("state", ["undeliverable", "failed", "not_sent", "dropped"])
def test_what_nobody_got_is_undeliverable_and_spares_nobody(cast: Cast, state: str) -> None:
    ask_everybody()
    visited(cast, "10:00", cast.nora)
    send("12:00")
    with transaction() as session:
        session.get_one(Message, questions()[0].id).state = state
    assert follow("13:00", SUNDAY) == "1 not delivered, 0 reminded, 0 closed"
    assert invitation().state == "undeliverable"
    visited(cast, "10:00", cast.nora, day=MONDAY)
    assert send("12:00", MONDAY) == 1


def test_a_department_asks_by_its_own_form(cast: Cast) -> None:
    ask_everybody()
    with transaction() as session:
        own = make_questionnaire(
            session, department=session.get_one(PublicService, cast.renewal.id).department
        )
    visited(cast, "10:00", cast.nora)
    assert invitation().questionnaire_id == own.id


def test_a_ticket_that_ends_costs_few_statements(cast: Cast) -> None:
    ask_everybody()
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        counted.append(statement)

    found = []
    for person in (None, cast.nora):
        ticket_id = came(cast, "10:00", person)
        with clock.at(moment("10:10")), transaction() as session:
            queue.conclude(session, actor=cast.staff["sara"].actor, ticket_id=ticket_id, outcome="resolved")
        with clock.at(moment("10:10")), transaction() as session:
            counted.clear()
            event.listen(db.engine, "before_cursor_execute", count)
            ends.ask_after_ticket(session, {"ticket_id": ticket_id})
            session.flush()
            event.remove(db.engine, "before_cursor_execute", count)
            found.append(len(counted))
    assert found == [1, 4]  # nobody named; somebody named


def test_an_end_that_is_heard_of_again_is_asked_about_once(cast: Cast) -> None:
    ask_everybody()
    ticket_id = visited(cast, "10:00", cast.nora)
    for _ in range(3):
        with clock.at(moment("10:11")), transaction() as session:
            ends.ask_after_ticket(session, {"ticket_id": ticket_id})
    assert states() == [("due", None)]
