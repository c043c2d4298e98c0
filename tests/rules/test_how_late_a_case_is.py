"""A case is raised by the open hours of its unit: warned at three quarters, then supervisor, then head."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.cases.clocks import Part, clocks, parts_of, whole_seconds
from govdesk.cases.courses import HEAD, SUPERVISOR, WARNED
from govdesk.cases.work.rules import Ladder, ladder, open_days, stops
from govdesk.catalog.rules import Calendar, Hours

RIYADH = ZoneInfo("Asia/Riyadh")
DAY = (Hours(time(8), time(16)),)
OFFICE = Calendar(zone=RIYADH, week=(DAY, DAY, DAY, DAY, (), (), DAY))  # shut on Friday and Saturday
NEVER = Calendar(zone=RIYADH, week=((),) * 7)
SUNDAY = datetime(2026, 10, 4, tzinfo=RIYADH)


def at(days: int, clock_time: str) -> datetime:
    return datetime.combine((SUNDAY + timedelta(days=days)).date(), time.fromisoformat(clock_time), RIYADH)


def test_a_case_of_five_open_days_is_warned_on_the_fourth() -> None:
    """Forty open hours from Sunday 08:00 to the end of Thursday: 30 h, 40 h, and 10 h more."""
    found = ladder(at(0, "08:00"), at(5, "00:00"), OFFICE)
    assert found == Ladder(at(3, "14:00"), at(7, "08:00"), at(8, "10:00"))


def test_what_is_due_at_night_is_late_when_the_office_opens() -> None:
    found = ladder(at(0, "10:00"), at(1, "00:00"), OFFICE)
    assert found.warned_at == at(0, "14:30")
    assert found.supervisor_at == at(1, "08:00")
    assert found.head_at == at(1, "09:30")


def test_who_never_opens_raises_nothing() -> None:
    assert ladder(at(0, "08:00"), at(5, "00:00"), NEVER) == Ladder(None, None, None)


@pytest.mark.parametrize(
    ("now", "rung"),
    [
        (at(3, "13:59"), 0),
        (at(3, "14:00"), WARNED),
        (at(6, "12:00"), WARNED),  # late, but nobody is there to be told
        (at(7, "08:00"), SUPERVISOR),
        (at(8, "10:00"), HEAD),
    ],
)
def test_how_far_it_has_come(now: datetime, rung: int) -> None:
    assert ladder(at(0, "08:00"), at(5, "00:00"), OFFICE).rung(now) == rung


moments = st.integers(0, 20 * 24 * 3600).map(lambda seconds: SUNDAY + timedelta(seconds=seconds))
spans = st.lists(st.tuples(moments, moments).map(sorted).map(tuple), max_size=5)


@given(moments, moments, spans)
def test_what_is_shown_of_each_clock_sums_to_it(
    one: datetime, other: datetime, pauses: list[tuple[datetime, datetime]]
) -> None:
    start, end = min(one, other), max(one, other)
    measured = clocks(start, end, OFFICE, pauses)
    days = open_days(start, end, OFFICE)
    stopped = stops(pauses, start, end, OFFICE)
    assert sum((length for _day, length in days), timedelta()) == measured.business
    assert measured.net + sum((stop.length for stop in stopped), timedelta()) == measured.business


@given(moments, moments, spans, spans, spans)
def test_where_the_time_went_sums_to_what_the_person_felt(
    one: datetime,
    other: datetime,
    queued: list[tuple[datetime, datetime]],
    served: list[tuple[datetime, datetime]],
    waited: list[tuple[datetime, datetime]],
) -> None:
    start, end = min(one, other), max(one, other)
    parts = parts_of(
        start, end, {Part.QUEUE_WAIT: queued, Part.SERVICE: served, Part.WAITING_ON_CITIZEN: waited}
    )
    assert sum(parts.values(), timedelta()) == end - start
    assert sum(whole_seconds(parts).values()) == (end - start) // timedelta(seconds=1)
