"""Slots: which times of a day can be booked, across rules, exceptions, holidays and clock changes."""

import datetime as dt
import itertools
from collections.abc import Collection
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.booking.rules import (
    LAST_WEEK,
    Hours,
    PlannedSlot,
    SlotException,
    SlotRule,
    SlotRuleError,
    applies,
    slots_for_day,
)
from govdesk.booking.schedule.windows import book_until, bookable_window

RIYADH = ZoneInfo("Asia/Riyadh")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
HAVANA = ZoneInfo("America/Havana")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
EVERY_DAY = range(7)
SUNDAY = dt.date(2025, 1, 5)
SINCE = dt.date(2025, 1, 1)
MONDAY = dt.date(2025, 1, 6)


def at(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def rule(
    hours: str = "12:00-18:00",
    minutes: int = 30,
    *,
    weekdays: Collection[int] = EVERY_DAY,
    capacity: int = 1,
    valid: tuple[dt.date | None, dt.date | None] = (None, None),
    every_weeks: int = 1,
    anchor: dt.date | None = None,
    nth_weeks: Collection[int] = (),
) -> SlotRule:
    starts, ends = hours.split("-")
    return SlotRule(
        weekdays=weekdays,
        starts=at(starts),
        ends=at(ends),
        slot_minutes=minutes,
        capacity=capacity,
        valid_from=valid[0],
        valid_until=valid[1],
        every_weeks=every_weeks,
        anchor=anchor,
        nth_weeks=nth_weeks,
    )


def hours(text: str) -> Hours:
    starts, ends = text.split("-")
    return Hours(at(starts), at(ends))


def planned(
    *rules: SlotRule,
    day: dt.date = SUNDAY,
    exceptions: Collection[SlotException] = (),
    holidays: Collection[dt.date] | None = frozenset(),
    zone: ZoneInfo = RIYADH,
) -> list[PlannedSlot]:
    return slots_for_day(day, rules, exceptions, holidays, zone)


def starts(slots: list[PlannedSlot], zone: ZoneInfo = RIYADH) -> list[str]:
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in slots]


def test_six_hours_by_ninety_minutes_start_four_times_and_not_at_closing() -> None:
    assert starts(planned(rule("12:00-18:00", 90))) == ["12:00", "13:30", "15:00", "16:30"]


def test_four_hours_by_a_quarter_are_sixteen() -> None:
    assert len(planned(rule("12:00-16:00", 15))) == 16


def test_slots_are_half_open_moments_in_utc() -> None:
    first, second = planned(rule("08:00-08:40", 20, capacity=3))
    assert first == PlannedSlot(
        dt.datetime(2025, 1, 5, 5, 0, tzinfo=dt.UTC), dt.datetime(2025, 1, 5, 5, 20, tzinfo=dt.UTC), 3
    )
    assert first.starts_at.tzinfo is dt.UTC
    assert second.starts_at == first.ends_at


def test_what_does_not_fill_a_slot_is_left_out() -> None:
    assert starts(planned(rule("12:00-13:10", 30))) == ["12:00", "12:30"]
    assert planned(rule("12:00-12:20", 30)) == []


@pytest.mark.parametrize("minutes", [0, -15])
def test_a_slot_without_length_is_an_error_and_no_endless_loop(minutes: int) -> None:
    with pytest.raises(SlotRuleError) as refusal:
        rule(minutes=minutes)
    assert (refusal.value.key, refusal.value.field) == ("booking.slot_minutes", "slot_minutes")
    with pytest.raises(SlotRuleError, match="slot_minutes"):
        planned(rule(), exceptions=[SlotException(SUNDAY, (hours("10:00-12:00"),), slot_minutes=minutes)])


def test_an_end_before_its_start_never_is() -> None:
    assert planned(rule("18:00-12:00")) == []
    assert planned(rule("12:00-12:00")) == []


def test_an_end_at_midnight_closes_the_day() -> None:
    assert starts(planned(rule("22:30-00:00", 30))) == ["22:30", "23:00", "23:30"]


