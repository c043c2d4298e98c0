"""What opens a task, by when, who may give what, and what closes it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.cases.recovery import rules
from govdesk.cases.recovery.rules import Facts

NOON = dt.datetime(2026, 10, 4, 12, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "facts", "why"),
    [
        ("left", Facts(), None),
        ("left", Facts(is_met_since=True), "met_since"),
        ("left", Facts(is_needed=False), "not_needed"),
        ("left", Facts(is_known=False), "nobody_known"),
        ("left", Facts(is_undone=True, is_known=False), "undone"),  # they came back into the queue
        ("returned", Facts(), None),
        ("returned", Facts(is_met_since=True), None),  # a return stays our failure when it ends well
        ("returned", Facts(is_undone=True), "undone"),
        ("promise_broken", Facts(), None),
        ("promise_broken", Facts(is_called=True), "called_soon"),
        ("commitment_broken", Facts(is_called=True), None),
        ("complaint", Facts(is_met_since=True, is_needed=False), None),  # who complains is heard
        ("complaint", Facts(is_known=False), "nobody_known"),
        ("low_rating", Facts(), None),
        ("low_rating", Facts(is_known=False), "nobody_known"),  # anonymous means anonymous
        ("unanswered", Facts(), None),
        ("still_needed", Facts(is_met_since=True), None),  # they were asked, and said so
    ],
)
def test_what_opens_a_task_and_what_is_spared(kind: str, facts: Facts, why: str | None) -> None:
    assert rules.spared(kind, facts) == why


@pytest.mark.parametrize(
    ("score", "most", "is_low"),
    [(1, 5, True), (2, 5, True), (3, 5, False), (1, 3, True), (2, 3, False), (0, 5, False)],
)
def test_a_low_rating_is_in_the_lower_half_of_its_scale(score: int, most: int, *, is_low: bool) -> None:
    assert rules.is_low(score, most) is is_low


@pytest.mark.parametrize(
    ("unanswered", "waited", "says_something"),
    [(2, 22.5, True), (3, 60, True), (1, 60, False), (2, 22.4, False)],
)
def test_two_silences_after_a_long_wait_say_something(
    unanswered: int, waited: float, *, says_something: bool
) -> None:
    assert rules.is_silence(unanswered=unanswered, waited=waited, target=15) is says_something


@pytest.mark.parametrize(
    ("has_open", "closed_at", "at", "where"),
    [
        (False, None, NOON, "open"),
        (True, None, NOON, "join"),
        (False, NOON, NOON + DAY, "reopen"),  # they come back for it
        (False, NOON, NOON + 30 * DAY, "reopen"),
        (False, NOON, NOON + 30 * DAY + dt.timedelta(seconds=1), "open"),
        (False, NOON, NOON - HOUR, "join"),  # heard of late: it is what the task was about
        (False, NOON, NOON, "join"),
    ],
)
def test_one_task_for_a_person_and_a_need(
    *, has_open: bool, closed_at: dt.datetime | None, at: dt.datetime, where: str
) -> None:
    assert rules.placed(has_open=has_open, closed_at=closed_at, at=at) == where


LIMITS = {"front": 50, "supervisor": 300, "head": 5000}


@pytest.mark.parametrize(
    ("cost", "limits", "level"),
    [
        (0, LIMITS, "front"),
        (50, LIMITS, "front"),
        (51, LIMITS, "supervisor"),
        (301, LIMITS, "head"),
        (5001, LIMITS, None),
        (0, {"front": None, "supervisor": 0, "head": 0}, "supervisor"),
        (0, {"front": None, "supervisor": None, "head": None}, None),
    ],
)
def test_the_lowest_level_whose_limit_reaches_may_give(
    cost: int, limits: dict[str, int | None], level: str | None
) -> None:
    assert rules.level_needed(cost, limits) == level


@pytest.mark.parametrize(
    ("roles", "needed", "may"),
    [
        (("officer",), "front", True),
        (("reception",), "front", True),
        (("officer",), "supervisor", False),
        (("supervisor",), "front", True),
        (("supervisor",), "head", False),
        (("officer", "head"), "head", True),
        (("auditor", "admin"), "front", False),  # who keeps the rules spends nothing
        ((), "front", False),
    ],
)
def test_who_stands_above_may_give_what_those_below_may(
    roles: tuple[str, ...], needed: str, *, may: bool
) -> None:
    assert rules.may_give(roles, needed) is may


@pytest.mark.parametrize(
    ("attempts", "may"),
    [
        ((), False),
        ((("phone", False),), False),
        ((("phone", False), ("phone", False)), False),
        ((("phone", False), ("sms", False)), True),
        ((("phone", True), ("sms", False)), False),  # who was reached has a word to say
        ((("phone", True), ("phone", False), ("email", False)), True),
    ],
)
def test_two_channels_without_an_answer_may_end_it(
    attempts: tuple[tuple[str, bool], ...], *, may: bool
) -> None:
    assert rules.may_end_unreached(attempts) is may


@pytest.mark.parametrize(
    ("overdue", "to"),
    [
        (dt.timedelta(0), None),
        (-HOUR, None),
        (dt.timedelta(seconds=1), "supervisor"),
        (8 * HOUR - dt.timedelta(seconds=1), "supervisor"),
        (8 * HOUR, "head"),
    ],
)
def test_what_is_overdue_goes_up(overdue: dt.timedelta, to: str | None) -> None:
    assert rules.escalated_to(overdue) == to


@given(st.integers(0, 10_000), st.lists(st.integers(0, 10_000), min_size=3, max_size=3))
def test_whoever_may_give_much_may_give_less(cost: int, given_limits: list[int]) -> None:
    limits: dict[str, int | None] = dict(zip(rules.LEVELS, sorted(given_limits), strict=True))
    needed = rules.level_needed(cost, limits)
    less = rules.level_needed(cost // 2, limits)
    if needed is not None:
        assert less is not None
        assert rules.LEVELS.index(less) <= rules.LEVELS.index(needed)


def test_every_kind_has_a_deadline() -> None:
    assert set(rules.WORKING_HOURS) == set(rules.KINDS)
    assert set(rules.GRACE) <= set(rules.KINDS)
