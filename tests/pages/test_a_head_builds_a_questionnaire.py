"""From a preset or from nothing to a published version, with what changes for figures; without a script."""

from collections.abc import Callable

import pytest

from govdesk.db import reading, transaction
from govdesk.feedback.forms import service
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import Question, parse
from tests.desk import Desk, Page
from tests.makers import Cast, make_questionnaire

SignIn = Callable[[str], Desk]


@pytest.fixture
def huda(sign_in: SignIn) -> Desk:
    return sign_in("huda")


@pytest.fixture
def adam(sign_in: SignIn) -> Desk:
    return sign_in("adam")


def asked(one: int) -> dict[str, Question]:
    reading().rollback()
    row = reading().get_one(Questionnaire, one)
    version = service.draft_of(row) or service.published_of(row)
    assert version is not None
    return {question.key: question for question in parse(version.content).questions}


def begun(desk: Desk, preset: str, **values: str) -> int:
    answer = desk.post("/questionnaires/new", {"preset": preset, **values}, status=302, language="en")
    return int((answer.location or "").split("/")[2])


def published(cast: Cast) -> int:
    with transaction() as session:
        return make_questionnaire(session, department=cast.civil).id


def press(desk: Desk, page: str, action: str) -> Page:
    return desk.submit(desk.get(page), action=action, status=302)


def test_a_head_begins_with_a_preset_and_publishes_it(huda: Desk, cast: Cast) -> None:
    one = begun(huda, "after_service", department="civil")
    draft = huda.get(f"/questionnaires/{one}/draft", language="en", status=200)
    assert "How was our service?" in draft.main
    assert "كيف كانت خدمتنا لك؟" in draft.main
    page = huda.get(f"/questionnaires/{one}/publish", language="en")
    assert "This is the first version" in page.main
    huda.submit(page, action=f"/questionnaires/{one}/publish", status=302)
    now = service.published(reading(), "after_service", department_id=cast.civil.id)
    assert now is not None
    assert now.questionnaire_id == one
    assert "Asked now" in huda.get("/questionnaires", language="en").main
    again = huda.get(f"/questionnaires/{one}/publish", language="en")
    assert "no draft to publish" in again.main


def test_questions_are_written_from_nothing(adam: Desk) -> None:
    one = begun(adam, "empty", kind="staff", name_ar="سؤال الموظفين", name_en="Staff ask")
    new = f"/questionnaires/{one}/draft/questions/new"
    both = {"text_ar": "هل لديك ما يلزم؟", "text_en": "Have you what you need?"}
    adam.post(new, {**both, "kind": "yes_no", "is_required": "y"}, status=302)
    choices = {
        "choice_0_ar": "النظام",
        "choice_0_en": "The system",
        "choice_1_ar": "أخرى",
        "choice_1_en": "Other",
    }
    adam.post(
        new,
        {
            "text_ar": "ما الناقص؟",
            "text_en": "What is missing?",
            "kind": "many",
            **choices,
            "shown": ["q1:0"],
        },
        status=302,
    )
    found = asked(one)
    assert [(key, each.kind, each.is_required) for key, each in found.items()] == [
        ("q1", "yes_no", True),
        ("q2", "many", False),
    ]
    assert found["q2"].shown is not None
    assert (found["q2"].shown.question, found["q2"].shown.answers) == ("q1", (0,))
    assert [choice.key for choice in found["q2"].choices] == ["c1", "c2"]
    page = adam.get(f"/questionnaires/{one}/draft", language="en")
    assert "Only where “Have you what you need?” was answered: No" in page.main
    press(adam, f"/questionnaires/{one}/draft", f"/questionnaires/{one}/draft/questions/q2/up")
    page = adam.get(f"/questionnaires/{one}/draft", language="en")
    assert "It depends on a question that does not come before it." in page.main
    refused = adam.get(f"/questionnaires/{one}/publish", language="en")
    assert "1 thing must be mended" in refused.main
    press(adam, f"/questionnaires/{one}/draft", f"/questionnaires/{one}/draft/questions/q2/remove")
    assert list(asked(one)) == ["q1"]


