"""`govdesk kpi` answers from the same code as the pages, as one JSON document, a table or a CSV."""

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cli import govdesk
from govdesk.config import Settings
from govdesk.db import transaction
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person


@pytest.fixture
def city(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Three first visits in August, one of which failed; the commands find this database."""
    monkeypatch.setenv("GOVDESK_INSTANCE", str(settings.instance))
    monkeypatch.setenv("GOVDESK_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    with transaction() as session:
        for place in range(3):
            who = make_person(session)
            at: dict[str, Any] = {
                "branch": cast.harbour if place else cast.north,
                "service": cast.renewal,
                "person": who,
            }
            make_visit(session, "08-03", **at)
            if not place:
                make_visit(session, "08-10", reason="not_ready", **at)
        reclassify_all(session)
    return cast


def kpi(*words: str) -> Result:
    return CliRunner().invoke(
        govdesk, ["kpi", *words, *([] if "list" in words else ["--as-of", "2026-10-04"])]
    )


def test_one_key_prints_one_object(city: Cast) -> None:
    document = json.loads(kpi("repeat_visit_rate", "--format", "json").stdout)
    assert document["key"] == "repeat_visit_rate"
    assert document["as_of"] == "2026-10-04T23:59:59.999999+03:00"
    assert (document["rows"][0]["numerator"], document["rows"][0]["denominator"]) == (1, 3)


def test_several_keys_print_a_list(city: Cast) -> None:
    documents = json.loads(kpi("--format", "json", "repeat_visit_rate", "noshow_rate").stdout)
    assert [document["key"] for document in documents] == ["repeat_visit_rate", "noshow_rate"]
    assert documents[1]["rows"][0]["value"] is None


def test_small_groups_are_shown_to_administrators(city: Cast) -> None:
    document = json.loads(kpi("repeat_visit_rate", "--by", "branch", "--format", "json").stdout)
    found = {row["group"]["branch"]: row["value"] for row in document["rows"]}
    assert found == {"harbour": 0.0, "north": 1.0}


def test_a_period_in_any_digits(city: Cast) -> None:
    document = json.loads(kpi("avoidable_visit_share", "--from", "٢٠٢٦-٠٨-٠٤", "--format", "json").stdout)
    assert document["from"] == "2026-08-04"
    assert document["rows"][0]["value"] == 1.0  # only the repeat


def test_a_table_and_a_csv(city: Cast) -> None:
    assert "33.3%" in kpi("repeat_visit_rate").stdout
    rows = list(
        csv.DictReader(io.StringIO(kpi("repeat_visit_rate", "--by", "cause", "--format", "csv").stdout))
    )
    assert [(row["cause"], row["numerator"]) for row in rows] == [("not_ready", "1")]


def test_the_list_names_questions(city: Cast) -> None:
    assert "How many people had to come back for the same need?" in kpi("list").stdout


@pytest.mark.parametrize(
    "words",
    [("waiting_time", "--by", "cause"), ("--from", "yesterday"), ("--format", "xml")],
    ids=" ".join,
)
def test_wrong_usage(city: Cast, words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(govdesk, ["kpi", *words]).exit_code == 2


def test_check_finds_a_class_that_nobody_gave(city: Cast) -> None:
    run = CliRunner()
    assert run.invoke(govdesk, ["kpi", "check"]).exit_code == 0
    with transaction() as session:
        visit = session.query(Visit).filter_by(class_name="repeat").one()
        visit.class_name = "index_new"
    found = run.invoke(govdesk, ["kpi", "check"])
    assert found.exit_code == 1
    assert "1 visits have another class" in found.stderr
    assert "avoidable_visit_share has another value" in found.stderr
    assert run.invoke(govdesk, ["kpi", "check"]).exit_code == 1  # it only looked
    assert run.invoke(govdesk, ["kpi", "rebuild"]).exit_code == 0
    assert run.invoke(govdesk, ["kpi", "check"]).exit_code == 0
