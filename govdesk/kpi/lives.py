"""How long cases live, group by group: the curve of those still open, and how many were seen so long."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from govdesk.kpi import durations
from govdesk.kpi.question import Question
from govdesk.kpi.shapes import MOST_STEPS, Step
from govdesk.kpi.survival import Curve, kaplan_meier


@dataclass(frozen=True, slots=True)
class Lives:
    """The cases of a group: their curve, its steps as they are drawn, and how long each case was seen."""

    curve: Curve
    steps: list[Step]
    lengths: tuple[float, ...]  # in order, ended or open

    @property
    def n(self) -> int:
        """How many cases there are."""
        return len(self.lengths)

    def at_risk(self, days: float) -> int:
        """How many were still under observation after so many days."""
        return self.n - bisect_left(self.lengths, days)

    def at(self, days: float) -> float | None:
        """The share still open after so many days; None where nobody was seen that long."""
        return self.curve.at(days)


def lives(session: Session, question: Question, word: str) -> dict[str | None, Lives]:
    """Give the curves of a period's cases by service, unit or whatever the word names, most cases first."""
    found = {
        group[0]: lives_of(one.counted)
        for group, one in durations.tally(session, question, [(word,)])[0].items()
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].n, pair[0] or "")))


def lives_of(observed: Sequence[durations.Observation]) -> Lives:
    """Give the curve of lengths in days, each with whether it ended."""
    curve = kaplan_meier(observed)
    return Lives(curve, _steps(curve) if curve.n else [], tuple(sorted(length for length, _ in observed)))


def _steps(curve: Curve) -> list[Step]:
    """The steps from 1 at day 0, thinned to what an eye can see."""
    steps = [
        Step(days, share, low, high, at_risk)
        for days, share, (low, high), at_risk in zip(
            curve.times, curve.survival, curve.bounds, curve.at_risk, strict=True
        )
    ]
    kept = steps[:: max(1, math.ceil(len(steps) / MOST_STEPS))]
    if steps and kept[-1] != steps[-1]:
        kept.append(steps[-1])
    return [Step(0.0, 1.0, 1.0, 1.0, curve.n), *kept]
