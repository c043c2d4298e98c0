"""A day at a branch is foreseen from the same weekday of the weeks before, half hour by half hour."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.kpi import planning
from govdesk.kpi.planning import expected
from govdesk.queue import staffing
from tests.kpi_makers import make_wait
from tests.makers import Cast, make_appointment, make_slot, moment

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


MONDAY_BEFORE = dt.date(2026, 10, 5)


def plan(
    cast: Cast, day: dt.date = SUNDAY, *, counters: int = 3, asked: dt.date = MONDAY_BEFORE
) -> planning.Plan | None:
    with clock.at(moment("09:00", asked)):
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
    (nine_few, _), (nine_many, _) = few.to_offer, many.to_offer
    assert nine_few.begins == nine_many.begins == dt.time(9)
    assert nine_many.bearable > nine_few.bearable


def test_what_is_booked_can_be_offered_no_more(past: Cast) -> None:
    with transaction() as session:
        for time, state in (("09:00", "booked"), ("09:30", "booked"), ("09:40", "cancelled")):
            slot = make_slot(session, branch=past.north, service=past.renewal, starts_at=moment(time, SUNDAY))
            make_appointment(session, slot=slot, state=state)
    found = plan(past)
    assert found is not None
    nine, ten = found.to_offer
    assert (nine.booked, nine.free) == (2, nine.bearable - 2)
    assert (ten.booked, ten.free) == (0, ten.bearable)


def test_a_day_that_is_not_over_teaches_nothing(past: Cast) -> None:
    found = plan(past, asked=dt.date(2026, 10, 4))
    assert found is not None
    assert found.days == 3


@pytest.mark.parametrize("weeks", [0, 1, 7, 30])
def test_a_day_far_ahead_is_foreseen_from_the_last_ones_like_it(past: Cast, weeks: int) -> None:
    found = plan(past, SUNDAY + dt.timedelta(weeks=weeks))
    assert found is not None
    assert (found.days, found.parts[0].arrivals.mean) == (4, 10)


def test_one_more_counter_shortens_the_wait_as_palm_says(past: Cast) -> None:
    found = plan(past)
    assert found is not None
    fewer, now, more = found.parts[0].waits
    assert fewer is not None
    assert fewer > now > more
    rates = 10 / 30, 1 / 8, planning.USUAL_PATIENCE  # ten in half an hour, eight minutes each; nobody left
    assert now == pytest.approx(staffing.erlang_a(*rates, 3).wait)
    alone = plan(past, counters=1)
    assert alone is not None
    assert alone.parts[0].waits[0] is None


def test_the_way_to_the_counter_takes_it_too_but_not_who_was_set_aside(cast: Cast) -> None:
    with transaction() as session:
        for day in WEEKS_BEFORE[1:]:
            for called, served in (("09:05", "09:07"), ("09:06", "09:06"), ("08:40", "09:07")):
                make_wait(
                    session, branch=cast.north, service=cast.renewal, day=day, arrived="08:30",
                    called=called, ended="09:15",
                    served_at=moment(served, dt.date.fromisoformat(f"2026-{day}")),
                )  # fmt: skip
    found = plan(cast)
    assert found is not None
    assert found.minutes == pytest.approx((10 + 9 + 8) / 3)  # 8 + 2, 9 + 0, and 8 of who came 27 later


def test_a_busy_day_needs_no_fewer_counters(past: Cast) -> None:
    found = plan(past)
    assert found is not None
    nine = found.parts[0]
    assert nine.needed_busy > nine.needed  # 10 ± 1.2816 √(10 × 1.25) = 10 ± 4.5: up to 15 come


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
