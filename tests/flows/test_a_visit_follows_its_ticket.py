"""What remains of a ticket when it ends: one visit, told whole, however often and late it is heard."""

import datetime as dt
from typing import Any

import pytest

from govdesk import clock
from govdesk.booking import sweeps
from govdesk.cases.service import reclassify_all, record_ticket
from govdesk.catalog.entries import RepeatEntry
from govdesk.catalog.organisation import set_repeat
from govdesk.db import transaction
from govdesk.queue import service
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast, make_appointment, make_slot


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def test_a_served_ticket_is_a_visit_with_its_times(city: Cast) -> None:
    ticket = day.serve(city, 0, city.nora, object_ref="ID-7")
    visit = day.visit_of(ticket)
    assert (visit.source, visit.status, visit.outcome, visit.class_name) == (
        "live",
        "served",
        "resolved",
        "index_new",
    )
    assert (visit.unit, visit.family, visit.object_ref) == ("north/civil", "renewal", "id-7")
    assert (visit.person_id, visit.direction, visit.channel) == (city.nora.id, "inbound", "reception")
    assert [visit.arrived_at, visit.called_at, visit.served_at, visit.ended_at] == [
        day.when(0, time) for time in ("09:00", "09:10", "09:11", "09:20")
    ]
    assert visit.started_at == visit.arrived_at
    assert (visit.started_on, visit.ended_on) == (SUNDAY, SUNDAY)
    assert visit.officer == f"staff:{city.staff['omar'].id}"


def test_hearing_twice_makes_one_visit(city: Cast) -> None:
    ticket = day.serve(city, 0, city.nora)
    with transaction() as session:
        record_ticket(session, {"ticket_id": ticket})
        record_ticket(session, {"ticket_id": ticket})
    assert day.classes() == ["index_new"]


def test_a_ticket_that_is_gone_or_still_open_makes_none(city: Cast) -> None:
    waiting = day.arrive(city, 0, "09:00", city.nora)
    with transaction() as session:
        record_ticket(session, {"ticket_id": waiting})
        record_ticket(session, {"ticket_id": 999_999})
    assert day.visits() == []


