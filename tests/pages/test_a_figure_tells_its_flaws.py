"""Beside each figure stands how good its records are: flaws with their numbers, their share, the way on."""

from collections.abc import Callable

import pytest

from govdesk.cases.service import reclassify_all
from govdesk.db import transaction
from tests.desk import Desk
from tests.kpi_makers import make_visit, make_wait
from tests.makers import Cast, make_person

SignIn = Callable[[str], Desk]
QUALITY = "/figures/quality"


@pytest.fixture
def waits(cast: Cast) -> Cast:
    """Twelve were called, one more without a known arrival; one ticket was closed at night."""
    with transaction() as session:
        for minute in range(12):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00",
                called=f"09:{minute + 1:02}", ended="09:30",
            )  # fmt: skip
        make_wait(
            session, branch=cast.north, service=cast.renewal, arrived="09:00", ended="16:00",
            status="closed_unserved",
        )  # fmt: skip
        make_visit(session, "10-01", branch=cast.north, service=cast.renewal, person=None)
    return cast


@pytest.mark.parametrize("key", ["waiting_time", "waiting_p90", "service_level", "promise_kept"])
def test_waits_tell_what_is_missing_in_them(waits: Cast, sign_in: SignIn, key: str) -> None:
    page = sign_in("huda").get(f"/figures/{key}", language="en", status=200)
    assert "14.3% of the records behind this figure" in page.main  # 2 of 14
    assert "One was called without a known arrival" in page.main
    assert "One ticket was closed at night" in page.main
    assert any(link.startswith(QUALITY) for link in page.links())


def test_who_left_is_counted_without_what_the_night_closed(waits: Cast, sign_in: SignIn) -> None:
    page = sign_in("huda").get("/figures/abandonment_rate", language="en", status=200)
    assert "7.1% of the records behind this figure" in page.main  # 1 of 13 arrivals and itself


def test_returns_tell_whose_visits_nobody_knows(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for place in range(10):
            who = make_person(session) if place < 8 else None
            make_visit(session, "08-10", branch=cast.north, service=cast.renewal, person=who)
        reclassify_all(session)
    page = sign_in("huda").get("/figures/repeat_visit_rate", language="en", status=200)
    assert "The person is known for 80.0% of the visits." in page.main
    assert "20.0% of the records behind this figure" in page.main


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_card_leads_to_the_records(waits: Cast, sign_in: SignIn, language: str) -> None:
    page = sign_in("huda").get("/figures?period=12", language=language, status=200)
    if language == "en":
        card = next(words for words in page.words("article") if words.startswith("Waiting time"))
        assert "records with flaws: 14.3%" in card
    assert sum(link.startswith(f"{QUALITY}?period=12") for link in page.links()) > 1


def test_late_and_edited_records_have_their_columns(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for place in range(4):
            make_visit(
                session, "10-01", branch=cast.north, service=cast.renewal, person=None,
                entered_after=9 if place else None, has_edited_times=not place,
            )  # fmt: skip
    huda = sign_in("huda")
    page = huda.get(QUALITY, language="en", status=200)
    head, whole = page.words("tr")[:2]
    assert "Times edited" in head
    assert "Entered late" in head
    assert "25.0% (1)" in whole
    assert "75.0% (3)" in whole
    file = huda.get(f"{QUALITY}.csv", status=200).data.decode("utf-8-sig").splitlines()
    told = dict(zip(file[0].split(","), file[1].split(","), strict=True))
    assert (told["edited_times"], told["entered_late"]) == ("1", "3")
