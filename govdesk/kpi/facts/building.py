"""Fill the cells: count days from the rows, add days up to weeks and months."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from govdesk.kpi import opened, visits
from govdesk.kpi.columns import Columns, added
from govdesk.kpi.facts import packing, standing
from govdesk.kpi.facts.covering import DAY, Piece, first_day, last_day, runs
from govdesk.kpi.facts.families import Family
from govdesk.kpi.facts.models import FactCell
from govdesk.kpi.groups import By
from govdesk.kpi.observing import change_of
from govdesk.kpi.question import Question

LONGER = ("week", "month")
AT_ONCE = 3  # days counted in one pass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is written."""

    family: str
    by: By
    piece: Piece
    data: bytes
    changes_at: dt.datetime | None = None

    @property
    def row(self) -> dict[str, Any]:
        """Its columns."""
        return {
            "family": self.family, "by": ",".join(self.by), "span": self.piece.span,
            "starts_on": self.piece.starts_on, "data": self.data, "changes_at": self.changes_at,
        }  # fmt: skip


def count(session: Session, question: Question, family: Family, days: Iterable[dt.date]) -> Iterator[Cell]:
    """Count days of a family as they are known at the question's moment, everywhere."""
    closed: set[dt.date] = set()
    if family.is_of_closed:
        days = closed = standing.closed_weeks(session, question, days)
    for first, last in runs(days, family.step):
        for number in range(0, (last - first) // family.step + 1, AT_ONCE):
            begin = first + number * family.step
            end = min(last, begin + (AT_ONCE - 1) * family.step)
            for cell in _counted(session, replace(question, from_day=begin, to_day=end), family):
                closed.discard(cell.piece.starts_on)
                yield cell
    for week in sorted(closed):  # nobody was invited then: that is known too
        yield Cell(family.name, (), Piece(week, "day"), packing.pack(Columns()))


def count_together(
    session: Session, question: Question, wanted: Mapping[Family, Collection[dt.date]]
) -> Iterator[tuple[Family, list[Cell]]]:
    """Count days of several families; those that read the same rows read them together."""
    found: dict[Family, list[Cell]] = {
        **_together(session, question, wanted, lambda one: one.reading, visits.gather_together),
        **_together(session, question, wanted, lambda one: one.telling, opened.gather_together),
    }
    for family, days in wanted.items():
        if family not in found:
            found[family] = list(count(session, question, family, days))
        yield family, found.pop(family)


def _together(
    session: Session, question: Question, wanted: Mapping[Family, Collection[dt.date]],
    own: Callable[[Family], Any], gather: Callable[[Session, Question, Any], Sequence[Sequence[Columns]]],
) -> dict[Family, list[Cell]]:  # fmt: skip
    """Count the families that have something of their own to say of the same rows, a few days at a time."""
    found: dict[Family, list[Cell]] = {family: [] for family in wanted if own(family) is not None}
    for first, last in runs({day for family in found for day in wanted[family]}):
        for number in range(0, (last - first).days + 1, AT_ONCE):
            begin = first + number * DAY
            end = min(last, begin + (AT_ONCE - 1) * DAY)
            families = [family for family in found if any(begin <= day <= end for day in wanted[family])]
            asked = [(own(family), _bys(family)) for family in families]
            some = gather(session, replace(question, from_day=begin, to_day=end), asked)
            for family, columns in zip(families, some, strict=True):
                cells = _cells(family, columns)
                found[family] += [cell for cell in cells if cell.piece.starts_on in wanted[family]]
    return found


def _counted(session: Session, question: Question, family: Family) -> Iterator[Cell]:
    return _cells(family, family.columns(session, question, _bys(family)))


def _bys(family: Family) -> list[By]:
    return [("day", *by) for by in family.finest]


def _cells(family: Family, columns: Sequence[Columns]) -> Iterator[Cell]:
    found = dict(zip(family.finest, columns, strict=True))
    for level, whole in family.levels:
        finest = found[whole].only(family.fields_of(level))
        of_level = finest
        if level != whole:
            words = list(zip(*finest.groups, strict=True))
            own = [words[place] for place in (0, *(1 + whole.index(word) for word in level)) if words]
            of_level = added([(finest, list(zip(*own, strict=True)))])
        for day, tallies in of_level.by_first():
            piece = Piece(dt.date.fromisoformat(str(day)), "day")
            yield Cell(
                family.name, level, piece, packing.pack(tallies), None if level else change_of(tallies)
            )


def missing(session: Session, family: Family, before: dt.date) -> list[Piece]:
    """The weeks and months that are over before a day, have facts, and no cell yet."""
    query = select(FactCell.span, FactCell.starts_on).where(FactCell.family == family.name, FactCell.by == "")
    known: dict[str, set[dt.date]] = defaultdict(set)
    for span, starts_on in session.execute(query):
        known[span].add(starts_on)
    return [
        Piece(first, span)
        for span in family.longer
        for first in sorted({first_day(day, span) for day in known["day"]} - known[span])
        if last_day(first, span) < before
    ]


def add_up(session: Session, family: Family, piece: Piece) -> Iterator[Cell]:
    """Add the days of a week or month up."""
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
    for by, rows in groupby(session.execute(query), key=itemgetter(0)):
        days = [packing.unpack(data) for _by, data in rows]
        level = tuple(by.split(",")) if by else ()
        yield Cell(family.name, level, piece, packing.pack(added([(day, day.groups) for day in days])))


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


def keep_only(session: Session, families: Collection[str], days: Collection[dt.date]) -> None:
    """Take away what is kept of other families and days."""
    session.execute(delete(FactCell).where(FactCell.family.not_in(families)))
    wanted = {(span, first_day(day, span)) for day in days for span in ("day", *LONGER)}
    kept = session.execute(select(FactCell.span, FactCell.starts_on).distinct())
    for span, starts_on in sorted({(span, starts_on) for span, starts_on in kept} - wanted):
        session.execute(delete(FactCell).where(FactCell.span == span, FactCell.starts_on == starts_on))


def keep(session: Session, cells: Iterable[Cell]) -> None:
    """Write cells that are new."""
    rows = [cell.row for cell in cells]
    if rows:
        session.execute(insert(FactCell), rows)
