"""The API lists branches, services, guides and free places, in pages, as the token may see them."""

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from govdesk.actor import SYSTEM
from govdesk.catalog import guides
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import AnswerEntry, GuideEntry, PaperEntry, QuestionEntry, ScenarioEntry
from govdesk.catalog.models import PublicService
from govdesk.db import transaction
from govdesk.faces.api.schemas import SCHEMAS
from tests.api import Program, make_token
from tests.makers import MORNING, Cast, make_branch, make_service, make_slot, moment

MONDAY = dt.date(2026, 10, 5)


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("booking"))


def slots(program: Program, query: dict[str, str] | None = None, *, status: int = 200) -> Any:
    return program.get("/slots", {"service": "renewal", **(query or {})}, status=status)


def all_pages(program: Program, path: str) -> list[Any]:
    """Follow the Link header to the end; each page may hold what it was asked for, no more."""
    found: list[Any] = []
    while path:
        answer = program.ask("GET", path, status=200)
        found += answer.get_json()
        link = re.fullmatch(r'<http://localhost(/api/.+)>; rel="next"', answer.headers.get("Link", ""))
        path = link[1] if link else ""
    return found


def test_branches_and_services_by_their_codes(program: Program, cast: Cast) -> None:
    with transaction() as session:
        renewal = session.get_one(PublicService, cast.renewal.id)
        renewal.common_vocabulary, renewal.common_code = "national-services", "CIV-201"
    harbour, north = program.get("/branches")
    assert (harbour["id"], north["id"]) == ("harbour", "north")
    assert north["names"] == {"ar": "فرع الشمال", "en": "North Branch"}
    assert (north["name"], north["timezone"]) == ("North Branch", "Asia/Riyadh")
    assert (north["services"], harbour["services"]) == (
        ["deed", "passport", "renewal"],
        ["passport", "renewal"],
    )
    services = program.get("/services")
    assert [service["id"] for service in services] == ["deed", "passport", "renewal"]
    assert services[2]["branches"] == ["harbour", "north"]
    assert [service["common"] for service in services] == [
        None, None, {"vocabulary": "national-services", "code": "CIV-201"},
    ]  # fmt: skip
    assert [service["id"] for service in program.get("/services", {"branch": "harbour"})] == [
        "passport",
        "renewal",
    ]


def test_what_is_out_of_use_is_not_there(program: Program, cast: Cast) -> None:
    with transaction() as session:
        closed = make_branch(session, "closed", is_active=False)
        make_service(session, "gone", department=cast.civil, branches=(closed,), is_active=False)
        make_service(session, "elsewhere", department=cast.civil, branches=(closed,))
    assert "closed" not in {branch["id"] for branch in program.get("/branches")}
    assert {service["id"] for service in program.get("/services")} == {"deed", "passport", "renewal"}
    program.get("/services", {"branch": "closed"}, status=422)
    program.get("/slots", {"service": "gone"}, status=422)
    program.get("/services/gone/guide", status=404)


def test_the_guide_speaks_the_language_of_the_caller(app: Flask, program: Program, cast: Cast) -> None:
    lost = ScenarioEntry(
        "lost", Name("بطاقة ضائعة", "Lost card"), "book", extra_minutes=5,
        papers=(PaperEntry("report", Name("بلاغ", "Report"), Name("من الشرطة", "From the police")),),
    )  # fmt: skip
    old = ScenarioEntry("old", Name("قديم", "Old"), "walk_in", is_active=False)
    why = QuestionEntry(
        "why", Name("ماذا حدث؟", "What happened?"),
        answers=(AnswerEntry("lost", Name("ضاعت", "I lost it"), scenario="lost"),),
    )  # fmt: skip
    with transaction() as session:
        entry = GuideEntry("renewal", (lost, old), (why,))
        guides.set_guide(session, actor=SYSTEM, service=session.merge(cast.renewal), entry=entry)
    guide = program.get("/services/renewal/guide")
    assert [scenario["id"] for scenario in guide["scenarios"]] == ["lost"]
    assert guide["scenarios"][0]["papers"][0]["name"] == "Report"
    assert guide["questions"][0]["answers"] == [
        {"id": "lost", "text": "I lost it", "question": None, "scenario": "lost"}
    ]
    arabic = Program(app, make_token("board"), language="ar")
    assert arabic.get("/services/renewal/guide")["questions"][0]["text"] == "ماذا حدث؟"


