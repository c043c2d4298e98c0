"""Of two who change the same place of a draft the second sees what the first wrote; nothing typed is lost."""

from collections.abc import Callable

import pytest

from govdesk.catalog.models import Department
from govdesk.db import reading, transaction
from govdesk.feedback.forms import editing, service
from govdesk.feedback.forms.models import Questionnaire
from govdesk.feedback.forms.rules import Form, parse
from tests.desk import Desk
from tests.makers import Cast, make_questionnaire

SignIn = Callable[[str], Desk]
OVERTAKEN = {"en": "Somebody else changed this", "ar": "غيّر شخص آخر هذا"}


@pytest.fixture
def one(cast: Cast) -> str:
    """The address of the draft of Civil Affairs' form after a service; huda and adam build it."""
    with transaction() as session:
        made = make_questionnaire(session, department=session.get_one(Department, cast.civil.id)).id
    return f"/questionnaires/{made}/draft"


def drafted(address: str) -> Form:
    reading().rollback()
    row = reading().get_one(Questionnaire, int(address.split("/")[2]))
    version = service.draft_of(row) or service.published_of(row)
    assert version is not None
    return parse(version.content)


def text(address: str, key: str = "overall") -> str:
    question = editing.question_of(drafted(address), key)
    assert question is not None
    return question.text["en"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_second_sees_what_the_first_wrote_and_then_decides(
    sign_in: SignIn, one: str, language: str
) -> None:
    huda, adam = sign_in("huda"), sign_in("adam")
    path = f"{one}/questions/overall"
    theirs, mine = huda.get(path), adam.get(path, language=language)
    huda.submit(theirs, {"text_en": "How was it?"}, action=path, status=302)
    refused = adam.submit(mine, {"text_en": "Were you served well?"}, action=path, status=409)
    assert OVERTAKEN[language] in refused.main
    assert "How was it?" in refused.main
    assert "Were you served well?" in refused.html
    assert text(one) == "How was it?"
    adam.submit(refused, action=path, status=302)
    assert text(one) == "Were you served well?"


def test_who_writes_another_question_is_not_disturbed(sign_in: SignIn, one: str) -> None:
    huda, adam = sign_in("huda"), sign_in("adam")
    theirs, mine = huda.get(f"{one}/questions/overall"), adam.get(f"{one}/questions/comment")
    huda.submit(theirs, {"text_en": "How was it?"}, action=f"{one}/questions/overall", status=302)
    adam.submit(mine, {"text_en": "Anything more?"}, action=f"{one}/questions/comment", status=302)
    assert (text(one), text(one, "comment")) == ("How was it?", "Anything more?")


def test_a_press_repeated_is_not_taken_for_somebody_else(sign_in: SignIn, one: str) -> None:
    huda = sign_in("huda")
    page = huda.get(f"{one}/questions/overall")
    for _ in range(2):
        huda.submit(page, {"text_en": "How was it?"}, action=f"{one}/questions/overall", status=302)


def test_a_question_that_was_taken_out_comes_back_only_knowingly(sign_in: SignIn, one: str) -> None:
    huda, adam = sign_in("huda"), sign_in("adam")
    path = f"{one}/questions/comment"
    mine = adam.get(path, language="en")
    huda.submit(huda.get(one), action=f"{path}/remove", status=302)
    refused = adam.submit(mine, {"text_en": "Anything more?"}, action=path, status=409)
    assert "It was taken out" in refused.main
    adam.submit(refused, action=path, status=302)
    assert text(one, "comment") == "Anything more?"


def test_headings_and_the_words_around_are_guarded_too(sign_in: SignIn, one: str) -> None:
    huda, adam = sign_in("huda"), sign_in("adam")
    section = drafted(one).sections[0].key
    for path, name in ((f"{one}/sections/{section}", "title_en"), (f"{one}/words", "intro_en")):
        theirs, mine = huda.get(path), adam.get(path, language="en")
        huda.submit(theirs, {name: "First"}, action=path, status=302)
        refused = adam.submit(mine, {name: "Second"}, action=path, status=409)
        assert "First" in refused.main
        adam.submit(refused, action=path, status=302)
    now = drafted(one)
    assert ((now.sections[0].title or {})["en"], (now.intro or {})["en"]) == ("Second", "Second")


def test_only_what_was_looked_at_is_published(sign_in: SignIn, one: str) -> None:
    huda, adam = sign_in("huda"), sign_in("adam")
    path, publish = f"{one}/questions/overall", one.replace("draft", "publish")
    huda.post(path, {"text_en": "How was it?"}, status=302)
    looked = adam.get(publish, language="en")
    huda.post(path, {"text_en": "How was it today?"}, status=302)
    refused = adam.submit(looked, action=publish, status=409)
    assert "changed since you looked" in refused.main
    assert "How was it today?" in refused.main
    adam.submit(refused, action=publish, status=302)
    row = reading().get_one(Questionnaire, int(one.split("/")[2]))
    assert service.draft_of(row) is None