@pytest.mark.parametrize(
    "nothing",
    [
        rule(capacity=0),
        rule(weekdays=[MON, TUE]),
        rule(weekdays=[]),
        rule(valid=(MONDAY, None)),
        rule(valid=(None, SUNDAY - dt.timedelta(days=1))),
        rule(valid=(MONDAY, SUNDAY)),
    ],
    ids=["no desk", "other weekday", "no weekday", "not begun", "ended", "ends before it begins"],
)
def test_such_a_rule_offers_nothing(nothing: SlotRule) -> None:
    assert planned(nothing) == []


def test_the_first_and_the_last_day_of_a_rule_are_inside() -> None:
    assert len(planned(rule("12:00-13:00", 30, valid=(SUNDAY, SUNDAY)))) == 2


def test_a_negative_number_of_desks_is_an_error() -> None:
    with pytest.raises(SlotRuleError, match=r"booking\.capacity"):
        rule(capacity=-1)


def test_every_second_friday_is_in_two_weeks_and_not_in_one() -> None:
    friday = dt.date(2025, 1, 3)
    second = rule(weekdays=[FRI], every_weeks=2, anchor=friday)
    weeks = [n for n in range(-2, 7) if applies(second, friday + dt.timedelta(weeks=n))]
    assert weeks == [0, 2, 4, 6]


def test_every_third_week_has_all_its_weekdays() -> None:
    week = rule(weekdays=[SUN, MON, THU], every_weeks=3, anchor=SUNDAY)
    days = [SUNDAY + dt.timedelta(days=n) for n in range(29) if applies(week, SUNDAY + dt.timedelta(days=n))]
    # Sunday 5, Monday 6, Thursday 9 January; then three weeks later 26, 27, 30
    assert [day.day for day in days] == [5, 6, 9, 26, 27, 30]


@pytest.mark.parametrize(
    ("weeks", "days"),
    [([1], [7]), ([2], [14]), ([1, 3], [7, 21]), ([5], []), ([LAST_WEEK], [28]), ([], [7, 14, 21, 28])],
)
def test_the_nth_tuesday_of_january_2025(weeks: list[int], days: list[int]) -> None:
    series = rule(weekdays=[TUE], nth_weeks=weeks)
    january = [dt.date(2025, 1, n) for n in range(1, 32)]
    assert [day.day for day in january if applies(series, day)] == days


def test_a_fifth_week_exists_in_some_months_only() -> None:
    fifth = rule(weekdays=[THU], nth_weeks=[5])
    days = [SINCE + dt.timedelta(days=n) for n in range(181)]
    # January and May 2025 have five Thursdays; February, March, April and June have four
    assert [day for day in days if applies(fifth, day)] == [dt.date(2025, 1, 30), dt.date(2025, 5, 29)]


def test_every_other_week_needs_a_first_one() -> None:
    with pytest.raises(SlotRuleError, match=r"booking\.anchor_missing"):
        rule(every_weeks=2)
    with pytest.raises(SlotRuleError, match=r"booking\.every_weeks"):
        rule(every_weeks=0)


def test_split_shifts_are_two_rules() -> None:
    slots = planned(rule("16:00-17:00", 30), rule("08:00-09:00", 30))
    assert starts(slots) == ["08:00", "08:30", "16:00", "16:30"]


def test_ending_when_another_begins_is_no_overlap() -> None:
    assert starts(planned(rule("08:00-09:00", 60), rule("09:00-10:00", 60))) == ["08:00", "09:00"]


def test_the_same_time_is_offered_once_with_the_larger_number_of_desks() -> None:
    (slot,) = planned(rule("08:00-09:00", 60, capacity=2), rule("08:00-09:00", 60, capacity=3))
    assert slot.capacity == 3


def test_of_overlapping_rules_the_earlier_slot_stands() -> None:
    slots = planned(rule("08:00-10:00", 60), rule("08:30-10:30", 60))
    assert starts(slots) == ["08:00", "09:00"]


