"""Staff find their questions under work; a mystery visitor answers by the link made for the visit."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import service, settling
from govdesk.feedback.answers.models import Response
from govdesk.feedback.asking import colleagues, mystery
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire
from tests.desk import Desk
from tests.flows.asked import ask_everybody, invitation, invitations
from tests.makers import MORNING, Cast, make_questionnaire, moment

SignIn = Callable[[str], Desk]
LATE = moment("09:00", dt.date(2026, 10, 25))
SEEN = {"found_way": 1, "told_wait": 0, "greeted": 1, "told_right": 0}


@pytest.fixture
def mystery_id(cast: Cast) -> int:
    """A published questionnaire for mystery visits of the whole agency."""
    with transaction() as session:
        return make_questionnaire(session, "mystery").id


def planned(cast: Cast, questionnaire_id: int, count: int = 1) -> list[int]:
    with transaction() as session:
        made = mystery.plan(
            session, actor=SYSTEM, questionnaire=session.get_one(Questionnaire, questionnaire_id),
            branch=session.get_one(Branch, cast.north.id), service_wanted=cast.renewal, language="en",
            last_on=clock.now().date() + dt.timedelta(days=7), count=count,
        )  # fmt: skip
        return [one.id for one in made]


def answered(ids: list[int]) -> None:
    with transaction() as session:
        for one in ids:
            service.give(session, invitation=session.get_one(Invitation, one), answers=SEEN)


def responses() -> list[Response]:
    reading().rollback()
    return list(reading().scalars(select(Response)))


def test_an_officer_answers_from_the_page_of_work(cast: Cast, sign_in: SignIn) -> None:
    ask_everybody("staff")
    with clock.at(LATE):
        colleagues.run_ask()
        omar = sign_in("omar")
        assert "/work/questions" in omar.get("/work", language="en").links()
        shown = omar.get("/work/questions", language="en", status=200)
        assert "What stands in our way" in shown.main
        (mine,) = colleagues.mine(reading(), cast.staff["omar"].actor)
        link = f"/q/{mine.invitation.token}"
        here = f"/work/questions/{mine.invitation.id}"
        opened = omar.follow(omar.submit(shown, action=here, status=302))
        assert "Your answer is tied to no name, also not for your superiors." in opened.main
        assert not [form for form in opened.forms() if (form.get("action") or "").endswith("/stop")]
        second = omar.submit(opened, {"in_the_way": ["papers"], "act": "send"}, action=link, status=302)
        thanked = omar.follow(omar.submit(omar.follow(second), {"act": "send"}, action=link, status=302))
        assert "/work" in thanked.links()
        assert "You have answered" in omar.get("/work/questions", language="en").main
    (given,) = responses()
    assert (given.occasion, given.mode, given.language) == ("staff", "page", "en")


def test_before_the_end_of_a_month_the_page_says_when(cast: Cast, sign_in: SignIn) -> None:
    ask_everybody("staff")
    assert "last ten days of a month" in sign_in("omar").get("/work/questions", language="en").main


def test_an_admin_plans_a_visit_and_its_visitor_answers_without_signing_in(
    cast: Cast, mystery_id: int, sign_in: SignIn, desk: Desk
) -> None:
    adam = sign_in("adam")
    base = f"/questionnaires/{mystery_id}/visits"
    assert base in adam.get(f"/questionnaires/{mystery_id}", language="en").links()
    assert "No visit has been planned" in adam.get(base, language="en").main
    adam.post(
        f"{base}/new",
        {"branch": "north", "service": cast.renewal.code, "language": "en", "count": "1"},
        language="en", status=302,
    )  # fmt: skip
    made = invitation()
    assert (made.branch_id, made.service_id, made.person_id) == (cast.north.id, cast.renewal.id, None)
    sheet = adam.get(f"{base}/{made.id}", language="en", status=200)
    assert f"/q/{made.token}" in sheet.main
    page = desk.get(f"/q/{made.token}", language="en", status=200)
    assert "The branch and the service that you visited stay with your answer" in page.main
    assert "Do not ask me again" not in page.main
    first = desk.submit(page, {"found_way": "1", "told_wait": "0", "act": "send"}, status=302)
    done = desk.submit(
        desk.follow(first), {"greeted": "1", "told_right": "0", "act": "send"}, status=302
    )  # fmt: skip
    assert urlsplit(done.location or "").path.endswith("/thanks")
    (given,) = responses()
    assert (given.occasion, given.branch_id, given.service_id) == ("mystery", cast.north.id, cast.renewal.id)
    assert "Answered" in adam.get(base, language="en").main
    assert f"{base}/{made.id}" not in adam.get(base, language="en").links()
    again = desk.get(f"/q/{made.token}", language="en")
    assert "You have answered" in again.main


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"last_on": "2026-10-04"}, "last_on", "from tomorrow to 90 days"),
        ({"last_on": "2027-01-03"}, "last_on", "from tomorrow to 90 days"),
        ({"last_on": ""}, "last_on", "Please"),
        ({"count": "21"}, "count", "outside what is allowed"),
        ({"branch": "nowhere"}, "branch", "list"),
    ],
)
def test_a_wrong_plan_is_told_beside_its_field(
    mystery_id: int, sign_in: SignIn, values: dict[str, str], field: str, sentence: str
) -> None:
    page = sign_in("adam").post(f"/questionnaires/{mystery_id}/visits/new", values, language="en")
    assert sentence in page.errors()[field]
    assert not invitations()


def test_a_withdrawn_visit_is_closed(cast: Cast, mystery_id: int, sign_in: SignIn, desk: Desk) -> None:
    (one,) = planned(cast, mystery_id)
    adam = sign_in("adam")
    base = f"/questionnaires/{mystery_id}/visits"
    adam.submit(adam.get(base, language="en"), action=f"{base}/{one}/withdraw", status=302)
    assert desk.get(f"/q/{invitation().token}", language="en").status == 410
    assert "Not made, or not answered" in adam.get(base, language="en").main
    assert adam.get(f"{base}/{one}", language="en").main.count("/q/") == 0


def test_those_who_are_visited_do_not_learn_of_it(cast: Cast, mystery_id: int, sign_in: SignIn) -> None:
    (one,) = planned(cast, mystery_id)
    for name in ("omar", "sara", "reem"):
        assert sign_in(name).get(f"/questionnaires/{mystery_id}/visits").status == 403
        assert sign_in(name).get(f"/questionnaires/{mystery_id}/visits/{one}").status == 403
    assert (
        sign_in("huda").get(f"/questionnaires/{mystery_id}/visits").status == 403
    )  # a head of one department


def test_only_a_questionnaire_for_it_has_visits(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        other = make_questionnaire(session).id
    assert sign_in("adam").get(f"/questionnaires/{other}/visits").status == 404


def test_where_the_visit_went_stays_with_the_answer_once_five_are_there(cast: Cast, mystery_id: int) -> None:
    answered(planned(cast, mystery_id, 4))
    with clock.at(MORNING + dt.timedelta(days=7)):
        settling.run_settle()
        assert {one.is_settled for one in responses()} == {False}  # of fewer than five nothing is read
        answered(planned(cast, mystery_id, 1))
    with clock.at(MORNING + dt.timedelta(days=14)):
        settling.run_settle()
    places = {(one.branch_id, one.service_id, one.occasion, one.is_settled) for one in responses()}
    assert places == {(cast.north.id, cast.renewal.id, "mystery", True)}


def test_what_was_seen_is_read_like_other_answers(cast: Cast, mystery_id: int, sign_in: SignIn) -> None:
    answered(planned(cast, mystery_id, 6))
    with clock.at(MORNING + dt.timedelta(days=9)):
        settling.run_settle()
        page = sign_in("adam").get(f"/voices/mystery-{mystery_id}", language="en", status=200)
    assert "6" in page.main
    assert "Were you greeted?" in page.main
    assert "No data" not in page.words("*", "strip")[0]
