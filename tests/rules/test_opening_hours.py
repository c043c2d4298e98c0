"""Opening hours: split shifts, holidays, Ramadan, nights, and both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.catalog.rules import Calendar, Hours, MissingHolidaysError, SpecialPeriod, Week, wall_moment

RIYADH, LONDON = ZoneInfo("Asia/Riyadh"), ZoneInfo("Europe/London")
MORNING, SPLIT = (Hours(time(8), time(14, 30)),), (Hours(time(9), time(12)), Hours(time(16), time(20)))
WHOLE_DAY = (Hours(time(0), time(0)),)


def week(shifts: tuple[Hours, ...], days: str = "0123456") -> Week:
    return tuple(shifts if str(day) in days else () for day in range(7))


SUNDAY_TO_THURSDAY = "60123"
OFFICE = Calendar(
    zone=RIYADH, week=week(MORNING, SUNDAY_TO_THURSDAY), holidays=frozenset({date(2026, 2, 22)})
)
ALWAYS = Calendar(zone=LONDON, week=week(WHOLE_DAY))


def riyadh(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=RIYADH)


def london(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


def opened(calendar: Calendar, day: str) -> list[str]:
    intervals = calendar.open_intervals(date.fromisoformat(day))
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in intervals]


def test_a_working_day_a_weekend_and_a_holiday() -> None:
    assert opened(OFFICE, "2025-01-05") == ["08:00-14:30"]
    assert opened(OFFICE, "2025-01-10") == []
    assert opened(OFFICE, "2026-02-22") == []


def test_split_shifts() -> None:
    calendar = Calendar(zone=RIYADH, week=week(SPLIT))
    assert opened(calendar, "2025-01-05") == ["09:00-12:00", "16:00-20:00"]
    assert calendar.business_seconds(riyadh("2025-01-05T11:00"), riyadh("2025-01-05T17:00")) == 2 * 3600


def test_shifts_that_overlap_count_once() -> None:
    calendar = Calendar(zone=RIYADH, week=week((Hours(time(8), time(12)), Hours(time(11), time(13)))))
    assert opened(calendar, "2025-01-05") == ["08:00-13:00"]


def test_ramadan_hours_from_the_first_to_the_last_day() -> None:
    ramadan = SpecialPeriod(
        first=date(2026, 2, 18), last=date(2026, 3, 19), week=week((Hours(time(10), time(15)),))
    )
    calendar = Calendar(
        zone=RIYADH, week=week(MORNING), special_periods=(ramadan,), holidays=frozenset({date(2026, 2, 22)})
    )
    assert opened(calendar, "2026-02-17") == opened(calendar, "2026-03-20") == ["08:00-14:30"]
    assert opened(calendar, "2026-02-18") == opened(calendar, "2026-03-19") == ["10:00-15:00"]
    assert opened(calendar, "2026-02-22") == []


def test_of_two_special_periods_the_last_rules() -> None:
    long = SpecialPeriod(first=date(2026, 2, 1), last=date(2026, 3, 1), week=week(SPLIT))
    short = SpecialPeriod(first=date(2026, 2, 10), last=date(2026, 2, 10), week=week(()))
    calendar = Calendar(zone=RIYADH, week=week(MORNING), special_periods=(long, short))
    assert opened(calendar, "2026-02-10") == []
    assert opened(calendar, "2026-02-11") == ["09:00-12:00", "16:00-20:00"]


def test_a_one_day_exception_overrides_rule_and_holiday() -> None:
    extra = {date(2026, 2, 22): (Hours(time(10), time(11)),), date(2026, 2, 23): ()}
    calendar = Calendar(
        zone=RIYADH, week=week(MORNING), holidays=frozenset({date(2026, 2, 22)}), exceptions=extra
    )
    assert opened(calendar, "2026-02-22") == ["10:00-11:00"]
    assert opened(calendar, "2026-02-23") == []


def test_missing_holidays_are_an_error_not_open() -> None:
    calendar = Calendar(zone=RIYADH, week=week(MORNING), holiday_years=frozenset({2025}))
    assert opened(calendar, "2025-01-01") == ["08:00-14:30"]
    with pytest.raises(MissingHolidaysError):
        calendar.open_intervals(date(2026, 1, 1))


def test_a_night_belongs_to_the_day_it_began_and_is_cut_at_midnight() -> None:
    calendar = Calendar(zone=RIYADH, week=week((Hours(time(20), time(2)),), "3"))  # Thursdays
    assert opened(calendar, "2025-01-09") == ["20:00-00:00"]
    assert opened(calendar, "2025-01-10") == ["00:00-02:00"]
    assert opened(calendar, "2025-01-11") == []
    assert calendar.business_seconds(riyadh("2025-01-09T00:00"), riyadh("2025-01-16T00:00")) == 6 * 3600


def test_closing_time_is_closed() -> None:
    assert OFFICE.is_open(riyadh("2025-01-05T08:00"))
    assert not OFFICE.is_open(riyadh("2025-01-05T14:30"))
    assert OFFICE.is_open(datetime(2025, 1, 5, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-01-05T07:00", "2025-01-05T08:00"),
        ("2025-01-05T09:30", "2025-01-05T09:30"),
        ("2025-01-09T14:30", "2025-01-12T08:00"),  # Thursday's close to Sunday
        ("2026-02-19T15:00", "2026-02-23T08:00"),  # and over the holiday
    ],
)
def test_next_opening(moment: str, expected: str) -> None:
    assert OFFICE.next_opening(riyadh(moment)) == riyadh(expected)


def test_a_unit_that_never_opens_has_no_next_opening() -> None:
    never = Calendar(zone=RIYADH, week=week(()))
    assert never.next_opening(riyadh("2025-01-05T07:00")) is None
    assert never.after_open_time(riyadh("2025-01-05T07:00"), timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2025-01-05T07:00", 60, "2025-01-05T09:00"),
        ("2025-01-05T14:00", 30, "2025-01-05T14:30"),  # ends with the shift, not with the next one
        ("2025-01-05T14:00", 31, "2025-01-06T08:01"),
        ("2025-01-09T14:00", 90, "2025-01-12T09:00"),
        ("2025-01-05T08:00", 1950, "2025-01-09T14:30"),
    ],
)
def test_a_deadline_in_working_time(start: str, minutes: int, expected: str) -> None:
    assert OFFICE.after_open_time(riyadh(start), timedelta(minutes=minutes)) == riyadh(expected)


@pytest.mark.parametrize(("day", "hours"), [("2025-03-30", 23), ("2025-10-26", 25), ("2025-06-01", 24)])
def test_a_whole_day_has_as_many_hours_as_it_has(day: str, hours: int) -> None:
    ((start, end),) = ALWAYS.open_intervals(date.fromisoformat(day))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_office_hours_stand_by_the_wall_clock_over_a_change() -> None:
    calendar = Calendar(zone=LONDON, week=week((Hours(time(9), time(17)),)))
    for day in ("2025-03-29", "2025-03-30", "2025-03-31", "2025-10-26"):
        assert opened(calendar, day) == ["09:00-17:00"]
    assert calendar.open_intervals(date(2025, 3, 31))[0][0].astimezone(UTC).hour == 8


def test_a_skipped_time_is_the_moment_of_the_change() -> None:
    assert wall_moment(date(2025, 3, 30), time(1, 30), LONDON) == datetime(2025, 3, 30, 1, tzinfo=UTC)
    skipped = Calendar(zone=LONDON, week=week((Hours(time(1, 10), time(1, 50)), Hours(time(1, 30), time(3)))))
    assert opened(skipped, "2025-03-30") == ["02:00-03:00"]


def test_a_time_that_comes_twice_is_its_first() -> None:
    assert wall_moment(date(2025, 10, 26), time(1, 30), LONDON) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert ALWAYS.business_seconds(london("2025-10-26T01:30"), london("2025-10-26T01:30", fold=1)) == 3600


def test_midnight_itself_may_be_skipped() -> None:
    """In Cairo the clock goes from 24:00 to 01:00 on the last Friday of April."""
    cairo = Calendar(zone=ZoneInfo("Africa/Cairo"), week=week(WHOLE_DAY))
    assert opened(cairo, "2025-04-24") == ["00:00-01:00"]  # midnight is 01:00 of the next day
    start, end = datetime(2025, 4, 24, tzinfo=cairo.zone), datetime(2025, 4, 26, tzinfo=cairo.zone)
    assert cairo.open_time(start, end) == timedelta(hours=47)


def naive_open_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Minute by minute."""
    minutes = int((end - start) / timedelta(minutes=1))
    return timedelta(minutes=sum(calendar.is_open(start + timedelta(minutes=m)) for m in range(minutes)))


