"""Places kept for walk-ins and staff; exceptions of all rules and of one."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govdesk.booking.rules import Hours, PlannedSlot, SlotException, SlotRule, SlotRuleError, slots_for_day

RIYADH = ZoneInfo("Asia/Riyadh")
SUNDAY = dt.date(2025, 1, 5)
EIGHT, NINE, TEN, NOON = dt.time(8), dt.time(9), dt.time(10), dt.time(12)
MORNING, AFTERNOON = 1, 2


def rule(
    starts: dt.time = EIGHT, ends: dt.time = TEN, capacity: int = 4, key: int = MORNING, **kept: Any
) -> SlotRule:
    return SlotRule(range(7), starts, ends, 60, capacity, key=key, **kept)


def planned(*rules: SlotRule, special: list[SlotException], is_holiday: bool = False) -> list[PlannedSlot]:
    return slots_for_day(SUNDAY, rules, special, {SUNDAY} if is_holiday else set(), RIYADH)


def shown(slots: list[PlannedSlot]) -> list[tuple[int, int, int]]:
    """Local hour, places for all, places kept for staff."""
    return [(slot.starts_at.astimezone(RIYADH).hour, slot.capacity, slot.kept_staff) for slot in slots]


@pytest.mark.parametrize(
    ("capacity", "walkins", "staff", "offered"),
    [
        (4, 0, 0, (4, 0)),
        (4, 1, 0, (3, 0)),
        (4, 0, 1, (3, 1)),
        (4, 1, 2, (1, 2)),
        (4, 0, 4, (0, 4)),
        (4, 4, 0, None),
        (0, 0, 0, None),
    ],
)
def test_places_kept_for_walk_ins_are_never_booked_and_those_for_staff_stand_apart(
    capacity: int, walkins: int, staff: int, offered: tuple[int, int] | None
) -> None:
    made = shown(planned(rule(capacity=capacity, kept_walkins=walkins, kept_staff=staff), special=[]))
    assert made == ([(8, *offered), (9, *offered)] if offered else [])


@pytest.mark.parametrize(
    ("walkins", "staff", "key"),
    [(-1, 0, "kept_negative"), (0, -1, "kept_negative"), (3, 2, "kept_too_many")],
)
def test_more_than_there_is_cannot_be_kept(walkins: int, staff: int, key: str) -> None:
    with pytest.raises(SlotRuleError, match=rf"booking\.{key}"):
        rule(kept_walkins=walkins, kept_staff=staff)


@pytest.mark.parametrize(
    ("desks", "offered"),
    # one for walk-ins, one for staff, the rest for all: walk-ins come first, then staff
    [(6, [(8, 4, 1), (9, 4, 1)]), (2, [(8, 0, 1), (9, 0, 1)]), (1, []), (0, [])],
)
def test_with_fewer_desks_walk_ins_keep_theirs_first(desks: int, offered: list[tuple[int, int, int]]) -> None:
    fewer = SlotException(SUNDAY, capacity=desks, keeps_hours=True)
    assert shown(planned(rule(kept_walkins=1, kept_staff=1), special=[fewer])) == offered


def test_other_desks_open_no_holiday() -> None:
    more = SlotException(SUNDAY, capacity=9, keeps_hours=True)
    assert planned(rule(), special=[more], is_holiday=True) == []


def test_shut_hours_take_the_slots_that_they_meet_and_no_other() -> None:
    # half past eight to nine shuts the slot from eight; ending when the next begins is no meeting
    shut = SlotException(SUNDAY, shut_hours=(Hours(dt.time(8, 30), NINE),))
    assert shown(planned(rule(), special=[shut])) == [(9, 4, 0)]


def test_an_exception_of_one_rule_leaves_the_others() -> None:
    both = rule(), rule(TEN, NOON, key=AFTERNOON)
    shut = SlotException(SUNDAY, rule=MORNING)
    assert shown(planned(*both, special=[shut])) == [(10, 4, 0), (11, 4, 0)]
    later = SlotException(SUNDAY, hours=(Hours(NINE, TEN),), rule=MORNING)
    assert shown(planned(*both, special=[later])) == [(9, 4, 0), (10, 4, 0), (11, 4, 0)]
    fewer = SlotException(SUNDAY, capacity=1, keeps_hours=True, rule=AFTERNOON)
    assert shown(planned(*both, special=[fewer])) == [(8, 4, 0), (9, 4, 0), (10, 1, 0), (11, 1, 0)]


def test_desks_of_one_rule_go_before_those_of_all() -> None:
    special = [
        SlotException(SUNDAY, capacity=2, keeps_hours=True),
        SlotException(SUNDAY, capacity=3, keeps_hours=True, rule=MORNING),
    ]
    assert shown(planned(rule(), special=special)) == [(8, 3, 0), (9, 3, 0)]


def test_a_holiday_opens_for_the_one_rule_that_says_its_hours() -> None:
    both = rule(), rule(TEN, NOON, key=AFTERNOON)
    open_after_all = SlotException(SUNDAY, hours=(Hours(EIGHT, NINE),), rule=MORNING)
    assert shown(planned(*both, special=[open_after_all], is_holiday=True)) == [(8, 4, 0)]
    assert planned(*both, special=[SlotException(SUNDAY, rule=MORNING)], is_holiday=True) == []


def test_a_shut_day_of_all_rules_beats_the_open_hours_of_one() -> None:
    special = [SlotException(SUNDAY), SlotException(SUNDAY, hours=(Hours(EIGHT, NINE),), rule=MORNING)]
    assert planned(rule(), special=special) == []


def test_hours_of_all_rules_keep_what_the_rule_in_them_keeps() -> None:
    other = SlotException(SUNDAY, hours=(Hours(NINE, TEN),))
    assert shown(planned(rule(kept_walkins=1, kept_staff=2), special=[other])) == [(9, 1, 2)]
