"""A head closes a wave with a word, plans what changes, and the public reads it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from govdesk.db import reading, transaction
from govdesk.feedback.acting import themes
from govdesk.feedback.answers.models import Comment
from tests.desk import Desk, preset
from tests.makers import Cast
from tests.question_makers import make_programme, make_questionnaire, make_response, make_wave

SignIn = Callable[[str], Desk]
OVER = dt.date(2026, 9, 21)  # a week that is over


@pytest.fixture
def wave_id(cast: Cast) -> int:
    """The third quarter of Civil Affairs, closed."""
    with transaction() as session:
        return make_wave(session, programme=make_programme(session, department=cast.civil)).id


def test_a_wave_is_closed_with_a_word_and_the_public_reads_what_changes(
    cast: Cast, desk: Desk, sign_in: SignIn, wave_id: int
) -> None:
    huda = sign_in("huda")
    assert "Waves without a word 1" in huda.get("/work", language="en", status=200).main
    assert "No word yet" in huda.get("/acting", language="en", status=200).main
    form = huda.get(f"/acting/waves/{wave_id}/reflect", status=200)
    empty = huda.submit(form, {"heard_ar": " "}, status=422)
    assert "heard_ar" in empty.errors()
    wave = huda.follow(huda.submit(form, {"heard_en": "The wait is long."}, status=302))
    assert "The wait is long." in wave.main
    planning = huda.get(next(link for link in wave.links() if link.endswith("/plan")), status=200)
    typed = {
        "said_ar": "انتظرنا", "said_en": "We waited", "will_ar": "نفتح شباكًا", "will_en": "We open a counter",
        "owner": str(cast.staff["sara"].id), "due_on": "2026-10-01", "obstacle": "staffing",
    }  # fmt: skip
    assert "due_on" in huda.submit(planning, typed, status=422).errors()
    wave = huda.follow(huda.submit(planning, {**typed, "due_on": "2026-11-01"}, status=302))
    address = next(link for link in wave.links() if link.startswith("/acting/changes/"))
    assert "Nothing to read yet" in desk.get("/you-said", language="en", status=200).main
    change = huda.get(address, status=200)
    for act in ("word", "move", "hand-over", "finish"):
        huda.get(f"{address}/{act}", status=200)
    huda.submit(change, {}, action=f"{address}/release", status=302)
    said = desk.get("/you-said", language="en", status=200)
    assert "We waited" in said.main
    assert "until" in said.main
    sara = sign_in("sara")
    done = {"did_ar": "فتحنا", "did_en": "It is open", "done_on": "2026-10-04"}
    sara.submit(sara.get(f"{address}/finish", status=200), done, status=302)
    assert "It is open" in desk.get("/you-said", language="en", status=200).main
    sara.get(f"{address}/reopen", status=200)
    sara.get(f"{address}/move", status=403)
    assert "Closed" in sara.get("/obstacles?state=closed", language="en", status=200).main


def test_another_department_does_not_read_it(cast: Cast, sign_in: SignIn, wave_id: int) -> None:
    sign_in("omar").get(f"/acting/waves/{wave_id}", status=403)
    sign_in("sara").get(f"/acting/waves/{wave_id}/reflect", status=403)
    with transaction() as session:
        other = make_wave(session, programme=make_programme(session, department=cast.lands)).id
    sign_in("huda").get(f"/acting/waves/{other}", status=404)


def test_themes_are_named_in_both_languages(cast: Cast, sign_in: SignIn) -> None:
    huda = sign_in("huda")
    page = huda.get("/acting/themes", status=200)
    assert "name_ar" in huda.submit(page, {"name_en": "Waiting"}, status=422).errors()
    huda.submit(page, {"name_ar": "الانتظار", "name_en": "Waiting"}, status=302)
    listed = huda.get("/acting/themes", language="en", status=200)
    assert "Waiting" in listed.main
    one = huda.get(next(link for link in listed.links() if link.startswith("/acting/themes/")), status=200)
    huda.submit(one, {"name_ar": "الانتظار", "name_en": "The wait", "is_used": []}, status=302)
    assert "Out of use" in huda.get("/acting/themes", language="en", status=200).main


def test_a_comment_is_given_themes_where_it_stands_in_a_crowd(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        version = make_questionnaire(session)
        for _ in range(4):
            make_response(session, version=version, branch_id=cast.north.id, week=OVER)
        said: dict[str, Any] = {"version": version, "week": OVER}
        make_response(session, branch_id=cast.north.id, words="The wait was long.", **said)
        make_response(session, branch_id=cast.harbour.id, words="Only me.", **said)
        head = cast.staff["adam"].actor
        theme = themes.make(session, actor=head, name_ar="الانتظار", name_en="Waiting").id
        comments = {one.text: one.id for one in session.scalars(select(Comment))}
        code, crowded, alone = (
            version.questionnaire.code,
            comments["The wait was long."],
            comments["Only me."],
        )
    path, sara = f"/voices/{code}/comments", sign_in("sara")
    page = sara.get(f"{path}?period=26&q=wait", status=200)
    assert "Only me." not in page.main
    given = sara.submit(page, {f"themes-{crowded}": [str(theme)]}, action=path, status=302)
    assert given.location == f"{path}?q=wait&page=1&period=26"
    again = sara.follow(given)
    assert themes.counts(reading()) == {theme: 1}
    assert "Waiting" in again.main or "الانتظار" in again.main
    untouched = sara.submit(again, {}, action=path, status=302)
    assert themes.counts(reading()) == {theme: 1}
    sara.submit(sara.follow(untouched), {f"themes-{crowded}": []}, action=path, status=302)
    reading().rollback()
    assert themes.counts(reading()) == {}
    stolen = {"comment": [str(alone)], f"held-{alone}": "", f"themes-{alone}": [str(theme)]}
    for other in (sara, sign_in("salim")):
        token = preset(other.get("/voices").forms()[0])
        answer = other.flask.post(path, data={**token, **stolen})
        assert answer.status_code in {302, 404}
    reading().rollback()
    assert themes.counts(reading()) == {}


def test_what_was_seen_on_mystery_visits_is_read_without_its_branch(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        version = make_questionnaire(session, kind="mystery")
        said: dict[str, Any] = {"version": version, "week": OVER, "occasion": "mystery"}
        for place in (cast.north, cast.harbour, cast.north, cast.harbour):
            make_response(session, branch_id=place.id, **said)
        make_response(session, branch_id=cast.harbour.id, words="No sign at the door.", **said)
        code = version.questionnaire.code
    page = sign_in("adam").get(f"/voices/{code}/comments", language="en", status=200)
    assert "No sign at the door." in page.main
    (card,) = page.words("li", "card")
    assert cast.harbour.name_en not in card
