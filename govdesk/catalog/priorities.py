"""The groups of people whom the law puts first: an installation's own, edited by its administrator."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog.editing import CatalogEditError, describe, refuse_known
from govdesk.catalog.priority_models import PriorityGroup

NONE = "none"  # the code of belonging to no such group


def known(session: Session) -> list[PriorityGroup]:
    """All groups in the order shown, those out of use among them: old tickets name them still."""
    order = (PriorityGroup.position, PriorityGroup.code)
    return list(session.scalars(select(PriorityGroup).order_by(*order)))


def read(session: Session, code: str) -> str:
    """The code, where it is of a group; else that of none. One out of use since was promised all the same."""
    is_known = code != NONE and session.get(PriorityGroup, code) is not None
    return code if is_known else NONE


def describe_group(
    session: Session, *, actor: Actor, code: str, name_ar: str, name_en: str, position: int | None = None,
    is_stated: bool = True, is_active: bool = True, is_new: bool = False,
) -> PriorityGroup:  # fmt: skip
    """Add or change a group; without a position a new one comes last.

    CatalogEditError for a code that is taken, or that says that there is no priority.
    """
    if code == NONE:
        raise CatalogEditError("catalog.code_taken", field="code", code=code)
    group = session.get(PriorityGroup, code)
    refuse_known(group, is_new=is_new, code=code)
    if position is None:
        last = session.scalar(select(func.max(PriorityGroup.position)))
        position = group.position if group else (last or 0) + 1
    values: dict[str, Any] = {"name_ar": name_ar, "name_en": name_en, "position": position}
    values |= {"is_stated": is_stated, "is_active": is_active}
    group = group or PriorityGroup(code=code)
    describe(session, actor=actor, thing=group, subject=f"priority_group:{code}", **values)
    return group
