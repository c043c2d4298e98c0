"""What else a head asks for, by hand: who is turned away, the slowest tenth, the digital share, the cost."""

import datetime as dt
from typing import Any

import pytest

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenarios import avoid_visit, describe_scenario
from govdesk.db import reading, transaction
from govdesk.kpi import service as kpi
from govdesk.kpi.figures import Row
from govdesk.kpi.question import Scope
from tests.kpi_makers import make_case, make_visit, make_wait
from tests.makers import SUNDAY, Cast, make_appointment, make_person, make_slot, make_ticket, moment

DAY_BEFORE = dt.date(2026, 9, 30)
LATER = moment("12:00", SUNDAY + dt.timedelta(days=3))


def total(key: str, *, scope: Scope | None = None, as_of: dt.datetime = LATER) -> Row:
    reading().rollback()
    return kpi.figure(reading(), key, as_of=as_of, scope=scope or Scope()).total


def test_turned_away_at_the_desk_and_at_the_door_are_a_share_of_all_who_came(cast: Cast) -> None:
    where: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        for _ in range(5):
            make_wait(session, arrived="09:00", called="09:10", ended="09:20", **where)
        make_wait(session, arrived="09:00", called="09:10", ended="09:20", status="turned_away", **where)
        make_wait(session, arrived="09:00", ended="09:01", status="turned_away", **where)  # at the door
        make_wait(session, arrived="09:00", ended="09:30", **where)  # left
        make_wait(session, arrived="09:00", ended="17:00", status="closed_unserved", **where)
    row = total("turned_away_rate")
    assert (row.numerator, row.denominator, row.value) == (2, 8, 0.25)
    assert row.data_quality == {"closed_at_night": 1}
    assert total("abandonment_rate").numerator == 1


def test_nine_of_ten_were_called_within_a_wait_that_happened(cast: Cast) -> None:
    with transaction() as session:
        for minutes in range(1, 41):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00",
                called=f"09:{minutes:02}", ended="10:00",
            )  # fmt: skip
    row = total("waiting_p90")
    assert (row.value, row.n, row.unit, row.detail["median"]) == (36, 40, "minutes", 20)
    assert list(row.interval or ()) == [32, 40]  # Bin(40, 0.9): P(B < 32) = 0.0155, P(B >= 40) = 0.0148
    assert total("waiting_time").detail["p90"] == 36


def test_the_digital_share_counts_each_need_where_it_was_first_dealt_with(cast: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, capacity=9)
        bookings = []
        for channel in ("web", "web", "api", "phone", "reception"):
            person = make_person(session, kind="citizen")
            bookings.append(make_appointment(session, slot=slot, person=person, channel=channel))
        came = bookings[-1].id
        make_ticket(session, branch=cast.north, service=cast.renewal, appointment_id=came)
        make_ticket(session, branch=cast.north, service=cast.renewal, is_remote=True)
        walked_in = make_ticket(session, branch=cast.north, service=cast.deed, person=cast.raj)
        make_ticket(session, branch=cast.north, service=cast.deed, stage=2, transferred_from_id=walked_in.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        online = describe_scenario(
            session, actor=SYSTEM, service=renewal, code="online", name_ar="أ", name_en="a",
            action="online", link="https://example.org",
        )  # fmt: skip
        avoid_visit(session, scenario=online)
    row = total("digital_share")
    assert (row.numerator, row.denominator, row.value) == (5, 8, 0.625)
    assert row.detail == {
        "guide": 1, "booked_online": 3, "ticket_from_elsewhere": 1, "booked_by_staff": 2, "walked_in": 1,
    }  # fmt: skip
    by_service = kpi.figure(reading(), "digital_share", by=["service"], as_of=LATER).rows
    assert {one.group["service"]: (one.numerator, one.denominator) for one in by_service} == {
        "renewal": (5, 7), "deed": (0, 1),
    }  # fmt: skip
    by_kind = kpi.figure(reading(), "digital_share", by=["kind"], as_of=LATER).rows
    assert {one.group["kind"]: (one.numerator, one.denominator) for one in by_kind} == {
        "citizen": (3, 5), "resident": (0, 1), None: (1, 1),
    }  # fmt: skip
    north = total("digital_share", scope=Scope(branch_id=cast.north.id))
    assert (north.numerator, north.denominator) == (4, 7)


def test_a_case_costs_the_minutes_of_all_its_visits(cast: Cast) -> None:
    where: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        once = make_case(session, opened="2026-10-01T09:00:00+03:00", days=0.1, **where)
        twice = make_case(session, opened="2026-09-20T09:00:00+03:00", days=11, **where)
        unknown = make_case(session, opened="2026-10-01T09:00:00+03:00", days=0.1, **where)
        still_open = make_case(session, opened="2026-10-01T09:00:00+03:00", days=None, **where)
        make_visit(session, "10-01", person=None, minutes=12, case_id=once.id, **where)
        make_visit(session, "09-20", person=None, minutes=10, case_id=twice.id, **where)
        make_visit(session, "10-01", person=None, minutes=26, case_id=twice.id, **where)
        make_visit(session, "10-01", person=None, minutes=99, case_id=still_open.id, **where)
        assert unknown.id
    row = total("staff_minutes_per_case")
    assert (row.value, row.n, row.excluded, row.unit) == (24, 2, 1, "minutes")  # 12 and 36
    assert row.interval == pytest.approx((0, 24 + 152.474), abs=0.01)  # t(1) = 12.7062, standard error 12
    assert row.detail == {"median": 12, "p90": 36, "staff_minutes": 48, "visits": 3}
    assert total("staff_minutes_per_case", as_of=moment("09:00", DAY_BEFORE)).value is None


def test_of_an_empty_house_there_is_no_data(cast: Cast) -> None:
    for key in ("turned_away_rate", "waiting_p90", "digital_share", "staff_minutes_per_case"):
        row = total(key)
        assert (row.value, row.n, row.interval) == (None, 0, None)
