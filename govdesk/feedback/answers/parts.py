"""How a form is gone through: one section at a time, the first touch alone; pure rules."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from govdesk.feedback.forms.rules import Form, Question, Section, visible

SECONDS = {"text": 30, "many": 15, "drivers": 15}  # that a question takes; all others:
SECONDS_OF_A_TOUCH = 8


@dataclass(frozen=True, slots=True)
class Part:
    """The questions of one section that are asked of who answered so."""

    section: Section
    questions: tuple[Question, ...]

    @property
    def key(self) -> str:
        """What the part is known by."""
        return self.section.key


def parts(form: Form, answers: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts in which something is asked of who answered so, in order; never none."""
    asked = {question.key for question in visible(form, answers)}
    found = (
        Part(section, tuple(one for one in section.questions if one.key in asked))
        for section in form.sections
    )
    return tuple(part for part in found if part.questions)


def part_of(form: Form, answers: Mapping[str, Any], key: str) -> Part:
    """Return the part that is known by `key`; the first one where it is unknown or not asked any more."""
    all_of_them = parts(form, answers)
    return next((part for part in all_of_them if part.key == key), all_of_them[0])


def part_after(form: Form, answers: Mapping[str, Any], part: Part, seen: Collection[str]) -> Part | None:
    """Return where one goes on from a part, having seen these questions of it; None at the end.

    Where an answer brought up a question of the same part, it is shown again.
    """
    there = parts(form, answers)
    keys = [one.key for one in there]
    if part.key not in keys:
        return there[0]
    here = keys.index(part.key)
    if any(question.key not in seen for question in there[here].questions):
        return there[here]
    return there[here + 1] if here + 1 < len(there) else None


def part_before(form: Form, answers: Mapping[str, Any], part: Part) -> Part | None:
    """Return the part before one; None at the beginning."""
    there = parts(form, answers)
    keys = [one.key for one in there]
    here = keys.index(part.key) if part.key in keys else 0
    return there[here - 1] if here else None


def place_of(form: Form, answers: Mapping[str, Any], part: Part) -> tuple[int, int]:
    """Return which part it is, and of how many."""
    keys = [one.key for one in parts(form, answers)]
    return (keys.index(part.key) + 1 if part.key in keys else 1), len(keys)


def first_touch(form: Form) -> Question | None:
    """Return the question that one touch answers: the faces, where a form begins with them."""
    first = form.questions[0]
    return first if first.kind == "faces" and first.shown is None else None


def minutes(form: Form) -> int:
    """Return how long it takes at most, in whole minutes."""
    seconds = sum(SECONDS.get(question.kind, SECONDS_OF_A_TOUCH) for question in form.questions)
    return max(1, math.ceil(seconds / 60))
