"""The course of a visit: where each of its parts finds its places, one after another."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from govdesk.booking.places import Offered

LONGEST_WAIT = dt.timedelta(minutes=30)
S = TypeVar("S", bound=Offered)
Taken = Counter[tuple[int, dt.datetime]]


@dataclass(frozen=True, slots=True)
class Part:
    """One appointment of a visit: of which service, for whom (0 who books, 1 and on others), how long."""

    service_id: int
    member: int
    minutes: int


def fitted(
    parts: Sequence[Part],
    offered: Mapping[int, Sequence[S]],
    starts_at: dt.datetime,
    *,
    longest_wait: dt.timedelta = LONGEST_WAIT,
) -> list[list[S]]:
    """Return the slots of each part of a visit from this start on, in the order of the parts, or none at all.

    `offered` are the slots of each service at one branch in the order of time, full ones too. The first part
    begins at `starts_at`. Each part takes the first free slots in a row that last as long as it does: after
    the part before of the same person, for others also at the same time. Nobody waits longer than
    `longest_wait` after what the visit has had so far.
    """
    taken: Taken = Counter()
    ends: dict[int, dt.datetime] = {}
    rows: list[list[S]] = []
    latest = starts_at
    for part in parts:
        since = ends.get(part.member, starts_at)
        until = latest + longest_wait if rows else starts_at
        row = _first_row(part, offered.get(part.service_id, ()), since, until, taken)
        if not row:
            return []
        taken.update((part.service_id, slot.starts_at) for slot in row)
        ends[part.member] = row[-1].ends_at
        latest = max(latest, row[-1].ends_at)
        rows.append(row)
    return rows


def _first_row(
    part: Part, slots: Sequence[S], since: dt.datetime, until: dt.datetime, taken: Taken
) -> list[S]:
    """The first free slots in a row that begin in [since, until] and last as long as the part."""
    row: list[S] = []
    for slot in slots:
        if slot.starts_at < since:
            continue
        is_full = slot.booked + taken[part.service_id, slot.starts_at] >= slot.capacity
        if is_full or (row and row[-1].ends_at != slot.starts_at):
            row = []
        if not row and slot.starts_at > until:
            return []
        if not is_full:
            row.append(slot)
            if slot.ends_at - row[0].starts_at >= dt.timedelta(minutes=part.minutes):
                return row
    return []
