"""The list for staff shows whom to reach; the person answers with one touch, and looking answers nothing."""

from collections.abc import Callable

import pytest

from govdesk.cases.classifying import reclassify
from govdesk.cases.silent import looking
from govdesk.cases.silent.models import SilentOne
from govdesk.db import reading, transaction
from govdesk.people.models import PersonContact
from tests.desk import Desk
from tests.kpi_makers import make_visit
from tests.makers import Cast

SignIn = Callable[[str], Desk]


@pytest.fixture
def token(cast: Cast) -> str:
    """Nora left a month ago without her need met, and said nothing."""
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
        make_visit(
            session, "09-02", branch=cast.north, service=cast.renewal, person=cast.nora, outcome="unresolved"
        )
        reclassify(session, [cast.nora.id])
        assert looking.look(session) == 1
        one = session.query(SilentOne).one()
        return one.token


def known() -> tuple[str | None, str | None]:
    reading().rollback()
    one = reading().query(SilentOne).one()
    return one.answer, one.words


@pytest.mark.parametrize("language", ["ar", "en"])
def test_one_touch_answers_and_looking_answers_nothing(desk: Desk, token: str, language: str) -> None:
    path = f"/still-needed/{token}"
    page = desk.get(path, language=language, status=200)
    assert known() == (None, None)
    done = desk.follow(desk.submit(page, {"answer": "yes", "words": "My card"}, action=path, status=302))
    assert known() == ("yes", "My card")
    assert "/book/renewal" in done.links()
    assert desk.submit(done, {"answer": "nonsense"}, action=path).status == 422
    desk.get("/still-needed/unknown", status=404)


def test_no_more_questions_with_one_press(desk: Desk, token: str) -> None:
    page = desk.get(f"/still-needed/{token}", language="en", status=200)
    after = desk.follow(desk.submit(page, {}, action=f"/still-needed/{token}/stop", status=302))
    assert "You are asked no questions any more" in after.main


def test_staff_of_the_branch_see_whom_to_call_and_note_it(cast: Cast, sign_in: SignIn, token: str) -> None:
    assert token
    omar = sign_in("omar")
    assert "/work/silent" in omar.get("/work", status=200).links()
    listed = omar.get("/work/silent", language="en", status=200)
    assert "Need not met, not back" in listed.main
    path = next(link for link in listed.links() if link.startswith("/work/silent/"))
    page = omar.get(path, status=200)
    assert "+966501234567" in page.main
    assert "answer" in omar.submit(page, {"words": "x"}, status=422).errors()
    omar.submit(page, {"answer": "elsewhere", "words": "In another office."}, status=302)
    assert known() == ("elsewhere", "In another office.")
    assert "In another office." in omar.get("/work/silent", status=200).main
    hamad = sign_in("hamad")
    assert "Need not met" not in hamad.get("/work/silent", language="en", status=200).main
    hamad.get(path, status=404)
    sign_in("aziz").get("/work/silent", status=403)
