"""A tablet at the exit asks with faces, keeps the branch and the week, and takes nothing from other hands."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.faces.devices import COOKIE
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.forms import service as questionnaires
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import Form, Question, Section
from govdesk.queue import devices
from tests.desk import Desk
from tests.makers import Cast, make_questionnaire

EXIT = "/exit/north"
SignIn = Callable[[str], Desk]


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Desk:
    """The tablet at the exit of the north branch; questions are published."""
    with transaction() as session:
        make_questionnaire(session)
        here = session.get_one(Branch, cast.north.id)
        _device, code = devices.register(session, actor=SYSTEM, branch=here, kind="exit", name="Exit")
        _device, secret = devices.pair(session, actor=SYSTEM, code=code)
    desk = Desk(app)
    desk.flask.set_cookie(COOKIE, secret)
    return desk


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table)))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_touch_and_what_was_wrong_and_it_is_sent_once(tablet: Desk, language: str) -> None:
    page = tablet.get(EXIT, language=language, status=200)
    assert not page.all("textarea")
    more = tablet.submit(page, {"overall": "1"}, action=EXIT, status=200)
    assert not more.all("textarea")
    assert rows(Response) == []
    done = tablet.submit(more, {"better": ["ease"]}, action=EXIT, status=302)
    assert done.location == f"{EXIT}/thanks"
    tablet.submit(more, {"better": ["ease"]}, action=EXIT, status=302)
    (one,) = rows(Response)
    assert (one.mode, one.occasion, one.service_id, one.channel) == ("tablet", "exit", None, None)
    assert sorted((row.question, row.choice, row.number) for row in rows(Answer)) == [
        ("better", "ease", None), ("overall", "", 1)
    ]  # fmt: skip
    tablet.follow(done)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_where_only_words_are_asked_for_a_tablet_asks_nothing(tablet: Desk, language: str) -> None:
    words = Question("words", "text", {"ar": "ماذا تقول؟", "en": "What do you say?"})
    with transaction() as session:
        before = session.scalars(select(Questionnaire)).one()
        questionnaires.retire(session, actor=SYSTEM, questionnaire=before)
        make_questionnaire(session, form=Form((Section("one", (words,)),)))
    page = tablet.get(EXIT, language=language, status=200)
    assert page.forms() == []
    assert tablet.send(EXIT, {"words": "x"}).status < 500


def test_nobody_answers_from_a_session_of_staff_or_another_browser(
    tablet: Desk, app: Flask, sign_in: SignIn
) -> None:
    stranger = Desk(app)
    page = stranger.get(EXIT, status=200)  # the branch lets anybody look
    refused = stranger.submit(page, {"overall": "3"}, action=EXIT, status=403)
    assert refused.all("div", "stack-l")[0].get("data-check") == EXIT  # it leads back by itself
    officer = sign_in("sara")
    cookie = tablet.flask.get_cookie(COOKIE)
    assert cookie is not None
    officer.flask.set_cookie(COOKIE, cookie.value)
    officer.submit(officer.get(EXIT, status=200), {"overall": "3"}, action=EXIT, status=403)
    assert rows(Response) == []


def test_what_nobody_offered_is_not_taken(tablet: Desk) -> None:
    page = tablet.get(EXIT, language="en", status=200)
    again = tablet.submit(page, {"overall": "9"}, action=EXIT, status=200)
    assert again.heading == page.heading
    assert rows(Response) == []


def test_while_nothing_is_asked_the_tablet_says_so(app: Flask, cast: Cast) -> None:
    assert "No questions now" in Desk(app).get(EXIT, language="en", status=200).main
