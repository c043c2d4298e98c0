"""An alert begins above one bound, ends below another, and lasts: it does not flicker."""

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.queue.dispatch import Officer
from govdesk.queue.thresholds import (
    IDLE,
    LATE,
    SHORTEST,
    UNMANNED,
    UNSERVED,
    WRAPPING,
    Bounds,
    Changes,
    Coming,
    Course,
    Desk,
    Key,
    Level,
    Limits,
    Line,
    View,
    bounds,
    decide,
    levels,
)
from tests.makers import moment

RENEWAL, PASSPORT = 1, 2
ONE, TWO = 11, 12  # counters
OMAR, SARA = 21, 22
TARGET = Bounds(above=15.0, below=12.0)  # four fifths of it
NOW = moment("09:30")
KEY = (LATE, RENEWAL)
ANYTHING = Officer()


def view(*lines: Line, desks: tuple[Desk, ...] = (Desk(ONE, OMAR, ANYTHING),)) -> View:
    return View(NOW, lines, desks, {RENEWAL: 15, PASSPORT: 30})


def waiting(since: str, service_id: int = RENEWAL, **seat: int) -> Line:
    return Line(service_id, moment(since), **seat)


def free(since: str, officer: Officer = ANYTHING) -> Desk:
    return Desk(ONE, OMAR, officer, moment(since))


def test_an_empty_hall_has_nothing_to_watch() -> None:
    assert levels(view(desks=(free("08:00"),))) == {}


def test_the_longest_wait_counts_against_the_target_of_its_service() -> None:
    found = levels(view(waiting("09:20"), waiting("09:10", counter_id=ONE), waiting("09:25", PASSPORT)))
    assert found == {
        (LATE, RENEWAL): Level(20.0, TARGET),
        (LATE, PASSPORT): Level(5.0, Bounds(above=30.0, below=24.0)),
    }


@pytest.mark.parametrize(
    ("officer", "is_unserved"),
    [
        (ANYTHING, False),
        (Officer(own=frozenset({RENEWAL})), False),
        (Officer(own=frozenset({PASSPORT})), True),  # the counter is for something else
        (Officer(skills=frozenset({PASSPORT})), True),  # the officer cannot
    ],
)
def test_a_service_is_unserved_while_nobody_who_sits_there_may_call_for_it(
    *, officer: Officer, is_unserved: bool
) -> None:
    found = levels(view(waiting("09:20"), desks=(Desk(ONE, OMAR, officer),)))
    assert ((UNSERVED, RENEWAL) in found) is is_unserved
    if is_unserved:
        assert found[UNSERVED, RENEWAL] == Level(10.0, Bounds(above=2.0, below=1.0))


def test_who_may_help_serves_too() -> None:
    elsewhere = Officer(own=frozenset({PASSPORT}))
    helped = dataclasses.replace(
        view(waiting("09:20"), desks=(Desk(ONE, OMAR, elsewhere),)), helped=frozenset({RENEWAL})
    )
    assert set(levels(helped)) == {(LATE, RENEWAL)}
    unable = dataclasses.replace(helped, desks=(Desk(ONE, OMAR, Officer(skills=frozenset({PASSPORT}))),))
    assert (UNSERVED, RENEWAL) in levels(unable)


@pytest.mark.parametrize(
    ("line", "desk", "minutes"),
    [
        (waiting("09:20"), free("09:26"), 4.0),  # free for less than the person has waited
        (waiting("09:28"), free("08:00"), 2.0),  # nobody waited before
        (waiting("09:20", counter_id=ONE), free("09:26"), 4.0),
        (waiting("09:20", staff_id=OMAR), free("09:26"), 4.0),
        (waiting("09:20", counter_id=TWO), free("09:26"), None),  # meant for another seat
        (waiting("09:20", staff_id=SARA), free("09:26"), None),
        (waiting("09:20"), free("09:26", Officer(own=frozenset({PASSPORT}))), None),
        (waiting("09:20"), Desk(ONE, OMAR, ANYTHING), None),  # somebody is there
    ],
)
def test_a_counter_is_idle_as_long_as_it_is_free_and_somebody_waits_for_it(
    line: Line, desk: Desk, minutes: float | None
) -> None:
    found = levels(view(line, desks=(desk,)))
    assert found.get((IDLE, ONE)) == (
        None if minutes is None else Level(minutes, Bounds(above=3.0, below=1.0))
    )


@pytest.mark.parametrize(
    ("limit", "expected"), [(10, Bounds(10.0, 1.0)), (2, Bounds(2.0, 1.0)), (1, Bounds(1.0, 0.5))]
)
def test_a_limit_ends_below_a_minute_and_always_below_where_it_begins(limit: int, expected: Bounds) -> None:
    assert bounds(limit) == expected


