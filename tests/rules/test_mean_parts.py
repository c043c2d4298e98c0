"""The mean of many cases is split as one case is: the parts sum to the whole, to the second."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.cases.clocks import Part, Stay, claims_of, parts_of, whole_seconds
from govdesk.kpi.parts import mean_parts

T0 = datetime(2026, 1, 4, 6, tzinfo=UTC)
moments = st.integers(-40_000, 90_000).map(lambda second: T0 + timedelta(seconds=second, microseconds=1))
stays = st.tuples(st.none() | moments, moments, st.none() | moments, moments).map(lambda four: Stay(*four))
pauses = st.tuples(moments, st.none() | moments)
needs = st.tuples(
    st.integers(0, 90_000), st.lists(stays, max_size=3), st.lists(pauses, max_size=2)
)  # length in seconds, visits, waiting on the person


def test_by_hand() -> None:
    # 3 cases: 10 s of service and 11 s of waiting are 7 s each; the larger remainder gets the second
    found = mean_parts({"service": 10, "queue_wait": 11}, 3)
    assert (found[Part.SERVICE], found[Part.QUEUE_WAIT], sum(found.values())) == (3, 4, 7)


def test_without_a_case_there_is_no_part() -> None:
    assert mean_parts({}, 0) == {}


@settings(deadline=None)
@given(st.lists(needs, min_size=1, max_size=8))
def test_the_parts_of_any_cases_sum_to_their_elapsed_time(
    some: list[tuple[int, list[Stay], list[tuple[datetime, datetime | None]]]],
) -> None:
    seconds: Counter[str] = Counter()
    for length, visits, stops in some:
        claims = {**claims_of(visits), Part.WAITING_ON_CITIZEN: stops}
        parts = whole_seconds(parts_of(T0, T0 + timedelta(seconds=length), claims))
        assert sum(parts.values()) == length
        seconds.update({part.value: of_part for part, of_part in parts.items()})
    whole = sum(length for length, _, _ in some)
    assert sum(seconds.values()) == whole
    means = mean_parts(seconds, len(some))
    assert sum(means.values()) == whole // len(some)
    assert all(0 <= means[part] - seconds[part.value] // len(some) <= 1 for part in Part)
