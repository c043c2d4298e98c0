"""A question that was asked of some is told of these alone, and of all of them, who ticked nothing too."""

from typing import Any

import pytest

from govdesk.db import reading, transaction
from govdesk.feedback.forms.presets import presets
from govdesk.feedback.forms.rules import dump
from govdesk.kpi import asked_forms, service, survey
from tests.answer_makers import make_answers, make_questionnaire
from tests.makers import Cast

WHAT = {
    "key": "what", "kind": "many", "text": {"ar": "ماذا؟", "en": "What?"},
    "choices": [
        {"key": "queue", "text": {"ar": "الطابور", "en": "The queue"}},
        {"key": "words", "text": {"ar": "الكلام", "en": "The words"}},
    ],
}  # fmt: skip


def test_what_depends_on_an_answer_is_told_of_those_who_gave_it(cast: Cast) -> None:
    content = dump(presets()["statements"].form)
    first = content["sections"][0]["questions"][0]["key"]
    shown = {"question": first, "answers": [1, 2]}
    content["sections"][0]["questions"] += ({**WHAT, "shown": shown},)
    with transaction() as session:
        version = make_questionnaire(session, content=content)
        place: dict[str, Any] = {"service_id": cast.renewal.id, "branch_id": cast.north.id}
        make_answers(session, version, 90, {first: 5}, **place)
        make_answers(session, version, 8, {first: 1, "what": ["queue"]}, **place)
        make_answers(session, version, 2, {first: 2}, **place)
    question = service.ask(reading())
    known = asked_forms.asked(reading())
    cut = survey.Cut(version.questionnaire_id)
    told = {one.asking.key: one for one in survey.tell(reading(), question, cut, known)}
    assert (told["what"].n, told["what"].counts["queue"]) == (10, 8)
    assert told[first].n == 100


def test_who_was_not_asked_what_could_be_better_is_none_of_the_others(cast: Cast) -> None:
    """Of 60 asked 30 waited too long (20 dissatisfied) and 30 did not (10): twice as many, a third of it."""
    content = dump(presets()["after_service"].form)
    questions = content["sections"][0]["questions"]
    better = next(one for one in questions if one["key"] == "better")
    better["shown"] = {"question": "overall", "answers": [1, 2]}
    with transaction() as session:
        version = make_questionnaire(session, content=content)
        place: dict[str, Any] = {"service_id": cast.renewal.id, "branch_id": cast.north.id}
        make_answers(session, version, 90, {"overall": 3}, **place)
        make_answers(session, version, 20, {"overall": 1, "better": ["efficiency"]}, **place)
        make_answers(session, version, 10, {"overall": 1}, **place)
        make_answers(session, version, 10, {"overall": 2, "better": ["efficiency"]}, **place)
        make_answers(session, version, 20, {"overall": 2}, **place)
    question = service.ask(reading())
    known = asked_forms.asked(reading())
    found = survey.together(reading(), question, survey.Cut(version.questionnaire_id), known)
    (one,) = survey.drivers(found, known)
    assert (one.choice, one.effect.ratio, one.effect.prevalence) == ("efficiency", 2.0, 0.5)
    assert one.effect.attributable == pytest.approx(1 / 3)
