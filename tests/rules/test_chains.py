"""A long appointment needs a row of slots: as few as last long enough, without a gap, none of them full."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking import chains
from govdesk.booking.errors import Place
from tests.makers import moment


def places(*words: str, minutes: int = 15) -> list[Place]:
    """Slots of 15 minutes: `09:00` is free, `09:15x` is full."""
    found = []
    for number, word in enumerate(words, 1):
        starts_at = moment(word[:5])
        ends_at = starts_at + dt.timedelta(minutes=minutes)
        found.append(Place(number, 1, starts_at, ends_at, 1, int(word.endswith("x"))))
    return found


@pytest.mark.parametrize(
    ("words", "minutes", "ids"),
    [
        (("09:00",), 10, [1]),
        (("09:00",), 15, [1]),
        (("09:00",), 16, []),
        (("09:00", "09:15"), 16, [1, 2]),
        (("09:00", "09:15", "09:30"), 30, [1, 2]),
        (("09:00", "09:15", "09:30"), 31, [1, 2, 3]),
        (("09:00", "09:30", "09:45"), 30, []),  # a gap is no row
        (("09:00", "09:15x"), 30, [1, 2]),  # whether they are free is not asked here
        ((), 10, []),
    ],
)
def test_a_row_is_the_fewest_slots_that_last_so_long(
    words: tuple[str, ...], minutes: int, ids: list[int]
) -> None:
    assert [place.slot_id for place in chains.row(places(*words), minutes)] == ids


@pytest.mark.parametrize(
    ("words", "minutes", "starts"),
    [
        (("09:00",), 30, []),  # a free piece of 15 minutes and a service of 30: nothing
        (("09:00", "09:15", "09:30"), 30, ["09:00", "09:15"]),
        (("09:00", "09:15", "09:30"), 45, ["09:00"]),
        (("09:00", "09:15x", "09:30", "09:45"), 30, ["09:30"]),
        (("09:00", "09:15", "10:00", "10:15"), 30, ["09:00", "10:00"]),
        (("09:00x", "09:15x"), 15, []),
        (("09:00", "09:15x"), 0, ["09:00"]),
    ],
)
def test_there_is_room_where_enough_free_minutes_follow(
    words: tuple[str, ...], minutes: int, starts: list[str]
) -> None:
    found = chains.with_room(places(*words), minutes)
    assert [place.starts_at for place in found] == [moment(start) for start in starts]


@given(
    kept=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12),
    minutes=st.integers(min_value=0, max_value=120),
)
def test_room_is_exactly_where_a_row_of_free_slots_is(kept: list[tuple[bool, bool]], minutes: int) -> None:
    begin = moment("08:00")
    step = dt.timedelta(minutes=15)
    slots = [
        Place(n, 1, begin + n * step, begin + (n + 1) * step, 1, int(is_full))
        for n, (is_there, is_full) in enumerate(kept)
        if is_there
    ]
    expected = [
        slot
        for place, slot in enumerate(slots)
        if (row := chains.row(slots[place:], minutes)) and all(one.free for one in row)
    ]
    assert chains.with_room(slots[::-1], minutes) == expected


@pytest.mark.parametrize(
    ("service", "scenario", "interpreter", "minutes"),
    [(10, 0, 0, 10), (10, 5, 0, 15), (10, 0, 10, 20), (10, 5, 10, 25)],
)
def test_reason_and_interpreter_add_to_the_service(
    service: int, scenario: int, interpreter: int, minutes: int
) -> None:
    found = chains.length(service, scenario_minutes=scenario, interpreter_minutes=interpreter)
    assert found == minutes