def test_a_holiday_removes_the_day_and_no_series_brings_it_back() -> None:
    weekly = rule("12:00-13:00", 30)
    special = rule("12:00-13:00", 30, weekdays=[SUN], every_weeks=2, anchor=SUNDAY)
    assert planned(weekly, special, holidays={SUNDAY}) == []
    assert len(planned(weekly, holidays={MONDAY})) == 2


def test_missing_holidays_are_an_error_and_not_open() -> None:
    with pytest.raises(SlotRuleError) as refusal:
        planned(rule(), holidays=None)
    assert refusal.value.key == "booking.holidays_missing"


def test_a_day_shut_by_exception_offers_nothing() -> None:
    shut = SlotException(SUNDAY)
    assert planned(rule(), exceptions=[shut]) == []
    assert planned(rule(), exceptions=[shut, SlotException(SUNDAY, (hours("10:00-11:00"),))]) == []
    assert len(planned(rule("12:00-13:00"), day=MONDAY, exceptions=[shut])) == 2


def test_hours_of_one_day_replace_the_rules_hours() -> None:
    short = SlotException(SUNDAY, (hours("10:00-11:00"), hours("13:00-14:00")))
    slots = planned(rule("08:00-12:00", 30, capacity=2), rule("13:00-15:00", 60), exceptions=[short])
    assert starts(slots) == ["10:00", "10:30", "13:00"]
    assert [slot.capacity for slot in slots] == [2, 2, 1]


def test_hours_outside_every_rule_take_the_first_rule_of_the_day() -> None:
    evening = SlotException(SUNDAY, (hours("20:00-21:00"),))
    assert starts(planned(rule("08:00-12:00", 30), exceptions=[evening])) == ["20:00", "20:30"]


def test_hours_of_one_day_open_a_holiday() -> None:
    opened = SlotException(SUNDAY, (hours("10:00-11:00"),))
    assert starts(planned(rule(), exceptions=[opened], holidays={SUNDAY})) == ["10:00", "10:30"]


def test_hours_of_one_day_open_a_day_without_rules_only_if_they_say_everything() -> None:
    bare = SlotException(SUNDAY, (hours("10:00-11:00"),))
    whole = SlotException(SUNDAY, (hours("10:00-11:00"),), slot_minutes=20, capacity=4)
    weekdays = rule(weekdays=[MON])
    assert planned(weekdays, exceptions=[bare]) == []
    assert [slot.capacity for slot in planned(weekdays, exceptions=[whole])] == [4, 4, 4]


# London goes forward on 30 March 2025 at 01:00 (to 02:00) and back on 26 October at 02:00 (to 01:00).
# New York goes forward on 9 March at 02:00 and back on 2 November; Havana forward on 9 March at 00:00.


@pytest.mark.parametrize(
    ("zone", "day", "first_utc"),
    [
        (LONDON, dt.date(2025, 3, 29), 8),
        (LONDON, dt.date(2025, 3, 30), 7),
        (LONDON, dt.date(2025, 10, 25), 7),
        (LONDON, dt.date(2025, 10, 26), 8),
        (NEW_YORK, dt.date(2025, 3, 8), 13),
        (NEW_YORK, dt.date(2025, 3, 9), 12),
        (NEW_YORK, dt.date(2025, 11, 1), 12),
        (NEW_YORK, dt.date(2025, 11, 2), 13),
        (HAVANA, dt.date(2025, 3, 9), 12),
    ],
)
def test_office_hours_keep_to_the_wall_on_both_sides_of_a_change(
    zone: ZoneInfo, day: dt.date, first_utc: int
) -> None:
    slots = planned(rule("08:00-12:00", 60), day=day, zone=zone)
    assert [slot.starts_at.hour for slot in slots] == [first_utc + n for n in range(4)]
    assert starts(slots, zone) == ["08:00", "09:00", "10:00", "11:00"]


