"""The page offers to undo the last step while it can be undone, and to begin a further service."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.db import reading
from govdesk.queue import rules
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]


@pytest.fixture
def called(cast: Cast) -> int:
    day.sit_down(cast)
    one = day.arrive(cast, 0, "09:00", cast.nora)
    day.call(cast, 0, "09:10")
    return one


def state(ticket_id: int) -> str:
    reading().rollback()
    return reading().get_one(Ticket, ticket_id).state


def test_a_wrong_no_show_is_undone_with_one_button(called: int, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    with clock.at(moment("09:11")):
        omar.post(f"/counter/ticket/{called}/noshow", {}, page="/counter", status=302)
        shown = omar.get("/counter")
        assert state(called) == "noshow"
        omar.submit(shown, {}, action="/counter/undo", status=302)
        assert state(called) == "called"
    with clock.at(moment("09:12") + rules.UNDONE_WITHIN):
        later = omar.get("/counter")
    assert "/counter/undo" not in [later.action(form) for form in later.forms()]


def test_a_further_service_begins_when_the_first_is_concluded(
    cast: Cast, called: int, sign_in: SignIn
) -> None:
    omar = sign_in("omar")
    with clock.at(moment("09:20")):
        sent = {"outcome": "resolved", "also": str(cast.passport.id)}
        omar.post(f"/counter/ticket/{called}/conclude", sent, page="/counter", status=302)
        page = omar.get("/counter", language="en")
    assert state(called) == "served"
    assert page.words("h1") == ["Passport"]
