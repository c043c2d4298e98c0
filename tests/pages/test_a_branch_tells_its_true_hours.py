"""A branch says its true hours and the next change: by season, holiday, closure, and its own clock."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking.schedule.models import ScheduleException
from govdesk.catalog import holidays, seasons
from govdesk.catalog.entries import HoursEntry
from govdesk.catalog.models import BranchHours
from govdesk.db import transaction
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, moment

DAY = dt.timedelta(days=1)
PAGES = ("/branches", "/branches/north", "/")


def said(desk: Desk, at: dt.datetime, language: str, path: str = "/branches/north") -> str:
    with clock.at(at):
        return desk.get(path, language=language, status=200).main


@pytest.fixture
def ramadan(cast: Cast) -> None:
    """Ten to three on Sunday to Thursday of this week, in all branches."""
    week = [HoursEntry(day, dt.time(10), dt.time(15)) for day in (6, 0, 1, 2, 3)]
    with transaction() as session:
        seasons.declare(
            session, actor=SYSTEM, name_ar="شهر رمضان", name_en="Ramadan", first_on=SUNDAY,
            last_on=SUNDAY + 6 * DAY, week=week,
        )  # fmt: skip


@pytest.mark.usefixtures("ramadan")
def test_in_a_season_its_hours_hold_on_every_page(desk: Desk) -> None:
    for path in PAGES:
        assert "Open until 15:00" in said(desk, moment("11:00"), "en", path)
        assert "مفتوح حتى ١٥:٠٠" in said(desk, moment("11:00"), "ar", path)
        assert "Closed now. Opens today 10:00" in said(desk, moment("09:00"), "en", path)
        assert "Closed now. Opens tomorrow 10:00" in said(desk, moment("15:00"), "en", path)
    page = said(desk, moment("09:00"), "en")
    assert "10:00–15:00" in page
    assert "Ramadan" in page
    assert "شهر رمضان" in said(desk, moment("09:00"), "ar")
    assert "Closed today. Opens Sunday 08:00" in said(desk, moment("09:00", SUNDAY + 5 * DAY), "en")


def test_a_season_without_hours_is_why_it_is_shut(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        seasons.declare(
            session, actor=SYSTEM, name_ar="العطلة الصيفية", name_en="Summer break", first_on=SUNDAY,
            last_on=SUNDAY + 13 * DAY, week=[], branch=cast.north,
        )  # fmt: skip
    assert "Closed today: Summer break. Opens Sunday 18 October, 08:00" in said(desk, moment("09:00"), "en")


def test_a_holiday_is_named_with_the_day_after_it(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        for day in (SUNDAY, SUNDAY + DAY):
            holidays.declare(session, actor=SYSTEM, day=day, name_ar="اليوم الوطني", name_en="National Day")
    for path in PAGES:
        told = said(desk, moment("09:00"), "en", path)
        assert "Closed today: National Day. Opens Tuesday 08:00" in told
        assert "Open until" not in told
    assert "مغلق اليوم: اليوم الوطني، ويفتح الثلاثاء الساعة ٠٨:٠٠" in said(desk, moment("09:00"), "ar")
    assert "It opens on Tuesday 6 October 2026" in said(desk, moment("09:00"), "en", "/kiosk/north")
    assert "National Day" in said(desk, moment("09:00"), "en", "/kiosk/north")


def test_a_holiday_at_other_hours_is_open_in_them(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        holidays.declare(
            session, actor=SYSTEM, day=SUNDAY, name_ar="وقفة", name_en="Eve", branch=cast.north,
            hours=(dt.time(9), dt.time(11)),
        )  # fmt: skip
    assert "Open until 11:00" in said(desk, moment("09:00"), "en")
    assert "Closed now. Opens tomorrow 08:00" in said(desk, moment("11:00"), "en")
    assert "Eve" in said(desk, moment("11:00"), "en")
    assert "Open until 16:00" in said(desk, moment("11:00"), "en", "/branches/harbour")


def test_a_closure_ends_the_opening_and_is_named(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        for starts, ends, day in ((dt.time(12), dt.time(14), SUNDAY), (None, None, SUNDAY + DAY)):
            session.add(
                ScheduleException(
                    branch_id=cast.north.id, kind="shut", first_on=day, last_on=day, starts=starts,
                    ends=ends, name_ar="صيانة", name_en="Repairs",
                )
            )  # fmt: skip
    for path in PAGES:
        assert "Open until 12:00" in said(desk, moment("09:00"), "en", path)
        assert "Closed now: Repairs. Opens today 14:00" in said(desk, moment("12:00"), "en", path)
        assert "Open until 16:00" in said(desk, moment("14:00"), "en", path)
        assert "Closed now. Opens Tuesday 08:00" in said(desk, moment("16:00"), "en", path)
    assert "08:00–12:00" in said(desk, moment("09:00"), "en")
    assert "14:00–16:00" in said(desk, moment("09:00"), "en")
    assert "مغلق اليوم: صيانة، ويفتح غدًا ٠٨:٠٠" in said(desk, moment("09:00", SUNDAY + DAY), "ar")
    assert "It opens on Tuesday 6 October 2026" in said(desk, moment("17:00"), "en", "/kiosk/north")


def test_a_branch_keeps_its_own_clock(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        session.merge(cast.north).timezone = "Asia/Dubai"  # an hour ahead
        holidays.declare(
            session, actor=SYSTEM, day=SUNDAY + DAY, name_ar="عطلة", name_en="Founding Day", branch=cast.north
        )
    assert "Open until 16:00" in said(desk, moment("07:30"), "en")  # half past eight there
    assert "Closed now. Opens Tuesday 08:00" in said(desk, moment("22:30"), "en")
    assert "Closed today: Founding Day. Opens tomorrow 08:00" in said(desk, moment("23:30"), "en")


def test_a_branch_without_any_hours_promises_nothing(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        session.merge(cast.north).hours = []
    told = said(desk, moment("09:00"), "en")
    assert "Closed today" in told
    assert "Opens" not in told


def test_who_is_never_shut_is_open_day_and_night(cast: Cast, desk: Desk) -> None:
    with transaction() as session:
        always = [BranchHours(weekday=day, opens=dt.time(0), closes=dt.time(0)) for day in range(7)]
        session.merge(cast.north).hours = always
    assert "Open day and night" in said(desk, moment("09:00"), "en")
