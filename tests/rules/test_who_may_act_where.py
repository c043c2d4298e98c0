"""A role holds where it was given: another role, or the same one elsewhere, widens it by nothing."""

import pytest

from govdesk.actor import SYSTEM, VISITOR, Actor, Held
from govdesk.people.models import acting

NORTH, HARBOUR, CIVIL = 1, 2, 7
OFFICER = ("officer", NORTH, None)


@pytest.mark.parametrize(
    ("grants", "role", "places"),
    [
        ([], "officer", set()),
        ([OFFICER], "officer", {NORTH}),
        ([OFFICER], "supervisor", set()),
        ([("officer", None, None)], "officer", {NORTH, HARBOUR}),
        ([OFFICER, ("auditor", None, None)], "officer", {NORTH}),
        ([OFFICER, ("auditor", None, None)], "auditor", {NORTH, HARBOUR}),
        ([OFFICER, ("admin", None, None)], "officer", {NORTH}),
        ([OFFICER, ("supervisor", HARBOUR, None)], "officer", {NORTH}),
        ([OFFICER, ("supervisor", HARBOUR, None)], "supervisor", {HARBOUR}),
        ([OFFICER, ("officer", HARBOUR, None)], "officer", {NORTH, HARBOUR}),
        ([OFFICER, ("head", None, CIVIL)], "officer", {NORTH}),
        ([OFFICER, ("head", None, CIVIL)], "head", {NORTH, HARBOUR}),
    ],
)
def test_a_role_may_act_where_it_was_given(grants: list[Held], role: str, places: set[int]) -> None:
    actor = acting(5, grants)
    assert {branch for branch in (NORTH, HARBOUR) if actor.may(role, branch_id=branch)} == places


def test_any_of_several_roles_is_enough() -> None:
    actor = acting(5, [OFFICER, ("supervisor", HARBOUR, None)])
    assert all(actor.may("officer", "supervisor", branch_id=branch) for branch in (NORTH, HARBOUR))
    assert not actor.may("reception", "admin", branch_id=NORTH)


def test_what_one_sees_is_all_roles_together() -> None:
    actor = acting(5, [OFFICER, ("supervisor", HARBOUR, None)])
    assert actor.branch_ids == frozenset({NORTH, HARBOUR})
    assert actor.has("officer")
    assert actor.has("supervisor")
    assert acting(5, [OFFICER, ("auditor", None, None)]).sees_branch(HARBOUR)


def test_who_is_not_staff_is_judged_by_roles_and_scope() -> None:
    assert SYSTEM.may("officer", branch_id=HARBOUR)
    assert not VISITOR.may("officer", branch_id=NORTH)
    program = Actor("token", "1", frozenset({"reception"}), branch_ids=frozenset({NORTH}))
    assert program.may("reception", branch_id=NORTH)
    assert not program.may("reception", branch_id=HARBOUR)


def test_an_actor_is_a_value() -> None:
    assert acting(5, [OFFICER, ("auditor", None, None)]) == acting(5, [("auditor", None, None), OFFICER])
    assert len({acting(5, [OFFICER]), acting(5, [OFFICER])}) == 1
