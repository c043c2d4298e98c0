"""Signing in and out, the language, health."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.config import DEMO_SHIFT
from govdesk.db import reading
from govdesk.demo import people as demo
from govdesk.people.models import StaffSession
from tests.desk import Desk
from tests.makers import MORNING, PASSWORD, Cast

SignIn = Callable[[str], Desk]


def test_unknown_user_and_wrong_password_meet_the_same_sentence(cast: Cast, desk: Desk) -> None:
    wrong = [{"username": "omar", "password": "not-this-one"}, {"username": "nobody", "password": PASSWORD}]
    said = {desk.post("/staff/sign-in", values, language="en", status=422).main for values in wrong}
    assert len({text.replace("omar", "").replace("nobody", "") for text in said}) == 1


def test_the_password_is_never_shown_again_but_the_username_stays(cast: Cast, desk: Desk) -> None:
    page = desk.post("/staff/sign-in", {"username": "omar", "password": "not-this-one"}, status=422)
    assert 'value="omar"' in page.html
    assert "not-this-one" not in page.html


def test_a_refused_attempt_is_in_the_audit_without_what_was_typed(cast: Cast, desk: Desk) -> None:
    desk.post("/staff/sign-in", {"username": "my-secret-by-mistake", "password": "x"}, status=422)
    entry = reading().scalars(select(AuditEntry).where(AuditEntry.action == "staff.sign_in_refused")).one()
    assert (entry.actor, entry.subject, entry.detail) == ("person", "staff:unknown", {})


def test_the_table_holds_no_token(cast: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    with omar.flask.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert token not in reading().scalars(select(StaffSession.digest)).all()


def test_each_sign_in_gets_a_session_of_its_own(cast: Cast, sign_in: SignIn) -> None:
    sign_in("omar")
    sign_in("omar")
    assert len(reading().scalars(select(StaffSession)).all()) == 2


def test_a_signed_out_cookie_opens_nothing(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    kept = adam.flask.get_cookie("govdesk")
    assert kept is not None
    adam.post("/staff/sign-out", page="/admin", status=302)
    adam.flask.set_cookie("govdesk", kept.value)
    assert "/staff/sign-in" in (adam.get("/admin").location or "")


def test_a_session_ends_by_itself(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.get("/admin", status=200)
    with clock.at(MORNING + dt.timedelta(hours=10)):
        assert adam.get("/admin").status == 302


def test_after_sign_in_one_goes_on_to_where_one_wanted(cast: Cast, desk: Desk) -> None:
    to_sign_in = desk.get("/admin/audit")
    page = desk.follow(to_sign_in)
    answer = desk.submit(page, {"username": "adam", "password": PASSWORD}, status=302)
    assert (answer.location or "").rstrip("?") == "/admin/audit"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:1"],
)
def test_nobody_is_sent_to_another_site(cast: Cast, desk: Desk, elsewhere: str) -> None:
    page = desk.get("/staff/sign-in")
    values = {"username": "adam", "password": PASSWORD, "next": elsewhere}
    assert desk.submit(page, values, status=302).location == "/staff"
    back = desk.flask.get("/language/en", query_string={"back": elsewhere})
    assert back.headers["Location"] == "/"


def test_too_many_attempts_have_to_wait_even_with_the_right_password(cast: Cast, desk: Desk) -> None:
    page = desk.get("/staff/sign-in")
    statuses = [
        desk.submit(page, {"username": "omar", "password": f"guess-number-{n}"}).status for n in range(21)
    ]
    assert statuses == [422] * 20 + [429]
    assert desk.submit(page, {"username": "OMAR ", "password": PASSWORD}).status == 429
    assert desk.submit(page, {"username": "reem", "password": PASSWORD}).status == 302


def test_one_changes_ones_own_password_and_other_sessions_end(cast: Cast, sign_in: SignIn) -> None:
    here, elsewhere = sign_in("adam"), sign_in("adam")
    here.post("/staff/password", {"current": "no", "password": "green-lamp-5512"}, status=422)
    here.post("/staff/password", {"current": PASSWORD, "password": "green-lamp-5512"}, status=302)
    here.get("/admin", status=200)
    assert elsewhere.get("/admin").status == 302


def areas(browser: Desk, path: str) -> list[tuple[str, bool]]:
    page = browser.get(path, language="en", status=200)
    links = [link for nav in page.all("nav") for link in nav.iter("a")]
    names = [("".join(link.itertext()).strip(), "aria-current" in link.attrib) for link in links]
    return [
        (name, is_here) for name, is_here in names if name in {"Administration", "Audit", "Board notices"}
    ]


def test_each_role_finds_its_own_areas_at_the_head_of_the_page(cast: Cast, sign_in: SignIn) -> None:
    assert areas(sign_in("aziz"), "/admin/audit") == [("Audit", True)]
    assert areas(sign_in("sara"), "/admin/notices") == [("Board notices", True)]
    assert areas(sign_in("adam"), "/admin/agency")[0] == ("Administration", True)


def test_who_works_in_one_place_is_taken_there(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("omar").get("/staff").location == "/counter"
    assert sign_in("reem").get("/staff").location == "/reception/north"
    assert sign_in("sara").get("/staff", status=200).heading


def test_the_language_is_chosen_by_a_link_and_stays(cast: Cast, desk: Desk) -> None:
    answer = desk.get("/language/en?back=/staff/sign-in")
    assert answer.location == "/staff/sign-in"
    assert desk.flask.get("/staff/sign-in").headers["Content-Language"] == "en"
    assert desk.get("/language/xx").status == 404


def test_health_and_robots(desk: Desk) -> None:
    assert desk.get("/health").json == {"status": "ok", "database": "ok"}
    assert b"Disallow: /staff" in desk.get("/robots.txt").data


def test_the_demo_city_says_who_may_come_in_and_no_other_place_does(
    cast: Cast, desk: Desk, instance: Path
) -> None:
    assert demo.PASSWORD not in desk.get("/staff/sign-in", language="en").html
    (instance / DEMO_SHIFT).write_text("0", "ascii")
    page = desk.get("/staff/sign-in", language="en", status=200)
    assert "This is a demo city" in page.main
    assert [page.html.count(f">{username}</code>") for username, _role in demo.SIGN_INS] == [1] * 5
    assert f">{demo.PASSWORD}</code>" in page.html
