"""Where branches are: kept by an administrator, shown to people as a distance, and kept of nobody."""

import datetime as dt
from collections.abc import Callable

from flask import Flask

from govdesk.catalog.models import Branch
from govdesk.db import transaction
from tests.api import Program, make_token
from tests.desk import Desk
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
