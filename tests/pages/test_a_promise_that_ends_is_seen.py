"""Who leads the floor and who calls see which promise ends soon, and which is over."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue import counters, service
from tests.desk import Desk
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Omar has called A001 at nine; A002 came then and was promised a call before 09:25."""
    actor = cast.staff["omar"].actor
    with transaction() as session:
        counters.open_counter(session, actor=actor, counter_id=cast.north_1.id)
        service.issue(session, actor=actor, branch=cast.north, service=cast.renewal)
        service.call_next(session, actor=actor)
        ticket = service.issue(session, actor=actor, branch=cast.north, service=cast.renewal)
    assert ticket.quoted_high == 25
    return cast


@pytest.mark.parametrize(
    ("at", "language", "said"),
    [
        ("09:21", "en", "The promise of A002 ends in 4 min"),
        ("09:21", "ar", "الباقي من وعد التذكرة A002: ٤ دقائق"),
        ("09:28", "en", "The promise of A002 ended 3 min ago"),
    ],
)
def test_the_floor_says_it(busy: Cast, sign_in: SignIn, at: str, language: str, said: str) -> None:
    sara = sign_in("sara")
    with clock.at(moment(at)):
        page = sara.get("/floor/north", language=language, status=200)
    assert said in page.words("ul", "alerts")[0]


def test_the_list_at_the_counter_says_it(busy: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    with clock.at(moment("09:15")):
        assert "promise" not in omar.get("/counter", language="en", status=200).words("li", "lane")[0]
    with clock.at(moment("09:21")):
        assert "its promise ends in 4 min" in omar.get("/counter", language="en").words("li", "lane")[0]
    with clock.at(moment("09:26")):
        assert "its promise is over" in omar.get("/counter", language="en").words("li", "lane")[0]
