"""A second visit that our own mistake made has a class of its own: the cause of the first one says so."""

from typing import Any

import pytest

from govdesk.cases.returns.offering import THEIRS
from govdesk.catalog.models import Cause
from govdesk.db import reading, transaction
from govdesk.queue.models import Ticket
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    with transaction() as session:
        session.add(Cause(code=THEIRS, name_ar="نسي ورقة", name_en="Forgot a paper", position=9))
    day.sit_down(cast)
    return cast


@pytest.mark.parametrize(
    ("outcome", "cause", "is_class"),
    [
        ("unresolved", "system", "our_mistake"),
        ("unresolved", THEIRS, "walk_in"),
        ("resolved", None, "walk_in"),
    ],
)
def test_the_cause_of_the_first_visit_decides(
    city: Cast, outcome: str, cause: str | None, is_class: str
) -> None:
    said: dict[str, Any] = {"cause": cause} if cause else {}
    day.serve(city, 0, city.nora, outcome, **said)
    again = day.arrive(city, 3, "09:00", city.nora)
    day.hear(3)
    ticket = reading().get_one(Ticket, again)
    assert (ticket.call_class, ticket.is_our_mistake) == (is_class, is_class == "our_mistake")


def test_a_first_visit_and_one_of_somebody_unknown_are_walk_ins(city: Cast) -> None:
    first, unknown = day.arrive(city, 0, "09:00", city.nora), day.arrive(city, 0, "09:05", None)
    day.hear(0)
    assert {reading().get_one(Ticket, one).call_class for one in (first, unknown)} == {"walk_in"}
