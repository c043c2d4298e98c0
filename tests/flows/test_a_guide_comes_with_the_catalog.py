"""The guide of a service is part of the catalog: loaded, written, changed, and never left with a gap."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import govdesk.catalog
from govdesk import audit
from govdesk.actor import SYSTEM
from govdesk.audit import AuditEntry
from govdesk.booking import catalog_document
from govdesk.catalog import guides, scenarios
from govdesk.catalog.editing import CatalogEditError
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import AnswerEntry, QuestionEntry
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.catalog.service import service_of
from govdesk.catalog.toml_table import CatalogError
from govdesk.db import reading, transaction
from tests.makers import Cast

FOLDER = Path(govdesk.catalog.__file__).parent
CITY = "".join((FOLDER / name).read_text("utf-8") for name in ("demo_city.toml", "demo_guide.toml"))
WHERE = 'scenario = "at-home"'
BIRTH = '[[guides]]\nservice = "birth-registration"'


def load(text: str) -> int:
    with transaction() as session:
        return catalog_document.load(session, actor=SYSTEM, text=text).changes


def scenario(service: str, code: str) -> Scenario:
    return scenarios.scenario_of(reading(), service_of(reading(), service).id, code)


def question(code: str, *answers: AnswerEntry) -> QuestionEntry:
    return QuestionEntry(code, Name(f"سؤال {code}", f"Question {code}"), answers=answers)


def answer(code: str, **leads: str) -> AnswerEntry:
    return AnswerEntry(code, Name(f"جواب {code}", f"Answer {code}"), **leads)


@pytest.fixture
def renewal(cast: Cast) -> PublicService:
    with transaction() as session:
        for code in ("papers", "home"):
            scenarios.describe_scenario(
                session, actor=SYSTEM, service=session.get_one(PublicService, cast.renewal.id), code=code,
                name_ar="حالة", name_en=code, action="bring",
            )  # fmt: skip
    return cast.renewal


def test_the_second_loading_leaves_no_trace(app: Flask, morning: None) -> None:
    load(CITY)
    entries = reading().scalar(select(func.count()).select_from(AuditEntry))
    assert load(CITY) == 0
    assert reading().scalar(select(func.count()).select_from(AuditEntry)) == entries


def test_what_is_written_is_read_and_written_the_same(app: Flask, morning: None) -> None:
    load(CITY)
    written = catalog_document.dump(reading())
    assert load(written) == 0
    assert catalog_document.dump(reading()) == written
    assert written.count("[[guides]]") == 6
    assert list(audit.verify(reading())) == []


def test_every_service_of_the_demo_city_has_a_guide_that_leads_everywhere(app: Flask, morning: None) -> None:
    load(CITY)
    for service in reading().scalars(select(PublicService)):
        entry = guides.guide_of(reading(), service)
        assert 2 <= len(entry.scenarios) <= 5, service.code
        assert guides.problems_of(reading(), service) == [], service.code


def test_a_paper_given_up_stays_for_who_lacked_it_and_the_scenario_has_a_new_version(
    app: Flask, morning: None
) -> None:
    load(CITY)
    before = scenario("licence-renewal", "lost").version
    paper = '  { code = "photo", name = { ar = "صورة شخصية حديثة", en = "A recent photograph" }'
    line = next(line for line in CITY.splitlines() if line.startswith(paper))
    load(CITY.replace(line + "\n", ""))
    lost = scenario("licence-renewal", "lost")
    assert [paper.code for paper in lost.papers] == ["identity", "police-report"]
    assert lost.version == before + 1
    assert reading().scalar(select(ScenarioPaper.is_active).where(ScenarioPaper.code == "photo")) is False


def test_a_scenario_that_is_named_no_more_is_out_of_use_and_comes_back_when_named_again(
    app: Flask, morning: None
) -> None:
    load(CITY)
    start = CITY.index('[[guides.scenarios]]\ncode = "damaged"')
    end = CITY.index("[[guides.scenarios]]", start + 1)
    without = (CITY[:start] + CITY[end:]).replace('scenario = "damaged"', 'scenario = "lost"')
    load(without)
    assert not scenario("licence-renewal", "damaged").is_active
    assert load(catalog_document.dump(reading())) == 0
    load(CITY)
    assert scenario("licence-renewal", "damaged").is_active


@pytest.mark.parametrize(
    ("change", "key", "place"),
    [
        ('scenario = "nowhere"', "catalog.dead_end", "guides[4].questions[1].answers[2]"),
        ('question = "where"', "catalog.loop", "guides[4].questions[1].answers[2]"),
        ('question = "later"', "catalog.dead_end", "guides[4].questions[1].answers[2]"),
        (
            'scenario = "at-home", question = "where"',
            "catalog.leads_to_one",
            "guides[4].questions[1].answers[2]",
        ),
    ],
)
def test_a_gap_in_a_file_is_named_by_its_place(
    app: Flask, morning: None, change: str, key: str, place: str
) -> None:
    with pytest.raises(CatalogError) as refusal:
        load(CITY.replace(WHERE, change))
    assert (refusal.value.key, refusal.value.params["place"]) == (key, place)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('link = "https://example.org/birth/register"\n', "", "catalog.missing"),
        ('link = "https://example.org/birth/register"', 'link = "http://example.org"', "catalog.link"),
        (BIRTH, BIRTH.replace("birth", "vehicle"), "catalog.repeated"),
        (
            'code = "abroad"\nname = { ar = "مولود',
            'code = "hospital"\nname = { ar = "مولود',
            "catalog.repeated",
        ),
        ('form = "copy", how = { ar = "تكفي', 'form = "fax", how = { ar = "تكفي', "catalog.unknown_code"),
    ],
)
def test_what_cannot_be_is_refused(app: Flask, morning: None, old: str, new: str, key: str) -> None:
    assert old in CITY
    with pytest.raises(CatalogError) as refusal:
        load(CITY.replace(old, new, 1))
    assert refusal.value.key == key


def test_a_question_is_kept_with_its_answers_or_not_at_all(renewal: PublicService) -> None:
    def describe(entry: QuestionEntry) -> None:
        with transaction() as session:
            service = session.get_one(PublicService, renewal.id)
            guides.describe_question(session, actor=SYSTEM, service=service, entry=entry)

    describe(question("q1", answer("a", scenario="papers")))
    describe(question("q2", answer("a", scenario="home")))
    describe(question("q1", answer("a", scenario="papers"), answer("b", question="q2")))
    with pytest.raises(CatalogEditError) as loop:
        describe(question("q2", answer("a", question="q1")))
    assert loop.value.key == "catalog.answer_loops"
    with pytest.raises(CatalogEditError) as unanswered:
        describe(question("q3"))
    assert unanswered.value.key == "catalog.question_unanswered"
    with pytest.raises(CatalogEditError) as nowhere:
        describe(question("q3", answer("a", scenario="gone")))
    assert nowhere.value.key == "catalog.answer_leads_nowhere"
    kept = guides.guide_of(reading(), renewal).questions
    assert [(one.code, [a.scenario or a.question for a in one.answers]) for one in kept] == [
        ("q1", ["papers", "q2"]), ("q2", ["home"]),
    ]  # fmt: skip


def test_what_an_answer_leads_to_cannot_go(renewal: PublicService) -> None:
    with transaction() as session:
        service = session.get_one(PublicService, renewal.id)
        for entry in (
            question("q2", answer("a", scenario="home")),
            question("q1", answer("a", question="q2")),
        ):
            guides.describe_question(session, actor=SYSTEM, service=service, entry=entry)
    with pytest.raises(CatalogEditError) as led, transaction() as session:
        guides.remove_question(session, actor=SYSTEM, question=guides.question_of(session, renewal.id, "q2"))
    assert led.value.key == "catalog.question_led_to"
    with pytest.raises(CatalogEditError) as used, transaction() as session:
        scenarios.retire_scenario(
            session, actor=SYSTEM, scenario=scenarios.scenario_of(session, renewal.id, "home")
        )
    assert used.value.key == "catalog.scenario_led_to"
    with transaction() as session:
        first = guides.question_of(session, renewal.id, "q1")
        guides.move_question(session, actor=SYSTEM, question=first, is_up=True)
    assert [one.code for one in guides.questions_of(reading(), renewal.id)] == ["q1", "q2"]
