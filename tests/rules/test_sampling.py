"""How many are asked, of which stratum, and who: the same each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.feedback.asking import sampling

MANY = 10**9


@pytest.mark.parametrize(
    ("half_width", "population", "answers"),
    [(0.05, MANY, 385), (0.05, 500, 218), (0.03, MANY, 1068), (0.05, 1, 1), (0.05, 0, 0), (0.2, 10, 8)],
)
def test_answers_for_a_half_width(half_width: float, population: int, answers: int) -> None:
    assert sampling.answers_for(half_width, population) == answers


def test_so_many_answers_give_that_half_width() -> None:
    assert sampling.half_width(385, MANY) == pytest.approx(0.0499, abs=1e-4)
    assert sampling.half_width(218, 500) == pytest.approx(0.0499, abs=1e-4)
    assert sampling.half_width(500, 500) == 0
    assert sampling.half_width(0, 500) is None
    assert sampling.half_width(0.3, 500) == 0.5  # a share cannot be known worse


def test_more_are_asked_than_answer_and_never_more_than_there_are() -> None:
    assert sampling.asked_for(385, 0.3, 100_000) == 1284
    assert sampling.asked_for(385, 0.3, 900) == 900
    assert sampling.asked_for(3, 0.1, 900) == 30  # and no 31st by a rounding error


@pytest.mark.parametrize(
    ("total", "sizes", "least", "wanted"),
    [
        (10, {"a": 70, "b": 25, "c": 5}, 0, {"a": 7, "b": 3, "c": 0}),  # the remainders are .5 and .5
        (10, {"a": 70, "b": 25, "c": 5}, 2, {"a": 7, "b": 3, "c": 2}),  # the minimum comes on top
        (100, {"a": 7000, "b": 250, "c": 5}, 10, {"a": 97, "b": 10, "c": 5}),  # all of the smallest
        (50, {"a": 20, "b": 10}, 10, {"a": 20, "b": 10}),
        (5, {"a": 0, "b": 0}, 10, {"a": 0, "b": 0}),
    ],
)
def test_strata_are_asked_by_their_size(
    total: int, sizes: dict[str, int], least: int, wanted: dict[str, int]
) -> None:
    assert sampling.shares(total, sizes, least) == wanted


@given(
    st.integers(0, 5000),
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 900), min_size=1, max_size=12),
)
def test_no_stratum_gives_more_than_it_has_and_none_is_left_out(total: int, sizes: dict[str, int]) -> None:
    given_ = sampling.shares(total, sizes)
    assert all(min(sampling.LEAST, size) <= given_[name] <= size for name, size in sizes.items())
    assert sum(given_.values()) >= min(total, sum(sizes.values()))


def test_a_draw_can_be_carried_out_person_by_person() -> None:
    people = [(number, "a" if number % 3 else "b") for number in range(1, 901)]
    strata = sampling.draw("w1", people, {"a": 600, "b": 300}, 90)
    assert [(one.name, one.population, one.drawn) for one in strata] == [("a", 600, 60), ("b", 300, 30)]
    last = {one.name: one.last for one in strata}
    drawn = {person for person, stratum in people if sampling.is_drawn("w1", person, last[stratum])}
    assert len(drawn) == 90
    assert sampling.draw("w1", reversed(people), {"a": 600, "b": 300}, 90) == strata
    others = {one.name: one.last for one in sampling.draw("w2", people, {"a": 600, "b": 300}, 90)}
    assert drawn != {person for person, stratum in people if sampling.is_drawn("w2", person, others[stratum])}


def test_nobody_is_drawn_of_a_stratum_that_gives_none() -> None:
    (empty,) = sampling.draw("w1", [], {"a": 12}, 5)
    assert (empty.population, empty.reachable, empty.drawn) == (12, 0, 0)
    assert not sampling.is_drawn("w1", 1, empty.last)


def test_panels_take_turns_and_people_stay_in_theirs() -> None:
    assert [sampling.panel_in(number, 4) for number in range(1, 7)] == [1, 2, 3, 4, 1, 2]
    sizes = [0] * 5
    for person in range(1, 4001):
        sizes[sampling.panel_of("p", person, 4)] += 1
    assert sizes[0] == 0
    assert all(900 < size < 1100 for size in sizes[1:])
    assert {sampling.panel_of("p", person, 1) for person in range(50)} == {1}


def test_panel_and_sample_are_drawn_apart() -> None:
    panel = [person for person in range(1, 8001) if sampling.panel_of("s", person, 4) == 2]
    low = sum(sampling.rank("s", person) < "8" for person in panel)
    assert 0.45 < low / len(panel) < 0.55
