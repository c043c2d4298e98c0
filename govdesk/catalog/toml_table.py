"""Reading a TOML table field by field: each refusal names the place, such as services[2].minutes."""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from govdesk.errors import DeskError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NTH_WEEKS = (1, 2, 3, 4, 5, -1)
LONGEST_TEXT = 500
MIDNIGHT = dt.time(0)
T = TypeVar("T")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_PREFIX = re.compile(r"[A-Z]{1,2}")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


class CatalogError(DeskError):
    """A catalog that cannot be used: `params["place"]` is where, counted from one, the key is why."""

    key = "catalog.invalid"
    status = 422

    def __init__(self, key: str, place: str, **params: Any) -> None:
        super().__init__(key, place=place, **params)


class Table:
    """One table of a document and its place in it; `finish` refuses the fields that nobody asked for."""

    def __init__(self, content: object, place: str = "") -> None:
        if not isinstance(content, dict):
            raise CatalogError("catalog.not_a_table", place)
        self._content = content
        self._asked: set[str] = set()
        self.place = place

    def at(self, key: str) -> str:
        """The place of a field."""
        return f"{self.place}.{key}" if self.place else key

    def has(self, key: str) -> bool:
        """Whether the field is there."""
        return key in self._content

    def text(self, key: str) -> str:
        """A text that is not empty, without spaces at its ends."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise CatalogError("catalog.text", self.at(key))
        if len(value) > LONGEST_TEXT:
            raise CatalogError("catalog.text_long", self.at(key), longest=LONGEST_TEXT)
        return value.strip()

    def code(self, key: str) -> str:
        """A short name for machines."""
        return _as_code(self._value(key), self.at(key))

    def prefix(self, key: str) -> str:
        """One or two capital letters."""
        value = self._value(key)
        if not isinstance(value, str) or not _PREFIX.fullmatch(value):
            raise CatalogError("catalog.prefix", self.at(key))
        return value

    def one_of(self, key: str, known: Collection[str]) -> str:
        """The code of something defined elsewhere in the document."""
        value = self.text(key)
        if value not in known:
            raise CatalogError("catalog.unknown_code", self.at(key), code=value)
        return value

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number between two, both allowed."""
        if default is not None and not self.has(key):
            return default
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise CatalogError("catalog.whole_number", self.at(key), least=least, most=most)
        return value

    def degrees(self, key: str, most: int) -> float | None:
        """Degrees of latitude or longitude, where they are given."""
        if not self.has(key):
            return None
        value = self._value(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not -most <= value <= most:
            raise CatalogError("catalog.degrees", self.at(key), most=most)
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        if not self.has(key):
            return default
        value = self._value(key)
        if not isinstance(value, bool):
            raise CatalogError("catalog.flag", self.at(key))
        return value

    def day(self, key: str) -> dt.date:
        """A date, written without quotation marks."""
        value = self._value(key)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise CatalogError("catalog.day", self.at(key))
        return value

    def zone(self, key: str) -> str:
        """A time zone of the IANA database."""
        value = self.text(key)
        try:
            return ZoneInfo(value).key
        except (OSError, ValueError, KeyError) as problem:
            raise CatalogError("catalog.zone", self.at(key), zone=value) from problem

    def hours(self, key: str) -> tuple[dt.time, dt.time]:
        """A stretch of a day such as "08:00-14:30"; "00:00" as its end is midnight."""
        return as_hours(self._value(key), self.at(key))

    def codes(self, key: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of short names, none twice, all of them `known` if that is given; missing means none."""
        found = [(place, _as_code(value, place)) for place, value in self.items(key)]
        for place, value in found:
            if known is not None and value not in known:
                raise CatalogError("catalog.unknown_code", place, code=value)
        refuse_repeats(found)
        return tuple(value for _, value in found)

    def weekdays(self, key: str) -> tuple[int, ...]:
        """A list of weekdays by their English names, as numbers from Monday = 0, in order."""
        if not self._value(key):
            raise CatalogError("catalog.weekdays", self.at(key))
        return tuple(sorted({as_weekday(value, place) for place, value in self.items(key)}))

    def nth_weeks(self, key: str) -> tuple[int, ...]:
        """A list of weeks of a month, 1 to 5, and -1 for the last; missing means every week."""
        found = [(place, value) for place, value in self.items(key)]
        for place, value in found:
            if isinstance(value, bool) or value not in NTH_WEEKS:
                raise CatalogError("catalog.nth_week", place)
        refuse_repeats(found)
        return tuple(sorted(int(str(value)) for _, value in found))

    def hours_by_weekday(self, key: str) -> tuple[tuple[int, dt.time, dt.time], ...]:
        """A table of weekdays with lists of hours: weekday, opens, closes, in order, none meeting another."""
        if not self.has(key):
            return ()
        week = self.table(key)
        found = []
        for name in week.names():
            weekday = as_weekday(name, week.at(name))
            found += [(weekday, *as_hours(value, place)) for place, value in week.items(name)]
        for before, after in itertools.pairwise(sorted(found)):
            if before[0] == after[0] and (before[2] == MIDNIGHT or after[1] < before[2]):
                raise CatalogError("catalog.hours_meet", week.at(WEEKDAYS[before[0]]))
        return tuple(sorted(found))

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        return Table(self._value(key), self.at(key))

    def tables(self, key: str, read: Callable[["Table"], T]) -> tuple[T, ...]:
        """A list of tables, each read whole; missing means none."""
        entries = []
        for place, content in self.items(key):
            table = Table(content, place)
            entries.append(read(table))
            table.finish()
        return tuple(entries)

    def items(self, key: str) -> Iterator[tuple[str, object]]:
        """Each item of a list with its place, counted from one; missing means none."""
        value = self._value(key) if self.has(key) else []
        if not isinstance(value, list):
            raise CatalogError("catalog.list", self.at(key))
        return ((f"{self.at(key)}[{number}]", item) for number, item in enumerate(value, 1))

    def names(self) -> list[str]:
        """The names of its fields, in their order."""
        return list(self._content)

    def finish(self) -> None:
        """Refuse a field that nobody asked for: a slip in its name would otherwise be silence."""
        for key in self._content:
            if key not in self._asked:
                raise CatalogError("catalog.unknown_field", self.at(key))

    def _value(self, key: str) -> object:
        if key not in self._content:
            raise CatalogError("catalog.missing", self.at(key))
        self._asked.add(key)
        return self._content[key]


def _as_code(value: object, place: str) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise CatalogError("catalog.code", place)
    return value


def as_weekday(value: object, place: str) -> int:
    """The number of a weekday, Monday = 0."""
    if not isinstance(value, str) or value not in WEEKDAYS:
        raise CatalogError("catalog.weekday", place)
    return WEEKDAYS.index(value)


def as_hours(value: object, place: str) -> tuple[dt.time, dt.time]:
    """Start and end of "08:00-14:30"."""
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise CatalogError("catalog.hours", place)
    opens, closes = dt.time(int(found[1]), int(found[2])), dt.time(int(found[3]), int(found[4]))
    if closes <= opens and closes != MIDNIGHT:
        raise CatalogError("catalog.hours_reversed", place)
    return opens, closes


def refuse_repeats(places: Iterable[tuple[str, object]]) -> None:
    """Refuse the second place that holds what an earlier one holds."""
    seen: dict[object, str] = {}
    for place, value in places:
        if value in seen:
            raise CatalogError("catalog.repeated", place, value=value, earlier=seen[value])
        seen[value] = place
