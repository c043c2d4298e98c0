"""Open time of counters is occupied, idle, or idle while people wait; breaks are none of it."""

from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.catalog.models import Department
from govdesk.db import reading, transaction
from govdesk.kpi.figures import Row
from govdesk.kpi.question import Scope
from govdesk.kpi.service import figure
from govdesk.queue import counters, service, wrapping
from tests.flows import office_days as day
from tests.makers import Cast


def read(key: str, *, at: str = "13:00", **asked: Any) -> Row:
    with clock.at(day.when(0, at)):
        return figure(reading(), key, **asked).total


@pytest.fixture
def morning_of_omar(cast: Cast) -> Cast:
    """From 9 to 11: served 9:10 to 9:40, notes to 9:50, a break 10:00 to 10:20, somebody waits from 10:30."""
    omar = cast.staff["omar"].actor
    with transaction() as session:
        counters.open_counter(session, actor=omar, counter_id=cast.north_1.id)
    first = day.arrive(cast, 0, "09:05", None)
    acts: list[tuple[str, Any]] = [
        ("09:10", lambda session: service.call_next(session, actor=omar)),
        ("09:12", lambda session: service.start(session, actor=omar, ticket_id=first)),
        (
            "09:40",
            lambda session: service.conclude(session, actor=omar, ticket_id=first, outcome="resolved"),
        ),
        ("09:40", lambda session: wrapping.begin(session, actor=omar)),
    ]
    second = ("09:50", lambda session: service.call_next(session, actor=omar))
    for at, act in acts:
        with clock.at(day.when(0, at)), transaction() as session:
            act(session)
    ticket = day.arrive(cast, 0, "09:50", None)
    with clock.at(day.when(0, second[0])), transaction() as session:
        second[1](session)
    with clock.at(day.when(0, "10:00")), transaction() as session:
        service.conclude(session, actor=omar, ticket_id=ticket, outcome="resolved")
        counters.pause_counter(session, actor=omar)
    with clock.at(day.when(0, "10:20")), transaction() as session:
        counters.unpause_counter(session, actor=omar)
    day.arrive(cast, 0, "10:30", None)
    with clock.at(day.when(0, "11:00")), transaction() as session:
        counters.close_counter(session, actor=omar)
    return cast


def test_a_sitting_is_measured_to_the_minute(morning_of_omar: Cast) -> None:
    occupied = read("counter_occupancy")
    # open 120 minutes less 20 of the break; occupied 30 + 10 (notes) + 10
    assert (occupied.numerator, occupied.denominator, occupied.value, occupied.n) == (50, 100, 0.5, 1)
    assert occupied.interval is None  # of one sitting
    idle = read("idle_with_queue")
    # 9:05 to 9:10 before the first call, and 10:30 to 11:00
    assert (idle.numerator, idle.denominator, idle.value) == (35, 100, 0.35)
    notes = read("wrap_up_time")
    assert (notes.value, notes.n, notes.open) == (10.0, 1, 0)


def test_what_is_known_later_counts_later(morning_of_omar: Cast) -> None:
    early = read("wrap_up_time", as_of=day.when(0, "09:45"))
    assert (early.value, early.n, early.open) == (None, 0, 1)
    occupied = read("counter_occupancy", as_of=day.when(0, "09:45"))
    assert (occupied.numerator, occupied.denominator) == (35, 45)


def test_an_officer_who_may_not_serve_them_is_not_idle(morning_of_omar: Cast) -> None:
    with transaction() as session:
        north_1 = session.merge(morning_of_omar.north_1)
        north_1.service_ids = [morning_of_omar.passport.id]  # everybody came for a renewal
    assert read("idle_with_queue").numerator == 0


def test_several_sittings_have_an_interval_and_a_seat_left_overnight_is_set_aside(
    morning_of_omar: Cast,
) -> None:
    othman = morning_of_omar.staff["othman"].actor
    with transaction() as session:
        counters.open_counter(session, actor=othman, counter_id=morning_of_omar.north_2.id)
    with clock.at(day.when(0, "11:00")), transaction() as session:
        counters.close_counter(session, actor=othman)
    both = read("counter_occupancy")
    assert (both.numerator, both.denominator, both.n) == (50, 220, 2)
    assert both.interval is not None
    low, high = both.interval
    assert low is not None
    assert high is not None
    # ratio 5/22; rests 50 - 100/4.4 and -120/4.4: 1.96 * sqrt(2 * (27.27² + 27.27²)) / 220
    assert low == 0.0
    assert high == pytest.approx(5 / 22 + 1.959964 * (2 * 2 * (300 / 11) ** 2) ** 0.5 / 220, abs=1e-6)
    with clock.at(day.when(0, "12:00")), transaction() as session:
        counters.open_counter(session, actor=othman, counter_id=morning_of_omar.north_2.id)
    with clock.at(day.when(1, "08:00")):
        later = figure(reading(), "counter_occupancy").total
    assert (later.n, later.data_quality["left_open"]) == (2, 1)


def test_who_sees_one_department_alone_sees_no_counter(morning_of_omar: Cast) -> None:
    north, civil = morning_of_omar.north.id, morning_of_omar.civil.id
    assert read("counter_occupancy", scope=Scope(frozenset({(north, None)}))).n == 1
    assert read("counter_occupancy", scope=Scope(frozenset({(None, civil)}))).n == 0
    with transaction() as session:
        every = {(None, one) for one in session.scalars(select(Department.id).order_by(Department.id))}
    assert read("counter_occupancy", scope=Scope(frozenset(every))).n == 1  # nobody else is left
    assert read("counter_occupancy", scope=Scope(branch_id=morning_of_omar.harbour.id)).value is None


def test_a_sitting_belongs_to_the_hours_in_which_it_was(morning_of_omar: Cast) -> None:
    with clock.at(day.when(0, "13:00")):
        rows = figure(reading(), "idle_with_queue", by=["weekday", "hour"]).rows
    told = {(row.group["weekday"], row.group["hour"]): (row.numerator, row.denominator) for row in rows}
    # of the 35 minutes idle 5 are after nine, 30 after ten; the break takes 20 minutes of the second hour
    assert told == {("7", "09"): (5, 60), ("7", "10"): (30, 40)}
