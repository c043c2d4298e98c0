"""An administrator keeps the guide: questions, scenarios, papers, and what officers wrote down."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog import guides, scenarios
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading, transaction
from govdesk.queue import reasons
from govdesk.queue.models import UnforeseenReason
from tests.desk import Desk
from tests.makers import MORNING, Cast, make_ticket

SignIn = Callable[[str], Desk]
GUIDE = "/admin/services/renewal/guide"
NAMES = {"name_ar": "هوية مفقودة", "name_en": "Lost identity"}
ASKED = {"name_ar": "ماذا حدث؟", "name_en": "What happened?"}


@pytest.fixture
def adam(cast: Cast, sign_in: SignIn, morning: None) -> Desk:
    return sign_in("adam")


@pytest.fixture
def lost(adam: Desk) -> Desk:
    adam.post(f"{GUIDE}/scenarios/new", {"code": "lost", "action": "bring", **NAMES}, status=302)
    return adam


def answer(number: int, leads: str, name: str = "Lost") -> dict[str, str]:
    return {f"answer_{number}_ar": "جواب", f"answer_{number}_en": name, f"answer_{number}_to": leads}


def scenario(cast: Cast, code: str = "lost") -> Scenario:
    return scenarios.scenario_of(reading(), cast.renewal.id, code)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_of_the_editor_can_be_read(lost: Desk, language: str) -> None:
    lost.post(f"{GUIDE}/scenarios/lost/papers/new", {"code": "report", **NAMES}, status=302)
    lost.post(f"{GUIDE}/questions/new", {**ASKED, **answer(0, "s:lost")}, status=302)
    for address in ("", "/questions/new", "/questions/q1", "/scenarios/new", "/scenarios/lost",
                    "/scenarios/lost/papers/new", "/scenarios/lost/papers/report"):  # fmt: skip
        assert lost.get(GUIDE + address, language=language).status == 200


def test_a_scenario_is_written_and_changed_and_seen_as_people_see_it(lost: Desk, cast: Cast) -> None:
    lost.post(f"{GUIDE}/scenarios/lost", {"extra_minutes": "٧", "is_active": "y"}, status=302)
    assert (scenario(cast).extra_minutes, scenario(cast).version) == (7, 2)
    preview = lost.get(f"{GUIDE}/scenarios/lost", language="en")
    assert "/guide/renewal/lost" in preview.links()
    assert lost.get("/guide/renewal/lost", language="en").heading == "Bring these papers and come"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"action": "online"}, "link"),
        ({"action": "online", "link": "example.org"}, "link"),
        ({"action": "not_eligible"}, "advice_ar"),
        ({"code": "lost"}, "code"),
        ({"code": "Lost it"}, "code"),
        ({"extra_minutes": "999"}, "extra_minutes"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(lost: Desk, typed: dict[str, str], field: str) -> None:
    page = lost.post(f"{GUIDE}/scenarios/new", {"code": "other", "action": "book", **NAMES, **typed})
    assert page.status == 422
    assert list(page.errors()) == [field]
    assert "Lost identity" in page.html


def test_papers_are_added_moved_and_given_up(lost: Desk, cast: Cast) -> None:
    where = f"{GUIDE}/scenarios/lost"
    for code in ("report", "photo"):
        lost.post(f"{where}/papers/new", {"code": code, "form": "copy", **NAMES}, status=302)
    lost.post(f"{where}/papers/photo/up", page=where, status=302)
    assert [paper.code for paper in scenario(cast).papers] == ["photo", "report"]
    lost.post(f"{where}/papers/photo/remove", page=where, status=302)
    assert [(paper.code, paper.form) for paper in scenario(cast).papers] == [("report", "copy")]


def test_a_question_is_asked_when_each_answer_leads_somewhere(lost: Desk, cast: Cast) -> None:
    new = f"{GUIDE}/questions/new"
    empty = lost.post(new, ASKED, language="en", status=422)
    assert "has no answer" in empty.main
    nowhere = lost.post(new, {**ASKED, **answer(0, "")}, language="en", status=422)
    assert list(nowhere.errors()) == ["answer_0_to"]
    lost.post(new, {**ASKED, **answer(0, "s:lost"), **answer(1, "s:lost", "Stolen")}, status=302)
    entry = guides.guide_of(reading(), cast.renewal).questions[0]
    assert [(one.code, one.name.en, one.scenario) for one in entry.answers] == [
        ("a1", "Lost", "lost"), ("a2", "Stolen", "lost"),
    ]  # fmt: skip
    lost.post(f"{GUIDE}/questions/q1", {"answer_0_ar": "", "answer_0_en": ""}, status=302)
    entry = guides.guide_of(reading(), cast.renewal).questions[0]
    assert [(one.code, one.name.en) for one in entry.answers] == [("a2", "Stolen")]


def test_a_loop_is_refused_with_a_sentence(lost: Desk, cast: Cast) -> None:
    lost.post(f"{GUIDE}/questions/new", {**ASKED, **answer(0, "s:lost")}, status=302)
    lost.post(f"{GUIDE}/questions/new", {**ASKED, **answer(0, "q:q1")}, status=302)
    page = lost.post(f"{GUIDE}/questions/q1", answer(0, "q:q2"), language="en", status=422)
    assert "people would go round in circles" in page.main
    assert "Nobody" not in page.main
    assert "nobody will see it" in lost.get(GUIDE, language="en").main  # q2, to which no answer leads
    lost.post(f"{GUIDE}/questions/q2/up", page=GUIDE, status=302)
    assert "nobody will see it" not in lost.get(GUIDE, language="en").main
    refused = lost.follow(lost.post(f"{GUIDE}/questions/q1/remove", page=GUIDE, language="en", status=302))
    assert "An answer leads to this question" in refused.main
    lost.post(f"{GUIDE}/questions/q2/remove", page=GUIDE, status=302)
    assert [one.code for one in guides.questions_of(reading(), cast.renewal.id)] == ["q1"]


def test_an_unforeseen_reason_becomes_a_scenario_or_is_set_aside(adam: Desk, cast: Cast) -> None:
    with clock.at(MORNING), transaction() as session:
        for words in ("A ship's crew", "Hello"):
            ticket = make_ticket(session, branch=cast.north, service=cast.renewal)
            reasons.note_unforeseen(session, actor=SYSTEM, ticket_id=ticket.id, words=words)
    page = adam.get(GUIDE, language="en")
    assert "A ship's crew" in page.main
    crew, hello = reasons.unsettled(reading(), cast.renewal.id)
    form = f"{GUIDE}/scenarios/new?reason={crew.id}"
    assert "A ship's crew" in adam.get(form).main
    adam.post(form, {"code": "crew", "action": "book", **NAMES}, status=302)
    adam.post(f"{GUIDE}/unforeseen/{hello.id}/set-aside", page=GUIDE, status=302)
    settled = reading().scalars(select(UnforeseenReason).order_by(UnforeseenReason.id)).all()
    assert [(one.state, one.words) for one in settled] == [("adopted", ""), ("set_aside", "")]
    assert settled[0].scenario_id == scenario(cast, "crew").id


@pytest.mark.parametrize("username", ["omar", "sara", "huda", "aziz"])
def test_only_an_administrator_edits_the_guide(cast: Cast, sign_in: SignIn, username: str) -> None:
    assert sign_in(username).get(GUIDE).status == 403


def test_an_imported_service_has_no_guide(adam: Desk, cast: Cast) -> None:
    with transaction() as session:
        session.get_one(PublicService, cast.renewal.id).is_imported = True
    assert adam.get(GUIDE).status == 404


def test_answers_change_places_and_stay_who_they_are(lost: Desk, cast: Cast) -> None:
    new = f"{GUIDE}/questions/new"
    lost.post(new, {**ASKED, **answer(0, "s:lost"), **answer(1, "s:lost", "Stolen")}, status=302)
    shown = lost.get(f"{GUIDE}/questions/q1", language="en")
    moved = lost.submit(shown, {"move": "up-1", "answer_1_en": "Stolen from me"}, status=200)
    assert "The order has changed here. Save to keep it." in moved.main
    first, second = guides.guide_of(reading(), cast.renewal).questions[0].answers
    assert (first.code, second.name.en) == ("a1", "Stolen")  # nothing is saved yet
    nowhere = lost.submit(moved, {"move": "up-0"}, status=200)
    lost.submit(nowhere, action=f"{GUIDE}/questions/q1", status=302)
    reading().rollback()
    answers = guides.guide_of(reading(), cast.renewal).questions[0].answers
    assert [(one.code, one.name.en) for one in answers] == [("a2", "Stolen from me"), ("a1", "Lost")]
