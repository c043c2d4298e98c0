"""Visits read once, for one family of facts or for several, and counted alike by alike.

A family says what it needs to know of a visit, and what a visit of which that is known adds to its tallies.
That is said once for all visits of which the same is known, and added for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from govdesk.cases.models import Visit
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.kpi.blocks import Block, Numbered, Words, joint, numbered
from govdesk.kpi.columns import Column
from govdesk.kpi.gathering import Adding, Gathering
from govdesk.kpi.groups import BY_PERSON, By, Grouping, column_of, hour_of
from govdesk.kpi.question import Question, each_part
from govdesk.people.models import Person

if TYPE_CHECKING:
    from govdesk.kpi.columns import Columns, Whole

AT_ONCE = 20_000  # visits in memory
CLOSING = aliased(Visit)  # the ticket that ended a visit of several
FAILING = aliased(Visit)  # the repeat that made a visit fail
UNIT = func.coalesce(CLOSING.unit, Visit.unit)  # a visit is that of the unit which closed it
OF_CLOSING: Mapping[str, ColumnElement[Any]] = {"unit": UNIT}
IS_CLOSING = CLOSING.id == Visit.closing_visit_id
IS_FAILING = FAILING.id == Visit.repeat_visit_id

Add: TypeAlias = Callable[[Adding, Sequence[Any], Sequence[Any]], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a family asks of the visits of a period that have ended, and what it makes of them.

    `add` is given the values of `columns` of a visit, and its service and branch, of which it may only use
    what follows from the rules of the service and the clock of the branch. `where` says which visits are
    counted, `joined` what stands beside them, `instead` in which columns words of breakdowns are, `at` the
    moment whose hour counts. What `known[1]` knows of a visit by its column `known[0]` is given after the
    columns. `beside` adds rows that are no visits of the period. Not `is_alike`: hardly any two are the same.
    """

    columns: Sequence[Any]
    where: Sequence[ColumnElement[bool]]
    add: Add
    joined: Mapping[Any, Any] = field(default_factory=dict)
    instead: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    at: Any = None
    known: tuple[Any, Mapping[int, Any]] | None = None
    beside: Callable[[Gathering], None] | None = None
    is_alike: bool = True


Read: TypeAlias = Callable[[Session, Question, Grouping], Reading]


def gather(
    session: Session, question: Question, bys: Sequence[By], read: Read,
    period: Sequence[ColumnElement[bool]] | None = None,
) -> list[Columns]:  # fmt: skip
    """Gather the facts of one family about the visits of a period, in each breakdown.

    `period` are other conditions than those of the question's own days and scope.
    """
    return gather_together(session, question, [(read, bys)], period)[0]


def gather_together(
    session: Session, question: Question, asked: Sequence[tuple[Read, Sequence[By]]],
    period: Sequence[ColumnElement[bool]] | None = None,
) -> list[list[Columns]]:  # fmt: skip
    """Gather the facts of several families, each in its breakdowns, from one reading of the visits."""
    groupings = [Grouping(bys, question.places) for _read, bys in asked]
    readings = [
        read(session, question, grouping) for (read, _bys), grouping in zip(asked, groupings, strict=True)
    ]
    period = question.at(Visit, Visit.started_on) if period is None else period
    has_reasons = any("scenario" in grouping.names for grouping in groupings)
    query = _Query(_reasons(session) if has_reasons else {}, is_shared=len(asked) > 1)
    parts = [
        _Part(question, query, reading, grouping)
        for reading, grouping in zip(readings, groupings, strict=True)
    ]
    statement = query.statement(parts, [Visit.ended_at <= question.as_of, *period])
    for rows in each_part(session, statement, AT_ONCE):
        block = Block(list(zip(*rows, strict=True)))
        for part in parts:
            part.count(block)
    for part in parts:
        if part.reading.beside is not None:
            part.reading.beside(part.gathering)
    return [part.gathering.columns() for part in parts]


