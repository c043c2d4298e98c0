"""From the foot of any staff page or the poster at the back door; all staff see it, management answers."""

from collections.abc import Callable

import pytest

from govdesk.cases.obstacles import posters, service
from govdesk.catalog.models import Branch
from govdesk.config import Settings
from govdesk.db import transaction
from tests.desk import Desk
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def obstacle_id(cast: Cast) -> int:
    """Omar raised one about the north branch."""
    with transaction() as session:
        return service.report(
            session,
            actor=cast.staff["omar"].actor,
            category="system",
            words="The scanner stops every hour.",
            branch=session.get_one(Branch, cast.north.id),
            links=[("cause", "system")],
        ).id


def test_an_officer_raises_one_and_everybody_sees_it(cast: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    assert "/obstacles/new" in omar.get("/work", status=200).links()
    form = omar.get("/obstacles/new", status=200)
    wrong = omar.submit(form, {"category": "system", "words": ""}, status=422)
    assert "words" in wrong.errors()
    done = omar.submit(
        form, {"category": "system", "words": "The scanner stops every hour.", "cause": "system"}, status=302
    )
    shown = omar.follow(done)
    assert "The scanner stops every hour." in shown.main
    for other in ("rana", "aziz"):
        page = sign_in(other).get("/obstacles", language="en", status=200)
        assert "The scanner stops every hour." in page.main
        assert "1 person meets it" in page.main or "person meets it" in page.main


def test_a_colleague_meets_it_too_and_management_closes_it(
    cast: Cast, sign_in: SignIn, obstacle_id: int
) -> None:
    path = f"/obstacles/{obstacle_id}"
    hamad = sign_in("hamad")
    page = hamad.get(path, status=200)
    assert f"{path}/close" not in page.links()
    hamad.get(f"{path}/close", status=403)
    hamad.submit(page, {}, action=f"{path}/support", status=302)
    sara = sign_in("sara")
    assert "people meet it" in sara.get(path, language="en", status=200).main
    assert "The scanner stops" in sara.get("/obstacles/mine", status=200).main
    for act in ("move", "assign", "links"):
        sara.get(f"{path}/{act}", status=200)
    form = sara.get(f"{path}/close", status=200)
    ahead = sara.submit(form, {"what_changed": "A new one.", "changed_on": "2026-10-05"}, status=422)
    assert "changed_on" in ahead.errors()
    sara.submit(form, {"what_changed": "A new one.", "changed_on": "2026-10-04"}, status=302)
    closed = hamad.get(path, language="en", status=200)
    assert "Did it help?" in closed.main
    assert f"{path}/reopen" in closed.links()
    assert "No data yet" in hamad.get("/obstacles?state=closed", language="en", status=200).main
    back = hamad.get(f"{path}/reopen", status=200)
    hamad.submit(back, {"words": "Again."}, status=302)
    assert "Came back" in hamad.get("/obstacles", language="en", status=200).main


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_poster_opens_a_page_without_signing_in(
    cast: Cast, desk: Desk, sign_in: SignIn, language: str
) -> None:
    sara = sign_in("sara")
    empty = sara.get("/obstacles/posters/north", status=200)
    sara.submit(empty, {}, action="/obstacles/posters/north", status=302)
    sheet = sara.get("/obstacles/posters/north", status=200)
    assert sheet.all("img", "qr")
    sign_in("omar").get("/obstacles/posters/north", status=403)
    with transaction() as session:
        poster = posters.poster_of(session, session.get_one(Branch, cast.north.id))
        assert poster is not None
        token = poster.token
    page = desk.get(f"/obstacles/from/{token}", language=language, status=200)
    done = desk.submit(page, {"category": "premises", "words": "No light at the door."}, status=302)
    assert desk.follow(done).status == 200
    assert "No light at the door." in sara.get("/obstacles", status=200).main
    desk.get("/obstacles/from/unknown", status=404)


def test_the_poster_is_rate_limited(cast: Cast, desk: Desk, settings: Settings) -> None:
    assert settings.rate_limits
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        token = posters.renew(session, actor=cast.staff["sara"].actor, branch=north).token
    page = desk.get(f"/obstacles/from/{token}")
    answers = [
        desk.submit(page, {"category": "other", "words": f"Word {number}"}).status for number in range(11)
    ]
    assert answers == [302] * 10 + [429]
