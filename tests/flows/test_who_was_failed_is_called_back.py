"""Who was failed has a task until they say that it is good; who was served soon after is left in peace."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import VISITOR
from govdesk.cases.recovery import escalating, finding, hearing, opening, redressing, service
from govdesk.cases.recovery.models import Recovery, RecoveryStep, RecoveryTrigger
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.notify.models import Message
from govdesk.people import service as people
from govdesk.people.models import Person, PersonContact
from govdesk.queue import calling
from govdesk.queue import service as queue
from govdesk.queue.models import Ticket
from govdesk.wiring import HANDLERS
from tests.makers import SUNDAY, Cast, make_ticket, moment, open_counter

MONDAY = SUNDAY + dt.timedelta(days=1)
THURSDAY = SUNDAY + dt.timedelta(days=4)


def came(cast: Cast, at: str, *, day: dt.date = SUNDAY) -> int:
    """Nora takes a ticket for the renewal."""
    with clock.at(moment(at, day)), transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        nora = session.get_one(Person, cast.nora.id)
        return queue.issue(
            session, actor=cast.staff["adam"].actor, branch=branch, service=cast.renewal, person=nora
        ).id


def left(ticket_id: int, at: str) -> None:
    with clock.at(moment(at)):
        with transaction() as session:
            queue.abandon(session, actor=VISITOR, ticket_id=ticket_id)
        hear()


def hear() -> None:
    while outbox.deliver_due(HANDLERS):
        pass


def weigh(at: str, day: dt.date = SUNDAY) -> None:
    with clock.at(moment(at, day)):
        opening.run_weigh()


def tasks() -> list[Recovery]:
    reading().rollback()
    return list(reading().scalars(select(Recovery).order_by(Recovery.id)))


def kinds(task: Recovery) -> list[str]:
    return [step.kind for step in finding.steps_of(reading(), task)]


def served(cast: Cast, ticket_id: int, at: str, *, outcome: str = "resolved", day: dt.date = SUNDAY) -> None:
    omar = cast.staff["omar"].actor
    with clock.at(moment(at, day)):
        with transaction() as session:
            ticket = session.get_one(Ticket, ticket_id)
            ticket.state, ticket.counter_id, ticket.staff_id = "serving", cast.north_1.id, int(omar.id)
            ticket.called_at = ticket.last_called_at = ticket.started_at = clock.now()
        with transaction() as session:
            cause = None if outcome == "resolved" else "papers"
            queue.conclude(session, actor=omar, ticket_id=ticket_id, outcome=outcome, cause=cause)
        hear()


@pytest.fixture
def task(cast: Cast) -> Recovery:
    """Nora left at 9:40 and did not come back."""
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
    left(came(cast, "09:30"), "09:40")
    weigh("12:40")
    return tasks()[0]


def test_who_left_and_did_not_come_back_has_a_task_with_a_deadline(cast: Cast, task: Recovery) -> None:
    assert (task.need, task.branch_id, task.owner_id) == (cast.renewal.family, cast.north.id, None)
    assert task.opened_at == moment("12:40")
    assert task.due_at == moment("12:40", SUNDAY + dt.timedelta(days=2))  # 16 working hours, 8 a day
    assert kinds(task) == ["opened"]


def test_who_left_and_was_served_soon_after_is_left_in_peace(cast: Cast) -> None:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
    left(came(cast, "09:30"), "09:40")
    served(cast, came(cast, "10:30"), "10:40")
    weigh("12:39")
    assert reading().scalars(select(RecoveryTrigger.state)).all() == ["waiting"]
    weigh("12:40")
    reading().rollback()
    found = reading().execute(select(RecoveryTrigger.state, RecoveryTrigger.spared)).all()
    assert [tuple(row) for row in found] == [("spared", "met_since")]
    assert tasks() == []


def test_a_return_joins_the_open_task_and_keeps_the_sooner_deadline(cast: Cast, task: Recovery) -> None:
    served(cast, came(cast, "13:00"), "13:10", outcome="unresolved")
    served(cast, came(cast, "13:30"), "13:40", outcome="unresolved")  # a repeat of the visit before
    [same] = tasks()
    assert same.id == task.id
    assert kinds(same) == ["opened", "joined"]
    assert same.due_at == moment("13:40", MONDAY)  # 8 working hours
    assert same.first_due_at == same.due_at


def test_only_the_persons_word_closes_it_and_who_heard_it_is_kept(cast: Cast, task: Recovery) -> None:
    omar = cast.staff["omar"].actor
    with clock.at(moment("13:00")), transaction() as session:
        with pytest.raises(DeskError, match="not_tried_enough"):
            service.end_unreached(session, actor=omar, recovery_id=task.id)
        service.attempt(session, actor=omar, recovery_id=task.id, channel="phone", is_reached=True)
        service.hear_word(session, actor=omar, recovery_id=task.id, is_good=False, channel="phone")
        with pytest.raises(DeskError, match="not_tried_enough"):
            service.end_unreached(session, actor=omar, recovery_id=task.id)
    assert tasks()[0].closed_at is None
    with clock.at(moment("14:00")), transaction() as session:
        service.hear_word(
            session, actor=omar, recovery_id=task.id, is_good=True, channel="phone", words="Thank you"
        )
    [closed] = tasks()
    assert (closed.closed_by, closed.heard_by_id, closed.owner_id) == ("word", int(omar.id), int(omar.id))
    assert kinds(closed) == ["opened", "taken", "attempt", "said_not_good", "said_good", "closed"]


def test_two_channels_without_an_answer_end_it_and_a_return_opens_it_again(
    cast: Cast, task: Recovery
) -> None:
    omar = cast.staff["omar"].actor
    with clock.at(moment("13:00")), transaction() as session:
        service.attempt(session, actor=omar, recovery_id=task.id, channel="phone", is_reached=False)
        service.apologise(session, actor=omar, recovery_id=task.id)  # by SMS, with the link
        service.end_unreached(session, actor=omar, recovery_id=task.id)
    assert tasks()[0].closed_by == "unreached"
    message = reading().scalars(select(Message).where(Message.key == "recovery_sorry")).one()
    assert message.values is not None
    assert f"/recovery/{task.token}" in message.values["link"]
    left(came(cast, "14:00"), "14:10")
    weigh("14:10", MONDAY)
    [again] = tasks()
    assert (again.closed_at, again.reopened, again.first_due_at) == (None, 1, task.first_due_at)
    with transaction() as session:  # what was tried before it came back does not end it now
        assert not service.may_end(session, session.get_one(Recovery, task.id))


def test_what_is_above_ones_limit_is_decided_above(cast: Cast, task: Recovery) -> None:
    omar, sara, huda = (cast.staff[name].actor for name in ("omar", "sara", "huda"))
    with transaction() as session:
        place = redressing.give(session, actor=omar, recovery_id=task.id, code="priority_place")
        assert (place.state, place.needed) == ("given", "front")
        asked = redressing.give(session, actor=omar, recovery_id=task.id, code="fee_refund", cost=800)
        assert (asked.state, asked.needed) == ("asked", "head")
        twice = redressing.give(session, actor=omar, recovery_id=task.id, code="fee_refund", cost=900)
        assert twice.id == asked.id
        with pytest.raises(DeskError, match="above_all_limits"):
            redressing.give(session, actor=huda, recovery_id=task.id, code="home_delivery", cost=301)
        with pytest.raises(NotAllowedError):
            redressing.decide(session, actor=sara, redress_id=asked.id, is_given=True)
        assert redressing.decide(session, actor=huda, redress_id=asked.id, is_given=True).state == "given"


def test_it_goes_up_in_working_hours_only(cast: Cast, task: Recovery) -> None:
    until = SUNDAY + dt.timedelta(days=2)  # Tuesday 12:40
    for at, day, to in (
        ("12:40", until, None),
        ("12:41", until, "supervisor"),
        ("23:00", until, "supervisor"),
        ("12:39", until + dt.timedelta(days=1), "supervisor"),
        ("12:41", until + dt.timedelta(days=1), "head"),
        ("12:41", THURSDAY, "head"),
    ):
        with clock.at(moment(at, day)):
            escalating.run_escalate()
        assert tasks()[0].escalated_to == to, (at, day)
    assert kinds(task).count("escalated") == 2


def test_another_branch_sees_and_changes_nothing(cast: Cast, task: Recovery) -> None:
    hamad, aziz = cast.staff["hamad"].actor, cast.staff["aziz"].actor
    assert finding.listed(reading(), hamad, "open") == []
    assert [one.task.id for one in finding.listed(reading(), cast.staff["omar"].actor, "free")] == [task.id]
    assert [one.task.id for one in finding.listed(reading(), cast.staff["huda"].actor, "open")] == [task.id]
    for actor in (hamad, aziz):
        with transaction() as session, pytest.raises(NotAllowedError):
            service.take(session, actor=actor, recovery_id=task.id)


def test_a_broken_promise_opens_one_unless_the_call_came_soon(cast: Cast) -> None:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        nine = moment("09:00")
        columns = {"quoted_at": nine, "quoted_low": 5.0, "quoted_high": 20.0}
        soon, late = (
            make_ticket(session, branch=cast.north, service=cast.renewal, person=person, **columns)
            for person in (cast.nora, cast.raj)
        )
        soon.called_at = moment("09:34")
        for ticket in (soon, late):
            hearing.hear_broken_promise(session, {"ticket_id": ticket.id})
    weigh("09:35")
    assert [one.person_id for one in tasks()] == [cast.raj.id]
    assert calling  # the call itself is another story


def test_the_officer_makes_it_good_on_the_spot_and_twice_is_once(cast: Cast) -> None:
    omar = cast.staff["omar"].actor
    with transaction() as session:
        ticket = make_ticket(session, branch=cast.north, service=cast.renewal, person=cast.nora)
        first = service.make_good_now(session, actor=omar, ticket_id=ticket.id)
        again = service.make_good_now(session, actor=omar, ticket_id=ticket.id)
        assert first.id == again.id
        with pytest.raises(NotAllowedError):
            service.make_good_now(session, actor=cast.staff["hamad"].actor, ticket_id=ticket.id)
    assert kinds(tasks()[0]) == ["opened", "taken", "apologised"]
    with transaction() as session:
        nameless = make_ticket(session, branch=cast.north, service=cast.renewal)
        with pytest.raises(DeskError, match="nobody_named"):
            service.make_good_now(session, actor=omar, ticket_id=nameless.id)


def test_who_asks_to_be_forgotten_is_troubled_no_more(cast: Cast, task: Recovery) -> None:
    omar = cast.staff["omar"].actor
    with transaction() as session:
        service.attempt(
            session, actor=omar, recovery_id=task.id, channel="phone", is_reached=True, words="He is ill"
        )
        people.remove_contact(session, actor=omar, person=session.get_one(Person, cast.nora.id))
    hear()
    [closed] = tasks()
    assert closed.closed_by == "forgotten"
    assert set(reading().scalars(select(RecoveryStep.words))) == {""}
    with pytest.raises(DeskError, match="not_found"):
        finding.by_token(reading(), task.token)


def test_low_ratings_and_silence_are_ready_to_be_heard(cast: Cast) -> None:
    with transaction() as session:
        place = {"branch_id": cast.north.id, "service_id": cast.renewal.id}
        for number, (score, person) in enumerate([(2, cast.nora.id), (4, cast.raj.id), (1, None)]):
            hearing.hear_low_rating(
                session, {"rating_id": number, "score": score, "most": 5, "person_id": person, **place}
            )
    assert [one.person_id for one in tasks()] == [cast.nora.id]
