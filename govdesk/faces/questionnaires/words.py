"""How questions and their answers are called, in the language that is spoken."""

from collections.abc import Mapping

from govdesk.feedback.forms.rules import DRIVERS, Form, Question, Words, numbers, options
from govdesk.i18n import language, num, t

FACES = {3: "good", 2: "middle", 1: "bad"}


def said(words: Words | None) -> str:
    """Return words in the language spoken, or in the other one where they are not written yet."""
    if not words:
        return ""
    return words.get(language(), "") or words.get("en", "") or words.get("ar", "")


def answers_of(question: Question) -> list[tuple[int | str, str]]:
    """Return what can be answered, each with its words, in the order shown; nothing for a text."""
    if question.kind == "faces":
        return [(number, t(f"design.face_{face}")) for number, face in FACES.items()]
    if question.kind == "yes_no":
        return [(1, t("questionnaires.yes")), (0, t("questionnaires.no"))]
    if question.kind == "agreement":
        return [(number, t(f"questionnaires.agree_{number}")) for number in numbers(question)]
    if question.kind == "scale":
        return [(number, num(number)) for number in numbers(question)]
    written = {choice.key: said(choice.text) for choice in question.choices}
    return [(key, written.get(key) or t(f"questionnaires.driver_{key}")) for key in options(question)]


def condition(form: Form, question: Question) -> Mapping[str, str] | None:
    """Return of whom a question is asked: the earlier question, and its answers; None where of everybody."""
    if question.shown is None:
        return None
    asked = next((one for one in form.questions if one.key == question.shown.question), None)
    if asked is None:
        return {"question": "", "answers": ""}
    words = dict(answers_of(asked))
    given = [words.get(one, str(one)) for one in question.shown.answers]
    return {"question": said(asked.text), "answers": t("questionnaires.or").join(given)}


def weighed(question: Question) -> str:
    """Return the driver or statement that a question of expectation or importance is about."""
    if question.about is None:
        return ""
    beginning = "questionnaires.driver_" if question.about in DRIVERS else "questionnaires.role_"
    return t(beginning + question.about)
