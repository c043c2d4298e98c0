"""Who follows the link answers with one touch; what they say is saved as they go, and taken once."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.cases.recovery.models import Recovery, RecoveryStep
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import drafting
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.asking import service as asking
from govdesk.feedback.asking.models import Invitation
from govdesk.notify import service as messages
from govdesk.notify.kinds import QUESTIONS
from govdesk.once import GivenAnswer
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person, PersonContact
from govdesk.wiring import HANDLERS
from tests.desk import Desk, preset
from tests.makers import MORNING, Cast, make_questionnaire

LONG = "طويل " * 4_000  # 20,000 characters


@pytest.fixture
def link(cast: Cast) -> str:
    """Nora was served this morning, and opened her link."""
    return invited(cast)


def invited(cast: Cast, kind: str = "after_service", about: str = "ticket:7") -> str:
    with transaction() as session:
        make_questionnaire(session, kind)
        made = asking.invite(
            session, kind=kind, about=about, occasion="served", outcome="resolved",
            person=session.get_one(Person, cast.nora.id), branch=session.get_one(Branch, cast.north.id),
            service=cast.renewal, ended_at=clock.now(), language="ar", channel="kiosk",
        )  # fmt: skip
        assert made is not None
        return f"/q/{asking.show(session, invitation=made, mode='qr').token}"


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table)))


def given() -> list[tuple[str, str, int | None]]:
    return sorted((row.question, row.choice, row.number) for row in rows(Answer))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_touch_then_what_was_wrong_then_sent(desk: Desk, link: str, language: str) -> None:
    page = desk.get(link, language=language, status=200)
    assert [element.get("value") for element in page.all("button") if element.get("name") == "overall"]
    assert rows(Invitation)[0].draft is None
    touched = desk.follow(desk.submit(page, {"overall": "1"}, action=link, status=302))
    assert rows(Invitation)[0].draft["answers"] == {"overall": 1}
    assert rows(Response) == []
    filled = {"overall": "1", "better": ["ease"], "comment": "Omar: 0501234567", "act": "send"}
    done = desk.follow(desk.submit(touched, filled, action=link, status=302))
    assert given() == [("better", "ease", None), ("overall", "", 1)]
    assert [row.text for row in rows(Comment)] == ["***: ***"]
    assert done.path == f"{link}/thanks"
    again = desk.submit(touched, filled, action=link, status=302)
    assert again.location == f"{link}/thanks"
    assert len(rows(Response)) == 1
    assert desk.get(link, language=language, status=200).heading == done_word(language)
    assert rows(GivenAnswer) == []  # it would keep the link and the moment


def done_word(language: str) -> str:
    return {"ar": "هذا الرابط غير مفتوح", "en": "This link is not open"}[language]


def test_what_is_too_long_is_said_beside_it_and_stays(desk: Desk, link: str) -> None:
    touched = desk.follow(desk.submit(desk.get(link, language="en"), {"overall": "2"}, action=link))
    wrong = desk.submit(
        touched, {"comment": LONG, "better": ["ease"], "act": "send"}, action=link, status=422
    )
    assert "4,000" in wrong.errors()["comment"]
    assert LONG.strip() in wrong.html
    assert rows(Invitation)[0].draft["answers"] == {"overall": 2, "better": ["ease"]}
    desk.submit(wrong, {"comment": "Short", "act": "send"}, action=link, status=302)
    assert [row.text for row in rows(Comment)] == ["Short"]


def test_a_link_that_is_not_open_says_the_same_whatever_became_of_it(
    desk: Desk, app: Any, link: str, cast: Cast
) -> None:
    def said(browser: Desk, path: str) -> str:
        return browser.get(path, language="en", status=410).main

    unknown = said(Desk(app), "/q/unknown")
    with clock.at(MORNING + dt.timedelta(days=15)):
        assert said(Desk(app), link) == unknown
    touched = desk.follow(desk.submit(desk.get(link), {"overall": "3"}, action=link))
    desk.submit(touched, {"act": "send"}, action=link, status=302)
    assert said(Desk(app), link) == unknown
    assert Desk(app).get(f"{link}/thanks", status=302).location == link
    assert Desk(app).get("/q/unknown/thanks", status=302).location == "/q/unknown"


def test_a_form_goes_on_where_one_was_and_asks_what_is_required(desk: Desk, cast: Cast) -> None:
    link = invited(cast, "periodic")
    first = desk.get(link, language="en", status=200)
    assert "satisfied" in desk.submit(first, {"trust": "4", "act": "send"}, action=link, status=422).errors()
    desk.submit(first, {"satisfied": "2", "trust": "4", "act": "save"}, action=link, status=204)
    second = desk.follow(desk.submit(first, {"satisfied": "2", "trust": "4", "act": "send"}, action=link))
    assert "complained" in second.html
    resumed = desk.get(link, language="en", status=200)
    assert "Part 2 of 2" in resumed.main
    back = desk.follow(desk.submit(resumed, {"complained": "1", "act": "back"}, action=link))
    assert "Part 1 of 2" in back.main
    desk.submit(desk.get(f"{link}?part=more"), {"comment": "Later", "act": "send"}, action=link, status=302)
    assert given() == [("complained", "", 1), ("satisfied", "", 2), ("trust", "", 4)]


def test_one_touch_counts_also_when_nobody_presses_send(desk: Desk, link: str) -> None:
    desk.submit(desk.get(link), {"overall": "1"}, action=link, status=302)
    with clock.at(MORNING + dt.timedelta(minutes=59)):
        assert drafting.run_take_in() == 0
    with clock.at(MORNING + dt.timedelta(minutes=61)):
        assert [drafting.run_take_in(), drafting.run_take_in()] == [1, 0]
    assert given() == [("overall", "", 1)]
    assert rows(Invitation)[0].draft is None


def low() -> list[dict[str, Any]]:
    return [row.payload for row in rows(OutboxEvent) if row.name == "rating.low"]


def test_a_call_is_wished_on_the_last_page_with_the_words_or_without(desk: Desk, link: str) -> None:
    touched = desk.follow(desk.submit(desk.get(link), {"overall": "1"}, action=link))
    filled = {"comment": "Nothing worked", "call": "y", "with_words": "y", "act": "send"}
    done = desk.follow(desk.submit(touched, filled, action=link, status=302))
    assert [(one["score"], one["words"]) for one in low()] == [(1, "Nothing worked")]
    outbox.deliver_due({"rating.low": HANDLERS["rating.low"]})
    assert [row.words for row in rows(RecoveryStep) if row.kind == "told"] == ["Nothing worked"]
    assert f"{link}/call" not in done.html


@pytest.mark.parametrize(("ticked", "told"), [
    ({"call": "y", "with_words": "y"}, [(1, "Nothing worked")]), ({"call": "y"}, [(1, "")]), ({}, []),
])  # fmt: skip
def test_a_call_that_was_ticked_and_left_alone_is_wished_too(
    desk: Desk, link: str, ticked: dict[str, str], told: list[tuple[int, str]]
) -> None:
    touched = desk.follow(desk.submit(desk.get(link), {"overall": "1"}, action=link))
    filled = {"comment": "Nothing worked", **ticked, "act": "save"}
    desk.submit(touched, filled, action=link, status=204)
    (box,) = [one for one in desk.get(link, status=200).all("input") if one.get("id") == "call"]
    assert ("checked" in box.attrib) == ("call" in ticked)
    with clock.at(MORNING + dt.timedelta(minutes=61)):
        assert drafting.run_take_in() == 1
    assert [(one["score"], one["words"]) for one in low()] == told


def test_a_call_is_offered_after_a_low_score_only_and_wished_once(desk: Desk, app: Any, link: str) -> None:
    touched = desk.follow(desk.submit(desk.get(link), {"overall": "1"}, action=link))
    done = desk.follow(desk.submit(touched, {"act": "send"}, action=link, status=302))
    assert low() == []
    wished = desk.follow(desk.submit(done, {}, action=f"{link}/call", status=302))
    desk.submit(done, {}, action=f"{link}/call", status=302)
    assert [(one["score"], one["words"]) for one in low()] == [(1, "")]
    assert f"{link}/call" not in wished.html


def test_a_good_score_offers_no_call(desk: Desk, link: str) -> None:
    touched = desk.follow(desk.submit(desk.get(link), {"overall": "3"}, action=link))
    assert 'name="call"' not in touched.html
    done = desk.follow(desk.submit(touched, {"act": "send"}, action=link, status=302))
    assert f"{link}/call" not in done.html


def test_no_more_questions_with_one_press_also_by_a_used_link(desk: Desk, link: str, cast: Cast) -> None:
    after = desk.follow(desk.submit(desk.get(link, language="en"), {}, action=f"{link}/stop", status=302))
    assert "You will not be asked again" in after.main
    assert messages.is_stopped(reading(), cast.nora.id, QUESTIONS)
    closed = desk.get(link, language="en", status=410)
    desk.submit(closed, {}, action=f"{link}/stop", status=302)
    strange = desk.get("/q/unknown", language="en", status=410)
    assert desk.follow(desk.submit(strange, {}, action="/q/unknown/stop")).main == after.main


@pytest.fixture
def slip(cast: Cast) -> str:
    """Somebody without a name was served, and scanned their slip."""
    with transaction() as session:
        make_questionnaire(session, "after_service")
        made = asking.invite(
            session, kind="after_service", about="ticket:8", occasion="served", person=None, channel="kiosk",
            branch=session.get_one(Branch, cast.north.id), service=cast.renewal, ended_at=clock.now(),
            language="ar",
        )  # fmt: skip
        assert made is not None
        return f"/q/{asking.show(session, invitation=made, mode='qr').token}"


@pytest.mark.parametrize(("language", "missing", "unread"), [
    ("en", "Give a phone number", "number"), ("ar", "اكتب رقم هاتف", "رقم"),
])  # fmt: skip
def test_who_has_no_name_leaves_a_number_that_leads_to_no_answer(
    desk: Desk, slip: str, language: str, missing: str, unread: str
) -> None:
    opened = desk.get(slip, language=language, status=200)
    touched = desk.follow(desk.submit(opened, {"overall": "1"}, action=slip))
    assert 'name="call"' not in touched.html
    said = {"comment": "Counter seven was closed", "act": "send"}
    done = desk.follow(desk.submit(touched, said, action=slip, status=302))
    assert missing in desk.submit(done, {}, action=f"{slip}/call", status=422).errors()["phone"]
    wrong = desk.submit(done, {"phone": "12", "words": "Ask for Nora"}, action=f"{slip}/call", status=422)
    assert unread in wrong.errors()["phone"]
    assert "Ask for Nora" in wrong.html
    assert low() == []
    left = desk.follow(desk.submit(wrong, {"phone": "0501234567"}, action=f"{slip}/call", status=302))
    assert 'name="phone"' not in left.html
    desk.submit(done, {"phone": "0501234567"}, action=f"{slip}/call", status=302)
    (told,) = low()
    (invitation,) = rows(Invitation)
    assert (told["score"], told["words"], invitation.person_id) == (1, "Ask for Nora", None)
    assert told["rating_id"] not in (invitation.id, str(invitation.id))
    assert "Counter seven" not in str(told)
    outbox.deliver_due({"rating.low": HANDLERS["rating.low"]})
    (task,) = rows(Recovery)
    contact = reading().get_one(PersonContact, task.person_id)
    assert contact.phone == "+966501234567"
    assert [row.words for row in rows(RecoveryStep) if row.kind == "told"] == ["Ask for Nora"]


def test_a_number_is_asked_for_after_a_low_score_in_this_browser_alone(
    desk: Desk, app: Any, slip: str
) -> None:
    touched = desk.follow(desk.submit(desk.get(slip), {"overall": "3"}, action=slip))
    done = desk.follow(desk.submit(touched, {"act": "send"}, action=slip, status=302))
    assert f"{slip}/call" not in done.html
    other = Desk(app)
    closed = other.get(slip, status=410)
    other.send(f"{slip}/call", {**preset(closed.form(f"{slip}/stop")), "phone": "0501234567"})
    assert low() == []
