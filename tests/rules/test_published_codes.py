"""What is published by common codes is summed of what is published, and nobody learns more by subtracting."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.periods.coding import by_code
from govdesk.kpi.periods.freezing import sums_of
from govdesk.kpi.periods.hiding import TOTAL, Cell
from govdesk.kpi.periods.settling import Known, empty, is_hidden, settle
from govdesk.kpi.statistics import wilson

Json = dict[str, Any]
Vector = dict[Cell, Fraction]
FEWEST = 10


def row(service: str, good: int, people: int) -> Json:
    return {
        "group": {"service": service}, "unit": "share", "value": good / people if people else None,
        "numerator": good, "denominator": people, "n": people, "interval": None, "pending": None,
        "excluded": None, "unlinked": None, "open": None, "data_quality": {}, "detail": {},
    }  # fmt: skip


def hidden(service: str) -> Json:
    return empty(row(service, 0, 0), hidden=True)


def told(rows: list[Json]) -> dict[str, tuple[int, int] | None]:
    return {
        one["group"]["common_code"]: None if is_hidden(one) else (one["numerator"], one["denominator"])
        for one in rows
    }


def test_services_of_one_code_are_added_up() -> None:
    rows = [row("card", 12, 40), row("card-lost", 9, 20), row("deed", 5, 50), row("own", 3, 30)]
    found = by_code(rows, {"card": "n:A", "card-lost": "n:A", "deed": "n:B"})
    assert told(found) == {"n:A": (21, 60), "n:B": (5, 50)}
    assert (found[0]["value"], found[0]["n"], found[0]["interval"]) == (0.35, 60, wilson(21, 60))


def test_a_code_is_hidden_with_any_of_its_services() -> None:
    # forty of the code are shown: with a number for both, the few of the other were the difference
    found = by_code([row("card", 12, 40), hidden("card-lost")], {"card": "n:A", "card-lost": "n:A"})
    assert told(found) == {"n:A": None}
    assert (found[0]["value"], found[0]["n"], found[0]["numerator"]) == (None, None, None)


def test_a_service_without_people_hides_nothing_and_is_no_row() -> None:
    codes = {"card": "n:A", "none": "n:A", "nobody": "n:B"}
    assert told(by_code([row("card", 12, 40), row("none", 0, 0), row("nobody", 0, 0)], codes)) == {
        "n:A": (12, 40)
    }
    assert by_code([row("card", 12, 40)], {}) == []


# What an attacker can do: write each published cell as a sum of the smallest cells that there are (a branch
# and a service), and solve. `rank` is how much can be learned from them by adding and subtracting.


@st.composite
def offices(draw: st.DrawFn) -> tuple[dict[tuple[str, str], int], dict[str, str], dict[str, str]]:
    """People of two branches by service, the department of each service, and the code of some of them."""
    services = [f"s{place}" for place in range(draw(st.integers(2, 6)))]
    people = {
        (branch, service): draw(st.sampled_from([0, 1, 3, 6, 9, 12, 30, 200]))
        for branch in ("north", "quay")
        for service in services
    }
    owners = {service: draw(st.sampled_from(["d", "e"])) for service in services}
    codes = {service: draw(st.sampled_from(["", "n:A", "n:B", "n:C"])) for service in services}
    return people, owners, {service: code for service, code in codes.items() if code}


def atoms(cell: Cell, people: dict[tuple[str, str], int], owners: dict[str, str]) -> list[tuple[str, str]]:
    """The smallest cells of which a cell is the sum."""
    word, name = cell
    return [
        (branch, service)
        for branch, service in people
        if cell == TOTAL
        or name == {"branch": branch, "service": service, "department": owners[service]}[word]
    ]


def publish(people: dict[tuple[str, str], int], owners: dict[str, str]) -> dict[Cell, Json]:
    """What is published of them today: whole, branches, departments, services."""
    words = {
        "branch": {branch for branch, _ in people},
        "department": set(owners.values()),
        "service": set(owners),
    }
    cells: list[Cell] = [TOTAL, *((word, name) for word, names in words.items() for name in sorted(names))]
    rows = {}
    for cell in cells:
        count = sum(people[one] for one in atoms(cell, people, owners))
        rows[cell] = {**row("", count // 3, count), "group": {cell[0]: cell[1]} if cell[0] else {}}
    return settle(rows, sums_of(rows, TOTAL, owners), Known(), has_maturity=False)


def rank(vectors: list[Vector]) -> int:
    """How many of them say something that the others do not: Gaussian elimination in exact numbers."""
    left, found = [dict(one) for one in vectors], 0
    while left:
        first = left.pop()
        pivot = next((name for name, amount in first.items() if amount), None)
        if pivot is None:
            continue
        found += 1
        for other in left:
            factor = other.get(pivot, Fraction(0)) / first[pivot]
            for name, amount in first.items():
                other[name] = other.get(name, Fraction(0)) - factor * amount
    return found


def vector(parts: list[tuple[str, str]]) -> Vector:
    return {part: Fraction(1) for part in parts}


def learned(
    people: dict[tuple[str, str], int],
    owners: dict[str, str],
    codes: dict[str, str],
    *,
    is_naive: bool = False,
) -> tuple[list[Vector], list[Vector]]:
    """What the tables without codes say, and what the cells by code say."""
    rows = publish(people, owners)
    shown = [vector(atoms(cell, people, owners)) for cell, one in rows.items() if not is_hidden(one)]
    services = [one for (word, _), one in rows.items() if word == "service"]
    if is_naive:  # the true counts of each code that has enough people
        sizes = {
            code: sum(count for (_, service), count in people.items() if codes.get(service) == code)
            for code in codes.values()
        }
        open_codes = {code for code, size in sizes.items() if size >= FEWEST}
    else:
        open_codes = {code for code, counts in told(by_code(services, codes)).items() if counts is not None}
    added = [vector([one for one in people if codes.get(one[1]) == code]) for code in sorted(open_codes)]
    return shown, added


def is_told(cell: list[tuple[str, str]], known: list[Vector]) -> bool:
    """Whether a sum can be computed from what is known."""
    return rank([*known, vector(cell)]) == rank(known)


@given(offices())
def test_codes_tell_nothing_that_the_tables_without_them_did_not(
    office: tuple[dict[tuple[str, str], int], dict[str, str], dict[str, str]],
) -> None:
    people, owners, codes = office
    shown, added = learned(people, owners, codes)
    nobody = [vector([one]) for one, count in people.items() if not count]  # that nobody came is no secret
    assert rank([*shown, *nobody, *added]) == rank([*shown, *nobody])


@given(offices())
def test_what_is_shown_of_a_code_is_true_and_of_many(
    office: tuple[dict[tuple[str, str], int], dict[str, str], dict[str, str]],
) -> None:
    people, owners, codes = office
    services = [one for (word, _), one in publish(people, owners).items() if word == "service"]
    for code, counts in told(by_code(services, codes)).items():
        true = sum(count for (_, service), count in people.items() if codes.get(service) == code)
        assert counts is None or (counts[1] == true and true >= FEWEST)


def test_the_attack_finds_what_a_careless_table_tells() -> None:
    # lost cards (4) hide with cards (30) in department d; code A = cards + deeds (200, shown) would tell 30
    people = {("north", "card"): 30, ("north", "lost"): 4, ("north", "deed"): 200, ("quay", "deed"): 50}
    owners = {"card": "d", "lost": "d", "deed": "e"}
    codes = {"card": "n:A", "deed": "n:A"}
    shown, careless = learned(people, owners, codes, is_naive=True)
    assert not is_told([("north", "lost")], shown)
    assert is_told([("north", "lost")], [*shown, *careless])
    shown, added = learned(people, owners, codes)
    assert not is_told([("north", "lost")], [*shown, *added])


@pytest.mark.parametrize("missing", ["numerator", "denominator"])
def test_a_row_without_counts_is_not_summed(missing: str) -> None:
    found = by_code(
        [{**row("card", 12, 40), missing: None}, row("deed", 5, 50)], {"card": "n:A", "deed": "n:B"}
    )
    assert told(found) == {"n:A": None, "n:B": (5, 50)}
