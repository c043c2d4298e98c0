"""Appointments longer than a slot: how long one lasts, and where a row of free slots is long enough."""

import datetime as dt
from collections.abc import Iterable, Sequence

from govdesk.booking.places import Offered, S

KINDS = ("on_site", "phone", "video", "home")
INTERPRETERS = ("ur", "hi", "bn", "fil", "id", "fr", "sign")  # beside the two languages of the desk


def length(service_minutes: int, *, scenario_minutes: int = 0, interpreter_minutes: int = 0) -> int:
    """Return how many minutes an appointment needs: the service, what its reason adds, and an interpreter."""
    return service_minutes + scenario_minutes + interpreter_minutes


def row(slots: Sequence[S], minutes: int) -> list[S]:
    """Return the fewest slots from the first of these on that last `minutes` without a gap, or none.

    A minute over a slot's end takes the whole next one. Whether they are free is not asked.
    """
    found: list[S] = []
    for slot in slots:
        if found and found[-1].ends_at != slot.starts_at:
            return []
        found.append(slot)
        if slot.ends_at - found[0].starts_at >= dt.timedelta(minutes=minutes):
            return found
    return []


def with_room(slots: Iterable[S], minutes: int) -> list[S]:
    """Return the slots, in order, from which on free ones last `minutes` without a gap; one pass."""
    found: list[S] = []
    free_until: dt.datetime | None = None
    later: Offered | None = None
    for slot in sorted(slots, key=lambda slot: slot.starts_at, reverse=True):
        if slot.booked >= slot.capacity:
            free_until = later = None
            continue
        is_joined = later is not None and slot.ends_at == later.starts_at
        free_until = free_until if is_joined and free_until else slot.ends_at
        later = slot
        if free_until - slot.starts_at >= dt.timedelta(minutes=minutes):
            found.append(slot)
    return found[::-1]
