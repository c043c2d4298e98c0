"""Whose turn a free place is: the order of those who wait, and why it passed somebody by.

The written order: by the day of joining, with a head start for whom the office itself displaced and for who
has priority by law. Nobody is passed by for another reason than those of `why_not`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from govdesk.booking.places import S

PARTS = ("any", "morning", "afternoon")
NOON = dt.time(12)
OFFERED_FOR = dt.timedelta(minutes=30)
DISPLACED_HEAD_START = dt.timedelta(days=30)
PRIORITY_HEAD_START = dt.timedelta(days=7)
NOTICES = 3  # in all; one a day
WARNING = dt.timedelta(hours=2)  # between the end of an offer and its place: time to come
GAIN = 2  # days by which a place must be earlier to be worth a notice: the eve of an appointment is not
LARGEST_GROUP = 6
REASONS = ("outside", "too_few", "no_gain", "too_soon", "three_notices", "notified_today")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: since when, for what, and of what they were told already."""

    key: int
    joined_at: dt.datetime
    branch_ids: frozenset[int]
    first_on: dt.date
    last_on: dt.date
    part: str = "any"
    people: int = 1
    is_displaced: bool = False
    has_priority: bool = False
    booked_at: dt.datetime | None = None  # the start of the appointment that should become earlier
    notices: int = 0
    noticed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A free place as the line sees it: where, when, until when an offer of it would stand."""

    branch_id: int
    starts_at: dt.datetime
    until: dt.datetime
    zone: str

    @property
    def local(self) -> dt.datetime:
        """Its start on the wall of the branch."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))


def stands_at(one: Waiting) -> dt.datetime:
    """Return the moment by which somebody stands in the line: when they joined, less their head starts.

    Head starts are bounded, so who has waited longer than that is passed by nobody who comes after: everyone
    who stays gets to the head of the line, however many are displaced or have priority.
    """
    start = one.joined_at
    if one.is_displaced:
        start -= DISPLACED_HEAD_START
    return start - PRIORITY_HEAD_START if one.has_priority else start


def order(one: Waiting) -> tuple[dt.datetime, int]:
    """Return the place in the line, smallest first."""
    return stands_at(one), one.key


def why_not(one: Waiting, place: Opening, *, now: dt.datetime) -> str | None:
    """Return why a place is not for this one, or None when it is. Whether a group fits is asked by `seats`.

    A place that is wished for is still no notice where it wins too little or comes too soon, nor twice on one
    local day, nor a fourth time.
    """
    if not _is_wished(one, place):
        return "outside"
    if one.booked_at is not None and not one.is_displaced:
        day = one.booked_at.astimezone(ZoneInfo(place.zone)).date()
        if day - place.local.date() < dt.timedelta(days=GAIN):
            return "no_gain"
    if place.until + WARNING > place.starts_at:
        return "too_soon"
    if one.notices >= NOTICES:
        return "three_notices"
    zone = ZoneInfo(place.zone)
    if one.noticed_at and one.noticed_at.astimezone(zone).date() >= now.astimezone(zone).date():
        return "notified_today"
    return None


def offered_until(now: dt.datetime, *, told_at: dt.datetime, next_morning: dt.datetime | None) -> dt.datetime:
    """Return until when an offer stands: half an hour from when it is told.

    One that would run out in the quiet hours stands until half an hour after they end (`next_morning`).
    """
    if next_morning is not None:
        return next_morning + OFFERED_FOR
    return max(now, told_at) + OFFERED_FOR


def seats(slots: Sequence[S], people: int, minutes: int) -> list[S]:
    """Return the slot in which each of a group begins, all from the first of these on, or none.

    They sit side by side or in a row without a gap: as many as fit begin in the first slot, the rest in the
    next one that joins it. Each needs `minutes` in free slots.
    """
    room = [slot.capacity - slot.booked for slot in slots]
    found: list[S] = []
    reached = 0  # up to which place in the list the group sits already
    for first, slot in enumerate(slots):
        if first and slots[first - 1].ends_at != slot.starts_at:
            break
        row = _row(slots, first, minutes)
        while row and len(found) < people and all(room[place] > 0 for place in row):
            for place in row:
                room[place] -= 1
            found.append(slot)
            reached = row[-1]
        if not found or reached < first or len(found) == people:
            break
    return found if len(found) == people else []


def ahead(one: Waiting, line: Iterable[Waiting]) -> tuple[int, int]:
    """Return how many are ahead: at least (they want whatever this one wants), and at most (some of it)."""
    before = [other for other in line if other.key != one.key and order(other) < order(one)]
    fewest = sum(_covers(other, one) for other in before)
    return fewest, sum(_meets(other, one) for other in before)


def _is_wished(one: Waiting, place: Opening) -> bool:
    local = place.local
    in_part = one.part == "any" or (local.time() < NOON) == (one.part == "morning")
    return place.branch_id in one.branch_ids and one.first_on <= local.date() <= one.last_on and in_part


def _row(slots: Sequence[S], first: int, minutes: int) -> list[int]:
    """The places in the list of the fewest slots in a row from `first` on that last so long, or none."""
    row = [first]
    while slots[row[-1]].ends_at - slots[first].starts_at < dt.timedelta(minutes=minutes):
        following = row[-1] + 1
        if following == len(slots) or slots[following].starts_at != slots[row[-1]].ends_at:
            return []
        row.append(following)
    return row


def _covers(other: Waiting, one: Waiting) -> bool:
    return (
        other.branch_ids >= one.branch_ids
        and other.first_on <= one.first_on
        and other.last_on >= one.last_on
        and other.part in ("any", one.part)
        and other.people <= one.people
    )


def _meets(other: Waiting, one: Waiting) -> bool:
    return (
        not other.branch_ids.isdisjoint(one.branch_ids)
        and other.first_on <= one.last_on
        and one.first_on <= other.last_on
        and ("any" in (other.part, one.part) or other.part == one.part)
    )
