"""A program finds a place, holds it, books it, moves it, checks the person in: as a person would by hand."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.booking.models import Appointment, Slot
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from tests.api import Program, make_token
from tests.makers import MORNING, Cast, make_appointment, make_slot, moment

NORA = {"name": "Nora Ali", "phone": "0501234567"}
TOMORROW = "2026-10-05"


@pytest.fixture
def places(cast: Cast) -> list[int]:
    """Tomorrow at the north: nine with one place, half past nine with two; at the harbour, ten."""
    with transaction() as session:
        made = [
            make_slot(session, branch=cast.north, service=cast.renewal),
            make_slot(
                session, branch=cast.north, service=cast.renewal, capacity=2,
                starts_at=MORNING + dt.timedelta(days=1, minutes=30),
            ),
            make_slot(
                session, branch=cast.harbour, service=cast.renewal,
                starts_at=MORNING + dt.timedelta(days=1, hours=1),
            ),
        ]  # fmt: skip
        return [slot.id for slot in made]


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("booking"))


def book(program: Program, slot: int, person: dict[str, Any] | None = None, **options: Any) -> Any:
    sent = {"slot": slot, "service": "renewal", "person": person or NORA}
    return program.post("/appointments", sent, **{"status": 201, **options})


def booked_places(slot: int) -> int:
    return reading().scalars(select(Slot.booked).where(Slot.id == slot)).one()


def test_from_the_slot_to_the_ticket(app: Flask, program: Program, places: list[int]) -> None:
    found = program.get("/slots", {"service": "renewal", "branch": "north", "from": TOMORROW, "to": TOMORROW})
    assert found == [
        {
            "id": places[0], "starts_at": "2026-10-05T09:00:00+03:00", "ends_at": "2026-10-05T09:30:00+03:00",
            "branch": "north", "free": 1,
        },
        {
            "id": places[1], "starts_at": "2026-10-05T09:30:00+03:00", "ends_at": "2026-10-05T10:00:00+03:00",
            "branch": "north", "free": 2,
        },
    ]  # fmt: skip
    held = program.post("/holds", {"slot": places[0], "service": "renewal"}, status=201)
    assert held["expires_at"] == "2026-10-04T09:05:00+03:00"
    answer = program.post("/appointments", {"hold": held["hold"], "person": NORA}, status=201)
    assert answer["starts_at"] == "2026-10-05T09:00:00+03:00"
    assert (answer["branch"], answer["service"], answer["state"]) == ("north", "renewal", "booked")
    assert app.test_client().get(answer["manage_url"]).status_code == 200
    reference = answer["reference"]
    moved = program.post(f"/appointments/{reference}/move", {"slot": places[1]})
    assert (moved["reference"], moved["starts_at"]) == (reference, "2026-10-05T09:30:00+03:00")
    assert (booked_places(places[0]), booked_places(places[1])) == (0, 1)
    with clock.at(moment("09:20", dt.date(2026, 10, 5))):
        ticket = program.post(f"/appointments/{reference}/check-in")
        again = program.post(f"/appointments/{reference}/check-in")
    assert (ticket["number"], ticket["state"], ticket["service"]) == ("A001", "waiting", "renewal")
    assert again["id"] == ticket["id"]
    assert program.get(f"/appointments/{reference}")["state"] == "arrived"


def test_an_appointment_shows_nobody(program: Program, app: Flask, places: list[int], cast: Cast) -> None:
    person = {**NORA, "identity": cast.nora_number, "kind": "citizen", "email": "nora@example.org"}
    reference = book(program, places[0], person)["reference"]
    shown = program.ask("GET", f"/appointments/{reference}", status=200)
    assert shown.get_json()["contact"] == {"phone": "05•• ••• •67", "email": "n•••@example.org"}
    assert "Nora" not in shown.text
    assert cast.nora_number not in shown.text
    kiosk = Program(app, make_token("kiosk"))
    assert "contact" not in kiosk.get(f"/appointments/{reference}")


def test_a_program_overwrites_nothing_that_is_known_of_a_person(
    program: Program, places: list[int], cast: Cast
) -> None:
    book(program, places[0], {"name": "Somebody Else", "phone": "0507654321", "identity": cast.nora_number})
    contact = reading().get_one(PersonContact, cast.nora.id)
    assert (contact.name, contact.phone) == ("Nora", "+966507654321")


def test_the_last_place_taken_names_others(program: Program, places: list[int], cast: Cast) -> None:
    book(program, places[0])
    refusal = book(program, places[0], {"name": "Raj Kumar", "email": "raj@example.org"}, status=409)
    assert refusal["type"] == "/api/v1/docs#booking.slot_taken"
    assert [place["id"] for place in refusal["alternatives"]] == [places[1]]
    assert refusal["errors"][0]["field"] == "slot"
    assert booked_places(places[0]) == 1


def test_the_same_key_and_body_get_the_same_answer(program: Program, places: list[int]) -> None:
    first = book(program, places[1], key="k1")
    assert book(program, places[1], key="k1") == first
    assert reading().scalar(select(func.count()).select_from(Appointment)) == 1
    refusal = book(program, places[0], key="k1", status=422)
    assert refusal["type"] == "/api/v1/docs#errors.key_reused"
    assert booked_places(places[0]) == 0


def test_a_key_belongs_to_its_token(app: Flask, program: Program, places: list[int]) -> None:
    other = Program(app, make_token("booking", name="Another"))
    first = program.post("/holds", {"slot": places[1], "service": "renewal"}, key="k1", status=201)
    second = other.post("/holds", {"slot": places[1], "service": "renewal"}, key="k1", status=201)
    assert first["hold"] != second["hold"]
    assert booked_places(places[1]) == 2


def test_cancelling_frees_the_place_and_twice_is_once(program: Program, places: list[int]) -> None:
    reference = book(program, places[0])["reference"]
    for _ in range(2):
        program.ask("DELETE", f"/appointments/{reference}", status=204)
    assert booked_places(places[0]) == 0
    assert program.get(f"/appointments/{reference}")["state"] == "cancelled"
    moved = program.post(f"/appointments/{reference}/move", {"slot": places[1]}, status=410)
    assert moved["type"] == "/api/v1/docs#booking.is_cancelled"


def test_a_person_has_one_booking_for_a_service(program: Program, places: list[int]) -> None:
    book(program, places[0])
    refusal = book(program, places[1], status=409)
    assert refusal["errors"][0]["field"] == "person.phone"
    assert "manage_url" not in refusal
    assert booked_places(places[1]) == 0


def test_a_token_of_one_branch_neither_sees_nor_books_another(
    app: Flask, program: Program, places: list[int], cast: Cast
) -> None:
    bound = Program(app, make_token("booking", branch=cast.harbour, name="Harbour"))
    assert [place["id"] for place in bound.get("/slots", {"service": "renewal"})] == [places[2]]
    refused = bound.get("/slots", {"service": "renewal", "branch": "north"}, status=422)
    assert refused["errors"][0]["field"] == "branch"
    assert [branch["id"] for branch in bound.get("/branches")] == ["harbour"]
    assert [service["id"] for service in bound.get("/services")] == ["passport", "renewal"]
    assert book(bound, places[0], status=422)["type"] == "/api/v1/docs#booking.slot_unknown"
    held = program.post("/holds", {"slot": places[0], "service": "renewal"}, status=201)["hold"]
    bound.post("/appointments", {"hold": held, "person": NORA}, status=422)
    reference = program.post("/appointments", {"hold": held, "person": NORA}, status=201)["reference"]
    bound.get(f"/appointments/{reference}", status=404)
    bound.ask("DELETE", f"/appointments/{reference}", status=404)
    bound.post(f"/appointments/{reference}/move", {"slot": places[2]}, status=404)
    bound.post(f"/appointments/{reference}/check-in", status=404)
    hall = Program(app, make_token("kiosk", branch=cast.harbour, name="Hall"))
    assert hall.post(f"/appointments/{reference}/check-in", status=409)["type"].endswith("other_branch")
    mine = book(bound, places[2], {"name": "Raj Kumar", "email": "raj@example.org"})["reference"]
    bound.post(f"/appointments/{mine}/move", {"slot": places[1]}, status=422)
    assert booked_places(places[0]) == booked_places(places[2]) == 1


def test_a_hold_that_ran_out_asks_once_more(program: Program, places: list[int]) -> None:
    held = program.post("/holds", {"slot": places[0], "service": "renewal"}, status=201)["hold"]
    with clock.at(MORNING + dt.timedelta(hours=2)):
        assert program.post("/appointments", {"hold": held, "person": NORA}, status=201)["id"]


def test_what_has_begun_is_not_cancelled(program: Program, places: list[int], cast: Cast) -> None:
    with transaction() as session:
        booked = make_appointment(session, slot=session.get_one(Slot, places[0]), person=cast.nora)
    with clock.at(moment("09:01", dt.date(2026, 10, 5))):
        answer = program.ask("DELETE", f"/appointments/{booked.link_token}", status=409)
    assert answer.get_json()["type"] == "/api/v1/docs#booking.has_begun"


@pytest.fixture
def course(cast: Cast) -> dict[str, list[int]]:
    """The day after tomorrow at the north: renewals and passports at nine, half past nine and ten."""
    with transaction() as session:
        return {
            service.code: [
                make_slot(
                    session, branch=cast.north, service=service,
                    starts_at=MORNING + dt.timedelta(days=2, minutes=30 * n),
                ).id
                for n in range(3)
            ]
            for service in (cast.renewal, cast.passport)
        }  # fmt: skip


def test_a_family_is_booked_in_one_visit_moved_and_cancelled_whole(
    program: Program, course: dict[str, list[int]]
) -> None:
    query = {"service": "renewal", "branch": "north", "also": "passport", "others": "passport"}
    found = program.get("/slots", query)
    assert [(place["id"], place["free"]) for place in found] == [(id_, 1) for id_ in course["renewal"][:2]]
    wanted = {"slot": found[0]["id"], "service": "renewal", "also": ["passport"]}
    held = program.post("/holds", {**wanted, "others": [{"service": "passport"}]}, status=201)["hold"]
    assert [booked_places(id_) for id_ in course["passport"]] == [1, 1, 0]
    sent = {"hold": held, "person": NORA}
    assert program.post("/appointments", sent, status=422)["errors"][0]["field"] == "others"
    sent["others"] = [{"name": "Sara Ali"}]
    booked = program.post("/appointments", sent, status=201)
    assert [(one["service"], one["starts_at"]) for one in [booked, *booked["visit"]]] == [
        ("renewal", "2026-10-06T09:00:00+03:00"),
        ("passport", "2026-10-06T09:00:00+03:00"),
        ("passport", "2026-10-06T09:30:00+03:00"),
    ]
    names = reading().scalars(select(PersonContact.name).order_by(PersonContact.name)).all()
    assert {"Nora Ali", "Sara Ali"} <= set(names)
    address = f"/appointments/{booked['reference']}"
    program.post(f"{address}/move", {"slot": course["renewal"][2], "whole": True}, status=409)
    moved = program.post(f"{address}/move", {"slot": course["renewal"][1], "whole": True})
    assert moved["starts_at"] == "2026-10-06T09:30:00+03:00"
    assert [booked_places(id_) for id_ in course["passport"]] == [0, 1, 1]
    program.ask("DELETE", f"{address}?whole=true", status=204)
    assert {booked_places(id_) for ids in course.values() for id_ in ids} == {0}


def test_a_visit_that_is_not_to_be_had_whole_is_refused_with_other_starts(
    program: Program, course: dict[str, list[int]]
) -> None:
    sent = {"slot": course["renewal"][0], "service": "renewal", "also": ["passport"], "person": NORA}
    first = program.post("/appointments", {**sent, "person": {**NORA, "phone": "0507777777"}}, status=201)
    assert first["visit"][0]["service"] == "passport"
    refusal = program.post("/appointments", sent, status=409)
    assert [place["id"] for place in refusal["alternatives"]] == [course["renewal"][1]]
    family: dict[str, Any] = {**sent, "slot": course["renewal"][1]}
    family["others"] = [{"service": "renewal", "name": ""}]
    assert program.post("/appointments", family, status=422)["errors"][0]["field"] == "others.0.name"
    family["others"] = [{"name": "Sara Ali"}]
    assert program.post("/appointments", family, status=422)["errors"][0]["field"] == "others.0.service"
    assert [booked_places(id_) for id_ in course["renewal"]] == [1, 0, 0]


def test_two_of_a_visit_who_are_one_person_are_refused_beside_the_second(
    program: Program, course: dict[str, list[int]]
) -> None:
    refusal = program.post(
        "/appointments",
        {
            "slot": course["renewal"][0], "service": "renewal", "person": NORA,
            "others": [{"service": "passport", "name": NORA["name"]}],
        },
        status=422,
    )  # fmt: skip
    assert refusal["errors"][0]["field"] == "others.0.name"
    assert reading().scalar(select(func.count()).select_from(Appointment)) == 0


def test_language_way_and_needs_are_told_by_a_program_too(
    program: Program, places: list[int], cast: Cast
) -> None:
    with transaction() as session:
        session.get_one(PublicService, cast.renewal.id).interpreter_minutes = 25
    query = {"service": "renewal", "branch": "north", "interpreter": "ur"}
    assert [place["id"] for place in program.get("/slots", query)] == [places[0]]  # two slots in a row
    sent = {"slot": places[0], "service": "renewal", "person": NORA, "interpreter": "ur"}
    refused = program.post("/appointments", {**sent, "kind": "home"}, status=422)
    assert refused["errors"][0]["field"] == "kind"
    answer = program.post("/appointments", {**sent, "priority": "elderly"}, status=201)
    assert (answer["kind"], answer["ends_at"]) == ("on_site", "2026-10-05T10:00:00+03:00")
    booked = reading().scalars(select(Appointment)).one()
    assert (booked.interpreter, booked.priority) == ("ur", "elderly")


def test_what_is_named_instead_of_a_long_appointment_is_long_enough(
    program: Program, places: list[int], cast: Cast
) -> None:
    with transaction() as session:
        session.get_one(PublicService, cast.renewal.id).minutes = 45
    book(program, places[0])
    refusal = book(program, places[0], {"name": "Raj Kumar", "email": "raj@example.org"}, status=409)
    assert refusal["alternatives"] == []  # half past nine is free, but not for 45 minutes


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, ["person", "hold"]),
        ({"person": NORA}, ["hold"]),
        ({"slot": 1, "hold": "x", "service": "renewal", "person": NORA}, ["hold"]),
        ({"slot": 1, "person": NORA}, ["service"]),
        ({"slot": "1", "service": 7, "person": NORA}, ["slot", "service"]),
        ({"slot": True, "service": "renewal", "person": NORA}, ["slot"]),
        ({"slot": 10**20, "service": "renewal", "person": NORA}, ["slot"]),
        ({"slot": 1, "service": "renewal", "person": "Nora"}, ["person"]),
        ({"slot": 1, "service": "renewal", "person": {}}, ["person.name"]),
        ({"slot": 1, "service": "renewal", "person": {"name": "Nora Ali"}}, ["person.phone"]),
        ({"slot": 1, "service": "renewal", "person": NORA, "colour": "red"}, ["colour"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "age": 7}}, ["person.age"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "phone": "12"}}, ["person.phone"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "name": "\ud800"}}, ["person.name"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "name": "a\0b"}}, ["person.name"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "email": "no", "identity": "1"}},
         ["person.email", "person.identity"]),
        ({"slot": 1, "service": "renewal", "person": {**NORA, "language": "fr"}}, ["person.language"]),
        ({"slot": 1, "service": "nothing", "person": NORA}, ["slot"]),
        ({"hold": "nothing", "person": NORA}, ["hold"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field(program: Program, sent: dict[str, Any], fields: list[str]) -> None:
    problem = program.post("/appointments", sent, status=422)
    named = [error["field"] for error in problem["errors"]]
    assert named == fields[: len(named)]
    assert all(len(error["title"]) > 5 for error in problem["errors"])


def test_the_sentences_are_in_the_language_of_the_caller(app: Flask, program: Program) -> None:
    arabic = Program(app, make_token("booking", name="Arabic"), language="ar-SA, en;q=0.5")
    body = {"slot": "x", "service": "renewal"}
    assert program.post("/holds", body, status=422)["errors"][0]["title"] == "Send a whole number here."
    assert arabic.post("/holds", body, status=422)["errors"][0]["title"] == "أرسل هنا عددًا صحيحًا."


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"slot=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_what_is_no_json_is_refused(program: Program, data: bytes, kind: str, status: int) -> None:
    answer = program.ask("POST", "/holds", data=data, content_type=kind, status=status)
    assert answer.mimetype == "application/problem+json"
