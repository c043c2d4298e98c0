"""Which period is over, how it is called, and who may say what about it."""

from __future__ import annotations

import datetime as dt

import pytest

from govdesk.kpi.periods import rules
from govdesk.kpi.registry import BY_KEY

CIVIL, OTHER = 1, 2


def test_the_month_and_the_quarter_that_ended_last() -> None:
    month, quarter = rules.ended(dt.date(2026, 10, 1))
    assert (month.name, month.first, month.last) == ("2026-09", dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    assert (quarter.name, quarter.first, quarter.last) == (
        "2026-Q3", dt.date(2026, 7, 1), dt.date(2026, 9, 30),
    )  # fmt: skip
    assert [one.name for one in rules.ended(dt.date(2026, 1, 31))] == ["2025-12", "2025-Q4"]
    assert [one.name for one in rules.ended(dt.date(2026, 3, 31))] == ["2026-02", "2025-Q4"]


def test_a_period_knows_its_neighbours() -> None:
    march, quarter = rules.month_of(dt.date(2028, 3, 31)), rules.quarter_of(dt.date(2028, 2, 29))
    assert (march.before.last, march.year_before.name) == (dt.date(2028, 2, 29), "2027-03")
    assert [one.name for one in quarter.months] == ["2028-01", "2028-02", "2028-03"]
    assert (quarter.before.name, quarter.year_before.name, march.quarter) == ("2027-Q4", "2027-Q1", quarter)
    assert march.months == ()
    assert rules.month_of(dt.date(2028, 2, 29)).year_before.last == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    "code", ["2026-10", "2026-Q4", "2026-10-civil", "2026-Q1-land_registry", "2026-01-a-b"]
)
def test_a_code_is_read_as_it_is_written(code: str) -> None:
    read = rules.read(code)
    assert read is not None
    assert rules.code_of(*read) == code


@pytest.mark.parametrize(
    "code", ["", "2026", "2026-13", "2026-00", "2026-Q5", "0000-01", "٢٠٢٦-١٠", "2026-10-", "x" * 99]
)
def test_what_is_no_code_is_not_read(code: str) -> None:
    assert rules.read(code) is None


@pytest.mark.parametrize(
    ("grant", "whole", "own"),
    [
        (("admin", None, None), True, True),
        (("head", None, None), True, True),
        (("head", None, CIVIL), False, True),
        (("head", None, OTHER), False, False),
        (("head", 7, None), False, False),
        (("head", 7, CIVIL), False, False),
        (("supervisor", None, None), False, False),
        (("auditor", None, None), False, False),
    ],
)
def test_who_publishes(grant: tuple[str, int | None, int | None], *, whole: bool, own: bool) -> None:
    assert rules.may_publish([grant], None) is whole
    assert rules.may_publish([grant], CIVIL) is own


def test_an_auditor_reads_what_is_not_published_and_another_head_does_not() -> None:
    assert rules.may_read([("auditor", None, None)], CIVIL)
    assert rules.may_read([("head", None, CIVIL)], CIVIL)
    assert not rules.may_read([("head", None, OTHER)], CIVIL)
    assert not rules.may_read([("head", None, CIVIL)], None)
    assert not rules.may_read([("officer", None, None)], None)


def test_each_topic_with_a_figure_needs_a_reflection() -> None:
    assert rules.missing({"csat", "waiting_time"}, {"voices"}) == ("waiting",)
    assert rules.missing({"csat"}, {"voices"}) == ()
    assert rules.missing(set(), set()) == ()


def test_each_measure_of_a_topic_is_defined() -> None:
    assert {measure for named in rules.TOPICS.values() for measure in named} <= BY_KEY.keys()


def test_no_measure_has_two_topics() -> None:
    measures = [measure for named in rules.TOPICS.values() for measure in named]
    assert len(measures) == len(set(measures))
    assert rules.topic_of("waiting_time") == "waiting"
