"""A branch learns from its own events how long things take; learning again gives the same digits."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.queue import counters, lessons, service
from govdesk.queue.learned_models import ServedHour, ServicePace
from govdesk.queue.learning import ANY_HOUR
from tests.makers import SUNDAY, Cast, moment


@pytest.fixture
def seated(cast: Cast) -> Cast:
    """Omar sits at counter 1 of the north."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    return cast


def serve(cast: Cast, came: str, called: str, ended: str) -> int:
    """Somebody for a renewal comes, is called and served."""
    with clock.at(moment(came)), transaction() as session:
        one = service.issue(
            session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal
        ).id
    officer = cast.staff["omar"].actor
    with clock.at(moment(called)), transaction() as session:
        service.call_next(session, actor=officer)
    with clock.at(moment(ended)), transaction() as session:
        service.conclude(session, actor=officer, ticket_id=one, outcome="resolved")
    return one


def leave(cast: Cast, came: str, left: str) -> None:
    with clock.at(moment(came)), transaction() as session:
        one = service.issue(
            session, actor=cast.staff["reem"].actor, branch=cast.north, service=cast.renewal
        ).id
    with clock.at(moment(left)), transaction() as session:
        service.abandon(session, actor=cast.staff["reem"].actor, ticket_id=one)


def learn(at: str, day: dt.date = SUNDAY) -> int:
    with clock.at(moment(at, day)):
        return lessons.run_learn()


def rows(model: Any) -> list[tuple[Any, ...]]:
    reading().rollback()
    columns = model.__table__.columns
    return sorted(tuple(row) for row in reading().execute(select(*columns)))


def test_the_hours_hold_what_took_a_counter_and_who_left(seated: Cast) -> None:
    serve(seated, "09:00", "09:05", "09:17")
    leave(seated, "09:20", "09:50")
    serve(seated, "09:50", "09:55", "10:05")
    assert learn("10:10") == 2
    where = (seated.north.id, seated.renewal.id, SUNDAY)
    assert rows(ServedHour) == [(*where, 9, [720], 2100, 1), (*where, 10, [600], 300, 0)]
    assert learn("10:11") == 0  # nothing has happened since


def test_the_pace_follows_and_an_hour_without_data_has_that_of_the_day(seated: Cast) -> None:
    assert lessons.paces(reading(), seated.north.id, 9) == {}
    serve(seated, "09:00", "09:05", "09:35")
    learn("10:10")
    at_nine, at_noon = (lessons.paces(reading(), seated.north.id, hour) for hour in (9, 12))
    mean = (20 * 10 + 30) / 21  # declared: ten minutes
    factor = (20 + 30 / mean) / 21
    day = (20 * mean * factor + 30) / 21
    assert at_noon[seated.renewal.id].minutes == pytest.approx(day)
    assert at_nine[seated.renewal.id].minutes == pytest.approx((20 * day + 30) / 21)


def test_what_is_closed_at_night_teaches_nothing(seated: Cast) -> None:
    with clock.at(moment("09:00")), transaction() as session:
        service.issue(session, actor=seated.staff["reem"].actor, branch=seated.north, service=seated.renewal)
    with clock.at(moment("09:05")), transaction() as session:
        service.call_next(session, actor=seated.staff["omar"].actor)
    night = moment("00:10", SUNDAY + dt.timedelta(days=1))
    with clock.at(night), transaction() as session:
        service.close_day(session, branch=session.merge(seated.north))
    assert learn("00:20", SUNDAY + dt.timedelta(days=1)) == 0
    assert rows(ServicePace) == []


def test_learning_again_from_the_events_gives_the_same_digits(seated: Cast) -> None:
    for number, minutes in enumerate((7, 12, 9, 31, 8, 11, 10, 14, 9, 13)):
        hour = 8 + number // 2
        start = f"{hour:02}:{5 + 25 * (number % 2):02}"
        serve(
            seated,
            f"{hour:02}:00",
            start,
            f"{hour + (number % 2 and minutes > 29):02}:{(5 + 25 * (number % 2) + minutes) % 60:02}",
        )
        learn(f"{hour:02}:59")
    leave(seated, "13:10", "13:45")
    learn("13:59")
    at_once = rows(ServedHour), rows(ServicePace)
    with clock.at(moment("14:30")), transaction() as session:
        lessons.rebuild(session)
    assert (rows(ServedHour), rows(ServicePace)) == at_once
    assert {row[2] for row in at_once[1]} >= {ANY_HOUR, 8, 12}


def test_who_is_taken_back_is_learned_where_they_end(seated: Cast) -> None:
    officer = seated.staff["omar"].actor
    with clock.at(moment("09:00")), transaction() as session:
        one = service.issue(
            session, actor=seated.staff["reem"].actor, branch=seated.north, service=seated.renewal
        ).id
    for at, verb in (("09:05", "call_next"), ("09:08", "noshow")):
        with clock.at(moment(at)), transaction() as session:
            getattr(service, verb)(session, actor=officer, **({"ticket_id": one} if verb == "noshow" else {}))
    assert learn("09:30") == 1
    with clock.at(moment("09:40")), transaction() as session:
        service.take_back(session, actor=officer, ticket_id=one)
    with clock.at(moment("09:50")), transaction() as session:
        service.call_next(session, actor=officer)
    with clock.at(moment("10:00")), transaction() as session:
        service.conclude(session, actor=officer, ticket_id=one, outcome="resolved")
    assert learn("10:10") == 2  # nine o'clock is empty again
    assert [row[3:] for row in rows(ServedHour)] == [(10, [13 * 60], 300, 0)]


def test_what_is_old_teaches_nothing_and_is_forgotten(seated: Cast) -> None:
    serve(seated, "09:00", "09:05", "09:35")
    learn("10:10")
    later = SUNDAY + dt.timedelta(days=50)
    with clock.at(moment("10:00", later)), transaction() as session:
        lessons.learn(session)
        assert lessons.forget_old(session) == 1
    assert rows(ServicePace) == rows(ServedHour) == []
