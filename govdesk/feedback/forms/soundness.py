"""What is wrong with a form that cannot be published, place by place."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from govdesk.feedback.forms.rules import (
    DRIVERS,
    MANY,
    MOST,
    ROLES,
    STATEMENTS,
    TYPES,
    Form,
    Question,
    Words,
    numbers,
    options,
)

LANGUAGES = ("ar", "en")
LONGEST_WORDS, LONGEST_LEAD = 300, 1000  # characters of a question or a choice, of the words around them
FEWEST_CHOICES, MOST_CHOICES = 2, 12
WEIGHED = (*DRIVERS, *STATEMENTS)  # what a question of expectation or importance can be about
MANY_ROLES = ("comment",)  # which several questions of a form may have
FITS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(STATEMENTS, ("agreement",)),
    "satisfied": ("agreement", "faces"),
    "expectation": ("agreement", "scale"),
    "importance": ("agreement", "scale"),
    "complained": ("yes_no",),
    "comment": ("text",),
}

Problem = tuple[str, str]  # the key of a section or question, "" for the whole; the key of a sentence


def problems(form: Form) -> list[Problem]:
    """Return what must be mended before people are asked, in the order of the form."""
    found: list[Problem] = []
    if not form.questions:
        found.append(("", "questionnaires.nothing_asked"))
    if len(form.questions) > MOST:
        found.append(("", "questionnaires.too_many"))
    for words in (form.intro, form.thanks):
        found += [("", key) for key in _of_words(words, LONGEST_LEAD)]
    for section in form.sections:
        found += [(section.key, key) for key in _of_words(section.title, LONGEST_WORDS)]
        if not section.questions:
            found.append((section.key, "questionnaires.section_empty"))
    found += _twice(form)
    earlier: dict[str, Question] = {}
    for question in form.questions:
        found += [(question.key, key) for key in (*_of_question(question), *_of_branch(question, earlier))]
        earlier[question.key] = question
    return found


def warnings(form: Form) -> list[Problem]:
    """Return what is better mended, though it can be published."""
    found: list[Problem] = []
    if MANY < len(form.questions) <= MOST:
        found.append(("", "questionnaires.many"))
    if sum(question.kind == "text" for question in form.questions) > FEWEST_CHOICES:
        found.append(("", "questionnaires.many_texts"))
    return found


def _of_question(question: Question) -> Iterator[str]:
    if question.kind not in TYPES:
        yield "questionnaires.kind_unknown"
        return
    yield from _of_words(question.text, LONGEST_WORDS, is_needed=True)
    for ends in (question.low, question.high):
        yield from _of_words(ends, LONGEST_WORDS)
    if question.kind in ("one", "many"):
        if len(question.choices) < FEWEST_CHOICES:
            yield "questionnaires.choices_missing"
        if len(question.choices) > MOST_CHOICES:
            yield "questionnaires.choices_too_many"
    elif question.choices and question.kind != "drivers":
        yield "questionnaires.choices_without_use"
    if question.kind == "drivers" and not {*options(question)} <= {*DRIVERS}:
        yield "questionnaires.driver_unknown"
    wrong = {
        key for choice in question.choices for key in _of_words(choice.text, LONGEST_WORDS, is_needed=True)
    }
    yield from sorted(wrong)
    for language in LANGUAGES:
        said = [choice.text.get(language, "") for choice in question.choices]
        if len({*said}) < len(said) and all(said):
            yield "questionnaires.choice_twice"
            break
    yield from _of_role(question)


def _of_role(question: Question) -> Iterator[str]:
    if question.role is None:
        return
    if question.role not in ROLES:
        yield "questionnaires.role_unknown"
    elif question.kind not in FITS[question.role]:
        yield "questionnaires.role_unfit"
    if question.role == "importance" and question.about not in WEIGHED:
        yield "questionnaires.about_missing"


def _of_branch(question: Question, earlier: Mapping[str, Question]) -> Iterator[str]:
    if question.shown is None:
        return
    asked = earlier.get(question.shown.question)
    if asked is None:
        yield "questionnaires.shown_later"
    elif not question.shown.answers:
        yield "questionnaires.shown_never"
    elif not {*question.shown.answers} <= {*options(asked), *numbers(asked)}:
        yield "questionnaires.shown_impossible"


def _of_words(words: Words | None, longest: int, *, is_needed: bool = False) -> Iterator[str]:
    said = [(words or {}).get(language, "").strip() for language in LANGUAGES]
    if (is_needed or any(said)) and not all(said):
        yield "questionnaires.words_missing"
    if max(map(len, said)) > longest:
        yield "questionnaires.words_too_long"


def _twice(form: Form) -> list[Problem]:
    keys = Counter([section.key for section in form.sections] + [one.key for one in form.questions])
    keys.update(f"{question.key}.{choice}" for question in form.questions for choice in options(question))
    found = [(key.partition(".")[0], "questionnaires.key_twice") for key, count in keys.items() if count > 1]
    roles = Counter((question.role, question.about) for question in form.questions)
    return found + [
        (question.key, "questionnaires.role_twice")
        for question in form.questions
        if question.role not in (None, *MANY_ROLES) and roles[question.role, question.about] > 1
    ]
