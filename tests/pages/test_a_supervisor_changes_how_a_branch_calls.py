"""The policy reads like sentences, is looked at on a past day, and is switched on as it was looked at."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.queue import counters, past_days, policies, service
from govdesk.queue.dispatch_models import HandCall, WorkProfile
from govdesk.queue.models import CounterPause, Ticket
from govdesk.queue.policy import PLAIN, Help
from tests.desk import Desk, preset
from tests.makers import MORNING, Cast, make_ticket

SignIn = Callable[[str], Desk]
PAGE = "/admin/branches/north/dispatch"
LIST = "/admin/branches/north/by-hand"


@pytest.fixture
def yesterday(cast: Cast) -> Cast:
    """Three people came yesterday at nine, the last an elderly one; omar called one every five minutes."""
    omar, nine = cast.staff["omar"].actor, MORNING - dt.timedelta(days=1)
    with transaction() as session:
        with clock.at(nine):
            counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
            branch, renewal = (
                session.get_one(Branch, cast.north.id),
                session.get_one(PublicService, cast.renewal.id),
            )
            for priority in ("none", "none", "elderly"):
                service.issue(session, actor=omar, branch=branch, service=renewal, priority=priority)
        for number in range(3):
            with clock.at(nine + dt.timedelta(minutes=5 * number)):
                called = service.call_next(session, actor=omar)
                assert called is not None
            with clock.at(nine + dt.timedelta(minutes=5 * number + 5)):
                service.conclude(session, actor=omar, ticket_id=called.id, outcome="resolved")
        with clock.at(nine + dt.timedelta(hours=1)):
            counters.close_counter(session, actor=omar)
    return cast


def in_force(cast: Cast) -> object:
    reading().rollback()
    return policies.in_force(reading(), cast.north.id)


def test_a_change_is_looked_at_before_it_is_switched_on(yesterday: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    shown = sara.get(PAGE, status=200)
    typed = {**preset(shown.form(PAGE)), "priority_head_start": "0"}
    unseen = sara.post(PAGE, {**typed, "step": "save"}, language="en")
    assert "Look first" in unseen.main
    assert in_force(yesterday) == PLAIN
    looked = sara.post(PAGE, {**typed, "step": "look"}, language="en", status=200)
    table = " ".join(looked.main.split())
    # the elderly one came last and was called first; without a head start both walk-ins go before
    assert "As it was 1 0 min" in table
    assert "With the change 1 10 min" in table
    other = {**typed, "seen": preset(looked.form(PAGE))["seen"], "priority_head_start": "5", "step": "save"}
    assert "Look first" in sara.post(PAGE, other, language="en").main
    sara.post(PAGE, {**preset(looked.form(PAGE)), "step": "save"}, status=302)
    assert in_force(yesterday).priority.head_start == 0  # type: ignore[attr-defined]
    assert "sara" in sara.get(PAGE, language="en").main.lower()


def test_what_does_not_hold_stands_beside_its_number_and_what_was_typed_stays(
    cast: Cast, sign_in: SignIn
) -> None:
    adam = sign_in("adam")
    typed = preset(adam.get(PAGE).form(PAGE)) | {
        "form": "turns", "ceiling": "٣٠", "walk_in_ageing": "30", "help_0_service": str(cast.renewal.id),
        "help_0_after": "20", "step": "look",
    }  # fmt: skip
    refused = adam.post(PAGE, typed, language="en")
    assert list(refused.errors()) == ["walk_in_ageing"]
    looked = adam.post(PAGE, typed | {"walk_in_ageing": ""}, status=200)
    assert "seen" in preset(looked.form(PAGE))
    adam.post(PAGE, {**preset(looked.form(PAGE)), "step": "save"}, status=302)
    now = in_force(cast)
    assert (now.form, now.ceiling, now.walk_in.ageing, now.helps) == (  # type: ignore[attr-defined]
        "turns", 30, None, (Help(cast.renewal.id, 20),),
    )  # fmt: skip


def test_nobody_else_changes_it(cast: Cast, sign_in: SignIn) -> None:
    for name in ("omar", "salim"):
        browser = sign_in(name)
        assert browser.get(PAGE).status == 403
        assert browser.get(LIST).status == 403


def test_an_officer_s_services_are_ticked(cast: Cast, sign_in: SignIn) -> None:
    adam, omar = sign_in("adam"), cast.staff["omar"].id
    path = f"/admin/branches/north/officers/{omar}"
    adam.get(path, status=200)
    adam.post(path, {"services": [str(cast.passport.id)], "languages": ["ar"]}, status=302)
    row = reading().get_one(WorkProfile, omar)
    assert (row.service_ids, row.languages) == ([cast.passport.id], ["ar"])
    assert adam.get(f"/admin/branches/north/officers/{cast.staff['hamad'].id}").status == 404


def test_a_call_out_of_order_says_why_and_the_supervisor_reads_it(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        first = make_ticket(session, branch=cast.north, service=cast.renewal, number="A001").id
        long_ago = MORNING - dt.timedelta(minutes=9)
        session.get_one(Ticket, first).callable_at = long_ago
        chosen = make_ticket(session, branch=cast.north, service=cast.renewal, number="A002").id
    omar = sign_in("omar")
    omar.get("/counter/by-hand", status=200)
    refused = omar.post("/counter/by-hand", {"ticket": str(chosen), "reason": "other", "words": ""})
    assert list(refused.errors()) == ["words"]
    form = {"ticket": str(chosen), "reason": "other", "words": "=her train"}
    answer = omar.post("/counter/by-hand", form, status=302)
    assert f"called={chosen}" in str(answer.location)
    assert reading().scalars(select(HandCall.overtaken)).one() == ["A001"]
    sara = sign_in("sara")
    listed = sara.get(LIST, language="en", status=200)
    assert "Another reason" in listed.main
    assert "A001" in listed.main
    rows = list(csv.DictReader(io.StringIO(sara.get(f"{LIST}.csv").data.decode("utf-8-sig"))))
    assert [(row["ticket"], row["words"], row["overtook"]) for row in rows] == [("A002", "'=her train", "1")]


def test_a_break_of_yesterday_is_no_open_counter(yesterday: Cast) -> None:
    nine = MORNING - dt.timedelta(days=1)
    with transaction() as session:
        session.add(
            CounterPause(
                counter_id=yesterday.north_1.id, staff_id=yesterday.staff["omar"].id, reason="rest", words="",
                begun_at=nine + dt.timedelta(minutes=20), ended_at=nine + dt.timedelta(minutes=50),
            )
        )  # fmt: skip
    past = past_days.past_day(reading(), reading().get_one(Branch, yesterday.north.id), nine.date())
    minutes = [
        ((one.opens - nine).total_seconds() / 60, (one.closes - nine).total_seconds() / 60)
        for one in past.shifts
    ]
    assert minutes == [(0, 20), (50, 60)]
