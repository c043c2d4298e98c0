"""How long a need takes: cases with the open ones counted, and deadlines kept (KPI.md §2)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from govdesk.cases.clocks import Attainment, attainment, attainment_counts
from govdesk.kpi import opened
from govdesk.kpi.censoring import aside_row, aside_share
from govdesk.kpi.columns import Columns
from govdesk.kpi.figures import share
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.observing import MICROSECOND, Life, microseconds, note_change
from govdesk.kpi.opened import Telling
from govdesk.kpi.question import Question
from govdesk.kpi.survival import Curve, curve_of

DAY = 86_400_000_000  # microseconds
SHOWN_DAYS = (7, 30, 56, 100)


@dataclass(slots=True)
class Tally:
    """Cases of a group, in microseconds: lengths, and moments since 1970.

    Of cases that are still under observation the moment they were opened is kept, and when they are due, so
    that what time alone changes is told when it is read.
    """

    once: Lengths = field(default_factory=Lengths)  # until they were resolved, and never again
    again: Lengths = field(default_factory=Lengths)  # until they were resolved for the last time
    first: Lengths = field(default_factory=Lengths)  # and for the first time, of those and of reopened ones
    open_since: Lengths = field(default_factory=Lengths)
    reopened_since: Lengths = field(default_factory=Lengths)  # they were resolved once, and opened then
    seen: Lengths = field(default_factory=Lengths)  # until they were withdrawn, or seen no more
    reopened_seen: Lengths = field(default_factory=Lengths)  # the same, of those that were resolved once
    first_response: Lengths = field(default_factory=Lengths)
    due_at: Lengths = field(default_factory=Lengths)  # of those under observation
    standings: Counter[Attainment] = field(default_factory=Counter)  # of the others with a deadline
    set_aside: int = 0
    withdrawn: int = 0
    lost: int = 0  # open when they were seen for the last time
    oldest_lost: float | None = None
    reopened: int = 0
    without_deadline: int = 0
    next_change: float | None = None  # minus the moment at which time alone makes it another

    @property
    def n(self) -> int:
        """All of them but those that end before they begin."""
        some = self.once, self.again, self.open_since, self.reopened_since, self.seen, self.reopened_seen
        return sum(map(len, some))

    @property
    def open(self) -> int:
        """How many are not resolved yet."""
        return len(self.open_since) + len(self.reopened_since) + self.lost


def telling(_session: Session, _question: Question) -> Telling:
    """What is made of each case: all that were opened count."""
    return Telling(lambda row, life, _case_id: _count(row, life), lambda _life: True)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Gather the cases opened in the period; open ones are observed until `as_of` or their import's end."""
    return opened.gather(session, question, bys, telling)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the cases opened in a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def time_to_resolution(one: Tally, question: Question) -> dict[str, Any]:
    """TTR in days: Kaplan-Meier median with its log-log interval, the open ones counted."""
    resolved, still_open = _elapsed(one, question)
    row = aside_row(resolved, still_open, one.set_aside, unit="days", length=DAY, shown=SHOWN_DAYS)
    completed = Lengths.all_of(one.once, one.first)
    completed.add(0, one.set_aside)
    waiting = Lengths.all_of(one.open_since.until(microseconds(question.as_of)), one.seen)
    row["detail"] |= {
        "oldest_open": _oldest(one, question),
        "withdrawn": one.withdrawn,
        "reopened": one.reopened,
        "first_response": _median(curve_of(one.first_response, Lengths(), DAY)),
        "first_completion": _median(curve_of(completed, waiting, DAY)),
    }
    return {**row, "open": one.open, "data_quality": aside_share(one.set_aside, row["n"])}


def sla_attainment(one: Tally, question: Question) -> dict[str, Any]:
    """Met of met, late and open overdue; open and not yet due is neither. It needs no opening time."""
    overdue = one.due_at.up_to(microseconds(question.as_of) - 1)
    standings = Counter(one.standings)
    standings[Attainment.OPEN_OVERDUE] += overdue
    standings[Attainment.OPEN_NOT_DUE] += len(one.due_at) - overdue
    counts = attainment_counts(standings)
    return {
        **share(counts.met, counts.judged),
        "open": counts.open_overdue + counts.open_not_due,
        "detail": {
            "met": counts.met,
            "late": counts.late,
            "open_overdue": counts.open_overdue,
            "open_not_due": counts.open_not_due,
            "without_deadline": one.without_deadline,
        },
        "data_quality": aside_share(one.set_aside, one.n + one.set_aside),
    }


def curve(one: Tally, question: Question) -> Curve:
    """Give the curve in days, of all that the figure counts: what ends before it begins took no time."""
    resolved, still_open = _elapsed(one, question)
    resolved.add(0, one.set_aside)
    return curve_of(resolved, still_open, DAY)


def _elapsed(one: Tally, question: Question) -> tuple[Lengths, Lengths]:
    """The lengths of the resolved cases, and for how long the others had been open when they were seen."""
    now = microseconds(question.as_of)
    still_open = one.open_since.until(now), one.reopened_since.until(now), one.seen, one.reopened_seen
    return Lengths.all_of(one.once, one.again), Lengths.all_of(*still_open)


def _oldest(one: Tally, question: Question) -> float | None:
    """For how many days the oldest one that is not resolved has been open."""
    since = [some.shortest for some in (one.open_since, one.reopened_since) if some]
    ages = [microseconds(question.as_of) - moment for moment in since if moment is not None]
    known = [*ages, *([] if one.oldest_lost is None else [one.oldest_lost])]
    return max(known) / DAY if known else None


def _count(row: Adding, life: Life) -> None:
    note_change(row, life.changes_at)
    _count_deadline(row, life)
    if life.is_set_aside:
        row.add("set_aside")
        return
    row.add("withdrawn", life.withdrawn_at is not None)
    row.add("reopened", life.is_reopened)
    if life.first_response_at is not None and life.first_response_at >= life.opened_at:
        row.length("first_response", _length(life, life.first_response_at))
    if life.ended_at is not None and life.ended_at == life.first_ended_at:
        row.length("once", _length(life, life.ended_at))
        return
    if life.first_ended_at is not None:
        row.length("first", _length(life, life.first_ended_at))
    if life.ended_at is not None:
        row.length("again", _length(life, life.ended_at))
        return
    is_first = life.first_ended_at is None
    if life.is_open and not life.is_seen_no_more:
        row.length("open_since" if is_first else "reopened_since", microseconds(life.opened_at))
        return
    length = _length(life, life.until)
    row.length("seen" if is_first else "reopened_seen", length)
    if life.is_open:
        row.add("lost")
        row.most("oldest_lost", length)


def _count_deadline(row: Adding, life: Life) -> None:
    if life.due_at is None:
        row.add("without_deadline")
    elif life.is_open and not life.is_seen_no_more:
        row.length("due_at", microseconds(life.due_at))
    elif life.withdrawn_at is None:
        row.count("standings", attainment(life.due_at, life.ended_at, life.observed_at))


def _length(life: Life, end: dt.datetime) -> int:
    return (end - life.opened_at) // MICROSECOND


def _median(curve_: Curve) -> dict[str, Any] | None:
    return {"median": curve_.quantile(), "n": curve_.n} if curve_.n else None
