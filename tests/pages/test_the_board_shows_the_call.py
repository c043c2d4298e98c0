"""The board: the called number at once, nobody's name, and silence while nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest

from govdesk import clock
from govdesk.booking.hours import stops
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.db import transaction
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import Cast, make_person, moment

SignIn = Callable[[str], Desk]
STATE = "/board/north/state.json"


@pytest.fixture
def seated(cast: Cast) -> Cast:
    """Omar sits at counter 1 of the north, Othman at counter 2."""
    with transaction() as session:
        for name, counter in (("omar", cast.north_1), ("othman", cast.north_2)):
            counters.open_counter(session, actor=cast.staff[name].actor, counter_id=counter.id)
    return cast


def arrive(cast: Cast, at: str = "09:00", **given: object) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options)  # type: ignore[arg-type]


def call(cast: Cast, officer: str, at: str) -> Ticket | None:
    with clock.at(moment(at)), transaction() as session:
        return service.call_next(session, actor=cast.staff[officer].actor)


def numbers(answer: object) -> list[tuple[str, int]]:
    return [(one["number"], one["counter"]) for one in answer["calls"]]  # type: ignore[index]


def test_the_newest_call_is_the_first(seated: Cast, desk: Desk) -> None:
    arrive(seated)
    arrive(seated, service=seated.passport)
    assert desk.get(STATE).json["calls"] == []
    call(seated, "omar", "09:05")
    call(seated, "othman", "09:06")
    with clock.at(moment("09:06")):
        assert numbers(desk.get(STATE).json) == [("B001", 2), ("A001", 1)]
        page = desk.get("/board/north", language="en", status=200)
    assert page.words("p", "number") == ["B001"]
    assert page.words("td") == ["", "A001", "", "1"]


def test_a_recall_comes_to_the_front_again(seated: Cast, desk: Desk) -> None:
    first = arrive(seated)
    arrive(seated)
    call(seated, "omar", "09:05")
    call(seated, "othman", "09:06")
    with clock.at(moment("09:07")), transaction() as session:
        service.recall(session, actor=seated.staff["omar"].actor, ticket_id=first.id)
    newest = desk.get(STATE).json["calls"][0]
    assert (newest["number"], newest["count"]) == ("A001", 2)


def test_nothing_new_is_answered_with_nothing(seated: Cast, desk: Desk) -> None:
    arrive(seated)
    with clock.at(moment("09:01")):
        tag = {"If-None-Match": desk.get(STATE, status=200).headers["ETag"]}
        assert desk.get(STATE, headers=tag).status == 304
        call(seated, "omar", "09:01")
        assert desk.get(STATE, headers=tag).status == 200
    with clock.at(moment("09:02")):  # waits pass with time
        assert desk.get(STATE, headers=tag).status == 200


def test_a_call_of_long_ago_is_no_longer_shouted(seated: Cast, desk: Desk) -> None:
    arrive(seated)
    call(seated, "omar", "09:05")
    with clock.at(moment("09:14")):
        assert desk.get("/board/north").words("p", "number") == ["A001"]
    with clock.at(moment("09:15")):
        page = desk.get("/board/north", language="en")
    assert page.words("p", "number") == []
    assert "Your number appears here when it is your turn" in page.main
    assert page.words("td") == ["", "A001", "", "1"]


def test_waits_are_ranges_and_no_counter_is_said(seated: Cast, desk: Desk) -> None:
    for _ in range(4):
        arrive(seated)
    waits = desk.get("/board/north", language="en").words("dl", "waits")[0]
    assert waits.count("min") == 3  # renewal, passport and deed: both counters serve all
    with transaction() as session:
        for name in ("omar", "othman"):
            counters.close_counter(session, actor=seated.staff[name].actor)
    closed = desk.get("/board/north", language="en").words("dl", "waits")[0]
    assert closed.count("No counter open") == 3


def test_nobody_is_named_on_the_board(seated: Cast, desk: Desk) -> None:
    with transaction() as session:
        salma = make_person(session, name="Salma Haddad", phone="+966500000001")
    arrive(seated, person=salma, object_ref="ABC-1234")
    call(seated, "omar", "09:05")
    for page in (desk.get("/board/north"), desk.get(STATE)):
        text = page.data.decode()
        assert "A001" in text
        for secret in ("Salma", "Haddad", "500000001", "ABC-1234"):
            assert secret not in text


def test_both_languages_are_on_the_board(seated: Cast, desk: Desk) -> None:
    arrive(seated)
    call(seated, "omar", "09:00")
    page = desk.get("/board/north", language="ar")
    assert page.words("p", "say") == ["تفضّل إلى النافذة · Please come"]
    assert page.heading == "فرع الشمال"
    assert "North Branch" in page.html


def test_a_branch_that_is_not_has_no_board(cast: Cast, desk: Desk) -> None:
    assert desk.get("/board/nowhere").status == 404
    with transaction() as session:
        session.merge(cast.harbour).is_active = False
    assert desk.get("/board/harbour").status == 404


WHY = {"reason_ar": "انقطاع الكهرباء", "reason_en": "Power cut"}


def test_the_hall_reads_why_no_tickets_are_given(cast: Cast, desk: Desk) -> None:
    tag = {"If-None-Match": desk.get(STATE, status=200).headers["ETag"]}
    with transaction() as session:
        here = session.get_one(Branch, cast.north.id)
        given: dict[str, Any] = {
            "actor": cast.staff["sara"].actor,
            "branch": here,
            "reason": Name(*WHY.values()),
        }
        stops.stop_joining(session, service_id=None, until=moment("10:00"), **given)
        stops.stop_joining(session, service_id=cast.deed.id, until=moment("11:00"), **given)
    assert desk.get(STATE, headers=tag).status == 200
    page = desk.get("/board/north", language="en", status=200)
    whole = "No new tickets until 10:00: Power cut. Whoever waits is served."
    assert whole in page.words("footer")[0]
    assert f"No new tickets for {cast.deed.name_en} until 11:00: Power cut." in page.words("footer")[0]
    assert "انقطاع الكهرباء" in page.words("footer")[0]
    part = desk.get("/board/north?services=renewal", language="en").words("footer")[0]
    assert cast.deed.name_en not in part
    with clock.at(moment("11:00")):
        assert "Power cut" not in desk.get("/board/north", language="en").html


def test_the_hall_reads_that_the_branch_has_closed(seated: Cast, desk: Desk, sign_in: SignIn) -> None:
    arrive(seated)
    call(seated, "omar", "09:00")
    sara = sign_in("sara")
    sara.post("/floor/north/emergency", WHY, status=302)
    page = desk.get("/board/north", language="en", status=200)
    assert "This branch is closed now: Power cut" in page.words("footer")[0]  # the large words call A001
    with clock.at(moment("09:10")):
        page = desk.get("/board/north", language="en", status=200)
    (large,) = page.words("section", "called")
    assert large.startswith("This branch is closed now: Power cut Please follow what staff say.")
    assert "أُغلق الفرع الآن: انقطاع الكهرباء" in large
    assert set(page.words("dd")) == {"No counter open"}  # and no wait
    assert "Power cut" not in page.words("footer")[0]
    sara.submit(sara.get("/floor/north/emergency"), action="/floor/north/emergency/reopen", status=302)
    assert "Power cut" not in desk.get("/board/north", language="en").html
