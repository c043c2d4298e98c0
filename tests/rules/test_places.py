"""Places in slots: free ones in a row, the nearest, and who would be left outside by a change."""

import datetime as dt
import itertools
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking.places import RuleProblem, chain_from, free_chains, nearest, occupied, problems, stranded
from govdesk.booking.rules import PlannedSlot, SlotRule

EIGHT = dt.datetime(2025, 1, 5, 8, 0, tzinfo=dt.UTC)
SINCE = dt.date(2025, 1, 1)


@dataclass(frozen=True)
class Booking:
    starts_at: dt.datetime
    ends_at: dt.datetime
    state: str = "booked"


def after(minutes: int) -> dt.datetime:
    return EIGHT + dt.timedelta(minutes=minutes)


def slot(start: int, length: int = 15, capacity: int = 1, booked: int = 0) -> PlannedSlot:
    return PlannedSlot(after(start), after(start + length), capacity, booked)


def booking(start: int, end: int, state: str = "booked") -> Booking:
    return Booking(after(start), after(end), state)


def rule(hours: str, minutes: int, weekdays: tuple[int, ...] = (0,), **more: dt.date) -> SlotRule:
    starts, ends = (dt.time.fromisoformat(text) for text in hours.split("-"))
    return SlotRule(weekdays, starts, ends, minutes, 1, **more)  # type: ignore[arg-type]


def test_fifteen_free_minutes_hold_no_service_of_thirty() -> None:
    assert free_chains([slot(0)], 30) == []


def test_forty_five_free_minutes_hold_it_once() -> None:
    piece = slot(0, length=45)
    assert free_chains([piece], 30) == [[piece]]


def test_a_row_of_three_quarters_has_two_starts_for_half_an_hour() -> None:
    row = [slot(0), slot(15), slot(30)]
    assert free_chains(row, 30) == [row[:2], row[1:]]


def test_a_full_slot_or_a_gap_breaks_the_row() -> None:
    assert free_chains([slot(0), slot(15, booked=1), slot(30)], 30) == []
    assert free_chains([slot(0), slot(20), slot(40)], 30) == []


def test_a_chain_of_ten_fails_whole_when_a_later_one_is_full() -> None:
    row = [slot(15 * n, booked=int(n == 8)) for n in range(10)]
    assert chain_from(row, EIGHT, 150) == []
    assert chain_from(row, EIGHT, 120) == row[:8]


def test_a_chain_begins_at_its_start_or_not_at_all() -> None:
    row = [slot(0), slot(15), slot(30)]
    assert chain_from(row, after(15), 30) == row[1:]
    assert chain_from(row, after(10), 15) == []
    assert chain_from(row, after(45), 15) == []


def test_a_service_without_length_takes_one_slot() -> None:
    assert free_chains([slot(0)], 0) == [[slot(0)]]


def test_the_nearest_are_free_and_the_earlier_of_two_comes_first() -> None:
    row = [slot(0), slot(30), slot(60, booked=1), slot(90), slot(120)]
    assert nearest(row, after(60), 3) == [row[1], row[3], row[0]]
    assert nearest(row, after(60), 0) == []
    assert nearest([], after(60), 3) == []


def test_a_cancelled_booking_does_not_block() -> None:
    states = ["cancelled", "noshow", "held", "booked", "arrived"]
    found = [occupied([slot(0)], [booking(0, 15, state)])[0].booked for state in states]
    assert found == [0, 0, 1, 1, 1]


def test_two_equal_bookings_are_one_busy_time_at_one_desk_and_two_at_two() -> None:
    twice = [booking(0, 15), booking(0, 15)]
    assert occupied([slot(0, capacity=1), slot(15, capacity=1)], twice) == [slot(0, booked=1), slot(15)]
    assert occupied([slot(0, capacity=2)], twice) == [slot(0, capacity=2, booked=2)]
    assert occupied([slot(0, capacity=2)], twice[:1]) == [slot(0, capacity=2, booked=1)]


def test_ending_when_a_slot_begins_does_not_block_it() -> None:
    assert occupied([slot(15)], [booking(0, 15), booking(30, 45)]) == [slot(15)]


def test_a_change_of_hours_names_those_it_leaves_outside() -> None:
    early, late, half = booking(0, 15), booking(45, 60), booking(20, 35)
    opened = [slot(0), slot(15)]
    assert stranded(opened, [early, late, half, booking(45, 60, "cancelled")]) == [late, half]


def test_a_desk_less_names_those_who_booked_last() -> None:
    first, second = booking(0, 15), booking(0, 15)
    assert stranded([slot(0, capacity=1)], [first, second]) == [second]
    assert stranded([slot(0, capacity=2)], [first, second]) == []


def test_a_booking_across_the_new_grid_is_inside() -> None:
    assert stranded([slot(0, 20), slot(20, 20)], [booking(10, 25)]) == []


def test_rules_that_meet_are_told_before_they_are_saved() -> None:
    morning = rule("08:00-12:00", 20)
    same, later, next_door = rule("08:00-12:00", 20), rule("11:00-13:00", 20), rule("12:00-14:00", 20)
    assert problems([morning, same], SINCE) == [RuleProblem("booking.rule_repeats_another", 0, 1)]
    assert problems([morning, later], SINCE) == [RuleProblem("booking.rule_overlaps_another", 0, 1)]
    assert problems([morning, next_door], SINCE) == []
    assert problems([morning, rule("08:00-12:00", 20, (1,))], SINCE) == []


def test_rules_of_other_seasons_do_not_meet() -> None:
    spring = rule("08:00-12:00", 20, valid_until=dt.date(2025, 6, 1))
    summer = rule("08:00-12:00", 20, valid_from=dt.date(2025, 6, 2))
    assert problems([spring, summer], SINCE) == []


def test_a_rule_that_can_never_or_not_fully_be_used_is_told() -> None:
    odd = [
        rule("12:00-08:00", 20),
        rule("08:00-08:15", 20, (1,)),
        rule("08:00-09:10", 20, (2,)),
        rule("08:00-09:00", 20, (3,), valid_from=dt.date(2025, 2, 1), valid_until=dt.date(2025, 1, 1)),
    ]
    assert problems(odd, SINCE) == [
        RuleProblem("booking.rule_ends_first", 0),
        RuleProblem("booking.rule_too_short", 1, minutes=15),
        RuleProblem("booking.rule_leaves_minutes", 2, minutes=10),
        RuleProblem("booking.rule_dates_reversed", 3),
    ]


rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12).map(
    lambda pairs: [slot(15 * n, capacity=c, booked=min(b, c)) for n, (c, b) in enumerate(pairs)]
)


@given(rows, st.integers(1, 90))
def test_a_chain_is_free_unbroken_long_enough_and_no_longer(row: list[PlannedSlot], minutes: int) -> None:
    for chain in free_chains(row, minutes):
        assert all(part.booked < part.capacity for part in chain)
        assert all(a.ends_at == b.starts_at for a, b in itertools.pairwise(chain))
        assert len(chain) == -(-minutes // 15)
        assert chain_from(row, chain[0].starts_at, minutes) == chain
