"""Those who lose a time within a second of each other share one drawing of the page, never its tokens."""

import pytest
from flask import Flask

from govdesk.db import transaction
from govdesk.faces.citizen import too_late
from tests.desk import Desk, Page
from tests.makers import Cast, make_slot

TIME = "/book/renewal/time"


@pytest.fixture
def slot_ids(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A full time and free ones after it; pages are kept as in a real server."""
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setattr(too_late, "KEPT", 3600.0)
    monkeypatch.setattr(too_late, "_kept", {})
    with transaction() as session:
        full = make_slot(session, branch=cast.north, service=cast.renewal, capacity=1)
        full.booked = 1
        free = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=full.ends_at, capacity=5)
        make_slot(session, branch=cast.north, service=cast.renewal, starts_at=free.ends_at)
        return [full.id, free.id]


def lose(desk: Desk, slot_id: int, language: str = "en") -> Page:
    """Open the page of times and press the one that is gone."""
    shown = desk.get(TIME, language=language)
    return desk.submit(shown, {"slot": str(slot_id)}, action=TIME, language=language, status=409)


def tokens(page: Page) -> dict[str | None, str | None]:
    """The hidden values of the page's form."""
    fields = page.form(TIME).iter("input")
    return {field.get("name"): field.get("value") for field in fields if field.get("type") == "hidden"}


def test_each_presses_on_with_tokens_of_their_own(app: Flask, slot_ids: list[int]) -> None:
    first, second = Desk(app), Desk(app)
    mine, theirs = lose(first, slot_ids[0]), lose(second, slot_ids[0])
    assert mine.words("label", "branch") == theirs.words("label", "branch") != []
    assert len(too_late._kept) == 1
    assert tokens(mine)["once"] != tokens(theirs)["once"]
    assert tokens(mine)["csrf_token"] != tokens(theirs)["csrf_token"]
    for desk, page in ((second, theirs), (first, mine)):
        held = desk.submit(page, {"slot": str(slot_ids[1])}, action=TIME, status=302)
        assert "/book/held/" in (held.location or "")


def test_a_page_is_kept_for_its_own_language_wish_and_time_only(app: Flask, slot_ids: list[int]) -> None:
    lose(Desk(app), slot_ids[0])
    arabic = lose(Desk(app), slot_ids[0], "ar")
    assert arabic.language == "ar"
    assert len(too_late._kept) == 2


def test_the_winner_who_presses_again_is_told_of_the_win(app: Flask, slot_ids: list[int]) -> None:
    desk = Desk(app)
    shown = desk.get(TIME, language="en")
    press = {"slot": str(slot_ids[1])}
    won = desk.submit(shown, press, action=TIME, status=302)
    for _ in range(4):
        hold = Desk(app)
        hold.submit(hold.get(TIME, language="en"), press, action=TIME, status=302)
    lose(Desk(app), slot_ids[1])
    again = desk.submit(shown, press, action=TIME, status=302)
    assert again.location == won.location
