"""A next step counts only when it was written while the visit went on: no failure is planned away later."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.cases import service as cases
from govdesk.cases import steps
from govdesk.cases.models import NextStep
from govdesk.db import reading, transaction
from govdesk.queue.errors import WrongStepError
from govdesk.queue.models import Ticket
from tests.flows import office_days as day
from tests.makers import Cast

PLAN: dict[str, Any] = {"plan_reason": "collect_document", "plan_due": day.when(5, "09:00").date()}


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def planned() -> list[NextStep]:
    reading().rollback()
    return list(reading().scalars(select(NextStep).order_by(NextStep.id)))


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
