"""A case as it was known at a moment: until when it was seen, and what it had come to by then."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import Grouping
from govdesk.kpi.question import Question, each_row

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NEXT_CHANGE = "next_change"  # the field of a tally that says so
MICROSECOND = dt.timedelta(microseconds=1)
COLUMNS = (  # of a case, of which `life_of` makes its life
    Case.opened_at, Case.first_response_at, Case.first_resolved_at, Case.resolved_at, Case.reopened_at,
    Case.due_at, Case.withdrawn_on, Case.observed_until, Case.is_set_aside,
)  # fmt: skip


@dataclass(slots=True)
class Life:
    """A case as known at the moment of observation.

    `changes_at` is when time alone will next make it another: something of it is written with a later moment.
    """

    opened_at: dt.datetime
    ended_at: dt.datetime | None
    first_response_at: dt.datetime | None
    first_ended_at: dt.datetime | None
    due_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    observed_at: dt.datetime
    is_reopened: bool
    is_set_aside: bool
    changes_at: dt.datetime | None
    is_seen_no_more: bool  # the observation of its import had ended

    @property
    def until(self) -> dt.datetime:
        """Where its time ends: resolved, withdrawn, or observed no longer."""
        return self.ended_at or self.withdrawn_at or self.observed_at

    @property
    def is_open(self) -> bool:
        """Whether it is neither resolved nor withdrawn."""
        return self.ended_at is None and self.withdrawn_at is None


def cases(
    session: Session, question: Question, grouping: Grouping, columns: Iterable[Any]
) -> Iterator[tuple[dt.date, Sequence[Any]]]:
    """Give the cases opened in the period by day: these columns (`opened_at` first), then the grouping's."""
    query = grouping.select(select(*columns), Case, policy=_policy()).where(
        *question.known(Case.opened_at), *question.scope.conditions(Case)
    )
    for row in each_row(session, query):
        day = clock.local_day(row[0], question.places.zone(row[-1]))
        if question.has(day):
            yield day, row


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
    is_seen_no_more = observed_until is not None and observed_until <= question.as_of
    observed_at = observed_until if is_seen_no_more else question.as_of
    ended_at = _known(resolved_at, observed_at)
    if ended_at is None and (reopened_at is None or reopened_at > observed_at):
        ended_at = _known(first_at, observed_at)
    withdrawn_at = None
    if withdrawn_on is not None:
        start, _ = clock.day_bounds(withdrawn_on, question.places.zone(branch_id))
        withdrawn_at = max(start, opened_at)
    ends = [one for one in (first_at, resolved_at) if one is not None]
    told = (responded_at, first_at, resolved_at, reopened_at, observed_until, withdrawn_at)
    later = [one for one in told if one is not None and one > observed_at]
    return Life(
        opened_at=opened_at,
        ended_at=ended_at,
        first_response_at=_known(responded_at, observed_at),
        first_ended_at=_known(first_at, observed_at) or ended_at,
        due_at=due_at,
        withdrawn_at=_known(withdrawn_at, observed_at) if ended_at is None else None,
        observed_at=observed_at,
        is_reopened=_known(reopened_at, observed_at) is not None,
        is_set_aside=aside or any(end < opened_at for end in ends),
        changes_at=None if is_seen_no_more else min(later, default=None),
        is_seen_no_more=is_seen_no_more,
    )


def microseconds(moment: dt.datetime) -> int:
    """A moment as the microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def note_change(row: Adding, moment: dt.datetime | None) -> None:
    """Note when time alone will make what a row adds another: minus the moment, the next is the greatest."""
    if moment is not None:
        row.most(NEXT_CHANGE, -microseconds(moment))


def change_of(columns: Columns) -> dt.datetime | None:
    """When time alone will make what rows have added another; of most it never does."""
    column = columns.fields.get(NEXT_CHANGE)
    if column is None or column.amounts is None:
        return None
    return EPOCH - int(column.amounts.max()) * MICROSECOND


def _known(moment: dt.datetime | None, observed_at: dt.datetime) -> dt.datetime | None:
    return moment if moment is not None and moment <= observed_at else None
