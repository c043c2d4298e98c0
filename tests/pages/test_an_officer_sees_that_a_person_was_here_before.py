"""A return for the same need: seen at once, explained, and never concluded without its reason."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from govdesk import clock
from govdesk.cases import service as cases
from govdesk.cases.models import Visit
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import MORNING, Cast

SignIn = Callable[[str], Desk]
BENCH = "/counter"


def visit(cast: Cast, days_ago: int, **outcome: Any) -> None:
    """Nora was at counter 2, some days ago, for a renewal."""
    othman = cast.staff["othman"].actor
    with clock.at(MORNING - dt.timedelta(days=days_ago)), transaction() as session:
        counters.open_counter(session, actor=othman, counter_id=cast.north_2.id)
        ticket = service.issue(
            session, actor=othman, branch=cast.north, service=cast.renewal, person=cast.nora
        )
        service.call_next(session, actor=othman)
        service.conclude(session, actor=othman, ticket_id=ticket.id, **outcome)
        counters.close_counter(session, actor=othman)
        cases.record_ticket(session, {"ticket_id": ticket.id})


@pytest.fixture
def omar(cast: Cast, sign_in: SignIn) -> Desk:
    """Omar's browser; he sits at counter 1 of the north."""
    browser = sign_in("omar")
    browser.post("/counter/open", {"counter": cast.north_1.id}, page=BENCH, status=302)
    return browser


def call(cast: Cast, omar: Desk, person: Person | None = None) -> Ticket:
    with transaction() as session:
        actor = cast.staff["reem"].actor
        ticket = service.issue(session, actor=actor, branch=cast.north, service=cast.renewal, person=person)
    omar.post("/counter/next", page=BENCH, status=302)
    return ticket


@pytest.mark.parametrize("outcome", [None, "GRANTED"])
def test_a_visit_whose_outcome_has_no_words_says_nothing_of_it(
    cast: Cast, omar: Desk, outcome: str | None
) -> None:
    visit(cast, 6, outcome="unresolved", cause="papers")
    with transaction() as session:
        session.execute(update(Visit).values(outcome=outcome))
    call(cast, omar, cast.nora)
    page = omar.get(BENCH, language="en")
    assert page.words("section", "banner")[0].startswith("Was here 6 days ago for the same need")
    assert "left" not in page.main.lower()
    assert [li.get("class") for li in page.all("ol", "thread")[0].iter("li")] == ["failed", "now", None]


def test_a_return_is_seen_with_what_happened_and_asks_why(cast: Cast, omar: Desk) -> None:
    visit(cast, 6, outcome="unresolved", cause="papers")
    ticket = call(cast, omar, cast.nora)
    page = omar.get(BENCH, language="en")
    banner = page.words("section", "banner")[0]
    assert banner.startswith("Was here 6 days ago for the same need")
    assert "The cause: Papers missing." in banner
    assert [li.get("class") for li in page.all("ol", "thread")[0].iter("li")] == ["failed", "now", None]
    path = f"/counter/ticket/{ticket.id}/conclude"
    refused = omar.post(path, {"outcome": "resolved"}, page=BENCH, status=422)
    assert list(refused.errors()) == ["return_reason"]
    omar.post(path, {"outcome": "resolved", "return_reason": "papers"}, page=BENCH, status=302)
    assert reading().get_one(Ticket, ticket.id).return_reason == "papers"


def test_a_person_who_comes_as_planned_is_no_failure(cast: Cast, omar: Desk) -> None:
    due = MORNING.date()
    visit(cast, 6, outcome="planned_next_step", plan_reason="biometrics", plan_due=due)
    ticket = call(cast, omar, cast.nora)
    page = omar.get(BENCH, language="en")
    assert page.words("section", "banner")[0].startswith("Here for a step we agreed on")
    path = f"/counter/ticket/{ticket.id}/conclude"
    omar.post(path, {"outcome": "resolved"}, page=BENCH, status=302)


def test_someone_new_has_no_banner(cast: Cast, omar: Desk) -> None:
    call(cast, omar, cast.raj)
    assert omar.get(BENCH).all("section", "banner") == []


def test_an_anonymous_walk_in_is_known_once_the_number_is_typed(cast: Cast, omar: Desk) -> None:
    visit(cast, 6, outcome="turned_away", cause="papers")
    ticket = call(cast, omar)
    assert omar.get(BENCH).all("section", "banner") == []
    eastern = cast.nora_number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    path = f"/counter/ticket/{ticket.id}/person"
    page = omar.follow(omar.post(path, {"identity": eastern}, page=BENCH, status=302))
    assert len(page.all("section", "banner")) == 1
    assert reading().get_one(Ticket, ticket.id).person_id == cast.nora.id


@pytest.mark.parametrize("typed", ["12345", "10X0000000", "1234567890", "😀", "٩" * 39, "x" * 300])
def test_a_wrong_number_is_explained_beside_the_field_and_stays(cast: Cast, omar: Desk, typed: str) -> None:
    ticket = call(cast, omar)
    path = f"/counter/ticket/{ticket.id}/person"
    page = omar.post(path, {"identity": typed}, page=BENCH, status=422)
    assert list(page.errors()) == ["identity"]
    assert [field.get("value") for field in page.all("input") if field.get("name") == "identity"] == [typed]
    assert reading().get_one(Ticket, ticket.id).person_id is None
