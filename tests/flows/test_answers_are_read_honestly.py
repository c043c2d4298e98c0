"""What people answered is counted with who was asked: by hand, raw and weighted, modes and wordings apart."""

import datetime as dt
from typing import Any

import pytest

from govdesk.db import reading, transaction
from govdesk.feedback.answers.exporting import COLUMNS, responses
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.feedback.forms.rules import dump, parse
from govdesk.kpi import service as kpi
from govdesk.kpi.figures import Row, hide_small, leading_line
from govdesk.kpi.groups import UnknownGroupingError
from govdesk.kpi.question import Scope
from tests.answer_makers import (
    WEEK,
    make_answers,
    make_invitations,
    make_questionnaire,
    make_version,
    make_wave,
)
from tests.makers import Cast

CHANNELS = {"desk": (6000, 60, 42), "online": (3000, 180, 162), "phone": (1000, 10, 5)}


def total(key: str) -> Row:
    reading().rollback()
    return kpi.figure(reading(), key).total


def rows(key: str, *by: str) -> dict[tuple[str | None, ...], tuple[int | None, int]]:
    reading().rollback()
    found = kpi.figure(reading(), key, by=by)
    return {tuple(row.group[word] for word in found.by): (row.numerator, row.n) for row in found.rows}


def test_a_wave_is_weighted_by_who_was_at_an_end(cast: Cast) -> None:
    with transaction() as session:
        version = make_questionnaire(session)
        strata = [
            {
                "stratum": f"renewal/{channel}", "service_id": cast.renewal.id, "channel": channel,
                "population": population, "reachable": population, "drawn": 0, "last": "",
            }
            for channel, (population, _, _) in CHANNELS.items()
        ]  # fmt: skip
        wave = make_wave(session, version, strata)
        for channel, (_, answered, satisfied) in CHANNELS.items():
            facts: dict[str, Any] = {
                "wave_id": wave.id, "stratum": f"renewal/{channel}", "channel": channel, "mode": "sms",
                "service_id": cast.renewal.id, "branch_id": cast.north.id, "occasion": "wave",
            }  # fmt: skip
            make_answers(session, version, satisfied, {"satisfied": 5, "trust": 4}, **facts)
            make_answers(session, version, answered - satisfied, {"satisfied": 2}, **facts)
    found = total("csat")
    assert (found.value, found.numerator, found.n) == (0.836, 209, 250)
    assert found.interval == pytest.approx(
        (0.830915 - 0.045833, 0.830915 + 0.045833), abs=2e-6
    )  # Wilson, by hand
    assert found.detail["distribution"] == {"1": 0, "2": 41, "3": 0, "4": 0, "5": 209}
    assert found.detail["weighted"]["value"] == pytest.approx(0.74)
    assert found.detail["weighted"]["effective_n"] == pytest.approx(133.333, abs=1e-3)
    assert (total("trust").value, total("trust").n) == (1.0, 209)  # nobody else answered it
    assert total("easy").value is None
    waves = kpi.figure(reading(), "csat", by=["wave"]).rows
    assert [row.detail["weighted"]["value"] for row in waves] == [pytest.approx(0.74)]
    assert kpi.figure(reading(), "csat", by=["branch"]).rows[0].detail["weighted"] is None
    narrow = kpi.figure(reading(), "csat", scope=Scope(branch_id=cast.north.id)).total
    assert (narrow.n, narrow.detail["weighted"]) == (250, None)


