"""Fill the cells: count days from the rows, add days up to weeks and months."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from govdesk.kpi.facts import packing
from govdesk.kpi.facts.covering import DAY, Piece, first_day, last_day, runs
from govdesk.kpi.facts.families import Family
from govdesk.kpi.facts.models import FactCell
from govdesk.kpi.groups import By, Tallies
from govdesk.kpi.question import Question

LONGER = ("week", "month")
AT_ONCE = 7  # days counted in one pass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is written."""

    family: str
    by: By
    piece: Piece
    data: bytes

    @property
    def row(self) -> dict[str, Any]:
        """Its columns."""
        return {
            "family": self.family, "by": ",".join(self.by), "span": self.piece.span,
            "starts_on": self.piece.starts_on, "data": self.data,
        }  # fmt: skip


def count(session: Session, question: Question, family: Family, days: Iterable[dt.date]) -> Iterator[Cell]:
    """Count days of a family as they are known at the question's moment, everywhere."""
    for first, last in runs(days):
        for number in range(0, (last - first).days + 1, AT_ONCE):
            begin = first + number * DAY
            end = min(last, begin + (AT_ONCE - 1) * DAY)
            yield from _counted(session, replace(question, from_day=begin, to_day=end), family)


def _counted(session: Session, question: Question, family: Family) -> Iterator[Cell]:
    found = family.gather(session, question, [("day", *by) for by in family.finest])
    of_day: dict[dt.date, dict[By, Tallies[Any]]] = defaultdict(dict)
    for by, tallies in zip(family.finest, found, strict=True):
        for (on, *group), one in tallies.items():
            own = of_day[dt.date.fromisoformat(str(on))]
            own.setdefault(by, Tallies(family.make))[tuple(group)] = one
    for day in sorted(of_day):
        yield from _levels(family, Piece(day, "day"), of_day[day])


def _levels(family: Family, piece: Piece, finest: Mapping[By, Tallies[Any]]) -> Iterator[Cell]:
    named = packing.names(family.make)
    for level, whole in family.levels:
        of_whole = finest.get(whole)
        if not of_whole:
            continue
        made = of_whole
        if level != whole:
            places = [whole.index(word) for word in level]
            made = Tallies(family.make)
            for group, one in of_whole.items():
                packing.join(made[tuple(group[place] for place in places)], [one], named)
        yield Cell(family.name, level, piece, packing.pack(made, family.make))


def missing(session: Session, family: Family, before: dt.date) -> list[Piece]:
    """The weeks and months that are over before a day, have facts, and no cell yet."""
    query = select(FactCell.span, FactCell.starts_on).where(FactCell.family == family.name, FactCell.by == "")
    known: dict[str, set[dt.date]] = defaultdict(set)
    for span, starts_on in session.execute(query):
        known[span].add(starts_on)
    return [
        Piece(first, span)
        for span in LONGER
        for first in sorted({first_day(day, span) for day in known["day"]} - known[span])
        if last_day(first, span) < before
    ]


def add_up(session: Session, family: Family, piece: Piece) -> Iterator[Cell]:
    """Add the days of a week or month up."""
    named = packing.names(family.make)
    query = (
        select(FactCell.by, FactCell.data)
        .where(
            FactCell.family == family.name,
            FactCell.by.in_([",".join(level) for level, _whole in family.levels]),
            FactCell.span == "day",
            FactCell.starts_on.between(piece.starts_on, piece.last),
        )
        .order_by(FactCell.by, FactCell.starts_on)
    )
    made: dict[str, Tallies[Any]] = {}
    for by, data in session.execute(query):
        into = made.setdefault(by, Tallies(family.make))
        for group, one in packing.unpack(data, family.make).items():
            packing.join(into[group], [one], named)
    for by, tallies in made.items():
        level = tuple(by.split(",")) if by else ()
        yield Cell(family.name, level, piece, packing.pack(tallies, family.make))


def write(session: Session, family: Family, days: Sequence[dt.date], cells: Iterable[Cell]) -> None:
    """Put new cells in the place of those of some days, and take away the weeks and months they are in."""
    for span in ("day", *LONGER):
        starts = sorted({first_day(day, span) for day in days})
        for begin in range(0, len(starts), 400):
            session.execute(
                delete(FactCell).where(
                    FactCell.family == family.name,
                    FactCell.span == span,
                    FactCell.starts_on.in_(starts[begin : begin + 400]),
                )
            )
    keep(session, cells)


def keep(session: Session, cells: Iterable[Cell]) -> None:
    """Write cells that are new."""
    rows = [cell.row for cell in cells]
    if rows:
        session.execute(insert(FactCell), rows)