def test_only_places_that_can_be_booked_are_offered(program: Program, cast: Cast) -> None:
    with transaction() as session:
        day: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
        free = make_slot(session, starts_at=moment("10:00", MONDAY), **day)
        make_slot(session, starts_at=moment("11:00", MONDAY), booked=1, **day)
        make_slot(session, starts_at=moment("12:00", MONDAY), is_closed=True, **day)
        make_slot(session, starts_at=moment("13:00", MONDAY), book_until=MORNING, **day)
        make_slot(session, starts_at=moment("08:30"), **day)
        make_slot(session, starts_at=moment("10:00", MONDAY), branch=cast.north, service=cast.passport)
    assert [slot["id"] for slot in slots(program)] == [free.id]


def test_a_long_service_is_offered_where_enough_slots_are_free_in_a_row(program: Program, cast: Cast) -> None:
    with transaction() as session:
        cast.renewal.minutes = 50
        session.merge(cast.renewal)
        for time, booked in (("09:00", 0), ("09:30", 0), ("10:00", 1), ("10:30", 0)):
            starts_at = moment(time, MONDAY)
            make_slot(session, branch=cast.north, service=cast.renewal, starts_at=starts_at, booked=booked)
    assert [slot["starts_at"][11:16] for slot in slots(program)] == ["09:00"]


def test_days_are_those_of_the_branch(program: Program, cast: Cast) -> None:
    with transaction() as session:
        late = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=moment("00:30", MONDAY)
        )  # in UTC it is still Sunday
    assert [slot["id"] for slot in slots(program, {"from": "2026-10-05", "to": "2026-10-05"})] == [late.id]
    assert slots(program, {"from": "2026-10-04", "to": "2026-10-04"}) == []
    assert slots(program)[0]["starts_at"] == "2026-10-05T00:30:00+03:00"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"service": "nothing"}, "service"),
        ({"service": ""}, "service"),
        ({"branch": "nowhere"}, "branch"),
        ({"from": "2026-10-03"}, "from"),
        ({"from": "tomorrow"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2026-10-06", "to": "2026-10-05"}, "to"),
        ({"to": "2028-10-05"}, "to"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WzEsMl0="}, "cursor"),
        ({"cursor": "WyJ4IiwxXQ=="}, "cursor"),
        ({"scenario": "nothing"}, "scenario"),
        ({"interpreter": "xx"}, "interpreter"),
        ({"also": "nothing"}, "also"),
        ({"also": "renewal"}, "also"),  # the service itself once more
        ({"others": "passport,nothing"}, "others"),
        ({"others": ",".join(["passport"] * 6)}, "others"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(program: Program, query: dict[str, str], field: str) -> None:
    problem = slots(program, query, status=422)
    assert [error["field"] for error in problem["errors"]] == [field]


def test_pages_hold_every_place_once_in_order(program: Program, cast: Cast) -> None:
    with transaction() as session:
        for ahead in range(1, 40, 3):
            for branch in (cast.north, cast.harbour):
                at = MORNING + dt.timedelta(days=ahead)
                make_slot(session, branch=branch, service=cast.renewal, starts_at=at)
    query = "/slots?service=renewal&to=2026-12-03"
    whole = program.ask("GET", query).get_json()
    assert len(whole) == 26
    assert [slot["starts_at"] for slot in whole] == sorted(slot["starts_at"] for slot in whole)
    for limit in (1, 5, 13, 26):
        assert all_pages(program, f"{query}&limit={limit}") == whole


def test_short_lists_have_pages_too(program: Program) -> None:
    for path in ("/branches", "/services"):
        assert all_pages(program, f"{path}?limit=1") == program.get(path)
    figures = Program(program.app, make_token("kpi:read"))
    assert all_pages(figures, "/kpi?limit=4") == figures.get("/kpi")


def test_answers_have_exactly_the_members_that_are_described(program: Program, cast: Cast) -> None:
    with transaction() as session:
        make_slot(session, branch=cast.north, service=cast.renewal)
    assert set(program.get("/branches")[0]) == set(SCHEMAS["Branch"]["properties"])
    assert set(program.get("/services")[0]) == set(SCHEMAS["Service"]["properties"])
    assert set(slots(program)[0]) == set(SCHEMAS["Slot"]["properties"])


def test_what_is_not_there_is_a_problem_document(program: Program) -> None:
    answer = program.ask("GET", "/nothing", status=404)
    assert answer.mimetype == "application/problem+json"
    assert set(answer.get_json()) == {"type", "title", "status"}
    wrong = program.ask("DELETE", "/branches", status=405)
    assert wrong.mimetype == "application/problem+json"
