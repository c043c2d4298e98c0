"""A program reads questionnaires and their answers: nobody behind them, nothing that is not settled."""

import datetime as dt

from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.db import reading, transaction
from govdesk.feedback.acting import counting
from govdesk.people import tokens
from govdesk.webhooks import gathering, service
from govdesk.webhooks.models import WebhookDelivery
from tests.api import Program, make_token
from tests.makers import MORNING, Cast
from tests.question_makers import make_programme, make_questionnaire, make_response, make_wave

SETTLED = 6


def answered(cast: Cast) -> str:
    """Six settled answers of the north and one of the harbour, and one that is not settled."""
    with transaction() as session:
        version = make_questionnaire(session)
        for number in range(SETTLED):
            make_response(session, version=version, number=1 + number % 5, branch_id=cast.north.id)
        make_response(session, version=version, branch_id=cast.harbour.id, words="Call Omar")
        make_response(session, version=version, branch_id=cast.north.id, is_settled=False)
        return version.questionnaire.code


def test_answers_come_in_pages_and_say_nothing_of_anybody(app: Flask, cast: Cast) -> None:
    code = answered(cast)
    program = Program(app, make_token("kpi:read"))
    (asked,) = program.get("/questionnaires")
    assert (asked["id"], [one["id"] for one in asked["questions"]]) == (code, ["satisfied", "words"])
    first = program.ask("GET", "/responses", status=200, query_string={"limit": 4, "questionnaire": code})
    address = first.headers["Link"].partition(">")[0].partition("localhost")[2]
    rest = program.ask("GET", address, status=200)
    rows = [*(first.get_json() or ()), *(rest.get_json() or ())]
    assert len(rows) == SETTLED + 1
    assert "Link" not in rest.headers
    assert sorted(row["answers"][0]["number"] for row in rows) == [1, 1, 2, 3, 4, 5, 5]
    assert {"id", "text", "comment", "at"}.isdisjoint({name for row in rows for name in row})
    assert "Omar" not in first.text + rest.text


def test_a_program_of_a_branch_reads_its_own(app: Flask, cast: Cast) -> None:
    answered(cast)
    rows = Program(app, make_token("kpi:read", branch=cast.harbour)).get("/responses")
    assert [row["branch"] for row in rows] == ["harbour"]
    Program(app, make_token("board")).get("/responses", status=403)


def test_what_is_asked_wrongly_is_said(app: Flask, cast: Cast) -> None:
    program = Program(app, make_token("kpi:read"))
    program.get("/responses", {"questionnaire": "nothing"}, status=422)
    program.get("/responses", {"from": "2026-10-02", "to": "2026-10-01"}, status=422)
    assert program.get("/responses", {"from": "2026-10-01", "to": "2026-10-02"}) == []


def test_webhooks_tell_how_many_answered_in_a_week_and_that_a_wave_is_over(app: Flask, cast: Cast) -> None:
    secret = make_token("webhooks")
    with transaction() as session:
        holder = tokens.holder_of(session, secret)
        assert holder is not None
        service.subscribe(
            session, actor=holder.actor, url="https://city.example.org/e",
            events=["response.given", "wave.closed"], secret="kept by both of us, and long",
        )  # fmt: skip
    code = answered(cast)
    with transaction() as session:
        few = make_questionnaire(session)
        make_response(session, version=few)
        wave = make_wave(session, programme=make_programme(session, version=few))
        outbox.emit(session, "wave.closed", wave_id=wave.id)
        wave_id, other = wave.id, few.questionnaire.code
    with clock.at(MORNING + dt.timedelta(days=1)):
        assert [counting.run_tell(), counting.run_tell()] == [2, 0]
        gathering.run_gather()
    reading().rollback()
    bodies = list(reading().scalars(select(WebhookDelivery.body).order_by(WebhookDelivery.id)))
    closed, *counted = [{name: body[name] for name in body if name != "delivery"} for body in bodies]
    assert (closed["event"], closed["wave"], closed["to"]) == ("wave.closed", wave_id, "2026-09-30")
    week = {"event": "response.given", "week": "2026-09-28"}
    assert counted == [
        {**week, "questionnaire": code, "count": SETTLED + 2},
        {**week, "questionnaire": other, "count": None},
    ]
