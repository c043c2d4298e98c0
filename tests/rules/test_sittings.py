"""A sitting cut at the hours of a clock: nothing is lost, nothing counted twice."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from govdesk.kpi.sittings import Sitting, by_hour
from govdesk.kpi.spans import seconds

RIYADH, KATHMANDU = ZoneInfo("Asia/Riyadh"), ZoneInfo("Asia/Kathmandu")
NINE = dt.datetime(2026, 10, 4, 6, 0, tzinfo=dt.UTC)  # by the clock of Riyadh


def at(minutes: float) -> dt.datetime:
    return NINE + dt.timedelta(minutes=minutes)


def test_a_sitting_over_two_hours_is_two_parts() -> None:
    whole = (at(30), at(90))
    sitting = Sitting(whole, [whole], [(at(50), at(70))], [(at(80), at(90))], [(at(55), at(65))])
    parts = dict(by_hour(sitting, RIYADH))
    assert list(parts) == ["09", "10"]
    assert [seconds(part.occupied) for part in parts.values()] == [600, 600]
    assert [seconds(part.idle) for part in parts.values()] == [0, 600]
    assert [len(part.noted) for part in parts.values()] == [1, 0]  # where they begin


def test_a_clock_that_is_not_at_the_full_hour_elsewhere_has_its_own_hours() -> None:
    parts = list(by_hour(Sitting((at(0), at(60))), KATHMANDU))  # 11:45 to 12:45 there
    assert [(hour, seconds([part.whole])) for hour, part in parts] == [("11", 900), ("12", 2700)]


def test_a_sitting_without_length_has_its_hour() -> None:
    assert [hour for hour, _ in by_hour(Sitting((at(5), at(5))), RIYADH)] == ["09"]


@given(st.integers(0, 3000), st.integers(1, 2000), st.sampled_from([RIYADH, KATHMANDU]))
def test_the_parts_are_the_whole(begins: int, length: int, zone: ZoneInfo) -> None:
    whole = (at(begins), at(begins + length))
    parts = [part for _, part in by_hour(Sitting(whole, [whole], [whole]), zone)]
    assert sum(seconds(part.at_work) for part in parts) == length * 60
    assert all(seconds([part.whole]) <= 3600 for part in parts)
