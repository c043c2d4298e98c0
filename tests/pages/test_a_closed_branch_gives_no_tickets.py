"""While a branch or a service is shut nobody gets a ticket; they learn until when and where else."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from govdesk import clock, i18n
from govdesk.booking.hours.closures import closure_of
from govdesk.booking.schedule.models import ScheduleException
from govdesk.db import reading, transaction
from govdesk.queue import service
from govdesk.queue.models import Ticket
from tests.desk import Desk
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment

DAY = dt.timedelta(days=1)
KIOSK, TAKE = "/kiosk/north", "/kiosk/north/services/renewal"


def shut(cast: Cast, *, days: int = 1, of_renewal: bool = False, **columns: dt.time) -> None:
    with transaction() as session:
        session.add(
            ScheduleException(
                branch_id=cast.north.id, service_id=cast.renewal.id if of_renewal else None, kind="shut",
                first_on=SUNDAY, last_on=SUNDAY + (days - 1) * DAY, name_ar="تسرب مياه",
                name_en="Water leak", **columns,
            )
        )  # fmt: skip


def tickets() -> int:
    reading().rollback()
    return reading().scalar(select(func.count(Ticket.id))) or 0


def test_the_kiosk_says_why_and_until_when_and_gives_nothing(cast: Cast, desk: Desk) -> None:
    before = desk.get(TAKE, language="en")
    shut(cast, days=2)
    for path in (KIOSK, TAKE):
        shown = desk.get(path, language="en")
        assert "The branch is closed for this time: Water leak." in shown.main
        assert "It opens on Tuesday 6 October 2026 at 08:00" in shown.main
        assert "book a time with your phone" in shown.main
    assert desk.get(KIOSK, language="ar").main.count("تسرب مياه") == 1
    assert desk.submit(before, status=409).heading == "The branch is closed now"
    assert tickets() == 0


def test_only_the_hours_that_are_shut_are_shut(cast: Cast, desk: Desk) -> None:
    shut(cast, starts=dt.time(10), ends=dt.time(12))
    for clock_time, status in (("09:59", 302), ("10:00", 409), ("11:59", 409), ("12:00", 302)):
        shown = desk.get(TAKE)
        with clock.at(moment(clock_time)):
            assert desk.submit(shown).status == status


def test_one_service_that_is_shut_stops_no_other_and_names_where_it_is_open(cast: Cast, desk: Desk) -> None:
    shut(cast, of_renewal=True)
    refused = desk.post(TAKE, language="en")
    assert refused.status == 409
    assert "No tickets are given for this here now: Water leak." in refused.main
    assert "Open for it now: Harbour Branch." in refused.main
    assert tickets() == 0
    assert desk.post("/kiosk/north/services/passport", status=302).location
    assert desk.post("/kiosk/harbour/services/renewal", status=302).location


def test_reception_gives_none_either_but_counts_who_is_sent_home(
    cast: Cast, sign_in: Callable[[str], Desk]
) -> None:
    shut(cast, starts=dt.time(8), ends=dt.time(11))
    reception = sign_in("reem")
    desk = reception.get("/reception/north", language="en")
    assert "The branch is closed now: Water leak. No tickets are given until" in desk.main
    given = {"service": "renewal", "priority": "none", "language": "ar"}
    refused = reception.submit(desk, given, action="/reception/north/tickets")
    assert refused.status == 409
    assert "Water leak" in refused.errors()["service"]
    assert "Harbour Branch" in refused.errors()["service"]
    assert tickets() == 0
    away = {"service": "renewal", "cause": "system"}
    reception.post("/reception/north/turned-away", away, status=302)
    assert tickets() == 1


def test_who_has_an_appointment_in_that_time_is_not_shut_out(cast: Cast) -> None:
    shut(cast)
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("09:30"))
        mine = make_appointment(session, slot=slot, person=cast.nora)
        ticket = service.check_in(session, actor=cast.staff["reem"].actor, appointment=mine)
        assert ticket.state == "waiting"


@pytest.mark.parametrize(("language", "words"), [("ar", "تسرب مياه"), ("en", "Water leak")])
def test_closures_that_join_each_other_are_one(cast: Cast, language: str, words: str) -> None:
    shut(cast, starts=dt.time(8), ends=dt.time(12))
    shut(cast, starts=dt.time(12), ends=dt.time(0))
    with transaction() as session:
        session.add(
            ScheduleException(
                branch_id=cast.north.id, kind="shut", first_on=SUNDAY + DAY, last_on=SUNDAY + DAY,
                starts=dt.time(0), ends=dt.time(9), name_ar="ب", name_en="B",
            )
        )  # fmt: skip
        session.flush()
        closure = closure_of(session, cast.north)
        assert closure is not None
        assert closure.until == moment("09:00", SUNDAY + DAY)
        with i18n.speaking(language):
            assert closure.words == words
    with transaction() as session:
        assert closure_of(session, cast.harbour) is None
