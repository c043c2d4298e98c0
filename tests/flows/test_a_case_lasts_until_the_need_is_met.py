"""One need of one person is one case: over all its visits, reopened by a return, due as promised."""

import datetime as dt

import pytest

from govdesk import clock
from govdesk.cases.service import reclassify_all
from govdesk.db import transaction
from govdesk.queue import service
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast, make_appointment, make_slot


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def test_one_visit_that_meets_the_need_is_a_resolved_case(city: Cast) -> None:
    ticket = day.serve(city, 0, city.nora, object_ref="ID-7")
    (case,) = day.cases()
    assert (case.source, case.case_no, case.person_id) == ("live", str(ticket), city.nora.id)
    assert (case.family, case.object_ref, case.unit) == ("renewal", "id-7", "north/civil")
    assert [case.opened_at, case.first_response_at, case.first_resolved_at, case.resolved_at] == [
        day.when(0, time) for time in ("09:00", "09:11", "09:20", "09:20")
    ]
    assert (case.reopened_at, case.due_at) == (None, None)
    assert day.visit_of(ticket).case_id == case.id


def test_a_case_runs_over_all_visits_of_its_matter(city: Cast) -> None:
    due = SUNDAY + dt.timedelta(days=10)
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    day.serve(
        city,
        2,
        city.nora,
        "planned_next_step",
        return_reason="papers",
        plan_reason="instalment",
        plan_due=due,
    )
    (case,) = day.cases()
    assert case.resolved_at is None
    day.serve(city, 10, city.nora)
    (case,) = day.cases()
    assert (case.opened_at, case.resolved_at) == (day.when(0, "09:00"), day.when(10, "09:20"))
    assert {visit.case_id for visit in day.visits()} == {case.id}


def test_a_return_opens_a_resolved_case_again(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    day.serve(city, 3, city.nora, "unresolved", cause="other", return_reason="other")
    (case,) = day.cases()
    assert (case.first_resolved_at, case.resolved_at) == (day.when(0, "09:20"), None)
    assert case.reopened_at == day.when(3, "09:00")
    day.serve(city, 4, city.nora, return_reason="other")
    (case,) = day.cases()
    assert (case.first_resolved_at, case.resolved_at) == (day.when(0, "09:20"), day.when(4, "09:20"))


def test_a_need_after_the_window_is_a_case_of_its_own(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    day.serve(city, 31, city.nora)
    assert [case.resolved_at for case in day.cases()] == [day.when(0, "09:20"), day.when(31, "09:20")]


def test_a_booked_case_begins_when_it_was_booked_and_is_due_as_promised(city: Cast) -> None:
    with transaction() as session:
        session.merge(city.renewal).resolve_days = 5
    with clock.at(day.when(0, "12:00")), transaction() as session:
        slot = make_slot(session, branch=city.north, service=city.renewal, starts_at=day.when(2, "09:30"))
        appointment = make_appointment(session, slot=slot, person=city.nora)
    with clock.at(day.when(2, "09:00")), transaction() as session:
        service.check_in(session, actor=city.staff["reem"].actor, appointment=session.merge(appointment))
    ticket = day.call(city, 2, "09:30")
    day.act(city, 2, "09:40", "conclude", ticket, outcome="resolved")
    day.hear(2)
    (case,) = day.cases()
    assert case.opened_at == day.when(0, "12:00")
    assert case.due_at == day.when(6, "00:00")  # the end of the fifth day after
    with transaction() as session:
        session.merge(city.renewal).resolve_days = 1
        assert reclassify_all(session) == 0
    assert day.cases()[0].due_at == day.when(6, "00:00")


def test_a_late_visit_that_joins_two_matters_joins_their_cases(city: Cast) -> None:
    first = day.serve(city, 0, city.nora)
    last = day.serve(city, 40, city.nora)
    assert len(day.cases()) == 2
    between = day.arrive(city, 20, "09:00", city.nora)
    day.call(city, 20, "09:10")
    day.act(city, 20, "09:20", "conclude", between, outcome="resolved", return_reason="other")
    day.hear(41)
    (case,) = day.cases()
    assert case.case_no == str(first)
    assert [visit.class_name for visit in day.visits()] == ["index_new", "repeat", "repeat"]
    assert day.visit_of(last).case_id == case.id
    assert case.resolved_at == day.when(40, "09:20")


def test_who_left_or_never_came_has_no_case(city: Cast) -> None:
    ticket = day.arrive(city, 0, "09:00", city.nora)
    day.act(city, 0, "09:30", "abandon", ticket)
    day.hear(0)
    assert day.cases() == []
    assert day.visit_of(ticket).case_id is None
