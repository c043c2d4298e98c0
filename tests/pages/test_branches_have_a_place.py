"""Where branches are: kept by an administrator, shown to people as a distance, and kept of nobody."""

import datetime as dt
from collections.abc import Callable

from flask import Flask

from govdesk.catalog.models import Branch
from govdesk.db import transaction
from tests.api import Program, make_token
from tests.desk import Desk, preset
from tests.makers import MORNING, Cast, make_slot


def test_the_earliest_comes_first_and_says_how_far_it_is(desk: Desk, cast: Cast) -> None:
    with transaction() as session:
        session.get_one(Branch, cast.north.id).latitude = 24.7
        session.get_one(Branch, cast.north.id).longitude = 46.7
        session.get_one(Branch, cast.harbour.id).latitude = 24.79
        session.get_one(Branch, cast.harbour.id).longitude = 46.7
        make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING + dt.timedelta(days=2))
        make_slot(session, branch=cast.harbour, service=cast.renewal)
    assert "km away" not in desk.get("/book/renewal", language="en").main
    shown = desk.get("/book/renewal?near=north", language="en").main
    assert "About 10 km away" in shown
    assert shown.count("km away") == 1
    assert shown.index("Harbour Branch") < shown.rindex("North Branch")
    assert "km away" not in desk.get("/book/renewal?near=nowhere", language="en").main


def test_equally_early_the_nearest_comes_first_also_where_a_time_is_chosen(desk: Desk, cast: Cast) -> None:
    with transaction() as session:
        for branch, latitude in ((cast.north, 24.7), (cast.harbour, 24.79)):
            row = session.get_one(Branch, branch.id)
            row.latitude, row.longitude = latitude, 46.7
            make_slot(session, branch=branch, service=cast.renewal)
    for near, first, other in (("north", "North", "Harbour"), ("harbour", "Harbour", "North")):
        page = desk.get(f"/book/renewal?near={near}", language="en")
        offers = page.words("li", "offer")
        assert [first in offers[0], other in offers[1]] == [True, True]
        (times,) = (link for link in page.links() if f"near={near}" in link and "branch=" not in link)
        page = desk.get(times, language="en")
        cards = page.words("label", "branch-card") or page.words("label")
        cards = [card for card in cards if "Branch" in card]
        assert first in cards[0]
        assert "About 10 km away" in next(card for card in cards if other in card)
        chosen = [one.get("value") for one in page.all("input") if one.get("name") == "branch"]
        assert chosen[0] == near
        assert preset(page.form())["near"] == near
    assert "km away" not in desk.get("/book/renewal/time", language="en").main


def test_only_the_page_that_asks_may_ask_the_browser_where_it_is(desk: Desk, cast: Cast) -> None:
    assert "geolocation=(self)" in desk.get("/book/renewal").headers["Permissions-Policy"]
    assert "geolocation=()" in desk.get("/").headers["Permissions-Policy"]


def test_an_administrator_gives_a_branch_its_place_and_programs_read_it(
    app: Flask, sign_in: Callable[[str], Desk], cast: Cast
) -> None:
    adam = sign_in("adam")
    page = adam.get(f"/admin/branches/{cast.north.id}", language="en")
    for typed, field in (
        ({"latitude": "24.7"}, "longitude"),
        ({"latitude": "97", "longitude": "46"}, "latitude"),
        ({"latitude": "x"}, "latitude"),
    ):
        assert field in adam.submit(page, typed, action=page.path, language="en", status=422).errors()
    adam.submit(page, {"latitude": "٢٤٫٧", "longitude": "46.7"}, action=page.path, status=302)
    branches = Program(app, make_token("board")).get("/branches")
    places = {branch["id"]: (branch["latitude"], branch["longitude"]) for branch in branches}
    assert places == {"north": (24.7, 46.7), "harbour": (None, None)}
