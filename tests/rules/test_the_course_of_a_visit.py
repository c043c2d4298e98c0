"""A visit of several parts: each finds free slots in a row, one after another, or the whole finds none."""

import datetime as dt
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking.errors import Place
from govdesk.booking.visit.fitting import LONGEST_WAIT, Part, fitted
from tests.makers import moment

A, B = 1, 2  # services


def places(service: int, *words: str, minutes: int = 15) -> list[Place]:
    """Slots of a service: `09:00` has one place, `09:15x` is full, `09:30+` has two."""
    found: list[Place] = []
    for word in words:
        starts_at = moment(word[:5])
        capacity, booked = 1 + word.endswith("+"), int(word.endswith("x"))
        ends_at = starts_at + dt.timedelta(minutes=minutes)
        found.append(Place(100 * service + len(found), 1, starts_at, ends_at, capacity, booked))
    return found


QUARTERS = ("09:00", "09:15", "09:30", "09:45", "10:00", "10:15")


@pytest.mark.parametrize(
    ("parts", "a", "b", "starts"),
    [
        # one person, two services: one after the other, though both are free at nine
        ([(A, 0, 15), (B, 0, 15)], QUARTERS, QUARTERS, ["09:00", "09:15"]),
        # the first takes two slots
        ([(A, 0, 20), (B, 0, 15)], QUARTERS, QUARTERS, ["09:00", "09:30"]),
        # a parent and a child, one desk: one after the other; two desks: at the same time
        ([(A, 0, 15), (A, 1, 15)], QUARTERS, (), ["09:00", "09:15"]),
        ([(A, 0, 15), (A, 1, 15)], ("09:00+", "09:15"), (), ["09:00", "09:00"]),
        # a child with another service beside the parent
        ([(A, 0, 15), (B, 1, 15)], QUARTERS, QUARTERS, ["09:00", "09:00"]),
        # the second waits for a full slot to pass, half an hour at most
        ([(A, 0, 15), (B, 0, 15)], QUARTERS, ("09:00", "09:15x", "09:30"), ["09:00", "09:30"]),
        ([(A, 0, 15), (B, 0, 15)], QUARTERS, ("09:45",), ["09:00", "09:45"]),
        ([(A, 0, 15), (B, 0, 15)], QUARTERS, ("10:00",), []),
        # a later part that is full fails the whole
        ([(A, 0, 15), (B, 0, 15)], QUARTERS, ("09:00", "09:15x", "09:30x", "09:45x"), []),
        # free minutes with a gap between them are no row
        ([(A, 0, 30), (B, 0, 15)], ("09:00", "09:30"), QUARTERS, []),
        ([(A, 0, 15), (B, 0, 30)], QUARTERS, ("09:15", "09:45", "10:00"), ["09:00", "09:45"]),
        ([(A, 0, 15), (B, 0, 15)], ("09:00x",), QUARTERS, []),
        ([(A, 0, 15)], (), (), []),
    ],
)
def test_each_part_takes_the_first_free_slots_after_the_one_before(
    parts: list[tuple[int, int, int]], a: tuple[str, ...], b: tuple[str, ...], starts: list[str]
) -> None:
    rows = fitted([Part(*part) for part in parts], {A: places(A, *a), B: places(B, *b)}, moment("09:00"))
    assert [row[0].starts_at for row in rows] == [moment(start) for start in starts]


quarter = st.integers(min_value=0, max_value=11)
slots_of_a_day = st.dictionaries(quarter, st.integers(min_value=0, max_value=2), max_size=12)
wanted = st.lists(
    st.builds(Part, st.sampled_from([A, B]), st.integers(0, 2), st.integers(5, 40)), min_size=1, max_size=5
)


@given(slots_of_a_day, slots_of_a_day, wanted, quarter)
def test_a_course_is_whole_in_order_and_never_above_what_is_free(
    a: dict[int, int], b: dict[int, int], parts: list[Part], start: int
) -> None:
    offered = {
        service: [
            Place(100 * service + n, 1, _at(n), _at(n + 1), capacity, 0)
            for n, capacity in sorted(free.items())
        ]
        for service, free in ((A, a), (B, b))
    }
    rows = fitted(parts, offered, _at(start))
    if not rows:
        return
    assert len(rows) == len(parts)
    assert rows[0][0].starts_at == _at(start)
    latest, ends = _at(start), dict.fromkeys(range(3), _at(start))
    for part, row in zip(parts, rows, strict=True):
        assert all(one.ends_at == other.starts_at for one, other in itertools.pairwise(row))
        length = dt.timedelta(minutes=part.minutes)
        assert row[-1].ends_at - row[0].starts_at >= length > row[-1].starts_at - row[0].starts_at
        assert ends[part.member] <= row[0].starts_at <= latest + LONGEST_WAIT
        ends[part.member] = row[-1].ends_at
        latest = max(latest, row[-1].ends_at)
    taken = Counter(place.slot_id for row in rows for place in row)
    free = {place.slot_id: place.free for places_ in offered.values() for place in places_}
    assert all(count <= free[slot_id] for slot_id, count in taken.items())


def _at(quarters: int) -> dt.datetime:
    return moment("09:00") + dt.timedelta(minutes=15 * quarters)
