"""Rules of a recall: what ends it for somebody, what counts, who must step in.

A recall mends what we did wrong and does not hide it: the visits that the fault spoilt stay what they were.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

STARTERS = ("supervisor", "head", "admin")  # who may recall, each within their own reach
WISHES = ("place", "call", "none")
CHANNELS = ("phone", "counter", "letter", "sms", "email")  # by which staff try
REMEDIED, DECLINED, UNREACHED, UNKNOWN, FORGOTTEN = (
    "remedied", "declined", "unreached", "unknown", "forgotten",
)  # fmt: skip
ENDS = (REMEDIED, DECLINED, UNREACHED, UNKNOWN, FORGOTTEN)
COVERED = frozenset({REMEDIED, DECLINED})  # reached, and the person's own word or the mended matter ends it
CHANNELS_TRIED = 2
ANSWERED_WITHIN = dt.timedelta(days=3)  # after a message; then somebody calls
REMINDED_DAYS = 3  # before the last day
REACHING = frozenset({"answered", "invited", "came", *COVERED})
REOPENING = frozenset({"again", "undone"})


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to a member: `is_reached` of an attempt."""

    kind: str
    at: dt.datetime
    is_reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recall stands for one person: whether we reached them, and how it ended (None: it has not)."""

    is_reached: bool
    end: str | None

    @property
    def is_covered(self) -> bool:
        """Whether it ended as it should."""
        return self.is_reached and self.end in COVERED


def standing(acts: Iterable[Act], as_of: dt.datetime) -> Standing:
    """Tell from somebody's acts in their order how it stood at a moment; later acts are not known yet."""
    is_reached, end = False, None
    for act in acts:
        if act.at > as_of:
            break
        is_reached = is_reached or act.kind in REACHING or bool(act.is_reached)
        if act.kind in ENDS:
            end = act.kind
        elif act.kind in REOPENING:
            end = None
    return Standing(is_reached, end)


def may_give_up(tries: Iterable[tuple[str, bool]]) -> bool:
    """Whether enough was tried, by (channel, reached): two attempts in vain on two different channels."""
    return len({channel for channel, is_reached in tries if not is_reached}) >= CHANNELS_TRIED


def is_overdue(due_on: dt.date, today: dt.date) -> bool:
    """Whether the last day is over."""
    return today > due_on


def must_remind(due_on: dt.date, today: dt.date, reminded_for: dt.date | None) -> bool:
    """Whether its owner is to be reminded: once for each last day, some days before it."""
    return reminded_for != due_on and today >= due_on - dt.timedelta(days=REMINDED_DAYS)
