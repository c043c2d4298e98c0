"""Playing the next hours of a hall: as the formulas say where they hold, else by the policy."""

import datetime as dt
import math

import pytest

from govdesk import chance
from govdesk.queue import delays, foresight
from govdesk.queue.dispatch import ANYBODY, Head, Officer
from govdesk.queue.foresight import Comer, Desk, Hall
from govdesk.queue.learning import Pace
from govdesk.queue.policy import Policy

NINE = dt.datetime(2026, 10, 4, 9, 0, tzinfo=dt.UTC)
RENEWAL, PASSPORT = 1, 2
NEWCOMER = -1


def head(
    number: int, *, came: float = 0, service: int = RENEWAL, kind: str = "walk_in", due: float | None = None,
    before: float = 0,
) -> Head:  # fmt: skip
    """Somebody who came `came` minutes after nine and stands `before` minutes earlier than that."""
    at = NINE + dt.timedelta(minutes=came)
    callable_at = at if due is None else NINE + dt.timedelta(minutes=due)
    return Head(number, kind, service, "ar", at - dt.timedelta(minutes=before), callable_at, callable_at)


def hall(*waiting: Head, desks: int = 5, pace: float = 8.0, spread: float = 1.0, **more: object) -> Hall:
    busy = tuple(Desk(ANYBODY, RENEWAL, 3.0) for _ in range(desks))
    given = {"policy": Policy(), "desks": busy, "paces": {RENEWAL: Pace(pace, spread), PASSPORT: Pace(30.0)}}
    return Hall(now=NINE, waiting=waiting, **{**given, **more})  # type: ignore[arg-type]


def many(here: Hall, newcomer: Head, times: int = 40) -> tuple[float, float]:
    """The range for a newcomer, the mean over several seeds: what one play shows with its noise."""
    found = [foresight.foresee(here, [newcomer], chance.seeded(n))[newcomer.ticket_id] for n in range(times)]
    return tuple(math.fsum(part) / times for part in zip(*found, strict=True))  # type: ignore[return-value]


def test_a_plain_line_of_exponential_services_is_as_the_formula_says() -> None:
    line = [head(n, came=-10 + n) for n in range(1, 5)]
    low, high = many(hall(*line), head(NEWCOMER))
    assert (low, high) == pytest.approx(delays.wait_range(4, 5, 8.0), rel=0.03)


def test_people_without_patience_leave_the_line_as_the_formula_says() -> None:
    line = [head(n, came=-10 + n) for n in range(1, 9)]
    paces = {RENEWAL: Pace(8.0, patience_rate=0.05)}
    low, high = many(hall(*line, paces=paces), head(NEWCOMER))
    assert (low, high) == pytest.approx(delays.wait_range(8, 5, 8.0, 0.05), rel=0.03)


@pytest.mark.parametrize("form", ["order", "turns"])
def test_who_waits_is_told_as_if_they_stayed(form: str) -> None:
    line = [head(n, came=-10 + n / 4) for n in range(1, 41)]
    paces = {RENEWAL: Pace(8.0, patience_rate=0.05)}
    here = hall(*line, paces=paces, policy=Policy(form=form))
    told = [foresight.foresee(here, [], chance.seeded(seed)) for seed in range(20)]
    assert all(len(one) == 40 for one in told)  # also the last, though most would leave before
    for place in (9, 40):
        low, high = (math.fsum(one[place][end] for one in told) / 20 for end in (0, 1))
        assert (low, high) == pytest.approx(delays.wait_range(place - 1, 5, 8.0, 0.05), rel=0.06)


def test_the_same_seed_gives_the_same_answer() -> None:
    here = hall(*(head(n) for n in range(1, 9)))
    assert foresight.foresee(here, [head(NEWCOMER)], chance.seeded(7)) == foresight.foresee(
        here, [head(NEWCOMER)], chance.seeded(7)
    )


def test_lengths_that_vary_little_make_a_narrow_range() -> None:
    line = [head(n, came=-10 + n) for n in range(1, 11)]
    wide, narrow = many(hall(*line), head(NEWCOMER)), many(hall(*line, spread=0.4), head(NEWCOMER))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_a_free_counter_takes_a_newcomer_at_once() -> None:
    here = Hall(NINE, Policy(), (Desk(ANYBODY),), (), {RENEWAL: Pace(8.0)})
    assert foresight.foresee(here, [head(NEWCOMER)], chance.seeded(1)) == {NEWCOMER: (0.0, 0.0)}


def test_who_is_served_nowhere_gets_no_answer() -> None:
    only = Officer(own=frozenset({PASSPORT}))
    here = Hall(NINE, Policy(), (Desk(only),), (), {RENEWAL: Pace(8.0), PASSPORT: Pace(30.0)})
    assert foresight.foresee(here, [head(NEWCOMER)], chance.seeded(1)) == {}


