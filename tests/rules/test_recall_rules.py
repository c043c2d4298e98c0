"""When a recall ends for somebody, whom it counts as covered, and when it is pressed."""

import datetime as dt

import pytest

from govdesk.cases.recall.rules import Act, Standing, is_overdue, may_give_up, must_remind, standing

NINE = dt.datetime(2026, 10, 4, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 10, 20)


def stood(*kinds: str, hours: int = 99, reached: bool | None = None) -> Standing:
    acts = [Act(kind, NINE + dt.timedelta(hours=hour), reached) for hour, kind in enumerate(kinds)]
    return standing(acts, NINE + dt.timedelta(hours=hours))


def test_a_message_alone_reaches_nobody() -> None:
    assert stood("told") == Standing(is_reached=False, end=None)
    assert stood("told", "attempt", reached=False) == Standing(is_reached=False, end=None)


def test_an_answer_reaches_and_only_mended_or_declined_is_covered() -> None:
    assert stood("told", "answered").is_reached
    assert stood("told", "answered", "invited", "came", "remedied").is_covered
    assert stood("told", "answered", "declined").is_covered
    for end in ("unreached", "unknown", "forgotten"):
        assert not stood("told", end).is_covered


def test_what_came_later_is_not_known_yet() -> None:
    assert stood("told", "answered", "remedied", hours=1) == Standing(is_reached=True, end=None)


def test_who_is_tried_again_is_open_again() -> None:
    assert stood("attempt", "unreached", "again").end is None
    assert stood("invited", "came", "remedied", "undone") == Standing(is_reached=True, end=None)


@pytest.mark.parametrize(
    ("tries", "is_enough"),
    [
        ([], False),
        ([("phone", False), ("phone", False)], False),
        ([("sms", False), ("phone", False)], True),
        ([("sms", False), ("phone", True)], False),
    ],
)
def test_two_channels_in_vain_are_enough(tries: list[tuple[str, bool]], *, is_enough: bool) -> None:
    assert may_give_up(tries) is is_enough


def test_the_last_day_itself_is_in_time() -> None:
    assert not is_overdue(DAY, DAY)
    assert is_overdue(DAY, DAY + dt.timedelta(days=1))


def test_the_owner_is_reminded_once_for_each_last_day() -> None:
    assert not must_remind(DAY, DAY - dt.timedelta(days=4), None)
    assert must_remind(DAY, DAY - dt.timedelta(days=3), None)
    assert not must_remind(DAY, DAY - dt.timedelta(days=1), DAY)
    assert must_remind(DAY, DAY - dt.timedelta(days=1), DAY - dt.timedelta(days=9))
