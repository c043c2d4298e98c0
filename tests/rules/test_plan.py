"""A plan of several days: within opening hours, as far as each rule reaches, and how two plans differ."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govdesk.booking.rules import PlannedSlot, SlotException, SlotRule
from govdesk.booking.schedule.plan import DayChange, RuleTrouble, Setup, compare, expand, plan, troubles
from govdesk.catalog.rules import Calendar, Hours, MissingHolidaysError, SpecialPeriod

LONDON = ZoneInfo("Europe/London")
SUNDAY = dt.date(2025, 1, 5)
MONDAY = dt.date(2025, 1, 6)
DAY = dt.timedelta(days=1)
OPEN = tuple((Hours(dt.time(8), dt.time(16)),) for _ in range(7))
KEY = 7


@dataclass
class Row:
    kind: str
    first_on: dt.date
    last_on: dt.date
    starts: dt.time | None = None
    ends: dt.time | None = None
    capacity: int | None = None
    schedule_id: int | None = None


def calendar(**more: Any) -> Calendar:
    return Calendar(zone=LONDON, week=OPEN, **more)


def rule(starts: int = 8, ends: int = 10, *, days: int = 3, **more: Any) -> SlotRule:
    horizon, lead = dt.timedelta(days=days), dt.timedelta(0)
    return SlotRule(range(7), dt.time(starts), dt.time(ends), 60, 1, lead, horizon, key=KEY, **more)


def local(setup: Setup, within: Calendar | None = None, today: dt.date = SUNDAY, **more: Any) -> list[str]:
    made = plan(setup, within or calendar(), today, LONDON, **more)
    return [f"{start.astimezone(LONDON):%d %H}" for start in made]


def test_each_rule_reaches_its_own_horizon() -> None:
    near, far = rule(8, 9, days=0), rule(9, 10, days=1)
    assert local(Setup((near, far))) == ["05 08", "05 09", "06 09"]


def test_an_editor_looks_beyond_the_horizon() -> None:
    assert local(Setup((rule(8, 9, days=0),)), days=3) == ["05 08", "06 08", "07 08"]


def test_what_lies_outside_the_opening_hours_is_not_offered() -> None:
    assert local(Setup((rule(7, 9, days=0),))) == ["05 08"]
    assert local(Setup((rule(15, 18, days=0),))) == ["05 15"]


def test_a_season_has_its_own_hours() -> None:
    later = tuple((Hours(dt.time(9), dt.time(14)),) for _ in range(7))
    ramadan = SpecialPeriod(first=MONDAY, last=MONDAY, week=later)
    found = local(Setup((rule(8, 10, days=2),)), calendar(special_periods=(ramadan,)))
    assert found == ["05 08", "05 09", "06 09", "07 08", "07 09"]


def test_a_day_that_the_branch_declared_open_at_other_hours_replaces_the_rules_hours() -> None:
    declared = calendar(exceptions={SUNDAY: (Hours(dt.time(13), dt.time(15)),)})
    assert local(Setup((rule(8, 10, days=0),)), declared) == ["05 13", "05 14"]


def test_holidays_that_nobody_knows_are_an_error() -> None:
    with pytest.raises(MissingHolidaysError):
        local(Setup((rule(),)), calendar(holiday_years=frozenset({2024})))


@pytest.mark.parametrize("today", [dt.date(2025, 3, 29), dt.date(2025, 10, 25)])
def test_days_about_a_clock_change_have_the_same_times_on_the_wall(today: dt.date) -> None:
    times = local(Setup((rule(8, 10, days=2),)), today=today)
    assert times == [f"{(today + n * DAY).day:02} {hour:02}" for n in range(3) for hour in (8, 9)]


def test_a_stored_exception_is_one_for_each_of_its_days_in_view() -> None:
    shut = Row("shut", SUNDAY - 3 * DAY, MONDAY)
    part = Row("shut", MONDAY, MONDAY, dt.time(9), dt.time(10), schedule_id=KEY)
    hours = Row("hours", MONDAY, MONDAY, dt.time(13), dt.time(14), 2)
    desks = Row("desks", MONDAY, MONDAY + 90 * DAY, capacity=3)
    found = expand([shut, part, hours, desks], SUNDAY, MONDAY + DAY)
    assert [(each.day, each.is_shut) for each in found] == [
        (SUNDAY, True), (MONDAY, True), (MONDAY, False), (MONDAY, False), (MONDAY, False),
        (MONDAY + DAY, False),
    ]  # fmt: skip
    assert (found[2].shut_hours[0].starts, found[2].rule) == (dt.time(9), KEY)
    assert (found[3].hours[0].ends, found[3].capacity) == (dt.time(14), 2)
    assert (found[4].keeps_hours, found[4].capacity) == (True, 3)


def test_two_plans_differ_by_day() -> None:
    def slot(hour: int, capacity: int = 1) -> PlannedSlot:
        start = dt.datetime(2025, 1, 5, hour, tzinfo=dt.UTC)
        return PlannedSlot(start, start + dt.timedelta(hours=1), capacity)

    before = {each.starts_at: each for each in (slot(8), slot(9), slot(10))}
    after = {each.starts_at: each for each in (slot(9), slot(10, 2), slot(11))}
    assert compare(before, after, LONDON) == [
        DayChange(SUNDAY, (slot(11),), (slot(8),), ((slot(10), slot(10, 2)),), 1)
    ]
    assert not compare(before, before, LONDON)[0].is_touched


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (rule(7, 9), [RuleTrouble("booking.rule_outside_hours", 0, (SUNDAY, MONDAY))]),
        (rule(8, 16), []),
        (rule(15, 17, valid_until=SUNDAY), [RuleTrouble("booking.rule_outside_hours", 0, (SUNDAY,))]),
    ],
)
def test_hours_outside_the_opening_are_told_with_their_days(
    made: SlotRule, expected: list[RuleTrouble]
) -> None:
    assert troubles([made], [], calendar(), SUNDAY, 2) == expected


def test_holidays_and_exceptions_are_told_with_their_days() -> None:
    closed = calendar(holidays=frozenset({MONDAY}))
    special = [SlotException(SUNDAY, rule=KEY), SlotException(MONDAY, rule=KEY + 1)]
    assert troubles([rule()], special, closed, SUNDAY, 2) == [
        RuleTrouble("booking.rule_on_holidays", 0, (MONDAY,)),
        RuleTrouble("booking.rule_meets_exceptions", 0, (SUNDAY,)),
    ]
