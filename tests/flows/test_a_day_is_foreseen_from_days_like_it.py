"""A day at a branch is foreseen from the same weekday of the weeks before, half hour by half hour."""

import datetime as dt

import pytest

from govdesk.db import reading, transaction
from govdesk.kpi import planning
from govdesk.kpi.planning import expected
from tests.kpi_makers import make_wait
from tests.makers import Cast

SUNDAY = dt.date(2026, 10, 11)
WEEKS_BEFORE = ("10-04", "09-27", "09-20", "09-13")


@pytest.fixture
def past(cast: Cast) -> Cast:
    """On four Sundays ten people at nine, served in eight minutes each, and four at ten."""
    with transaction() as session:
        for day in WEEKS_BEFORE:
            for place in range(14):
                hour = "09" if place < 10 else "10"
                make_wait(
                    session, branch=cast.north, service=cast.renewal, day=day, arrived=f"{hour}:{place:02}",
                    called=f"{hour}:{place + 2:02}", ended=f"{hour}:{place + 10:02}",
                )  # fmt: skip
    return cast


def plan(cast: Cast, day: dt.date = SUNDAY, *, counters: int = 3) -> planning.Plan | None:
    return planning.plan(reading(), cast.north, day, counters=counters, within=15.0, share=0.8)


def test_half_hours_have_their_own_arrivals(past: Cast) -> None:
    found = plan(past)
    assert found is not None
    assert found.days == 4
    assert found.minutes == pytest.approx(8)
    nine, half, ten = found.parts
    assert (nine.begins, nine.arrivals.mean) == (dt.time(9), 10)
    assert (half.begins, half.arrivals.mean, half.needed) == (dt.time(9, 30), 0, 0)
    assert (ten.begins, ten.arrivals.mean) == (dt.time(10), 4)
    assert nine.needed > ten.needed >= 1


def test_one_more_counter_calls_more_in_time_and_one_fewer_fewer(past: Cast) -> None:
    found = plan(past)
    assert found is not None
    fewer, now, more = found.parts[0].within
    assert fewer < now < more


def test_more_counters_leave_room_for_more_appointments(past: Cast) -> None:
    few, many = plan(past, counters=2), plan(past, counters=5)
    assert few is not None
    assert many is not None
    assert dict(many.to_offer)[dt.time(9)] > dict(few.to_offer)[dt.time(9)]


def test_another_weekday_is_not_known(past: Cast) -> None:
    assert plan(past, SUNDAY + dt.timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("counts", "mean", "low", "high"),
    [
        ([4, 4, 4, 4], 4, 1, 7),  # no spread, but chance alone: 4 ± 1.2816 √(4 × 1.25) = 4 ± 2.87
        ([0, 0, 0], 0, 0, 0),
        ([0, 20, 0, 20], 10, 0, 27),  # variance 133.3: 10 ± 1.2816 √(133.3 × 1.25) = 10 ± 16.5
    ],
)
def test_the_range_covers_eight_of_ten_days(counts: list[int], mean: float, low: int, high: int) -> None:
    found = expected(counts)
    assert (found.mean, found.low, found.high) == (mean, low, high)
