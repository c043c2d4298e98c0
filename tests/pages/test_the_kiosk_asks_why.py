"""The kiosk asks why one comes, question by question; a ticket is always one press away."""

import pytest
from sqlalchemy import select

from govdesk.actor import SYSTEM
from govdesk.catalog import guides
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import AnswerEntry, GuideEntry, PaperEntry, QuestionEntry, ScenarioEntry
from govdesk.catalog.scenario_models import AvoidedVisit, Scenario
from govdesk.db import reading, transaction
from govdesk.queue.models import Ticket
from tests.desk import Desk, Page
from tests.makers import Cast

WHY, TAKE = "/kiosk/north/why/renewal", "/kiosk/north/services/renewal"
INSIDE = ("/kiosk/north", "/language/", "#main")
GUIDE = GuideEntry(
    service="renewal",
    scenarios=(
        ScenarioEntry(
            "lost", Name("بدل فاقد", "Replace a lost card"), "bring",
            papers=(PaperEntry("report", Name("بلاغ الفقدان", "Report of the loss")),),
        ),
        ScenarioEntry("online", Name("تجديد عن بُعد", "Renew online"), "online", link="https://example.org/r"),
        ScenarioEntry("early", Name("لم يحن", "Too early"), "not_eligible", Name("انتظر", "Wait a year")),
    ),
    questions=(
        QuestionEntry(
            "priority", Name("أين بطاقتك؟", "Where is your card?"), Name("بطاقة الهوية", "The identity card"),
            answers=(
                AnswerEntry("lost", Name("ضاعت", "It is lost"), scenario="lost"),
                AnswerEntry("mine", Name("معي", "I have it"), question="expiry"),
            ),
        ),
        QuestionEntry(
            "expiry", Name("متى تنتهي؟", "When does it expire?"),
            answers=(
                AnswerEntry("soon", Name("قريبًا", "Soon"), scenario="online"),
                AnswerEntry("later", Name("بعد سنوات", "In years"), scenario="early"),
            ),
        ),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _guide(cast: Cast) -> None:
    with transaction() as session:
        guides.set_guide(session, actor=SYSTEM, service=session.merge(cast.renewal), entry=GUIDE)


def link(page: Page, words: str) -> str:
    found = next(one for one in page.root.iter("a") if words in "".join(one.itertext()))
    assert found.attrib["href"].startswith("/kiosk/north"), found.attrib["href"]
    return found.attrib["href"]


def go(desk: Desk, page: Page, words: str) -> Page:
    """Press a link of a page, and go on where that leads elsewhere."""
    reached = desk.get(link(page, words), language=page.language)
    return desk.follow(reached) if reached.location else reached


def last_reason() -> str | None:
    reading().rollback()
    query = select(Scenario.code).select_from(Ticket).join(Scenario, isouter=True)
    return reading().scalars(query.order_by(Ticket.id.desc())).first()


@pytest.mark.parametrize(
    ("language", "first", "answer", "second", "end"),
    [
        ("en", "Where is your card?", "I have it", "When does it expire?", "Renew online"),
        ("ar", "أين بطاقتك؟", "معي", "متى تنتهي؟", "تجديد عن بُعد"),
    ],
)
def test_one_question_at_a_time_leads_to_what_is_done(
    desk: Desk, language: str, first: str, answer: str, second: str, end: str
) -> None:
    page = desk.get(WHY, language=language, status=200)
    assert (page.heading, len(page.words("li", "choice"))) == (first, 3)
    assert second not in page.main
    page = go(desk, page, answer)
    assert page.heading == second
    assert first in page.main  # with the way to answer it anew
    page = desk.follow(desk.get(link(page, page.words("li", "choice")[0]), language=language, status=302))
    assert page.heading == end
    for shown in (page, desk.get(WHY)):
        assert [one for one in shown.links() if not one.startswith(INSIDE)] == []
        assert shown.all("div", "idle")  # it goes back to the start by itself


def test_a_reason_with_papers_ends_in_a_ticket_for_it(desk: Desk) -> None:
    page = go(desk, desk.get(WHY, language="en"), "It is lost")
    assert "Bring these papers and come" in page.main
    assert "Report of the loss" in page.main
    taking = go(desk, page, "Take a ticket")
    assert "Replace a lost card" in taking.main
    assert [one.get("type") for one in taking.all("input") if one.get("name") == "scenario"] == ["hidden"]
    desk.submit(taking, action=TAKE, status=302)
    assert last_reason() == "lost"


def test_what_is_done_at_home_says_so_and_gives_a_ticket_all_the_same(desk: Desk) -> None:
    page = go(desk, go(desk, desk.get(WHY, language="en"), "I have it"), "In years")
    assert "This cannot be done at the counter now" in page.main
    assert "Wait a year" in page.main
    desk.submit(go(desk, page, "Take a ticket all the same"), action=TAKE, status=302)
    assert last_reason() == "early"


def test_who_goes_home_after_the_advice_is_counted_once_and_takes_no_ticket(desk: Desk) -> None:
    for answer, kind in (("Soon", "online"), ("In years", "need_not_come")):
        page = go(desk, go(desk, desk.get(WHY, language="en"), "I have it"), answer)
        home = next(page.action(form) for form in page.forms() if page.action(form).endswith("/home"))
        left = [desk.submit(page, action=home, status=302) for _ in range(2)]
        assert desk.follow(left[0]).heading == "Thank you"
        reading().rollback()
        assert reading().scalars(select(AvoidedVisit.kind).order_by(AvoidedVisit.id.desc())).first() == kind
    assert len(reading().scalars(select(AvoidedVisit)).all()) == 2
    assert reading().scalars(select(Ticket)).all() == []
    bring = go(desk, desk.get(WHY, language="en"), "It is lost")
    assert [bring.action(form) for form in bring.forms() if bring.action(form).endswith("/home")] == []


def test_one_goes_back_step_by_step_and_starts_over(desk: Desk) -> None:
    end = go(desk, go(desk, desk.get(WHY, language="en"), "I have it"), "Soon")
    second = go(desk, end, "One step back")
    assert second.heading == "When does it expire?"
    first = go(desk, second, "One step back")
    assert first.heading == "Where is your card?"
    assert go(desk, first, "Services").path == "/kiosk/north/unsure"
    for page in (first, second, end):
        assert go(desk, page, "Start over").path == "/kiosk/north"


def test_larger_text_and_priority_stay_and_so_do_the_answers(desk: Desk) -> None:
    first = desk.get(f"{WHY}?priority=elderly", language="en")  # the first question has that code too
    second = go(desk, go(desk, first, "I have it"), "Larger text")
    assert second.heading == "When does it expire?"
    assert second.all("div", "larger")
    taking = go(desk, go(desk, second, "Soon"), "Take a ticket all the same")
    assert taking.all("div", "larger")
    priorities = [one for one in taking.all("input") if one.get("name") == "priority"]
    assert [one.get("value") for one in priorities if "checked" in one.attrib] == ["elderly"]


def test_who_will_not_answer_takes_a_ticket_from_any_question(desk: Desk) -> None:
    page = go(desk, desk.get(WHY, language="en"), "I have it")
    taking = go(desk, page, "I am not sure")
    assert go(desk, taking, "Answer a few questions").heading == "Where is your card?"
    desk.submit(taking, action=TAKE, status=302)
    assert last_reason() is None


@pytest.mark.parametrize("path", [f"{WHY}?q.priority=nonsense", f"{WHY}?q.expiry=soon", f"{WHY}?q.=x&q.q.=y"])
def test_an_answer_that_nobody_can_give_counts_for_nothing(desk: Desk, path: str) -> None:
    assert desk.get(path, language="en", status=200).heading == "Where is your card?"
