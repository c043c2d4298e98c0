"""Two touches on a private page: looking answers nothing, and what was served is asked nothing."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer
from tests.desk import Desk
from tests.makers import MORNING, SUNDAY, Cast, make_ticket

SignIn = Callable[[str], Desk]
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


def test_the_reasons_are_counted_for_who_answers_for_the_branch(cast: Cast, sign_in: SignIn) -> None:
    said = [("too_long", True), ("too_long", True), ("had_to_go", False), ("too_long", None)]
    path = "/floor/north/unserved"
    with transaction() as session:
        for reason, is_needed in said:
            tell(session, cast, reason=reason, is_needed=is_needed)
        make_ticket(session, branch=cast.north, service=cast.renewal, state="closed_unserved")
        make_ticket(session, branch=cast.north, service=cast.renewal, state="served")
    sara = sign_in("sara")
    page = sara.get(path, language="en", status=200)
    assert page.words("dd") == ["5 4 left, 1 at closing", "80% 4 of 5", "No data"]
    assert page.all("table") == []  # of four one could tell who
    with transaction() as session:
        tell(session, cast, reason=None, is_needed=True)
        tell(session, cast, reason="elsewhere", is_needed=True)
        long_ago = tell(session, cast, reason="other", is_needed=True)
        long_ago.day = SUNDAY - dt.timedelta(days=40)
    page = sara.get(path, language="en")
    rows = [" ".join(words.split()) for words in page.words("tr")][1:4]
    assert [row.partition("%")[0] for row in rows] == [
        "The wait was too long 3 60", "I had to go 1 20", "I got it done another way 1 20",
    ]  # fmt: skip
    assert "23%–88%" in rows[0]  # Wilson, 3 of 5
    assert page.words("dd")[2] == "80% n 5"
    assert "Another reason 1" in sara.get(f"{path}?days=90", language="en").main
    for other, status in (("omar", 403), ("salim", 403), ("adam", 200)):
        assert sign_in(other).get(path).status == status


def tell(session: Session, cast: Cast, *, reason: str | None, is_needed: bool | None) -> Ticket:
    ticket = make_ticket(session, branch=cast.north, service=cast.renewal, state="abandoned")
    given = {"reason": reason, "is_needed": is_needed, "told_at": clock.now()}
    session.add(UnservedAnswer(ticket_id=ticket.id, **given))
    return ticket
