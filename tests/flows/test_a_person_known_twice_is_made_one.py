"""Two persons who are one: proposed by one, confirmed by another; undone, everything is as before."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.cases.linking import merging
from govdesk.cases.linking.merging import MergeError
from govdesk.cases.linking.models import PersonMerge
from govdesk.cases.linking.service import LinkError
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cases.service import history
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.people import service as people
from govdesk.people.models import Person
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


@pytest.fixture
def caller(city: Cast) -> Person:
    """Nora before she showed her number: known by her telephone."""
    with transaction() as session:
        actor = city.staff["reem"].actor
        return people.identify_contact(session, actor=actor, phone="0501234567", name="نورة الحربي")


def propose(city: Cast, other: Person, kept: Person | None = None, by: str = "reem") -> int:
    with clock.at(day.when(9, "08:00")), transaction() as session:
        merge = merging.propose(
            session,
            actor=city.staff[by].actor,
            kept=session.get_one(Person, (kept or city.nora).id),
            other=session.get_one(Person, other.id),
            branch=session.get_one(Branch, city.north.id),
            reason="Same phone, same name",
        )
        return merge.id


def confirm(city: Cast, merge_id: int, by: str = "sara") -> None:
    with clock.at(day.when(9, "08:30")), transaction() as session:
        merging.confirm(session, actor=city.staff[by].actor, merge_id=merge_id)


def test_visits_under_two_names_become_one_matter(city: Cast, caller: Person) -> None:
    first = day.serve(city, 0, caller, "unresolved", cause="papers")
    second = day.serve(city, 5, city.nora)
    assert day.classes() == ["index_new", "index_new"]
    confirm(city, propose(city, caller))
    assert day.classes() == ["index_new", "repeat"]
    assert {visit.person_id for visit in day.visits()} == {city.nora.id}
    assert (day.visit_of(first).linked_by, day.visit_of(second).linked_by) == ("merge", "identity")
    assert day.visit_of(first).named_id == caller.id
    assert len(day.cases()) == 1
    assert reclassify_all(reading()) == 0
    assert list(audit.verify(reading())) == []


def test_what_comes_later_under_the_other_name_counts_too(city: Cast, caller: Person) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    confirm(city, propose(city, caller))
    past = history(reading(), person_id=caller.id, family="renewal", at=day.when(10, "09:00"))
    assert past is not None
    assert past.is_failure
    day.serve(city, 10, caller)
    assert day.classes() == ["index_new", "repeat"]
    assert day.visits()[1].person_id == city.nora.id


def test_undone_every_visit_is_again_whose_it_was_named_for(city: Cast, caller: Person) -> None:
    day.serve(city, 0, caller, "unresolved", cause="papers")
    day.serve(city, 5, city.nora)
    merge = propose(city, caller)
    confirm(city, merge)
    day.serve(city, 10, caller)
    with transaction() as session:
        merging.undo(session, actor=city.staff["sara"].actor, merge_id=merge, reason="Two sisters")
    assert [visit.person_id for visit in day.visits()] == [caller.id, city.nora.id, caller.id]
    assert day.classes() == ["index_new", "index_new", "repeat"]
    assert [visit.named_id for visit in day.visits()] == [None, None, None]
    assert {visit.linked_by for visit in day.visits()} == {"contact", "identity"}
    assert reclassify_all(reading()) == 0


def test_a_step_planned_under_one_name_is_come_for_under_the_other(city: Cast, caller: Person) -> None:
    due = SUNDAY + dt.timedelta(days=5)
    day.serve(city, 0, caller, "planned_next_step", plan_reason="collect_document", plan_due=due)
    day.serve(city, 6, city.nora)
    merge = propose(city, caller)
    confirm(city, merge)
    assert day.classes() == ["index_new", "planned"]
    with transaction() as session:
        merging.undo(session, actor=city.staff["sara"].actor, merge_id=merge, reason="A mistake")
    assert day.classes() == ["index_new", "index_new"]
    assert day.visits()[1].plan_due is None


def test_nobody_confirms_what_they_proposed_themselves(city: Cast, caller: Person) -> None:
    merge = propose(city, caller, by="sara")
    with pytest.raises(MergeError, match=r"linking\.merge_own"):
        confirm(city, merge, by="sara")
    reading().rollback()
    assert reading().get_one(Person, caller.id).same_as_id is None


def test_it_is_confirmed_where_it_was_proposed_and_by_who_may_judge(city: Cast, caller: Person) -> None:
    merge = propose(city, caller)
    for username in ("omar", "salim"):
        with pytest.raises(NotAllowedError):
            confirm(city, merge, by=username)
    confirm(city, merge)
    with pytest.raises(MergeError, match=r"linking\.merge_decided"):
        confirm(city, merge)


def test_two_identity_numbers_are_two_people(city: Cast) -> None:
    with pytest.raises(MergeError, match=r"linking\.merge_two_identities"):
        propose(city, city.raj)
    with pytest.raises(MergeError, match=r"linking\.merge_itself"):
        propose(city, city.nora)


def test_who_shows_a_number_is_who_remains(city: Cast, caller: Person) -> None:
    merge = propose(city, city.nora, kept=caller)
    found = reading().get_one(PersonMerge, merge)
    assert (found.kept_id, found.other_id) == (city.nora.id, caller.id)


def test_a_pair_is_proposed_once_and_refused_with_a_reason(city: Cast, caller: Person) -> None:
    merge = propose(city, caller)
    with pytest.raises(MergeError, match=r"linking\.merge_proposed_already"):
        propose(city, caller)
    sara = city.staff["sara"].actor
    with pytest.raises(LinkError, match=r"linking\.reason_missing"), transaction() as session:
        merging.refuse(session, actor=sara, merge_id=merge, reason="  ")
    with transaction() as session:
        merging.refuse(session, actor=sara, merge_id=merge, reason="Mother and daughter")
    assert merging.waiting(reading(), [city.north.id]) == []
    confirmable: Actor = city.staff["sara"].actor
    with pytest.raises(MergeError, match=r"linking\.merge_decided"), transaction() as session:
        merging.confirm(session, actor=confirmable, merge_id=merge)
    reading().rollback()
    assert reading().scalars(select(PersonMerge.decided_why)).all() == ["Mother and daughter"]
