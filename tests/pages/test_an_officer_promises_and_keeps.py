"""A promise is made at the counter with one press, and kept, moved or handed over from the list of work."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk.cases.commitments.models import Commitment
from govdesk.db import reading
from tests.desk import Desk
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

SignIn = Callable[[str], Desk]
DUE = (SUNDAY + dt.timedelta(days=4)).isoformat()
LIST = "/work/promises"


@pytest.fixture
def called(cast: Cast) -> int:
    day.sit_down(cast)
    one = day.arrive(cast, 0, "09:00", cast.nora)
    day.call(cast, 0, "09:00")
    return one


def made() -> Commitment:
    reading().rollback()
    return reading().scalars(select(Commitment)).unique().one()


def promise(omar: Desk, ticket_id: int) -> Commitment:
    sent = {"promise-what": "We send the certificate", "promise-due_on": DUE}
    omar.post(f"/counter/ticket/{ticket_id}/promise", sent, page="/counter", status=302)
    return made()


def test_a_promise_is_one_press_away_and_stands_with_the_need(called: int, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    page = omar.get("/counter", language="en")
    assert [summary.get("aria-keyshortcuts") for summary in page.all("summary")].count("W") == 1
    given = promise(omar, called)
    assert (given.what, given.due_on.isoformat(), given.origin) == ("We send the certificate", DUE, "counter")
    assert "We send the certificate, by" in omar.get("/counter", language="en").main


def test_what_is_missing_is_said_beside_its_field_and_the_conclusion_stays_chosen(
    called: int, sign_in: SignIn
) -> None:
    omar = sign_in("omar")
    sent = {"promise-what": "We call you", "promise-due_on": "", "outcome": "unresolved", "cause": "papers"}
    page = omar.post(f"/counter/ticket/{called}/promise", sent, page="/counter", status=422)
    assert list(page.errors()) == ["promise-due_on"]
    ticked = [one for one in page.all("input") if one.get("checked") is not None]
    chosen = [one.get("value") for one in ticked if one.get("name") == "outcome"]
    assert chosen == ["unresolved"]


def test_it_waits_in_the_list_and_is_kept_with_one_press(called: int, sign_in: SignIn) -> None:
    omar = sign_in("omar")
    given = promise(omar, called)
    assert "We send the certificate" in omar.get(LIST, language="en").main
    assert "Promises to keep 1" in omar.get("/work", language="en").main
    omar.submit(omar.get(LIST), {}, action=f"{LIST}/{given.id}/keep", status=302)
    assert made().state == "kept"
    assert "We send the certificate" in omar.get(f"{LIST}/{given.id}", language="en").heading


def test_it_is_moved_with_a_reason_and_handed_over_by_the_supervisor(
    cast: Cast, called: int, sign_in: SignIn
) -> None:
    omar = sign_in("omar")
    given = promise(omar, called)
    here = f"{LIST}/{given.id}"
    refused = omar.post(f"{here}/move", {"due_on": DUE, "reason": ""}, page=here, status=422)
    assert list(refused.errors()) == ["reason"]
    later = (SUNDAY + dt.timedelta(days=6)).isoformat()
    omar.post(f"{here}/move", {"due_on": later, "reason": "The press is broken"}, page=here, status=302)
    assert made().due_on.isoformat() == later
    sara, othman = sign_in("sara"), cast.staff["othman"]
    assert "The press is broken" in sara.get(here, language="en").main
    sara.post(f"{here}/hand-over", {"to": str(othman.id)}, page=here, status=302)
    assert made().owner_id == othman.id


def test_another_branch_does_not_see_it(called: int, sign_in: SignIn) -> None:
    given = promise(sign_in("omar"), called)
    hamad = sign_in("hamad")
    assert hamad.get(f"{LIST}/{given.id}").status == 404
    assert "We send the certificate" not in hamad.get(LIST, language="en").main
