"""Elapsed, business and net time of a case, where it went, and its deadline."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.cases.clocks import (
    Attainment,
    OpenSpan,
    Part,
    Stay,
    attainment,
    attainment_counts,
    claims_of,
    clocks,
    elapsed,
    parts_of,
    whole_seconds,
)
from govdesk.catalog.rules import Calendar, Hours
from tests.rules.expected_files import cases, expected_text, needs_expected

RIYADH, LONDON = ZoneInfo("Asia/Riyadh"), ZoneInfo("Europe/London")
SHIFT = (Hours(time(8), time(14, 30)),)
OFFICE = Calendar(
    zone=RIYADH,
    week=(SHIFT, SHIFT, SHIFT, SHIFT, (), (), SHIFT),
    holidays=frozenset({date(2026, 2, 22)}),
)
ALWAYS = Calendar(zone=LONDON, week=((Hours(time(0), time(0)),),) * 7)
LINE = re.compile(r"(BT\d+) (.*?) \| (\S+) -> (\S+) (\S+) \| elapsed min (\d+) \| business min (\d+)")
PAUSES = {
    "BT16": [("2025-01-05T10:00", "2025-01-06T09:00")],
    "BT18": [("2025-01-05T09:00", "2025-01-05T11:00"), ("2025-01-05T10:00", "2025-01-05T12:00")],
}
T0 = datetime(2025, 1, 5, 6, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = RIYADH) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


REFERENCE = [
    found.groups() for line in expected_text("business_time.txt").splitlines() if (found := LINE.match(line))
]


@needs_expected
def test_every_reference_line_is_read() -> None:
    assert len(REFERENCE) == len(expected_text("business_time.txt").splitlines()) == 13


@pytest.mark.parametrize("line", cases(REFERENCE), ids=lambda line: f"{line[0]} {line[1]}")
def test_a_reference_duration(line: tuple[str, ...]) -> None:
    name, _, start, end, zone, whole, open_minutes = line
    pauses: list[OpenSpan] = [(at(first), at(last)) for first, last in PAUSES.get(name, [])]
    calendar = OFFICE if zone == "Asia/Riyadh" else ALWAYS
    measured = clocks(at(start, ZoneInfo(zone)), at(end, ZoneInfo(zone)), calendar, pauses)
    assert measured.elapsed == minutes(int(whole))
    assert measured.net == minutes(int(open_minutes))


def test_a_pause_without_end_lasts_until_the_end() -> None:
    measured = clocks(
        at("2025-01-05T08:00"), at("2025-01-05T12:00"), OFFICE, [(at("2025-01-05T09:00"), None)]
    )
    assert (measured.business, measured.net, measured.stopped_share) == (minutes(240), minutes(60), 0.75)


def test_a_pause_counts_only_inside_the_case_and_inside_hours() -> None:
    pauses: list[OpenSpan] = [
        (at("2025-01-01T08:00"), at("2025-01-05T08:30")),
        (at("2025-01-05T14:00"), at("2025-01-05T23:00")),
    ]
    measured = clocks(at("2025-01-05T08:00"), at("2025-01-06T08:00"), OFFICE, pauses)
    assert (measured.business, measured.net) == (minutes(390), minutes(330))


def test_without_open_time_there_is_no_stopped_share() -> None:
    assert clocks(at("2025-01-10T08:00"), at("2025-01-10T12:00"), OFFICE).stopped_share is None


def test_elapsed_crosses_clock_changes_and_tells_negative_ones() -> None:
    assert elapsed(at("2025-10-26T00:00", LONDON), at("2025-10-27T00:00", LONDON)) == timedelta(hours=25)
    assert elapsed(T0, T0 - minutes(1)) == minutes(-1)


# ------------------------------------------------------------------ where the time went


def test_the_parts_of_a_case_sum_to_its_elapsed_time() -> None:
    parts = parts_of(
        T0,
        T0 + minutes(100),
        {
            Part.BOOKING_LEAD: [(T0 - minutes(10), T0 + minutes(30))],
            Part.QUEUE_WAIT: [(T0 + minutes(30), T0 + minutes(42))],
            Part.SERVICE: [(T0 + minutes(42), T0 + minutes(50))],
            Part.WAITING_ON_CITIZEN: [(T0 + minutes(70), T0 + minutes(90)), (T0 + minutes(80), None)],
        },
    )
    assert parts == {
        Part.SERVICE: minutes(8),
        Part.QUEUE_WAIT: minutes(12),
        Part.WAITING_ON_CITIZEN: minutes(30),
        Part.BOOKING_LEAD: minutes(30),
        Part.BACK_OFFICE: minutes(20),
    }


def test_a_moment_claimed_twice_goes_to_the_service() -> None:
    both: list[OpenSpan] = [(T0, T0 + minutes(10))]
    parts = parts_of(T0, T0 + minutes(10), {Part.WAITING_ON_CITIZEN: both, Part.SERVICE: both})
    assert (parts[Part.SERVICE], parts[Part.WAITING_ON_CITIZEN]) == (minutes(10), minutes(0))


spans = st.lists(
    st.tuples(st.integers(-50_000_000, 90_000_000), st.none() | st.integers(-50_000_000, 90_000_000)).map(
        lambda both: (
            T0 + timedelta(microseconds=both[0]),
            None if both[1] is None else T0 + timedelta(microseconds=both[1]),
        ),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(Part), spans), st.integers(0, 80_000_000))
def test_parts_always_sum_to_the_whole_and_to_the_second(
    claims: dict[Part, list[OpenSpan]], length: int
) -> None:
    end = T0 + timedelta(microseconds=length)
    parts = parts_of(T0, end, claims)
    assert sum(parts.values(), timedelta(0)) == end - T0
    assert all(part >= timedelta(0) for part in parts.values())
    assert sum(whole_seconds(parts).values()) == length // 1_000_000


@settings(deadline=None)
@given(spans, st.integers(0, 20_000))
def test_net_is_within_business_within_elapsed(pauses: list[OpenSpan], length: int) -> None:
    measured = clocks(T0, T0 + minutes(length), OFFICE, pauses)
    assert timedelta(0) <= measured.net <= measured.business <= measured.elapsed


def test_a_visit_claims_its_booking_its_queue_and_its_service() -> None:
    booked, walked_in = T0 - minutes(60), T0 + minutes(100)
    stays = [
        Stay(booked, T0, T0 + minutes(12), T0 + minutes(20)),
        Stay(None, walked_in, None, walked_in + minutes(5)),  # left, or was told to come another day
    ]
    assert claims_of(stays) == {
        Part.BOOKING_LEAD: [(booked, T0)],
        Part.QUEUE_WAIT: [(T0, T0 + minutes(12)), (walked_in, walked_in + minutes(5))],
        Part.SERVICE: [(T0 + minutes(12), T0 + minutes(20))],
    }


# ------------------------------------------------------------------ deadlines


@pytest.mark.parametrize(
    ("resolved", "now", "expected"),
    [
        (0, 5, Attainment.MET),  # due at minute 0, to the moment
        (1, 5, Attainment.LATE),
        (None, 0, Attainment.OPEN_NOT_DUE),
        (None, 1, Attainment.OPEN_OVERDUE),
        (3, 1, Attainment.OPEN_OVERDUE),  # as of minute 1 it was still open
    ],
)
def test_attainment(resolved: int | None, now: int, expected: Attainment) -> None:
    resolved_at = None if resolved is None else T0 + minutes(resolved)
    assert attainment(T0, resolved_at, T0 + minutes(now)) is expected


def test_open_and_not_yet_due_is_neither() -> None:
    standings = [Attainment.MET] * 952 + [Attainment.LATE] * 377
    standings += [Attainment.OPEN_OVERDUE] * 39 + [Attainment.OPEN_NOT_DUE] * 66
    counts = attainment_counts(standings)
    assert counts.judged == 1368
    assert counts.share == pytest.approx(0.695906, abs=5e-7)
    assert attainment_counts([Attainment.OPEN_NOT_DUE]).share is None
