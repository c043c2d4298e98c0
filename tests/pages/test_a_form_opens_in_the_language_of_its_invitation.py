"""Who was written to in Arabic reads the form in Arabic, whatever the phone speaks, until they choose."""

import datetime as dt
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from govdesk import clock
from govdesk.catalog.models import Branch
from govdesk.db import transaction
from govdesk.feedback.asking import service as asking
from govdesk.people.models import Person
from tests import lint
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_questionnaire

Invite = Callable[[str], str]
OTHER = {"ar": "en", "en": "ar"}
CLOSED = {"ar": "هذا الرابط غير مفتوح", "en": "This link is not open"}
both = pytest.mark.parametrize("language", ["ar", "en"])


@pytest.fixture
def invite(cast: Cast) -> Invite:
    """Nora is written to in a language; her link."""

    def made(language: str) -> str:
        with transaction() as session:
            make_questionnaire(session)
            one = asking.invite(
                session, kind="after_service", about="ticket:7", occasion="served", channel="kiosk",
                person=session.get_one(Person, cast.nora.id), language=language,
                branch=session.get_one(Branch, cast.north.id), service=cast.renewal, ended_at=clock.now(),
            )  # fmt: skip
            assert one is not None
            return f"/q/{asking.show(session, invitation=one, mode='qr').token}"

    return made


def shown(desk: Desk, path: str, phone: str) -> Element:
    """The tree of a page as a telephone that speaks a language gets it, where nobody has chosen one."""
    answer = desk.fetch(path, headers={"Accept-Language": phone})
    root, problems = lint.parse(answer.get_data(as_text=True))
    assert problems == []
    return root


def heading(root: Element) -> str:
    return lint.text_of(next(root.iter("h1")))


@both
def test_the_form_speaks_as_the_message_did(desk: Desk, invite: Invite, language: str) -> None:
    link = invite(language)
    assert shown(desk, link, OTHER[language]).get("lang") == language


@both
def test_a_choice_on_the_page_wins_from_then_on(desk: Desk, invite: Invite, language: str) -> None:
    link = invite(language)
    (way,) = [one for one in shown(desk, link, language).iter("a") if one.get("class") == "tongue"]
    desk.fetch(way.attrib["href"])
    for phone in ("ar", "en"):
        assert shown(desk, link, phone).get("lang") == OTHER[language]
    with clock.at(MORNING + dt.timedelta(days=15)):
        assert heading(shown(desk, link, language)) == CLOSED[OTHER[language]]


@both
def test_a_link_that_is_over_or_used_speaks_so_too(app: Flask, invite: Invite, language: str) -> None:
    link, other = invite(language), OTHER[language]
    with clock.at(MORNING + dt.timedelta(days=15)):
        late = shown(Desk(app), link, other)
        assert (late.get("lang"), heading(late)) == (language, CLOSED[language])
        assert shown(Desk(app), f"{link}/stopped", other).get("lang") == language


@both
def test_a_link_that_never_was_is_told_of_in_both(desk: Desk, invite: Invite, language: str) -> None:
    invite(language)
    root = shown(desk, "/q/unknown", language)
    assert heading(root) == CLOSED[language]
    (there,) = [one for one in root.iter("section") if one.get("lang") == OTHER[language]]
    assert CLOSED[OTHER[language]] in lint.text_of(there)


def test_from_a_refused_form_the_language_leads_back_to_it(desk: Desk, invite: Invite) -> None:
    link = invite("ar")
    touched = desk.follow(desk.submit(desk.get(link, language="en"), {"overall": "2"}, action=link))
    refused = desk.submit(touched, {"comment": "x" * 4_001, "act": "send"}, action=link, status=422)
    (way,) = [one.attrib["href"] for one in refused.all("a", "tongue")]
    assert desk.fetch(way).headers["Location"].startswith(link)
