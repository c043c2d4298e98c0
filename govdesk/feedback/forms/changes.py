"""What a version asks otherwise than the one before, and where a trend line breaks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from govdesk.feedback.forms.rules import Form, Question, wording

ADDED, REMOVED, REWORDED, CHANGED = "added", "removed", "reworded", "changed"
ASPECTS = ("is_required", "role", "about", "shown")  # of a question, which leave its wording as it is


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that is new, gone, asked in other words, or asked of others."""

    what: str  # added | removed | reworded | changed
    now: Question | None
    before: Question | None

    @property
    def is_break(self) -> bool:
        """Whether a trend line breaks: its figures cannot be compared with those before."""
        return self.what == REWORDED

    @property
    def aspects(self) -> Sequence[str]:
        """In what the question is asked otherwise, though in the same words."""
        if self.now is None or self.before is None:
            return ()
        return [name for name in ASPECTS if getattr(self.now, name) != getattr(self.before, name)]

    @property
    def question(self) -> Question:
        """The question as it is, or as it was."""
        found = self.now or self.before
        assert found is not None
        return found


def differences(form: Form, previous: Form | None) -> list[Difference]:
    """Return what changed, in the order of the form, and at the end what is asked no more."""
    before = {one.key: one for one in previous.questions} if previous else {}
    found = []
    for question in form.questions:
        old = before.pop(question.key, None)
        if old is None:
            found.append(Difference(ADDED, question, None))
        elif wording(old) != wording(question):
            found.append(Difference(REWORDED, question, old))
        elif replace(old, series=question.series) != question:
            found.append(Difference(CHANGED, question, old))
    return found + [Difference(REMOVED, None, gone) for gone in before.values()]


def is_reordered(form: Form, previous: Form) -> bool:
    """Whether questions that both ask stand in another order, which can change how they are answered."""
    return _order(form, previous) != _order(previous, form)


def is_framed_anew(form: Form, previous: Form) -> bool:
    """Whether the words around the questions changed: the opening, the thanks, the headings."""
    return (form.intro, form.thanks, _titles(form)) != (previous.intro, previous.thanks, _titles(previous))


def _order(form: Form, other: Form) -> Sequence[str]:
    common = {question.key for question in other.questions}
    return [question.key for question in form.questions if question.key in common]


def _titles(form: Form) -> Sequence[object]:
    return [section.title for section in form.sections]
