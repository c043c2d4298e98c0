"""Rules of the queue: what may follow what, and from when somebody may be called."""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol, TypeVar

NO_PRIORITY = "none"  # any other code is of a group whom the law puts first
CALLS = 3  # the last recall after this many makes the ticket missed

# verb: (states it may begin from, state it leads to)
STEPS: dict[str, tuple[frozenset[str], str]] = {
    "call": (frozenset({"waiting"}), "called"),
    "recall": (frozenset({"called"}), "called"),
    "start": (frozenset({"called"}), "serving"),
    "hold": (frozenset({"called", "serving"}), "held"),
    "resume": (frozenset({"held"}), "serving"),
    "noshow": (frozenset({"called"}), "noshow"),
    "take_back": (frozenset({"noshow"}), "waiting"),
    "transfer": (frozenset({"waiting", "called", "serving", "held"}), "transferred"),
    "conclude": (frozenset({"called", "serving"}), "served"),
    "turn_away": (frozenset({"waiting", "called", "serving"}), "turned_away"),
    "abandon": (frozenset({"waiting", "held"}), "abandoned"),
    "hand_back": (frozenset({"called", "serving"}), "waiting"),
    "return": (frozenset({"held"}), "waiting"),
    "close": (frozenset({"waiting", "called", "serving", "held"}), "closed_unserved"),
}
UNDONE_WITHIN = dt.timedelta(seconds=60)
UNDOABLE = frozenset(
    {"called", "started", "held", "resumed", "noshow", "taken_back", "concluded", "transferred"}
)
# the state in which an event leaves a ticket; any other leaves it as it was
LEADS_TO = {
    "issued": "waiting", "called": "called", "started": "serving", "held": "held", "resumed": "serving",
    "taken_back": "waiting", "rejoined": "waiting", "handed_back": "waiting",
    "returned": "waiting",
    "noshow": "noshow", "abandoned": "abandoned",
    "transferred": "transferred", "concluded": "served", "closed": "closed_unserved",
}  # fmt: skip
OUTCOMES = ("resolved", "planned_next_step", "unresolved", "turned_away")
LIVE = ("waiting", "called", "serving", "held")


def may(verb: str, state: str) -> bool:
    """Whether a ticket in `state` may take the step `verb`."""
    return state in STEPS[verb][0]


def calls_left(call_count: int, calls_before_noshow: int) -> int:
    """How many calls must come before somebody may be noted as not there."""
    return max(0, calls_before_noshow - call_count)


def callable_from(arrived_at: dt.datetime, appointment_at: dt.datetime | None) -> dt.datetime:
    """From when a ticket may be called: an appointment is due exactly at its minute, a walk-in at once."""
    return arrived_at if appointment_at is None else max(arrived_at, appointment_at)


def why_next(call_class: str, appointment_at: dt.datetime | None) -> str:
    """Why a ticket stands where it does, as a message key; a walk-in with an appointment came too late."""
    if call_class == "walk_in":
        return "queue.why_arrival" if appointment_at is None else "queue.why_late"
    return f"queue.why_{call_class}"


def number(prefix: str, count: int) -> str:
    """A ticket number: letter and three digits, more when a day has more than 999."""
    return f"{prefix}{count:03d}"


def remote_places(desks: int, minutes: int, share: int) -> int:
    """How many may wait elsewhere at once: `share` percent of what these desks serve in an hour."""
    return desks * 60 * share // (minutes * 100)


class Told(Protocol):
    """An event, as far as the rules look at it."""

    @property
    def kind(self) -> str:
        """What happened."""


Event = TypeVar("Event", bound=Told)


def standing(events: Iterable[Event]) -> list[Event]:
    """Of a ticket's events in order, those that moved it and still hold: one undone holds no more."""
    held: list[Event] = []
    for event in events:
        if event.kind == "undone":
            held.pop()
        elif event.kind in LEADS_TO:
            held.append(event)
    return held