moments = st.integers(-4000, 4000).map(lambda m: datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=m))
distant = st.integers(-3_000_000, 3_000_000).map(
    lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)
calendars = st.sampled_from(
    [
        OFFICE,
        ALWAYS,
        Calendar(zone=LONDON, week=week(SPLIT, "0246"), holidays=frozenset({date(2025, 10, 27)})),
        Calendar(zone=LONDON, week=week((Hours(time(20), time(1, 30)), Hours(time(1), time(4))))),
    ]
)


@settings(deadline=None)
@given(calendars, moments, st.integers(0, 3000))
def test_open_time_is_that_of_counting_minutes(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert calendar.open_time(start, end) == naive_open_time(calendar, start, end)


@settings(deadline=None)
@given(calendars, distant, distant, distant)
def test_open_time_adds_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    whole = calendar.open_time(first, last)
    assert calendar.open_time(first, middle) + calendar.open_time(middle, last) == whole <= last - first


@settings(deadline=None)
@given(calendars, moments, st.integers(1, 5000))
def test_a_deadline_is_the_inverse_of_open_time(calendar: Calendar, start: datetime, minutes: int) -> None:
    due = calendar.after_open_time(start, timedelta(minutes=minutes))
    assert due is not None
    assert calendar.open_time(start, due) == timedelta(minutes=minutes)