@pytest.mark.parametrize(
    ("verb", "given", "expected"),
    [
        ("noshow", {}, ("no_show", None, "no_show")),
        ("abandon", {}, ("abandoned", "left", "abandoned")),
        ("turn_away", {"cause": "papers"}, ("turned_away", "unresolved", "index_new")),
    ],
)
def test_every_end_has_its_status(
    city: Cast, verb: str, given: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    ticket = day.arrive(city, 0, "09:00", city.nora)
    if verb == "noshow":
        day.call(city, 0, "09:10")
    day.act(city, 0, "09:15", verb, ticket, **given)
    day.hear(0)
    visit = day.visit_of(ticket)
    assert (visit.status, visit.outcome, visit.class_name) == expected


def test_a_ticket_left_overnight_is_a_visit_closed_unserved(city: Cast) -> None:
    ticket = day.arrive(city, 0, "15:50", city.nora)
    with clock.at(day.when(1, "01:00")), transaction() as session:
        service.close_day(session, branch=city.north)
    day.hear(1)
    visit = day.visit_of(ticket)
    assert (visit.status, visit.class_name, visit.served_at) == ("closed_unserved", "closed_unserved", None)


def test_a_missed_ticket_that_is_taken_back_becomes_a_served_visit(city: Cast) -> None:
    ticket = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:12", "noshow", ticket)
    day.hear(0)
    assert day.classes() == ["no_show"]
    day.act(city, 0, "09:30", "take_back", ticket)
    day.hear(0)
    assert day.visits() == []
    day.call(city, 0, "09:40")
    day.act(city, 0, "09:50", "conclude", ticket, outcome="resolved")
    day.hear(0)
    assert day.classes() == ["index_new"]


def test_a_later_stage_that_is_taken_back_leaves_the_first_as_it_was(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    first = day.arrive(city, 3, "09:00", city.nora)
    day.call(city, 3, "09:10")
    day.act(city, 3, "09:11", "start", first)
    second = day.act(city, 3, "09:15", "transfer", first, service=city.passport)
    day.hear(3)
    before = [(visit.visit_no, visit.class_name, visit.case_id) for visit in day.visits()]
    day.call(city, 3, "09:20", "othman")
    day.act(city, 3, "09:22", "noshow", second.id, "othman")
    day.hear(3)
    assert len(day.visits()) == 3
    day.act(city, 3, "09:30", "take_back", second.id)
    day.hear(3)
    assert [(visit.visit_no, visit.class_name, visit.case_id) for visit in day.visits()] == before
    with transaction() as session:
        assert reclassify_all(session) == 0


def test_a_miss_taken_back_and_missed_again_stays_a_miss(city: Cast) -> None:
    ticket = day.arrive(city, 0, "09:00", None)
    for minute in ("10", "20"):
        day.call(city, 0, f"09:{minute}")
        day.act(city, 0, f"09:{minute}", "noshow", ticket)
        if minute == "10":
            day.act(city, 0, "09:15", "take_back", ticket)
    day.hear(0)
    assert day.classes() == ["no_show"]


def test_stages_joined_by_transfer_are_one_visit(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    second = day.act(city, 0, "09:15", "transfer", first, service=city.deed)
    assert second.transferred_from_id == first
    following = day.call(city, 0, "09:20", "othman")
    day.act(city, 0, "09:30", "conclude", following, "othman", outcome="resolved")
    day.hear(0)
    parts = day.visits()
    assert [(part.visit_no, part.class_name, part.transfer_of) for part in parts] == [
        (str(first), "index_new", None),
        (str(following), "merged", str(first)),
    ]
    assert [part.unit for part in parts] == ["north/civil", "north/lands"]
    assert day.serve(city, 3, city.nora, return_reason="other")
    back = day.visits()[-1]
    assert (back.class_name, back.charged_unit, back.gap_days) == ("repeat", "north/lands", 3)


def test_a_person_named_at_the_second_stage_is_named_at_the_first(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", None)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    day.act(city, 0, "09:15", "transfer", first, service=city.deed)
    day.hear(0)
    assert day.classes() == ["unlinked"]
    following = day.call(city, 0, "09:20", "othman")
    day.act(city, 0, "09:21", "name_person", following, "othman", person=city.nora, object_ref="D-1")
    day.hear(0)
    assert [(visit.person_id, visit.object_ref, visit.class_name) for visit in day.visits()] == [
        (city.nora.id, "d-1", "index_new")
    ]
    day.act(city, 0, "09:30", "conclude", following, "othman", outcome="resolved")
    day.hear(0)
    assert day.classes() == ["index_new", "merged"]
    day.serve(city, 3, city.nora, return_reason="other", object_ref="D-1")
    assert day.classes() == ["index_new", "merged", "repeat"]


def test_a_person_named_by_mistake_is_put_right_at_every_stage(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.raj, object_ref="D-1")
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    second = day.act(city, 0, "09:15", "transfer", first, service=city.deed)
    day.hear(0)
    for _ in range(2):
        day.act(city, 0, "09:21", "name_person", second.id, person=city.nora)
    day.hear(0)
    (visit,) = day.visits()
    assert (visit.person_id, visit.object_ref) == (city.nora.id, "d-1")
    assert [case.person_id for case in day.cases()] == [city.nora.id]


def test_a_stage_that_nobody_served_is_no_visit_and_its_arrival_is_kept(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:12", "transfer", first, service=city.passport)
    following = day.call(city, 0, "09:20", "othman")
    day.act(city, 0, "09:30", "conclude", following, "othman", outcome="resolved")
    day.hear(0)
    (visit,) = day.visits()
    assert (visit.visit_no, visit.transfer_of, visit.family) == (str(following), None, "passport")
    assert (visit.arrived_at, visit.called_at) == (day.when(0, "09:00"), day.when(0, "09:10"))


def test_visits_heard_in_the_wrong_order_end_the_same(city: Cast) -> None:
    first = day.arrive(city, 0, "09:00", city.nora)
    day.call(city, 0, "09:10")
    day.act(city, 0, "09:11", "start", first)
    day.act(city, 0, "09:15", "transfer", first, service=city.deed)
    following = day.call(city, 0, "09:20", "othman")
    day.act(city, 0, "09:30", "conclude", following, "othman", outcome="resolved")
    with transaction() as session:
        record_ticket(session, {"ticket_id": following})
        record_ticket(session, {"ticket_id": first})
    assert [(visit.visit_no, visit.class_name) for visit in day.visits()] == [
        (str(first), "index_new"),
        (str(following), "merged"),
    ]
    assert len(day.cases()) == 1


def test_a_planned_step_is_written_once_and_found_by_the_visit_that_comes_for_it(city: Cast) -> None:
    due = SUNDAY + dt.timedelta(days=10)
    plan: dict[str, Any] = {"plan_reason": "collect_document", "plan_due": due}
    day.serve(city, 0, city.nora, "planned_next_step", **plan)
    day.serve(city, 4, city.nora, "unresolved", cause="other", return_reason="other")
    day.serve(city, 10, city.nora, "resolved")
    day.serve(city, 11, city.nora, "resolved", return_reason="other")
    assert day.classes() == ["index_new", "repeat", "planned", "repeat"]
    assert [visit.plan_due for visit in day.visits()] == [None, None, due, None]


def test_an_appointment_nobody_came_to_is_a_visit_that_did_not_happen(city: Cast) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=city.north, service=city.renewal, starts_at=day.when(1, "09:00"))
        appointment = make_appointment(session, slot=slot, person=city.nora)
    with clock.at(day.when(2, "01:00")), transaction() as session:
        assert sweeps.note_missed(session) == 1
    day.hear(2)
    day.hear(2)
    (visit,) = day.visits()
    assert (visit.visit_no, visit.class_name) == (f"appointment-{appointment.id}", "no_show")
    assert visit.appointment_at == visit.started_at == visit.ended_at == day.when(1, "09:00")
    assert visit.arrived_at is None


def test_a_visitor_without_identity_is_counted_as_unlinked(city: Cast) -> None:
    day.serve(city, 0, None, "planned_next_step", plan_reason="instalment", plan_due=SUNDAY)
    assert day.classes() == ["unlinked"]
    assert day.cases() == []


def test_a_changed_window_judges_earlier_visits_anew(city: Cast) -> None:
    day.serve(city, 0, city.nora)
    day.serve(city, 10, city.nora, return_reason="other")
    assert day.classes() == ["index_new", "repeat"]
    with clock.at(day.when(10, "10:00")), transaction() as session:
        renewal = session.merge(city.renewal)
        actor = city.staff["adam"].actor
        set_repeat(session, actor=actor, service=renewal, repeat=RepeatEntry(window_days=7))
    day.hear(10)
    assert day.classes() == ["index_new", "index_new"]
