"""Who answered comes first; small groups stay hidden; comments come out of a crowd; files are as reported."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from govdesk.db import transaction
from govdesk.feedback.answers.models import Response
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import dump, parse
from tests.answer_makers import (
    WEEK,
    make_answers,
    make_invitations,
    make_questionnaire,
    make_version,
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
        make_answers(session, faces, 1, {"overall": 1}, words="انتظرت الإنتظار كله ساعتين", **north)
        make_answers(
            session, faces, 1, {"overall": 2}, words="Nobody told me anything", mode="tablet", **north
        )
        there = {**north, "branch_id": cast.harbour.id}
        make_answers(session, faces, 4, {"overall": 1}, words="only four of us here", **there)
        for state, count in (("answered", 30), ("expired", 70), ("undeliverable", 5)):
            make_invitations(
                session, faces, count, state, week=BEFORE, branch_id=cast.north.id,
                service_id=cast.renewal.id, channel="reception",
            )  # fmt: skip
    return cast


def test_who_answered_stands_before_what_they_said(answered: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/voices", language="en", status=200)
    assert "/voices/after_service-1" in page.links()
    page = desk.get("/voices/after_service-1", language="en", status=200)
    text = page.html
    assert text.index("Who answered?") < text.index("How was each question answered?")
    assert "30.0%" in text  # 30 of 100 who were reached
    assert "58.8%" in text  # 20 of 34
    # silence, of the 33 who were invited: .3 * 20/33 to .3 * 20/33 + .7
    assert "18.2%" in text
    assert "88.2%" in text
    assert "It took too long" in text
    # the harbour has four: it is hidden, and the north with it, from which it could be computed
    assert text.count("hidden") >= 2
    assert "North Branch" in text
    desk.get("/voices/after_service-1", language="ar", status=200)


def test_a_small_cut_shows_nothing_and_neither_does_its_complement(answered: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    for branch in ("harbour", "north"):
        page = desk.get(f"/voices/after_service-1?branch={branch}", language="en", status=200)
        assert "too few answers to be shown" in page.html
        answer = desk.get(f"/voices/after_service-1/questions.csv?branch={branch}", status=200)
        assert len(answer.html.strip().splitlines()) == 1


def test_comments_are_found_however_they_are_spelled(answered: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/voices/after_service-1/comments", language="en", status=200)
    assert "Nobody told me anything" in page.html
    assert "only four of us here" not in page.html
    assert "4 comments wait" in page.html
    found = desk.get("/voices/after_service-1/comments?q=انتظار", language="en", status=200).html
    assert "ساعتين" in found
    assert "Nobody told me" not in found
    none = desk.get("/voices/after_service-1/comments?q=zebra&page=99999999999", language="en", status=200)
    assert "No comments found" in none.html


def test_this_weeks_comments_wait_until_it_is_over(answered: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for one in session.query(Response):
            one.week = WEEK
    text = sign_in("huda").get("/voices/after_service-1/comments", language="en").html
    assert "Nobody told me" not in text


def test_the_report_of_section_280_counts_each_point(answered: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/voices/after_service-1/section-280.csv", status=200)
    rows = list(csv.DictReader(io.StringIO(answer.html.lstrip("\ufeff"))))
    assert [row["service_provided"] for row in rows] == ["renewal"]
    row = rows[0]
    assert (row["year"], row["quarter"], row["channel"]) == ("2026", "3", "reception")
    assert row["volume_of_customers"] == "105"
    assert row["volume_of_customers_provided_survey_opportunity"] == "100"
    assert row["volume_of_respondents"] == "34"
    assert [row[f"q1_{point}"] for point in (1, 2, 3, 4, 5)] == ["13", "1", "20", "", ""]
    assert (row["q1_statement"], row["q1_point_scale"], row["q2_1"]) == ("satisfied", "3", "")


def test_others_see_only_their_part(answered: Cast, sign_in: SignIn) -> None:
    assert sign_in("omar").get("/voices").status == 403
    sign_in("aziz").get("/voices/after_service-1", status=200)
    page = sign_in("salim").get("/voices/after_service-1", language="en", status=200)
    assert "too few answers" in page.html or "hidden" in page.html or "not shown" in page.html
    assert sign_in("huda").get("/voices/nothing").status == 404


def test_a_wave_is_read_with_its_break_strengths_drivers_and_the_unheard(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        version = make_questionnaire(session)
        strata = [
            {
                "stratum": f"renewal/{channel}", "service_id": cast.renewal.id, "channel": channel,
                "population": people, "reachable": people, "drawn": 0, "last": "",
            }
            for channel, people in (("reception", 300), ("kiosk", 100))
        ]  # fmt: skip
        first = make_wave(session, version, strata)
        content = dump(parse(version.content))
        content["sections"][0]["questions"][0]["series"] = 2
        second = make_version(session, version.questionnaire, content)
        place: dict[str, Any] = {"service_id": cast.renewal.id, "occasion": "wave", "channel": "reception"}
        told = {"stratum": "renewal/reception", "branch_id": cast.north.id, **place, "wave_id": first.id}
        make_answers(session, version, 12, {"satisfied": 5, "easy": 4, "fair": 4, "complained": 0}, **told)
        make_answers(session, version, 8, {"satisfied": 1, "easy": 1, "fair": 5, "complained": 1}, **told)
        told |= {"channel": "kiosk", "stratum": "renewal/kiosk"}
        make_answers(session, version, 5, {"satisfied": 2, "easy": 5, "fair": 4}, **told)
        again = make_wave(session, second, strata, number=2)
        make_answers(session, second, 9, {"satisfied": 4}, series=2, **{**told, "wave_id": again.id})
    page = sign_in("huda").get(f"/voices/{version.questionnaire.code}", language="en", status=200).html
    for said in (
        "Earlier wording 1", "the line is broken", "new wording", "Weakness: begin here", "Times as many",
        "Does not agree: It was easy", "The lists do not overlap", "as it goes with satisfaction",
    ):  # fmt: skip
        assert said in page
    narrow = sign_in("huda").get(
        f"/voices/{version.questionnaire.code}?wave={first.id}", language="en", status=200
    )
    assert "48.0%" in narrow.html  # 12 of 25
    assert "45.0%" in narrow.html  # weighted: .75 * 12/20


def test_answers_that_name_no_service_are_read_by_the_department_that_asked(
    cast: Cast, sign_in: SignIn
) -> None:
    with transaction() as session:
        for number, department in enumerate((cast.civil.id, None)):
            version = make_questionnaire(session, code=f"asked-{number}", department_id=department)
            make_answers(session, version, 6, {"satisfied": 5}, service_id=None)
    desk = sign_in("huda")
    assert "6 answers" in desk.get("/voices/asked-0", language="en", status=200).main
    assert "6 answers" not in desk.get("/voices/asked-1", language="en", status=200).main


def test_yes_and_numbers_have_an_interval_too(cast: Cast, sign_in: Callable[[str], Desk]) -> None:
    """8 of 10: Wilson .490162 to .943318. 2 4 4 4 6 twice: mean 4, s² 16/9, t of 9 2.2622: 3.05 to 4.95."""
    content = dump(presets()["statements"].form)
    scale = {"key": "far", "kind": "scale", "text": {"ar": "إلى أي حدّ؟", "en": "How far?"}}
    content["sections"][0]["questions"] += (scale,)
    with transaction() as session:
        version = make_questionnaire(session, content=content)
        place: dict[str, Any] = {"service_id": cast.renewal.id, "branch_id": cast.north.id}
        for number, far in enumerate((2, 4, 4, 4, 6) * 2):
            make_answers(session, version, 1, {"far": far, "complained": int(number < 8)}, **place)
    page = sign_in("huda").get("/voices/statements-1?period=all", language="en", status=200)
    assert "Share of yes · As answered: 80.0% (49.0–94.3%) · 10 answers" in page.main
    assert "Mean of 0 to 10 · As answered: 4.0 (3.0–5.0) · 10 answers" in page.main
