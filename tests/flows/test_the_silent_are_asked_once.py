"""Whoever left and said nothing is found, asked once, reminded once; their yes opens what helps them."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import audit, clock, outbox
from govdesk.actor import VISITOR
from govdesk.cases.classifying import reclassify
from govdesk.cases.recovery import finding
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.silent import listing, looking, service
from govdesk.cases.silent.models import SilentOne, Voice
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi import service as kpi
from govdesk.notify.models import Message
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Person, PersonContact
from govdesk.wiring import HANDLERS
from tests.kpi_makers import make_visit
from tests.makers import Cast, moment

LOOKED = dt.date(2026, 10, 4)
UNMET_ON = "09-02"  # 32 days before


@pytest.fixture
def unmet(cast: Cast) -> int:
    """Nora's need was not met a month ago; she has a phone. Her visit."""
    with transaction() as session:
        session.get_one(PersonContact, cast.nora.id).phone = "+966501234567"
        return visited(session, cast, cast.nora, UNMET_ON, outcome="unresolved")


def visited(session: Any, cast: Cast, person: Person, day: str, **columns: Any) -> int:
    visit = make_visit(
        session, day, branch=cast.north, service=cast.renewal, person=person, channel="reception", **columns
    )
    reclassify(session, [person.id])
    return visit.id


def look_at(day: dt.date = LOOKED, time: str = "10:00") -> int:
    with clock.at(moment(time, day)):
        return looking.run_look()


def ask_at(day: dt.date = LOOKED, time: str = "10:00") -> int:
    with clock.at(moment(time, day)):
        return service.run_ask()


def row() -> SilentOne:
    reading().rollback()
    return reading().scalars(select(SilentOne)).one()


def emitted() -> list[str]:
    reading().rollback()
    names = select(OutboxEvent.name).where(OutboxEvent.name.like("silent.%")).order_by(OutboxEvent.id)
    return list(reading().scalars(names))


def test_the_question_leaves_once_is_reminded_once_and_a_yes_is_told(cast: Cast, unmet: int) -> None:
    assert look_at() == 1
    assert look_at() == 0
    assert (row().visit_id, row().reason, row().state) == (unmet, "unresolved", "waiting")
    assert [ask_at(), ask_at()] == [1, 0]
    assert ask_at(LOOKED + dt.timedelta(days=2)) == 0
    assert [ask_at(LOOKED + dt.timedelta(days=3)), ask_at(LOOKED + dt.timedelta(days=9))] == [1, 0]
    sent = list(reading().scalars(select(Message).where(Message.key == "silent_question")))
    assert len(sent) == 2
    assert f"/still-needed/{row().token}" in (sent[0].values or {})["link"]
    with clock.at(moment("10:00", LOOKED + dt.timedelta(days=10))), transaction() as session:
        service.answer(session, actor=VISITOR, token=row().token, said="yes", words="The card never came.")
    assert (row().state, row().answer, row().told_by) == ("answered", "yes", "person")
    assert emitted() == [
        "silent.found",
        "silent.asked",
        "silent.asked",
        "silent.answered",
        "silent.needs_help",
    ]
    audit.verify(reading())
    figure = kpi.figure(reading(), "silent_need_help", as_of=moment("10:00", LOOKED + dt.timedelta(days=11)))
    assert (figure.total.numerator, figure.total.denominator) == (1, 1)