def test_a_line_for_other_counters_delays_nobody() -> None:
    passport, renewal = Officer(own=frozenset({PASSPORT})), Officer(own=frozenset({RENEWAL}))
    line = [head(n, service=PASSPORT) for n in range(1, 20)]
    desks = (Desk(passport, PASSPORT, 1.0), Desk(renewal))
    here = Hall(NINE, Policy(), desks, tuple(line), {RENEWAL: Pace(8.0), PASSPORT: Pace(30.0)})
    found = foresight.foresee(here, [head(NEWCOMER)], chance.seeded(1))
    assert found[NEWCOMER] == (0.0, 0.0)
    assert found[1][0] > 0


def test_a_priority_newcomer_waits_less_and_who_waits_is_called_in_order() -> None:
    line = [head(n, came=-10 + n) for n in range(1, 9)]
    here = hall(*line)
    plain, before = head(NEWCOMER), head(-2, kind="priority", before=30)
    found = foresight.foresee(here, [plain, before], chance.seeded(3))
    assert found[-2][1] < found[NEWCOMER][1]
    assert [found[n][1] for n in range(1, 9)] == sorted(found[n][1] for n in range(1, 9))


def test_an_appointment_that_is_to_come_delays_those_who_come_now() -> None:
    expected = Comer(head(50, came=2, kind="appointment", before=15, due=2), 1.0)
    line = [head(1, came=-5)]
    without, with_one = (
        many(hall(*line, desks=1, comers=some), head(NEWCOMER)) for some in ((), (expected,))
    )
    assert with_one[0] > without[0] + 1
    assert with_one[1] > without[1] + 5


def test_nobody_is_called_before_their_minute() -> None:
    here = Hall(NINE, Policy(), (Desk(ANYBODY),), (), {RENEWAL: Pace(8.0)})
    found = foresight.foresee(here, [head(NEWCOMER, kind="appointment", due=20, before=15)], chance.seeded(1))
    assert found[NEWCOMER] == pytest.approx((20, 20), abs=1e-6)


def test_where_classes_take_turns_the_policy_decides() -> None:
    walk_ins = [head(n, came=-12 + n) for n in range(1, 9)]
    favoured = head(20, came=-1, kind="priority")
    turns = Policy(form="turns")
    found = foresight.foresee(hall(*walk_ins, favoured, policy=turns), [head(NEWCOMER)], chance.seeded(5))
    assert found[20][1] < found[8][1]
    assert found[NEWCOMER][0] > found[20][0]


def test_quantiles_of_what_was_drawn() -> None:
    assert foresight.quantile([3.0], 0.9) == 3
    assert foresight.quantile(range(1, 11), 0.5) == pytest.approx(5.5)
    assert foresight.quantile(range(1, 11), 0.9) == pytest.approx(9.6333333)


def test_those_who_keep_coming_with_a_priority_delay_who_is_here() -> None:
    line = [head(n, came=-10 + n) for n in range(1, 9)]
    stream = foresight.Stream("priority", RENEWAL, 0.2, 30.0, 30.0)
    without, with_some = (many(hall(*line, streams=some), head(NEWCOMER), 10) for some in ((), (stream,)))
    assert with_some[1] > 1.1 * without[1]


def test_newcomers_alone_are_told_the_same_law() -> None:
    here = hall(*(head(n, came=-10 + n) for n in range(1, 9)))
    alone = foresight.foresee(here, [head(NEWCOMER)], chance.seeded(1), is_for_all=False)
    assert set(alone) == {NEWCOMER}
    assert alone[NEWCOMER] == pytest.approx(delays.wait_range(8, 5, 8.0), rel=0.25)


@pytest.mark.parametrize("form", ["order", "turns"])
def test_a_newcomer_is_told_the_same_whoever_else_is_asked_about(form: str) -> None:
    expected = Comer(head(50, came=2, kind="appointment", before=15, due=2), 0.6)
    stream = foresight.Stream("priority", PASSPORT, 0.1, 30.0, 30.0)
    line = [head(n, came=-10 + n, service=1 + n % 2) for n in range(1, 7)]
    here = hall(*line, policy=Policy(form=form), comers=(expected,), streams=(stream,), spread=0.7)
    others = [head(-2, service=PASSPORT), head(-3, kind="priority", before=30)]
    together = foresight.foresee(here, [head(NEWCOMER), *others], chance.seeded(4))
    for one in (head(NEWCOMER), *others):
        alone = foresight.foresee(here, [one], chance.seeded(4), is_for_all=False)
        assert alone == {one.ticket_id: together[one.ticket_id]}
