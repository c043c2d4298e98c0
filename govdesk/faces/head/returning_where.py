"""Where failure is made, as tables that narrow by a click: units, services, reasons for coming, causes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import select

from govdesk.catalog.models import Cause
from govdesk.db import reading
from govdesk.faces.head.asking import Asked
from govdesk.faces.head.cards import FEWEST
from govdesk.i18n import named, t
from govdesk.kpi import failing
from govdesk.kpi.crosses import ALL, Cell, Count, Path
from govdesk.kpi.failing import Cross

NOT_KNOWN = "-"  # in an address: no cause, or no reason for coming, was recorded
DEEP = 2  # steps of a path down to a unit, or to a reason for coming
MOST = 15  # combinations shown; the file has all


@dataclass(frozen=True, slots=True)
class Line:
    """A part of what is looked at; hidden ones have a name only."""

    name: str
    url: str
    count: Count
    causes: frozenset[str | None] | None
    of_all: int  # failures of all that is looked at
    is_hidden: bool = False
    is_chosen: bool = False

    @property
    def failed(self) -> int:
        """How many of its visits failed by what is looked at."""
        return self.count.failures(self.causes)

    @property
    def share(self) -> float | None:
        """Its part of all failures that are looked at."""
        return self.failed / self.of_all if self.of_all else None


class Where:
    """What is looked at: a place, a matter and a cause, all in the address, and what is known of it."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.cross: Cross = failing.cross(reading(), asked.question, FEWEST)
        self.names = {cause.code: named(cause) for cause in reading().scalars(select(Cause))}
        self.place = self._place()
        self.matter = self._matter()
        self.cause = self._cause()

    @property
    def cell(self) -> Cell:
        """The place and the matter together."""
        return self.place, self.matter

    @property
    def is_hidden(self) -> bool:
        """Whether what is looked at is too small to be shown, or would tell what is."""
        return self.cell in self.cross.hidden

    @property
    def count(self) -> Count:
        """What is counted there; nothing where it is hidden."""
        return Count() if self.is_hidden else self.cross.counts.get(self.cell, Count())

    @property
    def causes(self) -> frozenset[str | None] | None:
        """The cause that is looked at; None: all of them."""
        return None if self.cause is None else frozenset({self.cause if self.cause != NOT_KNOWN else None})

    @property
    def words(self) -> dict[str, str | None]:
        """By what words, and which groups of them, other figures are read for the same."""
        found: dict[str, str | None] = {}
        if len(self.place) == DEEP:
            found["unit"] = self.place[1]
        if len(self.matter) == DEEP:
            found["scenario"] = self.matter[1]
        return found

    def address(self, **more: Any) -> dict[str, Any]:
        """What an address needs to look at the same."""
        return self.asked.address(**{**self.kept, **more})

    @property
    def kept(self) -> dict[str, str]:
        """What the filters do not know of."""
        found = {}
        if len(self.place) == DEEP:
            found["unit"] = self.place[1] or NOT_KNOWN
        if len(self.matter) == DEEP:
            found["scenario"] = _scenario(self.matter)
        return found | ({"cause": self.cause} if self.cause is not None else {})

    def chips(self) -> list[tuple[str, str]]:
        """What is looked at, in words, each with the address without it."""
        found = []
        if len(self.place) == DEEP:
            found.append((self.place_name(self.place), self._url(unit=None)))
        elif self.place:
            found.append((self.asked.name_of("branch", self.place[0]), self._url(branch=None)))
        if self.matter:
            found.append((self.matter_name(self.matter[:1]), self._url(service=None, scenario=None)))
        if len(self.matter) == DEEP:
            found.append((self.matter_name(self.matter), self._url(scenario=None)))
        if self.cause is not None:
            found.append((self.cause_name(next(iter(self.causes or ()))), self._url(cause=None)))
        return found

    def tables(self) -> dict[str, list[Line]]:
        """The parts of what is looked at, by name; what is narrowed to one already has no table."""
        found: dict[str, list[Line]] = {}
        if len(self.place) < DEEP:
            found["unit"] = self._lines(0, DEEP, self.place_name, lambda path: {"unit": path[1] or NOT_KNOWN})
        if not self.matter:
            found["service"] = self._lines(1, 1, self.matter_name, lambda path: {"service": path[0]})
        if len(self.matter) < DEEP:
            found["scenario"] = self._lines(
                1, DEEP, self.matter_name, lambda path: {"scenario": _scenario(path)}
            )
        return found

    def cause_lines(self) -> list[Line]:
        """The causes of the failures looked at, the most frequent first."""
        count = self.count
        ordered = sorted(count.failed.items(), key=lambda pair: (-pair[1], pair[0] or ""))
        return [
            Line(
                self.cause_name(cause), self._url(cause=cause or NOT_KNOWN), count, frozenset({cause}),
                count.failures(), is_chosen=self.causes == frozenset({cause}),
            )
            for cause, _ in ordered
        ]  # fmt: skip

    def leaves(self) -> list[tuple[Cell, str | None, Count]]:
        """Each unit, service and reason with each cause of failures there, the most frequent first."""
        found = [
            (cell, cause, count)
            for cell, count in self.cross.counts.items()
            if len(cell[0]) == len(cell[1]) == DEEP and self._holds(cell) and cell not in self.cross.hidden
            for cause in count.failed
            if self.causes is None or cause in self.causes
        ]
        return sorted(found, key=lambda leaf: (-leaf[2].failed[leaf[1]], repr(leaf[:2])))

    def place_name(self, path: Path) -> str:
        """The name of a unit, with its branch where several are looked at."""
        branch, unit = path[0], path[1] or ""
        _of, _slash, department = unit.rpartition("/")
        own = self.asked.names["department"].get(department, unit)
        known = self.asked.name_of("branch", branch)
        return own if len(self.place) == 1 and own != unit else f"{known} · {own}"

    def matter_name(self, path: Path) -> str:
        """The name of a service, or of a reason for coming."""
        service = self.asked.name_of("service", path[0])
        if len(path) < DEEP:
            return service
        reason = self.asked.names["scenario"].get(path[1] or "", path[1]) or t("returning.no_scenario")
        return reason if self.matter else f"{service} · {reason}"

    def cause_name(self, cause: str | None) -> str:
        """The name of a cause."""
        return t("head.no_cause") if cause is None else self.names.get(cause, cause)

    def _lines(
        self, axis: int, depth: int, name: Callable[[Path], str], narrow: Callable[[Path], dict[str, Any]]
    ) -> list[Line]:
        of_all = self.count.failures(self.causes)
        found = []
        for cell, count in self.cross.counts.items():
            path = cell[axis]
            if cell[1 - axis] != self.cell[1 - axis] or len(path) != depth or not self._holds(cell):
                continue
            is_hidden = cell in self.cross.hidden
            url = "" if is_hidden else self._url(**narrow(path))
            shown = Count() if is_hidden else count
            found.append(Line(name(path), url, shown, self.causes, of_all, is_hidden))
        return sorted(found, key=lambda line: line.name) if not self.is_hidden else []

    def _holds(self, cell: Cell) -> bool:
        return all(own[: len(path)] == path for own, path in zip(cell, self.cell, strict=True))

    def _url(self, **more: Any) -> str:
        return url_for("head.repeats", **self.address(**more))

    def _place(self) -> Path:
        branch, unit = self.asked.filters.branch.data, request.args.get("unit")
        known = sorted({cell[0] for cell in self.cross.counts if len(cell[0]) == DEEP}, key=repr)
        if unit:
            for path in known:
                if path[1] == unit and branch in ("", path[0]):
                    return path
        return (branch,) if branch else ALL

    def _matter(self) -> Path:
        service, scenario = self.asked.filters.service.data, request.args.get("scenario")
        if scenario:
            of, _slash, code = scenario.partition("/")
            path = (of, None if code == NOT_KNOWN else scenario)
            if service in ("", of) and any(cell[1] == path for cell in self.cross.counts):
                return path
        return (service,) if service else ALL

    def _cause(self) -> str | None:
        cause = request.args.get("cause")
        known = {code or NOT_KNOWN for count in self.cross.counts.values() for code in count.failed}
        return cause if cause in known else None


def _scenario(path: Path) -> str:
    return path[1] or f"{path[0]}/{NOT_KNOWN}"


def leaves_csv(where: Where) -> Sequence[Sequence[Any]]:
    """The combinations as a file has them; without those that are hidden."""
    head = ["branch", "unit", "service", "scenario", "cause", "failed", "mature", "rate", "low", "high"]
    found: list[list[Any]] = [head]
    for (place, matter), cause, count in where.leaves():
        value, (low, high) = count.rate({cause}) or (None, (None, None))
        found.append([*place, *matter, cause, count.failed[cause], count.mature, value, low, high])
    return found


def lines_csv(lines: Sequence[Line]) -> Sequence[Sequence[Any]]:
    """One of the tables as a file has it; of a hidden line the name alone."""
    found: list[list[Any]] = [
        ["name", "failed", "mature", "rate", "low", "high", "share_of_failures", "hidden"]
    ]
    for line in lines:
        if line.is_hidden:
            found.append([line.name, *[None] * 6, True])
            continue
        value, (low, high) = line.count.rate(line.causes) or (None, (None, None))
        found.append([line.name, line.failed, line.count.mature, value, low, high, line.share, False])
    return found
