"""The answers of an old survey come in by file: whole or not at all, each once, with no way back."""

import csv
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from govdesk import clock, i18n
from govdesk.actor import SYSTEM
from govdesk.cases import mapping, targets
from govdesk.cases.importing import RefusedError, Report
from govdesk.cases.sources import FileError
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.feedback.answers import exporting, settling
from govdesk.feedback.answers import service as answers
from govdesk.feedback.answers.models import Answer, Comment, Response
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.rules import Form, Question, Section
from govdesk.feedback.past import store
from govdesk.feedback.past.models import PastAnswer
from tests.flows.exchange_files import rejected, written
from tests.makers import Cast
from tests.question_makers import STATEMENTS, make_questionnaire

FILE = """
    response_id,week,branch,service,language,q_satisfied,q_words
    7001,2025-03-05,north,renewal,ar,5,
    7002,2025-03-05,north,,en,2,"Call me at 0501234567, please"
    7003,2025-03-09,,,,,Only words
"""
TOLD = {
    "drop": ["respondent"],
    "columns": {
        "response_id": "no",
        "week": {"from": "at", "format": "%d/%m/%Y %H:%M"},
        "q_satisfied": {"from": "mark", "translate": {"very good": "5", "bad": "2"}},
    },
}


@pytest.fixture
def code(cast: Cast) -> str:
    """The questionnaire that was answered."""
    with transaction() as session:
        return make_questionnaire(session, code="old").questionnaire.code


def bring(file: Path, code: str, told: dict[str, Any] | None = None, *, skip_bad: bool = False) -> Report:
    reading().rollback()
    asked = store.version_of(reading(), code)
    task = store.task(asked, file, actor=SYSTEM, mapping=mapping.parse(told or {}), source="survey-2025")
    task.skip_bad = skip_bad
    with i18n.speaking("en"):
        report = task.read(reading())
        reading().rollback()
        with transaction() as session:
            return task.write(session, report)


def rows(table: type[Any]) -> list[Any]:
    reading().rollback()
    return list(reading().scalars(select(table)))


def test_only_the_week_and_the_answers_are_kept(code: str, tmp_path: Path) -> None:
    report = bring(written(tmp_path, FILE), code)
    assert (report.rows, report.new, report.rejected) == (3, 3, 0)
    found = sorted(rows(Response), key=lambda one: (one.week, one.language or ""))
    assert [one.week for one in found] == [dt.date(2025, 3, 3)] * 3
    assert {(one.source, one.mode, one.occasion, one.is_settled) for one in found} == {
        ("survey-2025", "import", "import", False)
    }
    assert sorted((one.question, one.number) for one in rows(Answer)) == [("satisfied", 2), ("satisfied", 5)]
    words = sorted(one.text for one in rows(Comment))
    assert "0501234567" not in words[0]
    assert words[1] == "Only words"


def test_the_same_file_changes_nothing_and_other_answers_are_refused(code: str, tmp_path: Path) -> None:
    bring(written(tmp_path, FILE), code)
    again = bring(written(tmp_path, FILE), code)
    assert (again.new, again.unchanged) == (0, 3)
    changed = written(tmp_path, FILE.replace("renewal,ar,5", "renewal,ar,4"))
    with pytest.raises(RefusedError):
        bring(changed, code)
    assert rejected(changed)[0][0] == "2"
    assert bring(changed, code, skip_bad=True).new == 0
    assert len(rows(PastAnswer)) == len(rows(Response)) == 3


