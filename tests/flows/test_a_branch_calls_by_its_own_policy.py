"""A branch writes who is called before whom, its counters obey, and every call says why."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog.models import Branch, Counter
from govdesk.catalog.toml_table import CatalogError
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError
from govdesk.queue import by_hand, catalog_document, counters, lane, live, policies, service
from govdesk.queue.by_hand import HandCallError
from govdesk.queue.dispatch_models import DispatchPolicy, HandCall
from govdesk.queue.errors import CounterBusyError, WrongStepError
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.queue.policy import PLAIN, ClassRule, Help, Policy
from tests.makers import MORNING, Cast, make_ticket

TURNS = Policy(form="turns", priority=ClassRule(2, None), walk_in=ClassRule(1, 40))


@pytest.fixture
def seated(cast: Cast) -> Cast:
    """Omar sits at counter 1 of the north, othman at counter 2."""
    with transaction() as session:
        for name, counter in (("omar", cast.north_1), ("othman", cast.north_2)):
            counters.open_counter(session, actor=cast.staff[name].actor, counter_id=counter.id)
    return cast


def switch(cast: Cast, policy: Policy, *, by: str = "adam") -> bool:
    with transaction() as session:
        branch = session.get_one(Branch, cast.north.id)
        return policies.switch_on(session, actor=cast.staff[by].actor, branch=branch, policy=policy)


def waiting(cast: Cast, waited: float, **columns: Any) -> int:
    at = clock.now() - dt.timedelta(minutes=waited)
    given = {"arrived_at": at, "callable_at": at, "order_at": at, "service": cast.renewal, **columns}
    with transaction() as session:
        return make_ticket(session, branch=cast.north, **given).id


def press(cast: Cast, name: str = "omar") -> int | None:
    """Call, conclude what was called, and say whom."""
    actor = cast.staff[name].actor
    with transaction() as session:
        ticket = service.call_next(session, actor=actor)
        if ticket is not None:
            service.conclude(session, actor=actor, ticket_id=ticket.id, outcome="resolved")
        return ticket.id if ticket else None


def told(ticket_id: int) -> dict[str, Any]:
    query = select(TicketEvent.detail).where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == "called")
    found: dict[str, Any] = reading().scalars(query).one()
    return found


def numbers(*ticket_ids: int) -> list[str]:
    return [reading().get_one(Ticket, ticket_id).number for ticket_id in ticket_ids]


def stands() -> dict[int, dt.datetime]:
    """Where each stands."""
    return {ticket.id: ticket.order_at for ticket in reading().scalars(select(Ticket))}


def test_without_a_policy_a_call_says_why_and_how_many_wait_longer(seated: Cast) -> None:
    walk_in = waiting(seated, 10)
    urgent = waiting(
        seated, 5, call_class="priority", priority="elderly", order_at=MORNING - dt.timedelta(minutes=35)
    )
    assert [press(seated), press(seated), press(seated)] == [urgent, walk_in, None]
    assert told(urgent) == {
        "why": "priority", "waited": 5, "overtook": 1, "overtaken": numbers(walk_in),
    }  # fmt: skip
    assert told(walk_in) == {"why": "walk_in", "waited": 10}


def test_classes_take_turns_and_the_record_says_whose_turn_it_was(seated: Cast) -> None:
    assert switch(seated, TURNS)
    walk_ins = [waiting(seated, 20), waiting(seated, 19)]
    urgent = [waiting(seated, n, call_class="priority") for n in (9, 8, 7)]
    assert [press(seated) for _ in range(6)] == [
        urgent[0],
        walk_ins[0],
        urgent[1],
        urgent[2],
        walk_ins[1],
        None,
    ]
    assert told(urgent[0]) == {
        "why": "turn", "class": "priority", "turn": 1, "of": 2, "waited": 9, "overtook": 2,
        "overtaken": numbers(*walk_ins),
    }  # fmt: skip
    assert told(walk_ins[0]) == {"why": "turn", "class": "walk_in", "turn": 1, "of": 1, "waited": 20}
    assert told(walk_ins[1]) == {"why": "walk_in", "waited": 19}


def test_who_waits_past_ageing_or_ceiling_goes_first(seated: Cast) -> None:
    switch(seated, TURNS)
    young, aged, over = waiting(seated, 5, call_class="priority"), waiting(seated, 41), waiting(seated, 65)
    assert [press(seated), press(seated), press(seated)] == [over, aged, young]
    assert told(over) == {"why": "ceiling", "after": 60, "waited": 65}
    assert told(aged) == {"why": "aged", "class": "walk_in", "after": 40, "waited": 41}


def test_what_is_shown_is_the_order_of_the_calls(seated: Cast) -> None:
    switch(seated, TURNS)
    for n, name in enumerate(("priority", "walk_in", "priority", "walk_in", "appointment", "priority")):
        waiting(seated, 12 - n, call_class=name)
    shown = [ticket.id for ticket in live.waiting(reading(), seated.north.id)]
    line = lane.lane(reading(), branch_id=seated.north.id, service_ids=(), shown=3)
    assert [one.ticket_id for one in line.first] == shown[:3]
    assert line.count == 6
    assert [press(seated) for _ in range(6)] == shown


def test_a_counter_helps_another_service_once_its_wait_is_long(seated: Cast) -> None:
    with transaction() as session:
        own = update(Counter).where(Counter.id == seated.north_1.id)
        session.execute(own.values(service_ids=[seated.passport.id]))
    helps = (Help(seated.renewal.id, 20),)
    switch(seated, replace(PLAIN, helps=helps))
    short = waiting(seated, 20)
    assert press(seated) is None
    long = waiting(seated, 21)
    assert press(seated) == long
    assert told(long)["help"] == 20
    assert press(seated, "othman") == short


def test_an_officer_calls_only_what_the_profile_allows(seated: Cast) -> None:
    with transaction() as session:
        policies.set_profile(
            session, actor=seated.staff["adam"].actor, staff=session.merge(seated.staff["omar"]),
            service_ids=[seated.passport.id], languages=["ar"],
        )  # fmt: skip
    renewal = waiting(seated, 20)
    assert press(seated) is None
    switch(seated, TURNS)
    assert press(seated) is None
    assert press(seated, "othman") == renewal


def test_an_early_appointment_is_called_only_within_the_window_and_when_nobody_due_waits(
    seated: Cast,
) -> None:
    early = waiting(seated, -10, arrived_at=MORNING, call_class="appointment")
    assert press(seated) is None
    switch(seated, replace(PLAIN, early=10))
    due = waiting(seated, 0)
    assert [press(seated), press(seated)] == [due, early]


def test_a_new_policy_moves_who_waits_already_and_keeps_who_was_moved(seated: Cast) -> None:
    with transaction() as session:
        branch, renewal = session.merge(seated.north), session.merge(seated.renewal)
        reem = seated.staff["reem"].actor
        urgent = service.issue(session, actor=reem, branch=branch, service=renewal, priority="elderly").id
        moved = service.issue(session, actor=reem, branch=branch, service=renewal)
        moved.order_at += dt.timedelta(minutes=7)
        moved_id = moved.id
    switch(seated, TURNS)
    places = stands()
    assert places == {urgent: MORNING, moved_id: MORNING + dt.timedelta(minutes=7)}
    switch(seated, PLAIN)
    reading().rollback()
    places = stands()
    assert places[urgent] == MORNING - dt.timedelta(minutes=30)


def test_each_change_is_a_version_and_the_same_again_is_none(seated: Cast) -> None:
    assert [switch(seated, TURNS), switch(seated, TURNS), switch(seated, PLAIN, by="sara")] == [
        True,
        False,
        True,
    ]
    rows = policies.versions(reading(), seated.north.id)
    assert [(row.version, row.made_by_id) for row in rows] == [
        (2, seated.staff["sara"].id), (1, seated.staff["adam"].id),
    ]  # fmt: skip
    assert policies.in_force(reading(), seated.north.id) == PLAIN


def test_a_policy_that_does_not_hold_and_one_of_another_branch_are_refused(seated: Cast) -> None:
    with pytest.raises(policies.PolicyRefusedError) as refused:
        switch(seated, replace(TURNS, ceiling=500))
    assert refused.value.field == "ceiling"
    for name in ("omar", "salim"):
        with pytest.raises(NotAllowedError):
            switch(seated, TURNS, by=name)
    assert reading().scalars(select(DispatchPolicy)).all() == []


def test_whoever_came_back_because_of_us_is_called_as_such(seated: Cast) -> None:
    walk_in, back = waiting(seated, 10), waiting(seated, 5)
    with transaction() as session:
        assert policies.mark_our_mistake(session, ticket_id=back)
        assert not policies.mark_our_mistake(session, ticket_id=back)
    assert [press(seated), press(seated)] == [back, walk_in]
    assert told(back)["why"] == "our_mistake"


def by_hand_for(cast: Cast, name: str, ticket_id: int, reason: str = "unwell", words: str = "") -> int:
    with transaction() as session:
        actor = session.merge(cast.staff[name]).actor
        return by_hand.call_by_hand(session, actor=actor, ticket_id=ticket_id, reason=reason, words=words)


def test_a_call_by_hand_needs_a_reason_and_is_kept_with_who_was_passed(seated: Cast) -> None:
    first, chosen = waiting(seated, 20), waiting(seated, 10)
    for reason, words, field in (("", "", "reason"), ("other", " ", "words")):
        with pytest.raises(HandCallError) as refused:
            by_hand_for(seated, "omar", chosen, reason, words)
        assert refused.value.field == field
    assert by_hand_for(seated, "omar", chosen, "other", "her train leaves") == chosen
    row = reading().scalars(select(HandCall)).one()
    number = reading().get_one(Ticket, first).number
    assert (row.reason, row.words, row.overtook, row.overtaken) == ("other", "her train leaves", 1, [number])
    assert told(chosen) == {
        "why": "by_hand", "reason": "other", "waited": 10, "overtook": 1, "overtaken": [number],
    }  # fmt: skip


def test_by_hand_takes_nobody_twice_and_nobody_who_is_not_due(seated: Cast) -> None:
    one, two, early = waiting(seated, 20), waiting(seated, 10), waiting(seated, -5)
    by_hand_for(seated, "omar", one)
    with pytest.raises(CounterBusyError):
        by_hand_for(seated, "omar", two)
    with pytest.raises(WrongStepError):
        by_hand_for(seated, "othman", one)
    with pytest.raises(HandCallError) as refused:
        by_hand_for(seated, "othman", early)
    assert refused.value.key == "dispatch.not_due"


WRITTEN = """
[[dispatch]]
branch = "north"
form = "turns"
walk_in = { turns = 1, ageing = 0 }
helps = [{ service = "renewal", after = 25 }]
"""


def test_a_policy_comes_with_the_catalog_and_goes_out_the_same(seated: Cast) -> None:
    text = catalog_document.dump(reading())
    with transaction() as session:
        assert catalog_document.load(session, actor=SYSTEM, text=text + WRITTEN).changes > 0
    now = policies.in_force(reading(), seated.north.id)
    assert (now.form, now.walk_in, now.helps) == (
        "turns", ClassRule(1, None, 0), (Help(seated.renewal.id, 25),),
    )  # fmt: skip
    reading().rollback()
    dumped = catalog_document.dump(reading())
    with transaction() as session:
        assert catalog_document.load(session, actor=SYSTEM, text=dumped).changes == 0
    assert policies.in_force(reading(), seated.north.id) == now


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('branch = "north"', 'branch = "south"', "dispatch[1].branch"),
        ('form = "turns"', 'form = "lottery"', "dispatch[1].form"),
        ('service = "renewal"', 'service = "flight"', "dispatch[1].helps"),
        ('form = "turns"', "speed = 3", "dispatch[1].speed"),
        ("turns = 1", "turns = 0", "dispatch[1].walk_in_turns"),
    ],
)
def test_a_written_policy_that_does_not_hold_is_refused_with_its_place(
    seated: Cast, before: str, after: str, place: str
) -> None:
    text = catalog_document.dump(reading()) + WRITTEN.replace(before, after)
    with pytest.raises(CatalogError) as refused, transaction() as session:
        catalog_document.load(session, actor=SYSTEM, text=text)
    assert refused.value.params["place"] == place


def test_the_line_before_an_officer_is_whom_that_officer_will_call(seated: Cast) -> None:
    with transaction() as session:
        policies.set_profile(
            session, actor=seated.staff["adam"].actor, staff=session.merge(seated.staff["omar"]),
            service_ids=[seated.passport.id], languages=[],
        )  # fmt: skip
    waiting(seated, 20)
    own = waiting(seated, 10, service=seated.passport)
    waiting(seated, 15, service=seated.passport, meant_counter_id=seated.north_2.id)
    for policy in (PLAIN, TURNS):
        switch(seated, policy)
        seat = counters.seat_of(reading(), seated.staff["omar"].actor)
        line = lane.lane(reading(), branch_id=seated.north.id, service_ids=(), shown=5, seat=seat)
        assert ([one.ticket_id for one in line.first], line.count) == ([own], 1)
        assert line.next is not None
        assert line.next.ticket_id == own
    assert press(seated) == own


def test_the_next_is_an_early_appointment_once_the_window_is_open_and_nobody_due_waits(seated: Cast) -> None:
    early = waiting(seated, -10, arrived_at=MORNING, call_class="appointment")

    def following() -> int | None:
        reading().rollback()
        line = lane.lane(reading(), branch_id=seated.north.id, service_ids=(), shown=5)
        return line.next.ticket_id if line.next else None

    assert following() is None
    switch(seated, replace(PLAIN, early=9))
    assert following() is None
    switch(seated, replace(PLAIN, early=10))
    assert following() == early
    due = waiting(seated, 0)
    assert following() == due
