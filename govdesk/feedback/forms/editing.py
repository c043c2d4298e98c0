"""Changes to a form that is being written: each gives a new form and leaves the old one as it was."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

from govdesk.feedback.forms.rules import Form, Question, Section, Words

Part = TypeVar("Part", Question, Section)
EMPTY = Form(sections=(Section(key="s1", questions=()),))


def fresh_key(letter: str, taken: Collection[str]) -> str:
    """Return a key that none of these is, such as q2 after q1."""
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def keys_of(form: Form) -> set[str]:
    """Return the keys of all its sections and questions."""
    return {section.key for section in form.sections} | {question.key for question in form.questions}


def mark_of(part: Question | Section | Form | None) -> str:
    """Return a mark of how something stands: a question, a heading, the words around, or nothing.

    Of a section its heading counts, of a form its opening and thanks: what is in them has marks of its own.
    """
    said: object = ""
    if isinstance(part, Question):
        said = asdict(replace(part, series=1))
    elif isinstance(part, Section):
        said = part.title or ""
    elif part is not None:
        said = [part.intro or "", part.thanks or ""]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def question_of(form: Form, key: str) -> Question | None:
    """Return a question by its key."""
    return next((one for one in form.questions if one.key == key), None)


def section_of(form: Form, key: str) -> Section | None:
    """Return the section that has this key, or that holds the question which has it."""
    return next(
        (one for one in form.sections if key == one.key or key in [each.key for each in one.questions]), None
    )


def put_question(form: Form, question: Question, section: str) -> Form:
    """Write a question anew where it stands, or at the end of a section to which it comes new."""
    here = section_of(form, question.key)
    if here is not None and here.key == section:
        return _with_questions(
            form, section, [question if one.key == question.key else one for one in here.questions]
        )
    form = drop_question(form, question.key)
    there = section_of(form, section) or form.sections[-1]  # it may have been taken out meanwhile
    return _with_questions(form, there.key, [*there.questions, question])


def drop_question(form: Form, key: str) -> Form:
    """Take a question out; what depended on it still says so, and is told of as a problem."""
    here = section_of(form, key)
    if here is None or here.key == key:
        return form
    return _with_questions(form, here.key, [one for one in here.questions if one.key != key])


def move_question(form: Form, key: str, *, is_up: bool) -> Form:
    """Let a question change places with its neighbour, or go over into the neighbouring section."""
    here = section_of(form, key)
    question = question_of(form, key)
    if here is None or question is None:
        return form
    if (moved := _moved(here.questions, key, is_up=is_up)) is not None:
        return _with_questions(form, here.key, moved)
    place = form.sections.index(here) + (-1 if is_up else 1)
    if not 0 <= place < len(form.sections):
        return form
    there = form.sections[place]
    others = [*there.questions, question] if is_up else [question, *there.questions]
    return _with_questions(drop_question(form, key), there.key, others)


def put_section(form: Form, key: str, title: Words | None) -> Form:
    """Name a section, or add a new one at the end."""
    if section_of(form, key) is None:
        return replace(form, sections=(*form.sections, Section(key, (), title)))
    named = [replace(one, title=title) if one.key == key else one for one in form.sections]
    return replace(form, sections=tuple(named))


def drop_section(form: Form, key: str) -> Form:
    """Take a section out with its questions; the last one stays, empty."""
    left = tuple(one for one in form.sections if one.key != key)
    return replace(form, sections=left or (Section(key, ()),))


def move_section(form: Form, key: str, *, is_up: bool) -> Form:
    """Let a section change places with its neighbour."""
    moved = _moved(form.sections, key, is_up=is_up)
    return form if moved is None else replace(form, sections=tuple(moved))


def _with_questions(form: Form, section: str, questions: Sequence[Question]) -> Form:
    changed = [
        replace(one, questions=tuple(questions)) if one.key == section else one for one in form.sections
    ]
    return replace(form, sections=tuple(changed))


def _moved(parts: Sequence[Part], key: str, *, is_up: bool) -> list[Part] | None:
    """The parts with one of them a place further; None where it stands at the edge."""
    place = [part.key for part in parts].index(key)
    other = place + (-1 if is_up else 1)
    if not 0 <= other < len(parts):
        return None
    moved = list(parts)
    moved[place], moved[other] = moved[other], moved[place]
    return moved