def test_a_removed_questions_key_is_never_given_again(adam: Desk) -> None:
    one = begun(adam, "empty", kind="staff", name_ar="س", name_en="S")
    new = f"/questionnaires/{one}/draft/questions/new"
    for text in ("One", "Two"):
        adam.post(new, {"text_ar": "سؤال", "text_en": text, "kind": "yes_no"}, status=302)
    press(adam, f"/questionnaires/{one}/publish", f"/questionnaires/{one}/publish")
    press(adam, f"/questionnaires/{one}/draft", f"/questionnaires/{one}/draft/questions/q2/remove")
    adam.post(new, {"text_ar": "سؤال", "text_en": "Three", "kind": "yes_no"}, status=302)
    assert list(asked(one)) == ["q1", "q3"]


def test_changing_what_is_asked_begins_the_next_version_and_says_what_breaks(huda: Desk, cast: Cast) -> None:
    one = published(cast)
    draft = f"/questionnaires/{one}/draft"
    assert "Your first change begins the next version" in huda.get(draft, language="en").main
    huda.post(f"{draft}/questions/overall", {"text_en": "How did we do?"}, status=302)
    huda.post(f"{draft}/questions/comment", {"is_required": "y"}, status=302)
    page = huda.get(f"/questionnaires/{one}/publish", language="en")
    assert "1 trend line breaks" in page.main
    broken = page.words("li", "breaks")
    assert len(broken) == 1
    assert "How did we do?" in broken[0]
    assert "How was our service?" in broken[0]
    assert "Asked otherwise, in the same words" in page.words("li", "changed")[0]
    huda.submit(page, action=f"/questionnaires/{one}/publish", status=302)
    version = huda.get(f"/questionnaires/{one}/versions/2", language="en")
    assert "Series 2" in version.main
    first = huda.get(f"/questionnaires/{one}/versions/1", language="en")
    assert "How was our service?" in first.main
    assert "Series 2" not in first.main


def test_the_preview_speaks_both_languages_whatever_the_reader_speaks(huda: Desk, cast: Cast) -> None:
    one = published(cast)
    for language in ("ar", "en"):
        page = huda.get(f"/questionnaires/{one}/preview/1", language=language, status=200)
        screens = page.all("div", "screen")
        assert {(screen.get("lang"), screen.get("dir")) for screen in screens} == {
            ("ar", "rtl"),
            ("en", "ltr"),
        }
        for word in ("راضٍ", "It took too long", "طال الوقت"):
            assert word in page.main


def test_the_preview_says_what_is_not_written_yet(adam: Desk) -> None:
    one = begun(adam, "staff")
    adam.post(f"/questionnaires/{one}/draft/questions/tools", {"text_en": ""}, status=302)
    page = adam.get(f"/questionnaires/{one}/preview/1", language="ar")
    assert page.words("p", "missing") == ["Not written in English yet"]


def test_sections_and_the_words_around_are_written(huda: Desk) -> None:
    one = begun(huda, "complaint", department="civil")
    draft = f"/questionnaires/{one}/draft"
    huda.post(f"{draft}/sections/new", {"title_ar": "أخيرًا", "title_en": "At last"}, status=302)
    press(huda, draft, f"{draft}/sections/s1/up")
    huda.post(f"{draft}/words", {"thanks_ar": "شكرًا", "thanks_en": ""}, status=302)
    page = huda.get(draft, language="en")
    assert page.words("h2")[:3] == ["How far do you agree with the following?", "At last", "Section 3"]
    assert "This section has no question." in page.main
    assert "Write it in both languages." in page.main
    press(huda, draft, f"{draft}/sections/s1/remove")
    assert "At last" not in huda.get(draft, language="en").main


