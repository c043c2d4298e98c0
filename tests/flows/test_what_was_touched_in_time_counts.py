"""What was touched while the link was open is an answer, also where nothing ran until after it had closed."""

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.cases.silent.models import Voice
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import drafting, service, settling
from govdesk.feedback.answers.drafting import Begun
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.asking import following, links, waves
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.people.models import Person
from tests.flows.asked import make_programme, make_wave
from tests.makers import MORNING, Cast, make_person, make_questionnaire, moment

CLOSING = MORNING + dt.timedelta(days=14)  # Sunday 18 October
TOUCHED = CLOSING - dt.timedelta(minutes=30)
LATER = dt.date(2026, 11, 3)  # a Tuesday, sixteen days after the closing


@pytest.fixture
def asked(cast: Cast) -> int:
    """Nora was served this morning, and opened her link."""
    return invited(cast, cast.nora)


def invited(cast: Cast, person: Person, kind: str = "after_service", about: str = "ticket:7") -> int:
    with clock.at(MORNING), transaction() as session:
        if not asking.is_asked(session, kind, None):
            make_questionnaire(session, kind)
        one = asking.invite(
            session, kind=kind, about=about, occasion="served", channel="kiosk", language="ar",
            person=session.get_one(Person, person.id), branch=session.get_one(Branch, cast.north.id),
            service=cast.renewal, ended_at=MORNING,
        )  # fmt: skip
        assert one is not None
        return asking.show(session, invitation=one, mode="qr").id


def touch(invitation_id: int, answers: dict[str, Any], at: dt.datetime = TOUCHED) -> None:
    with clock.at(at), transaction() as session:
        one = links.asked_by_id(session, invitation_id)
        assert one is not None
        drafting.save(session, one, Begun(answers, "visit"))


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table).order_by(table.__table__.primary_key.columns[0])))


def run(*jobs: str, at: dt.datetime) -> None:
    """The jobs of a server that was down, in this order."""
    with clock.at(at):
        for job in jobs:
            {"follow": following.run_follow, "take_in": drafting.run_take_in}[job]()


@pytest.mark.parametrize("jobs", [("follow", "take_in", "follow"), ("take_in", "follow", "take_in")])
def test_a_touch_counts_whichever_job_runs_first_after_the_closing(asked: int, jobs: tuple[str, ...]) -> None:
    touch(asked, {"overall": 1, "comment": "Too long"})
    run(*jobs, *jobs, at=moment("09:00", LATER))
    assert [(row.question, row.number) for row in rows(Answer)] == [("overall", 1)]
    (one,), (response,) = rows(Invitation), rows(Response)
    monday = dt.date(2026, 11, 2)  # of the week in which it was taken in, as of all that is left alone
    assert (one.state, one.draft, one.mode, one.answered_week) == ("answered", None, None, monday)
    assert not str(one.about).startswith("ticket")
    assert (response.week, response.is_settled) == (monday, False)
    (spoke,) = rows(Voice)
    assert clock.local_day(spoke.at, "Asia/Riyadh") == dt.date(2026, 11, 8)  # its last day


def test_nobody_answers_by_hand_after_the_closing(asked: int) -> None:
    touch(asked, {"overall": 1})
    with clock.at(CLOSING):
        one = links.asked_by_id(reading(), asked)
        assert one is not None
        with pytest.raises(service.AnsweredError), transaction() as session:
            service.give(session, invitation=one, answers={"overall": 3})
        with transaction() as session:
            assert not links.save(session, one, {})
    assert rows(Response) == []


@pytest.mark.parametrize("by", ["this link", "another"])
def test_who_wants_no_questions_any_more_has_not_answered(cast: Cast, asked: int, by: str) -> None:
    touch(asked, {"overall": 1}, at=MORNING)
    with clock.at(MORNING), transaction() as session:
        if by == "this link":
            asking.decline(session, actor=VISITOR, invitation=session.get_one(Invitation, asked))
        else:
            nora = session.get_one(Person, cast.nora.id)
            messages.stop(session, actor=VISITOR, person=nora, what=QUESTIONS)
    run("take_in", at=MORNING + dt.timedelta(hours=2))
    run("follow", "take_in", "follow", at=moment("09:00", LATER))
    (one,) = rows(Invitation)
    assert (one.state, one.draft) == ("declined" if by == "this link" else "expired", None)
    assert rows(Response) == []


def test_what_lacks_a_required_answer_is_closed_and_forgotten(cast: Cast) -> None:
    touch(invited(cast, cast.nora, "periodic"), {"trust": 4, "comment": "My name is Nora"})
    run("follow", "take_in", "follow", at=moment("09:00", LATER))
    (one,) = rows(Invitation)
    assert (one.state, one.draft) == ("expired", None)
    assert rows(Response) == []


def test_two_servers_that_wake_up_at_once_take_it_in_once(app: Flask, asked: int) -> None:
    touch(asked, {"overall": 1})

    def wake(jobs: tuple[str, ...]) -> None:
        with app.app_context():
            run(*jobs, at=moment("09:00", LATER))

    orders = [("follow", "take_in"), ("take_in", "follow")] * 3
    threads = [threading.Thread(target=wake, args=(jobs,)) for jobs in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(Response)) == 1
    assert [one.state for one in rows(Invitation)] == ["answered"]


def test_a_wave_is_not_settled_before_its_touches_are_in(cast: Cast) -> None:
    with clock.at(MORNING), transaction() as session:
        people = [make_person(session) for _ in range(6)]
    ids = [invited(cast, one, about=f"ticket:{one.id}") for one in people]
    with clock.at(MORNING), transaction() as session:
        wave = make_wave(session, make_programme(session, session.get_one(Invitation, ids[0]).questionnaire))
        for one in ids:
            session.get_one(Invitation, one).wave_id = wave.id
    for one in ids[:5]:
        with clock.at(MORNING), transaction() as session:
            service.give(session, invitation=session.get_one(Invitation, one), answers={"overall": 3})
    touch(ids[5], {"overall": 1})
    with transaction() as session:
        session.merge(wave).state = "closed"
    with clock.at(moment("09:00", LATER)):
        settled = [settling.run_settle(), drafting.run_take_in(), settling.run_settle()]
    assert settled == [0, 1, 6]
    assert len({(row.week, row.is_settled) for row in rows(Response)}) == 1


def test_what_was_touched_before_a_wave_was_cancelled_is_taken_in(cast: Cast, asked: int) -> None:
    touch(asked, {"overall": 1}, at=MORNING + dt.timedelta(hours=1))
    with clock.at(MORNING + dt.timedelta(hours=2)), transaction() as session:
        wave = make_wave(session, make_programme(session, session.get_one(Invitation, asked).questionnaire))
        session.get_one(Invitation, asked).wave_id = wave.id
        session.flush()
        waves.cancel(session, actor=cast.staff["adam"].actor, wave=wave)
    with clock.at(MORNING + dt.timedelta(hours=3)):
        one = links.asked_by_id(reading(), asked)
        assert one is not None
        assert not asking.is_open(one)
        reading().rollback()
    run("follow", "take_in", at=MORNING + dt.timedelta(hours=4))
    assert [(row.question, row.number) for row in rows(Answer)] == [("overall", 1)]
    assert [one.wave_id for one in rows(Response)] == [1]
