"""The same arrivals, lengths and counters under another policy: worked out by hand."""

import datetime as dt
from typing import Any

from govdesk.queue.dispatch import ANYBODY, Officer
from govdesk.queue.past_days import between
from govdesk.queue.policy import PLAIN, ClassRule, Help, Policy
from govdesk.queue.replay import Came, Figures, Shift, figures, play, really, turnaround

NINE = dt.datetime(2026, 10, 14, 9, 0, tzinfo=dt.UTC)
LICENCE, CARD = 1, 2


def at(minute: float) -> dt.datetime:
    return NINE + dt.timedelta(minutes=minute)


def came(number: int, minute: float, *, calls: float | None = None, length: float = 10, **given: Any) -> Came:
    """Somebody who came at a minute, was called at one and took a length."""
    values: dict[str, Any] = {
        "service_id": LICENCE,
        "language": "ar",
        "arrived_at": at(minute),
        "counter_id": 1,
    }
    if calls is not None:
        values |= {"called_at": at(calls), "ended_at": at(calls + length)}
    return Came(number, **{**values, **given})


def desk(number: int = 1, opens: float = 0, closes: float = 480, officer: Officer = ANYBODY) -> Shift:
    return Shift(number, at(opens), at(closes), officer)


def minutes(called: dict[int, dt.datetime]) -> dict[int, float]:
    return {number: (moment - NINE) / dt.timedelta(minutes=1) for number, moment in called.items()}


THREE = [came(1, 0, calls=0), came(2, 1, calls=10), came(3, 5, calls=20, has_priority=True)]
TURNS = Policy(form="turns")


def test_one_counter_without_priority_serves_in_order_of_arrival() -> None:
    people = [came(1, 0, calls=0), came(2, 1, calls=10), came(3, 5, calls=20)]
    assert minutes(play(people, [desk()], PLAIN)) == {1: 0, 2: 10, 3: 20}


def test_a_head_start_brings_a_priority_before_who_came_earlier() -> None:
    assert minutes(play(THREE, [desk()], PLAIN)) == {1: 0, 3: 10, 2: 20}


def test_without_a_head_start_it_does_not() -> None:
    policy = Policy(priority=ClassRule(1, None, 0))
    assert minutes(play(THREE, [desk()], policy)) == {1: 0, 2: 10, 3: 20}


def test_a_second_counter_takes_who_waits() -> None:
    assert minutes(play(THREE, [desk(), desk(2, opens=2)], PLAIN)) == {1: 0, 2: 2, 3: 10}


def test_nobody_is_called_before_a_counter_opens_or_after_it_has_closed() -> None:
    assert minutes(play(THREE, [desk(opens=5, closes=12)], PLAIN)) == {3: 5}


def test_an_appointment_is_called_at_its_minute_and_not_before() -> None:
    assert minutes(play([came(1, 0, calls=30, due_at=at(30))], [desk()], PLAIN)) == {1: 30}
    assert minutes(play([came(1, 0, calls=30, due_at=at(30))], [desk()], Policy(early=10))) == {1: 20}


def test_who_left_leaves_at_the_same_moment_when_not_called_by_then() -> None:
    people = [came(1, 0, calls=0), came(2, 1, left_at=at(9)), came(3, 2, calls=10)]
    assert minutes(play(people, [desk()], PLAIN)) == {1: 0, 3: 10}
    assert minutes(play(people, [desk(), desk(2)], PLAIN)) == {1: 0, 2: 1, 3: 10}


def test_the_next_stage_begins_where_the_one_before_ends_and_keeps_the_first_place() -> None:
    people = [
        came(1, 0, calls=0),
        came(2, 5, calls=20),
        came(3, 10, calls=10, stage_before=1, first_arrived_at=at(0)),
    ]
    assert minutes(play(people, [desk(opens=3)], PLAIN)) == {1: 3, 3: 13, 2: 23}


def test_an_idle_counter_helps_once_the_longest_wait_passes_its_limit() -> None:
    cards = Officer(own=frozenset({CARD}))
    people = [came(1, 0, calls=0, length=60), came(2, 1, calls=60)]
    desks = [desk(), desk(2, officer=cards)]
    assert minutes(play(people, desks, PLAIN)) == {1: 0, 2: 60}
    assert minutes(play(people, desks, Policy(helps=(Help(LICENCE, 20),)))) == {1: 0, 2: 22}


def test_a_counter_needs_between_two_people_what_it_needed_that_day() -> None:
    people = [came(1, 0, calls=0), came(2, 1, calls=12), came(3, 2, calls=24)]
    assert turnaround(people) == dt.timedelta(minutes=2)
    assert minutes(play(people, [desk()], PLAIN)) == {1: 0, 2: 12, 3: 24}


def test_the_figures_are_by_class_and_count_who_was_called_before_a_longer_wait() -> None:
    before, after = figures(THREE, really(THREE), PLAIN), figures(THREE, play(THREE, [desk()], PLAIN), PLAIN)
    assert before["walk_in"] == Figures(called=2, median=4.5, p90=9, longest=9, passing=0, left=0)
    assert before["priority"] == Figures(called=1, median=15, p90=15, longest=15, passing=0, left=0)
    assert after["walk_in"] == Figures(called=2, median=9.5, p90=19, longest=19, passing=0, left=0)
    assert after["priority"] == Figures(called=1, median=5, p90=5, longest=5, passing=1, left=0)


def test_a_class_of_whom_nobody_was_called_has_no_waits() -> None:
    assert figures([came(1, 0, left_at=at(5))], {}, PLAIN) == {
        "walk_in": Figures(called=0, median=None, p90=None, longest=None, passing=0, left=1)
    }


def test_a_day_played_twice_is_the_same_day() -> None:
    assert play(THREE, [desk()], TURNS) == play(list(reversed(THREE)), [desk()], TURNS)


def test_a_counter_calls_nobody_in_its_break() -> None:
    spans = between(at(0), at(480), [(at(15), at(45)), (at(40), at(50))])
    assert spans == [(at(0), at(15)), (at(50), at(480))]
    people = [came(1, 0, calls=0), came(2, 1, calls=10), came(3, 5, calls=50)]
    shifts = [Shift(1, opens, closes, ANYBODY) for opens, closes in spans]
    assert minutes(play(people, shifts, PLAIN)) == {1: 0, 2: 10, 3: 50}


def test_a_break_that_begins_during_a_service_lets_it_end_first() -> None:
    people = [came(1, 0, calls=0, length=30), came(2, 1, calls=30)]
    shifts = [
        Shift(1, opens, closes, ANYBODY) for opens, closes in between(at(0), at(480), [(at(5), at(10))])
    ]
    assert minutes(play(people, shifts, PLAIN)) == {1: 0, 2: 30}


def test_a_break_from_the_first_minute_or_to_the_last_leaves_no_empty_time() -> None:
    assert between(at(0), at(60), [(at(0), at(10)), (at(50), at(60))]) == [(at(10), at(50))]
    assert between(at(0), at(60), [(at(-5), at(70))]) == []


def test_a_break_of_who_sits_there_later_takes_nothing_from_who_sat_there_before() -> None:
    breaks = [(at(10), at(20)), (at(80), at(90))]
    assert between(at(0), at(60), breaks) == [(at(0), at(10)), (at(20), at(60))]
    assert between(at(70), at(120), breaks) == [(at(70), at(80)), (at(90), at(120))]
