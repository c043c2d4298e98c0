"""Who is silent at a moment and why, who may be asked and how often, and how many there are: pure rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

REASONS = ("left", "unresolved", "long_wait")
ANSWERS = ("yes", "no", "elsewhere")
LEFT = frozenset({"abandoned", "closed_unserved"})
ATTENDED = frozenset({"served", "turned_away"})
ANSWER_DAYS = 14  # so long somebody who waited too long may speak up by themselves
STALE_DAYS = 30  # after that nobody is asked: it is too long ago to help
ONE_IN_DAYS = 90  # questions to one person, over all questionnaires (KPI.md §5)
AFTER_ANSWER_DAYS = 180
MOST_TOUCHES = 3  # the question, one reminder, a call
REMIND_AFTER = timedelta(days=3)
GIVEN_UP_AFTER = timedelta(days=21)  # after the first touch, without an answer
Z95 = 1.959963984540054

Reason = Literal["left", "unresolved", "long_wait"]
Spared = Literal["came_back", "is_coming", "spoke_up", "in_hand", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """A visit as its person may look back on it. Waits in minutes; None: not known."""

    status: str
    outcome: str | None
    ended_on: date
    window_days: int
    lag_days: int
    waited: float | None = None
    promised: float | None = None
    target: float | None = None
    came_back_on: date | None = None  # attended for the same need
    is_coming: bool = False  # has an appointment for it
    spoke_on: date | None = None  # complained, rated or answered a question
    is_in_hand: bool = False  # recovery has reached them or is about to
    resolved_on: date | None = None  # the need was met without another visit


SPARED: tuple[tuple[Spared, Callable[[Experience, date], bool]], ...] = (
    ("came_back", lambda one, today: _is_by(one.came_back_on, today)),
    ("resolved", lambda one, today: _is_by(one.resolved_on, today)),
    ("spoke_up", lambda one, today: _is_by(one.spoke_on, today)),
    ("in_hand", lambda one, _today: one.is_in_hand),
    ("is_coming", lambda one, _today: one.is_coming),
)


def spared(one: Experience, today: date) -> Spared | None:
    """Why somebody is not silent, the first that applies; None where nothing speaks against it."""
    return next((why for why, applies in SPARED if applies(one, today)), None)


def reason_of(one: Experience, today: date) -> Reason | None:
    """Why somebody is probably unhappy and silent on a day; None: they are not, not yet, or too long ago.

    Who left unserved, and whose need was not met, has the service's window and lag to come back, as in the
    figures (KPI.md §1.6). Who waited longer than promised (or, without a promise, than the service aims at)
    has two weeks to say something.
    """
    if spared(one, today) is not None:
        return None
    age, window = (today - one.ended_on).days, one.window_days + one.lag_days
    if one.status in LEFT:
        return "left" if window <= age <= window + STALE_DAYS else None
    if one.status not in ATTENDED:
        return None
    if one.outcome == "unresolved":
        return "unresolved" if window <= age <= window + STALE_DAYS else None
    limit = one.promised if one.promised is not None else one.target
    if one.waited is None or limit is None or one.waited <= limit:
        return None
    return "long_wait" if ANSWER_DAYS <= age <= ANSWER_DAYS + STALE_DAYS else None


def may_ask(*, asked_on: date | None, answered_on: date | None, today: date) -> bool:
    """Whether a person may be asked again: 90 days after the last question, 180 after the last answer."""
    if asked_on is not None and (today - asked_on).days < ONE_IN_DAYS:
        return False
    return answered_on is None or (today - answered_on).days >= AFTER_ANSWER_DAYS


def next_message(
    *, touches: int, asked_at: datetime | None, has_reminded: bool, now: datetime
) -> Literal["ask", "remind"] | None:
    """Which message is due: the question, or after three days its one reminder; never a fourth touch."""
    if touches >= MOST_TOUCHES:
        return None
    if asked_at is None:
        return "ask"
    return "remind" if not has_reminded and now >= asked_at + REMIND_AFTER else None


def may_call(touches: int) -> bool:
    """Whether somebody of staff may still call."""
    return touches < MOST_TOUCHES


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How many are unhappy by two lists that overlap, and how many of them are on neither."""

    complained: int
    dissatisfied: int
    both: int
    value: float
    low: float
    high: float

    @property
    def known(self) -> int:
        """Who is on one list at least."""
        return self.complained + self.dissatisfied - self.both

    @property
    def unheard(self) -> float:
        """Who is on neither: estimated, never counted."""
        return self.value - self.known


def chapman(complained: int, dissatisfied: int, both: int) -> Estimate | None:
    """Estimate how many are unhappy: (M+1)(C+1)/(R+1) − 1 (Chapman 1951), with a 95 % interval.

    `complained` (M) and `dissatisfied` in a sample (C) are people, `both` (R) those on both lists. The
    variance is that of Seber 1970; the interval is log-normal in the number of the unheard (Chao 1987), so
    that it never goes below those who are known. None where a list is empty or nobody is on both: then the
    lists say nothing of what they miss. ValueError for more on both than on either.
    """
    if not 0 <= both <= min(complained, dissatisfied):
        raise ValueError(f"{both} on both of {complained} and {dissatisfied}")
    if both == 0:
        return None
    value = (complained + 1) * (dissatisfied + 1) / (both + 1) - 1
    known = complained + dissatisfied - both
    unheard = value - known
    variance = (
        (complained + 1)
        * (dissatisfied + 1)
        * (complained - both)
        * (dissatisfied - both)
        / ((both + 1) ** 2 * (both + 2))
    )
    spread = math.exp(Z95 * math.sqrt(math.log(1 + variance / unheard**2))) if unheard > 0 else 1.0
    return Estimate(
        complained=complained,
        dissatisfied=dissatisfied,
        both=both,
        value=value,
        low=known + unheard / spread,
        high=known + unheard * spread,
    )


def _is_by(day: date | None, today: date) -> bool:
    return day is not None and day <= today
