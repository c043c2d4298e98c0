"""What can happen to a ticket between the door and the end, and what must stay true meanwhile."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.models import PublicService
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.outbox import OutboxEvent
from govdesk.queue import counters, live, service
from govdesk.queue.errors import (
    CounterBusyError,
    CounterClosedError,
    CounterTakenError,
    OutcomeError,
    WrongStepError,
)
from govdesk.queue.models import Ticket, TicketEvent
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment


@pytest.fixture
def seated(cast: Cast) -> Cast:
    """Omar sits at counter 1 of the north, Othman at counter 2."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        counters.open_counter(session, actor=cast.staff["othman"].actor, counter_id=cast.north_2.id)
    return cast


def arrive(cast: Cast, at: str = "09:00", **given: object) -> int:
    with clock.at(moment(at)), transaction() as session:
        options = {"service": cast.renewal, "branch": cast.north, **given}
        return service.issue(session, actor=cast.staff["reem"].actor, **options).id  # type: ignore[arg-type]


def call(cast: Cast, at: str = "09:10", officer: str = "omar") -> Ticket | None:
    with clock.at(moment(at)), transaction() as session:
        return service.call_next(session, actor=cast.staff[officer].actor)


def act(cast: Cast, verb: str, ticket_id: int, at: str, officer: str = "omar", **given: object) -> Ticket:
    with clock.at(moment(at)), transaction() as session:
        done: Ticket = getattr(service, verb)(
            session, actor=cast.staff[officer].actor, ticket_id=ticket_id, **given
        )
        return done


def ticket(ticket_id: int) -> Ticket:
    reading().rollback()
    return reading().get_one(Ticket, ticket_id)


def kinds(ticket_id: int) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return list(reading().scalars(query))


def ended(ticket_id: int) -> int:
    events = reading().scalars(select(OutboxEvent).where(OutboxEvent.name == "ticket.ended"))
    return sum(event.payload == {"ticket_id": ticket_id} for event in events)


def test_a_service_from_door_to_end_is_told_in_events(seated: Cast) -> None:
    number = arrive(seated)
    called = call(seated)
    assert called is not None
    assert called.id == number
    act(seated, "start", number, "09:11")
    act(seated, "conclude", number, "09:20", outcome="resolved")
    assert kinds(number) == ["issued", "called", "started", "concluded"]
    done = ticket(number)
    assert (done.state, done.outcome, done.number) == ("served", "resolved", "A001")
    assert done.called_at is not None
    assert done.started_at is not None
    assert done.ended_at is not None
    assert done.called_at - done.arrived_at == dt.timedelta(minutes=10)
    assert done.ended_at - done.started_at == dt.timedelta(minutes=9)
    assert ended(number) == 1


def test_a_counter_with_an_open_person_is_refused_another(seated: Cast) -> None:
    arrive(seated)
    second = arrive(seated)
    call(seated)
    with pytest.raises(CounterBusyError):
        call(seated)
    assert ticket(second).state == "waiting"


def test_without_an_open_counter_nobody_is_called(cast: Cast) -> None:
    arrive(cast)
    with pytest.raises(CounterClosedError):
        call(cast)
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        counters.pause_counter(session, actor=cast.staff["omar"].actor)
    with pytest.raises(CounterClosedError, match="paused"):
        call(cast)


def test_two_officers_cannot_sit_at_one_counter(cast: Cast) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    with pytest.raises(CounterTakenError), transaction() as session:
        counters.open_counter(session, actor=cast.staff["othman"].actor, counter_id=cast.north_1.id)


def test_sitting_down_elsewhere_closes_the_first_counter_unless_a_person_is_there(seated: Cast) -> None:
    omar = seated.staff["omar"].actor
    with transaction() as session:
        counters.close_counter(session, actor=seated.staff["othman"].actor)
        counters.open_counter(session, actor=omar, counter_id=seated.north_2.id)
    arrive(seated)
    call(seated)
    with pytest.raises(CounterBusyError), transaction() as session:
        counters.open_counter(session, actor=omar, counter_id=seated.north_1.id)


def test_a_recall_keeps_the_first_call_and_the_third_silence_makes_the_ticket_missed(seated: Cast) -> None:
    number = arrive(seated)
    call(seated, "09:10")
    act(seated, "recall", number, "09:12")
    act(seated, "recall", number, "09:14")
    assert ticket(number).state == "called"
    assert ticket(number).called_at == moment("09:10")
    act(seated, "recall", number, "09:16")
    assert ticket(number).state == "noshow"
    assert ticket(number).called_at == moment("09:10")
    assert kinds(number) == ["issued", "called", "recalled", "recalled", "noshow"]


