"""A next step counts only when it was written while the visit went on: no failure is planned away later."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govdesk import clock, outbox, wiring
from govdesk.cases import service as cases
from govdesk.cases import steps
from govdesk.cases.models import NextStep
from govdesk.db import reading, transaction
from govdesk.queue import endings, undoing
from govdesk.queue import service as queue
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import Ticket, TicketEvent
from tests.api import Program, make_token
from tests.desk import Desk
from tests.flows import office_days as day
from tests.flows.exchange_files import bring, written
from tests.makers import Cast

PLAN: dict[str, Any] = {"plan_reason": "collect_document", "plan_due": day.when(5, "09:00").date()}


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def planned() -> list[NextStep]:
    reading().rollback()
    return list(reading().scalars(select(NextStep).order_by(NextStep.id)))


def taken_back(city: Cast, ticket_id: int, *, seconds: int) -> None:
    """Omar undoes the conclusion of 9:20, so many seconds later; nobody is told yet."""
    with clock.at(day.when(0, "09:20") + dt.timedelta(seconds=seconds)), transaction() as session:
        actor = city.staff["omar"].actor
        ended = select(TicketEvent.id).where(
            TicketEvent.ticket_id == ticket_id, TicketEvent.kind == "concluded"
        )
        undoing.undo(session, actor=actor, event_id=session.scalars(ended).one())


def test_what_is_written_at_the_conclusion_is_dated_by_it(city: Cast) -> None:
    ticket_id = day.serve(city, 0, city.nora, "planned_next_step", **PLAN)
    (step,) = planned()
    assert step.made_at == day.visit_of(ticket_id).ended_at


def test_a_visit_that_has_ended_takes_no_plan_by_any_verb(city: Cast) -> None:
    ticket_id = day.serve(city, 0, city.nora, "unresolved", cause="papers")
    with pytest.raises(WrongStepError):
        day.act(city, 1, "10:00", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    with transaction() as session, pytest.raises(steps.LatePlanError):
        visit = session.merge(day.visit_of(ticket_id))
        late = visit.ended_at + dt.timedelta(seconds=1)
        steps.write_down(session, visit, due=PLAN["plan_due"], reason="instalment", made_at=late)
    assert planned() == []


def test_what_is_written_stays_whatever_the_ticket_is_made_to_say_later(city: Cast) -> None:
    ticket_id = day.serve(city, 0, city.nora, "planned_next_step", **PLAN)
    with clock.at(day.when(3, "10:00")), transaction() as session:
        ticket = session.get_one(Ticket, ticket_id)
        ticket.plan_reason, ticket.plan_due = "instalment", day.when(9, "09:00").date()
        session.flush()
        cases.record_ticket(session, {"ticket_id": ticket_id})
    (step,) = planned()
    assert (step.reason, step.due) == (PLAN["plan_reason"], PLAN["plan_due"])


def test_a_return_that_is_planned_after_the_fact_stays_a_failure(city: Cast) -> None:
    first = day.serve(city, 0, city.nora, "unresolved", cause="papers")
    with clock.at(day.when(1, "10:00")), transaction() as session:  # a row written past every verb
        session.add(
            NextStep(
                visit_id=day.visit_of(first).id, person_id=city.nora.id, family="renewal", object_ref=None,
                made_at=day.when(1, "10:00"), due=day.when(2, "09:00").date(), reason="collect_document",
            )
        )  # fmt: skip
    day.serve(city, 2, city.nora)
    assert day.classes() == ["index_new", "repeat"]


def test_a_next_step_of_an_end_that_was_undone_goes_with_it_also_when_it_is_heard_of_late(city: Cast) -> None:
    """Concluded with a plan by mistake, undone, and concluded as met, before anybody was told."""
    ticket_id = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", ticket_id)
    day.act(city, 0, "09:20", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    with clock.at(day.when(0, "09:20") + dt.timedelta(seconds=10)):
        outbox.deliver_due(wiring.HANDLERS)
    assert len(planned()) == 1
    taken_back(city, ticket_id, seconds=30)
    with clock.at(day.when(0, "09:20") + dt.timedelta(seconds=40)), transaction() as session:
        actor = city.staff["omar"].actor
        queue.conclude(session, actor=actor, ticket_id=ticket_id, outcome="resolved")
    day.hear(0)
    assert planned() == []
    day.serve(city, 5, city.nora)
    assert day.classes() == ["index_new", "repeat"]


def test_a_next_step_planned_anew_after_an_undo_is_the_one_that_counts(city: Cast) -> None:
    ticket_id = day.serve(city, 0, city.nora, "planned_next_step", **PLAN)
    taken_back(city, ticket_id, seconds=30)
    other = PLAN | {"plan_due": day.when(9, "09:00").date()}
    with clock.at(day.when(0, "09:20") + dt.timedelta(seconds=45)), transaction() as session:
        queue.conclude(
            session, actor=city.staff["omar"].actor, ticket_id=ticket_id, outcome="planned_next_step", **other
        )
    day.hear(0)
    (step,) = planned()
    assert (step.due, step.made_at) == (other["plan_due"], day.visit_of(ticket_id).ended_at)


def test_who_undoes_too_late_plans_nothing(city: Cast) -> None:
    ticket_id = day.serve(city, 0, city.nora, "unresolved", cause="papers")
    with pytest.raises(undoing.UndoError):
        taken_back(city, ticket_id, seconds=61)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:30", "take_back", ticket_id)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:31", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    assert planned() == []


def test_who_is_set_aside_must_be_back_at_a_counter_before_a_step_is_planned(city: Cast) -> None:
    ticket_id = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:12", "hold", ticket_id)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:20", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    day.act(city, 0, "09:30", "resume", ticket_id)
    day.act(city, 0, "09:40", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    day.hear(0)
    (step,) = planned()
    assert step.made_at == day.when(0, "09:40") == day.visit_of(ticket_id).ended_at


def test_the_stage_that_was_passed_on_takes_no_plan_and_the_last_one_does(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    with clock.at(day.when(0, "09:20")), transaction() as session:
        actor = city.staff["omar"].actor
        to = session.merge(city.passport)
        second = queue.transfer(session, actor=actor, ticket_id=first, service=to).id
    day.hear(0)
    with pytest.raises(WrongStepError):
        day.act(city, 0, "09:21", "conclude", first, outcome="planned_next_step", **PLAN)
    assert day.call(city, 0, "09:25") == second
    day.act(city, 0, "09:30", "conclude", second, outcome="planned_next_step", **PLAN)
    day.hear(0)
    (step,) = planned()
    assert (step.visit_id, step.made_at) == (day.visit_of(second).id, day.when(0, "09:30"))
    day.serve(city, 5, city.nora, what=city.passport)
    assert day.classes() == ["index_new", "merged", "planned"]


def test_who_was_closed_at_night_takes_no_plan_in_the_morning(city: Cast) -> None:
    ticket_id = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    with clock.at(day.when(1, "02:00")), transaction() as session:
        endings.close_day(session, branch=session.merge(city.north))
    with pytest.raises(WrongStepError):
        day.act(city, 1, "08:00", "conclude", ticket_id, outcome="planned_next_step", **PLAN)
    day.hear(1)
    assert planned() == []


def test_no_page_and_no_program_plans_for_a_visit_that_has_ended(
    city: Cast, app: Flask, sign_in: Callable[[str], Desk]
) -> None:
    due = PLAN["plan_due"].isoformat()
    ticket_id = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    with clock.at(day.when(0, "09:15")):
        omar = sign_in("omar")
        page = omar.get("/counter")
    day.act(city, 0, "09:20", "conclude", ticket_id, outcome="unresolved", cause="papers")
    with clock.at(day.when(0, "09:40")):
        program = Program(app, make_token("counter", branch=city.north))
        sent = {"outcome": "planned_next_step", "next_step": {"reason": "collect_document", "due": due}}
        program.post(f"/tickets/{ticket_id}/conclude", sent, status=409)
        typed = {"outcome": "planned_next_step", "plan_reason": "collect_document", "plan_due": due}
        omar.submit(page, typed, action=f"/counter/ticket/{ticket_id}/conclude", status=302)
    day.hear(0)
    assert planned() == []
    assert day.visit_of(ticket_id).outcome == "unresolved"


@pytest.mark.parametrize(
    ("made_at", "said"),
    [
        ("2025-01-05T08:59:59", "repeat"),
        ("2025-01-05T09:00:00", "planned"),
        ("2025-01-05T09:15:00", "planned"),
        ("2025-01-05T09:15:01", "repeat"),
        ("2025-01-05T06:15:00+00:00", "planned"),  # the same second, written in another zone
        ("2025-01-05T06:15:01+00:00", "repeat"),
    ],
)
@pytest.mark.parametrize("before", ["nothing", "the other answer"])
def test_a_file_says_to_the_second_when_a_step_was_written_also_a_file_that_was_edited(
    app: Flask, tmp_path: Path, made_at: str, said: str, before: str
) -> None:
    rows = """visit_id,beneficiary,service,status,started_at,ended_at,plan_made_at,plan_due,plan_reason
        a,P1,licence,served,2025-01-05T09:00:00,2025-01-05T09:15:00,,,
        b,P1,licence,served,2025-01-15T09:00:00,2025-01-15T09:15:00,{},2025-01-15,collect_document"""
    is_edited = before != "nothing"
    if is_edited:  # first told with the other answer
        other = "2025-01-05T09:05:00" if said == "repeat" else "2025-01-05T10:00:00"
        bring(written(tmp_path, rows.format(other), "before.csv"))
        assert day.classes() == ["index_new", "planned" if said == "repeat" else "repeat"]
    bring(written(tmp_path, rows.format(made_at)), may_update=is_edited)
    assert day.classes() == ["index_new", said]
