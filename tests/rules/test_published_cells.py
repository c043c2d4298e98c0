"""What is published tells of no small group: not by a table, nor by two of them, nor by two versions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.periods.hiding import TOTAL, Cell, ExposedError, Sum, hidden
from govdesk.kpi.periods.settling import Known, bare, is_hidden, is_young, settle

Json = dict[str, Any]
A, B, C = ("branch", "a"), ("branch", "b"), ("branch", "c")
D, E = ("department", "d"), ("department", "e")
D1, D2, E1 = ("service", "d1"), ("service", "d2"), ("service", "e1")
BRANCHES: list[Sum] = [(TOTAL, (A, B, C))]
TREE: list[Sum] = [(TOTAL, (D, E)), (D, (D1, D2)), (E, (E1,)), (TOTAL, (D1, D2, E1))]


def row(good: int, people: int, **more: Any) -> Json:
    given: Json = {
        "group": {}, "unit": "share", "value": good / people if people else None, "numerator": good,
        "denominator": people, "n": people, "interval": None, "pending": None, "excluded": None,
        "unlinked": None, "open": None, "data_quality": {}, "detail": {},
    }  # fmt: skip
    return given | more


def table(**people: int) -> dict[Cell, Json]:
    """A total and its branches, of whom half are good."""
    whole = sum(people.values())
    cells: dict[Cell, Json] = {("branch", name): row(count // 2, count) for name, count in people.items()}
    return {TOTAL: row(whole // 2, whole), **cells}


def published(now: dict[Cell, Json], /, **known: Any) -> dict[Cell, Json]:
    return settle(now, BRANCHES, Known(**known), has_maturity=False)


def gone(rows: dict[Cell, Json]) -> set[Cell]:
    return {cell for cell, one in rows.items() if is_hidden(one)}


def test_a_small_department_hides_its_only_service_and_the_other_way_round() -> None:
    people = {TOTAL: 60, D: 51, E: 9, D1: 30, D2: 21, E1: 9}
    assert hidden(people, TREE, 10) == {E, E1, D, D2}
    # a small service of a large department takes its neighbour along, and no department
    assert hidden({TOTAL: 90, D: 40, E: 50, D1: 4, D2: 36, E1: 50}, TREE, 10) == {D1, D2}


def test_two_small_ones_in_different_departments_are_not_told_by_all_services_together() -> None:
    sums = [*TREE[:2], (E, (E1, ("service", "e2"))), (TOTAL, (D1, D2, E1, ("service", "e2")))]
    people = {TOTAL: 107, D: 53, E: 54, D1: 3, D2: 50, E1: 4, ("service", "e2"): 50}
    assert hidden(people, sums, 10) == {D1, D2, E1, ("service", "e2")}


def test_what_everybody_knows_is_not_hidden_but_another() -> None:
    assert hidden({TOTAL: 100, A: 8, B: 20, C: 72}, BRANCHES, 10) == {A, B}
    assert hidden({TOTAL: 100, A: 8, B: 20, C: 72}, BRANCHES, 10, public={B}) == {A, C}
    with pytest.raises(ExposedError):
        hidden({TOTAL: 100, A: 8, B: 20, C: 72}, BRANCHES, 10, public={TOTAL, B, C})


def test_a_first_version_hides_small_groups() -> None:
    assert gone(published(table(a=8, b=20, c=72))) == {A, B}
    assert gone(published(table(a=3, b=2))) == {TOTAL, A, B}


def test_a_correction_by_few_people_changes_nothing_that_is_public() -> None:
    first = published(table(a=30, b=40, c=50))
    later = published(table(a=31, b=40, c=50), rows=first, before=first)
    assert later == first
    # eleven more, one of them in another branch: the one cannot be told from the ten
    later = published(table(a=31, b=50, c=50), rows=first, before=first)
    assert (later[TOTAL]["n"], later[A]["n"], later[B]["n"], later[C]["n"]) == (131, 30, 40, 50)
    later = published(table(a=30, b=60, c=50), rows=first, before=first)
    assert (later[TOTAL]["n"], later[B]["n"]) == (140, 60)


def test_what_was_hidden_stays_hidden_in_every_later_version() -> None:
    first = published(table(a=8, b=20, c=72))
    later = published(table(a=28, b=20, c=72), rows=first, before=first)
    assert gone(later) == {A, B}


def test_a_group_that_becomes_small_keeps_the_measure_as_it_was() -> None:
    first = published(table(a=30, b=40, c=50))
    assert published(table(a=5, b=40, c=50), rows=first, before=first) == first


def test_a_young_measure_says_that_it_is_not_judged_and_nothing_else() -> None:
    young = table(a=30, b=40, c=50)
    young[TOTAL] |= {"pending": 60}
    told = settle(young, BRANCHES, Known(), has_maturity=True)
    assert list(told) == [TOTAL]
    assert is_young(told[TOTAL])
    assert (told[TOTAL]["value"], told[TOTAL]["n"], told[TOTAL]["pending"]) == (None, None, 60)
    ripe = settle(table(a=30, b=40, c=70), BRANCHES, Known(rows=told, before=told), has_maturity=True)
    assert ripe[TOTAL]["n"] == 140


def test_a_quarter_waits_for_its_months_and_does_not_tell_what_they_hide() -> None:
    shown, small = published(table(a=30, b=40, c=50)), published(table(a=5, b=40, c=50))
    quarter = table(a=65, b=120, c=150)
    # the one small month of a (and that of b, hidden with it) would be told by the quarter
    assert gone(published(quarter, months=(shown, small, shown))) == {A, B}
    # two hidden months, of enough people together, are not told
    assert gone(published(table(a=40, b=120, c=150), months=(small, shown, small))) == set()
    assert gone(published(table(a=39, b=120, c=150), months=(small, shown, small))) == {A, B}
    unripe = {TOTAL: row(0, 0, detail={"not_yet_judged": True})}
    told = settle(quarter, BRANCHES, Known(months=(shown, shown, unripe)), has_maturity=True)
    assert is_young(told[TOTAL])


def test_a_quarter_with_one_late_person_is_the_sum_of_its_months() -> None:
    month = published(table(a=30, b=40, c=50))
    quarter = published(table(a=91, b=120, c=150), months=(month, month, month))
    assert (quarter[A]["n"], quarter[A]["numerator"], quarter[TOTAL]["n"]) == (90, 45, 360)


def test_a_public_row_names_no_single_case_and_no_few_who_were_set_aside() -> None:
    told = bare(
        row(
            5, 20, open=3, unlinked=12, data_quality={"set_aside": 2, "share": 0.1},
            detail={"p90": 31.5, "oldest_open": 400.0, "longest": 99.0},
        )
    )  # fmt: skip
    assert (told["open"], told["unlinked"]) == (None, 12)
    assert told["data_quality"] == {"set_aside": None, "share": 0.1}
    assert told["detail"] == {"p90": 31.5}


@given(st.lists(st.integers(0, 40), min_size=6, max_size=6))
def test_no_equation_of_a_tree_tells_fewer_than_ten(counts: list[int]) -> None:
    names: list[Cell] = [("service", f"s{place}") for place in range(6)]
    people: dict[Cell, int] = dict(zip(names, counts, strict=True))
    sums: list[Sum] = [(TOTAL, (("department", "x"), ("department", "y"))), (TOTAL, tuple(names))]
    for place, name in enumerate(("x", "y")):
        parts = tuple(names[3 * place : 3 * place + 3])
        people["department", name] = sum(people[part] for part in parts)
        sums.append((("department", name), parts))
    people[TOTAL] = sum(counts)
    lost = hidden(people, sums, 10)
    assert all(cell in lost for cell, count in people.items() if 0 < count < 10)
    for whole, parts in sums:
        unknown = [cell for cell in (whole, *parts) if cell in lost]
        assert len(unknown) != 1
        if unknown and whole not in lost:
            assert sum(people[cell] for cell in unknown) >= 10
