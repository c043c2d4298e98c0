"""What is open is the hours of a branch less its closures: breaks, joined closures, nights, another clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking.hours.open_time import Shut, next_open, open_spans, open_until, shut_of
from govdesk.catalog.rules import Calendar, Hours

RIYADH, LONDON = ZoneInfo("Asia/Riyadh"), ZoneInfo("Europe/London")
LEAK = ("تسرب", "Leak")
SUNDAY = dt.date(2026, 10, 4)
DAY = dt.timedelta(days=1)
OFFICE = Calendar(zone=RIYADH, week=((Hours(dt.time(8), dt.time(16)),),) * 7)
ALWAYS = Calendar(zone=RIYADH, week=((Hours(dt.time(0), dt.time(0)),),) * 7)
NIGHTS = Calendar(zone=RIYADH, week=((Hours(dt.time(20), dt.time(2)),),) * 7)


def at(clock_time: str, day: dt.date = SUNDAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock_time), RIYADH)


def shut(starts: str = "", ends: str = "", *, first: dt.date = SUNDAY, days: int = 1) -> list[Shut]:
    hours = [dt.time.fromisoformat(text) if text else None for text in (starts, ends)]
    return shut_of(first, first + (days - 1) * DAY, hours[0], hours[1], LEAK, RIYADH)


@pytest.mark.parametrize(
    ("shuts", "expected"),
    [
        ([], ["08:00-16:00"]),
        (shut(), []),
        (shut("12:00", "13:00"), ["08:00-12:00", "13:00-16:00"]),
        (shut("06:00", "09:00"), ["09:00-16:00"]),
        (shut("14:00", "00:00"), ["08:00-14:00"]),
        ([*shut("12:00", "13:00"), *shut("09:00", "12:30")], ["08:00-09:00", "13:00-16:00"]),
        ([*shut("09:00", "12:00"), *shut("10:00", "11:00")], ["08:00-09:00", "12:00-16:00"]),
        (shut(first=SUNDAY + DAY), ["08:00-16:00"]),
    ],
)
def test_a_closure_is_taken_out_of_the_day(shuts: list[Shut], expected: list[str]) -> None:
    found = [f"{start:%H:%M}-{end:%H:%M}" for start, end in open_spans(OFFICE, shuts, SUNDAY)]
    assert found == expected


def test_the_next_opening_is_after_every_closure_that_meets_it() -> None:
    shuts = [*shut("10:00", "00:00"), *shut("00:00", "09:00", first=SUNDAY + DAY)]
    assert next_open(OFFICE, shuts, at("10:00")) == at("09:00", SUNDAY + DAY)
    apart = [*shut(), *shut("07:00", "09:30", first=SUNDAY + DAY)]  # nothing joins them but a night
    assert next_open(OFFICE, apart, at("10:00")) == at("09:30", SUNDAY + DAY)
    assert next_open(OFFICE, shut(days=900), at("10:00")) is None


def test_it_is_open_until_the_next_closure_or_past_midnight_or_always() -> None:
    assert open_until(OFFICE, shut("12:00", "13:00"), at("09:00")) == at("12:00")
    assert open_until(OFFICE, [], at("09:00")) == at("16:00")
    assert open_until(NIGHTS, [], at("21:00")) == at("02:00", SUNDAY + DAY)
    assert open_until(ALWAYS, [], at("21:00")) is None
    assert open_until(ALWAYS, shut("03:00", "04:00", first=SUNDAY + DAY), at("21:00")) == at(
        "03:00", SUNDAY + DAY
    )


def test_a_closure_of_a_day_has_the_length_of_that_day() -> None:
    day = dt.date(2026, 10, 25)  # the clocks go back in London
    (closure,) = shut_of(day, day, None, None, LEAK, LONDON)
    assert closure.end - closure.start == dt.timedelta(hours=25)


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])),
    st.integers(0, 23),
)
def test_each_hour_is_open_or_shut_and_never_both(closed: list[tuple[int, int]], hour: int) -> None:
    shuts = [one for a, b in closed for one in shut(f"{a:02}:00", f"{b % 24:02}:00")]
    is_open = 8 <= hour < 16 and not any(a <= hour < b for a, b in closed)
    moment = at(f"{hour:02}:00")
    assert any(start <= moment < end for start, end in open_spans(OFFICE, shuts, SUNDAY)) == is_open
    assert (next_open(OFFICE, shuts, moment) == moment) == is_open