def test_a_missed_person_can_be_taken_back_to_the_old_place(seated: Cast) -> None:
    first = arrive(seated, "09:00")
    call(seated, "09:10")
    act(seated, "noshow", first, "09:12")
    later = arrive(seated, "09:13")
    act(seated, "take_back", first, "09:15")
    again = call(seated, "09:16")
    assert again is not None
    assert again.id == first
    assert again.called_at == moment("09:10")
    assert ticket(later).state == "waiting"
    assert "taken_back" in kinds(first)


def test_a_held_ticket_is_skipped_and_comes_back_to_a_free_counter(seated: Cast) -> None:
    first, second = arrive(seated, "09:00"), arrive(seated, "09:01")
    call(seated, "09:05")
    act(seated, "start", first, "09:06")
    act(seated, "hold", first, "09:08")
    next_called = call(seated, "09:09")
    assert next_called is not None
    assert next_called.id == second
    with pytest.raises(CounterBusyError):
        act(seated, "resume", first, "09:10")
    act(seated, "conclude", second, "09:12", outcome="resolved")
    act(seated, "resume", first, "09:13")
    back = ticket(first)
    assert (back.state, back.started_at) == ("serving", moment("09:06"))


def test_a_transfer_ends_one_stage_where_the_next_begins_and_keeps_number_and_place(seated: Cast) -> None:
    first = arrive(seated, "09:00")
    waiting = arrive(seated, "09:05", service=seated.deed)
    call(seated, "09:10")
    act(seated, "start", first, "09:11")
    follow = act(seated, "transfer", first, "09:20", service=seated.deed)
    assert ticket(first).ended_at == ticket(follow.id).arrived_at == moment("09:20")
    assert ticket(follow.id).number == ticket(first).number
    next_called = call(seated, "09:21")
    assert next_called is not None
    assert next_called.id == follow.id, "by the original arrival, before who came at 09:05"
    assert ticket(waiting).state == "waiting"


@pytest.mark.parametrize(
    ("given", "message", "field"),
    [
        ({"outcome": "thanked"}, "outcome_missing", "outcome"),
        ({"outcome": "unresolved"}, "cause_missing", "cause"),
        ({"outcome": "turned_away"}, "cause_missing", "cause"),
        ({"outcome": "unresolved", "cause": "weather"}, "cause_unknown", "cause"),
        ({"outcome": "planned_next_step"}, "plan_reason_missing", "plan_reason"),
        (
            {"outcome": "planned_next_step", "plan_reason": "come_back", "plan_due": SUNDAY},
            "plan_reason_unknown",
            "plan_reason",
        ),
        ({"outcome": "planned_next_step", "plan_reason": "biometrics"}, "plan_due_past", "plan_due"),
        (
            {"outcome": "planned_next_step", "plan_reason": "biometrics", "plan_due": dt.date(2026, 10, 3)},
            "plan_due_past",
            "plan_due",
        ),
    ],
)
def test_a_conclusion_that_says_too_little_is_refused_and_changes_nothing(
    seated: Cast, given: dict[str, Any], message: str, field: str
) -> None:
    number = arrive(seated)
    call(seated)
    with pytest.raises(OutcomeError, match=message) as refusal:
        act(seated, "conclude", number, "09:20", **given)
    assert refusal.value.field == field
    assert ticket(number).state == "called"
    assert ticket(number).outcome is None


def test_a_next_step_may_be_due_today(seated: Cast) -> None:
    number = arrive(seated)
    call(seated)
    act(
        seated,
        "conclude",
        number,
        "09:20",
        outcome="planned_next_step",
        plan_reason="biometrics",
        plan_due=SUNDAY,
    )
    assert ticket(number).plan_due == SUNDAY


def test_a_service_may_allow_a_next_step_of_its_own(seated: Cast) -> None:
    with transaction() as session:
        policy = session.get_one(PublicService, seated.renewal.id).policy
        policy.allowed_reasons = ["home_inspection"]
    number = arrive(seated)
    call(seated)
    plan: dict[str, Any] = {"plan_reason": "home_inspection", "plan_due": SUNDAY}
    act(seated, "conclude", number, "09:20", outcome="planned_next_step", **plan)
    assert ticket(number).plan_reason == "home_inspection"


def test_concluding_twice_is_refused_the_second_time(seated: Cast) -> None:
    number = arrive(seated)
    call(seated)
    act(seated, "conclude", number, "09:20", outcome="resolved")
    with pytest.raises(WrongStepError):
        act(seated, "conclude", number, "09:21", outcome="unresolved", cause="papers")
    assert ticket(number).outcome == "resolved"
    assert ended(number) == 1


