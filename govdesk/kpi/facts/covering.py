"""The fewest cells that cover a period: months and weeks where they fit, days at the edges."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from govdesk.kpi.groups import period_of, week_of
from govdesk.kpi.question import Question

SPANS = ("month", "week", "day")  # the longest first
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A span of days that one cell tells of."""

    starts_on: dt.date
    span: str

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return last_day(self.starts_on, self.span)


def last_day(first: dt.date, span: str) -> dt.date:
    """The last day of the span that begins on a day."""
    if span == "month":
        return (first.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    return first + 6 * DAY if span == "week" else first


def first_day(day: dt.date, span: str) -> dt.date:
    """The first day of the span that a day is in."""
    if span == "month":
        return day.replace(day=1)
    return week_of(day) if span == "week" else day


def cover(
    question: Question, known: Mapping[str, AbstractSet[dt.date]], changed: AbstractSet[dt.date],
    time: str | None,
) -> Iterator[Piece]:  # fmt: skip
    """Give pieces that are known and make up the period without the days that have changed.

    Each piece lies in one period of `time`. A day without a cell has no facts; where none of the known ones
    comes after the period, the period has no end.
    """
    days = known["day"]
    if not days:
        return
    day, newest = min(days), max(days)
    end = None if question.to_day is None or question.to_day >= newest else question.to_day
    while day <= (end or newest):
        piece = next(
            (
                Piece(day, span)
                for span in SPANS
                if day in known[span] and _fits(Piece(day, span), end, changed, time)
            ),
            None,
        )
        if piece is not None:
            yield piece
        day = piece.last + DAY if piece is not None else day + DAY


def _fits(piece: Piece, end: dt.date | None, changed: AbstractSet[dt.date], time: str | None) -> bool:
    if end is not None and piece.last > end:
        return False
    if time is not None and period_of(piece.starts_on, time) != period_of(piece.last, time):
        return False
    return not any(piece.starts_on <= day <= piece.last for day in changed)


def runs(days: Iterable[dt.date], step: dt.timedelta = DAY) -> Iterator[tuple[dt.date, dt.date]]:
    """Give the first and last day of each run of days that are a step apart."""
    ordered = sorted(days)
    for place, day in enumerate(ordered):
        if place == 0 or ordered[place - 1] != day - step:
            first = day
        if place + 1 == len(ordered) or ordered[place + 1] != day + step:
            yield first, day