class _Query:
    """The columns that several families want, each of them once."""

    def __init__(self, reasons: Mapping[int | None, str], *, is_shared: bool) -> None:
        self.reasons = reasons  # for coming, by their ids
        self.is_shared = is_shared
        self.columns: list[Any] = []
        self._places: dict[Any, int] = {}
        self.day, self.service, self.branch = map(
            self.place, (Visit.started_on, Visit.service_id, Visit.branch_id)
        )

    def place(self, column: Any, name: str | None = None) -> int:
        """Where the value of a column stands in each row; those of the same name are the same."""
        key = id(column) if name is None else name
        if key not in self._places:
            self._places[key] = len(self.columns)
            self.columns.append(column)
        return self._places[key]

    @property
    def times(self) -> int:
        """Where each row says how many such visits there are."""
        return len(self.columns)

    def statement(
        self, parts: Sequence[_Part], period: Sequence[ColumnElement[bool]]
    ) -> Select[*tuple[Any, ...]]:
        """The statement; each row ends with how many such visits there are."""
        query = select(*self.columns).select_from(Visit)
        if any(part.has_person for part in parts):
            query = query.outerjoin(Person, Person.id == Visit.person_id)
        joined = {beside: on for part in parts for beside, on in part.reading.joined.items()}
        for beside, on in joined.items():
            query = query.outerjoin(beside, on)
        if not self.is_shared:
            query = query.where(*parts[0].reading.where)
        query = query.where(*period)
        widest = max((part.grouping for part in parts), key=lambda grouping: len(grouping.names))
        is_alike = not self.is_shared and parts[0].reading.is_alike
        counted: Select[*tuple[Any, ...]] = widest.counted(query, is_alike=is_alike)
        return counted


