"""Groups, small numbers, young cohorts and medians: the arithmetic between a count and a figure."""

import datetime as dt
from collections import Counter

import pytest

from govdesk.kpi.cohorts import Timeline, provisional
from govdesk.kpi.figures import Figure, Row, hide_small, share
from govdesk.kpi.groups import UnknownGroupingError, check, period_of
from govdesk.kpi.ranks import median_interval
from govdesk.kpi.registry import BY_KEY, MEASURES
from govdesk.kpi.service import COUNTING


def timeline(*rows: tuple[int, bool, int], window: int = 30) -> Timeline:
    """Rows are (days, whether it failed then, how many)."""
    return Counter({(days, failed, window): count for days, failed, count in rows})


def test_a_cohort_seen_for_its_whole_window_is_judged_by_its_own_curve() -> None:
    # 100 first visits, 20 failed on day 5, 80 seen for 30 days: S(30) = 0.8
    found = provisional(timeline((5, True, 20), (30, False, 80)), timeline())
    assert found is not None
    assert found["value"] == pytest.approx(0.2)
    assert found["method"] == "kaplan_meier"
    assert found["n"] == 100


def test_a_raw_ratio_is_never_shown() -> None:
    # 100 first visits, seen for 10 days, 8 failed so far. Of 1,000 older ones 8 % failed by day 10,
    # 12 % later: 1 - 0.92 * (800 / 920) = 0.2, not the raw 0.08
    older = timeline((5, True, 80), (20, True, 120), (30, False, 800))
    found = provisional(timeline((5, True, 8), (10, False, 92)), older)
    assert found is not None
    assert found["value"] == pytest.approx(0.2)
    assert found["method"] == "chained"


def test_the_younger_a_cohort_the_wider_its_interval() -> None:
    older = timeline((5, True, 80), (20, True, 120), (30, False, 800))
    young = provisional(timeline((5, True, 8), (10, False, 92)), older)
    old = provisional(timeline((5, True, 8), (20, True, 12), (30, False, 80)), older)
    assert young is not None
    assert old is not None
    assert young["value"] == pytest.approx(old["value"])
    assert young["interval"][1] - young["interval"][0] > old["interval"][1] - old["interval"][0] > 0


def test_without_older_visits_there_is_no_estimate() -> None:
    assert provisional(timeline((5, True, 1), (10, False, 9)), timeline((9, False, 5))) is None
    assert provisional(timeline(), timeline((5, True, 1), (30, False, 9))) is None


def test_no_failure_yet_still_has_an_upper_limit() -> None:
    found = provisional(timeline((30, False, 10)), timeline())
    assert found is not None
    assert found["value"] == 0
    assert found["interval"] == pytest.approx([0, 0.2775328])  # Wilson 0 of 10


def test_a_shorter_window_that_has_passed_cannot_fail_any_more() -> None:
    # ten with a window of 7 days, seen for 9, none failed; ten with 30 days, five of which failed on day 20
    mixed = timeline((9, False, 10), window=7) + timeline((20, True, 5), (30, False, 5))
    found = provisional(mixed, timeline())
    assert found is not None
    assert found["value"] == pytest.approx(5 / 20)


def figure(*sizes: int) -> Figure:
    rows = tuple(Row(group={"branch": str(place)}, **share(0, n)) for place, n in enumerate(sizes))
    moment = dt.datetime(2026, 10, 4, tzinfo=dt.UTC)
    return Figure(
        key="noshow_rate", definition_version="v1", as_of=moment, from_day=None, to_day=None,
        by=("branch",), rows=rows,
    )  # fmt: skip


def hidden(*sizes: int) -> list[bool]:
    return [row.is_hidden for row in hide_small(figure(*sizes), 5).rows]


def test_groups_from_five_are_shown() -> None:
    assert hidden(5, 6, 100) == [False, False, False]


def test_one_small_group_hides_the_next_smallest_with_it() -> None:
    assert hidden(4, 50, 7) == [True, False, True]


def test_two_small_groups_hide_each_other() -> None:
    assert hidden(4, 1, 7) == [True, True, False]


def test_no_data_is_not_hidden() -> None:
    assert hidden(0, 9) == [False, False]


def test_a_hidden_group_tells_nothing_but_its_name() -> None:
    row = hide_small(figure(3, 9), 5).as_json()["rows"][0]
    assert row["group"] == {"branch": "0"}
    assert {name for name, value in row.items() if value is not None} == {
        "group", "unit", "data_quality", "detail"
    }  # fmt: skip
    assert row["detail"] == {"hidden": True}


def test_weeks_begin_on_sunday() -> None:
    assert period_of(dt.date(2026, 10, 4), "week") == "2026-10-04"
    assert period_of(dt.date(2026, 10, 10), "week") == "2026-10-04"
    assert period_of(dt.date(2026, 10, 3), "week") == "2026-09-27"


def test_other_periods() -> None:
    day = dt.date(2026, 10, 4)
    named = [period_of(day, time) for time in ("day", "month", "quarter", "year")]
    assert named == ["2026-10-04", "2026-10", "2026-Q4", "2026"]


@pytest.mark.parametrize("by", [("officer",), ("week", "month"), ("branch", "branch"), ("cause",)])
def test_what_makes_no_sense_is_refused(by: tuple[str, ...]) -> None:
    with pytest.raises(UnknownGroupingError):
        check(by, "waits")


def test_below_six_values_there_is_no_interval() -> None:
    assert median_interval([1, 2, 3, 4, 5]) is None


def test_six_values_enclose_the_median_between_smallest_and_largest() -> None:
    # P(B < 1) = 1/64 = .0156 <= .025; P(B < 2) = 7/64 is more
    assert median_interval([6, 5, 4, 3, 2, 1]) == (1, 6)


def test_thirty_values_take_the_tenth_from_each_end() -> None:
    # the textbook ranks for n = 30 and 95 %: 10 and 21
    assert median_interval(list(range(1, 31))) == (10, 21)


def test_every_measure_can_be_counted() -> None:
    assert set(COUNTING) == set(BY_KEY)
    assert len(BY_KEY) == len(MEASURES)
