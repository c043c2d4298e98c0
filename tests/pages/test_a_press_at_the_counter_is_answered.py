"""What the counter's scripts stand on: all keys are listed, and a press says where it leads."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.queue.models import CounterPause, Ticket
from tests.desk import Desk, Page
from tests.lint import text_of
from tests.makers import MORNING, Cast, make_ticket, open_counter

SignIn = Callable[[str], Desk]
BENCH = "/counter"
AS_SCRIPT = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def nine(cast: Cast) -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def omar(cast: Cast, sign_in: SignIn) -> Desk:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    return sign_in("omar")


def pressed(page: Page) -> set[str]:
    """The keys that controls of a page act by."""
    carried = (element.get("data-key") or element.get("data-focus-key") for element in page.all("*"))
    return {key for key in carried if key}


def test_the_list_of_keys_is_that_of_the_controls(cast: Cast, omar: Desk) -> None:
    acted = pressed(omar.get(BENCH, language="en"))
    with transaction() as session:
        renewal = session.get_one(PublicService, cast.renewal.id)
        scenarios.describe_scenario(
            session, actor=SYSTEM, service=renewal, code="lost", name_ar="هوية مفقودة",
            name_en="Lost identity", action="bring",
        )  # fmt: skip
        make_ticket(session, branch=cast.north, service=cast.renewal)
    omar.post("/counter/next", page=BENCH, status=302)
    called = omar.get(BENCH, language="en")
    for _ in range(2):
        omar.submit(
            omar.get(BENCH), action=next(a for a in map(called.action, called.forms()) if "recall" in a)
        )
    last = omar.get(BENCH, language="en")
    omar.submit(last, action=next(a for a in map(last.action, last.forms()) if a.endswith("start")))
    for page in (called, last, omar.get(BENCH, language="en")):
        acted |= pressed(page)
    [listed] = [one for one in last.all("section") if one.get("id") == "all-keys"]
    by_script_alone = {"1–4", "Esc", "⇧A"}
    assert {text_of(key) for key in listed.iter("kbd")} == acted | by_script_alone


def test_a_press_that_is_sent_again_leads_where_the_first_one_led(omar: Desk) -> None:
    page = omar.get(BENCH, language="en")
    answers = [
        omar.submit(page, {"pause-reason": "prayer"}, action="/counter/pause", headers=AS_SCRIPT, status=302)
        for _ in range(2)
    ]
    assert [answer.location for answer in answers] == [BENCH, BENCH]
    assert reading().scalar(select(func.count(CounterPause.id))) == 1


def test_a_script_learns_where_a_press_leads_and_what_is_said_there_waits_for_the_page(omar: Desk) -> None:
    omar.post("/counter/next", page=BENCH, headers=AS_SCRIPT, status=302)
    assert omar.get(BENCH, headers=AS_SCRIPT, status=204).data == b""
    page = omar.flask.get(BENCH).get_data(as_text=True)  # once: who looks at it takes what is said
    assert "note info" in page


@pytest.mark.parametrize(("language", "words"), [("en", "done once only"), ("ar", "مرة واحدة")])
def test_the_page_carries_what_its_script_says(omar: Desk, language: str, words: str) -> None:
    page = omar.get(BENCH, language=language)
    cut, waits = (
        [one for one in page.all("div") if name in one.attrib] for name in ("data-cut", "data-unanswered")
    )
    assert "hidden" in cut[0].attrib
    assert "hidden" in waits[0].attrib
    assert waits[0].attrib["data-unanswered"] == BENCH
    assert words in text_of(waits[0])


def test_the_calling_key_pressed_twice_serves_nobody_who_is_still_on_the_way(cast: Cast, omar: Desk) -> None:
    with transaction() as session:
        first, second = (make_ticket(session, branch=cast.north, service=cast.renewal).id for _ in range(2))

    def states() -> list[str]:
        reading().rollback()
        return [reading().get_one(Ticket, one).state for one in (first, second)]

    omar.post("/counter/next", page=BENCH, status=302)
    conclude = f"/counter/ticket/{first}/conclude"
    for page in (omar.get(BENCH), BENCH):  # the second time on the page that says what is missing
        refused = omar.post(conclude, {"then": "call"}, page=page, status=422)
        assert set(refused.errors()) == {"outcome"}
        assert not [
            one for one in refused.all("input") if one.get("name") == "outcome" and "checked" in one.attrib
        ]
    assert states() == ["called", "waiting"]
    omar.post(f"/counter/ticket/{first}/start", page=BENCH, status=302)
    omar.post(conclude, {"then": "call"}, page=BENCH, status=302)  # who is served is mostly helped
    assert states() == ["served", "called"]
