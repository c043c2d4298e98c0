"""What was typed into a page of questions."""

from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from govdesk.feedback.answers.drafting import Begun
from govdesk.feedback.answers.parts import Part
from govdesk.i18n import latin_digits

SEVERAL = ("many", "drivers")


def typed_answers(part: Part, sent: MultiDict[str, str]) -> tuple[dict[str, Any], set[str]]:
    """Return what was answered of the questions that were on the page, and which were.

    `seen` is sent along with the page, since a box that is not ticked sends nothing. A face that was touched
    comes alone, from its own button.
    """
    seen = set(sent.get("seen", "").split())
    typed: dict[str, Any] = {}
    for question in part.questions:
        key = question.key
        if key not in seen and key not in sent:
            continue
        if question.kind in SEVERAL:
            typed[key] = sent.getlist(key)
        elif question.kind == "text":
            typed[key] = sent.get(key, "").replace("\r\n", "\n")
        elif key in sent:
            typed[key] = latin_digits(sent[key])
    return typed, {*seen, *typed}


def with_wish(begun: Begun, sent: MultiDict[str, str]) -> Begun:
    """With the wish to be called as it is ticked on the page, where the page had boxes for it (`wishes`)."""
    if "wishes" not in sent:
        return begun
    return replace(begun, call="call" in sent, with_words="with_words" in sent)
