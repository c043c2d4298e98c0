"""Rows of a file turned into rows of our columns: unchanged, or as a mapping says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from govdesk.cases import columns
from govdesk.cases.columns import CellError, Column
from govdesk.cases.mapping import EVERYTHING_ELSE, LENGTHS, UNIX, Mapping, Rule
from govdesk.cases.sources import Cells, FileError, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

Pick = tuple[str, str]  # which row of a case (from, first, last), which column


class Shaped(NamedTuple):
    """A row of ours: the line it began on, a text for each of our columns, and what cannot be read."""

    line: int
    values: Cells
    problems: list[tuple[str, CellError]]


class Shape:
    """What a mapping makes of a header; `targets` are those of our columns that it fills."""

    def __init__(
        self, header: Cells, mapping: Mapping, known: Sequence[Column], ignored: Collection[str]
    ) -> None:
        self.header, self.mapping = header, mapping
        self._readers = {column.name: column.read for column in known}
        _refuse_missing(header, mapping)
        self.rules = _all_rules(header, mapping, known, ignored)
        self.targets = [rule.target for rule in self.rules]
        self.latest: datetime | None = None  # of the column that tells the end of observation
        lacking = [c.name for c in known if c.is_required and c.name not in self.targets]
        if lacking:
            raise FileError("exchange.columns_missing", columns=", ".join(lacking))
        self._picks = sorted({pick for rule in self.rules for pick in _picks(rule)})
        self._place = {name: place for place, name in enumerate(header)}

    def rows(self, lines: Iterable[Line]) -> Iterator[Shaped]:
        """Turn the lines of a file into rows; one with too few or too many cells has a problem."""
        if self.mapping.collapse is not None:
            yield from self._collapsed(lines, self.mapping.collapse.by, self.mapping.collapse.order)
            return
        makers = self._makers({pick: self._place[pick[1]] for pick in self._picks})
        observed = self._place.get(self.mapping.observed_column or "")
        for line, cells in lines:
            if len(cells) == len(self.header):
                if observed is not None:
                    self._observe(cells[observed])
                yield self._made(line, cells, makers, [])
            else:
                yield Shaped(line, [""] * len(self.rules), [self._uneven(cells)])

    def _made(
        self,
        line: int,
        picked: Cells,
        makers: list[tuple[int, Callable[[int, Cells, Cells], str]]],
        problems: list[tuple[str, CellError]],
    ) -> Shaped:
        values = [""] * len(makers)
        for place, make in makers:
            try:
                values[place] = make(line, picked, values)
            except CellError as problem:
                problems.append((self.rules[place].target, problem))
        return Shaped(line, values, problems)

    def _makers(self, places: dict[Pick, int]) -> list[tuple[int, Callable[[int, Cells, Cells], str]]]:
        """One function for each of our columns, those that need another one last."""
        numbered = sorted(enumerate(self.rules), key=lambda one: one[1].after is not None)
        return [(place, self._maker(rule, places)) for place, rule in numbered]

    def _maker(self, rule: Rule, places: dict[Pick, int]) -> Callable[[int, Cells, Cells], str]:
        found = [places[pick] for pick in _picks(rule)]
        is_day = self._readers[rule.target] is columns.day
        after = self.targets.index(rule.after) if rule.after is not None else 0
        is_plain = (
            not rule.translate and rule.otherwise is None and rule.format is None and rule.after is None
        )
        if is_plain and len(found) == 1:
            only = found[0]
            return lambda _line, cells, _values: cells[only].strip()

        def make(line: int, cells: Cells, values: Cells) -> str:
            if rule.kind == "line":
                return f"{rule.value}{line}"
            if rule.kind == "value":
                return rule.value
            text = rule.glue.join(part for place in found if (part := cells[place].strip()))
            if text and (rule.translate or rule.otherwise is not None):
                text = rule.translate.get(text, text if rule.otherwise is None else rule.otherwise)
            if not text:
                return ""
            if rule.after is not None and rule.unit is not None:
                return _later(values[after], text, rule.unit)
            return _reformed(text, rule.format, is_day=is_day) if rule.format else text

        return make

    def _collapsed(self, lines: Iterable[Line], by: str, order: str | None) -> Iterator[Shaped]:
        """One row for each case, in the order in which they first appear; each is kept in memory."""
        cases: dict[str, _Bundle] = {}
        makers = self._makers({pick: place for place, pick in enumerate(self._picks)})
        mine = [(kind, self._place[name]) for kind, name in self._picks]
        for line, cells in lines:
            if len(cells) != len(self.header):
                yield Shaped(line, [""] * len(self.rules), [self._uneven(cells)])
                continue
            if self.mapping.observed_column is not None:
                self._observe(cells[self._place[self.mapping.observed_column]])
            key = cells[self._place[by]].strip()
            bundle = cases.get(key) or cases.setdefault(key, _Bundle(line, len(mine)))
            bundle.take(_order(cells[self._place[order]]) if order else "", cells, mine)
        for bundle in cases.values():
            problems = [
                (name, CellError("exchange.differs_within_case"))
                for (_, name), differs in zip(self._picks, bundle.differs, strict=True)
                if differs
            ]
            yield self._made(bundle.line, bundle.values, makers, problems)

    def _uneven(self, cells: Cells) -> tuple[str, CellError]:
        return "", CellError("exchange.row_uneven", cells=len(cells), columns=len(self.header))

    def _observe(self, cell: str) -> None:
        try:
            seen = columns.moment(cell.strip(), UTC)
        except CellError:
            return
        self.latest = seen if self.latest is None else max(self.latest, seen)


class _Bundle:
    """The rows of one case so far: for each pick its value and the place in order from which it is."""

    __slots__ = ("differs", "line", "orders", "values")

    def __init__(self, line: int, size: int) -> None:
        self.line = line
        self.values, self.orders, self.differs = [""] * size, [""] * size, [False] * size

    def take(self, order: str, cells: Cells, mine: list[tuple[str, int]]) -> None:
        for place, (kind, column) in enumerate(mine):
            cell = cells[column].strip()
            known = self.values[place]
            if not cell:
                continue
            if kind == "from":
                self.differs[place] |= bool(known) and known != cell
            elif known and (
                (order < self.orders[place]) if kind == "last" else (order >= self.orders[place])
            ):
                continue
            if kind != "from" or not known:
                self.values[place], self.orders[place] = cell, order


def _all_rules(
    header: Cells, mapping: Mapping, known: Sequence[Column], ignored: Collection[str]
) -> list[Rule]:
    """The rules of the mapping, and one for each column that already bears one of our names."""
    names = [column.name for column in known]
    strange = [rule.target for rule in mapping.rules if rule.target not in names]
    if strange:
        raise FileError("exchange.column_not_ours", column=strange[0], known=", ".join(names))
    made = {rule.target for rule in mapping.rules}
    used = {source for rule in mapping.rules for source in rule.sources} | mapping.drop
    if mapping.collapse is not None:
        used |= {mapping.collapse.by, mapping.collapse.order or mapping.collapse.by}
    if mapping.observed_column is not None:
        used.add(mapping.observed_column)
    same = [name for name in header if name in names and name not in made and name not in used]
    rest = [name for name in header if name not in used and name not in names and name not in ignored]
    rest += [name for name in header if name in made and name not in used]
    if rest and EVERYTHING_ELSE not in mapping.drop:
        raise FileError("exchange.columns_unknown", columns=", ".join(rest), known=", ".join(names))
    return [*mapping.rules, *(Rule(target=name, kind="from", sources=(name,)) for name in same)]


def _refuse_missing(header: Cells, mapping: Mapping) -> None:
    wanted = {source for rule in mapping.rules for source in rule.sources}
    if mapping.collapse is not None:
        wanted |= {mapping.collapse.by, mapping.collapse.order or mapping.collapse.by}
    if mapping.observed_column is not None:
        wanted.add(mapping.observed_column)
    missing = sorted(wanted - set(header))
    if missing:
        raise FileError("exchange.mapping_column_missing", columns=", ".join(missing))


def _picks(rule: Rule) -> list[Pick]:
    kind = rule.kind if rule.kind in {"first", "last"} else "from"
    return [(kind, source) for source in rule.sources]


def _order(cell: str) -> str:
    """A text that sorts as the moments do; what is no time sorts as it is written."""
    try:
        return columns.moment(cell.strip(), UTC).isoformat(timespec="microseconds")
    except CellError:
        return cell.strip()


def _reformed(text: str, form: str, *, is_day: bool) -> str:
    """Turn a time written in another form into ISO 8601."""
    try:
        found = _unix(text) if form == UNIX else datetime.strptime(text, form)  # noqa: DTZ007 - zone comes later
    except (ValueError, OverflowError, OSError):
        raise CellError("exchange.other_format", value=text, format=form) from None
    plain: date = found.date() if is_day else found
    return plain.isoformat()


def _unix(text: str) -> datetime:
    return datetime.fromtimestamp(float(text), UTC)


def _later(start: str, length: str, unit: str) -> str:
    """A moment so long after another."""
    try:
        moment = datetime.fromisoformat(start)
        return (moment + timedelta(seconds=float(length) * LENGTHS[unit])).isoformat()
    except (ValueError, OverflowError):
        raise CellError("exchange.length_unreadable", value=length, unit=unit) from None
