"""How long cases live, group by group: the curve of those still open, and how many were seen so long."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.kpi import durations
from govdesk.kpi.facts import reading as facts
from govdesk.kpi.question import Question
from govdesk.kpi.shapes import Step, steps_of
from govdesk.kpi.survival import Curve


@dataclass(frozen=True, slots=True)
class Lives:
    """The cases of a group: their curve, and its steps as they are drawn."""

    curve: Curve
    steps: list[Step]

    @property
    def n(self) -> int:
        """How many cases there are."""
        return self.curve.n

    def at_risk(self, days: float) -> int:
        """How many were still under observation after so many days."""
        return self.curve.watched(days)

    def at(self, days: float) -> float | None:
        """The share still open after so many days; None where nobody was seen that long."""
        return self.curve.at(days)


def lives(session: Session, question: Question, word: str) -> dict[str | None, Lives]:
    """Give the curves of a period's cases by service, unit or whatever the word names, most cases first."""
    tallies = facts.tallies(session, question, durations.tally, [(word,)])[0]
    found = {group[0]: lives_of(durations.curve(one, question)) for group, one in tallies.items()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].n, pair[0] or "")))


def lives_of(curve: Curve) -> Lives:
    """Give a curve of lengths in days with its steps."""
    return Lives(curve, steps_of(curve))
