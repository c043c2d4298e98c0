"""Rows of files as drafts of visits, cases and appointments: cells read, what belongs together checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from govdesk.cases.columns import OUTCOMES, CellError, Column

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from govdesk.cases.shaping import Shaped

Draft = dict[str, Any]
Problem = tuple[str, CellError]
TIMED_STATUSES = frozenset({"served", "turned_away", "abandoned", "closed_unserved"})


@dataclass(frozen=True, slots=True)
class Known:
    """What a file's codes can refer to: zones of branches, codes of services, and the zone otherwise."""

    zones: Mapping[str, tzinfo]
    services: frozenset[str]
    zone: tzinfo
    mapped_zone: tzinfo | None = None  # a mapping that names a zone means it for every clock time of its file
    is_strict: bool = False


@dataclass(slots=True)
class Reading:
    """Reads the rows of one file and counts what is worth a remark; `latest` is the last moment observed."""

    columns: Sequence[Column]
    targets: Sequence[str]
    known: Known
    remarks: Counter[str]
    latest: datetime | None = None
    _plan: list[tuple[int, Column]] = field(default_factory=list)
    _branch: int | None = None

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        self._plan = [(place, by_name[name]) for place, name in enumerate(self.targets)]
        self._branch = self.targets.index("branch") if "branch" in self.targets else None

    def cells(self, shaped: Shaped) -> tuple[Draft, list[Problem]]:
        """Read every cell of a row; an empty one is not known."""
        values, problems = shaped.values, list(shaped.problems)
        draft: Draft = {column.name: None for column in self.columns}
        if problems and not problems[0][0]:
            return draft, problems
        wrong = {name for name, _ in problems}
        zone = self._zone(values)
        for place, column in self._plan:
            value = values[place]
            if not value:
                if column.is_required and column.name not in wrong:
                    problems.append((column.name, CellError("exchange.cell_missing")))
                continue
            try:
                draft[column.name] = column.read(value, zone)
            except CellError as problem:
                problems.append((column.name, problem))
            except OverflowError:
                problems.append((column.name, CellError("exchange.year_not_likely", value=value)))
        self._check_codes(draft, problems)
        return draft, problems

    def _zone(self, values: Sequence[str]) -> tzinfo:
        if self.known.mapped_zone is not None:
            return self.known.mapped_zone
        return (
            self.known.zone
            if self._branch is None
            else self.known.zones.get(values[self._branch], self.known.zone)
        )

    def _check_codes(self, draft: Draft, problems: list[Problem]) -> None:
        if not self.known.is_strict:
            return
        if draft["service"] and draft["service"] not in self.known.services:
            problems.append(("service", CellError("exchange.service_unknown", value=draft["service"])))
        if draft.get("branch") and draft["branch"] not in self.known.zones:
            problems.append(("branch", CellError("exchange.branch_unknown", value=draft["branch"])))


def visit(shaped: Shaped, reading: Reading) -> tuple[Draft, list[Problem]]:
    """Read a row of visits; in the draft people, service and branch are still texts."""
    row, problems = reading.cells(shaped)
    arrived, served, ended = row["arrived_at"], row["started_at"], row["ended_at"]
    named = {name for name, _ in problems}
    if arrived is None and served is None and not named & {"", "arrived_at", "started_at"}:
        problems.append(("started_at", CellError("exchange.start_missing")))
    if row["visit_id"] and row["transfer_of"] == row["visit_id"]:
        problems.append(("transfer_of", CellError("exchange.transfer_of_itself")))
    if problems:
        return row, problems
    starts = [moment for moment in (arrived, served) if moment is not None]
    is_set_aside = any(ended < start for start in starts)
    reading.remarks["exchange.remark_set_aside"] += is_set_aside
    reading.remarks["exchange.remark_negative_wait"] += (
        arrived is not None and served is not None and served < arrived
    )
    reading.remarks["exchange.remark_outcome"] += (
        row["outcome"] is not None and row["outcome"] not in OUTCOMES
    )
    plan = [row[name] is not None for name in ("plan_made_at", "plan_due", "plan_reason")]
    reading.remarks["exchange.remark_plan"] += any(plan) and not all(plan)
    began = arrived or served
    made = row["plan_made_at"]
    reading.remarks["exchange.remark_plan_late"] += all(plan) and began is not None and made >= began
    return {
        **row,
        "direction": row["direction"] or "inbound",
        "started_at": began,
        "served_at": served if row["status"] in TIMED_STATUSES or arrived is not None else None,
        "is_set_aside": is_set_aside,
    }, []


def case(shaped: Shaped, reading: Reading) -> tuple[Draft, list[Problem]]:
    """Read a row of cases; one that ends before it begins is set aside with its times as they are."""
    row, problems = reading.cells(shaped)
    if problems:
        return row, problems
    row["pauses"] = row["pauses"] or []
    opened, resolved, reopened = row["opened_at"], row["resolved_at"], row["reopened_at"]
    is_set_aside = resolved is not None and resolved < opened
    reading.remarks["exchange.remark_set_aside"] += is_set_aside
    seen = [
        opened,
        resolved,
        reopened,
        row["first_response_at"],
        *(moment for pause in row["pauses"] for moment in pause[:2]),
    ]
    latest = max(moment for moment in seen if moment is not None)
    reading.latest = latest if reading.latest is None else max(latest, reading.latest)
    first = (
        resolved if reopened is None else None
    )  # a reopened case no longer tells when it was first resolved
    return {**row, "first_resolved_at": first, "is_set_aside": is_set_aside}, []


def appointment(shaped: Shaped, reading: Reading) -> tuple[Draft, list[Problem]]:
    """Read a row of appointments; its end is as told, else so many minutes after its start.

    One that ends before it starts, or was cancelled before it was made, is set aside with its times.
    """
    row, problems = reading.cells(shaped)
    if problems:
        return row, problems
    starts, ends, length = row["starts_at"], row["ends_at"], row["minutes"]
    if ends is None and length is not None:
        ends = starts + timedelta(minutes=length)
    made, cancelled = row["created_at"], row["cancelled_at"]
    is_set_aside = (
        (ends is not None and ends < starts)
        or (length is not None and length < 0)
        or (made is not None and cancelled is not None and cancelled < made)
    )
    reading.remarks["exchange.remark_set_aside"] += is_set_aside
    return {**row, "ends_at": ends, "is_set_aside": is_set_aside}, []