def test_what_was_typed_stays_when_it_is_refused(adam: Desk) -> None:
    one = begun(adam, "missed")
    page = f"/questionnaires/{one}/draft/questions/still_needed"
    answer = adam.post(
        page,
        {"text_en": "x" * 301, "shown": ["missed_why:other", "missed_why:forgot"]},
        status=422,
        language="en",
    )
    assert set(answer.errors()) == {"text_en"}
    assert "x" * 301 in answer.html
    asked_twice = begun(adam, "second_visit")
    page = f"/questionnaires/{asked_twice}/draft/questions/comment"
    answer = adam.post(page, {"shown": ["again_why:other", "again_done:0"]}, status=422, language="en")
    assert "Tick answers to one question only." in answer.errors()["shown"]


def test_a_form_that_is_used_no_more_is_set_apart(huda: Desk, cast: Cast) -> None:
    one = published(cast)
    press(huda, f"/questionnaires/{one}", f"/questionnaires/{one}/retire")
    assert "1 out of use" in huda.get("/questionnaires", language="en").main
    press(huda, f"/questionnaires/{one}", f"/questionnaires/{one}/resume")
    huda.post(f"/questionnaires/{one}/name", {"name_en": "Ours"}, status=302)
    assert huda.get(f"/questionnaires/{one}", language="en").heading == "Ours"


def test_nobody_builds_what_is_not_theirs(huda: Desk, sign_in: SignIn, cast: Cast) -> None:
    with transaction() as session:
        agency = make_questionnaire(session).id
        lands = make_questionnaire(session, "complaint", department=session.merge(cast.lands)).id
    assert huda.get(f"/questionnaires/{agency}").status == 200
    assert huda.get(f"/questionnaires/{agency}/preview/1").status == 200
    hidden = {agency: ("/draft", "/publish", "/name"), lands: ("", "/versions/1", "/preview/1")}
    for one, path in ((one, path) for one, paths in hidden.items() for path in paths):
        assert huda.get(f"/questionnaires/{one}{path}").status == 403, path
    listed = huda.get("/questionnaires")
    assert f"/questionnaires/{agency}" in listed.links()
    assert f"/questionnaires/{lands}" not in listed.links()
    assert huda.get("/questionnaires/99").status == 404
    assert huda.get(f"/questionnaires/{agency}/versions/9").status == 404
    assert sign_in("omar").get("/questionnaires").status == 403


def test_every_preset_is_seen_whole(adam: Desk) -> None:
    for key in presets():
        one = begun(adam, key)
        for path in ("", "/draft", "/preview/1", "/publish", "/versions/1"):
            adam.get(f"/questionnaires/{one}{path}", status=200)


def test_choices_change_places_before_they_are_saved(adam: Desk) -> None:
    one = begun(adam, "second_visit")
    path = f"/questionnaires/{one}/draft/questions/again_why"
    page = adam.post(path, {"move": "down-0", "choice_1_en": "I was told wrong"}, status=200, language="en")
    assert "Moved. Save to keep it so." in page.main
    assert [choice.key for choice in asked(one)["again_why"].choices][:2] == ["papers", "told_wrong"]
    adam.submit(page, action=path, status=302)
    now = asked(one)["again_why"].choices
    assert [choice.key for choice in now][:2] == ["told_wrong", "papers"]
    assert now[0].text["en"] == "I was told wrong"


def test_a_copy_begins_its_own_series(huda: Desk, cast: Cast) -> None:
    one = published(cast)
    huda.post(f"/questionnaires/{one}/draft/questions/overall", {"text_en": "How did we do?"}, status=302)
    press(huda, f"/questionnaires/{one}/publish", f"/questionnaires/{one}/publish")
    assert asked(one)["overall"].series == 2
    copied = begun(huda, f"copy-{one}", department="civil", name_ar="نسخة", name_en="Copy")
    assert (asked(copied)["overall"].series, asked(copied)["overall"].text["en"]) == (1, "How did we do?")
    lands = huda.post("/questionnaires/new", {"preset": "copy-99", "department": "civil"}, language="en")
    assert lands.status == 422
