"""When a promise is reminded, when it may be moved, and what its history says it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

LONGEST = 200
FURTHEST = timedelta(days=366)
SOONEST_REMINDER = timedelta(days=2)  # before the end; nobody needs to hear it sooner
ORIGINS = ("counter", "case", "call")
STATES = ("open", "kept", "broken")


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of a history: made, moved, kept, broken, done, reminded, handed_over, owner_left."""

    kind: str
    at: datetime
    due_on: date | None = None  # of `made` and `moved`
    due_at: datetime | None = None  # the end of that day


@dataclass(frozen=True, slots=True)
class Standing:
    """How a promise stood at a moment. `done_at` of a broken one is when it was done, too late."""

    state: str
    due_on: date
    due_at: datetime
    first_due_on: date
    moves: int
    settled_at: datetime | None
    done_at: datetime | None


def remind_at(made_at: datetime, due_at: datetime) -> datetime:
    """Give the moment of the reminder: when a quarter of the time is left, and at most two days."""
    left = min((due_at - made_at) / 4, SOONEST_REMINDER)
    return due_at - left


def is_kept(due_at: datetime, at: datetime) -> bool:
    """Tell whether what is done at `at` keeps the promise: the day it was promised for is not over."""
    return at < due_at


def problem_of_day(due_on: date, today: date) -> str | None:
    """Give the message key of what is wrong with a day; None where it may be promised."""
    if due_on < today:
        return "commitments.due_past"
    return "commitments.due_far" if due_on - today > FURTHEST else None


def standing(acts: Iterable[Act], as_of: datetime) -> Standing | None:
    """Tell from its history, in order, how a promise stood at a moment; None before it was made.

    A promise is broken by its day alone: nobody need have noticed it.
    """
    known = [act for act in acts if act.at <= as_of]
    days = [(act.due_on, act.due_at) for act in known if act.due_on is not None and act.due_at is not None]
    if not days:
        return None
    due_on, due_at = days[-1]
    done_at = next((act.at for act in known if act.kind in {"kept", "done"}), None)
    if done_at is not None and is_kept(due_at, done_at):
        state, settled_at = "kept", done_at
    elif as_of >= due_at:
        state, settled_at = "broken", due_at
    else:
        state, settled_at = "open", None
    return Standing(state, due_on, due_at, days[0][0], len(days) - 1, settled_at, done_at)
