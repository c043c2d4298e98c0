"""What rows add to their groups is summed for many at once, and is what adding one by one gives."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from govdesk.kpi.blocks import DENSE
from govdesk.kpi.columns import added
from govdesk.kpi.gathering import AT_ONCE, Gathering
from govdesk.kpi.groups import By, Grouping
from govdesk.kpi.lengths import Lengths

FIRST = dt.date(2026, 9, 1)
BRANCHES = {1: "north", 2: "harbour"}
PLACES: Any = SimpleNamespace(
    branches=BRANCHES,
    services={
        1: SimpleNamespace(code="renewal", department="civil", family="licence"),
        2: SimpleNamespace(code="title", department="lands", family="title"),
    },
    zone=lambda _branch_id: ZoneInfo("Asia/Riyadh"),
)


@dataclass(slots=True)
class Tally:
    came: int = 0
    waits: Lengths = field(default_factory=Lengths)
    ends: Counter[str | None] = field(default_factory=Counter)
    longest: float | None = None


def gather(bys: list[By], rows: int) -> Gathering:
    """Rows of three days in turn; each seventh of them adds nothing."""
    found = Gathering(Grouping(bys, PLACES))
    names = len(found.grouping.names)
    for number in range(rows):
        day = FIRST + dt.timedelta(days=number % 3)
        at = dt.datetime.combine(day, dt.time(6 + number % 2, 30), dt.UTC)
        values = [f"n{number % 5}" if number % 5 else None] * names
        found.row((*values, 1 + number % 2, 1 + number // 2 % 2), day, at)
        if number % 7:
            found.add("came", 2)
            found.length("waits", number % 11)
            found.count("ends", ("served", "left", None)[number % 3])
            found.most("longest", number / 2)
    return found


def test_more_rows_than_are_held_at_once_are_summed() -> None:
    rows = AT_ONCE + 5
    [whole], [by_day] = ([one] for one in gather([(), ("day", "channel")], rows).columns())
    one = whole.tallies(Tally)[()]
    numbers = [number for number in range(rows) if number % 7]
    assert one.came == 2 * len(numbers)
    assert one.waits.counted() == dict(Counter(number % 11 for number in numbers))
    assert one.ends == Counter(("served", "left", None)[number % 3] for number in numbers)
    assert one.longest == max(numbers) / 2
    days = [day for day, _columns in by_day.by_first()]
    assert days == [(FIRST + dt.timedelta(days=number)).isoformat() for number in range(3)]
    again = added([(by_day, [() for _group in by_day.groups])]).tallies(Tally)[()]
    assert (again.came, again.waits, again.ends, again.longest) == (
        one.came, one.waits, one.ends, one.longest,
    )  # fmt: skip


def test_a_group_is_there_though_its_rows_add_nothing() -> None:
    [columns] = gather([("service",)], 1).columns()
    assert columns.tallies(Tally) == {("renewal",): Tally()}


def test_each_row_finds_its_words() -> None:
    [columns] = gather([("branch", "department", "hour", "channel")], 60).columns()
    assert sum(one.came for one in columns.tallies(Tally).values()) == 2 * sum(
        number % 7 > 0 for number in range(60)
    )
    assert set(columns.groups) == {
        (BRANCHES[branch], ("civil", "lands")[half], ("09", "10")[half], channel)
        for branch, half, channel in product((1, 2), (0, 1), ("n1", "n2", "n3", "n4", None))
    }


def test_very_many_possible_groups_are_numbered_too() -> None:
    words = ("channel", "unit", "priority")
    found = Gathering(Grouping([words], PLACES))
    some = range(200)
    assert len(some) ** len(words) > DENSE
    for number in some:
        found.row((f"c{number}", f"p{number}", f"u{number}", 1, 1), FIRST)
        found.add("came", number + 1)
    tallies = found.columns()[0].tallies(Tally)
    assert {group: one.came for group, one in tallies.items()} == {
        (f"c{number}", f"u{number}", f"p{number}"): number + 1 for number in some
    }
