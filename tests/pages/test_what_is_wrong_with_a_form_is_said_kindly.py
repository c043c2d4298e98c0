"""Pasted books, wrong, old and others' links, double presses, half a form: a sentence, and nothing lost."""

import datetime as dt
from collections.abc import Callable
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
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person
from tests.desk import Desk, Page, preset
from tests.makers import MORNING, Cast, make_questionnaire

PASTED = ("لوحة طويلة من الكلام " * 1_000)[:20_000].strip()
SAID = {
    "too_long": {"en": "4,000", "ar": "٤"},
    "over": {"en": "This link is not open", "ar": "هذا الرابط غير مفتوح"},
    "used": {"en": "It may have been used", "ar": "ربما استُخدم"},
    "missing": {"en": "answer", "ar": "أجب"},
}
NOT_LINKS = ("unknown", "x" * 3_000, "..%2F..%2Fetc", "%F0%9F%98%80", "'; DROP TABLE response")
Invite = Callable[[Person, str], str]
both = pytest.mark.parametrize("language", ["ar", "en"])


@pytest.fixture
def invite(cast: Cast) -> Invite:
    """Somebody is asked with the short form after a service, or with the statements; their link."""

    def made(person: Person, kind: str = "after_service") -> str:
        with transaction() as session:
            if not asking.is_asked(session, kind, None):
                make_questionnaire(session, kind)
            one = asking.invite(
                session, kind=kind, about=f"ticket:{person.id}", occasion="served", channel="kiosk",
                person=session.get_one(Person, person.id), branch=session.get_one(Branch, cast.north.id),
                service=cast.renewal, ended_at=clock.now(), language="ar",
            )  # fmt: skip
            assert one is not None
            return f"/q/{asking.show(session, invitation=one, mode='qr').token}"

    return made


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table).order_by(table.__table__.primary_key.columns[0])))


def low() -> list[OutboxEvent]:
    return [row for row in rows(OutboxEvent) if row.name == "rating.low"]


@both
def test_twenty_thousand_pasted_characters(desk: Desk, invite: Invite, cast: Cast, language: str) -> None:
    link = invite(cast.nora, "after_service")
    touched = desk.follow(desk.submit(desk.get(link, language=language), {"overall": "1"}, action=link))
    typed = {"comment": PASTED, "better": ["ease"], "act": "send"}
    refused = desk.submit(touched, typed, action=link, status=422)
    assert SAID["too_long"][language] in refused.errors()["comment"]
    assert PASTED in refused.html
    assert rows(Response) == []
    sent = desk.submit(refused, {"comment": "Short", "act": "send"}, action=link, status=302)
    assert sent.location == f"{link}/thanks"
    assert [row.text for row in rows(Comment)] == ["Short"]
    assert sorted(row.question for row in rows(Answer)) == ["better", "overall"]


@both
@pytest.mark.parametrize("token", NOT_LINKS, ids=["unknown", "long", "path", "emoji", "quoted"])
def test_a_link_that_never_was(desk: Desk, invite: Invite, cast: Cast, language: str, token: str) -> None:
    page = desk.get(invite(cast.nora, "after_service"))
    wrong = desk.get(f"/q/{token}", language=language)
    assert wrong.status in (404, 410)
    sent = desk.send(f"/q/{token}", {**preset(page.forms()[0]), "overall": "1", "act": "send"})
    assert sent.status in (302, 404)
    assert rows(Response) == []


@both
def test_an_old_link_says_no_more_than_a_wrong_one(
    desk: Desk, invite: Invite, cast: Cast, language: str
) -> None:
    link = invite(cast.nora, "after_service")
    shown = desk.get(link, language=language)
    with clock.at(MORNING + dt.timedelta(days=15)):
        late = desk.submit(shown, {"overall": "1"}, action=link, status=302)
        old = desk.follow(desk.follow(late, status=302), status=410)
        assert SAID["over"][language] in old.heading
        assert old.main == desk.get("/q/unknown", language=language, status=410).main
    assert rows(Response) == []


@both
def test_another_persons_link_opens_nothing_of_theirs(
    app: Flask, invite: Invite, cast: Cast, language: str
) -> None:
    noras, rajs = invite(cast.nora, "after_service"), invite(cast.raj, "after_service")
    nora, raj = Desk(app), Desk(app)
    touched = nora.follow(nora.submit(nora.get(noras, language=language), {"overall": "1"}, action=noras))
    done = nora.follow(nora.submit(touched, {"comment": "Mine", "act": "send"}, action=noras))
    raj.submit(raj.get(rajs), {"overall": "3"}, action=rajs, status=302)
    for path in (f"{rajs}/thanks", noras):
        assert "Mine" not in raj.get(path, language=language).html
    assert raj.get(f"{noras}/thanks", status=302).location == noras
    wish = {**preset(done.form(f"{noras}/call"))}
    nora.send(f"{rajs}/call", wish)  # her low score, his link
    raj.send(f"{noras}/call", {**preset(raj.get(rajs).forms()[0])})
    assert low() == []
    nora.send(f"{noras}/call", wish)
    assert [row.payload["person_id"] for row in low()] == [cast.nora.id]


@both
def test_a_form_sent_twice_is_one_answer(desk: Desk, invite: Invite, cast: Cast, language: str) -> None:
    link = invite(cast.nora, "after_service")
    touched = desk.follow(desk.submit(desk.get(link, language=language), {"overall": "2"}, action=link))
    for words in ("First", "Second"):
        sent = desk.submit(touched, {"comment": words, "act": "send"}, action=link, status=302)
        assert sent.location == f"{link}/thanks"
        assert desk.follow(sent).status == 200
    assert ([row.text for row in rows(Comment)], len(rows(Response))) == (["First"], 1)


@both
def test_half_a_form_is_kept_and_what_is_missing_is_named(
    desk: Desk, invite: Invite, cast: Cast, language: str
) -> None:
    link = invite(cast.nora, "periodic")
    first = desk.get(link, language=language, status=200)
    refused = desk.submit(first, {"trust": "4", "act": "send"}, action=link, status=422)
    assert set(refused.errors()) == {"satisfied"}
    assert SAID["missing"][language] in refused.errors()["satisfied"].lower()
    (invitation,) = rows(Invitation)
    assert drafting.answers_of(invitation) == {"trust": 4}
    again = desk.get(link, language=language, status=200)
    assert 'value="4" checked' in again.html
    assert rows(Response) == []


@both
def test_what_is_refused_in_the_background_is_told_to_the_page_and_takes_nothing_away(
    desk: Desk, invite: Invite, cast: Cast, language: str
) -> None:
    link, behind = invite(cast.nora, "after_service"), {"headers": {"Accept": "application/json"}}
    touched = desk.follow(desk.submit(desk.get(link, language=language), {"overall": "1"}, action=link))

    def saved(words: str, status: int) -> Page:
        typed = {"overall": "1", "comment": words, "better": ["ease"], "act": "save"}
        return desk.submit(touched, typed, action=link, language=language, status=status, **behind)

    saved("Short", 204)
    refused = saved(PASTED, 422)
    ((field, sentence),) = [(one["field"], one["title"]) for one in refused.json["errors"]]
    assert (field, SAID["too_long"][language] in sentence) == ("comment", True)
    (invitation,) = rows(Invitation)
    assert drafting.answers_of(invitation) == {"overall": 1, "better": ["ease"], "comment": "Short"}
    desk.submit(touched, {"act": "send"}, action=link, status=302)
    assert SAID["used"][language] in saved("Too late", 410).json["title"]
