"""How far the records behind the figures can be trusted, branch by branch."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.kpi import attendance, flaws
from govdesk.kpi.facts import reading as facts
from govdesk.kpi.question import Question

FLAWS = {  # each with what it is a share of
    "unlinked": "attended",
    "probable": "attended",
    "without_outcome": "attended",
    "without_arrival": "visits",
    "set_aside": "visits",
    "at_night": "visits",
    "edited_times": "visits",
    "entered_late": "visits",
    "by_hand": "visits",
    "unknown": "appointments",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """The counts of one branch, or of all of them (branch None)."""

    branch: str | None
    counts: Counter[str]

    def share(self, flaw: str) -> float | None:
        """How large a flaw is, of what it is counted in; None where nothing was counted."""
        whole = self.counts[FLAWS[flaw]]
        return self.counts[flaw] / whole if whole else None


def by_branch(session: Session, question: Question) -> list[Quality]:
    """Count the flaws of a period: all branches together first, then each by its code.

    `unlinked`: nobody knows whose visit it was; `probable`: known by a phone or e-mail alone, which families
    share; `without_outcome`: served, and nobody said how it ended; `without_arrival`: no wait can be told;
    `set_aside`: ends before it begins; `at_night`: closed unserved; `edited_times`: changed after they
    had been recorded; `entered_late`: more than two days after the end; `by_hand`: a person, case or object
    was put right afterwards; `unknown`: a past appointment of which nobody said whether somebody came.
    """
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for (branch,), known in facts.tallies(session, question, flaws.tally, [("branch",)])[0].items():
        _add(found, branch, known.counts)
    for (branch,), one in facts.tallies(session, question, attendance.tally, [("branch",)])[0].items():
        _add(found, branch, {"appointments": one.expected + one.unknown, "unknown": one.unknown})
    whole = found.pop(None, Counter())
    return [Quality(None, whole), *(Quality(branch, found[branch]) for branch in sorted(found, key=str))]


def _add(found: dict[str | None, Counter[str]], branch: str | None, counts: Mapping[str, int]) -> None:
    found[None].update(counts)
    if branch is not None:
        found[branch].update(counts)
