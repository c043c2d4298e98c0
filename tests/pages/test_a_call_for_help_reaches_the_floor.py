"""One press at a counter or at reception: silent there, seen on the floor until somebody goes."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import Actor
from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.queue import alarms, counters, seeing
from govdesk.queue.hall_models import StaffAlarm
from tests.desk import Desk
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]
PRESS = "/floor/north/alarm"


def seat(actor: Actor, counter_id: int) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=actor, counter_id=counter_id)


def test_a_press_at_the_counter_is_seen_until_somebody_goes(cast: Cast, sign_in: SignIn) -> None:
    seat(cast.staff["omar"].actor, cast.north_1.id)
    omar, sara = sign_in("omar"), sign_in("sara")
    bench = omar.get("/counter", language="en")
    tag = sara.get("/floor/north/live.json", language="en").headers["ETag"]
    for _ in range(2):
        assert omar.submit(bench, action=PRESS, status=302).location == "/counter"
    assert omar.get("/counter", language="en").main == bench.main  # the presser's page says nothing of it
    news = sara.get("/floor/north/live.json", language="en", headers={"If-None-Match": tag}, status=200)
    assert "Help is needed: Counter 1" in news.json["calling"]
    floor = sara.get("/floor/north", language="en")
    assert floor.words("div", "alarm-banner")[0].startswith("Help is needed: Counter 1 Omar · 09:00")
    go = next(floor.action(form) for form in floor.forms() if floor.action(form).endswith("/acknowledge"))
    with clock.at(moment("09:02")):
        for _ in range(2):
            sara.submit(floor, action=go, status=302)
    assert sara.get("/floor/north").words("div", "alarm-banner") == []
    assert "Counter 1 Omar Sara · 09:02" in sara.get("/floor/north/alarms", language="en").main
    acts = reading().scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("alarm.%")).order_by(AuditEntry.position)
    )
    assert list(acts) == ["alarm.raised", "alarm.acknowledged"]


def test_a_press_that_leaves_the_page_alone_is_answered_without_one(cast: Cast, sign_in: SignIn) -> None:
    reem = sign_in("reem")
    page = reem.get("/reception/north")
    answer = reem.submit(page, action=PRESS, headers={"Accept": "application/json"}, status=200)
    assert answer.json == {"sent": True}
    raised = reading().scalars(select(StaffAlarm)).one()
    assert (raised.counter_id, raised.raised_by) == (None, cast.staff["reem"].id)


def test_an_open_call_is_one_call_and_a_later_one_another(cast: Cast) -> None:
    reem, sara = cast.staff["reem"].actor, cast.staff["sara"].actor
    with transaction() as session:
        first = alarms.call_help(session, actor=reem, branch=cast.north).id
    with transaction() as session:
        assert alarms.call_help(session, actor=reem, branch=cast.north).id == first
        seeing.acknowledge(session, actor=sara, branch=cast.north, kind="alarms", row_id=first)
    with transaction() as session:
        assert alarms.call_help(session, actor=reem, branch=cast.north).id != first


def test_only_who_works_there_calls_and_only_who_answers_for_it_goes(cast: Cast) -> None:
    with transaction() as session:
        alarm = alarms.call_help(session, actor=cast.staff["reem"].actor, branch=cast.north)
        for name in ("rana", "hamad"):
            with pytest.raises(NotAllowedError):
                alarms.call_help(session, actor=cast.staff[name].actor, branch=cast.north)
        for name in ("omar", "salim"):
            actor = cast.staff[name].actor
            with pytest.raises(NotAllowedError):
                seeing.acknowledge(session, actor=actor, branch=cast.north, kind="alarms", row_id=alarm.id)


@pytest.mark.parametrize(
    ("username", "path", "lands_on"),
    [
        ("omar", "/counter", "/staff"),  # before the counter is opened
        ("reem", "/reception/north/today", "/reception/north"),
        ("sara", "/floor/north", "/reception/north"),
        ("sara", "/floor/north/counters", "/reception/north"),
        ("adam", "/floor/north/day", "/floor/north"),
    ],
)
def test_every_page_of_who_works_there_has_the_alarm_once(
    cast: Cast, sign_in: SignIn, username: str, path: str, lands_on: str
) -> None:
    browser = sign_in(username)
    page = browser.get(path, language="en", status=200)
    assert [page.action(form) for form in page.forms()].count(PRESS) == 1
    assert browser.submit(page, action=PRESS, status=302).location == lands_on
    (raised,) = alarms.calling(reading(), cast.north.id)
    assert raised.raised_by == cast.staff[username].id


@pytest.mark.parametrize(
    ("username", "path"), [("aziz", "/staff"), ("huda", "/floor/north"), ("adam", "/staff")]
)
def test_who_works_at_no_branch_has_no_alarm_there(
    cast: Cast, sign_in: SignIn, username: str, path: str
) -> None:
    browser = sign_in(username)
    page = browser.get(path)
    shown = page if page.is_html else browser.follow(page)
    assert not [form for form in shown.forms() if shown.action(form).endswith("/alarm")]
