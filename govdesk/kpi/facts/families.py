"""Which facts are kept: each family with its pass over the rows, its breakdowns, and what changes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk.kpi import attendance, complaining, durations, guided, repeats, returns, waits
from govdesk.kpi.columns import Columns
from govdesk.kpi.groups import By, Tallies
from govdesk.kpi.question import Question

Tallying = Callable[[Session, Question, Sequence[By]], list[Tallies[Any]]]
Gather = Callable[[Session, Question, Sequence[By]], Sequence[Columns] | Sequence[Tallies[Any]]]
PLACES = ("branch", "service")
OF_VISIT: tuple[By, ...] = tuple(
    (word,) for word in ("channel", "family", "kind", "language", "priority", "unit")
)
OF_CASE: tuple[By, ...] = tuple((word,) for word in ("channel", "family", "kind", "language", "unit"))
SCENARIO: By = ("scenario",)
CLOCK: By = ("weekday", "hour")


@dataclass(frozen=True, slots=True)
class Family:
    """Facts that are kept by day.

    `gather` is the pass over the rows that fills the cells, `make` an empty tally, `words` the breakdowns
    that are kept beside branch and service, each by itself. `fed_by` names the marks that make a day be
    counted again; `young_days` is for how long time alone changes a day.
    """

    name: str
    gather: Gather
    make: Callable[[], Any]
    words: tuple[By, ...]
    fed_by: frozenset[str]
    young_days: int = 1
    is_whole_only: bool = False  # what is at no branch is told only to who sees every branch

    def columns(self, session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
        """Gather the facts of a question in each breakdown."""
        return [
            one if isinstance(one, Columns) else Columns.of(one, self.make)
            for one in self.gather(session, question, bys)
        ]

    @property
    def finest(self) -> list[By]:
        """The breakdowns that are gathered; all others are sums of these."""
        return [PLACES, *((*PLACES, *words) for words in self.words)]

    @property
    def levels(self) -> list[tuple[By, By]]:
        """All breakdowns that are kept, each with the one that it is a sum of."""
        found: list[tuple[By, By]] = [
            (PLACES, PLACES),
            (("branch",), PLACES),
            (("service",), PLACES),
            ((), PLACES),
        ]
        for words in self.words:
            whole = (*PLACES, *words)
            found += [(("branch", *words), whole), (("service", *words), whole), (words, whole)]
        return found


YOUNG = repeats.LONGEST + 30  # days: the longest window, the lag, and room for long visits

KEPT: Mapping[Tallying, Family] = {
    repeats.tally: Family(
        "repeats", repeats.gather, repeats.Tally, (*OF_VISIT, SCENARIO),
        frozenset({"visit", "return"}), YOUNG,
    ),
    returns.tally: Family(
        "abandons", returns.gather, returns.Tally, OF_VISIT, frozenset({"visit", "return"}), YOUNG
    ),
    waits.tally: Family(
        "waits", waits.gather, waits.Tally, (*OF_VISIT, CLOCK), frozenset({"visit"})
    ),
    durations.tally: Family(
        "cases", durations.tally, durations.Tally, (*OF_CASE, ("policy",)), frozenset({"case"})
    ),
    attendance.tally: Family(
        "attendance", attendance.gather, attendance.Tally, (*OF_VISIT, CLOCK),
        frozenset({"visit", "appointment"}),
    ),
    guided.tally: Family(
        "guide", guided.gather, guided.Tally, (("family",), SCENARIO), frozenset({"visit", "guide"}),
        is_whole_only=True,
    ),
    guided.tally_visits: Family(
        "reasons", guided.gather_visits, guided.Tally, (*OF_VISIT, SCENARIO), frozenset({"visit"})
    ),
    complaining.tally_rate: Family(
        "complaints", complaining.gather_rate, complaining.Rate, (("family",),),
        frozenset({"visit", "complaint"}),
    ),
}  # fmt: skip