def test_a_yes_opens_a_task_and_a_later_no_is_said_in_it(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    ask_at()
    for number, said in enumerate(("yes", "yes", "no", "yes")):
        with clock.at(moment(f"1{number}:30", LOOKED + dt.timedelta(days=1))):
            with transaction() as session:
                service.answer(session, actor=VISITOR, token=row().token, said=said)
            while outbox.deliver_due(HANDLERS):
                pass
    reading().rollback()
    task = reading().scalars(select(Recovery)).one()
    assert (task.person_id, task.need, task.branch_id) == (cast.nora.id, "renewal", cast.north.id)
    assert task.due_at == moment("10:30", LOOKED + dt.timedelta(days=2))  # 8 working hours
    assert [(step.kind, step.what) for step in finding.steps_of(reading(), task)] == [
        ("opened", "still_needed"),
        ("undone", "still_needed"),
        ("joined", "still_needed"),
    ]


def test_at_night_nobody_is_woken(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    assert ask_at(LOOKED, "22:30") == 1
    message = reading().scalars(select(Message).where(Message.key == "silent_question")).one()
    assert message.send_after == moment("08:00", LOOKED + dt.timedelta(days=1))


def test_who_came_back_is_let_go_and_who_complained_was_never_silent(cast: Cast, unmet: int) -> None:
    assert unmet
    with transaction() as session:
        visited(session, cast, cast.raj, UNMET_ON, outcome="unresolved")
        session.add(
            Voice(
                source="complaint:1", kind="complaint", person_id=cast.raj.id, branch_id=cast.north.id,
                service_id=cast.renewal.id, at=moment("10:00", dt.date(2026, 9, 5)),
            )
        )  # fmt: skip
    look_at()
    assert row().person_id == cast.nora.id
    with transaction() as session:
        visited(session, cast, cast.nora, "10-05")
    assert look_at(LOOKED + dt.timedelta(days=2)) == 1
    assert (row().state, row().end_reason) == ("over", "came_back")


def test_who_wants_no_questions_is_asked_none(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    with transaction() as session:
        service.stop(session, actor=VISITOR, token=row().token)
    assert (row().state, row().end_reason) == ("over", "opted_out")
    assert ask_at() == 0


def test_nobody_is_asked_twice_in_ninety_days(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    ask_at()
    with clock.at(moment("12:00")), transaction() as session:
        service.answer(session, actor=VISITOR, token=row().token, said="no")
    with transaction() as session:
        visited(session, cast, cast.nora, "10-06", outcome="unresolved")
    later = dt.date(2026, 11, 8)
    assert look_at(later) == 1
    assert ask_at(later) == 0
    reading().rollback()
    second = reading().scalars(select(SilentOne).order_by(SilentOne.id.desc())).first()
    assert second is not None
    assert second.end_reason == "asked_lately"


def test_staff_call_instead_at_their_own_branch_three_times_at_most(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    with clock.at(moment("11:00")), transaction() as session:
        one = session.get_one(SilentOne, row().id)
        with pytest.raises(NotAllowedError):
            service.call(session, actor=cast.staff["hamad"].actor, one=one, is_reached=False)
        for _ in range(3):
            service.call(session, actor=cast.staff["omar"].actor, one=one, is_reached=False)
        with pytest.raises(DeskError):
            service.call(session, actor=cast.staff["omar"].actor, one=one, is_reached=True, answer_="no")
    assert (row().state, row().end_reason) == ("over", "no_answer")
    assert listing.count(reading(), cast.staff["omar"].actor) == 0


def test_what_is_said_on_the_phone_counts_as_the_answer(cast: Cast, unmet: int) -> None:
    assert unmet
    look_at()
    assert listing.count(reading(), cast.staff["omar"].actor) == 1
    assert listing.count(reading(), cast.staff["hamad"].actor) == 0
    with clock.at(moment("11:00")), transaction() as session:
        one = session.get_one(SilentOne, row().id)
        service.call(
            session, actor=cast.staff["omar"].actor, one=one, is_reached=True, answer_="yes", words="Waits."
        )
    assert (row().answer, row().told_by, row().words) == ("yes", "staff", "Waits.")
    assert "silent.needs_help" in emitted()
    with transaction() as session:
        service.forget_person(session, {"person_id": cast.nora.id})
    assert row().words is None


def test_the_estimate_shows_its_inputs_and_is_no_data_without_an_overlap(cast: Cast) -> None:
    people = [cast.nora, cast.raj, cast.vera]
    with transaction() as session:
        for kind, person in (("complaint", people[0]), ("dissatisfied", people[1])):
            session.add(voice(cast, kind, person))
    total = kpi.figure(reading(), "unheard_estimate").total
    assert total.value is None
    assert total.detail["complained"] == total.detail["dissatisfied"] == 1
    reading().rollback()
    with transaction() as session:
        session.add(voice(cast, "complaint", people[1]))
        session.add(voice(cast, "dissatisfied", people[2]))
    total = kpi.figure(reading(), "unheard_estimate").total
    assert (total.value, total.n, total.detail["both"]) == (3 * 3 / 2 - 1, 3, 1)


def voice(cast: Cast, kind: str, person: Person) -> Voice:
    return Voice(
        source=f"{kind}:{person.id}", kind=kind, person_id=person.id, branch_id=cast.north.id,
        service_id=cast.renewal.id, at=clock.now(),
    )  # fmt: skip
