"""A form: sections of questions in two languages, and what a question may be answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    role: str | None = None  # one of ROLES
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
