"""Behind TLS a private page's form still works: its browser sends no referrer, as that page has asked."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_appointment, make_slot

TLS = "https://localhost"


@pytest.fixture
def address(cast: Cast) -> str:
    """The private page of Nora's appointment tomorrow."""
    with transaction() as session:
        starts_at = MORNING + dt.timedelta(days=1)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=starts_at)
        appointment = make_appointment(session, slot=slot, person=cast.nora)
        return f"/appointment/{appointment.link_token}"


def states() -> list[str]:
    reading().rollback()
    return list(reading().scalars(select(Appointment.state)))


def test_a_private_page_asks_for_no_referrer_and_its_form_works_without(address: str, desk: Desk) -> None:
    shown = desk.get(f"{address}/cancel", base_url=TLS, status=200)
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Strict-Transport-Security"]
    desk.submit(shown, action=f"{address}/cancel", base_url=TLS, status=302)
    assert states() == ["cancelled"]


def test_a_form_of_another_site_is_refused_all_the_same(address: str, desk: Desk) -> None:
    desk.get(f"{address}/cancel", base_url=TLS)
    from_there = {"Referer": "https://evil.example/"}
    refused = desk.send(f"{address}/cancel", {"once": "1"}, base_url=TLS, headers=from_there)
    assert refused.status == 400
    assert states() == ["booked"]


@pytest.mark.parametrize(("base_url", "wanted"), [(TLS, {True}), ("http://localhost", {False})])
def test_a_cookie_that_came_by_https_travels_by_https_only(
    desk: Desk, base_url: str, wanted: set[bool]
) -> None:
    session = desk.get("/staff/sign-in", base_url=base_url).headers.getlist("Set-Cookie")
    chosen = desk.get("/language/en", base_url=base_url, status=302).headers.getlist("Set-Cookie")
    assert session
    assert chosen
    assert {"; Secure" in cookie for cookie in [*session, *chosen]} == wanted