def test_what_the_form_does_not_admit_is_said_by_line(code: str, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        response_id,week,branch,q_satisfied
        1,2025-03-05,north,9
        2,2025-03-05,nowhere,3
        3,2025-03-05,north,
        4,2025-03-05,north,3
        """,
    )
    with pytest.raises(RefusedError):
        bring(file, code)
    assert [line for line, _ in rejected(file)] == ["2", "3", "4"]
    assert "q_satisfied" in rejected(file)[0][1]
    assert reading().scalars(select(func.count()).select_from(Response)).one() == 0
    assert bring(file, code, skip_bad=True).new == 1


def test_a_mapping_turns_another_systems_columns_into_ours(code: str, tmp_path: Path) -> None:
    file = written(tmp_path, "no,at,respondent,mark\n1,05/03/2025 14:10,Nora,very good\n")
    assert bring(file, code, TOLD).new == 1
    (answer,) = rows(Answer)
    assert answer.number == 5


def test_a_questionnaire_that_was_never_published_takes_no_file(code: str) -> None:
    with pytest.raises(DeskError, match="questionnaire_unknown"):
        store.version_of(reading(), "another")
    with pytest.raises(DeskError, match="questionnaire_unknown"):
        store.version_of(reading(), code, 2)


TICKED = Form(
    sections=(
        Section(
            key="all",
            questions=(
                *STATEMENTS.questions,
                Question(key="better", kind="drivers", text={"ar": "ما الذي يُحسّن؟", "en": "What was wrong?"}),
            ),
        ),
    )
)


@pytest.fixture
def ticked(cast: Cast) -> str:
    """A questionnaire with a statement, ticks and words."""
    with transaction() as session:
        return make_questionnaire(session, code="ticked", form=TICKED).questionnaire.code


def given(code: str, count: int) -> None:
    """So many answer a form at once, all alike, so that what is known of them stays; and one another form."""
    with transaction() as session:
        asked = store.version_of(session, code)
        other = make_questionnaire(session, code="other").questionnaire
        form = forms.form_of(asked)
        facts = {
            "source": "live", "questionnaire_id": asked.questionnaire_id, "version_id": asked.id,
            "occasion": "served", "mode": "sms", "channel": "kiosk", "outcome": "resolved", "language": "ar",
            "person_kind": "citizen", "service_id": session.scalars(select(PublicService.id)).first(),
            "branch_id": session.scalars(select(Branch.id)).first(),
        }  # fmt: skip
        for number in range(count):
            said = {"satisfied": 1 + number % 5, "better": ["ease", "efficiency"], "words": "Only here"}
            answers.write(session, answers.fill(session, form, said, "ar"), facts)
        ours = {"questionnaire_id": other.id, "version_id": other.versions[0].id}
        answers.write(session, answers.fill(session, form, {"satisfied": 5}, "ar"), {**facts, **ours})
    with clock.at(clock.now() + dt.timedelta(days=8)):
        settling.run_settle()


def taken_out(folder: Path) -> list[list[Any]]:
    """What an export writes of one questionnaire, without drawn numbers and the wave."""
    reading().rollback()
    targets.write(folder / "out.csv", "csv", exporting.COLUMNS, exporting.responses(reading()))
    with (folder / "out.csv").open(encoding="utf-8", newline="") as lines:
        found = [row for row in csv.DictReader(lines) if row["questionnaire"] == "ticked"]
    return sorted([value for name, value in row.items() if name not in ("response", "wave")] for row in found)


def test_what_was_exported_comes_in_again_as_it_was(ticked: str, tmp_path: Path) -> None:
    given(ticked, 10)
    before = taken_out(tmp_path)
    assert len(before) == 10 * 3
    (tmp_path / "out.csv").rename(tmp_path / "kept.csv")
    with transaction() as session:
        for table in (Answer, Comment, Response):
            session.execute(delete(table))
    report = bring(tmp_path / "kept.csv", ticked)
    assert (report.rows, report.new, report.rejected) == (10, 10, 0)
    assert bring(tmp_path / "kept.csv", ticked).unchanged == 10
    settling.run_settle()
    with clock.at(clock.now() + dt.timedelta(days=8)):
        settling.run_settle()
    assert taken_out(tmp_path) == before


def test_an_export_without_these_answers_is_said_to_have_none(ticked: str, tmp_path: Path) -> None:
    given(ticked, 5)
    taken_out(tmp_path)
    file = tmp_path / "out.csv"
    changed = file.with_name("changed.csv")
    changed.write_text(file.read_text("utf-8").replace(",ticked,1,", ",ticked,7,"), "utf-8")
    with pytest.raises(FileError) as refusal:
        bring(changed, ticked)
    assert refusal.value.key == "exchange.none_of_these"
    changed.write_text(file.read_text("utf-8").replace(",satisfied,", ",pleased,"), "utf-8")
    with pytest.raises(FileError) as refusal:
        bring(changed, ticked)
    assert (refusal.value.key, refusal.value.params["question"]) == ("exchange.question_unknown", "pleased")


def imported(code: str, weeks: dict[dt.date, int], source: str = "survey-2025") -> None:
    """So many answers of an old survey in each week, all of one branch but one."""
    with transaction() as session:
        asked = store.version_of(session, code)
        north, other = session.scalars(select(Branch.id).order_by(Branch.id)).all()[:2]
        number = 0
        for week, count in weeks.items():
            for place in range(count):
                number += 1
                session.add(
                    Response(
                        id=number + len(source) * 1000, source=source, week=week, version_id=asked.id,
                        questionnaire_id=asked.questionnaire_id, occasion="import", mode="import",
                        branch_id=other if place == 0 and count > 1 else north,
                    )
                )  # fmt: skip


def weeks_of(source: str) -> Counter[tuple[dt.date, bool]]:
    return Counter((one.week, one.is_settled) for one in rows(Response) if one.source == source)


def test_a_small_week_of_an_old_survey_joins_its_next_and_at_the_end_the_one_before(code: str) -> None:
    march, may = dt.date(2025, 3, 3), dt.date(2025, 5, 5)
    week = dt.timedelta(days=7)
    imported(code, {march: 3, march + week: 1, march + 3 * week: 6, may: 2})
    for _ in range(3):
        settling.run_settle()
    assert weeks_of("survey-2025") == {(march + 3 * week, True): 12}


def test_a_small_survey_keeps_its_week_and_says_nothing_of_places(code: str) -> None:
    march = dt.date(2025, 3, 3)
    imported(code, {march: 3})
    imported(code, {march: 5}, source="another")
    for _ in range(3):
        settling.run_settle()
    assert weeks_of("survey-2025") == {(march, True): 3}
    assert {one.branch_id for one in rows(Response) if one.source == "survey-2025"} == {None}
    assert weeks_of("another") == {(march, True): 5}


def test_live_answers_and_an_old_survey_do_not_wait_for_one_another(code: str) -> None:
    monday = dt.date(2026, 9, 28)
    imported(code, {monday: 4})
    imported(code, {monday: 4}, source="live")
    with clock.at(clock.now() + dt.timedelta(days=8)):
        settling.run_settle()
    assert weeks_of("survey-2025") == {(monday, True): 4}
    assert weeks_of("live") == {(monday + dt.timedelta(days=7), False): 4}
