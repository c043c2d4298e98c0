"""Who is silent at a moment and why, who may be asked, and when the next touch is due."""

import datetime as dt
from typing import Any

import pytest

from govdesk.cases.silent.rules import (
    AFTER_ANSWER_DAYS,
    ANSWER_DAYS,
    ONE_IN_DAYS,
    STALE_DAYS,
    Experience,
    may_ask,
    may_call,
    next_message,
    reason_of,
    spared,
)

ENDED = dt.date(2026, 8, 2)
WINDOW = 32  # 30 days and 2 of lag


def lived(**facts: Any) -> Experience:
    given = {"status": "served", "outcome": "resolved", "ended_on": ENDED, "window_days": 30, "lag_days": 2}
    return Experience(**{**given, **facts})


def on(days: int) -> dt.date:
    return ENDED + dt.timedelta(days=days)


LEFT = {"status": "abandoned", "outcome": "left"}
UNMET = {"outcome": "unresolved"}
WAITED = {"waited": 41.0, "promised": 40.0, "target": 15.0}


@pytest.mark.parametrize(
    ("facts", "days", "reason"),
    [
        (LEFT, WINDOW - 1, None),  # may still come back
        (LEFT, WINDOW, "left"),
        (LEFT, WINDOW + STALE_DAYS, "left"),
        (LEFT, WINDOW + STALE_DAYS + 1, None),  # too long ago to help
        ({"status": "closed_unserved", "outcome": None}, WINDOW, "left"),
        (UNMET, WINDOW - 1, None),
        (UNMET, WINDOW, "unresolved"),
        ({**UNMET, "status": "turned_away"}, WINDOW, "unresolved"),
        (WAITED, ANSWER_DAYS - 1, None),
        (WAITED, ANSWER_DAYS, "long_wait"),
        ({**WAITED, "waited": 40.0}, ANSWER_DAYS, None),  # the promise was kept, however long
        ({"waited": 16.0, "target": 15.0}, ANSWER_DAYS, "long_wait"),  # nothing was promised
        ({"waited": 15.0, "target": 15.0}, ANSWER_DAYS, None),
        ({"waited": None, "target": 15.0}, ANSWER_DAYS, None),  # not known is not long
        ({**WAITED, **UNMET}, ANSWER_DAYS, None),  # unmet comes first, and may still come back
        ({}, WINDOW, None),  # served well
        ({"status": "no_show"}, WINDOW, None),
        ({"status": "cancelled"}, WINDOW, None),
    ],
)
def test_who_is_silent_and_why(facts: dict[str, Any], days: int, reason: str | None) -> None:
    assert reason_of(lived(**facts), on(days)) == reason


@pytest.mark.parametrize("silent", [LEFT, UNMET])
@pytest.mark.parametrize(
    ("since", "why"),
    [
        ({"came_back_on": on(20)}, "came_back"),
        ({"came_back_on": on(WINDOW + 1)}, None),  # not yet back on that day
        ({"resolved_on": on(5)}, "resolved"),
        ({"spoke_on": on(1)}, "spoke_up"),
        ({"is_in_hand": True}, "in_hand"),
        ({"is_coming": True}, "is_coming"),
        ({"came_back_on": on(20), "spoke_on": on(1)}, "came_back"),
    ],
)
def test_who_came_back_spoke_was_reached_or_resolved_is_not_silent(
    silent: dict[str, Any], since: dict[str, Any], why: str | None
) -> None:
    one = lived(**silent, **since)
    assert spared(one, on(WINDOW)) == why
    assert (reason_of(one, on(WINDOW)) is None) == (why is not None)


@pytest.mark.parametrize(
    ("asked", "answered", "may"),
    [
        (None, None, True),
        (ONE_IN_DAYS - 1, None, False),
        (ONE_IN_DAYS, None, True),
        (AFTER_ANSWER_DAYS, AFTER_ANSWER_DAYS - 1, False),
        (AFTER_ANSWER_DAYS, AFTER_ANSWER_DAYS, True),
    ],
)
def test_one_question_in_ninety_days_and_after_an_answer_in_twice_that(
    asked: int | None, answered: int | None, may: object
) -> None:
    today = on(400)

    def ago(days: int | None) -> dt.date | None:
        return None if days is None else today - dt.timedelta(days=days)

    assert may_ask(asked_on=ago(asked), answered_on=ago(answered), today=today) is may


def test_the_question_then_one_reminder_then_nothing() -> None:
    now = dt.datetime(2026, 10, 4, 9, tzinfo=dt.UTC)
    three_days_ago = now - dt.timedelta(days=3)
    lately = three_days_ago + dt.timedelta(minutes=1)
    assert next_message(touches=0, asked_at=None, has_reminded=False, now=now) == "ask"
    assert next_message(touches=1, asked_at=lately, has_reminded=False, now=now) is None
    assert next_message(touches=1, asked_at=three_days_ago, has_reminded=False, now=now) == "remind"
    assert next_message(touches=2, asked_at=three_days_ago, has_reminded=True, now=now) is None
    assert next_message(touches=3, asked_at=three_days_ago, has_reminded=False, now=now) is None


def test_three_touches_are_the_most() -> None:
    assert may_call(2)
    assert not may_call(3)
