"""SMS parts, quiet hours, reminders, back-off and placeholders."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.notify import rules
from govdesk.notify.rules import Quiet

ZONE = "Asia/Riyadh"
NIGHT = Quiet(dt.time(21), dt.time(8))
RIYADH = dt.timezone(dt.timedelta(hours=3))


def at(day: int, time: str) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 10, day), dt.time.fromisoformat(time), RIYADH)


@pytest.mark.parametrize(
    ("text", "count", "units", "is_unicode"),
    [
        ("", 0, 0, False),
        ("a" * 160, 1, 160, False),
        ("a" * 161, 2, 161, False),
        ("a" * 306, 2, 306, False),
        ("a" * 307, 3, 307, False),
        ("€" * 80, 1, 160, False),  # each is two septets
        ("€" * 81, 2, 162, False),
        ("a" * 152 + "€" + "a" * 10, 2, 164, False),  # the pair does not fit into the first part, whole
        ("a" * 152 + "€" + "a" * 152, 3, 306, False),
        ("م" * 70, 1, 70, True),
        ("م" * 71, 2, 71, True),
        ("م" * 134, 2, 134, True),
        ("م" * 135, 3, 135, True),
        ("a" * 69 + "م", 1, 70, True),  # one Arabic letter makes all of it Unicode
        ("😀" * 35, 1, 70, True),  # a surrogate pair is two units
        ("😀" * 36, 2, 72, True),
        ("م" * 66 + "😀" + "م" * 66, 3, 134, True),  # never cut in half
        ("`", 1, 1, True),  # not in the GSM alphabet
        ("[x]\n", 1, 6, False),
    ],
)
def test_an_sms_has_as_many_parts_as_the_network_counts(
    text: str,
    count: int,
    units: int,
    is_unicode: bool,  # noqa: FBT001 - a table
) -> None:
    assert rules.sms_parts(text) == rules.Parts(count, units, is_unicode)


@given(st.text(max_size=600))
def test_the_parts_hold_the_text_and_one_less_would_not(text: str) -> None:
    parts = rules.sms_parts(text)
    alone, joined = (70, 67) if parts.is_unicode else (160, 153)
    if parts.count > 1:
        assert parts.units > alone
        assert (parts.count - 1) * (joined - 1) < parts.units <= parts.count * joined
    else:
        assert parts.units <= alone
        assert parts.count == min(1, len(text))


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        (at(4, "20:59"), at(4, "20:59")),
        (at(4, "21:00"), at(5, "08:00")),
        (at(4, "23:30"), at(5, "08:00")),
        (at(5, "00:00"), at(5, "08:00")),
        (at(5, "07:59"), at(5, "08:00")),
        (at(5, "08:00"), at(5, "08:00")),
    ],
)
def test_what_falls_into_the_night_waits_for_the_morning(wanted: dt.datetime, goes: dt.datetime) -> None:
    assert rules.send_at(wanted, expires_at=at(9, "09:00"), zone=ZONE, quiet=NIGHT) == goes


def test_a_message_is_never_put_off_past_its_end() -> None:
    assert rules.send_at(at(4, "22:00"), expires_at=at(5, "08:00"), zone=ZONE, quiet=NIGHT) is None
    assert rules.send_at(at(4, "22:00"), expires_at=at(5, "08:01"), zone=ZONE, quiet=NIGHT) == at(5, "08:00")
    assert rules.send_at(at(5, "09:00"), expires_at=at(5, "09:00"), zone=ZONE, quiet=None) is None


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    noon = Quiet(dt.time(12), dt.time(15))
    assert rules.send_at(at(4, "13:00"), expires_at=at(9, "09:00"), zone=ZONE, quiet=noon) == at(4, "15:00")
    assert rules.send_at(at(4, "15:00"), expires_at=at(9, "09:00"), zone=ZONE, quiet=noon) == at(4, "15:00")


def test_equal_ends_are_no_quiet_hours() -> None:
    assert not any(Quiet(dt.time(8), dt.time(8)).holds(dt.time(hour)) for hour in range(24))


@pytest.mark.parametrize("ends", [dt.time(2, 30), dt.time(3)])
def test_a_morning_is_found_on_the_night_of_a_clock_change(ends: dt.time) -> None:
    evening = dt.datetime(2026, 3, 28, 22, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    quiet = Quiet(dt.time(21), ends)
    goes = rules.send_at(
        evening, expires_at=evening + dt.timedelta(days=2), zone="Europe/Berlin", quiet=quiet
    )
    assert goes is not None
    assert dt.timedelta(hours=3) < goes - evening < dt.timedelta(hours=5)


def reminders(starts_at: dt.datetime, now: dt.datetime, quiet: Quiet | None = NIGHT) -> list[object]:
    return list(rules.reminder_moments(starts_at, now=now, zone=ZONE, quiet=quiet))


def test_reminders_come_five_days_and_one_day_before() -> None:
    assert reminders(at(12, "10:30"), at(4, "09:00")) == [(5, at(7, "10:30")), (1, at(11, "10:30"))]


def test_a_reminder_in_the_past_is_dropped() -> None:
    assert reminders(at(8, "10:30"), at(4, "09:00")) == [(1, at(7, "10:30"))]
    assert reminders(at(4, "12:00"), at(4, "09:00")) == []
    assert reminders(at(5, "09:00"), at(4, "09:00")) == []


def test_an_early_appointment_is_reminded_of_when_the_quiet_hours_end() -> None:
    assert reminders(at(12, "07:30"), at(10, "09:00")) == [(1, at(11, "08:00"))]


def test_a_reminder_that_would_arrive_after_its_appointment_is_dropped() -> None:
    nearly_always = Quiet(dt.time(8), dt.time(7, 45))
    assert reminders(at(12, "07:40"), at(10, "09:00"), nearly_always) == [(1, at(11, "07:45"))]
    all_day = Quiet(dt.time(9), dt.time(8, 59))
    assert reminders(at(5, "08:30"), at(3, "09:00"), all_day) == [(1, at(4, "08:59"))]
    assert reminders(at(5, "10:00"), at(3, "09:00"), Quiet(dt.time(9), dt.time(8, 59))) == [
        (1, at(5, "08:59"))
    ]
    assert reminders(at(5, "22:00"), at(3, "09:00"), Quiet(dt.time(21, 59), dt.time(21, 58))) == [
        (1, at(5, "21:58"))
    ]
    assert rules.send_at(at(4, "22:00"), expires_at=at(5, "07:00"), zone=ZONE, quiet=NIGHT) is None


def test_the_hour_on_the_wall_stays_over_a_clock_change() -> None:
    berlin = dt.datetime(2026, 3, 30, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    found = list(
        rules.reminder_moments(berlin, now=berlin - dt.timedelta(days=9), zone="Europe/Berlin", quiet=None)
    )
    assert [moment.astimezone(dt.UTC).hour for _days, moment in found] == [9, 8]  # 10:00 on both walls


def test_each_failure_waits_twice_as_long_up_to_six_hours() -> None:
    minutes = [rules.delay_after(attempts).total_seconds() / 60 for attempts in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert rules.delay_after(10_000) == dt.timedelta(hours=6)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("موعدك {when}", None),
        ("{when} {salary}", ("unknown", "salary")),
        ("{when", ("brace", "{")),
        ("when}", ("brace", "}")),
        ("{ when }", ("brace", "{")),
        ("{{when}}", ("brace", "{")),
        ("{when.__class__}", ("brace", "{")),
        ("{0}", ("brace", "{")),
    ],
)
def test_a_placeholder_that_nobody_fills_is_refused(text: str, problem: tuple[str, str] | None) -> None:
    assert rules.problem_of(text, known=("when", "link")) == problem


def test_a_text_without_what_it_is_for_is_refused() -> None:
    assert rules.problem_of("hello", known=("code",), needed=("code",)) == ("missing", "code")


def test_a_line_whose_values_are_all_empty_is_left_out() -> None:
    text = "Time: {when}\nAddress: {address}\n\n{papers}\n\nSee {link}{address}"
    values = {"when": "Sunday", "address": "", "papers": "", "link": "https://x"}
    assert rules.render(text, values) == "Time: Sunday\n\nSee https://x"


def test_a_value_is_not_read_as_a_text_again() -> None:
    assert rules.render("{name}", {"name": "{link}", "link": "secret"}) == "{link}"
