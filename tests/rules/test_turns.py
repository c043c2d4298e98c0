"""A free place goes to who is next in a written order, and each one passed by has a reason."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking.rules import PlannedSlot
from govdesk.booking.turns import LARGEST_GROUP, Opening, Waiting, ahead, offered_until, order, seats, why_not
from tests.makers import MORNING, RIYADH, SUNDAY, moment

DAY = dt.timedelta(days=1)
HALF = dt.timedelta(minutes=30)
ZONE = "Asia/Riyadh"
NORTH, HARBOUR = 1, 2
NORA = Waiting(
    key=1, joined_at=MORNING, branch_ids=frozenset({NORTH}), first_on=SUNDAY, last_on=SUNDAY + 30 * DAY
)


def waiting(**columns: object) -> Waiting:
    return dataclasses.replace(NORA, **columns)  # type: ignore[arg-type]


def opening(days: int, clock_time: str = "10:00", branch_id: int = NORTH) -> Opening:
    """A place so many days ahead of Sunday."""
    return Opening(branch_id, moment(clock_time, SUNDAY + days * DAY), MORNING + HALF, ZONE)


def test_the_order_is_displaced_then_priority_then_joining() -> None:
    late = MORNING + dt.timedelta(hours=3)
    line = [
        waiting(key=1),
        waiting(key=2, joined_at=late, has_priority=True),
        waiting(key=3, joined_at=late + HALF, is_displaced=True),
        waiting(key=4, joined_at=MORNING - HALF),
        waiting(key=5, joined_at=late, is_displaced=True, has_priority=True),
        waiting(key=6, joined_at=MORNING - HALF),
    ]
    assert [one.key for one in sorted(line, key=order)] == [5, 3, 2, 4, 6, 1]


def test_who_has_waited_a_week_is_passed_by_no_priority_and_after_a_month_by_nobody() -> None:
    def is_first(waited: dt.timedelta, **other: bool) -> bool:
        return order(waiting(joined_at=MORNING - waited)) < order(waiting(key=2, **other))

    assert not is_first(7 * DAY - HALF, has_priority=True)
    assert is_first(7 * DAY, has_priority=True)
    assert not is_first(30 * DAY - HALF, is_displaced=True)
    assert is_first(30 * DAY, is_displaced=True)
    assert is_first(37 * DAY, is_displaced=True, has_priority=True)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 400)), max_size=30))
def test_whoever_stays_is_passed_by_nobody_who_comes_more_than_37_days_later(
    others: list[tuple[bool, bool, int]],
) -> None:
    line = [
        waiting(key=n + 2, joined_at=MORNING + days * DAY, is_displaced=displaced, has_priority=priority)
        for n, (displaced, priority, days) in enumerate(others)
    ]
    before = [other for other in line if order(other) < order(NORA)]
    assert all(other.joined_at < MORNING + 37 * DAY for other in before)


@pytest.mark.parametrize(
    ("one", "place", "reason"),
    [
        (waiting(), opening(3), None),
        (waiting(), opening(3, branch_id=HARBOUR), "outside"),
        (waiting(first_on=SUNDAY + 4 * DAY), opening(3), "outside"),
        (waiting(last_on=SUNDAY + 2 * DAY), opening(3), "outside"),
        (waiting(last_on=SUNDAY + 3 * DAY), opening(3), None),
        (waiting(part="morning"), opening(3, "11:59"), None),
        (waiting(part="morning"), opening(3, "12:00"), "outside"),
        (waiting(part="afternoon"), opening(3, "12:00"), None),
        (waiting(notices=3), opening(3), "three_notices"),
        (waiting(notices=2, noticed_at=MORNING - DAY), opening(3), None),
        (waiting(notices=1, noticed_at=moment("00:10")), opening(3), "notified_today"),
        (waiting(notices=1, noticed_at=moment("23:50", SUNDAY - DAY)), opening(3), None),
        (waiting(), opening(0, "11:29"), "too_soon"),
        (waiting(), opening(0, "11:30"), None),
    ],
)
def test_each_place_that_passes_by_has_a_reason(one: Waiting, place: Opening, reason: str | None) -> None:
    assert why_not(one, place, now=MORNING) == reason


@pytest.mark.parametrize(
    ("days_ahead", "reason"),
    [(8, None), (6, None), (12, None), (13, "no_gain"), (14, "no_gain"), (15, "no_gain")],
)
def test_of_an_appointment_in_14_days_the_8th_is_worth_a_notice_and_the_eve_is_not(
    days_ahead: int, reason: str | None
) -> None:
    one = waiting(booked_at=moment("10:00", SUNDAY + 14 * DAY))
    assert why_not(one, opening(days_ahead, "09:00"), now=MORNING) == reason


def test_who_was_displaced_is_told_of_a_later_place_too() -> None:
    one = waiting(booked_at=moment("10:00", SUNDAY + 2 * DAY), is_displaced=True)
    assert why_not(one, opening(5), now=MORNING) is None


def test_an_offer_stands_half_an_hour_but_not_through_the_night() -> None:
    night, morning = moment("21:50"), moment("08:00", SUNDAY + DAY)
    assert offered_until(MORNING, told_at=MORNING, next_morning=None) == MORNING + HALF
    assert offered_until(night, told_at=morning, next_morning=morning) == moment("08:30", SUNDAY + DAY)


def slots(*free: int, gap_after: int | None = None) -> list[PlannedSlot]:
    """Slots of half an hour from nine on with so many free places; a gap after one of them."""
    starts = [MORNING + HALF * (n + (gap_after is not None and n > gap_after)) for n in range(len(free))]
    return [
        PlannedSlot(starts_at=start, ends_at=start + HALF, capacity=count, booked=0)
        for start, count in zip(starts, free, strict=True)
    ]


@pytest.mark.parametrize(
    ("free", "people", "minutes", "begin"),
    [
        ((1,), 1, 10, ["09:00"]),
        ((0, 1), 1, 10, []),
        ((2,), 2, 10, ["09:00", "09:00"]),
        ((1, 1), 2, 10, ["09:00", "09:30"]),
        ((1, 0, 1), 2, 10, []),
        ((2, 1), 3, 30, ["09:00", "09:00", "09:30"]),
        ((1, 1), 1, 31, ["09:00"]),
        ((1, 0), 1, 31, []),
        ((1, 1, 1, 1), 2, 60, ["09:00", "10:00"]),
        ((2, 2), 2, 60, ["09:00", "09:00"]),
        ((1, 1, 1), 2, 60, []),
    ],
)
def test_a_group_sits_side_by_side_or_in_a_row(
    free: tuple[int, ...], people: int, minutes: int, begin: list[str]
) -> None:
    found = seats(slots(*free), people, minutes)
    assert [f"{slot.starts_at.astimezone(RIYADH):%H:%M}" for slot in found] == begin


def test_a_gap_breaks_a_row() -> None:
    assert seats(slots(1, 1, gap_after=0), 2, 10) == []


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(1, LARGEST_GROUP), st.integers(1, 90))
def test_no_slot_takes_more_than_it_has_places(free: list[int], people: int, minutes: int) -> None:
    there = slots(*free)
    found = seats(there, people, minutes)
    assert len(found) in (0, people)
    length = -(-minutes // 30)
    for place, slot in enumerate(there):
        begun = sum(there.index(seat) in range(place - length + 1, place + 1) for seat in found)
        assert begun <= slot.capacity


def test_the_place_in_the_line_is_a_range() -> None:
    week = waiting(key=9, joined_at=MORNING + HALF, first_on=SUNDAY + 3 * DAY, last_on=SUNDAY + 5 * DAY)
    line = [
        waiting(key=1),  # wants all of it
        waiting(key=2, first_on=SUNDAY + 5 * DAY),  # some of it
        waiting(key=3, branch_ids=frozenset({HARBOUR})),  # none of it
        waiting(key=4, joined_at=MORNING + DAY),  # came later
        waiting(key=5, part="morning"),  # some of it
        waiting(key=6, people=3),  # needs more places
        week,
    ]
    assert ahead(week, line) == (1, 4)
