"""When the newest period of a figure is news, and where a day stands on an axis of periods. Pure."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

KINDS = ("note", "decision", "event")
TOLD = ("worse", "better")
WEEK = 7


@dataclass(frozen=True, slots=True)
class Known:
    """How far a course was judged: its last period, what it said then, and what the one before it said."""

    until: str | None = None
    sense: str = ""
    before: str = ""


def advance(known: Known, period: str, sense: str) -> tuple[Known, bool]:
    """Take in what a period says as the newest one; and whether that is news.

    A signal is news when the period before it was none of the same sense: a run that goes on is told once,
    when it begins. The same period judged again (late facts may change it) is held against the same one
    before it. An earlier period than the last one judged is no news.
    """
    if known.until is not None and period < known.until:
        return known, False
    now = replace(known, sense=sense) if period == known.until else Known(period, sense, known.sense)
    return now, sense in TOLD and sense != now.before


def to_judge(periods: Sequence[str], known: Known) -> Sequence[str]:
    """The periods to judge, oldest first: those since the last time; at first, and always, the newest."""
    if not periods:
        return []
    missed = [one for one in periods[:-1] if known.until is not None and one > known.until]
    return [*missed, periods[-1]]


def place_of(day: dt.date, periods: Sequence[str], time: str) -> float | None:
    """Where a day stands on an axis whose periods are 1 apart, each from half before its place to half after.

    None for a day outside. `periods` are weeks named by their first day, or months (2026-10), in order; there
    may be gaps between them.
    """
    name = _first_of(day, time)
    if name not in periods:
        return None
    length = WEEK if time == "week" else calendar.monthrange(day.year, day.month)[1]
    inside = (day - dt.date.fromisoformat(name)).days if time == "week" else day.day - 1
    return periods.index(name) - 0.5 + inside / length


def _first_of(day: dt.date, time: str) -> str:
    if time == "month":
        return f"{day:%Y-%m}"
    return (day - dt.timedelta(days=(day.weekday() + 1) % WEEK)).isoformat()