class _Part:
    """What one family asks of the query, and what it has gathered."""

    def __init__(self, question: Question, query: _Query, reading: Reading, grouping: Grouping) -> None:
        self.question = question
        self.query = query
        self.reading = reading
        self.grouping = grouping
        self.gathering = Gathering(grouping)
        self._kinds = Adding()
        own = reading.instead
        self.has_person = any(name in BY_PERSON and name not in own for name in grouping.names)
        names = [
            query.place(own[name]) if name in own else query.place(_column(name), name)
            for name in grouping.names
        ]
        self._reason = grouping.names.index("scenario") if "scenario" in grouping.names else None
        has_hours = grouping.has_hours and reading.at is not None
        self._at = query.place(reading.at) if has_hours else None
        self._words = Words(names, query.service, query.branch, query.day)
        self._columns = [query.place(column) for column in reading.columns]
        self._known = None if reading.known is None else query.place(reading.known[0])
        self._which = None
        if query.is_shared and reading.where:
            self._which = query.place(case((and_(*reading.where), 1), else_=0))

    def count(self, block: Block) -> None:
        """Add what the visits of a block add."""
        seen = self._seen(block)
        if not len(seen):
            return
        facts = self._of_alike(block, seen) if self.reading.is_alike else self._said(block, seen)
        if not self.query.is_shared:
            times = np.fromiter(block.columns[self.query.times], np.int64, block.length)[seen]
            facts = {name: _times(column, times) for name, column in facts.items()}
        words = self._words if self._at is None else self._words.at(self._hours(block, self._at))
        words = words if self._reason is None else self._named(block, words, self._reason)
        self.gathering.put(block.sums(self.grouping, words, facts, seen))

    def _seen(self, block: Block) -> Whole:
        seen = np.ones(block.length, np.bool_)
        if self._which is not None:
            seen &= _told(block.numbered(self._which), bool)
        return np.flatnonzero(seen)

    def _of_alike(self, block: Block, seen: Whole) -> dict[str, Column]:
        own = [block.numbered(place) for place in self._places(block)]
        rules = [self._rules(block), self._clocks(block)]
        codes, _size = joint([*own, *rules], block.length)
        _kinds, firsts, kinds = np.unique(codes[seen], return_index=True, return_inverse=True)
        facts = self._said(block, seen[firsts])
        return {name: _spread(column, kinds) for name, column in facts.items()}

    def _said(self, block: Block, rows: Whole) -> dict[str, Column]:
        """What the family says of some rows, which are numbered anew."""
        columns = [block.columns[place] for place in self._places(block)]
        services, branches = block.columns[self.query.service], block.columns[self.query.branch]
        kinds, add = self._kinds, self.reading.add
        for row in rows.tolist():
            kinds.begin()
            add(kinds, [column[row] for column in columns], (services[row], branches[row]))
        return kinds.take()

    def _places(self, block: Block) -> list[int]:
        """Where the columns are that the family is told of."""
        if self._known is None or self.reading.known is None:
            return self._columns
        ids, known = block.columns[self._known], self.reading.known[1]
        return [*self._columns, block.derived((self, "known"), lambda: [known.get(one) for one in ids])]

    def _rules(self, block: Block) -> Numbered:
        """Number rows by what figures know of their services."""
        services = self.question.places.services
        codes, ids = block.numbered(self.query.service)
        rules, named = numbered([services[one].rules for one in ids])
        return rules[codes], named

    def _clocks(self, block: Block) -> Numbered:
        codes, ids = block.numbered(self.query.branch)
        zones, named = numbered([str(self.question.places.zone(one)) for one in ids])
        return zones[codes], named

    def _hours(self, block: Block, at: int) -> int:
        """Where the hours of a column of moments stand, by the clocks of the branches."""
        zone = self.question.places.zone
        return block.derived(
            ("hour", at),
            lambda: [
                None if moment is None else hour_of(moment, zone(branch))
                for moment, branch in zip(block.columns[at], block.columns[self.query.branch], strict=True)
            ],
        )

    def _named(self, block: Block, words: Words, place: int) -> Words:
        """The same, with the names of the reasons for coming in the place of their ids."""
        ids, names = block.columns[words.names[place]], self.query.reasons
        named = block.derived("reason", lambda: [names.get(one) for one in ids])
        return replace(words, names=[*words.names[:place], named, *words.names[place + 1 :]])


def _column(name: str) -> ColumnElement[Any]:
    """The column of a word; that of the reason for coming is named later."""
    return Visit.scenario_id.expression if name == "scenario" else column_of(Visit, name)


def _reasons(session: Session) -> dict[int | None, str]:
    """The names of the reasons for coming, by their ids."""
    code = PublicService.code + "/" + Scenario.code
    known = select(Scenario.id, code).join(PublicService, PublicService.id == Scenario.service_id)
    return {row[0]: row[1] for row in session.execute(known.order_by(Scenario.id))}


def _told(codes: Numbered, which: Callable[[Any], bool]) -> Any:
    return np.fromiter(map(which, codes[1]), np.bool_, len(codes[1]))[codes[0]]


def _spread(column: Column, kinds: Whole) -> Column:
    """What is said of kinds, for each row of its kind."""
    begins, ends = (np.searchsorted(column.owners, kinds, side) for side in ("left", "right"))
    number = ends - begins
    owners = np.repeat(np.arange(len(kinds)), number)
    places = np.arange(len(owners)) - np.repeat(number.cumsum() - number - begins, number)
    return Column(
        owners,
        None if column.amounts is None else column.amounts[places],
        None if column.keys is None else column.keys[places],
        column.named,
    )


def _times(column: Column, times: Whole) -> Column:
    """The same for as many visits as each row stands for; a greatest value stays what it is."""
    if column.amounts is not None and column.amounts.dtype.kind == "f":
        return column
    amounts = times[column.owners]
    if column.amounts is not None:
        amounts = amounts * column.amounts
    return Column(column.owners, amounts, column.keys, column.named)
