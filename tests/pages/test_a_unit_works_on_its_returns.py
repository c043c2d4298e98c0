"""Failures to learn from and wishes for help stand in the lists of the unit whose visit failed."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.cases.returns import asking
from govdesk.cases.returns.models import HelpOffer
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast, make_slot

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    return cast


@pytest.fixture
def back(city: Cast) -> int:
    """Nora came back on the third day; the visit that showed the failure."""
    ticket_id = day.arrive(city, 3, "09:00", city.nora)
    day.call(city, 3, "09:10")
    with clock.at(day.when(3, "09:20")), transaction() as session:
        asking.conclude(
            session, actor=city.staff["omar"].actor, ticket_id=ticket_id, outcome="resolved",
            return_reason="papers", return_words="The list did not have it",
        )  # fmt: skip
    day.hear(3)
    return day.visit_of(ticket_id).id


@pytest.fixture
def booked(city: Cast) -> Appointment:
    """Nora booked again on the first day, for the fourth."""
    with clock.at(day.when(0, "15:00")), transaction() as session:
        starts_at = day.when(4, "09:00")
        slot = make_slot(session, branch=city.north, service=city.renewal, starts_at=starts_at)
        made = booking.book(
            session, actor=VISITOR, slot_id=slot.id, service_id=city.renewal.id,
            person=session.get_one(Person, city.nora.id), language="en", channel="web",
        )  # fmt: skip
    day.hear(0)
    return made


def test_a_failure_is_read_with_its_means_and_learnt_from(city: Cast, back: int, sign_in: SignIn) -> None:
    with clock.at(day.when(4, "10:00")):
        sara = sign_in("sara")
        assert "Papers missing" in sara.get("/work/failures", language="en").main
        where = f"/work/failures/{back}"
        page = sara.get(where, language="en")
        assert page.words("blockquote", "words") == ["The list did not have it"]
        sara.submit(page, {}, action=f"{where}/seen", status=302)
        refused = sara.post(f"{where}/learnt", {"words": " "}, page=where, status=422)
        assert list(refused.errors()) == ["words"]
        sara.post(f"{where}/learnt", {"words": "We read the list out"}, page=where, status=302)
        assert "Nothing left to learn from" in sara.get("/work/failures", language="en").main
        assert "We read the list out" in sara.get(where, language="en").main


def test_another_branch_sees_no_failure_and_no_wish_of_it(
    city: Cast, back: int, booked: Appointment, sign_in: SignIn
) -> None:
    offer = reading().scalars(select(HelpOffer)).unique().one()
    with clock.at(day.when(4, "10:00")):
        hamad = sign_in("hamad")
        assert hamad.get(f"/work/failures/{back}").status == 404
        assert hamad.get(f"/work/help/{offer.id}").status == 404


def test_help_is_asked_for_on_the_page_of_the_appointment_and_given_from_the_list(
    city: Cast, booked: Appointment, desk: Desk, sign_in: SignIn
) -> None:
    own, where = f"/appointment/{booked.link_token}", f"/appointment/{booked.link_token}/help"
    with clock.at(day.when(1, "10:00")):
        assert "We are sorry that you have to come again" in desk.get(own, language="en").main
        refused = desk.post(where, {"wish": "call"}, page=where, status=422)
        assert list(refused.errors()) == ["phone"]
        wish = {"wish": "call", "phone": "0501234567", "words": "A paper was missing"}
        desk.post(where, wish, page=where, status=302)
        assert "We call you before your appointment" in desk.get(where, language="en").main
        offer = reading().scalars(select(HelpOffer)).unique().one()
        omar, listed = sign_in("omar"), f"/work/help/{offer.id}"
        assert "A paper was missing" in omar.get("/work/help", language="en").main
        page = omar.get(listed, language="en")
        assert "+966501234567" in page.main
        refused = omar.post(listed, {"ending": "solved", "words": ""}, page=listed, status=422)
        assert list(refused.errors()) == ["words"]
        omar.post(listed, {"ending": "answered", "words": "Bring the form"}, page=listed, status=302)
        assert "Nobody waits for help" in omar.get("/work/help", language="en").main
        assert "We have answered you" in desk.get(where, language="en").main


def test_without_an_offer_the_page_leads_back_to_the_appointment(
    city: Cast, booked: Appointment, desk: Desk
) -> None:
    with clock.at(booked.starts_at):
        answer = desk.get(f"/appointment/{booked.link_token}/help")
    assert answer.location == f"/appointment/{booked.link_token}"
