"""Whose work is whose: the conditions of the units in which somebody holds a role, each in its own place."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from govdesk.actor import Actor
from govdesk.catalog.models import PublicService


def within(actor: Actor, roles: tuple[str, ...], model: Any) -> ColumnElement[bool]:
    """The condition on a table (or alias) with `branch_id` and `service_id`; nothing for who holds none."""
    places = {(branch, department) for role, branch, department in actor.grants if role in roles}
    found: list[ColumnElement[bool]] = [false()]
    for branch, department in sorted(places, key=str):
        in_branch = true() if branch is None else model.branch_id == branch
        theirs = select(PublicService.id).where(PublicService.department_id == department)
        in_department = true() if department is None else model.service_id.in_(theirs)
        found.append(and_(in_branch, in_department))
    return or_(*found)


def holds(actor: Actor, roles: tuple[str, ...], *, branch_id: int, service: PublicService) -> bool:
    """Whether somebody holds one of these roles in the unit that serves this at this branch."""
    return any(
        role in roles and branch in (None, branch_id) and department in (None, service.department_id)
        for role, branch, department in actor.grants
    )