@pytest.mark.parametrize(
    ("zone", "day", "minutes", "expected"),
    [
        (LONDON, dt.date(2025, 3, 30), 30, ["00:00", "00:30", "02:00", "02:30", "03:00", "03:30"]),
        (LONDON, dt.date(2025, 3, 30), 60, ["00:00", "02:00", "03:00"]),
        (LONDON, dt.date(2025, 10, 26), 60, ["00:00", "01:00", "02:00", "03:00"]),
        (NEW_YORK, dt.date(2025, 3, 9), 60, ["00:00", "01:00", "03:00"]),
        (NEW_YORK, dt.date(2025, 11, 2), 60, ["00:00", "01:00", "02:00", "03:00"]),
        (HAVANA, dt.date(2025, 3, 9), 60, ["01:00", "02:00", "03:00"]),
        (HAVANA, dt.date(2025, 11, 2), 60, ["00:00", "01:00", "02:00", "03:00"]),
    ],
)
def test_in_the_hours_of_a_change_each_wall_time_that_exists_is_offered_once(
    zone: ZoneInfo, day: dt.date, minutes: int, expected: list[str]
) -> None:
    slots = planned(rule("00:00-04:00", minutes), day=day, zone=zone)
    assert starts(slots, zone) == expected
    assert {slot.ends_at - slot.starts_at for slot in slots} == {dt.timedelta(minutes=minutes)}


def test_a_slot_that_the_missing_hour_cuts_short_is_not_offered() -> None:
    # 00:30 + 90 minutes would end at 03:00 on that night; 02:00 on the wall comes after 30 minutes
    slots = planned(rule("00:30-05:00", 90), day=dt.date(2025, 3, 30), zone=LONDON)
    assert starts(slots, LONDON) == ["02:00", "03:30"]


def test_seven_days_about_a_change_are_seven_days() -> None:
    days = [dt.date(2025, 3, 27) + dt.timedelta(days=n) for n in range(7)]
    slots = [slot for day in days for slot in planned(rule("09:00-10:00", 30), day=day, zone=LONDON)]
    assert len({slot.starts_at for slot in slots}) == 14
    assert len({slot.starts_at.astimezone(LONDON).date() for slot in slots}) == 7


NOW = dt.datetime(2025, 1, 5, 7, 10, tzinfo=dt.UTC)  # 10:10 in Riyadh


def test_a_lead_of_one_day_forbids_today_and_allows_tomorrow_from_its_first_minute() -> None:
    window = bookable_window(NOW, dt.timedelta(days=1), dt.timedelta(days=30), RIYADH)
    assert window.opens_at == dt.datetime(2025, 1, 5, 21, 0, tzinfo=dt.UTC)
    assert not window.holds(dt.datetime(2025, 1, 5, 20, 59, tzinfo=dt.UTC))
    assert window.holds(dt.datetime(2025, 1, 5, 21, 0, tzinfo=dt.UTC))


def test_thirty_minutes_and_three_days_count_from_now() -> None:
    window = bookable_window(NOW, dt.timedelta(minutes=30), dt.timedelta(days=3), RIYADH)
    assert window == (
        dt.datetime(2025, 1, 5, 7, 40, tzinfo=dt.UTC),
        dt.datetime(2025, 1, 8, 7, 10, tzinfo=dt.UTC),
    )
    assert window.holds(window.opens_at)
    assert not window.holds(window.closes_at)


def test_no_lead_means_from_now_when_it_says_so() -> None:
    assert bookable_window(NOW, dt.timedelta(), dt.timedelta(hours=2), RIYADH) == (
        NOW,
        NOW + dt.timedelta(hours=2),
    )


