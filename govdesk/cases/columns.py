"""The columns of the exchanged files, and how a cell of each kind is read (formats: docs/import.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from govdesk.cases.classes import ATTENDED_STATUSES, UNATTENDED_STATUSES
from govdesk.errors import DeskError
from govdesk.i18n import latin_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

LONGEST_TEXT = 500
FIRST_YEAR, LAST_YEAR = 1900, 2199
DATE_LENGTH = len("2025-01-05")
STATUSES = ATTENDED_STATUSES | UNATTENDED_STATUSES
APPOINTMENT_ENDS = frozenset({"fulfilled", "noshow", "cancelled", "cancelled_by_us", "excused"})
APPOINTMENT_KINDS = frozenset({"on_site", "phone", "video", "home"})
MOST_MINUTES = 366 * 24 * 60
DIRECTIONS = frozenset({"inbound", "outbound"})
OUTCOMES = frozenset({"resolved", "planned_next_step", "unresolved", "left"})

Reader = "Callable[[str, tzinfo], Any]"


class CellError(DeskError):
    """A cell cannot be read as what its column holds."""

    key = "exchange.not_a_moment"
    status = 422


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, how its cells are read, and whether every row needs one."""

    name: str
    read: Callable[[str, tzinfo], Any]
    is_required: bool = False


def text(cell: str, _zone: tzinfo) -> str:
    """Read a text of up to 500 characters; "NA" is a text like any other."""
    if len(cell) > LONGEST_TEXT:
        raise CellError("exchange.text_too_long", length=len(cell), longest=LONGEST_TEXT)
    if "\0" in cell:
        raise CellError("exchange.text_with_nul")
    return cell


def moment(cell: str, zone: tzinfo) -> datetime:
    """Read an ISO 8601 time, given back in UTC; without an offset it is a clock time in `zone`.

    A clock time that the zone had twice is the first of the two; one that it never had is refused.
    """
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        try:
            found = datetime.fromisoformat(latin_digits(cell))
        except ValueError:
            raise CellError("exchange.not_a_moment", value=cell) from None
    if len(cell) <= DATE_LENGTH:
        raise CellError("exchange.no_time_of_day", value=cell)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError("exchange.year_not_likely", value=cell)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
        before, after = found.utcoffset(), found.replace(fold=1).utcoffset()
        if before is not None and after is not None and before < after:
            raise CellError("exchange.time_skipped", value=cell, zone=str(zone))
    return found.astimezone(UTC)


def day(cell: str, _zone: tzinfo) -> date:
    """Read a date YYYY-MM-DD."""
    plain = latin_digits(cell)
    try:
        found = date.fromisoformat(plain)
    except ValueError:
        raise CellError("exchange.not_a_day", value=cell) from None
    if len(plain) != DATE_LENGTH or plain[5] == "W" or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError("exchange.not_a_day", value=cell)
    return found


def minutes(cell: str, _zone: tzinfo) -> int:
    """Read a whole number of minutes, of a year at most; one below zero is read as it is."""
    try:
        found = int(latin_digits(cell)[:LONGEST_TEXT])
    except ValueError:
        raise CellError("exchange.not_minutes", value=cell[:LONGEST_TEXT]) from None
    if abs(found) > MOST_MINUTES:
        raise CellError("exchange.not_minutes", value=cell[:LONGEST_TEXT])
    return found


def one_of(known: Iterable[str]) -> Callable[[str, tzinfo], str]:
    """Make a reader that knows these words only."""
    words = frozenset(known)
    listed = ", ".join(sorted(words))

    def read(cell: str, _zone: tzinfo) -> str:
        if cell not in words:
            raise CellError("exchange.word_unknown", value=cell[:LONGEST_TEXT], known=listed)
        return cell

    return read


def pauses(cell: str, zone: tzinfo) -> list[tuple[datetime, datetime | None, str]]:
    """Read a JSON list of {"from", "to", "reason"}, ordered; `to` may be null."""
    try:
        listed = json.loads(cell)
    except ValueError:
        raise CellError("exchange.pauses_unreadable") from None
    if not isinstance(listed, list):
        raise CellError("exchange.pauses_unreadable")
    return sorted((_pause(entry, zone) for entry in listed), key=lambda pause: pause[0])


def _pause(entry: object, zone: tzinfo) -> tuple[datetime, datetime | None, str]:
    if not isinstance(entry, dict) or not set(entry) <= {"from", "to", "reason"}:
        raise CellError("exchange.pauses_unreadable")
    first, last, reason = entry.get("from"), entry.get("to"), entry.get("reason")
    if not isinstance(first, str) or not isinstance(last, str | None) or not isinstance(reason, str | None):
        raise CellError("exchange.pauses_unreadable")
    start, end = moment(first, zone), moment(last, zone) if last else None
    if end is not None and end < start:
        raise CellError("exchange.pause_backwards", value=first)
    return start, end, text(reason or "", zone)


VISIT_COLUMNS = (
    Column("visit_id", text, is_required=True),
    Column("beneficiary", text),
    Column("visitor", text),
    Column("service", text, is_required=True),
    Column("family", text),
    Column("object", text),
    Column("case_no", text),
    Column("branch", text),
    Column("unit", text),
    Column("channel", text),
    Column("status", one_of(STATUSES), is_required=True),
    Column("direction", one_of(DIRECTIONS)),
    Column("reason", text),
    Column("outcome", text),
    Column("cause", text),
    Column("arrived_at", moment),
    Column("called_at", moment),
    Column("started_at", moment),
    Column("ended_at", moment, is_required=True),
    Column("transfer_of", text),
    Column("plan_made_at", moment),
    Column("plan_due", day),
    Column("plan_reason", text),
    Column("priority", text),
    Column("appointment_at", moment),
    Column("withdrawn_on", day),
    Column("officer", text),
    Column("language", text),
)
CLASS_COLUMNS = (
    "class", "index_visit", "charged_visit", "charged_unit", "gap_days", "mature",
    "scenario", "missing_papers",  # what the guide knows of a live visit
)  # fmt: skip
CASE_COLUMNS = (
    Column("case_no", text, is_required=True),
    Column("service", text, is_required=True),
    Column("family", text),
    Column("unit", text),
    Column("channel", text),
    Column("opened_at", moment, is_required=True),
    Column("first_response_at", moment),
    Column("resolved_at", moment),
    Column("due_at", moment),
    Column("reopened_at", moment),
    Column("pauses", pauses),
    Column("withdrawn_on", day),
)
APPOINTMENT_COLUMNS = (
    Column("appointment_no", text, is_required=True),
    Column("service", text, is_required=True),
    Column("branch", text),
    Column("starts_at", moment, is_required=True),
    Column("ends_at", moment),
    Column("minutes", minutes),
    Column("status", one_of(APPOINTMENT_ENDS), is_required=True),
    Column("beneficiary", text),
    Column("channel", text),
    Column("kind", one_of(APPOINTMENT_KINDS)),
    Column("created_at", moment),
    Column("cancelled_at", moment),
    Column("language", text),
)
