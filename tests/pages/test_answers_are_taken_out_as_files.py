"""Each table of the page of a questionnaire is a file too: plain numbers, and nothing that the page hides."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from govdesk.db import transaction
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import dump
from tests.answer_makers import (
    WEEK,
    make_answers,
    make_invitations,
    make_questionnaire,
    make_wave,
)
from tests.desk import Desk
from tests.makers import Cast

BEFORE = WEEK - dt.timedelta(days=7)
SignIn = Callable[[str], Desk]


@pytest.fixture
def answered(cast: Cast) -> Cast:
    """Thirty answers at the north, four at the harbour, last week; a hundred were asked."""
    with transaction() as session:
        faces = make_questionnaire(session, "after_service")
        north: dict[str, Any] = {
            "branch_id": cast.north.id, "service_id": cast.renewal.id, "channel": "reception", "week": BEFORE
        }  # fmt: skip
        make_answers(session, faces, 20, {"overall": 3}, **north)
        make_answers(session, faces, 8, {"overall": 1, "better": ["efficiency"]}, **north)
        make_answers(session, faces, 1, {"overall": 1}, **north)
        make_answers(session, faces, 1, {"overall": 2}, mode="tablet", **north)
        make_answers(session, faces, 4, {"overall": 1}, **{**north, "branch_id": cast.harbour.id})
        for state, count in (("answered", 30), ("expired", 70)):
            make_invitations(
                session, faces, count, state, week=BEFORE, branch_id=cast.north.id,
                service_id=cast.renewal.id, channel="reception",
            )  # fmt: skip
    return cast


def rows(desk: Desk, path: str) -> list[dict[str, str]]:
    answer = desk.get(path, language="ar", status=200)  # numbers are those of programs in Arabic too
    return list(csv.DictReader(io.StringIO(answer.html.lstrip("\ufeff"))))


def near(row: dict[str, str], **wanted: float) -> bool:
    return all(float(row[name]) == pytest.approx(value, abs=5e-4) for name, value in wanted.items())


def test_each_answer_has_its_share_and_interval(answered: Cast, sign_in: SignIn) -> None:
    found = rows(sign_in("huda"), "/voices/after_service-1/questions.csv")
    overall = [row for row in found if row["question"] == "overall"]
    assert [(row["answer"], row["count"], row["n"]) for row in overall if row["answer"]] == [
        ("1", "13", "34"), ("2", "1", "34"), ("3", "20", "34"),
    ]  # fmt: skip
    good = next(row for row in overall if row["good_share"])
    # 20 of 34 by Wilson: centre (.588235 + .056492) / 1.112984 = .579278, half .157064
    assert near(good, good_share=0.588235, good_low=0.422214, good_high=0.736342)
    assert [row["mode"] for row in overall] == [
        ""
    ] * 4  # one answer came from a tablet: no mode is told apart
    better = {row["answer"]: row for row in found if row["question"] == "better" and row["answer"]}
    assert near(better["efficiency"], count=8, n=34, share=0.235294)


def test_what_goes_with_being_dissatisfied_is_a_file(answered: Cast, sign_in: SignIn) -> None:
    """8 waited too long, all dissatisfied; 5 of the 26 others: 5.2 times, 1 - (5/26) / (13/34) of all."""
    (row,) = rows(sign_in("huda"), "/voices/after_service-1/drivers.csv")
    assert (row["question"], row["choice"]) == ("better", "efficiency")
    assert near(row, met=8, met_dissatisfied=8, others=26, others_dissatisfied=5)
    assert near(row, prevalence=0.235294, ratio=5.2, attributable=0.497041)


def test_the_bounds_of_silence_are_a_file(answered: Cast, sign_in: SignIn) -> None:
    """30 of 100 answered, 20 of the 33 who were invited are content: .3 × 20/33, and .7 more."""
    found = {row["what"]: row for row in rows(sign_in("huda"), "/voices/after_service-1/silence.csv")}
    assert near(found["share_bounds"], low=0.181818, high=0.881818)


def test_figures_have_places_with_the_small_ones_hidden(answered: Cast, sign_in: SignIn) -> None:
    found = rows(sign_in("huda"), "/voices/after_service-1/figures.csv")
    rate = next(row for row in found if row["key"] == "response_rate" and not row["branch"])
    assert near(rate, value=0.3, numerator=30, denominator=100)
    places = {row["branch"]: row for row in found if row["key"] == "good_faces" and row["branch"]}
    assert {name: row["value"] for name, row in places.items()} == {"north": "", "harbour": ""}


@pytest.mark.parametrize("table", ["questions", "strengths", "drivers", "silence", "figures"])
def test_of_a_small_cut_there_is_no_file_but_its_head(answered: Cast, sign_in: SignIn, table: str) -> None:
    desk = sign_in("huda")
    for branch in ("harbour", "north"):
        assert rows(desk, f"/voices/after_service-1/{table}.csv?branch={branch}") == []


def test_strengths_and_weaknesses_are_a_file(cast: Cast, sign_in: SignIn) -> None:
    content = dump(presets()["statements"].form)
    with transaction() as session:
        version = make_questionnaire(session, content=content)
        place: dict[str, Any] = {"service_id": cast.renewal.id, "branch_id": cast.north.id}
        make_answers(session, version, 6, {"satisfied": 5, "trust": 5, "easy": 2}, **place)
        make_answers(session, version, 4, {"satisfied": 1, "trust": 1, "easy": 4}, **place)
    found = {
        row["question"]: row for row in rows(sign_in("huda"), "/voices/statements-1/strengths.csv?period=all")
    }
    assert set(found) == {"trust", "easy"}
    # 6 of 10 trust, 4 of 10 found it easy; one goes wholly with being satisfied, the other wholly against
    assert near(found["trust"], performance=0.6, n=10, importance=1, low=0.312674, high=0.831820)
    assert near(found["easy"], performance=0.4, n=10, importance=-1)


def test_raw_and_weighted_shares_stand_side_by_side(cast: Cast, sign_in: SignIn) -> None:
    """The example of the definitions: raw .836, weighted .740, worth 133.3 of 250 answers."""
    channels = {"reception": (6000, 60, 42), "appointment": (3000, 180, 162), "api": (1000, 10, 5)}
    with transaction() as session:
        version = make_questionnaire(session)
        strata = [
            {
                "stratum": f"renewal/{channel}", "service_id": cast.renewal.id, "channel": channel,
                "population": people, "reachable": people, "drawn": 0, "last": "",
            }
            for channel, (people, _, _) in channels.items()
        ]  # fmt: skip
        wave = make_wave(session, version, strata)
        for channel, (_, count, good) in channels.items():
            facts: dict[str, Any] = {
                "wave_id": wave.id, "stratum": f"renewal/{channel}", "channel": channel, "mode": "sms",
                "service_id": cast.renewal.id, "branch_id": cast.north.id, "occasion": "wave",
            }  # fmt: skip
            make_answers(session, version, good, {"satisfied": 5}, **facts)
            make_answers(session, version, count - good, {"satisfied": 2}, **facts)
        path = f"/voices/statements-1/questions.csv?period=all&wave={wave.id}"
    found = next(row for row in rows(sign_in("huda"), path) if row["weighted"])
    assert near(found, good_share=0.836, weighted=0.74, effective_n=133.3333, n=250)
    assert float(found["weighted_low"]) < 0.74 < float(found["weighted_high"])