def test_a_branch_may_have_limits_of_its_own() -> None:
    patient = dataclasses.replace(
        view(waiting("09:20"), desks=(free("09:26", Officer(own=frozenset({RENEWAL}))),)),
        limits=Limits(idle=20, unserved=15),
    )
    assert levels(patient)[IDLE, ONE] == Level(4.0, Bounds(above=20.0, below=1.0))
    alone = dataclasses.replace(patient, desks=())
    assert levels(alone)[UNSERVED, RENEWAL] == Level(10.0, Bounds(above=15.0, below=1.0))


def test_notes_are_held_against_the_longest_wrap_up() -> None:
    writing = dataclasses.replace(view(), writing={ONE: moment("09:18"), TWO: moment("09:29")})
    usual = Bounds(above=10.0, below=1.0)
    assert levels(writing) == {(WRAPPING, ONE): Level(12.0, usual), (WRAPPING, TWO): Level(1.0, usual)}


@pytest.mark.parametrize(
    ("starts", "desks", "resting", "gone"),
    [
        ("09:50", (), (), 10.0),  # of half an hour, twenty minutes are left
        ("10:00", (), (), 0.0),  # exactly: not yet
        ("10:30", (), (), -30.0),
        ("09:50", (Desk(ONE, OMAR, ANYTHING),), (), None),
        ("09:50", (Desk(ONE, OMAR, Officer(own=frozenset({PASSPORT}))),), (), 10.0),
        ("09:50", (), (Desk(ONE, OMAR, ANYTHING),), None),  # on a break, and back in time
    ],
)
def test_an_appointment_for_which_nobody_sits_there_is_said_before_its_time(
    starts: str, desks: tuple[Desk, ...], resting: tuple[Desk, ...], gone: float | None
) -> None:
    seen = dataclasses.replace(view(desks=desks), resting=resting, coming=(Coming(RENEWAL, moment(starts)),))
    found = levels(seen).get((UNMANNED, RENEWAL))
    assert found == (None if gone is None else Level(gone, Bounds(0.0, 0.0)))
    begun = decide(levels(seen), {}, NOW).begin
    assert begun == (((UNMANNED, RENEWAL),) if gone is not None and gone > 0 else ())


BEGINS, ENDS, STAYS = Changes(begin=(KEY,)), Changes(end=(KEY,)), Changes()


@pytest.mark.parametrize(
    ("minutes", "course", "change"),
    [
        (15.0, None, STAYS),  # at the bound is not above it
        (15.1, None, BEGINS),
        (None, None, STAYS),
        (40.0, Course(moment("09:10")), STAYS),  # it lasts already
        (13.0, Course(moment("09:10")), STAYS),  # between the bounds
        (12.0, Course(moment("09:10")), STAYS),
        (11.9, Course(moment("09:10")), ENDS),
        (None, Course(moment("09:10")), ENDS),  # nobody waits
        (None, Course(moment("09:28")), ENDS),  # after exactly the shortest time
        (None, Course(moment("09:29")), STAYS),  # too soon
        (15.1, Course(moment("09:10"), moment("09:29")), STAYS),  # too soon to begin again
        (15.1, Course(moment("09:10"), moment("09:28")), BEGINS),
        (14.0, Course(moment("09:10"), moment("09:20")), STAYS),
    ],
)
def test_what_changes(minutes: float | None, course: Course | None, change: Changes) -> None:
    found = {KEY: Level(minutes, TARGET)} if minutes is not None else {}
    assert decide(found, {KEY: course} if course else {}, NOW) == change


steps = st.lists(
    st.tuples(st.integers(1, 300), st.none() | st.floats(0.0, 30.0, allow_nan=False)), max_size=60
)


@given(steps)
def test_it_begins_only_above_ends_only_below_and_two_changes_are_never_close(
    seen: list[tuple[int, float | None]],
) -> None:
    now, known = NOW, dict[Key, Course]()
    changed: list[tuple[dt.datetime, str]] = []
    for seconds, minutes in seen:
        now += dt.timedelta(seconds=seconds)
        found = {} if minutes is None else {KEY: Level(minutes, TARGET)}
        change = decide(found, known, now)
        if change.begin:
            assert minutes is not None
            assert minutes > TARGET.above
            known[KEY] = Course(now)
            changed.append((now, "began"))
        if change.end:
            assert minutes is None or minutes < TARGET.below
            known[KEY] = dataclasses.replace(known[KEY], ended_at=now)
            changed.append((now, "ended"))
    assert all(after[0] - before[0] >= SHORTEST for before, after in pairwise(changed))
    assert all(before[1] != after[1] for before, after in pairwise(changed))
