"""A form: sections of questions in two languages, what is asked of whom, and what may be answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

KINDS = (
    "after_service",  # at each end: served, turned away, left
    "periodic",  # in waves, to a sample
    "complaint",  # after an answered complaint
    "missed",  # why somebody did not come
    "second_visit",  # why somebody had to come again
    "mystery",  # filled in by who was sent
    "staff",  # asked of those who serve
)
INSIDE = frozenset({"mystery", "staff"})  # who answers was not served: no part of what people say
TYPES: Mapping[str, tuple[int, int] | None] = {  # the numbers that an answer may have; None: not a number
    "faces": (1, 3),  # 1 bad, 2 in between, 3 good
    "agreement": (1, 5),  # 1 not at all, 5 wholly
    "scale": (0, 10),
    "yes_no": (0, 1),
    "one": None,  # the key of a choice
    "many": None,  # keys of choices
    "drivers": None,  # keys of DRIVERS
    "text": None,
}
DRIVERS = ("effectiveness", "ease", "efficiency", "transparency", "humanity", "employee")
STATEMENTS = ("satisfied", "trust", "need_addressed", "easy", "reasonable_time", "fair", "helpful")
ROLES = (*STATEMENTS, "expectation", "importance", "complained", "comment")  # what figures a question feeds
MOST, MANY = 15, 10  # questions: refused above, warned above
LONGEST_ANSWER = 4000  # characters of a text

Words = Mapping[str, str]  # by language, "ar" and "en"
Answer = int | str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that can be chosen."""

    key: str
    text: Words


@dataclass(frozen=True, slots=True)
class Shown:
    """A question is asked where an earlier one was answered with one of these."""

    question: str
    answers: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Its series grows by one with each change of its wording: a trend line breaks there."""

    key: str
    kind: str  # one of TYPES
    text: Words
    is_required: bool = False
    role: str | None = None  # one of ROLES; "satisfied" also of faces, which are never counted with agreement
    about: str | None = None  # of a grid of importance: the driver or statement that it weighs
    series: int = 1
    choices: tuple[Choice, ...] = ()
    low: Words | None = None  # what the ends of a scale are called
    high: Words | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading; without a heading, just questions."""

    key: str
    questions: tuple[Question, ...]
    title: Words | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What one version asks."""

    sections: tuple[Section, ...]
    intro: Words | None = None
    thanks: Words | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """All of its questions, in order."""
        return tuple(question for section in self.sections for question in section.questions)


def parse(content: Mapping[str, Any]) -> Form:
    """Read a form from what is stored of it. Raises KeyError and TypeError where it is no form."""
    return Form(
        sections=tuple(
            Section(
                key=section["key"],
                questions=tuple(_question(one) for one in section["questions"]),
                title=section.get("title"),
            )
            for section in content["sections"]
        ),
        intro=content.get("intro"),
        thanks=content.get("thanks"),
    )


def dump(form: Form) -> dict[str, Any]:
    """Return what is stored of a form; `parse` gives it back."""
    return asdict(form)


def options(question: Question) -> tuple[str, ...]:
    """Return the keys that can be chosen; of drivers all six, unless the form words them itself."""
    if question.kind == "drivers" and not question.choices:
        return DRIVERS
    return tuple(choice.key for choice in question.choices)


def numbers(question: Question) -> range:
    """Return the numbers that can be answered; none where the answer is no number."""
    ends = TYPES.get(question.kind)
    return range(ends[0], ends[1] + 1) if ends else range(0)


def visible(form: Form, answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions that are asked of who answered so, in order.

    A question whose condition is an answer to a question that is not asked itself is not asked either.
    """
    return tuple(question for question, _value, _wrong in _walk(form, answers))


def checked(
    form: Form, answers: Mapping[str, Any], *, is_final: bool
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers as they are kept, and for each that cannot be kept the key of a sentence why.

    Answers may come as they were typed ("3" for 3). What belongs to no question that is asked is dropped, and
    what is empty is no answer. An answer that is missing is told of only at the end.
    """
    kept: dict[str, Answer] = {}
    refused: dict[str, str] = {}
    for question, value, wrong in _walk(form, answers):
        if wrong:
            refused[question.key] = wrong
        elif value is not None:
            kept[question.key] = value
        elif question.is_required and is_final:
            refused[question.key] = "questionnaires.answer_missing"
    return kept, refused


def follow(form: Form, previous: Form) -> Form:
    """Return a form with the series of its questions, where the version before it asked `previous`.

    A series goes on where a question is asked as before, and grows by one where its wording in either
    language, its kind, its choices or the names of its ends changed: its figures cannot be compared.
    """
    before = {question.key: question for question in previous.questions}

    def followed(question: Question) -> Question:
        old = before.get(question.key)
        if old is None:
            return replace(question, series=1)
        return replace(question, series=old.series + (wording(question) != wording(old)))

    return replace(
        form,
        sections=tuple(
            replace(section, questions=tuple(followed(one) for one in section.questions))
            for section in form.sections
        ),
    )


def wording(question: Question) -> tuple[object, ...]:
    """Return all that makes answers to a question comparable."""
    choices = tuple((choice.key, dict(choice.text)) for choice in question.choices)
    return (question.kind, dict(question.text), choices, question.low or {}, question.high or {})


def _walk(form: Form, answers: Mapping[str, Any]) -> Iterator[tuple[Question, Answer | None, str]]:
    """Go through the questions that are asked: each with what it was answered with, or with what is wrong."""
    known: dict[str, Answer | None] = {}
    for question in form.questions:
        if question.shown is not None and not _holds(question.shown, known.get(question.shown.question)):
            continue
        value, wrong = _value(question, answers.get(question.key))
        known[question.key] = value
        yield question, value, wrong


def _holds(shown: Shown, answer: Answer | None) -> bool:
    if answer is None:
        return False
    given = [answer] if isinstance(answer, (int, str)) else list(answer)
    return any(one in shown.answers for one in given)


def _value(question: Question, given: object) -> tuple[Answer | None, str]:
    if given is None or given in ("", [], ()):
        return None, ""
    if question.kind == "text":
        return _text(given)
    if question.kind in ("many", "drivers"):
        several = [given] if isinstance(given, str) else given
        if not isinstance(several, (list, tuple)) or any(one not in options(question) for one in several):
            return None, "questionnaires.answer_unknown"
        return [key for key in options(question) if key in several], ""
    if question.kind == "one":
        known = isinstance(given, str) and given in options(question)
        return (str(given), "") if known else (None, "questionnaires.answer_unknown")
    number = _number(given)
    return (number, "") if number in numbers(question) else (None, "questionnaires.answer_unknown")


def _text(given: object) -> tuple[Answer | None, str]:
    if not isinstance(given, str):
        return None, "questionnaires.answer_unknown"
    if len(given.strip()) > LONGEST_ANSWER:
        return None, "questionnaires.answer_too_long"
    return given.strip() or None, ""


def _number(given: object) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        typed = given.strip()
        return int(typed) if typed.isdecimal() and len(typed) < len("100") else None
    return given if isinstance(given, int) else None


def _question(given: Mapping[str, Any]) -> Question:
    shown = given.get("shown")
    return Question(
        key=given["key"],
        kind=given["kind"],
        text=given["text"],
        is_required=given.get("is_required", False),
        role=given.get("role"),
        about=given.get("about"),
        series=given.get("series", 1),
        choices=tuple(Choice(one["key"], one["text"]) for one in given.get("choices", ())),
        low=given.get("low"),
        high=given.get("high"),
        shown=Shown(shown["question"], tuple(shown["answers"])) if shown else None,
    )
