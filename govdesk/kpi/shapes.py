"""The whole shape behind a median: the curve of cases still open, and the distribution of waits."""

from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy.orm import Session

from govdesk.kpi import durations, waits
from govdesk.kpi.facts import reading as facts
from govdesk.kpi.groups import By
from govdesk.kpi.question import Question
from govdesk.kpi.survival import Curve

MOST_STEPS = 240
CLASS_MINUTES = 5
CLASSES = 12  # the last one is open to the end
WHOLE: By = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Just after a number of days: the share still open with its interval, and how many were at risk."""

    days: float
    share: float
    low: float
    high: float
    at_risk: int


@dataclass(frozen=True, slots=True)
class WaitClass:
    """People who waited from `low` to under `high` minutes; the last class has no upper end."""

    low: int
    high: int | None
    people: int
    share: float


def survival(session: Session, question: Question) -> list[Step]:
    """Give the Kaplan-Meier curve of a period's cases, thinned to what an eye can see; empty without any."""
    one = facts.tallies(session, question, durations.tally, [WHOLE])[0][()]
    return steps_of(durations.curve(one, question))


def steps_of(curve: Curve) -> list[Step]:
    """Give the steps of a curve from 1 at day 0, thinned; empty without anybody."""
    if not curve.n:
        return []
    return [Step(0.0, 1.0, 1.0, 1.0, curve.n), *(Step(*step) for step in curve.thinned(MOST_STEPS))]


def wait_classes(session: Session, question: Question) -> list[WaitClass]:
    """Give how many of those called waited how long, in classes of five minutes; empty without any.

    A call before the arrival is in the first class.
    """
    one = facts.tallies(session, question, waits.tally, [WHOLE])[0][()]
    n = len(one.waits) + len(one.negative)
    if not n:
        return []
    width = CLASS_MINUTES * waits.MINUTE
    below = [len(one.negative) + one.waits.up_to(place * width - 1) for place in range(1, CLASSES + 1)]
    counted = [high - low for low, high in pairwise((0, *below, n))]
    most = max(place for place, people in enumerate(counted) if people)
    return [
        WaitClass(
            place * CLASS_MINUTES,
            None if place == CLASSES else (place + 1) * CLASS_MINUTES,
            counted[place],
            counted[place] / n,
        )
        for place in range(most + 1)
    ]
