"""How far someone's roles reach: over rows that belong to a branch and, where one is named, to a service."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from govdesk.actor import Actor
from govdesk.catalog.models import PublicService


def within(model: Any, actor: Actor, roles: Collection[str]) -> ColumnElement[bool]:
    """The condition for rows that someone may see: in the places of these roles, each by itself.

    `model` has `branch_id` and `service_id`; what names no service is seen in every department.
    """
    if actor.kind == "system":
        return true()
    places = {(branch, department) for role, branch, department in actor.grants if role in roles}
    return or_(false(), *(_at(model, *place) for place in sorted(places, key=str)))


def _at(model: Any, branch_id: int | None, department_id: int | None) -> ColumnElement[bool]:
    theirs = select(PublicService.id).where(PublicService.department_id == department_id)
    in_branch = true() if branch_id is None else model.branch_id == branch_id
    is_nobodys = model.service_id.is_(None)
    in_department = true() if department_id is None else or_(is_nobodys, model.service_id.in_(theirs))
    return and_(in_branch, in_department)
