"""An officer's last step can be undone within a minute: all is as before, and the history keeps both."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.cases.models import NextStep
from govdesk.cases.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.queue import counters, service, undoing
from govdesk.queue.errors import WrongStepError
from govdesk.queue.meant import Meant
from govdesk.queue.models import Ticket, TicketEvent
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast, make_appointment, make_slot

MOMENT = dt.timedelta(seconds=59)


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def undo(cast: Cast, at: dt.datetime, officer: str = "omar") -> None:
    with clock.at(at), transaction() as session:
        actor = cast.staff[officer].actor
        last = undoing.last_step(session, actor)
        if last is None:
            raise undoing.UndoError
        undoing.undo(session, actor=actor, event_id=last.event_id)


def ticket(ticket_id: int) -> Ticket:
    reading().rollback()
    return reading().get_one(Ticket, ticket_id)


def kinds(ticket_id: int) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return list(reading().scalars(query))


@pytest.mark.parametrize(
    ("verb", "given", "event"),
    [
        ("start", {}, "started"),
        ("hold", {}, "held"),
        ("noshow", {}, "noshow"),
        ("conclude", {"outcome": "unresolved", "cause": "papers"}, "concluded"),
    ],
)
def test_a_step_undone_leaves_the_ticket_called_at_its_counter(
    city: Cast, verb: str, given: dict[str, Any], event: str
) -> None:
    one = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", verb, one, **given)
    day.hear(0)
    undo(city, day.when(0, "09:11") + MOMENT)
    now = ticket(one)
    assert (now.state, now.counter_id, now.call_count) == ("called", city.north_1.id, 1)
    assert [now.started_at, now.ended_at, now.outcome, now.cause] == [None] * 4
    assert kinds(one) == ["issued", "called", event, "undone"]
    day.hear(0)
    assert day.visits() == []


def test_a_conclusion_undone_after_the_figures_heard_of_it_is_as_if_it_never_was(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", one)
    plan: dict[str, Any] = {"plan_reason": "collect_document", "plan_due": SUNDAY + dt.timedelta(days=3)}
    day.act(city, 0, "09:20", "conclude", one, outcome="planned_next_step", **plan)
    day.hear(0)
    assert [visit.outcome for visit in day.visits()] == ["planned_next_step"]
    undo(city, day.when(0, "09:20") + MOMENT)
    day.hear(0)
    assert (day.visits(), day.cases(), reading().scalars(select(NextStep)).all()) == ([], [], [])
    assert ticket(one).started_at == day.when(0, "09:11")
    day.act(city, 0, "09:30", "conclude", one, outcome="resolved")
    day.hear(0)
    assert [visit.outcome for visit in day.visits()] == ["resolved"]
    assert [visit.has_edited_times for visit in day.visits()] == [True]
    with transaction() as session:
        assert reclassify_all(session) == 0


def test_who_was_called_with_the_same_press_goes_back_to_their_place(city: Cast) -> None:
    one, two = day.arrive(city, 0, "09:00", None), day.arrive(city, 0, "09:05", None)
    day.call(city, 0, "09:10")
    with clock.at(day.when(0, "09:20")), transaction() as session:
        omar = city.staff["omar"].actor
        service.conclude(session, actor=omar, ticket_id=one, outcome="resolved")
        assert service.call_next(session, actor=omar) is not None
    undo(city, day.when(0, "09:20") + MOMENT)
    assert (ticket(one).state, ticket(two).state) == ("called", "waiting")
    assert (ticket(two).called_at, ticket(two).call_count) == (None, 0)
    assert kinds(two) == ["issued", "called", "undone"]


def test_a_transfer_undone_ends_the_stage_it_made_and_can_be_made_again(city: Cast) -> None:
    with clock.at(day.when(0, "08:00")), transaction() as session:
        slot = make_slot(session, branch=city.north, service=city.renewal, starts_at=day.when(0, "09:00"))
        booked = make_appointment(session, slot=slot, person=city.nora)
        one = service.check_in(session, actor=city.staff["reem"].actor, appointment=booked).id
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", one)
    wrong = day.act(city, 0, "09:15", "transfer", one, service=city.deed).id
    undo(city, day.when(0, "09:15") + MOMENT)
    assert (ticket(one).state, ticket(wrong).state) == ("serving", "undone")
    right = day.act(city, 0, "09:17", "transfer", one, service=city.passport)
    assert (right.stage, right.appointment_id, right.order_at) == (2, booked.id, ticket(one).order_at)
    day.hear(0)
    assert [visit.visit_no for visit in day.visits()] == [str(one)]


def test_an_appointment_is_fulfilled_no_more(city: Cast) -> None:
    with clock.at(day.when(0, "08:00")), transaction() as session:
        slot = make_slot(session, branch=city.north, service=city.renewal, starts_at=day.when(0, "09:00"))
        booked = make_appointment(session, slot=slot, person=city.nora)
        one = service.check_in(session, actor=city.staff["reem"].actor, appointment=booked).id
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:20", "conclude", one, outcome="resolved")
    undo(city, day.when(0, "09:20") + MOMENT)
    reading().rollback()
    assert reading().get_one(Appointment, booked.id).state == "arrived"


def test_what_is_too_late_or_another_s_or_touched_since_stays(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "noshow", one)
    with clock.at(day.when(0, "09:11")), transaction() as session:
        last = undoing.last_step(session, city.staff["omar"].actor)
        assert last is not None
        with pytest.raises(NotAllowedError):
            undoing.undo(session, actor=city.staff["othman"].actor, event_id=last.event_id)
    with pytest.raises(undoing.UndoError):
        undo(city, day.when(0, "09:12") + dt.timedelta(seconds=1))
    day.act(city, 0, "09:11", "take_back", one, "othman")
    with pytest.raises(undoing.UndoError) as refused:
        undo(city, day.when(0, "09:11") + MOMENT)
    assert refused.value.key == "queue.undo_passed"
    assert ticket(one).state == "waiting"


def test_a_step_is_undone_once(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", one)
    undo(city, day.when(0, "09:11") + MOMENT)
    with pytest.raises(undoing.UndoError):
        undo(city, day.when(0, "09:11") + MOMENT)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:13", "resume", one, "othman")
    assert ticket(one).state == "called"


def test_who_was_set_aside_for_one_officer_and_then_sent_on_is_aside_for_them_until_then(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", one, minutes=5, is_mine=True)
    day.act(city, 0, "09:12", "transfer", one, service=city.deed)
    undo(city, day.when(0, "09:12") + MOMENT)
    now = ticket(one)
    assert (now.state, now.held_until) == ("held", day.when(0, "09:16"))
    assert now.meant_staff_id == city.staff["omar"].id


def test_who_waited_for_an_officer_that_has_left_since_waits_for_anybody(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", one, minutes=5, is_mine=True)
    day.act(city, 0, "09:12", "transfer", one, service=city.deed)
    with clock.at(day.when(0, "09:12")), transaction() as session:
        counters.close_counter(session, actor=city.staff["omar"].actor)
    undo(city, day.when(0, "09:12") + MOMENT)
    now = ticket(one)
    assert (now.state, now.held_until, now.meant_staff_id) == ("held", day.when(0, "09:16"), None)


def test_who_was_sent_to_this_counter_and_called_with_the_same_press_waits_for_it_again(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    two = day.arrive(city, 0, "09:11", None)
    day.call(city, 0, "09:12", "othman")
    here = Meant(counter_id=city.north_1.id)
    sent = day.act(city, 0, "09:13", "transfer", two, "othman", service=city.deed, to=here).id
    conclude_and_call(city, "09:20", one, sent)
    undo(city, day.when(0, "09:20") + MOMENT)
    now = ticket(sent)
    assert (now.state, now.meant_counter_id, now.called_at) == ("waiting", city.north_1.id, None)


def test_the_first_call_of_who_was_given_back_before_is_kept(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    with clock.at(day.when(0, "09:12")), transaction() as session:
        counters.leave(session, actor=city.staff["omar"].actor)
    with clock.at(day.when(0, "09:14")), transaction() as session:
        counters.open_counter(session, actor=city.staff["omar"].actor, counter_id=city.north_1.id)
        two = service.issue(
            session, actor=city.staff["reem"].actor, branch=city.north, service=city.renewal,
            priority="elderly",
        ).id  # fmt: skip
    assert day.call(city, 0, "09:15") == two
    conclude_and_call(city, "09:20", two, one)
    undo(city, day.when(0, "09:20") + MOMENT)
    now = ticket(one)
    first = day.when(0, "09:10")
    assert (now.state, now.called_at, now.last_called_at, now.call_count) == ("waiting", first, first, 0)


def test_a_conclusion_of_who_was_only_called_this_time_begins_nothing(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", one)
    with clock.at(day.when(0, "09:12")), transaction() as session:
        counters.leave(session, actor=city.staff["omar"].actor)
        counters.open_counter(session, actor=city.staff["omar"].actor, counter_id=city.north_1.id)
    day.call(city, 0, "09:20")
    day.act(city, 0, "09:21", "conclude", one, outcome="resolved")
    undo(city, day.when(0, "09:21") + MOMENT)
    assert (ticket(one).state, ticket(one).started_at) == ("called", None)


def conclude_and_call(cast: Cast, at: str, here: int, following: int) -> None:
    with clock.at(day.when(0, at)), transaction() as session:
        omar = cast.staff["omar"].actor
        service.conclude(session, actor=omar, ticket_id=here, outcome="resolved")
        called = service.call_next(session, actor=omar)
        assert called is not None
        assert called.id == following


def test_a_call_undone_lets_who_was_called_wait_at_their_place(city: Cast) -> None:
    one, two = day.arrive(city, 0, "09:00", None), day.arrive(city, 0, "09:05", None)
    day.call(city, 0, "09:10")
    undo(city, day.when(0, "09:10") + MOMENT)
    now = ticket(one)
    assert (now.state, now.counter_id, now.staff_id) == ("waiting", None, None)
    assert (now.called_at, now.last_called_at, now.call_count) == (None, None, 0)
    assert kinds(one) == ["issued", "called", "undone"]
    with clock.at(day.when(0, "09:12")), transaction() as session:
        called = service.call_next(session, actor=city.staff["omar"].actor)
        assert called is not None
        assert (called.id, called.called_at) == (one, day.when(0, "09:12"))
    assert ticket(two).state == "waiting"


def test_a_call_is_undone_once_and_not_after_the_person_came(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:10", "start", one)
    undo(city, day.when(0, "09:10") + MOMENT)  # the start
    assert ticket(one).state == "called"
    with pytest.raises(undoing.UndoError):
        undo(city, day.when(0, "09:10") + MOMENT)


def test_whoever_was_taken_back_to_the_counter_is_set_aside_again(city: Cast) -> None:
    one = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "hold", one, minutes=30, is_mine=True)
    day.act(city, 0, "09:20", "resume", one)
    assert ticket(one).started_at == day.when(0, "09:20")
    undo(city, day.when(0, "09:20") + MOMENT)
    now = ticket(one)
    assert (now.state, now.held_until) == ("held", day.when(0, "09:41"))
    assert (now.started_at, now.called_at) == (None, day.when(0, "09:10"))
    assert now.meant_staff_id == city.staff["omar"].id
    assert kinds(one) == ["issued", "called", "held", "resumed", "undone"]


def missed(cast: Cast) -> int:
    """Somebody who was called three times from 09:10 on and missed at 09:13."""
    one = day.arrive(cast, 0, "09:00", None)
    day.call(cast, 0, "09:10")
    for minute in ("09:11", "09:12"):
        day.act(cast, 0, minute, "recall", one)
    day.act(cast, 0, "09:13", "noshow", one)
    return one


def test_whoever_was_taken_back_by_mistake_is_missed_again(city: Cast) -> None:
    one = missed(city)
    before = ticket(one)
    stood = (before.state, before.ended_at, before.counter_id, before.staff_id, before.call_count)
    assert stood[0] == "noshow"
    day.act(city, 0, "09:20", "take_back", one)
    assert ticket(one).state == "waiting"
    undo(city, day.when(0, "09:20") + MOMENT)
    now = ticket(one)
    assert (now.state, now.ended_at, now.counter_id, now.staff_id, now.call_count) == stood
    assert kinds(one)[-3:] == ["noshow", "taken_back", "undone"]
    with clock.at(day.when(0, "09:22")), transaction() as session:
        assert service.call_next(session, actor=city.staff["omar"].actor) is None
    day.act(city, 0, "09:25", "take_back", one)  # rightly, this time
    assert day.call(city, 0, "09:26") == one


def test_a_take_back_stays_once_the_person_was_called_or_a_minute_has_gone(city: Cast) -> None:
    one = missed(city)
    day.act(city, 0, "09:20", "take_back", one)
    with pytest.raises(undoing.UndoError):
        undo(city, day.when(0, "09:21") + MOMENT)
    day.act(city, 0, "09:25", "take_back", missed_again(city, one))
    event = reading().scalars(
        select(TicketEvent.id).where(TicketEvent.ticket_id == one).order_by(TicketEvent.id.desc())
    )
    taken_back = next(iter(event))
    day.call(city, 0, "09:25", officer="omar")
    with (
        clock.at(day.when(0, "09:25") + MOMENT),
        pytest.raises(undoing.UndoError),
        transaction() as session,
    ):
        undoing.undo(session, actor=city.staff["omar"].actor, event_id=taken_back)
    assert ticket(one).state == "called"


def missed_again(cast: Cast, one: int) -> int:
    day.call(cast, 0, "09:22")
    for minute in ("09:22", "09:23"):
        day.act(cast, 0, minute, "recall", one)
    day.act(cast, 0, "09:24", "noshow", one)
    return one
