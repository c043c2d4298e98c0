"""A reader asks for every period, every longer one and every cut: no difference is of fewer than five."""

import datetime as dt
import itertools
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import chance, clock
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.answers import settling
from govdesk.feedback.answers.models import Response
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.kpi import service, survey
from govdesk.kpi.question import Question, Scope
from tests.answer_makers import make_answers, make_questionnaire
from tests.flows.asked import make_programme, make_wave
from tests.makers import Cast, make_branch

FIRST = dt.date(2026, 7, 6)  # a Monday
WEEK = dt.timedelta(days=7)
WEEKS = 10
FACTS = ("branch_id", "channel", "person_kind", "mode", "language")


@pytest.fixture
def version(cast: Cast) -> int:
    """Ten weeks of answers, few of some weeks, and this week's; those that are over are settled."""
    draw = chance.seeded("subtraction")
    with transaction() as session:
        branches = [session.get_one(Branch, cast.north.id), make_branch(session)]
        asked = make_questionnaire(session)
        for week in range(WEEKS + 1):
            for _ in range(draw.choice((0, 1, 4, 6, 30, 60))):
                make_answers(
                    session, asked, 1, {"satisfied": draw.randint(1, 5)}, week=FIRST + week * WEEK,
                    branch_id=draw.choice(branches).id, channel=draw.choice(("kiosk", "kiosk", "online")),
                    person_kind=draw.choice(("citizen", "citizen", "resident", "visitor")),
                    mode=draw.choice(("sms", "sms", "qr")), language=draw.choice(("ar", "ar", "en")),
                    is_settled=False,
                )  # fmt: skip
        make_answers(session, asked, 2, {"satisfied": 1}, week=FIRST + WEEKS * WEEK, is_settled=False)
    for week in range(1, WEEKS + 1):
        settle(FIRST + week * WEEK)
    return asked.id


def settle(day: dt.date) -> None:
    with clock.at(dt.datetime.combine(day, dt.time(6), dt.UTC)):
        settling.run_settle()


def ask(scope: Scope, first: int = 0, last: int = WEEKS) -> Question:
    with clock.at(dt.datetime.combine(FIRST + WEEKS * WEEK, dt.time(7), dt.UTC)):
        end = FIRST + last * WEEK + dt.timedelta(days=6)
        return service.ask(reading(), scope=scope, from_day=FIRST + first * WEEK, to_day=end)


def read(version_id: int, question: Question) -> Counter[tuple[object, ...]]:
    """How many of each combination of facts a reader can count."""
    asked = reading().get_one(QuestionnaireVersion, version_id)
    columns = [getattr(Response, name) for name in FACTS]
    rows = select(*columns).where(*survey.Cut(asked.questionnaire_id).conditions(question))
    return Counter(tuple(row) for row in reading().execute(rows))


def test_no_period_within_another_leaves_fewer_than_five_in_any_cut(version: int) -> None:
    periods = list(itertools.combinations_with_replacement(range(WEEKS + 1), 2))
    told = {period: read(version, ask(Scope(is_of_reader=True), *period)) for period in periods}
    assert told[0, WEEKS].total() > 50
    widths = range(len(FACTS) + 1)
    cuts = [names for width in widths for names in itertools.combinations(range(len(FACTS)), width)]
    for inner, outer in itertools.product(periods, repeat=2):
        if outer[0] <= inner[0] and inner[1] <= outer[1]:
            between = told[outer] - told[inner]
            for names in cuts:
                merged = Counter[tuple[object, ...]]()
                for key, count in between.items():
                    merged[tuple(key[name] for name in names)] += count
                assert not [count for count in merged.values() if count < 5]


def test_this_week_is_read_by_nobody_who_leads_and_by_who_runs_the_server(version: int) -> None:
    reader = ask(Scope(is_of_reader=True), WEEKS, WEEKS)
    server = ask(Scope(), WEEKS, WEEKS)
    assert service.figures(reading(), reader, [("csat", ())])[0].total.n == 0
    assert service.figures(reading(), server, [("csat", ())])[0].total.n > 0
    asked = reading().get_one(QuestionnaireVersion, version).questionnaire_id
    assert survey.waiting(reading(), reader, survey.Cut(asked)) > 0


def test_an_open_wave_is_read_when_it_is_closed_and_a_tiny_one_never(cast: Cast) -> None:
    with transaction() as session:
        asked = make_questionnaire(session)
        programme = make_programme(session, asked.questionnaire)
        opened = dt.datetime.combine(FIRST, dt.time(6), dt.UTC)
        large = make_wave(session, programme, opens_at=opened)
        tiny = make_wave(session, programme, number=2, from_on=FIRST, to_on=FIRST, opens_at=opened)
        for wave, count in ((large, 5), (tiny, 4)):
            facts: dict[str, Any] = {"week": FIRST, "wave_id": wave.id, "is_settled": False}
            make_answers(session, asked, count, {"satisfied": 5}, **facts)
    settle(FIRST + WEEKS * WEEK)
    reader = ask(Scope(is_of_reader=True))
    assert not read(asked.id, reader)
    with transaction() as session:
        for wave_id in (large.id, tiny.id):
            session.get_one(type(large), wave_id).state = "closed"
    settle(FIRST + WEEKS * WEEK)
    reading().rollback()
    with_large = ask(Scope(is_of_reader=True), last=WEEKS + 4)
    assert read(asked.id, with_large).total() == 5