@pytest.mark.parametrize(
    ("lead", "horizon", "key"),
    [
        (None, None, "booking.lead_missing"),
        (None, dt.timedelta(days=3), "booking.lead_missing"),
        (dt.timedelta(), None, "booking.horizon_missing"),
        (dt.timedelta(minutes=-1), dt.timedelta(days=3), "booking.lead_negative"),
        (dt.timedelta(), dt.timedelta(days=-3), "booking.horizon_negative"),
        (dt.timedelta(days=3), dt.timedelta(days=3), "booking.horizon_within_lead"),
    ],
)
def test_a_window_that_nobody_set_is_an_error(
    lead: dt.timedelta | None, horizon: dt.timedelta | None, key: str
) -> None:
    with pytest.raises(SlotRuleError) as refusal:
        bookable_window(NOW, lead, horizon, RIYADH)
    assert (refusal.value.key, refusal.value.status) == (key, 422)


def test_days_of_a_horizon_are_days_on_the_wall() -> None:
    now = dt.datetime(
        2025, 3, 29, 10, 0, tzinfo=dt.UTC
    )  # 10:00 in London, a day before the clock goes forward
    window = bookable_window(now, dt.timedelta(hours=1), dt.timedelta(days=3), LONDON)
    assert window.closes_at == dt.datetime(2025, 4, 1, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("lead", "until"),
    [
        (dt.timedelta(), dt.datetime(2025, 1, 8, 6, 0, tzinfo=dt.UTC)),
        (dt.timedelta(minutes=30), dt.datetime(2025, 1, 8, 5, 30, tzinfo=dt.UTC)),
        (dt.timedelta(days=1), dt.datetime(2025, 1, 7, 21, 0, tzinfo=dt.UTC)),  # midnight before the 8th
        (dt.timedelta(days=2), dt.datetime(2025, 1, 6, 21, 0, tzinfo=dt.UTC)),
    ],
)
def test_a_slot_on_the_eighth_at_nine_can_be_booked_until(lead: dt.timedelta, until: dt.datetime) -> None:
    nine = dt.datetime(2025, 1, 8, 6, 0, tzinfo=dt.UTC)
    assert book_until(nine, lead, RIYADH) == until
    for seconds in (-1, 1):
        now = until + dt.timedelta(seconds=seconds)
        open_now = bookable_window(now, lead, dt.timedelta(days=9), RIYADH).opens_at <= nine
        assert open_now == (seconds < 0)


times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
anything = st.builds(
    SlotRule,
    weekdays=st.just(EVERY_DAY),
    starts=times,
    ends=times,
    slot_minutes=st.integers(5, 240),
    capacity=st.integers(0, 5),
)
changing_days = st.sampled_from(
    [
        (LONDON, dt.date(2025, 3, 30)),
        (LONDON, dt.date(2025, 10, 26)),
        (NEW_YORK, dt.date(2025, 3, 9)),
        (NEW_YORK, dt.date(2025, 11, 2)),
        (HAVANA, dt.date(2025, 3, 9)),
        (HAVANA, dt.date(2025, 11, 2)),
        (ZoneInfo("Australia/Lord_Howe"), dt.date(2025, 4, 6)),
        (ZoneInfo("Africa/Cairo"), dt.date(2025, 4, 25)),
        (RIYADH, SUNDAY),
    ]
)


@given(st.lists(anything, max_size=4), changing_days)
def test_slots_never_overlap_and_stay_in_their_day(
    rules: list[SlotRule], place: tuple[ZoneInfo, dt.date]
) -> None:
    zone, day = place
    slots = planned(*rules, day=day, zone=zone)
    for slot, following in itertools.pairwise(slots):
        assert slot.ends_at <= following.starts_at
    assert len(set(starts(slots, zone))) == len(slots)
    assert all(slot.starts_at.astimezone(zone).date() == day and slot.capacity > 0 for slot in slots)


@given(anything, st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
def test_without_a_clock_change_a_rule_gives_all_its_whole_slots(series: SlotRule, day: dt.date) -> None:
    minutes = (series.ends.hour * 60 + series.ends.minute or 24 * 60) - (
        series.starts.hour * 60 + series.starts.minute
    )
    expected = max(minutes, 0) // series.slot_minutes if series.capacity else 0
    assert len(planned(series, day=day)) == expected
