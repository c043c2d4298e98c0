"""Open cases have an age, a unit that works on them and perhaps a passed deadline; all of them count."""

import datetime as dt
from typing import Any

import pytest

from govdesk import clock
from govdesk.cases.file_models import CaseDesk
from govdesk.db import reading, transaction
from govdesk.kpi import ageing, service
from govdesk.kpi.question import Scope
from tests.flows import office_days as day
from tests.kpi_makers import make_case
from tests.makers import Cast, moment

NOON = moment("12:00")


@pytest.fixture
def open_ones(cast: Cast) -> Cast:
    """Seen on 4 October at noon: aged exactly 7 days, 7 days and a second, 20, 40 (imported: 10), 95, 95."""
    renewal: dict[str, Any] = {"branch": cast.north, "service": cast.renewal, "days": None}
    with transaction() as session:
        for age in (dt.timedelta(days=7), dt.timedelta(days=7, seconds=1), dt.timedelta(days=20)):
            make_case(session, opened=(NOON - age).isoformat(), due=10, **renewal)
        make_case(
            session, opened=(NOON - dt.timedelta(days=40)).isoformat(), due=35,
            observed_until=NOON - dt.timedelta(days=30), **renewal,
        )  # fmt: skip
        old = (NOON - dt.timedelta(days=95)).isoformat()
        passport = make_case(session, branch=cast.north, service=cast.passport, days=None, opened=old)
        session.add(CaseDesk(case_id=passport.id, branch_id=cast.harbour.id))
        make_case(session, opened=old, withdrawn_on=dt.date(2026, 9, 1), **renewal)
        make_case(session, opened=old, branch=cast.north, service=cast.passport, days=3)
    return cast


def read(**asked: Any) -> tuple[list[ageing.Age], list[ageing.Age]]:
    with clock.at(day.when(0, "12:00")):
        return ageing.ages(reading(), service.ask(reading(), **asked))


def test_each_is_in_the_class_of_its_age(open_ones: Cast) -> None:
    passport, renewal = read()[0]
    assert (passport.group, passport.classes) == ("passport", [0, 0, 0, 0, 0, 1])
    assert (renewal.group, renewal.classes) == ("renewal", [0, 3, 1, 0, 0, 0])
    assert (renewal.overdue, renewal.oldest) == (1, 20.0)  # the imported one was in time until its file ended
    assert (passport.without_deadline, passport.oldest) == (1, 95.0)


def test_a_case_is_with_the_unit_that_works_on_it(open_ones: Cast) -> None:
    harbour, north = read()[1]
    assert (harbour.group, harbour.n, harbour.free) == ("harbour", 1, 1)
    assert (north.group, north.n, north.free) == ("north", 4, 0)  # those made here alone can be taken in hand
    whole = ageing.total([harbour, north])
    assert (whole.n, whole.overdue, whole.oldest, whole.classes) == (5, 1, 95.0, [0, 3, 1, 0, 0, 1])


def test_nobody_sees_another_place(open_ones: Cast) -> None:
    mine = Scope(frozenset({(open_ones.harbour.id, None)}))
    assert [(one.group, one.n) for one in read(scope=mine)[1]] == [("harbour", 1)]


def test_nothing_open_is_nothing(cast: Cast) -> None:
    assert read() == ([], [])
