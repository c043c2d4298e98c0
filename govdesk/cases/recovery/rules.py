"""Rules of recovery: what opens a task, by when, who may give what, what closes it and who must step in.

All that happens to people is weighed by the same table (SPARED): a task that nobody needs is a nuisance to
the person and takes time from one who needs it.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

KINDS = (
    "complaint", "commitment_broken", "returned", "still_needed", "low_rating", "promise_broken", "left",
    "unanswered",
)  # fmt: skip
CHANNELS = ("counter", "phone", "sms", "email", "letter")
LEVELS = ("front", "supervisor", "head")
LEVEL_OF = {"officer": "front", "reception": "front", "supervisor": "supervisor", "head": "head"}
WORKING_HOURS = {  # to make it good, where no administrator has said otherwise
    "complaint": 8, "commitment_broken": 8, "returned": 8, "still_needed": 8, "low_rating": 16,
    "promise_broken": 16, "left": 16, "unanswered": 40,
}  # fmt: skip
GRACE = {  # after which it is weighed: until then it may mend by itself
    "left": dt.timedelta(hours=3),
    "promise_broken": dt.timedelta(minutes=15),
}
LOW = 0.5  # a rating at or below this share of its scale, 2 of 5 or 1 of 3 faces
LONG_WAIT = 1.5  # of the wait that the service aims at
UNANSWERED = 2  # questionnaires
REOPENED_WITHIN = dt.timedelta(days=30)
CHANNELS_TRIED = 2  # different ones, before a task may end without the person's word
HEAD_AFTER = dt.timedelta(hours=8)  # working time overdue


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when something that happened is weighed."""

    is_known: bool = True  # whose it is
    is_needed: bool = True  # the person did not say that it is not needed any more
    is_met_since: bool = False  # the same need was met after it
    is_called: bool = False  # of a broken promise: called within the grace
    is_undone: bool = False  # it did not happen after all: taken back, judged anew


Reason = Literal["undone", "nobody_known", "not_needed", "met_since", "called_soon"]
SPARED: tuple[tuple[Reason, Collection[str], Callable[[Facts], bool]], ...] = (
    ("undone", KINDS, lambda facts: facts.is_undone),
    ("nobody_known", KINDS, lambda facts: not facts.is_known),
    ("not_needed", ("left",), lambda facts: not facts.is_needed),
    ("met_since", ("left",), lambda facts: facts.is_met_since),
    ("called_soon", ("promise_broken",), lambda facts: facts.is_called),
)


def spared(kind: str, facts: Facts) -> Reason | None:
    """Why something opens no task, the first that applies; None: it opens one."""
    return next((why for why, kinds, applies in SPARED if kind in kinds and applies(facts)), None)


def is_low(score: int, most: int) -> bool:
    """Whether a rating of 1 to `most` says that we failed."""
    return 0 < score <= most * LOW


def is_silence(*, unanswered: int, waited: float, target: float) -> bool:
    """Whether somebody who answers nothing waited so long (minutes) that the silence says something."""
    return unanswered >= UNANSWERED and waited >= target * LONG_WAIT


def placed(
    *, has_open: bool, closed_at: dt.datetime | None, at: dt.datetime
) -> Literal["join", "reopen", "open"]:
    """Where something that happened `at` goes: to the open task of the need, to the last one, to a new one.

    What happened before the last task was closed and is heard of late was meant by it: it joins, and does
    not open it again.
    """
    if has_open or (closed_at is not None and at <= closed_at):
        return "join"
    if closed_at is not None and at - closed_at <= REOPENED_WITHIN:
        return "reopen"
    return "open"


def level_needed(cost: int, limits: Mapping[str, int | None]) -> str | None:
    """The lowest level that may give something of this cost; None where it is above every limit.

    A level without a limit may not give it at all; a limit of 0 is for what costs nothing.
    """
    for level in LEVELS:
        limit = limits.get(level)
        if limit is not None and cost <= limit:
            return level
    return None


def may_give(roles: Iterable[str], needed: str) -> bool:
    """Whether one of these roles may give what needs a level: its own, or one above."""
    return any(LEVELS.index(LEVEL_OF[role]) >= LEVELS.index(needed) for role in roles if role in LEVEL_OF)


def may_end_unreached(attempts: Iterable[tuple[str, bool]]) -> bool:
    """Whether enough was tried, by (channel, reached): two different channels brought no answer."""
    return len({channel for channel, is_reached in attempts if not is_reached}) >= CHANNELS_TRIED


def escalated_to(overdue: dt.timedelta) -> str | None:
    """Who must step in when a task is this long overdue, in working time; None while it is in time."""
    if overdue <= dt.timedelta(0):
        return None
    return "head" if overdue >= HEAD_AFTER else "supervisor"
