"""A visit that becomes a return by a mended link opens a task; one that is none says so in it."""

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.actor import SYSTEM
from govdesk.cases.linking import merging
from govdesk.cases.linking import service as linking
from govdesk.cases.recovery import finding
from govdesk.cases.recovery import service as recovery
from govdesk.cases.recovery.models import Recovery, RecoveryTrigger
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.people import service as people
from govdesk.people.models import Person
from govdesk.wiring import HANDLERS
from tests.flows import office_days as day
from tests.makers import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    day.sit_down(cast)
    return cast


def mend(city: Cast, verb: str, visit_id: int, **given: object) -> None:
    with clock.at(day.when(10, "08:00")):
        with transaction() as session:
            known = {"reason": "He showed his card later", **given}
            getattr(linking, verb)(session, actor=city.staff["sara"].actor, visit_id=visit_id, **known)
        hear()


def hear() -> None:
    while outbox.deliver_due(HANDLERS):
        pass


def tasks() -> list[tuple[int, list[str]]]:
    """Whose each task is, and its steps."""
    reading().rollback()
    found = reading().scalars(select(Recovery).order_by(Recovery.id))
    return [
        (task.person_id, [step.kind for step in finding.steps_of(reading(), task)]) for task in found.all()
    ]


def shown() -> list[list[str]]:
    """The reasons that the work list shows for each task."""
    reading().rollback()
    return [list(line.triggers) for line in finding.listed(reading(), SYSTEM, "open")]


def test_a_link_that_makes_a_return_opens_one_task_and_only_one(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    nobody = day.visit_of(day.serve(city, 4, None)).id
    assert tasks() == []
    mend(city, "link", nobody, person=city.nora)
    assert tasks() == [(city.nora.id, ["opened"])]
    with transaction() as session:
        outbox.emit(session, "visit.repeated", visit_id=nobody)  # told twice
    hear()
    mend(city, "say_object", nobody, object_ref="car-1")  # it stays the return that it is
    assert tasks() == [(city.nora.id, ["opened"])]


def test_a_return_that_was_none_is_said_in_the_task_which_stays(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    second = day.visit_of(day.serve(city, 4, city.nora)).id
    hear()
    assert tasks() == [(city.nora.id, ["opened"])]
    mend(city, "unlink", second)
    assert tasks() == [(city.nora.id, ["opened", "undone"])]
    assert shown() == [[]]
    with transaction() as session:
        outbox.emit(session, "visit.repeat_undone", visit_id=second)
    hear()
    assert tasks() == [(city.nora.id, ["opened", "undone"])]
    mend(city, "link", second, person=city.nora)  # and was one after all
    assert tasks() == [(city.nora.id, ["opened", "undone", "joined"])]
    assert shown() == [["returned"]]


def test_a_task_that_is_closed_is_left_as_it_is(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers")
    second = day.visit_of(day.serve(city, 4, city.nora)).id
    hear()
    with clock.at(day.when(5, "09:00")), transaction() as session:
        task = session.scalars(select(Recovery)).one()
        recovery.hear_word(
            session, actor=city.staff["omar"].actor, recovery_id=task.id, is_good=True, channel="phone"
        )
    closed = tasks()
    mend(city, "unlink", second)
    assert tasks() == closed


def test_a_return_that_was_somebody_elses_is_made_good_to_them(city: Cast) -> None:
    day.serve(city, 0, city.nora, "unresolved", cause="papers", at=8)
    day.serve(city, 0, city.raj, "unresolved", cause="papers", at=9)
    second = day.visit_of(day.serve(city, 4, city.nora)).id
    hear()
    mend(city, "link", second, person=city.raj)
    assert day.classes() == ["index_new", "index_new", "repeat"]
    assert tasks() == [(city.nora.id, ["opened", "undone"]), (city.raj.id, ["opened"])]


def test_two_who_are_one_came_back_and_two_who_are_two_did_not(city: Cast) -> None:
    with transaction() as session:
        actor = city.staff["reem"].actor
        caller = people.identify_contact(session, actor=actor, phone="0501234567", name="Nora")
    day.serve(city, 0, caller, "unresolved", cause="papers")
    day.serve(city, 4, city.nora)
    hear()
    assert tasks() == []
    with clock.at(day.when(10, "08:00")):
        with transaction() as session:
            merge = merging.propose(
                session, actor=city.staff["reem"].actor, kept=session.get_one(Person, city.nora.id),
                other=session.get_one(Person, caller.id),
                branch=session.get_one(Branch, city.north.id), reason="One card",
            )  # fmt: skip
            merging.confirm(session, actor=city.staff["sara"].actor, merge_id=merge.id)
        hear()
        assert tasks() == [(city.nora.id, ["opened"])]
        with transaction() as session:
            merging.undo(session, actor=city.staff["sara"].actor, merge_id=merge.id, reason="Two sisters")
        hear()
    assert tasks() == [(city.nora.id, ["opened", "undone"])]
    reading().rollback()
    assert reading().scalars(select(RecoveryTrigger.spared)).all() == ["undone"]
