"""How fast people come back, for what, and what it costs: nothing hides behind a window or another code."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_person, moment

MAY = "05-10"


def total(key: str, **asked: object) -> Row:
    return service.figure(reading(), key, **asked).total  # type: ignore[arg-type]


def came(session: Session, cast: Cast, *days: str, **last: Any) -> Visit:
    """Somebody's renewals at the north on these days; what is said besides is said of the last one."""
    at: dict[str, Any] = {
        "branch": cast.north, "service": cast.renewal, "person": make_person(session), "unit": "north/civil",
    }  # fmt: skip
    made = [make_visit(session, day, **at, **(last if day == days[-1] else {})) for day in days]
    return made[-1]


@pytest.fixture
def spring(cast: Cast) -> Cast:
    """Returns after 5, 9, 20, 40 and 100 days, a planned step, two visits too young; seen on 4 October."""
    with transaction() as session:
        for back in ("05-15", "05-19", "05-30", "06-19", "08-18"):
            came(session, cast, MAY, back)
        plan = {"plan_made_at": moment("10:05", dt.date(2026, 5, 10)), "plan_reason": "collect_document"}
        came(session, cast, MAY, "05-22", plan_due=dt.date(2026, 5, 22), **plan)
        came(session, cast, "09-12")
        came(session, cast, "09-12", "09-17")
        reclassify_all(session)
    return cast


def test_the_curve_goes_on_where_the_window_ends(spring: Cast) -> None:
    # eleven first and planned visits: two return after 5 days, one each after 9, 20 and 40; one is seen for
    # 20 days and one for 45: S = 9/11, 8/11, 7/11, and 5/6 of that
    row = total("returned_in_90_days")
    assert row.value == pytest.approx(31 / 66)
    assert (row.n, row.pending) == (8, 3)
    curve = {point["days"]: (point["share"], point["at_risk"]) for point in row.detail["curve"]}
    assert curve[7] == (pytest.approx(2 / 11), 9)
    assert curve[14] == (pytest.approx(3 / 11), 8)
    assert curve[30] == (pytest.approx(4 / 11), 6)
    assert curve[90] == (pytest.approx(31 / 66), 4)
    assert [point["judged"] for point in row.detail["curve"]] == ["failure"] * 3 + ["later"]


def test_what_was_not_known_then_is_not_in_the_curve(spring: Cast) -> None:
    then = moment("12:00", dt.date(2026, 5, 21))  # two days for late records: seen until the 19th
    row = total("returned_in_90_days", as_of=then)
    assert (row.value, row.n, row.pending) == (None, 0, 6)
    curve = {point["days"]: point["share"] for point in row.detail["curve"]}
    assert (curve[7], curve[14]) == (pytest.approx(1 / 6), None)


def test_the_shadow_sees_who_came_back_under_another_code(spring: Cast) -> None:
    assert (total("shadow_repeat_rate").numerator, total("repeat_visit_rate").numerator) == (3, 3)
    with transaction() as session:
        first = came(session, spring, "08-01")
        at: dict[str, Any] = {"branch": spring.harbour, "person": first.person}
        make_visit(session, "08-20", service=spring.passport, **at)
        make_visit(session, "09-01", service=spring.passport, reason="recall", **at)
        reclassify_all(session)
    shadow, same = total("shadow_repeat_rate"), total("repeat_visit_rate")
    assert (shadow.numerator, same.numerator) == (4, 3)
    assert shadow.denominator == same.denominator == 11
    assert (shadow.detail["same_need"], shadow.pending) == (3, same.pending)


def test_planned_steps_are_a_share_of_all_attended(spring: Cast) -> None:
    row = total("planned_share")
    assert (row.numerator, row.denominator) == (1, 15)


def test_a_repeat_costs_the_hall_and_the_counter_all_its_tickets(cast: Cast) -> None:
    ten = dt.datetime(2026, 8, 20, 10, tzinfo=moment("10:00").tzinfo)
    with transaction() as session:
        came(session, cast, "08-10", "08-20", minutes=40, served_at=ten + dt.timedelta(minutes=10))
        back = session.scalars(select(Visit).where(Visit.started_on == dt.date(2026, 8, 20))).one()
        passed: dict[str, Any] = {"transfer_of": back.visit_no, "person": back.person, "unit": "north/cash"}
        make_visit(
            session, "08-20", at="10:40", minutes=20, branch=cast.north, service=cast.renewal, **passed
        )
        door = {"status": "turned_away", "served_at": None, "reason": "missing_document", "minutes": 6}
        came(session, cast, "08-11", "08-21", **door)
        reclassify_all(session)
    staff, hall = total("repeat_staff_hours"), total("repeat_hall_hours")
    assert [staff.value, hall.value] == pytest.approx([50 / 60, 66 / 60])  # 30 + 20; 60 + 6
    assert (staff.n, staff.data_quality["without_service"]) == (2, 1)
    assert staff.interval == pytest.approx((0, 50 / 60 + 1.959963984540054 * 50 / 60))
    found = service.figure(reading(), "repeat_hall_hours", by=["unit", "cause"])
    assert [(row.group["unit"], row.group["cause"], row.n) for row in found.rows] == [
        ("north/civil", "missing_document", 1),
        ("north/civil", None, 1),
    ]


def test_without_repeats_there_is_no_cost_to_tell(cast: Cast) -> None:
    assert total("repeat_staff_hours").value is None
    assert total("returned_in_90_days").value is None
    assert total("shadow_repeat_rate").value is None
