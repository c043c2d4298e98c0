"""What is kept of answers and invitations says the same as their rows, and no more than may be read."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import reading, snapshot, transaction
from govdesk.feedback.answers import settling
from govdesk.feedback.answers.models import Answer, Response
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.kpi import answers, checking, service
from govdesk.kpi.facts import reading as kept
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.models import FactCell, FactMark
from govdesk.kpi.figures import Figure
from govdesk.kpi.question import Question, Scope
from tests.answer_makers import WEEK, make_answers, make_invitations, make_questionnaire, make_wave
from tests.makers import Cast, moment

SEVEN = dt.timedelta(days=7)
MINUTE = dt.timedelta(minutes=1)
READER = Scope(is_of_reader=True)
CHANNELS = ("desk", "online", None)
WANTED = [
    (key, by)
    for key in ("csat", "good_faces", "trust", "driver_named", "response_rate")
    for by in ((), ("week",), ("month",), ("branch", "service"), ("family",), ("wave",), ("channel",))
] + [("csat", ("week", "channel")), ("driver_named", ("driver",)), ("driver_named", ("week", "driver"))]


@pytest.fixture
def survey(cast: Cast) -> Cast:
    """Six weeks of answers to statements and faces, at ends and in a wave, with who was asked."""
    at: dict[str, Any] = {"branch_id": cast.north.id, "service_id": cast.renewal.id}
    with transaction() as session:
        statements = make_questionnaire(session)
        faces = make_questionnaire(session, "after_service")
        strata = [
            {"stratum": f"renewal/{channel}", "service_id": cast.renewal.id, "channel": channel,
             "population": people, "reachable": people, "drawn": 0, "last": ""}
            for channel, people in (("desk", 700), ("online", 300))
        ]  # fmt: skip
        wave = make_wave(session, statements, strata)
        for place in range(6):
            week = WEEK - place * SEVEN
            of: dict[str, Any] = {**at, "week": week, "channel": CHANNELS[place % 3]}
            make_answers(session, faces, 2, {"overall": 3, "better": ["ease", "efficiency"]}, **of)
            make_answers(session, faces, 1, {"overall": 1}, mode="tablet", **of)
            make_answers(session, statements, 2, {"satisfied": 4, "trust": 2}, **of)
            make_invitations(session, faces, 4, ("answered", "sent", "due")[place % 3], **of)
        for channel, number in (("desk", 5), ("online", 2)):
            told: dict[str, Any] = {**at, "channel": channel, "stratum": f"renewal/{channel}"}
            make_answers(session, statements, 3, {"satisfied": number}, wave_id=wave.id, **told)
    facts.rebuild()
    facts.add_up()
    return cast


def same() -> None:
    with snapshot() as session:
        assert standing.state(session) is not None
        assert list(checking.differences(session)) == []


def told(**asked: Any) -> list[Figure]:
    """The figures for a reader, from the cells and the same from the rows."""
    reading().rollback()
    question = service.ask(reading(), **{"scope": READER, **asked})
    found = service.figures(reading(), question, WANTED)
    assert found == service.figures(reading(), question, WANTED, is_from_rows=True)
    return found


def marked() -> set[tuple[str, str]]:
    with snapshot() as session:
        return {(mark.kind, mark.at) for mark in session.scalars(select(FactMark))}


def of_store() -> dt.datetime:
    """The moment that the cells are true for."""
    reading().rollback()
    own = standing.state(reading())
    assert own is not None
    assert own.as_of is not None
    return own.as_of


def test_of_answers_weeks_and_months_are_kept_and_no_days(survey: Cast) -> None:
    assert survey.north.id
    query = select(FactCell.span, FactCell.starts_on).where(FactCell.by == "", FactCell.family == "answers")
    found = {(span, day) for span, day in reading().execute(query)}
    assert {day for span, day in found if span == "day"} == {WEEK - place * SEVEN for place in range(6)}
    assert {span for span, _day in found} == {"day", "month"}
    same()


def test_cells_alone_answer_a_reader(survey: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert survey.north.id
    asked = service.ask(reading(), scope=READER, as_of=of_store())
    expected = service.figures(reading(), asked, [("csat", ()), ("csat", ("week",))], is_from_rows=True)
    assert expected[0].total.detail["weighted"] is not None

    def read_rows(*_asked: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr(answers, "_answers", read_rows)
    assert service.figures(reading(), asked, [("csat", ()), ("csat", ("week",))]) == expected


@pytest.mark.parametrize("later", [0, 3])
def test_whoever_asks_gets_what_the_rows_say(survey: Cast, later: int) -> None:
    at = {"as_of": of_store() + later * MINUTE}
    told(**at)
    told(from_day=WEEK - 3 * SEVEN, to_day=WEEK - SEVEN, **at)
    told(scope=Scope(branch_id=survey.north.id, is_of_reader=True), **at)
    told(scope=Scope(frozenset({(None, survey.civil.id)}), is_of_reader=True), **at)
    told(scope=Scope(), **at)


def test_an_answer_is_in_no_cell_until_its_week_is_settled(survey: Cast) -> None:
    before = [figure.total.n for figure in told() if figure.by == ()]
    with transaction() as session:
        version = session.scalars(select(QuestionnaireVersion).order_by(QuestionnaireVersion.id)).first()
        assert version is not None
        make_answers(
            session, version, 6, {"satisfied": 1}, week=WEEK, branch_id=survey.north.id, is_settled=False
        )
    assert marked() == set()
    with clock.at(moment("09:05")):
        facts.refresh()
        assert [figure.total.n for figure in told() if figure.by == ()] == before
    with clock.at(moment("09:00", WEEK + SEVEN)):
        settling.run_settle()
        assert ("answer", WEEK.isoformat()) in marked()
        facts.refresh()
        same()
        assert told()[0].total.n == before[0] + 6


def test_what_only_looks_like_a_change_marks_nothing(survey: Cast) -> None:
    assert survey.north.id
    with transaction() as session:
        version = session.scalars(select(QuestionnaireVersion)).first()
        assert version is not None
        version.state = "followed"
        session.add(
            Questionnaire(code="new", kind="periodic", name_ar="جديد", name_en="New", created_at=clock.now())
        )
    assert marked() == set()


Act = Callable[[Session, Cast, int], None]


def _one(session: Session, model: Any, number: int) -> Any:
    rows = session.scalars(select(model).order_by(*model.__table__.primary_key)).all()
    return rows[number % len(rows)] if rows else None


def answer(session: Session, cast: Cast, number: int) -> None:
    version = _one(session, QuestionnaireVersion, number)
    given = {"satisfied": 1 + number % 5, "overall": 1 + number % 3, "better": ["humanity"][: number % 2]}
    keys = {question["key"] for section in version.content["sections"] for question in section["questions"]}
    make_answers(
        session, version, 1 + number % 3, {key: one for key, one in given.items() if key in keys},
        week=WEEK - number % 8 * SEVEN, is_settled=number % 4 > 0, channel=CHANNELS[number % 3],
        branch_id=(cast.north.id, cast.harbour.id, None)[number % 3], service_id=cast.renewal.id,
        mode=("sms", "page")[number % 2],
    )  # fmt: skip


def bring_old(session: Session, _cast: Cast, number: int) -> None:
    version = _one(session, QuestionnaireVersion, 0)
    facts_: dict[str, Any] = {"source": "survey-2024", "mode": "import", "is_settled": False}
    make_answers(session, version, 2, {"satisfied": 3}, week=WEEK - (9 + number % 9) * SEVEN, **facts_)


def settle(session: Session, _cast: Cast, number: int) -> None:
    one = _one(session, Response, number)
    if one is not None:
        one.is_settled, one.channel, one.service_id = True, None, None


def join_next_week(session: Session, _cast: Cast, number: int) -> None:
    one = _one(session, Response, number)
    if one is not None:
        one.week += SEVEN


def correct(session: Session, _cast: Cast, number: int) -> None:
    one = _one(session, Answer, number)
    if one is not None and one.number is not None:
        one.number = 1 + number % 3


def forget(session: Session, _cast: Cast, number: int) -> None:
    one = _one(session, Response, number)
    if one is not None:
        session.execute(delete(Answer).where(Answer.response_id == one.id))
        if number % 2:
            session.delete(one)


def invite(session: Session, cast: Cast, number: int) -> None:
    state = ("sent", "undeliverable", "spared", "answered")[number % 4]
    make_invitations(
        session, _one(session, QuestionnaireVersion, number), 2, state, week=WEEK - number % 7 * SEVEN,
        branch_id=cast.harbour.id, service_id=cast.renewal.id, channel=CHANNELS[number % 3],
    )  # fmt: skip


def hear(session: Session, _cast: Cast, number: int) -> None:
    one = _one(session, Invitation, number)
    if number % 3:
        one.state, one.asked_on, one.answered_week = "answered", WEEK, WEEK
    else:
        session.delete(one)


def rename(session: Session, _cast: Cast, number: int) -> None:
    _one(session, Questionnaire, number).code = f"survey-{number}"


ACTS: tuple[Act, ...] = (
    answer, answer, bring_old, settle, join_next_week, correct, forget, invite, hear, rename,
)  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), min_size=1, max_size=8))
def test_any_acts_leave_the_figures_of_the_rows(survey: Cast, acts: list[tuple[Act, int]]) -> None:
    for act, number in acts:
        with transaction() as session:
            act(session, survey, number)
    with clock.at(of_store() + MINUTE):
        told()  # cells, and the rows of what is marked
        facts.refresh()
        same()
        told(as_of=of_store())


def test_a_question_for_another_moment_is_counted_from_rows(survey: Cast) -> None:
    assert survey.north.id
    question: Question = service.ask(reading(), scope=READER, as_of=moment("09:00", WEEK))
    found = kept.tallies(reading(), question, answers.tally_strata, [()])
    assert found == answers.tally_strata(reading(), question, [()])
