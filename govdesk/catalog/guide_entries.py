"""The entries of a guide in a catalog document: plain values, field names as in the tables."""

from dataclasses import dataclass

from govdesk.catalog.entries import Name

NOTHING = Name("", "")


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """A paper to bring."""

    code: str
    name: Name
    how: Name = NOTHING
    link: str = ""
    form: str = "original"
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class ScenarioEntry:
    """A foreseen reason to come, and what is best done then."""

    code: str
    name: Name
    action: str
    advice: Name = NOTHING
    link: str = ""
    keywords: Name = NOTHING
    extra_minutes: int = 0
    is_active: bool = True
    papers: tuple[PaperEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerEntry:
    """An answer and the code of what it leads to: a question or a scenario, one of the two."""

    code: str
    name: Name
    question: str | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """A question with its answers."""

    code: str
    name: Name
    hint: Name = NOTHING
    answers: tuple[AnswerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class GuideEntry:
    """The guide of a service: its scenarios and the questions that lead to them, the first one first."""

    service: str
    scenarios: tuple[ScenarioEntry, ...] = ()
    questions: tuple[QuestionEntry, ...] = ()
