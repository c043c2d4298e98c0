"""Which periods of a course are judged, and by which limits."""

import datetime as dt
from typing import Any

import pytest

from govdesk.faces.head.signals import end_of, judge
from govdesk.kpi.figures import Figure, Row

FIRST = dt.date(2026, 1, 4)  # a Sunday
WEEK = dt.timedelta(weeks=1)
LONG_AFTER = dt.date(2027, 1, 1)


def row(place: int, value: float | None, **more: Any) -> Row:
    return Row(group={"week": (FIRST + place * WEEK).isoformat()}, unit="share", value=value, **more)


def series(rows: list[Row], key: str = "abandonment_rate") -> Figure:
    return Figure(
        key=key, definition_version="v1", as_of=dt.datetime(2026, 10, 4, tzinfo=dt.UTC), from_day=None,
        to_day=None, by=("week",), rows=tuple(rows),
    )  # fmt: skip


FLAT = [row(place, 0.10 + 0.02 * (place % 2)) for place in range(12)]


def test_the_running_week_is_not_judged() -> None:
    figure = series([*FLAT, row(12, 0.9)])
    running = FIRST + 12 * WEEK + dt.timedelta(days=6)
    assert judge(figure, "week", running, target=None).places == tuple(range(12))
    assert judge(figure, "week", running, target=None).variation == "ordinary"
    over = judge(figure, "week", running + dt.timedelta(days=1), target=None)
    assert over.places[-1] == 12
    assert over.variation == "worse"


def test_young_hidden_and_empty_weeks_are_not_judged() -> None:
    rows = [*FLAT, row(12, 0.5, pending=9), row(13, None), row(14, 0.5, is_hidden=True), row(15, 0.11)]
    assert judge(series(rows), "week", LONG_AFTER, target=None).places == (*range(12), 15)


def test_of_few_points_none_is_called_a_signal() -> None:
    rows = [*FLAT[:9], row(9, 0.9)]  # far above limits that nine points would give
    found = judge(series(rows), "week", LONG_AFTER, target=None)
    assert found.variation == "few"
    assert set(found.senses) == {"ordinary"}


@pytest.mark.parametrize(("key", "said"), [("abandonment_rate", "worse"), ("promise_kept", "better")])
def test_whether_more_is_worse_is_the_figures_own(key: str, said: str) -> None:
    found = judge(series([*FLAT, row(12, 0.9)], key), "week", LONG_AFTER, target=None)
    assert found.senses[-1] == said


@pytest.mark.parametrize(
    ("target", "signs"),
    [
        (None, [("ordinary", "")]),
        (0.5, [("ordinary", ""), ("hits", "")]),
        (0.01, [("ordinary", ""), ("misses", "")]),
        (0.11, [("ordinary", ""), ("either", "")]),
    ],
)
def test_a_target_adds_a_second_sign(target: float | None, signs: list[tuple[str, str]]) -> None:
    assert judge(series(FLAT), "week", LONG_AFTER, target=target).signs == signs


def test_limits_begin_anew_in_the_week_of_the_day() -> None:
    rows = [*FLAT, *(row(12 + place, 0.50 + 0.02 * (place % 2)) for place in range(12))]
    wednesday = FIRST + 12 * WEEK + dt.timedelta(days=3)
    found = judge(series(rows), "week", LONG_AFTER, target=None, rebased=[wednesday])
    assert {round(one.mean, 10) for one in found.chart.limits[:12]} == {0.11}
    assert {round(one.mean, 10) for one in found.chart.limits[12:]} == {0.51}
    assert found.variation == "ordinary"


def test_large_denominators_get_limits_of_their_own() -> None:
    few = [row(place, 0.1, numerator=100, denominator=1000) for place in range(12)]
    many = [*few, row(12, 0.1, numerator=1000, denominator=10000)]
    limits = judge(series(many), "week", LONG_AFTER, target=None).chart.limits
    assert limits[0].mean == pytest.approx(0.1)
    assert limits[12].high - limits[12].low <= limits[0].high - limits[0].low


@pytest.mark.parametrize(
    ("period", "time", "end"),
    [
        ("2026-01-04", "week", dt.date(2026, 1, 11)),
        ("2026-02", "month", dt.date(2026, 3, 1)),
        ("2026-12", "month", dt.date(2027, 1, 1)),
    ],
)
def test_a_period_ends_on_the_day_after_it(period: str, time: str, end: dt.date) -> None:
    assert end_of(period, time) == end