def test_an_appointment_is_due_exactly_at_its_minute_and_checks_in_once(seated: Cast) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=seated.north, service=seated.renewal, starts_at=moment("10:00"))
        appointment = make_appointment(session, slot=slot, person=seated.nora)
    reception = seated.staff["reem"].actor
    with clock.at(moment("09:40")), transaction() as session:
        booked = session.get_one(Appointment, appointment.id)
        first = service.check_in(session, actor=reception, appointment=booked)
    with clock.at(moment("09:41")), transaction() as session:
        booked = session.get_one(Appointment, appointment.id)
        again = service.check_in(session, actor=reception, appointment=booked)
    assert again.id == first.id
    assert call(seated, "09:59") is None
    called = call(seated, "10:00")
    assert called is not None
    assert called.id == first.id
    act(seated, "conclude", first.id, "10:10", outcome="resolved")
    assert reading().get_one(Appointment, appointment.id).state == "fulfilled"


def test_a_walk_in_who_has_waited_two_hours_is_not_passed_by_due_appointments(seated: Cast) -> None:
    patient = arrive(seated, "09:00")
    with transaction() as session:
        for minute in range(0, 30, 5):
            slot = make_slot(
                session, branch=seated.north, service=seated.renewal, starts_at=moment(f"10:{30 + minute}")
            )
            booked = make_appointment(session, slot=slot)
            with clock.at(moment(f"10:{30 + minute}")):
                service.check_in(session, actor=seated.staff["reem"].actor, appointment=booked)
    called = call(seated, "11:00")
    assert called is not None
    assert called.id == patient


def test_a_priority_by_law_goes_before_and_the_screen_can_say_why(seated: Cast) -> None:
    arrive(seated, "09:00")
    elderly = arrive(seated, "09:10", priority="elderly")
    with clock.at(moment("09:11")):
        order = live.waiting(reading(), seated.north.id)
        assert order[0].id == elderly
        assert live.why(order[0]) == "queue.why_priority"
        assert live.why(order[1]) == "queue.why_arrival"


def test_numbers_restart_at_the_branchs_own_midnight(seated: Cast) -> None:
    late = arrive(seated, "23:59")
    assert ticket(late).number == "A001"
    next_day = SUNDAY + dt.timedelta(days=1)
    with clock.at(moment("00:00", next_day)), transaction() as session:
        fresh = service.issue(
            session, actor=seated.staff["reem"].actor, branch=seated.north, service=seated.renewal
        )
    assert (fresh.number, fresh.day) == ("A001", next_day)


def test_what_is_forgotten_overnight_is_closed_as_unserved(seated: Cast) -> None:
    waiting, served, open_one = arrive(seated, "09:00"), arrive(seated, "09:01"), arrive(seated, "09:02")
    call(seated, "09:05")
    act(seated, "conclude", waiting, "09:06", outcome="resolved")
    call(seated, "09:07")
    with clock.at(moment("23:59")), transaction() as session:
        assert service.close_day(session, branch=session.merge(seated.north)) == 0
    with clock.at(moment("00:10", SUNDAY + dt.timedelta(days=1))), transaction() as session:
        assert service.close_day(session, branch=session.merge(seated.north)) == 2
    assert [ticket(number).state for number in (waiting, served, open_one)] == [
        "served",
        "closed_unserved",
        "closed_unserved",
    ]


def test_the_first_quote_is_kept_as_a_promise(seated: Cast) -> None:
    for _ in range(4):
        arrive(seated)
    last = ticket(arrive(seated))
    assert last.quoted_at == moment("09:00")
    assert last.quoted_low is not None
    assert last.quoted_high is not None
    assert 0 < last.quoted_low < last.quoted_high
    kept = last.quoted_high
    call(seated)
    assert ticket(last.id).quoted_high == kept


def test_nothing_is_quoted_while_no_counter_serves(cast: Cast) -> None:
    assert ticket(arrive(cast)).quoted_high is None


def test_an_officer_of_another_branch_is_refused(seated: Cast) -> None:
    number = arrive(seated)
    call(seated)
    with pytest.raises(NotAllowedError):
        act(seated, "conclude", number, "09:20", officer="hamad", outcome="resolved")
    with pytest.raises(NotAllowedError), transaction() as session:
        counters.open_counter(session, actor=seated.staff["hamad"].actor, counter_id=seated.north_1.id)
