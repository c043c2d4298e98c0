"""Two touches on a private page: looking answers nothing, and what was served is asked nothing."""

import datetime as dt

import pytest
from flask import Flask

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer
from tests.desk import Desk
from tests.makers import MORNING, SUNDAY, Cast, make_ticket

YESTERDAY = SUNDAY - dt.timedelta(days=1)


@pytest.fixture
def closed(app: Flask, cast: Cast) -> Ticket:
    """Nora's ticket was closed unserved last night."""
    with transaction() as session:
        return make_ticket(
            session, branch=cast.north, service=cast.renewal, person=cast.nora, state="closed_unserved",
            day=YESTERDAY, ended_at=clock.now(),
        )  # fmt: skip


def known(ticket: Ticket) -> tuple[bool | None, str | None] | None:
    with transaction() as session:
        row = session.get(UnservedAnswer, ticket.id)
        return (row.is_needed, row.reason) if row else None


@pytest.mark.parametrize("language", ["ar", "en"])
def test_two_touches_answer_and_looking_answers_nothing(desk: Desk, closed: Ticket, language: str) -> None:
    path = f"/ticket/{closed.token}/why"
    page = desk.get(path, language=language)
    assert known(closed) is None
    assert len(page.all("button")) >= 8
    once = desk.follow(desk.submit(page, {"needed": "yes"}, action=path, status=302))
    assert known(closed) == (True, None)
    assert f"/book/{'renewal'}" in once.links()
    twice = desk.follow(desk.submit(once, {"reason": "until_closing"}, action=path, status=302))
    assert known(closed) == (True, "until_closing")
    assert {"ar": "شكرًا لك", "en": "Thank you"}[language] in twice.heading


def test_a_strange_answer_is_refused(desk: Desk, closed: Ticket) -> None:
    path = f"/ticket/{closed.token}/why"
    desk.submit(desk.get(path), {"reason": "nonsense"}, action=path, status=422)
    assert known(closed) is None


def test_what_was_served_is_asked_nothing_and_an_old_day_no_more(
    desk: Desk, cast: Cast, closed: Ticket
) -> None:
    with transaction() as session:
        token = make_ticket(session, branch=cast.north, service=cast.renewal, state="served").token
    assert desk.get(f"/ticket/{token}/why", status=302).location == f"/ticket/{token}"
    with clock.at(MORNING + dt.timedelta(days=20)):
        page = desk.get(f"/ticket/{closed.token}/why", language="en")
    assert "too long past" in page.main
    assert all("why" not in page.action(form) for form in page.forms())


def test_the_page_of_the_ticket_leads_there(desk: Desk, closed: Ticket) -> None:
    assert f"/ticket/{closed.token}/why" in desk.get(f"/ticket/{closed.token}").links()
