"""The curve of returns: gaps of 5, 9, 20, 40 and 100 days among visits that are not all seen for as long."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govdesk.cases.classes import Classified, RepeatRule, Verdict
from govdesk.cases.counts import repeat_counts
from govdesk.cases.rules import classify
from govdesk.kpi.curves import Timeline, judged, observed, points
from tests.rules.expected_files import cases, expected_json
from tests.rules.test_repeat_visit_counts import read_visit

REFERENCE = expected_json("repeat_cases.json")
# ten visits: five came back after these days, one planned, four did not come back and were seen for so long
BACK = [(120, 5), (120, 9), (45, 20), (120, 40), (120, 100)]
SEEN = [10, 30, 95, 120]


def timeline() -> Timeline:
    made = [observed(age, gap, "repeat" if gap <= 30 else "index_new", None) for age, gap in BACK]
    made.append(observed(120, 12, "planned", None))
    made += [observed(age, None, None, None) for age in SEEN]
    return Counter(made)


def test_the_curve_counts_everybody_for_as_long_as_they_were_seen() -> None:
    by_days = {point.days: point for point in points(timeline(), [30])}
    assert {days: point.at_risk for days, point in by_days.items()} == {7: 9, 14: 7, 30: 6, 90: 4}
    # after 5 days 9/10 are left, after 9 days 8/9 of these, one leaves at 10, 6/7 after 20, one leaves at 30,
    # 4/5 after 40: 1 - S = 1/10, 1/5, 1 - 24/35 and 1 - 96/175
    found = {days: point.share for days, point in by_days.items()}
    assert found == pytest.approx({7: 1 / 10, 14: 1 / 5, 30: 11 / 35, 90: 79 / 175})


def test_a_return_after_the_window_is_called_what_it_is() -> None:
    assert [point.judged for point in points(timeline(), [30])] == ["failure", "failure", "failure", "later"]
    assert judged(14, [7, 30]) == "mixed"
    assert judged(14, [7]) == "later"


def test_what_nobody_was_seen_for_is_not_reached() -> None:
    young: Timeline = Counter({(5, True): 2, (20, False): 6})
    by_days = {point.days: point for point in points(young, [30])}
    assert by_days[14].share == pytest.approx(0.25)
    assert (by_days[30].share, by_days[30].interval, by_days[30].at_risk) == (None, None, 0)


def test_nobody_is_no_data() -> None:
    assert [(point.share, point.interval) for point in points(Counter(), [])] == [(None, None)] * 4


@pytest.mark.parametrize(
    ("age", "gap", "next_class", "cycle", "expected"),
    [
        (60, 5, "repeat", None, (5, True)),
        (60, 0, "repeat", None, (0, True)),
        (60, 40, "index_new", None, (40, True)),  # after the window: a new need by definition
        (60, 12, "planned", None, (60, False)),
        (60, 12, "recall", None, (60, False)),
        (60, 25, "index_new", 30, (60, False)),  # the next turn of a monthly service: 0.8 of 30 is 24
        (60, 40, "index_new", 365, (40, True)),  # long before the next turn
        (60, 61, "index_new", None, (60, False)),  # within the days in which records may be late
        (60, None, None, None, (60, False)),
    ],
)
def test_what_is_a_return(
    age: int, gap: int | None, next_class: str | None, cycle: int | None, expected: tuple[int, bool]
) -> None:
    assert observed(age, gap, next_class, cycle) == expected


@pytest.mark.parametrize("case", cases(REFERENCE.get("cases")), ids=lambda case: case["name"])
def test_of_mature_visits_the_curve_at_the_window_is_the_rate(case: dict[str, Any]) -> None:
    window, cycle = case.get("W", REFERENCE["W"]), case.get("cycle_days")
    rule = RepeatRule(window_days=window, lag_days=REFERENCE["lag_days"], cycle_days=cycle)
    as_of = date.fromisoformat(case.get("as_of", REFERENCE["default_as_of"]))
    zone = ZoneInfo(REFERENCE["tz"])
    result = classify([read_visit(visit, zone) for visit in case["visits"]], lambda _: rule)
    mature = [one for one in result.values() if one.verdict(as_of) in {Verdict.FAILED, Verdict.SUCCEEDED}]
    seen = Counter(seen_of(one, as_of) for one in mature)
    count = repeat_counts(result.values(), as_of)
    share = points(seen, [window], [window])[0].share
    assert share == (pytest.approx(count.failed / count.mature) if count.mature else None)


def seen_of(one: Classified, as_of: date) -> tuple[int, bool]:
    age = (as_of - timedelta(days=one.rule.lag_days) - one.ended_on).days
    return observed(age, one.next_gap_days, one.next_class, one.rule.cycle_days)
