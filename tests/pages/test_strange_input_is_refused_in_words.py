"""What no page of ours would send: numbers that fit no column, characters that fit no text, far days."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import CounterSession, Ticket
from tests.desk import Desk
from tests.makers import Cast

SignIn = Callable[[str], Desk]
HUGE = 10**30


@pytest.mark.parametrize("path", [f"tickets/{HUGE}", f"tickets/{HUGE}/left"])
def test_a_number_that_fits_no_column_is_no_address(cast: Cast, sign_in: SignIn, path: str) -> None:
    sign_in("reem").get(f"/reception/{cast.north.code}/{path}", status=404)


def test_a_counter_that_fits_no_column_is_refused_beside_its_field(cast: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    shown = omar.post("/counter/open", {"counter": HUGE}, page="/counter", status=422)
    assert shown.errors()["counter"].endswith("اختر واحدًا من القائمة.")
    assert reading().scalars(select(CounterSession)).all() == []


@pytest.mark.parametrize(
    "path", ["/ticket/%00", "/book/%00", "/kiosk/%00", "/board/no%00rth", "/?q=%00", "/?%00=q"]
)
def test_a_nul_in_an_address_is_refused(cast: Cast, desk: Desk, path: str) -> None:
    desk.get(path, status=400)


def test_a_nul_in_a_form_is_refused(cast: Cast, desk: Desk) -> None:
    desk.post("/staff/sign-in", {"username": "om\0ar", "password": "a long enough sentence"}, status=400)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused_beside_its_field(
    cast: Cast, sign_in: SignIn, day: str
) -> None:
    values = {"day": day, "name_ar": "يوم", "name_en": "Day", "branch": 0}
    shown = sign_in("adam").post("/admin/holidays/new", values, status=422)
    assert "day" in shown.errors()


def test_a_step_planned_for_the_end_of_the_calendar_is_refused(cast: Cast, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    omar.post("/counter/open", {"counter": cast.north_1.id}, page="/counter", status=302)
    with transaction() as session:
        ticket = service.issue(
            session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal
        )
    omar.post("/counter/next", page="/counter", status=302)
    said = {"outcome": "planned_next_step", "plan_reason": "biometrics", "plan_due": "9999-12-31"}
    shown = omar.post(f"/counter/ticket/{ticket.id}/conclude", said, page="/counter", status=422)
    assert "plan_due" in shown.errors()
    reading().rollback()
    assert reading().get_one(Ticket, ticket.id).state == "called"
