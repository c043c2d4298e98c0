"""Mapping files: how the columns of another system's file become ours (TOML; docs/import.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from govdesk.errors import DeskError

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("from", "join", "first", "last", "value", "line")
LENGTHS = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0}
EVERYTHING_ELSE = "*"
UNIX = "unix"
TOP = {
    "source",
    "timezone",
    "encoding",
    "delimiter",
    "observed_until",
    "drop",
    "collapse",
    "columns",
}
PARTS = {"with", "translate", "otherwise", "format", "unit", "after"}
SAMPLE = datetime(2025, 1, 31, 13, 45)  # noqa: DTZ001 - a wall clock, to try a format with


class MappingError(DeskError):
    """A mapping file says something that cannot be; the sentence names the place."""

    key = "exchange.mapping_unreadable"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one of our columns is made.

    `kind` is where from: a column (`from`), several (`join`), the first or last row of a collapsed case, a
    constant (`value`), or the number of the line after a prefix (`line`). Then values are translated, then
    read by `format` (of `strptime`, or `unix`) or, with `after`, as a length in `unit` since another of our
    columns.
    """

    target: str
    kind: str
    sources: tuple[str, ...] = ()
    value: str = ""
    glue: str = " "
    translate: dict[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    format: str | None = None
    unit: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """Rows of one case become one row: told apart by a column, in the order of another (else of the file)."""

    by: str
    order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping; the empty one leaves a file as it is."""

    source: str | None = None
    timezone: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    observed_until: str | None = None
    observed_column: str | None = None
    drop: frozenset[str] = frozenset()
    collapse: Collapse | None = None
    rules: tuple[Rule, ...] = ()


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises MappingError with the place of what cannot be."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        why = error.strerror or str(error)
        raise MappingError("exchange.file_not_opened", file=path.name, why=why) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(file=path.name, why=str(error)) from error
    return parse(content)


def parse(content: dict[str, Any]) -> Mapping:
    """Read the content of a mapping file. Raises MappingError."""
    _refuse_unknown(content, TOP, "")
    timezone = _text(content, "timezone")
    if timezone is not None:
        _known_zone(timezone)
    columns = content.get("columns", {})
    if not isinstance(columns, dict):
        raise MappingError("exchange.mapping_kind", place="columns")
    observed = content.get("observed_until")
    if isinstance(observed, dict):
        _refuse_unknown(observed, {"latest"}, "observed_until")
    mapping = Mapping(
        source=_text(content, "source"),
        timezone=timezone,
        encoding=_text(content, "encoding") or "utf-8",
        delimiter=_text(content, "delimiter") or ",",
        observed_until=None if isinstance(observed, dict) else _text(content, "observed_until"),
        observed_column=_text(observed, "latest", "observed_until") if isinstance(observed, dict) else None,
        drop=_dropped(content.get("drop", [])),
        collapse=_collapse(content.get("collapse")),
        rules=tuple(_rule(target, given) for target, given in columns.items()),
    )
    _refuse_contradictions(mapping)
    return mapping


def _rule(target: str, given: object) -> Rule:
    place = f"columns.{target}"
    if isinstance(given, str):
        return Rule(target=target, kind="from", sources=(given,))
    if not isinstance(given, dict):
        raise MappingError("exchange.mapping_kind", place=place)
    _refuse_unknown(given, {*KINDS, *PARTS}, place)
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        raise MappingError("exchange.mapping_one_kind", place=place, kinds=", ".join(KINDS))
    kind = kinds[0]
    translate = given.get("translate", {})
    if not isinstance(translate, dict):
        raise MappingError("exchange.mapping_kind", place=f"{place}.translate")
    glue, form = _text(given, "with", place), _text(given, "format", place)
    _check_form(form, place)
    return Rule(
        target=target,
        kind=kind,
        sources=() if kind in {"value", "line"} else _sources(given[kind], kind, place),
        value=_scalar(given[kind], place) if kind in {"value", "line"} else "",
        glue=" " if glue is None else glue,
        translate={key: _scalar(value, place) for key, value in translate.items()},
        otherwise=_text(given, "otherwise", place),
        format=form,
        unit=_unit(_text(given, "unit", place), place),
        after=_text(given, "after", place),
    )


def _sources(given: object, kind: str, place: str) -> tuple[str, ...]:
    if kind == "join" and isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        return tuple(given)
    if kind != "join" and isinstance(given, str) and given:
        return (given,)
    raise MappingError("exchange.mapping_kind", place=f"{place}.{kind}")


def _collapse(given: object) -> Collapse | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise MappingError("exchange.mapping_kind", place="collapse")
    _refuse_unknown(given, {"by", "order"}, "collapse")
    by = _text(given, "by", "collapse")
    if not by:
        raise MappingError("exchange.mapping_missing", place="collapse.by")
    return Collapse(by=by, order=_text(given, "order", "collapse"))


def _dropped(given: object) -> frozenset[str]:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise MappingError("exchange.mapping_kind", place="drop")
    return frozenset(listed)


def _refuse_contradictions(mapping: Mapping) -> None:
    made = {rule.target for rule in mapping.rules}
    for rule in mapping.rules:
        place = f"columns.{rule.target}"
        if rule.kind in {"first", "last"} and mapping.collapse is None:
            raise MappingError("exchange.mapping_needs_collapse", place=place)
        if (rule.after is None) != (rule.unit is None):
            raise MappingError("exchange.mapping_after_unit", place=place)
        if rule.after is not None and (rule.after not in made or rule.after == rule.target):
            raise MappingError("exchange.mapping_after_unknown", place=place, column=rule.after)


def _refuse_unknown(table: dict[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        where = f"{place}.{unknown[0]}" if place else unknown[0]
        raise MappingError("exchange.mapping_unknown", place=where, known=", ".join(sorted(known)))


def _text(table: dict[str, Any], name: str, place: str = "") -> str | None:
    value = table.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    raise MappingError("exchange.mapping_kind", place=f"{place}.{name}" if place else name)


def _scalar(value: object, place: str) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    raise MappingError("exchange.mapping_kind", place=place)


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise MappingError("exchange.zone_unknown", zone=name) from error


def _check_form(form: str | None, place: str) -> None:
    if form is None or form == UNIX:
        return
    try:
        datetime.strptime(SAMPLE.strftime(form), form)  # noqa: DTZ007 - only tried
    except ValueError as error:
        raise MappingError("exchange.mapping_format", place=place, format=form) from error


def _unit(name: str | None, place: str) -> str | None:
    if name is not None and name not in LENGTHS:
        raise MappingError("exchange.mapping_unit", place=place, unit=name, known=", ".join(LENGTHS))
    return name
