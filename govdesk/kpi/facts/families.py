"""Which facts are kept: each family with its pass over the rows, its breakdowns, and what changes it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk.kpi import (
    answers,
    attendance,
    burden,
    commitments,
    complaining,
    costs,
    digital,
    durations,
    flaws,
    guided,
    matters,
    parts,
    repeats,
    responding,
    returns,
    shadow,
    silent,
    speed,
    waits,
    weighing,
)
from govdesk.kpi.columns import Columns
from govdesk.kpi.groups import APART, By, Tallies
from govdesk.kpi.opened import Tell
from govdesk.kpi.question import Question
from govdesk.kpi.visits import Read

Tallying = Callable[[Session, Question, Sequence[By]], list[Tallies[Any]]]
Gather = Callable[[Session, Question, Sequence[By]], Sequence[Columns] | Sequence[Tallies[Any]]]
PLACES = ("branch", "service")
OF_VISIT: tuple[By, ...] = tuple(
    (word,) for word in ("channel", "family", "kind", "language", "priority", "unit")
)
OF_CASE: tuple[By, ...] = tuple((word,) for word in ("channel", "family", "kind", "language", "unit"))
SCENARIO: By = ("scenario",)
CLOCK: By = ("weekday", "hour")
OF_PERSON: tuple[By, ...] = (("kind",), ("language",))
EQUITY: tuple[By, ...] = (*OF_PERSON, ("priority",))
OF_ANSWER: tuple[By, ...] = tuple(
    (word,)
    for word in ("channel", "kind", "language", "occasion", "outcome", "priority", "questionnaire", "wave")
)


@dataclass(frozen=True, slots=True)
class Family:
    """Facts that are kept by day.

    `gather` is the pass over the rows that fills the cells, `make` an empty tally, `words` the breakdowns
    that are kept beside branch and service, each by itself. `fed_by` names the marks that make a day be
    counted again; `young_days` is for how long time alone changes a day.

    Of a weekly family nobody knows the days: it has months of weeks. `apart` are words over whose groups it
    does not add up. `crossed` are words that are kept with branch and service together too, of `lean` ones
    only the fields that are named. `is_of_readers`: the cells tell what those who lead may read, and no more.
    `leave_out` takes from what was read in a breakdown what is not told in it. `is_of_closed`: of the weeks
    only those are kept in which nobody can answer any more, each of them, with facts or without; the others
    are always counted from the rows. `reading` says what is asked of visits, and `telling` what is made of
    cases, so that several families read them together.
    """

    name: str
    gather: Gather
    make: Callable[[], Any]
    words: tuple[By, ...]
    fed_by: frozenset[str]
    young_days: int = 1
    is_whole_only: bool = False  # what is at no branch is told only to who sees every branch
    is_weekly: bool = False
    apart: frozenset[str] = frozenset()
    is_of_readers: bool = False
    crossed: tuple[By, ...] = ()
    lean: tuple[tuple[By, frozenset[str]], ...] = ()
    leave_out: Callable[[By, Tallies[Any]], None] | None = None
    is_of_closed: bool = False
    reading: Read | None = None
    telling: Tell | None = None

    def columns(self, session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
        """Gather the facts of a question in each breakdown."""
        return [
            one if isinstance(one, Columns) else Columns.of(one, self.make)
            for one in self.gather(session, question, bys)
        ]

    @property
    def longer(self) -> tuple[str, ...]:
        """The spans that are sums of days."""
        return ("month",) if self.is_weekly else ("week", "month")

    @property
    def step(self) -> dt.timedelta:
        """How far what is counted together lies apart."""
        return dt.timedelta(days=7 if self.is_of_closed else 1)

    @property
    def by_service(self) -> frozenset[str]:
        """The words that follow from the service."""
        return frozenset({"department", *(() if ("family",) in self.words else ("family",))})

    @property
    def split(self) -> frozenset[str]:
        """The words that only a part of each tally has, which are no words of its groups."""
        return frozenset() if ("cause",) in self.words else frozenset({"cause"})

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
        both = [(*PLACES, *words) for words in (*self.crossed, *(words for words, _fields in self.lean))]
        return [*found, *zip(both, both, strict=True)]

    def fields_of(self, level: By) -> frozenset[str] | None:
        """The fields that are kept of a breakdown; None: all of them."""
        return next((fields for words, fields in self.lean if level == (*PLACES, *words)), None)


YOUNG = repeats.LONGEST + 30  # days: the longest window, the lag, and room for long visits

KEPT: Mapping[Tallying, Family] = {
    repeats.tally: Family(
        "repeats", repeats.gather, repeats.Tally, (*OF_VISIT, SCENARIO, ("unit", "scenario")),
        frozenset({"visit", "return", "part"}), YOUNG, crossed=(*EQUITY, SCENARIO),
        lean=((("unit", "scenario"), frozenset({"mature", "failed_by_cause"})),), reading=repeats.reading,
    ),
    speed.tally: Family(
        "speed", speed.gather, speed.Tally, (*OF_VISIT, SCENARIO),
        frozenset({"visit", "return", "part"}), YOUNG, reading=speed.reading,
    ),
    shadow.tally: Family(
        "shadow", shadow.gather, shadow.Tally, (*OF_VISIT, SCENARIO),
        frozenset({"visit", "soon", "part"}), YOUNG, reading=shadow.reading,
    ),
    burden.tally: Family(
        "burden", burden.gather, burden.Tally, (*OF_VISIT, SCENARIO, ("cause",)),
        frozenset({"visit", "return", "part"}), crossed=(("cause",),),
    ),
    matters.tally: Family(
        "matters", matters.gather, matters.Tally, OF_VISIT, frozenset({"visit", "matter"}),
        reading=matters.reading,
    ),
    returns.tally: Family(
        "abandons", returns.gather, returns.Tally, OF_VISIT, frozenset({"visit", "return"}), YOUNG,
        reading=returns.reading,
    ),
    flaws.tally: Family(
        "flaws", flaws.gather, flaws.Tally, (), frozenset({"visit"}), reading=flaws.reading
    ),
    waits.tally: Family(
        "waits", waits.gather, waits.Tally, (*OF_VISIT, CLOCK), frozenset({"visit"}), crossed=EQUITY,
        reading=waits.reading,
    ),
    durations.tally: Family(
        "cases", durations.gather, durations.Tally, (*OF_CASE, ("policy",)), frozenset({"case"}),
        crossed=(*OF_PERSON, ("policy",), ("unit",)), telling=durations.telling,
    ),
    parts.tally: Family(
        "parts", parts.gather, parts.Tally, OF_CASE, frozenset({"case", "stay"}), crossed=(("unit",),),
        telling=parts.telling,
    ),
    costs.tally: Family(
        "costs", costs.gather, costs.Tally, OF_CASE, frozenset({"finish"}), crossed=OF_PERSON
    ),
    attendance.tally: Family(
        "attendance", attendance.gather, attendance.Tally, (*OF_VISIT, CLOCK),
        frozenset({"visit", "appointment"}), crossed=EQUITY, reading=attendance.reading,
    ),
    guided.tally: Family(
        "guide", guided.gather, guided.Tally, (("family",), SCENARIO), frozenset({"visit", "guide"}),
        is_whole_only=True, crossed=(SCENARIO,), reading=guided.reading,
    ),
    digital.tally: Family(
        "digital", digital.gather, digital.Tally, (("kind",), ("language",)),
        frozenset({"ticket", "booking", "guide"}), is_whole_only=True, crossed=OF_PERSON,
        leave_out=digital.leave_out_nameless,
    ),
    guided.tally_visits: Family(
        "reasons", guided.gather_visits, guided.Tally, (*OF_VISIT, SCENARIO), frozenset({"visit"}),
        crossed=(SCENARIO,), reading=guided.reading_visits,
    ),
    complaining.tally_rate: Family(
        "complaints", complaining.gather_rate, complaining.Rate, (("family",),),
        frozenset({"visit", "complaint"}), reading=complaining.reading_rate,
    ),
    answers.tally: Family(
        "answers", answers.gather, answers.Tally, (*OF_ANSWER, APART), frozenset({"answer"}),
        is_weekly=True, is_of_readers=True, crossed=(*EQUITY, APART),
    ),
    answers.tally_strata: Family(
        "strata", answers.gather_strata, answers.Strata, (("channel",), ("questionnaire",), ("wave",)),
        frozenset({"answer"}), is_weekly=True, is_of_readers=True,
    ),
    answers.tally_named: Family(
        "drivers", answers.tally_named, answers.Named, (*OF_ANSWER, APART, ("driver",), ("driver", *APART)),
        frozenset({"answer"}), is_weekly=True, apart=frozenset({"driver"}), is_of_readers=True,
    ),
    responding.tally: Family(
        "invitations", responding.gather, responding.Tally, OF_ANSWER, frozenset({"invitation"}),
        is_weekly=True, is_of_closed=True, crossed=EQUITY,
    ),
    weighing.tally_ends: Family(
        "ends", weighing.gather_ends, weighing.Ends, (), frozenset({"invitation"}), is_weekly=True,
        is_of_closed=True,
    ),
    commitments.tally: Family(
        "commitments", commitments.gather, commitments.Tally, (*OF_PERSON, ("unit",)),
        frozenset({"commitment"}), crossed=OF_PERSON,
    ),
    complaining.tally_answers: Family(
        "rounds", complaining.gather_answers, complaining.Timely, (), frozenset({"round"})
    ),
    complaining.tally_recoveries: Family(
        "recoveries", complaining.gather_recoveries, complaining.Timely, (), frozenset({"recovery"})
    ),
    silent.tally_asked: Family(
        "silent", silent.gather_asked, silent.Asked, OF_PERSON, frozenset({"silent"})
    ),
}  # fmt: skip
