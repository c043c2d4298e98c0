"""How long a need takes: cases with the open ones counted, and deadlines kept (KPI.md §2)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.clocks import Attainment, attainment, attainment_counts
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case
from govdesk.kpi.figures import share
from govdesk.kpi.groups import By, Grouping, Tallies
from govdesk.kpi.question import Question
from govdesk.kpi.statistics import linear_percentile, mean, nearest_rank
from govdesk.kpi.survival import NINE_TENTHS, kaplan_meier

DAY = 86400.0
SHOWN_DAYS = (7, 30, 56, 100)

Observation = tuple[float, bool]  # a length, and whether it ended


@dataclass(slots=True)
class Tally:
    """Cases of a group: lengths in days, whether they ended, how they stand against their deadline."""

    elapsed: list[Observation] = field(default_factory=list)
    first_response: list[Observation] = field(default_factory=list)
    first_completion: list[Observation] = field(default_factory=list)
    standings: Counter[Attainment] = field(default_factory=Counter)
    set_aside: int = 0
    withdrawn: int = 0
    open: int = 0
    reopened: int = 0
    oldest_open: float | None = None
    without_deadline: int = 0

    @property
    def counted(self) -> list[Observation]:
        """All lengths as the figure counts them: what ends before it begins was resolved in no time."""
        return with_nothing(self.elapsed, self.set_aside)


@dataclass(frozen=True, slots=True)
class Life:
    """A case as known at the moment of observation."""

    opened_at: dt.datetime
    ended_at: dt.datetime | None
    first_response_at: dt.datetime | None
    first_ended_at: dt.datetime | None
    due_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    observed_at: dt.datetime
    is_reopened: bool
    is_set_aside: bool

    @property
    def until(self) -> dt.datetime:
        """Where its time ends: resolved, withdrawn, or observed no longer."""
        return self.ended_at or self.withdrawn_at or self.observed_at

    def days(self, end: dt.datetime | None) -> Observation:
        """Give the days from opening to `end`, or open until observation ended."""
        last = self.until if end is None else end
        return (last - self.opened_at).total_seconds() / DAY, end is not None


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Gather the cases opened in the period; open ones are observed until `as_of` or their import's end."""
    grouping = Grouping(bys, question.places)
    found: list[Tallies[Tally]] = [Tallies(Tally) for _ in bys]
    columns = (
        Case.opened_at, Case.first_response_at, Case.first_resolved_at, Case.resolved_at, Case.reopened_at,
        Case.due_at, Case.withdrawn_on, Case.observed_until, Case.is_set_aside,
    )  # fmt: skip
    for row in cases(session, question, grouping, columns):
        life = life_of(row[: len(columns)], row[-1], question)
        groups = grouping.of(
            row[len(columns) :], clock.local_day(life.opened_at, question.places.zone(row[-1]))
        )
        for tallies, group in zip(found, groups, strict=True):
            _count(tallies[group], life)
    return found


def cases(
    session: Session, question: Question, grouping: Grouping, columns: Iterable[Any]
) -> Iterator[Sequence[Any]]:
    """Give the cases opened in the period: these columns (`opened_at` first), then the grouping's."""
    query = grouping.select(select(*columns), Case, policy=_policy()).where(
        Case.opened_at <= question.as_of, *question.moments(Case.opened_at), *question.scope.conditions(Case)
    )
    for row in session.execute(query.execution_options(yield_per=2000)):
        if question.has(clock.local_day(row[0], question.places.zone(row[-1]))):
            yield row


def _policy() -> ColumnElement[str | None]:
    """The version of the promise that was in force when a case was opened."""
    version = select(CaseDesk.policy_version).where(CaseDesk.case_id == Case.id).scalar_subquery()
    return cast(version, String)


def life_of(columns: Sequence[Any], branch_id: int | None, question: Question) -> Life:
    """Read a case as it was known at the moment of observation; what came later is not known."""
    (
        opened_at,
        responded_at,
        first_at,
        resolved_at,
        reopened_at,
        due_at,
        withdrawn_on,
        observed_until,
        aside,
    ) = columns
    observed_at = question.as_of if observed_until is None else min(question.as_of, observed_until)
    ended_at = _known(resolved_at, observed_at)
    if ended_at is None and (reopened_at is None or reopened_at > observed_at):
        ended_at = _known(first_at, observed_at)
    withdrawn_at = None
    if withdrawn_on is not None and ended_at is None:
        start, _ = clock.day_bounds(withdrawn_on, question.places.zone(branch_id))
        withdrawn_at = _known(max(start, opened_at), observed_at)
    return Life(
        opened_at=opened_at,
        ended_at=ended_at,
        first_response_at=_known(responded_at, observed_at),
        first_ended_at=_known(first_at, observed_at) or ended_at,
        due_at=due_at,
        withdrawn_at=withdrawn_at,
        observed_at=observed_at,
        is_reopened=_known(reopened_at, observed_at) is not None,
        is_set_aside=aside or (resolved_at is not None and resolved_at < opened_at),
    )


