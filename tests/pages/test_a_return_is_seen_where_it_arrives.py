"""A return is seen on arrival: fully by reception, discreetly at the kiosk, with an apology on the ticket."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def back(cast: Cast) -> Ticket:
    """Nora, sent home for a paper on the first day, takes a ticket at the kiosk six days later."""
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    with clock.at(day.when(6, "09:00")), transaction() as session:
        ticket = service.issue(
            session, actor=SYSTEM, branch=cast.north, service=cast.renewal, person=cast.nora,
            channel="kiosk", language="en",
        )  # fmt: skip
    day.hear(6)
    reading().rollback()
    return reading().get_one(Ticket, ticket.id)


def test_reception_reads_when_and_where_it_was_and_what_came_of_it(back: Ticket, sign_in: SignIn) -> None:
    with clock.at(day.when(6, "09:01")):
        page = sign_in("reem").get(f"/reception/north/tickets/{back.id}", language="en")
    assert "Was here 6 days ago for the same need" in page.main
    assert "Sunday 4 October 2026, North Branch" in page.main
    assert "Begin with an apology" in page.main


def test_the_kiosk_says_that_the_officer_is_prepared_and_nothing_else(back: Ticket, desk: Desk) -> None:
    with clock.at(day.when(6, "09:01")):
        page = desk.get(f"/kiosk/north/ticket/{back.token}", language="en")
    assert "The officer will have your matter at hand." in page.main
    for told in ("again", "before", "4 October", "sorry", "paper"):
        assert told not in page.main.lower()


def test_the_ticket_on_the_phone_apologises_and_says_that_it_is_called_sooner(
    back: Ticket, desk: Desk
) -> None:
    with clock.at(day.when(6, "09:01")):
        page = desk.get(f"/ticket/{back.token}", language="en")
    assert "You had to come again because of us, and we are sorry." in page.main


def test_the_door_asks_why_beside_the_field_and_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    day.sit_down(cast)
    day.serve(cast, 0, cast.nora, "unresolved", cause="papers")
    where = "/reception/north/turned-away"
    sent = {"service": "renewal", "cause": "papers", "identity": cast.nora_number}
    with clock.at(day.when(6, "09:00")):
        reem = sign_in("reem")
        page = reem.post(where, sent, page=where, status=422)
        assert list(page.errors()) == ["return_reason"]
        reem.submit(page, {"return_reason": "papers", "return_words": "Nobody told me"}, status=302)
    day.hear(6)
    assert [(visit.class_name, visit.reason) for visit in day.visits()][-1] == ("repeat", "papers")
