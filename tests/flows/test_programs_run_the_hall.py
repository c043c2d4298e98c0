"""A kiosk gives tickets, a board shows the hall, a phone asks after its ticket: all through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.hours import stops
from govdesk.catalog.entries import Name
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.faces.api.openapi import document
from govdesk.people.models import Person
from govdesk.queue import service as queue
from govdesk.queue.models import Ticket
from tests.api import Program, make_token
from tests.desk import Desk
from tests.makers import Cast, moment, open_counter


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("kiosk", branch=cast.north))


@pytest.fixture
def board(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("board", branch=cast.north))


@pytest.fixture
def fits(app: Flask) -> Callable[[str, Any], None]:
    """Compare an answer with its schema."""
    described = document()

    def check(name: str, answer: Any) -> None:
        schema = {**described["components"]["schemas"][name], "components": described["components"]}
        Draft202012Validator(schema).validate(answer)

    return check


def take(program: Program, *, status: int = 201, key: str | None = None, **more: Any) -> Any:
    return program.post("/tickets", {"branch": "north", "service": "renewal", **more}, status=status, key=key)


def test_a_ticket_is_given_once_and_can_be_asked_after(
    app: Flask, kiosk: Program, cast: Cast, fits: Callable[[str, Any], None]
) -> None:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    first = take(kiosk, key="k1", identity=cast.nora_number, language="en", object="plate 1")
    assert take(kiosk, key="k1", identity=cast.nora_number, language="en", object="plate 1") == first
    assert (first["number"], first["ahead"], first["state"]) == ("A001", 0, "waiting")
    fits("Ticket", first)
    assert take(kiosk)["ahead"] == 1
    ticket = reading().get_one(Ticket, first["id"])
    assert (ticket.person_id, ticket.object_ref, ticket.channel) == (cast.nora.id, "plate1", "kiosk")
    assert Desk(app).get(first["status_url"], status=200)
    with transaction() as session:
        queue.call_next(session, actor=cast.staff["omar"].actor)
    called = kiosk.get(f"/tickets/{first['id']}")
    assert (called["state"], called["counter"], called["ahead"]) == ("called", 1, None)
    fits("Ticket", called)


def test_a_ticket_shows_nobody(kiosk: Program, cast: Cast) -> None:
    given = kiosk.post(
        "/tickets", {"branch": "north", "service": "renewal", "identity": cast.nora_number}, status=201
    )
    text = kiosk.ask("GET", f"/tickets/{given['id']}").text
    assert "Nora" not in text
    assert cast.nora_number not in text


def test_a_program_does_not_change_the_language_of_someone_known(kiosk: Program, cast: Cast) -> None:
    take(kiosk, identity=cast.nora_number, language="en")
    assert reading().scalars(select(Person.language).where(Person.id == cast.nora.id)).one() is None


def test_after_a_transfer_the_ticket_is_its_latest_stage(kiosk: Program, cast: Cast) -> None:
    given = take(kiosk)
    with transaction() as session:
        omar = cast.staff["omar"].actor
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        queue.call_next(session, actor=omar)
        queue.start(session, actor=omar, ticket_id=given["id"])
        queue.transfer(session, actor=omar, ticket_id=given["id"], service=cast.passport)
    now = kiosk.get(f"/tickets/{given['id']}")
    assert (now["number"], now["service"], now["state"]) == (given["number"], "passport", "waiting")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"service": "nothing"}, "service"),
        ({"branch": "nowhere"}, "branch"),
        ({"branch": "harbour"}, "branch"),
        ({"identity": "1"}, "identity"),
        ({"priority": "king"}, "priority"),
        ({"language": "fr"}, "language"),
        ({"object": "x" * 121}, "object"),
        ({"name": "Nora"}, "name"),
    ],
)
def test_a_wrong_wish_is_refused_beside_its_field(kiosk: Program, sent: dict[str, str], field: str) -> None:
    assert [error["field"] for error in take(kiosk, status=422, **sent)["errors"]] == [field]
    assert reading().scalars(select(Ticket)).all() == []


def test_what_the_branch_does_not_offer_is_refused(app: Flask, cast: Cast) -> None:
    harbour = Program(app, make_token("kiosk", branch=cast.harbour, name="Harbour"))
    refusal = harbour.post("/tickets", {"branch": "harbour", "service": "deed"}, status=422)
    assert refusal["type"] == "/api/v1/docs#queue.not_offered"


def test_a_closed_branch_gives_a_kiosk_no_ticket_and_its_staff_one(
    app: Flask, kiosk: Program, cast: Cast
) -> None:
    staff = Program(app, make_token("counter", branch=cast.north))
    with clock.at(moment("07:00")):
        assert take(kiosk, status=409)["type"] == "/api/v1/docs#api.branch_closed"
        assert take(staff)["number"] == "A001"


def test_another_branch_is_not_seen(app: Flask, kiosk: Program, board: Program, cast: Cast) -> None:
    given = take(kiosk)
    harbour = Program(app, make_token("kiosk", "board", branch=cast.harbour, name="Harbour"))
    harbour.get(f"/tickets/{given['id']}", status=404)
    harbour.get("/branches/north/live", status=404)
    board.get("/branches/harbour/live", status=404)
    kiosk.get("/tickets/999999", status=404)
    kiosk.get("/tickets/99999999999999999999", status=404)


def test_the_board_shows_the_hall_and_asks_again_for_nothing(
    kiosk: Program, board: Program, cast: Cast, fits: Callable[[str, Any], None]
) -> None:
    with transaction() as session:
        open_counter(session, counter=cast.north_2, staff=cast.staff["omar"])
    given = take(kiosk)
    answer = board.ask("GET", "/branches/north/live", status=200)
    state = answer.get_json()
    fits("Live", state)
    assert state["counters"] == [{"id": cast.north_2.id, "number": 2, "is_paused": False}]
    assert next(one for one in state["waiting"] if one["service"] == "renewal")["waiting"] == 1
    known = {"If-None-Match": answer.headers["ETag"]}
    unchanged = board.ask("GET", "/branches/north/live", headers=known, status=304)
    assert unchanged.data == b""
    with transaction() as session:
        queue.call_next(session, actor=cast.staff["omar"].actor)
    changed = board.ask("GET", "/branches/north/live", headers=known, status=200).get_json()
    fits("Live", changed)
    assert changed["called"] == [
        {
            "ticket": given["id"], "number": "A001", "counter": 2,
            "called_at": "2026-10-04T09:00:00+03:00", "calls": 1,
        }
    ]  # fmt: skip


def test_the_board_hears_that_no_tickets_are_given_and_when_the_branch_closes(
    board: Program, cast: Cast, fits: Callable[[str, Any], None]
) -> None:
    state = board.ask("GET", "/branches/north/live", status=200).get_json()
    assert (state["is_open"], state["changes_at"], state["stops"]) == (True, "2026-10-04T16:00:00+03:00", [])
    with transaction() as session:
        stops.stop_joining(
            session, actor=cast.staff["sara"].actor, branch=session.get_one(Branch, cast.north.id),
            service_id=cast.deed.id, until=moment("11:00"), reason=Name("انقطاع", "Power cut"),
        )  # fmt: skip
    stopped = board.ask(
        "GET", "/branches/north/live", headers={"Accept-Language": "en"}, status=200
    ).get_json()
    fits("Live", stopped)
    assert stopped["stops"] == [
        {"service": cast.deed.code, "reason": "Power cut", "until": "2026-10-04T11:00:00+03:00"}
    ]
    with clock.at(moment("20:00")):
        closed = board.ask("GET", "/branches/north/live", status=200).get_json()
    fits("Live", closed)
    assert (closed["is_open"], closed["changes_at"]) == (False, "2026-10-05T08:00:00+03:00")


def test_figures_come_as_they_do_by_command(app: Flask, cast: Cast, fits: Callable[[str, Any], None]) -> None:
    reader = Program(app, make_token("kpi:read"))
    keys = [measure["key"] for measure in reader.get("/kpi")]
    assert "repeat_visit_rate" in keys
    fits("Measure", reader.get("/kpi")[0])
    asked = {"from": "2026-07-01", "to": "2026-09-30", "by": "branch", "as_of": "2026-10-04T10:00:00+03:00"}
    for key in keys:
        fits("Figure", reader.get(f"/kpi/{key}"))
    figure = reader.get("/kpi/repeat_visit_rate", asked)
    assert (figure["from"], figure["to"], figure["by"]) == ("2026-07-01", "2026-09-30", ["branch"])
    assert figure["as_of"] == "2026-10-04T10:00:00+03:00"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "colour"}, "by"),
        ({"from": "x"}, "from"),
        ({"as_of": "2026-10-04T10:00:00"}, "as_of"),
        ({"from": "2026-10-04", "to": "2026-10-03"}, "to"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(
    app: Flask, cast: Cast, query: dict[str, str], field: str
) -> None:
    reader = Program(app, make_token("kpi:read"))
    problem = reader.get("/kpi/repeat_visit_rate", query, status=422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert reader.get("/kpi/nothing", status=404)["type"] == "/api/v1/docs#kpi.unknown_measure"
