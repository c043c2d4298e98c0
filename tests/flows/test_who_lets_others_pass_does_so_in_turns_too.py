"""Where the classes take turns, who lets others pass is called so many later, whoever these are."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import VISITOR
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.queue import counters, own_turn, policies, service
from govdesk.queue.models import Ticket, TicketEvent
from govdesk.queue.own_turn import OwnTurnError
from govdesk.queue.policy import ClassRule, Policy
from tests.makers import Cast, make_ticket

TURNS = Policy(form="turns", priority=ClassRule(1, None), walk_in=ClassRule(1, None))
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _in_turns(cast: Cast) -> None:
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        branch = session.get_one(Branch, cast.north.id)
        branch.push_back_places = 2
        policies.switch_on(session, actor=cast.staff["adam"].actor, branch=branch, policy=TURNS)


def waiting(cast: Cast, waited: int, call_class: str = "walk_in") -> int:
    at = clock.now() - waited * MINUTE
    with transaction() as session:
        return make_ticket(
            session, branch=cast.north, service=cast.renewal, arrived_at=at, callable_at=at, order_at=at,
            call_class=call_class,
        ).id  # fmt: skip


def push_back(ticket_id: int) -> None:
    with transaction() as session:
        own_turn.push_back(session, actor=VISITOR, ticket_id=ticket_id)


def called(cast: Cast, count: int) -> list[int]:
    """Call so many, one after another, and say whom."""
    actor, found = cast.staff["omar"].actor, []
    for _ in range(count):
        with transaction() as session:
            ticket = service.call_next(session, actor=actor)
            assert ticket is not None
            service.conclude(session, actor=actor, ticket_id=ticket.id, outcome="resolved")
            found.append(ticket.id)
    return found


def passed(ticket_id: int) -> int:
    query = select(TicketEvent.detail).where(TicketEvent.ticket_id == ticket_id)
    detail = reading().scalars(query.where(TicketEvent.kind == "pushed_back")).one()
    return int(detail["places"])


def test_two_of_any_class_pass_and_no_more(cast: Cast) -> None:
    walk_ins = [waiting(cast, waited) for waited in (20, 19, 18)]
    urgent = [waiting(cast, waited, "priority") for waited in (10, 9, 8)]
    # without it they would be called by turns: urgent 0, walk-in 0, urgent 1, walk-in 1, urgent 2, walk-in 2
    push_back(walk_ins[0])
    assert passed(walk_ins[0]) == 2
    expected = [urgent[0], walk_ins[1], urgent[1], walk_ins[0], urgent[2], walk_ins[2]]
    assert called(cast, 6) == expected


def test_among_ones_own_alone_two_of_them_pass(cast: Cast) -> None:
    walk_ins = [waiting(cast, waited) for waited in (20, 19, 18, 17)]
    push_back(walk_ins[0])
    assert called(cast, 4) == [walk_ins[1], walk_ins[2], walk_ins[0], walk_ins[3]]


def test_who_waited_past_the_ceiling_lets_as_many_pass(cast: Cast) -> None:
    walk_ins = [waiting(cast, waited) for waited in (100, 99, 30, 20)]
    urgent = [waiting(cast, waited, "priority") for waited in (98, 10)]
    # all three past the ceiling of an hour and a half go first, by arrival; then they take turns
    push_back(walk_ins[0])
    found = called(cast, 6)
    assert found[:2] == [walk_ins[1], urgent[0]]
    assert found.index(walk_ins[0]) >= 2
    assert passed(walk_ins[0]) >= 2


def test_the_last_of_a_class_has_nobody_to_change_places_with(cast: Cast) -> None:
    alone = waiting(cast, 20)
    waiting(cast, 10, "priority")
    waiting(cast, 5, "priority")
    with pytest.raises(OwnTurnError, match="nobody_behind"):
        push_back(alone)


def test_who_is_not_here_yet_is_none_of_those_who_pass(cast: Cast) -> None:
    here = [waiting(cast, waited) for waited in (20, 18)]
    far = waiting(cast, 19)
    with transaction() as session:
        session.get_one(Ticket, far).callable_at = clock.now() + 600 * MINUTE
    push_back(here[0])
    assert passed(here[0]) == 1
    assert called(cast, 2) == [here[1], here[0]]
