"""All visits once, in parts that hang together: raw rows by ranges of people, without objects."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Date, Table, and_, func, or_, select, type_coerce
from sqlalchemy.types import NullType

from govdesk.cases.models import Case, Visit
from govdesk.cases.records import VisitRow, in_parts, table_of
from govdesk.db import Moment

PART = 5_000  # visits at a time
Reader = tuple[int, Callable[[str], Any]]
visit = table_of(Visit)
case = table_of(Case)


@dataclass(frozen=True, slots=True)
class Knots:
    """People and visits of nobody that transfers tie to others: they are read together."""

    groups: list[tuple[set[int], set[int]]] = field(default_factory=list)  # people, visits of nobody
    people: set[int] = field(default_factory=set)
    visits: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Part:
    """Visits to read together: of a range of people or of a range of nobody's visits, or these by name."""

    first: int
    last: int
    is_nobodys: bool = False
    people: frozenset[int] | None = None
    visits: frozenset[int] = frozenset()


def parts(connection: Connection) -> tuple[list[Part], Knots]:
    """Cut all visits into parts of about PART visits, each of which can be judged without the others.

    1. Transfers between two people (or nobody) tie these together: found by one join, gathered into groups.
    2. All others hang together with visits of the same person only: ranges of people.
    3. A visit of nobody without a transfer stands for itself: ranges of visits.
    """
    knots = _knots(connection)
    found = [
        Part(0, 0, people=frozenset(people), visits=frozenset(visits)) for people, visits in _bundles(knots)
    ]
    counts = (
        select(visit.c.person_id, func.count())
        .where(visit.c.person_id.is_not(None))
        .group_by(visit.c.person_id)
        .order_by(visit.c.person_id)
    )
    found += [Part(first, last) for first, last in _ranges(connection.execute(counts))]
    nobodys = select(visit.c.id).where(visit.c.person_id.is_(None)).order_by(visit.c.id)
    found += [
        Part(first, last, is_nobodys=True)
        for first, last in _ranges((one, 1) for (one,) in connection.execute(nobodys))
    ]
    return found, knots


def read(connection: Connection, part: Part, knots: Knots) -> list[VisitRow]:
    """The visits of a part."""
    if part.people is not None:
        wheres = [visit.c.person_id.in_(some) for some in in_parts(part.people)]
        wheres += [visit.c.id.in_(some) for some in in_parts(part.visits)]
        return [row for where in wheres for row in _rows(connection, where)]
    if part.is_nobodys:
        where = and_(visit.c.person_id.is_(None), visit.c.id.between(part.first, part.last))
        return [row for row in _rows(connection, where) if row.id not in knots.visits]
    where = visit.c.person_id.between(part.first, part.last)
    return [row for row in _rows(connection, where) if row.person_id not in knots.people]


def raw(connection: Connection, table: Table, names: Iterable[str], where: Any) -> Iterator[list[Any]]:
    """Rows as the driver gives them; days and moments are made of SQLite's texts here, which costs less."""
    columns = [table.c[name] for name in names]
    readers = _readers(columns) if connection.dialect.name == "sqlite" else []
    query = select(*(type_coerce(column, NullType()) for column in columns)).where(where)
    for found in connection.execute(query):
        row = list(found)
        for place, make in readers:
            if row[place] is not None:
                row[place] = make(row[place])
        yield row


def _rows(connection: Connection, where: Any) -> Iterator[VisitRow]:
    return map(VisitRow._make, raw(connection, visit, VisitRow._fields, where))


def _readers(columns: list[Column[Any]]) -> list[Reader]:
    kinds = {Moment: _moment, Date: dt.date.fromisoformat}
    return [
        (place, make)
        for place, column in enumerate(columns)
        for kind, make in kinds.items()
        if isinstance(column.type, kind)
    ]


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


def _ranges(counted: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cut what is counted, in its order, into ranges of about PART."""
    first = last = None
    held = 0
    for last, count in counted:
        first = last if first is None else first
        held += count
        if held >= PART:
            yield first, last
            first, held = None, 0
    if first is not None and last is not None:
        yield first, last


def _knots(connection: Connection) -> Knots:
    later, origin = visit.alias(), visit.alias()
    tied = (
        select(later.c.person_id, later.c.id, origin.c.person_id, origin.c.id)
        .join(origin, and_(origin.c.source == later.c.source, origin.c.visit_no == later.c.transfer_of))
        .where(
            later.c.transfer_of.is_not(None),
            or_(
                later.c.person_id.is_(None),
                origin.c.person_id.is_(None),
                later.c.person_id != origin.c.person_id,
            ),
        )
    )
    roots: dict[tuple[str, int], tuple[str, int]] = {}
    for person, number, their_person, their_number in connection.execute(tied):
        one, other = _root(roots, _name(person, number)), _root(roots, _name(their_person, their_number))
        roots[one] = other
    groups: dict[tuple[str, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    knots = Knots()
    for kind, number in list(roots):
        people, visits = groups[_root(roots, (kind, number))]
        (people if kind == "person" else visits).add(number)
        (knots.people if kind == "person" else knots.visits).add(number)
    knots.groups.extend(groups.values())
    return knots


def _name(person_id: int | None, visit_id: int) -> tuple[str, int]:
    return ("visit", visit_id) if person_id is None else ("person", person_id)


def _root(roots: dict[tuple[str, int], tuple[str, int]], name: tuple[str, int]) -> tuple[str, int]:
    roots.setdefault(name, name)
    while roots[name] != name:
        roots[name] = name = roots[roots[name]]
    return name


def _bundles(knots: Knots) -> Iterator[tuple[set[int], set[int]]]:
    """Some groups at a time."""
    people: set[int] = set()
    visits: set[int] = set()
    for theirs, nobodys in knots.groups:
        people |= theirs
        visits |= nobodys
        if len(people) + len(visits) >= PART // 5:
            yield people, visits
            people, visits = set(), set()
    if people or visits:
        yield people, visits
