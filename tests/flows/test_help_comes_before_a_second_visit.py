"""Who books again for a need that we did not settle is found at once, asked, helped, and called sooner."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.cases.returns import offering
from govdesk.cases.returns.models import HelpOffer
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.notify.models import Message
from govdesk.people import service as people
from govdesk.people.models import Person
from govdesk.queue import service as queue
from govdesk.queue.models import Ticket
from tests.flows import office_days as day
from tests.makers import Cast, make_slot


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Nora, who can be reached, was sent home for a paper on the first day."""
    day.sit_down(cast)
    with transaction() as session:
        people.note_contact(
            session, actor=cast.staff["reem"].actor, person=session.merge(cast.nora), name="Nora",
            phone="+966501234567",
        )  # fmt: skip
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    return cast


def book(city: Cast, person: Person, *, days: int = 4, what: str = "renewal") -> Appointment:
    """Booked on the third day for the morning of another."""
    with clock.at(day.when(3, "12:00")), transaction() as session:
        service = getattr(city, what)
        slot = make_slot(session, branch=city.north, service=service, starts_at=day.when(days, "09:00"))
        made = booking.book(
            session, actor=VISITOR, slot_id=slot.id, service_id=service.id,
            person=session.get_one(Person, person.id), language="en", channel="web",
        )  # fmt: skip
    day.hear(3)
    return made


def offers() -> list[HelpOffer]:
    reading().rollback()
    return list(reading().scalars(select(HelpOffer).order_by(HelpOffer.id)).unique())


def told() -> list[str]:
    keys = reading().scalars(select(Message.key).order_by(Message.id))
    return [key for key in keys if key.startswith("help")]


def wish(made: Appointment, wanted: str, words: str = "", at: str = "13:00") -> None:
    with clock.at(day.when(3, at)), transaction() as session:
        own = session.get_one(Appointment, made.id)
        offering.wish(session, actor=VISITOR, appointment=own, wanted=wanted, words=words)


def settle(city: Cast, ending: str, words: str = "", *, who: str = "omar", cancels: bool = False) -> None:
    with clock.at(day.when(3, "14:00")), transaction() as session:
        offering.settle(
            session, actor=city.staff[who].actor, offer_id=offers()[0].id, ending=ending, words=words,
            cancels=cancels,
        )  # fmt: skip
    day.hear(3)


def test_a_second_booking_for_the_need_is_found_at_once_and_offered_help(city: Cast) -> None:
    made = book(city, city.nora)
    (offer,) = offers()
    assert (offer.appointment_id, offer.state, offer.cause) == (made.id, "offered", "papers")
    assert offer.last_on == day.when(0, "09:00").date()
    assert told() == ["help_before_visit"]


@pytest.mark.parametrize(
    ("who", "what", "days"), [("raj", "renewal", 4), ("nora", "passport", 4), ("nora", "renewal", 38)]
)
def test_others_other_needs_and_later_years_are_offered_nothing(
    city: Cast, who: str, what: str, days: int
) -> None:
    book(city, getattr(city, who), days=days, what=what)
    assert offers() == []


def test_a_planned_step_is_no_failure_and_offered_nothing(cast: Cast) -> None:
    day.sit_down(cast)
    due = day.when(4, "09:00").date()
    day.serve(cast, 0, cast.nora, "planned_next_step", plan_reason="collect_document", plan_due=due)
    book(cast, cast.nora)
    assert offers() == []


def test_a_wish_waits_for_the_unit_of_the_first_visit(city: Cast) -> None:
    made = book(city, city.nora)
    with pytest.raises(offering.HelpError, match="words_missing"):
        wish(made, "write")
    wish(made, "write", "You did not ask for the paper")
    staff = city.staff
    seen = {who: offering.count_asked(reading(), staff[who].actor) for who in ("omar", "sara", "hamad")}
    assert seen == {"omar": 1, "sara": 1, "hamad": 0}
    with pytest.raises(NotFoundError):
        settle(city, "answered", "Bring it", who="hamad")
    settle(city, "not_reached")
    assert offering.count_asked(reading(), staff["omar"].actor) == 1
    settle(city, "answered", "Bring the paper, and come to counter 2")
    assert [step.kind for step in offers()[0].steps] == ["offered", "wished", "not_reached", "answered"]
    assert told() == ["help_before_visit", "help_answered"]
    with pytest.raises(offering.HelpError, match="help_over"):
        settle(city, "solved", "Done")


def test_what_is_solved_without_a_visit_gives_the_appointment_up(city: Cast) -> None:
    made = book(city, city.nora)
    wish(made, "call")
    settle(city, "solved", "We found your paper", cancels=True)
    reading().rollback()
    assert reading().get_one(Appointment, made.id).state == "cancelled"
    assert (offers()[0].state, offers()[0].phone) == ("solved", None)
    assert "help_solved" in told()


def test_who_comes_all_the_same_has_a_place_ahead(city: Cast) -> None:
    made = book(city, city.nora)
    wish(made, "come")
    with clock.at(day.when(4, "08:50")), transaction() as session:
        own = session.get_one(Appointment, made.id)
        ticket = queue.check_in(session, actor=city.staff["reem"].actor, appointment=own)
    day.hear(4)
    reading().rollback()
    assert reading().get_one(Ticket, ticket.id).is_our_mistake


def test_once_the_appointment_has_begun_nothing_is_asked_any_more(city: Cast) -> None:
    made = book(city, city.nora)
    with clock.at(made.starts_at + dt.timedelta(minutes=1)), transaction() as session:
        own = session.get_one(Appointment, made.id)
        assert offering.open_offer(session, own) is None
        with pytest.raises(offering.HelpError):
            offering.wish(session, actor=VISITOR, appointment=own, wanted="come")


def test_a_person_who_is_forgotten_takes_their_words_along(city: Cast) -> None:
    made = book(city, city.nora)
    wish(made, "write", "I live far away")
    with transaction() as session:
        offering.forget_person(session, {"person_id": city.nora.id})
    assert (offers()[0].words, offers()[0].phone) == ("", None)
