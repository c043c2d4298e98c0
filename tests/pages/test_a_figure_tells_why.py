"""What is recorded as the reason stands on the page of the figure that it made, the most frequent first."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.cases import service as visits
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.facts import service as facts
from govdesk.kpi.question import Scope
from govdesk.queue import reasons
from govdesk.queue.unserved_models import UnservedAnswer
from tests.desk import Desk, Page
from tests.kpi_makers import make_visit
from tests.makers import MORNING, SUNDAY, Cast, make_ticket

SignIn = Callable[[str], Desk]
CAUSES: tuple[tuple[str | None, int], ...] = (("papers", 6), ("system", 3), (None, 2))


@pytest.fixture
def sent_away(cast: Cast) -> Cast:
    """Eleven sent away at the north branch, by cause; nine served; four who do not count."""
    with transaction() as session:
        for cause, count in CAUSES:
            for _ in range(count):
                away(session, cast, cause=cause)
        for _ in range(9):
            make_visit(session, "09-02", branch=cast.north, service=cast.renewal, person=None)
        away(session, cast, cause="other", direction="outbound")
        away(session, cast, cause="other", transfer_of="1")
        away(session, cast, day="01-05", cause="other")  # before the period of the page
        away(session, cast, day="12-05", cause="other")  # not known yet
    return cast


def away(session: Session, cast: Cast, day: str = "09-02", **columns: Any) -> None:
    make_visit(
        session, day, branch=cast.north, service=cast.renewal, person=None, status="turned_away",
        outcome="turned_away", **columns,
    )  # fmt: skip


def pareto(page: Page) -> list[tuple[str, str]]:
    """The reasons of the table of reasons with their numbers, as a reader sees them."""
    if not page.all("table", "pareto"):
        return []
    (table,) = page.all("table", "pareto")
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in table.iter("tr")][1:]
    return [(row[0], row[2]) for row in rows]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_why_people_were_sent_away(sent_away: Cast, sign_in: SignIn, morning: object, language: str) -> None:
    page = sign_in("huda").get("/figures/turned_away_rate", language=language)
    names = {
        "en": ["Papers missing", "System down", "No cause recorded"],
        "ar": ["أوراق ناقصة", "عطل في النظام", "دون سبب مسجل"],
    }[language]
    numbers = {"en": "632", "ar": "٦٣٢"}[language]
    assert pareto(page) == list(zip(names, numbers, strict=True))
    title = {"en": "Why were they sent away?", "ar": "لماذا صُرفوا دون قضاء حاجتهم؟"}[language]
    assert title in page.words("h2")


def test_a_line_of_the_list_tells_the_cause(sent_away: Cast, sign_in: SignIn, morning: object) -> None:
    page = sign_in("huda").get("/figures/turned_away_rate/cases", language="en")
    assert page.main.count("Sent away unserved: Papers missing") == 6
    assert page.main.count("Sent away unserved") == 11


def test_the_causes_are_those_of_what_is_looked_at(sent_away: Cast, morning: object) -> None:
    def causes(scope: Scope | None = None) -> dict[str, int]:
        row = service.figure(reading(), "turned_away_rate", scope=scope or Scope()).total
        found: dict[str, int] = row.detail["causes"]
        assert sum(found.values()) == row.numerator
        return found

    assert list(causes().items()) == [("papers", 6), ("system", 3), ("", 2), ("other", 1)]
    assert causes(Scope(branch_id=sent_away.harbour.id)) == {}
    assert causes(Scope(service_id=sent_away.deed.id)) == {}
    assert sum(causes(Scope(places=frozenset({(None, sent_away.civil.id)}))).values()) == 12


@pytest.fixture
def unready(app: Flask, cast: Cast) -> Cast:
    """Eight came for a lost card: six without the report, two of these without the photo too; one came to
    correct a name without its own report; one online lacked nothing that is asked for.
    """
    with clock.at(MORNING - dt.timedelta(days=3)):
        with transaction() as session:
            renewal = session.get_one(PublicService, cast.renewal.id)
            lost, name = (describe(session, renewal, code) for code in ("lost", "name"))
            report, photo = (paper.id for paper in lost.papers)
            own_report = name.papers[0].id
            wanted = [(lost, [report])] * 4 + [(lost, [report, photo])] * 2
            wanted += [(lost, []), (lost, []), (name, [own_report])]
            made = [come(session, cast, renewal, scenario, lacking) for scenario, lacking in wanted]
        with transaction() as session:
            for ticket_id in made:
                visits.record_ticket(session, {"ticket_id": ticket_id})
    return cast


def describe(session: Session, renewal: PublicService, code: str) -> Scenario:
    scenario = scenarios.describe_scenario(
        session, actor=SYSTEM, service=renewal, code=code, name_ar=code, name_en=code, action="bring"
    )
    for paper, ar, en in (("report", "بلاغ", "Report"), ("photo", "صورة", "Photo")):
        scenarios.describe_paper(session, actor=SYSTEM, scenario=scenario, code=paper, name_ar=ar, name_en=en)
    return scenario


def come(session: Session, cast: Cast, renewal: PublicService, scenario: Scenario, lacking: list[int]) -> int:
    ticket = make_ticket(
        session, branch=cast.north, service=renewal, state="serving", scenario_id=scenario.id
    )
    reasons.note_missing(session, actor=SYSTEM, ticket_id=ticket.id, paper_ids=lacking)
    ticket.state, ticket.outcome, ticket.ended_at = "served", "resolved", clock.now()
    return ticket.id


@pytest.mark.parametrize("language", ["en", "ar"])
def test_which_papers_were_missing(unready: Cast, sign_in: SignIn, morning: object, language: str) -> None:
    page = sign_in("huda").get("/figures/papers_missing", language=language)
    names = {"en": ["Report", "Photo"], "ar": ["بلاغ", "صورة"]}[language]
    numbers = {"en": "72", "ar": "٧٢"}[language]
    (table,) = page.all("table", "pareto")
    assert {"en": "Paper", "ar": "الورقة"}[language] in "".join(next(table.iter("thead")).itertext())
    assert pareto(page) == list(zip(names, numbers, strict=True))


def test_papers_are_those_of_what_is_looked_at(unready: Cast, morning: object) -> None:
    def papers(**asked: Any) -> dict[str, int]:
        found: dict[str, int] = service.figure(reading(), "papers_missing", **asked).total.detail["papers"]
        return found

    lost, name = "renewal/lost/report", "renewal/name/report"
    assert list(papers().items()) == [(lost, 6), ("renewal/lost/photo", 2), (name, 1)]
    assert papers(scope=Scope(branch_id=unready.harbour.id)) == {}
    assert papers(from_day=SUNDAY) == {}
    assert papers(as_of=MORNING - dt.timedelta(days=4)) == {}
    for row in service.figure(reading(), "papers_missing", by=["scenario"]).rows:
        expected = {"renewal/lost": {lost: 6, "renewal/lost/photo": 2}, "renewal/name": {name: 1}}
        assert row.detail["papers"] == expected[str(row.group["scenario"])]


def test_reasons_are_the_same_from_what_is_kept(unready: Cast, sent_away: Cast, morning: object) -> None:
    wanted: list[tuple[str, tuple[str, ...]]] = [
        (key, by) for key in ("papers_missing", "turned_away_rate") for by in ((), ("branch",), ("week",))
    ]
    question = service.ask(reading())
    from_rows = service.figures(reading(), question, wanted, is_from_rows=True)
    reading().rollback()
    facts.rebuild()
    kept = service.ask_lately(reading())
    assert kept.as_of >= question.as_of
    found = service.figures(reading(), kept, wanted)
    assert [one.rows for one in found] == [one.rows for one in from_rows]
    assert found[0].total.detail["papers"]


def test_why_people_left_is_told_where_enough_said_the_same(
    cast: Cast, sign_in: SignIn, morning: object
) -> None:
    day = SUNDAY - dt.timedelta(days=3)
    with transaction() as session:
        said = ["too_long"] * 7 + ["had_to_go"] * 5
        for reason in said:
            ticket = make_ticket(
                session, branch=cast.north, service=cast.renewal, state="abandoned", day=day,
                ended_at=clock.now() - dt.timedelta(days=3),
            )  # fmt: skip
            session.add(
                UnservedAnswer(ticket_id=ticket.id, is_needed=True, reason=reason, told_at=clock.now())
            )
            make_visit(
                session, "10-01", branch=cast.north, service=cast.renewal, person=None, status="abandoned"
            )
    page = sign_in("huda").get("/figures/abandonment_rate?period=all", language="en")
    assert [number for _, number in pareto(page)] == ["7", "5"]
