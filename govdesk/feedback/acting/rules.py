"""Who answers for what a wave said, and how a change that was planned stands: pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    Held = tuple[str, int | None, int | None]

REMINDED_DAYS = 7  # before its last day the owner of a change is reminded of it
LATEST_DUE = timedelta(days=366)
STANDINGS = ("removed", "late", "soon", "planned", "done")  # in the order of a list of work


def may_answer(grants: Iterable[Held], department_id: int | None) -> bool:
    """Whether somebody with these roles (role, branch, department) answers for a wave.

    A wave over the services of one department: its head, the heads of all, the administrators. A wave over
    all services: those without a department of their own. A head of one branch answers for none.
    """
    for role, branch, department in grants:
        is_wide = branch is None and department in (None, department_id)
        if role == "admin" or (role == "head" and is_wide):
            return True
    return False


def is_planned_for(due_on: date, today: date) -> bool:
    """Whether a day can be the last one of a change."""
    return today <= due_on <= today + LATEST_DUE


def standing(*, due_on: date, done_on: date | None, is_obstacle_gone: bool, today: date) -> str:
    """Give how a change stands: one of STANDINGS.

    "removed": its obstacle is gone, but what was done has not been told yet. "late": its last day is over.
    """
    if done_on is not None:
        return "done"
    if is_obstacle_gone:
        return "removed"
    if today > due_on:
        return "late"
    return "soon" if must_remind(due_on, today) else "planned"


def must_remind(due_on: date, today: date) -> bool:
    """Whether the last day of a change is near or over."""
    return today >= due_on - timedelta(days=REMINDED_DAYS)
