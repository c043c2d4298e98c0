"""One clock: it can be held still, it cuts days in a zone, and days of a clock change differ in length."""

import datetime as dt
import threading

import pytest

from govdesk import clock

NOON = dt.datetime(2026, 3, 29, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_time_stands_still_inside_at_and_goes_on_after_it() -> None:
    with clock.at(NOON):
        assert clock.now() == NOON
        with clock.at(NOON + HOUR):
            assert clock.now() == NOON + HOUR
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_at_takes_any_offset_and_answers_in_utc() -> None:
    riyadh = dt.timezone(dt.timedelta(hours=3))
    with clock.at(dt.datetime(2026, 3, 29, 15, 0, tzinfo=riyadh)):
        assert clock.now() == NOON
        assert clock.now().tzinfo is dt.UTC


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"), clock.at(dt.datetime(2026, 3, 29, 12)):  # noqa: DTZ001
        pass


def test_at_is_left_when_the_block_fails() -> None:
    with pytest.raises(KeyError), clock.at(NOON):
        raise KeyError
    assert clock.now() != NOON


def test_another_thread_keeps_the_real_time() -> None:
    seen: list[dt.datetime] = []
    with clock.at(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != NOON


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-10-03T21:30+00:00", "Asia/Riyadh", "2026-10-04"),
        ("2026-10-03T20:59+00:00", "Asia/Riyadh", "2026-10-03"),
        ("2026-10-04T01:00+00:00", "America/New_York", "2026-10-03"),
        ("2026-10-04T23:59+00:00", "UTC", "2026-10-04"),
    ],
)
def test_the_local_day_is_that_of_the_zone(moment: str, zone: str, day: str) -> None:
    assert clock.local_day(dt.datetime.fromisoformat(moment), zone) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-10-04", "Asia/Riyadh", 24),
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-03-08", "America/New_York", 23),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(day: str, zone: str, hours: int) -> None:
    first, after = clock.day_bounds(dt.date.fromisoformat(day), zone)
    assert after - first == hours * HOUR
    assert clock.local_day(first, zone).isoformat() == day
    assert clock.local_day(after - dt.timedelta(microseconds=1), zone).isoformat() == day
    assert clock.local_day(after, zone).isoformat() != day
