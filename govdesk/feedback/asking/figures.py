"""Who was asked, and how many answered, by week: the ground on which every answer is read."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from govdesk.feedback.asking.models import Invitation

BY = ("week", "wave_id", "occasion", "branch_id", "service_id", "channel", "priority", "language", "stratum")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many were asked, of one group."""

    group: tuple[Any, ...]  # in the order of `by`
    invited: int  # asked by message or on a page
    undeliverable: int  # of these, by a message that nobody got
    answered: int
    declined: int
    spared: int  # not asked at all: lately asked, no address, no questions wanted

    @property
    def rate(self) -> float | None:
        """The share that answered of those whom the question reached; None where it reached nobody."""
        reached = self.invited - self.undeliverable
        return self.answered / reached if reached else None


def asked(
    session: Session, *, questionnaire_id: int, first: dt.date, last: dt.date, by: Sequence[str] = ("week",)
) -> list[Asked]:
    """Count invitations whose end (or whose wave's opening) was in the weeks from `first` to `last`.

    Both are Mondays and both weeks belong to it. `by` names columns of BY; KeyError for any other.
    """
    if set(by) - set(BY):
        raise KeyError(sorted(set(by) - set(BY)))
    columns: list[ColumnElement[Any]] = [Invitation.__table__.c[name] for name in by]
    query = (
        select(
            *columns,
            _count(Invitation.asked_on.is_not(None)),
            _count(Invitation.state == "undeliverable"),
            _count(Invitation.state == "answered"),
            _count(Invitation.state == "declined"),
            _count(Invitation.state == "spared"),
        )
        .where(
            Invitation.questionnaire_id == questionnaire_id,
            Invitation.week >= first,
            Invitation.week <= last,
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    rows = session.execute(query).all()
    return [Asked(tuple(row[: len(columns)]), *row[len(columns) :]) for row in rows]


def spared(session: Session, *, questionnaire_id: int, first: dt.date, last: dt.date) -> dict[str, int]:
    """Why people were not asked, and how many for each reason."""
    rows = session.execute(
        select(Invitation.why_spared, func.count())
        .where(
            Invitation.questionnaire_id == questionnaire_id,
            Invitation.week >= first,
            Invitation.week <= last,
            Invitation.state == "spared",
        )
        .group_by(Invitation.why_spared)
    )
    return {why or "": count for why, count in rows}


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