def time_to_resolution(one: Tally, _question: Question) -> dict[str, Any]:
    """TTR in days: Kaplan-Meier median with its log-log interval, the open ones counted."""
    row = aside_row(one.elapsed, one.set_aside, unit="days", shown=SHOWN_DAYS)
    row["detail"] |= {
        "oldest_open": one.oldest_open,
        "withdrawn": one.withdrawn,
        "reopened": one.reopened,
        "first_response": _median(one.first_response),
        "first_completion": _median(with_nothing(one.first_completion, one.set_aside)),
    }
    return {**row, "open": one.open, "data_quality": aside_share(one.set_aside, row["n"])}


def sla_attainment(one: Tally, _question: Question) -> dict[str, Any]:
    """Met of met, late and open overdue; open and not yet due is neither. It needs no opening time."""
    counts = attainment_counts(one.standings.elements())
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
        "data_quality": aside_share(one.set_aside, len(one.elapsed) + one.set_aside),
    }


def with_nothing(lengths: Sequence[Observation], aside: int) -> list[Observation]:
    """Give lengths with those that end before they begin, each as a need met in no time."""
    return [*lengths, *[(0.0, True)] * aside]


def aside_share(aside: int, n: int) -> dict[str, Any]:
    """Give how many of `n` end before they begin, and their share of them; None of nothing."""
    return {"set_aside": aside, "set_aside_share": aside / n if n else None}


def aside_row(
    lengths: Sequence[Observation], aside: int, *, unit: str, shown: Sequence[int] = ()
) -> dict[str, Any]:
    """Give the row of all, those that end before they begin as 0; and the same figures without them."""
    row = survival_row(with_nothing(lengths, aside), unit=unit, shown=shown)
    row["detail"] |= {"set_aside": aside, "without_set_aside": None}
    if aside:
        rest = survival_row(lengths, unit=unit, shown=shown)
        named = {name: rest[name] for name in ("value", "interval", "n")}
        row["detail"]["without_set_aside"] = {**named, **rest["detail"]}
    return row


def survival_row(
    observations: Sequence[Observation], *, unit: str, shown: Sequence[int] = ()
) -> dict[str, Any]:
    """Give the median, its interval, p90, S at some times, and the figures of the closed ones alone."""
    lengths = [length for length, has_ended in observations if has_ended]
    curve = kaplan_meier(observations)
    detail: dict[str, Any] = {
        "p90": curve.quantile(NINE_TENTHS),
        "p90_interval": curve.quantile_interval(NINE_TENTHS),
        "s": {str(time): curve.at(time) for time in shown},
        "closed_only": {
            "n": len(lengths),
            "mean": mean(lengths),
            "median": linear_percentile(lengths, 0.5),
            "p90": linear_percentile(lengths, 0.9),
            "nearest_rank_median": nearest_rank(lengths, 0.5),
            "nearest_rank_p90": nearest_rank(lengths, 0.9),
        },
    }
    return {
        "unit": unit,
        "value": curve.quantile(),
        "n": curve.n,
        "interval": curve.quantile_interval() if curve.n else None,
        "open": curve.open_count,
        "detail": detail,
    }


def _count(one: Tally, life: Life) -> None:
    if life.due_at is None:
        one.without_deadline += 1
    elif life.withdrawn_at is None:
        one.standings[attainment(life.due_at, life.ended_at, life.observed_at)] += 1
    if life.is_set_aside:
        one.set_aside += 1
        return
    one.elapsed.append(life.days(life.ended_at))
    if life.first_response_at is not None and life.first_response_at >= life.opened_at:
        one.first_response.append(life.days(life.first_response_at))
    one.first_completion.append(life.days(life.first_ended_at))
    one.withdrawn += life.withdrawn_at is not None
    one.reopened += life.is_reopened
    if life.ended_at is None and life.withdrawn_at is None:
        one.open += 1
        one.oldest_open = max(one.oldest_open or 0.0, life.days(None)[0])


def _known(moment: dt.datetime | None, observed_at: dt.datetime) -> dt.datetime | None:
    return moment if moment is not None and moment <= observed_at else None


def _median(observations: Sequence[Observation]) -> dict[str, Any] | None:
    if not observations:
        return None
    curve = kaplan_meier(observations)
    return {"median": curve.quantile(), "n": curve.n}
