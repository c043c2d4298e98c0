"""A program opens a counter, calls and concludes: each act once, and each with an officer's name."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.queue.pause_models import EarlyClosing
from tests.api import Program, make_token
from tests.makers import Cast, make_counter, make_staff

PROGRAMS, WAITING = 8, 20


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    return Program(app, make_token("counter", branch=cast.north))


def arrive(cast: Cast, count: int = 1) -> list[int]:
    with transaction() as session:
        return [
            service.issue(session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal).id
            for _ in range(count)
        ]


def open_one(program: Program, cast: Cast) -> str:
    program.post(f"/counters/{cast.north_1.id}/open", {"officer": "omar"})
    return f"/counters/{cast.north_1.id}"


def test_a_program_works_a_counter_from_open_to_close(program: Program, cast: Cast) -> None:
    (ticket,) = arrive(cast)
    counter = open_one(program, cast)
    assert program.get("/branches/north/counters")[0] == {
        "id": cast.north_1.id, "number": 1, "branch": "north", "state": "open", "ticket": None,
    }  # fmt: skip
    called = program.post(f"{counter}/next")
    assert (called["id"], called["state"], called["counter"]) == (ticket, "called", 1)
    steps = ["recall", "start", "hold", "resume"]
    states = [program.post(f"/tickets/{ticket}/{step}")["state"] for step in steps]
    assert states == ["called", "serving", "held", "serving"]
    assert program.post(f"{counter}/close", status=409)["type"] == "/api/v1/docs#queue.close_busy"
    assert program.post(f"/tickets/{ticket}/conclude", {"outcome": "resolved"})["state"] == "served"
    assert program.ask("POST", f"{counter}/next", json={}, status=204).data == b""
    assert [program.post(f"{counter}/close")["state"] for _ in range(2)] == ["closed", "closed"]
    omar = cast.staff["omar"].actor.label
    kinds = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket, TicketEvent.actor == omar)
    assert list(reading().scalars(kinds.order_by(TicketEvent.id))) == [
        "called", "recalled", "started", "held", "resumed", "concluded",
    ]  # fmt: skip
    acted = reading().scalars(
        select(AuditEntry).where(AuditEntry.action == "program.acted").order_by(AuditEntry.position)
    )
    said = [(entry.actor.partition(":")[0], entry.subject, entry.detail["act"]) for entry in acted]
    acts = ["open", "next", *steps, "conclude", "next", "close"]
    assert said == [("device", omar, act) for act in acts]


def test_a_repeated_press_has_the_first_answer(program: Program, cast: Cast) -> None:
    first, second = arrive(cast, 2)
    counter = open_one(program, cast)
    answers = [program.post(f"{counter}/next", key="press")["id"] for _ in range(2)]
    assert answers == [first, first]
    assert program.post(f"{counter}/next", status=409)["type"] == "/api/v1/docs#queue.counter_busy"
    concluded = [
        program.post(f"/tickets/{first}/conclude", {"outcome": "resolved"}, key="end") for _ in range(2)
    ]
    assert concluded[0] == concluded[1]
    assert program.post(f"{counter}/next")["id"] == second
    assert program.post(f"/tickets/{second}/noshow")["state"] == "noshow"


def test_a_transfer_answers_with_the_next_stage(program: Program, cast: Cast) -> None:
    (ticket,) = arrive(cast)
    program.post(f"{open_one(program, cast)}/next")
    moved = program.post(f"/tickets/{ticket}/transfer", {"service": "passport"})
    assert (moved["service"], moved["state"], moved["id"] != ticket) == ("passport", "waiting", True)


def test_a_hold_has_a_time_and_is_kept_for_the_officer(program: Program, cast: Cast) -> None:
    (ticket,) = arrive(cast)
    program.post(f"{open_one(program, cast)}/next")
    until = (clock.now() + dt.timedelta(minutes=9, seconds=30)).isoformat()
    for sent in ({"minutes": 5, "until": until}, {"until": "2026-10-04T08:00:00+03:00"}, {"minutes": 0}):
        assert program.post(f"/tickets/{ticket}/hold", sent, status=422)["type"].endswith("#api.invalid")
    assert program.post(f"/tickets/{ticket}/hold", {"until": until, "for": "officer"})["state"] == "held"
    held = reading().get_one(Ticket, ticket)
    assert held.held_until == clock.now() + dt.timedelta(minutes=10)
    assert held.meant_staff_id == cast.staff["omar"].id


def test_a_program_sends_on_to_one_counter_or_one_officer(program: Program, cast: Cast) -> None:
    arrive(cast, 2)
    counter = open_one(program, cast)
    program.post(f"/counters/{cast.north_2.id}/open", {"officer": "othman"})
    first = program.post(f"{counter}/next")["id"]
    path = f"/tickets/{first}/transfer"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "service"),
        ({"counter": cast.north_2.id, "officer": "othman"}, "officer"),
        ({"counter": cast.harbour_1.id}, "counter"),
        ({"officer": "hamad"}, "officer"),
    ]
    for sent, field in wrong:
        refusal = program.post(path, sent, status=422)
        assert [error["field"] for error in refusal["errors"]] == [field]
    moved = program.post(path, {"officer": "othman"})
    assert (moved["service"], moved["state"]) == ("renewal", "waiting")
    assert reading().get_one(Ticket, moved["id"]).meant_staff_id == cast.staff["othman"].id
    second = program.post(f"{counter}/next")["id"]
    moved = program.post(f"/tickets/{second}/transfer", {"service": "passport", "counter": cast.north_2.id})
    assert moved["service"] == "passport"
    assert reading().get_one(Ticket, moved["id"]).meant_counter_id == cast.north_2.id
    program.post(f"/counters/{cast.north_2.id}/close")
    program.post(f"{counter}/next")
    refusal = program.post(f"/tickets/{moved['id']}/transfer", {"officer": "othman"}, status=409)
    assert refusal["type"].endswith("#queue.wrong_step")  # in nobody's hands
    called = program.get("/branches/north/counters")[0]["ticket"]
    refusal = program.post(f"/tickets/{called}/transfer", {"officer": "othman"}, status=422)
    assert [error["field"] for error in refusal["errors"]] == ["officer"]  # sits nowhere any more


def test_a_counter_closes_with_the_reason_that_is_sent(program: Program, cast: Cast) -> None:
    counter = open_one(program, cast)
    for sent, field in (({"reason": "bored"}, "reason"), ({"reason": "other_closing"}, "words")):
        refusal = program.post(f"{counter}/close", sent, status=422)
        assert [error["field"] for error in refusal["errors"]] == [field]
    assert program.post(f"{counter}/close", {"reason": "leave", "words": "ill"})["state"] == "closed"
    kept = reading().scalars(select(EarlyClosing)).one()
    assert (kept.reason, kept.words) == ("leave", "ill")


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        ({"outcome": "unresolved"}, 422, "queue.cause_missing"),
        ({"outcome": "unresolved", "cause": "nothing"}, 422, "queue.cause_unknown"),
        (
            {"outcome": "planned_next_step", "next_step": {"reason": "instalment", "due": "2026-10-03"}},
            422,
            "queue.plan_due_past",
        ),
        ({"outcome": "planned_next_step"}, 422, "queue.plan_reason_missing"),
        ({"outcome": "splendid"}, 422, "api.invalid"),
    ],
)
def test_the_rules_want_what_they_want_of_an_officer(
    program: Program, cast: Cast, sent: dict[str, Any], status: int, kind: str
) -> None:
    (ticket,) = arrive(cast)
    program.post(f"{open_one(program, cast)}/next")
    refusal = program.post(f"/tickets/{ticket}/conclude", sent, status=status)
    assert refusal["type"] == f"/api/v1/docs#{kind}"
    assert reading().get_one(Ticket, ticket).state == "called"


def test_nobody_is_named_who_does_not_serve_there(app: Flask, program: Program, cast: Cast) -> None:
    path = f"/counters/{cast.north_1.id}/open"
    for name in ("nobody", "hamad", "reem"):  # unknown, of the harbour, of the reception
        refusal = program.post(path, {"officer": name}, status=422)
        assert [error["field"] for error in refusal["errors"]] == ["officer"]
    (ticket,) = arrive(cast)
    assert program.post(f"/counters/{cast.north_1.id}/next", status=409)
    program.post(f"/tickets/{ticket}/start", status=409)  # in nobody's hands
    program.post(f"/counters/{cast.harbour_1.id}/open", {"officer": "hamad"}, status=404)
    open_one(program, cast)
    program.post(f"/counters/{cast.north_1.id}/next")
    harbour = Program(app, make_token("counter", branch=cast.harbour, name="Harbour"))
    harbour.post(f"/tickets/{ticket}/start", status=404)
    harbour.post(f"/counters/{cast.north_1.id}/next", status=404)
    kiosk = Program(app, make_token("kiosk", branch=cast.north))
    kiosk.post(f"/tickets/{ticket}/start", status=403)


def test_programs_that_press_at_once_call_each_ticket_once(app: Flask, program: Program, cast: Cast) -> None:
    paths = []
    with transaction() as session:
        for _ in range(PROGRAMS):
            counter = make_counter(session, branch=session.get_one(Branch, cast.north.id))
            officer = make_staff(session, branch=cast.north)
            counters.open_counter(session, actor=officer.actor, counter_id=counter.id)
            paths.append(f"/counters/{counter.id}/next")
    arrive(cast, WAITING)

    def work(path: str) -> list[int]:
        called = []
        while (answer := program.ask("POST", path, json={}, status=(200, 204))).status_code == 200:
            called.append(answer.get_json()["id"])
            program.post(f"/tickets/{called[-1]}/conclude", {"outcome": "resolved"})
        return called

    with ThreadPoolExecutor(PROGRAMS) as pool:
        runs = [pool.submit(copy_context().run, work, path) for path in paths]
    called = [ticket for run in runs for ticket in run.result()]
    assert len(called) == len(set(called)) == WAITING
    assert reading().scalar(select(func.count()).where(Ticket.state == "served")) == WAITING
