"""A link is sent on to somebody: they see nothing that was begun with it, and take nothing of it away."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import drafting
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.people.models import Person
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast, make_questionnaire

WORDS = "The one at counter seven shouted"
ELSEWHERE = {"en": "begun in another browser", "ar": "متصفح آخر"}
LEFT_ALONE = MORNING + dt.timedelta(minutes=61)
both = pytest.mark.parametrize("language", ["ar", "en"])


@pytest.fixture
def link(cast: Cast) -> str:
    """Nora was served this morning, and has a link."""
    with transaction() as session:
        make_questionnaire(session)
        one = asking.invite(
            session, kind="after_service", about="ticket:7", occasion="served", channel="kiosk",
            person=session.get_one(Person, cast.nora.id), branch=session.get_one(Branch, cast.north.id),
            service=cast.renewal, ended_at=clock.now(), language="ar",
        )  # fmt: skip
        assert one is not None
        return f"/q/{asking.show(session, invitation=one, mode='qr').token}"


@pytest.fixture
def nora(app: Flask, link: str) -> Desk:
    """She touched the worst face, and wrote a sentence that she has not sent."""
    desk = Desk(app)
    touched = touch(desk, link, "1")
    desk.submit(touched, {"better": ["ease"], "comment": WORDS, "act": "save"}, action=link, status=204)
    return desk


def touch(desk: Desk, link: str, face: str, language: str = "en") -> Page:
    return desk.follow(desk.submit(desk.get(link, language=language), {"overall": face}, action=link))


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table)))


def score() -> int | None:
    (one,) = [row.number for row in rows(Answer) if row.question == "overall"]
    return int(one) if one is not None else None


@both
def test_another_browser_is_told_that_something_was_begun_and_no_more(
    app: Flask, nora: Desk, link: str, language: str
) -> None:
    for path in (link, f"{link}?part=visit"):
        page = Desk(app).get(path, language=language, status=200)
        assert ELSEWHERE[language] in page.main
        assert WORDS not in page.html
        assert "checked" not in page.html
        assert "comment" not in {one.get("name") for one in page.all("textarea")}
    assert ELSEWHERE[language] not in nora.get(link, language=language, status=200).main


@both
def test_who_began_goes_on_where_they_were_also_days_later(nora: Desk, link: str, language: str) -> None:
    nora.flask.delete_cookie("govdesk")  # the browser was closed since; what it keeps stays
    with clock.at(MORNING + dt.timedelta(days=3)):
        page = nora.get(link, language=language, status=200)
    assert WORDS in page.html
    assert ELSEWHERE[language] not in page.main


def test_what_is_touched_elsewhere_takes_nothing_away(app: Flask, nora: Desk, link: str) -> None:
    other = Desk(app)
    touched = touch(other, link, "3")
    assert WORDS not in touched.html
    other.submit(touched, {"comment": "Fine", "act": "save"}, action=link, status=204)
    mine = nora.get(link, language="en", status=200)
    assert (WORDS in mine.html, "Fine" in mine.html) == (True, False)
    nora.submit(mine, {"act": "send"}, action=link, status=302)
    assert ([row.text for row in rows(Comment)], score()) == ([WORDS], 1)
    assert other.get(link, language="en", status=410).heading == "This link is not open"


def test_what_is_sent_elsewhere_is_the_answer(app: Flask, nora: Desk, link: str) -> None:
    other = Desk(app)
    other.submit(touch(other, link, "3"), {"act": "send"}, action=link, status=302)
    assert (rows(Comment), score(), len(rows(Response))) == ([], 3, 1)
    (one,) = rows(Invitation)
    assert (one.state, one.draft) == ("answered", None)
    assert WORDS not in nora.get(link, language="en", status=410).html


def test_of_two_that_are_left_alone_the_last_touched_counts(app: Flask, nora: Desk, link: str) -> None:
    touch(Desk(app), link, "3")
    with clock.at(LEFT_ALONE):
        assert drafting.run_take_in() == 1
    assert (rows(Comment), score()) == ([], 3)


def test_what_was_only_looked_at_elsewhere_leaves_the_first_as_the_answer(
    app: Flask, nora: Desk, link: str
) -> None:
    page = Desk(app).get(link, language="en", status=200)
    assert page.forms()
    with clock.at(LEFT_ALONE):
        assert drafting.run_take_in() == 1
    assert ([row.text for row in rows(Comment)], score()) == ([WORDS], 1)


def test_no_draft_tells_which_browser_it_was(nora: Desk, link: str) -> None:
    cookie = nora.flask.get_cookie("answering")
    assert cookie is not None
    assert cookie.http_only
    (one,) = rows(Invitation)
    assert cookie.value not in str(one.draft)
    assert one.token not in cookie.value
