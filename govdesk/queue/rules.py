"""Rules of the queue: what may follow what, from when somebody may be called, how long a newcomer waits."""

import datetime as dt
import math
from collections.abc import Sequence

PRIORITIES = ("elderly", "disability", "pregnant", "infant")
CALLS = 3  # the last recall after this many makes the ticket missed
SHRINKAGE = 20  # the declared length of a service weighs as much as this many observed ones
LOW, HIGH = 0.1, 0.9
LEAST_PROMISE = 2.0  # minutes: also at a free counter somebody has to press and somebody has to hear

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
    "close": (frozenset({"waiting", "called", "serving", "held"}), "closed_unserved"),
}
OUTCOMES = ("resolved", "planned_next_step", "unresolved", "turned_away")
LIVE = ("waiting", "called", "serving", "held")


def may(verb: str, state: str) -> bool:
    """Whether a ticket in `state` may take the step `verb`."""
    return state in STEPS[verb][0]


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


def learned_minutes(declared: float, observed: Sequence[float]) -> float:
    """Mean service length in minutes: as observed, drawn towards the declared one while that is little."""
    return (SHRINKAGE * declared + math.fsum(observed)) / (SHRINKAGE + len(observed))


def expected_wait(ahead: int, counters: int, minutes: float, patience_rate: float = 0.0) -> float:
    """Mean wait in minutes of a newcomer with `ahead` people before them (QLm: Ibrahim and Whitt 2009).

    `minutes` is the mean service, `patience_rate` the rate per minute at which each waiting person gives up.
    """
    return math.fsum(1.0 / (counters / minutes + k * patience_rate) for k in range(ahead + 1))


def wait_range(ahead: int, counters: int, minutes: float) -> tuple[float, float]:
    """The wait in minutes that eight of ten newcomers have: p10, p90 of ahead + 1 exponential departures."""
    scale = minutes / counters
    return _erlang_quantile(ahead + 1, LOW) * scale, _erlang_quantile(ahead + 1, HIGH) * scale


def _erlang_quantile(stages: int, share: float) -> float:
    """The moment before which `stages` unit-rate departures happen with probability `share`, by bisection."""
    low, high = 0.0, stages + 12.0 * math.sqrt(stages) + 12.0
    for _ in range(60):
        middle = (low + high) / 2
        if _erlang_cdf(stages, middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _erlang_cdf(stages: int, moment: float) -> float:
    """1 - probability of fewer than `stages` departures by `moment`: Poisson terms, from the largest down."""
    if moment <= 0:
        return 0.0
    term = math.exp((stages - 1) * math.log(moment) - moment - math.lgamma(stages))
    terms = [term]
    for k in range(stages - 1, 0, -1):
        term *= k / moment
        terms.append(term)
    return 1.0 - math.fsum(terms)
