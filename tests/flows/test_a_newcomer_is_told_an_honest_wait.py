"""A newcomer is told a range from the branch's own data, by the branch's own policy; never a point."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.queue import counters, estimates, live, service
from govdesk.queue.learned_models import ServicePace
from govdesk.queue.models import Ticket
from tests.makers import Cast, make_appointment, make_slot, moment


@pytest.fixture
def seated(cast: Cast) -> Cast:
    """Omar sits at counter 1 of the north, which serves everything."""
    sit(cast, "omar", cast.north_1.id)
    return cast


def sit(cast: Cast, officer: str, counter_id: int) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff[officer].actor, counter_id=counter_id)


def arrive(cast: Cast, at: str = "09:00", **given: object) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options)  # type: ignore[arg-type]


def call(cast: Cast, at: str, officer: str = "omar") -> None:
    with clock.at(moment(at)), transaction() as session:
        service.call_next(session, actor=cast.staff[officer].actor)


def told(cast: Cast, at: str = "09:00", wanted: PublicService | None = None) -> estimates.Quote | None:
    reading().rollback()
    with clock.at(moment(at)):
        quotes = {row.id: quote for row, _count, quote in live.waits(reading(), cast.north)}
    return quotes[(wanted or cast.renewal).id]


def know(cast: Cast, minutes: float, *, spread: float = 1.0, patience_rate: float = 0.0) -> None:
    """Let the renewal at the north have this pace."""
    with transaction() as session:
        session.merge(
            ServicePace(
                branch_id=cast.north.id,
                service_id=cast.renewal.id,
                hour=-1,
                minutes=minutes,
                spread=spread,
                count=500,
                patience_rate=patience_rate,
            )
        )


def test_ten_minutes_one_desk_one_waiting_is_a_range(seated: Cast) -> None:
    arrive(seated)
    call(seated, "09:00")
    arrive(seated)
    assert told(seated) == estimates.Quote(1, 5, 40)  # two exponential services: 5.3 to 38.9 minutes


def test_a_free_counter_is_promised_within_two_minutes(seated: Cast) -> None:
    assert told(seated) == estimates.Quote(0, 0, 2)


def test_nothing_is_said_while_no_counter_serves(cast: Cast) -> None:
    assert told(cast) is None
    assert arrive(cast).quoted_high is None


def test_what_was_learned_replaces_what_was_declared(seated: Cast) -> None:
    for _ in range(3):
        arrive(seated)
    slow = told(seated)
    know(seated, 5.0)
    quick = told(seated)
    assert slow is not None
    assert quick is not None
    assert quick.high == pytest.approx(slow.high / 2, abs=5)


def test_services_that_always_last_the_same_are_told_more_closely(seated: Cast) -> None:
    call_first = arrive(seated)
    call(seated, "09:00")
    for _ in range(5):
        arrive(seated)
    wide = told(seated, "09:01")
    know(seated, 10.0, spread=0.2)
    close = told(seated, "09:01")
    assert call_first.quoted_high == 2
    assert wide is not None
    assert close is not None
    assert wide.low < close.low < 60 < close.high < wide.high


def test_people_who_lose_patience_shorten_the_wait(seated: Cast) -> None:
    for _ in range(9):
        arrive(seated)
    patient = told(seated)
    know(seated, 10.0, patience_rate=0.03)
    impatient = told(seated)
    assert patient is not None
    assert impatient is not None
    assert impatient.high < 0.75 * patient.high


def test_a_line_for_another_counter_is_no_line(cast: Cast) -> None:
    with transaction() as session:
        session.merge(cast.north_1).service_ids = [cast.passport.id]
        session.merge(cast.north_2).service_ids = [cast.renewal.id]
    sit(cast, "omar", cast.north_1.id)
    sit(cast, "othman", cast.north_2.id)
    for _ in range(4):
        arrive(cast, service=cast.passport)
    assert told(cast) == estimates.Quote(0, 0, 2)
    waiting = told(cast, wanted=cast.passport)
    assert waiting is not None
    assert waiting.low > 10


def test_an_appointment_ahead_or_to_come_is_counted(seated: Cast) -> None:
    arrive(seated)
    call(seated, "09:00")
    before = told(seated, "09:01")
    with transaction() as session:
        slot = make_slot(
            session, branch=seated.north, service=seated.renewal, starts_at=moment("09:05"), capacity=3
        )
        for person in (seated.nora, seated.raj, seated.vera):
            make_appointment(session, slot=slot, person=person)
    expected = told(seated, "09:01")
    assert before is not None
    assert expected is not None
    assert expected.ahead == before.ahead == 0
    assert expected.high > before.high + 10


def test_a_priority_is_told_a_shorter_wait_than_a_walk_in(seated: Cast) -> None:
    arrive(seated)
    call(seated, "09:00")
    for minute in range(1, 6):
        arrive(seated, f"09:0{minute}")
    plain = arrive(seated, "09:06")
    favoured = arrive(seated, "09:06", priority="elderly")
    assert plain.quoted_high is not None
    assert favoured.quoted_high is not None
    assert favoured.quoted_high < plain.quoted_high


def test_an_early_appointment_is_told_no_less_than_its_own_minute(seated: Cast) -> None:
    with transaction() as session:
        slot = make_slot(
            session, branch=seated.north, service=seated.renewal, starts_at=moment("09:30"), capacity=1
        )
        appointment = make_appointment(session, slot=slot, person=seated.nora)
    with transaction() as session:
        given = service.check_in(
            session, actor=seated.staff["reem"].actor, appointment=session.merge(appointment)
        )
    assert given.quoted_low == 30
    assert given.quoted_high is not None
    assert given.quoted_high > 30


def test_the_same_state_at_the_same_minute_is_told_alike_everywhere(seated: Cast) -> None:
    arrive(seated)
    call(seated, "09:00")
    for service_ in (seated.passport, seated.renewal, seated.deed):
        arrive(seated, "09:02", service=service_)
    said = told(seated, "09:03")
    ticket = arrive(seated, "09:03")
    assert said is not None
    assert (ticket.quoted_low, ticket.quoted_high) == (said.low, said.high)
    with clock.at(moment("09:03")):
        assert live.place_of(reading(), reading().get_one(Ticket, ticket.id)) is not None


def test_who_waits_behind_is_told_more_and_nobody_a_point(seated: Cast) -> None:
    tickets = [arrive(seated, f"09:{minute:02}") for minute in range(12)]
    reading().rollback()
    with clock.at(moment("09:12") + dt.timedelta(seconds=30)):
        quotes = [live.place_of(reading(), reading().get_one(Ticket, ticket.id)) for ticket in tickets]
    known = [quote for quote in quotes if quote is not None]
    assert [quote.ahead for quote in known] == list(range(12))
    assert [quote.high for quote in known] == sorted(quote.high for quote in known)
    assert all(quote.low < quote.high for quote in known)
