"""What an officer is told of a person's earlier visits for the need, and what a visit now would count as."""

import datetime as dt

import pytest

from govdesk.cases.classes import VisitClass
from govdesk.cases.past import Past
from govdesk.cases.service import history
from govdesk.db import reading
from govdesk.people.models import Person
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def past(
    city: Cast, days: int, person: Person | None = None, family: str = "renewal", **given: object
) -> Past | None:
    reading().rollback()
    told = {"person_id": (person or city.nora).id, "family": family, "at": day.when(days, "09:00"), **given}
    return history(reading(), **told)  # type: ignore[arg-type]


def known(city: Cast, days: int, **given: object) -> Past:
    found = past(city, days, **given)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_whoever_was_never_here_has_no_past(city: Cast) -> None:
    assert past(city, 0) is None
    assert history(reading(), person_id=None, family="renewal", at=day.when(0, "09:00")) is None


def test_a_return_within_the_window_is_a_failure_of_the_last_visit(city: Cast) -> None:
    ticket = day.serve(city, 0, city.nora, "unresolved", cause="papers")
    found = known(city, 6)
    assert (found.days_ago, found.visit_class, found.is_return, found.is_failure) == (6, "repeat", True, True)
    assert found.last.visit_no == str(ticket)
    assert (found.last.branch.code, found.last.outcome, found.last.cause) == ("north", "unresolved", "papers")
    assert len(found.visits) == 1


def test_after_the_window_it_is_a_new_need(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    found = known(city, 31)
    assert (found.days_ago, found.visit_class, found.is_return) == (31, VisitClass.INDEX_NEW, False)


def test_another_need_or_another_person_has_no_past(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    assert past(city, 3, family="passport") is None
    assert past(city, 3, city.raj) is None


def test_another_object_is_another_need_and_a_missing_one_may_be_the_same(city: Cast) -> None:
    day.serve(city, 0, city.nora, object_ref="car-1")
    assert past(city, 3, object_ref="car-2") is None
    assert known(city, 3, object_ref="car-1").is_failure
    assert known(city, 3, object_ref=None).is_failure


def test_a_planned_step_that_is_due_is_no_failure(city: Cast) -> None:
    due = SUNDAY + dt.timedelta(days=10)
    day.serve(city, 0, city.nora, "planned_next_step", plan_reason="collect_document", plan_due=due)
    early = known(city, 9)
    assert (early.visit_class, early.step, [step.due for step in early.waiting_steps]) == (
        "repeat",
        None,
        [due],
    )
    due_now = known(city, 10)
    assert due_now.step is not None
    assert (due_now.visit_class, due_now.step.due, due_now.is_return) == ("planned", due, True)
    assert known(city, 10, reason="chase").is_failure
    assert known(city, 41).visit_class is VisitClass.INDEX_NEW


def test_an_invitation_to_repair_a_fault_is_no_failure(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    assert known(city, 3, reason="recall").visit_class is VisitClass.RECALL


def test_what_the_banner_says_is_what_the_visit_becomes(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    day.serve(city, 3, city.nora, return_reason="other")
    foreseen = known(city, 20)
    assert len(foreseen.visits) == 2
    day.serve(city, 20, city.nora, return_reason="other")
    assert day.classes()[-1] == foreseen.visit_class == "repeat"


def test_the_stage_before_a_transfer_is_no_earlier_visit(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    second = day.act(city, 0, "09:15", "transfer", first, service=city.passport)
    day.hear(0)
    assert past(city, 0, family="renewal", at=day.when(0, "09:16"), ticket_id=second.id) is None
    assert past(city, 0, family="renewal", at=day.when(0, "09:16")) is not None


def test_leaving_unserved_is_no_visit_to_come_back_from(city: Cast) -> None:
    ticket = day.arrive(city, 0, "09:00", city.nora)
    day.act(city, 0, "09:30", "abandon", ticket)
    day.hear(0)
    assert past(city, 1) is None
