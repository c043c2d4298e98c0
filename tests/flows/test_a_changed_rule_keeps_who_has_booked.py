"""Slots are made ahead; a changed rule closes what it no longer makes and keeps whoever has booked."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking import slots
from govdesk.booking.errors import SlotTakenError
from govdesk.booking.models import Slot, SlotSchedule
from govdesk.booking.schedule import making
from govdesk.booking.schedule.making import make_slots
from govdesk.booking.schedule.windows import book_until
from govdesk.catalog.models import BranchService, Holiday
from govdesk.catalog.rules import MissingHolidaysError
from govdesk.db import transaction
from tests.makers import MORNING, RIYADH, SUNDAY, Cast, make_schedule, moment

ZONE = ZoneInfo("Asia/Riyadh")
MONDAY = SUNDAY + dt.timedelta(days=1)
FRIDAY = SUNDAY + dt.timedelta(days=5)


@pytest.fixture
def pair(app: Flask, cast: Cast) -> dict[str, int]:
    """Nine to twelve in half hours, two desks, bookable until an hour before, seven days ahead."""
    with transaction() as session:
        session.add(Holiday(day=dt.date(2026, 9, 23), name_ar="اليوم الوطني", name_en="National Day"))
        make_schedule(session, branch=cast.north, service=cast.renewal, horizon_days=7)
    return {"branch_id": cast.north.id, "service_id": cast.renewal.id}


def make(pair: dict[str, int]) -> int:
    with transaction() as session:
        return make_slots(session, **pair)


def change(pair: dict[str, int], **columns: object) -> int:
    with transaction() as session:
        schedule = session.scalars(
            select(SlotSchedule).where(SlotSchedule.branch_id == pair["branch_id"])
        ).one()
        for name, value in columns.items():
            setattr(schedule, name, value)
        session.flush()
        return make_slots(session, **pair)


def free(session: Session, pair: dict[str, int], day: dt.date) -> list[tuple[str, int]]:
    found = slots.free_slots(session, **pair, from_day=day, to_day=day)
    return [(f"{place.starts_at.astimezone(RIYADH):%H:%M}", place.free) for place in found]


def test_a_week_of_slots_is_made_once(pair: dict[str, int]) -> None:
    assert make(pair) == 6 * 6  # six working days from Sunday to Sunday, six half hours each
    assert make(pair) == 0
    with transaction() as session:
        assert free(session, pair, FRIDAY) == []
        assert free(session, pair, MONDAY) == [
            ("09:00", 2), ("09:30", 2), ("10:00", 2), ("10:30", 2), ("11:00", 2), ("11:30", 2)
        ]  # fmt: skip


def test_the_lead_closes_what_is_near(pair: dict[str, int]) -> None:
    make(pair)
    with (
        transaction() as session
    ):  # nine o'clock, an hour of lead: what starts at ten is closed, half past open
        assert free(session, pair, SUNDAY) == [("10:30", 2), ("11:00", 2), ("11:30", 2)]
    with clock.at(moment("09:30")), transaction() as session:
        assert [time for time, _free in free(session, pair, SUNDAY)] == ["11:00", "11:30"]


def test_a_holiday_removes_the_day_and_an_exception_gives_it_other_hours(pair: dict[str, int]) -> None:
    with transaction() as session:
        session.add(Holiday(day=MONDAY, name_ar="عطلة", name_en="Holiday"))
        opens = {"opens": dt.time(10), "closes": dt.time(11)}
        session.add(Holiday(day=MONDAY + dt.timedelta(days=1), name_ar="ن", name_en="Half day", **opens))
    make(pair)
    with transaction() as session:
        assert free(session, pair, MONDAY) == []
        assert free(session, pair, MONDAY + dt.timedelta(days=1)) == [("10:00", 2), ("10:30", 2)]


def test_a_year_without_known_holidays_is_an_error_not_open(pair: dict[str, int]) -> None:
    with clock.at(dt.datetime(2026, 12, 28, 9, tzinfo=RIYADH)), pytest.raises(MissingHolidaysError):
        make(pair)


def test_who_booked_a_time_that_is_not_made_any_more_keeps_it(cast: Cast, pair: dict[str, int]) -> None:
    make(pair)
    with transaction() as session:
        nine = session.scalars(select(Slot.id).where(Slot.starts_at == moment("09:30", MONDAY))).one()
        mine = booking.book(
            session, actor=VISITOR, slot_id=nine, service_id=pair["service_id"], person=cast.nora
        )
    change(pair, slot_minutes=60)
    with transaction() as session:
        slot = session.get_one(Slot, nine)
        assert (slot.is_closed, slot.booked, mine.state) == (True, 1, "booked")
        # the hour from nine has one desk left beside the person of half past nine
        assert free(session, pair, MONDAY) == [("09:00", 1), ("10:00", 2), ("11:00", 2)]
        with pytest.raises(SlotTakenError):
            slots.take(session, nine, service_id=pair["service_id"])
        booking.cancel(session, actor=VISITOR, appointment=session.merge(mine))
    make(pair)
    with transaction() as session:
        assert free(session, pair, MONDAY)[0] == ("09:00", 2)
    change(pair, slot_minutes=30)
    with transaction() as session:
        assert session.get_one(Slot, nine).is_closed is False


def test_fewer_desks_never_go_below_who_has_booked(cast: Cast, pair: dict[str, int]) -> None:
    make(pair)
    with transaction() as session:
        nine = session.scalars(select(Slot.id).where(Slot.starts_at == moment("09:00", MONDAY))).one()
        for person in (cast.nora, cast.raj):
            booking.book(session, actor=VISITOR, slot_id=nine, service_id=pair["service_id"], person=person)
    assert change(pair, capacity=1) == 6 * 6 - 1
    with transaction() as session:
        slot = session.get_one(Slot, nine)
        assert (slot.capacity, slot.booked) == (2, 2)
    assert make(pair) == 0


def test_a_service_no_longer_offered_closes_its_slots(pair: dict[str, int]) -> None:
    make(pair)
    with transaction() as session:
        session.delete(session.get_one(BranchService, (pair["branch_id"], pair["service_id"])))
        session.flush()
        make_slots(session, **pair)
        assert session.scalar(select(func.count()).select_from(Slot).where(Slot.is_closed.is_(False))) == 0


def test_pairs_are_those_with_schedules(cast: Cast, pair: dict[str, int]) -> None:
    with transaction() as session:
        assert making.pairs(session) == [(cast.north.id, cast.renewal.id)]
        assert making.pairs(session, branch_id=cast.harbour.id) == []


@pytest.mark.parametrize(
    ("lead", "until"),
    [
        (dt.timedelta(), moment("09:00", MONDAY)),
        (dt.timedelta(minutes=30), moment("08:30", MONDAY)),
        (dt.timedelta(hours=36), MORNING - dt.timedelta(hours=12)),
        (dt.timedelta(days=1), moment("00:00", MONDAY)),  # all of the day before, nothing on the day itself
        (dt.timedelta(days=2), moment("00:00", SUNDAY)),
    ],
)
def test_a_lead_of_days_counts_days_any_other_counts_from_the_start(
    lead: dt.timedelta, until: dt.datetime
) -> None:
    assert book_until(moment("09:00", MONDAY), lead, ZONE) == until