def test_faces_modes_and_wordings_stand_apart(cast: Cast) -> None:
    with transaction() as session:
        statements = make_questionnaire(session)
        faces = make_questionnaire(session, "after_service")
        content = dump_with_series(statements, "satisfied", 2)
        second = make_version(session, statements.questionnaire, content)
        make_answers(session, statements, 6, {"satisfied": 4})
        make_answers(session, second, 8, {"satisfied": 1}, series=2)
        make_answers(session, second, 3, {"satisfied": 5}, series=2, mode="tablet")
        make_answers(session, faces, 5, {"overall": 3, "better": ["efficiency", "ease"]})
        make_answers(session, faces, 15, {"overall": 1, "better": ["efficiency"]})
        make_answers(session, faces, 20, {"overall": 3})
    assert (total("csat").numerator, total("csat").n) == (9, 17)
    assert total("csat").detail["modes"] == {"sms": 14, "tablet": 3}
    assert (total("good_faces").numerator, total("good_faces").n) == (25, 40)
    assert rows("csat", "week") == {
        ("2026-09-28", "sms", "statements-1/satisfied/1"): (6, 6),
        ("2026-09-28", "sms", "statements-1/satisfied/2"): (0, 8),
        ("2026-09-28", "tablet", "statements-1/satisfied/2"): (3, 3),
    }
    line = leading_line(kpi.figure(reading(), "csat", by=["week"]))
    assert [(row.group, row.n) for row in line.rows] == [({"week": "2026-09-28"}, 8)]
    assert (total("driver_named").numerator, total("driver_named").n) == (20, 40)
    assert rows("driver_named", "driver")["efficiency",] == (20, 40)
    assert rows("driver_named", "driver")["ease",] == (5, 40)
    assert rows("driver_named", "driver")["humanity",] == (0, 40)
    with pytest.raises(UnknownGroupingError):
        kpi.figure(reading(), "csat", by=["day"])


def test_who_was_reached_is_what_answers_are_counted_in(cast: Cast) -> None:
    with transaction() as session:
        version = make_questionnaire(session, "after_service")
        here = {"branch_id": cast.north.id, "service_id": cast.renewal.id}
        for state, count in (
            ("answered", 12), ("sent", 20), ("expired", 68), ("undeliverable", 10), ("spared", 7), ("due", 3),
        ):  # fmt: skip
            make_invitations(session, version, count, state, **here)
        make_invitations(session, version, 4, "sent", branch_id=cast.harbour.id, service_id=cast.renewal.id)
    found = total("response_rate")
    assert (found.numerator, found.denominator, found.open, found.excluded) == (12, 104, 24, 10)
    assert found.detail == {"invited": 114, "undeliverable": 10, "spared": 7}
    assert rows("response_rate", "branch") == {("harbour",): (0, 4), ("north",): (12, 100)}
    hidden = hide_small(kpi.figure(reading(), "response_rate", by=["branch"]), 5)
    assert [row.is_hidden for row in hidden.rows] == [True, True]


def test_answers_without_a_service_keep_their_mode(cast: Cast) -> None:
    with transaction() as session:
        version = make_questionnaire(session, "after_service")
        make_answers(session, version, 4, {"overall": 2}, mode="tablet", branch_id=cast.north.id)
    assert rows("good_faces", "mode") == {("tablet",): (0, 4)}
    assert rows("good_faces", "service") == {(None,): (0, 4)}


def dump_with_series(version: QuestionnaireVersion, key: str, series: int) -> dict[str, object]:
    """The content of a version in which one question has another wording."""
    content = dump(parse(version.content))
    for section in content["sections"]:
        for question in section["questions"]:
            if question["key"] == key:
                question["series"] = series
    return content


def test_answers_go_out_without_anybody(cast: Cast) -> None:
    with transaction() as session:
        version = make_questionnaire(session, "after_service")
        make_answers(
            session, version, 1, {"overall": 3, "better": ["ease", "efficiency"]}, words="secret",
            branch_id=cast.north.id,
        )  # fmt: skip
        make_answers(session, version, 1, {"overall": 1}, is_settled=False)
        make_answers(session, version, 1, {"overall": 2}, week=WEEK - dt.timedelta(days=14))
    reading().rollback()
    found = [
        dict(zip(COLUMNS, row, strict=True))
        for row in responses(reading(), (WEEK, WEEK + dt.timedelta(days=6)))
    ]
    assert [(row["question"], row["number"], row["choice"]) for row in found] == [
        ("better", None, "ease"), ("better", None, "efficiency"), ("overall", 3, None),
    ]  # fmt: skip
    assert {(row["week"], row["branch"], row["service"]) for row in found} == {("2026-09-28", "north", None)}
    assert "secret" not in str(found)
