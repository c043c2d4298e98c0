"""A unit sees what it can learn from, and nothing that points at few people."""

from govdesk.cases.coaching.rules import FEWEST, Count, shown


def test_a_cell_of_enough_people_is_shown_and_a_smaller_one_is_not() -> None:
    many = [("papers", person) for person in range(FEWEST)]
    few = [("letter", person) for person in range(FEWEST - 1)]
    assert shown([*many, *few]) == ({"papers": Count(FEWEST, FEWEST)}, 1)


def test_one_person_who_came_back_often_is_still_one_person() -> None:
    assert shown([("papers", 1)] * 20) == ({}, 1)


def test_the_most_frequent_comes_first() -> None:
    rare = [("rare", person) for person in range(5)]
    often = [("often", person) for person in range(6)]
    cells, hidden = shown([*rare, *often])
    assert list(cells) == ["often", "rare"]
    assert hidden == 0
