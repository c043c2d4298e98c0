"""What the past teaches: lengths without the forgotten, means drawn towards what is known, patience."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk import chance
from govdesk.queue import learning
from govdesk.queue.learning import ANY_HOUR, Pace, Patience

NINE = dt.datetime(2026, 10, 4, 9, 0, tzinfo=dt.UTC)
NORTH, SOUTH = 1, 2
RENEWAL, PASSPORT = 10, 20


def course(*steps: tuple[str, float]) -> list[tuple[str, dt.datetime]]:
    return [(kind, NINE + dt.timedelta(minutes=minute)) for kind, minute in steps]


@pytest.mark.parametrize(
    ("events", "minutes"),
    [
        (course(("issued", 0), ("called", 5), ("started", 6), ("concluded", 14)), 9),
        (course(("called", 0), ("recalled", 2), ("started", 3), ("concluded", 10)), 10),
        (course(("called", 0), ("held", 5), ("resumed", 35), ("concluded", 40)), 10),  # set aside for 30
        (course(("called", 0), ("noshow", 2), ("taken_back", 9), ("called", 20), ("concluded", 28)), 10),
        (course(("called", 0), ("transferred", 4)), 4),
        (
            course(("called", 0), ("concluded", 6), ("undone", 7), ("concluded", 9)),
            9,
        ),  # undone
        (course(("called", 0), ("started", 1), ("closed", 900)), None),  # forgotten overnight
        (course(("called", 0), ("started", 1)), None),  # still there
        (course(("issued", 0), ("abandoned", 30)), None),
    ],
)
def test_a_ticket_takes_a_counter_from_the_call_to_the_end_less_what_it_was_set_aside(
    events: list[tuple[str, dt.datetime]], minutes: float | None
) -> None:
    assert learning.at_counter(events) == (None if minutes is None else minutes * 60)


def test_a_forgotten_ticket_is_not_usual() -> None:
    lengths = [540, 600, 620, 480, 700, 660, 590, 630, 3 * 3600]
    assert learning.usual(lengths, 10) == sorted(lengths[:-1])
    assert learning.usual([600, 3 * 3600], 10) == [600]  # of two nobody knows: six times what is declared
    assert learning.usual([600] * 20 + [1700, 1900], 10) == [600] * 20 + [1700]  # thrice the median


def test_exponential_lengths_are_all_usual() -> None:
    draw = chance.seeded("lengths")
    lengths = [1 + round(draw.expovariate(1 / 480)) for _ in range(5000)]
    assert len(learning.usual(lengths, 8)) >= 4998


def test_without_data_the_prior_stands_and_data_slowly_take_over() -> None:
    assert learning.shrunk(10, []) == 10
    assert learning.shrunk(10, [20] * 20) == 15
    assert learning.shrunk(10, [20] * 180) == pytest.approx(19)


def test_groups_that_differ_are_believed_and_groups_that_do_not_are_drawn_together() -> None:
    same = [[8.0, 12.0, 10.0, 9.0, 11.0]] * 4
    apart = [[8.0, 9.0, 10.0], [20.0, 21.0, 22.0], [40.0, 41.0, 42.0]]
    assert learning.credibility(same) == learning.MOST_WEIGHT
    assert learning.credibility(apart) == learning.LEAST_WEIGHT
    assert learning.credibility(same[:2]) == learning.SHRINKAGE


def test_credibility_by_hand() -> None:
    # means 1, 2, 3; within 2 each; between ((1+0+1) * 2 - 2 * 2) / 4 = 0 -> none; then wider
    groups = [[0.0, 2.0], [3.0, 5.0], [6.0, 8.0]]  # means 1, 4, 7: within 2; (36 - 4) / (6 - 2) = 8
    assert learning.credibility([[x * 1.0 for x in g] for g in groups]) == learning.LEAST_WEIGHT  # 2 / 8
    groups = [[-6.0, 6.0], [-5.0, 7.0], [-3.0, 9.0], [-2.0, 10.0]]  # means 0 1 3 4: within 72, below none
    assert learning.credibility(groups) == learning.MOST_WEIGHT


def test_an_hour_is_drawn_to_its_service_and_the_service_to_what_is_declared() -> None:
    lengths = {(NORTH, RENEWAL, 9): [1200] * 20, (NORTH, RENEWAL, 10): [600] * 20}
    found = learning.paces(lengths, {}, {RENEWAL: 10})
    service = (20 * 10 + 600) / 60  # 13.33
    factor = (20 + 600 / service) / 60
    whole = (20 * service * factor + 600) / 60
    assert found[NORTH, RENEWAL, ANY_HOUR].minutes == pytest.approx(whole)
    assert found[NORTH, RENEWAL, 9].minutes == pytest.approx((20 * whole + 400) / 40)
    assert found[NORTH, RENEWAL, 10].minutes == pytest.approx((20 * whole + 200) / 40)
    assert found[NORTH, RENEWAL, 9].count == 20


def test_a_slow_branch_is_expected_to_be_slow_in_a_service_it_hardly_knows() -> None:
    lengths = {
        (NORTH, RENEWAL, 9): [600] * 400, (SOUTH, RENEWAL, 9): [1200] * 400,
        (NORTH, PASSPORT, 9): [1800] * 400, (SOUTH, PASSPORT, 9): [1800],
    }  # fmt: skip
    found = learning.paces(lengths, {}, {RENEWAL: 10, PASSPORT: 30})
    assert found[SOUTH, PASSPORT, ANY_HOUR].minutes > 36
    assert found[NORTH, PASSPORT, ANY_HOUR].minutes == pytest.approx(30, rel=0.03)


def test_the_spread_of_few_is_exponential_and_of_many_their_own() -> None:
    assert learning.spread_of([8.0]) == 1
    assert learning.spread_of([9.0, 11.0] * 2000) == pytest.approx(0.1, abs=0.08)


def test_patience_counts_everybodys_time_and_only_those_who_left() -> None:
    patience = {(NORTH, RENEWAL): Patience(left=30, waited=1000 * 60), (SOUTH, RENEWAL): Patience(0, 0)}
    lengths = {(NORTH, RENEWAL, 9): [600], (SOUTH, RENEWAL, 9): [600]}
    found = learning.paces(lengths, patience, {RENEWAL: 10})
    assert found[NORTH, RENEWAL, 9].patience_rate == pytest.approx(0.03)  # 30 of 1,000 minutes
    assert found[SOUTH, RENEWAL, 9].patience_rate == pytest.approx(0.03)  # nothing known: the city's
    nobody = learning.paces(lengths, {(NORTH, RENEWAL): Patience(0, 6000)}, {RENEWAL: 10})
    assert nobody[NORTH, RENEWAL, 9].patience_rate == 0


@given(seed=st.integers(0, 30))
def test_the_order_of_the_facts_changes_no_digit(seed: int) -> None:
    draw = chance.seeded(seed)
    lengths = {
        (branch, service, hour): [round(draw.lognormvariate(6, 0.5)) for _ in range(12)]
        for branch in (NORTH, SOUTH) for service in (RENEWAL, PASSPORT) for hour in (8, 9, 10)
    }  # fmt: skip
    patience = {(NORTH, RENEWAL): Patience(3, 9999), (SOUTH, PASSPORT): Patience(2, 77777)}
    declared = {RENEWAL: 7.0, PASSPORT: 12.0}
    shuffled = list(lengths)
    draw.shuffle(shuffled)
    again = {where: draw.sample(lengths[where], 12) for where in shuffled}
    assert learning.paces(again, patience, declared) == learning.paces(lengths, patience, declared)


def test_nothing_known_is_nothing_said() -> None:
    assert learning.paces({}, {}, {RENEWAL: 10}) == {}
    assert Pace(10).spread == 1
