"""The groups of people whom the law puts first: an installation's own, edited by its administrator.

Every page that shows a ticket may name one, so that they are kept in the memory of each process.
"""

import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from govdesk import db
from govdesk.actor import Actor
from govdesk.catalog.editing import CatalogEditError, describe, refuse_known
from govdesk.catalog.priority_models import PriorityGroup

NONE = "none"  # the code of belonging to no such group
KEPT = 10.0  # seconds after which every process has heard of a change
_CHANGED = "priority_groups_changed"


@dataclass(frozen=True, slots=True)
class Group:
    """A group in plain values."""

    code: str
    name_ar: str
    name_en: str
    meant_ar: str
    meant_en: str
    is_stated: bool
    is_active: bool


_in_memory: WeakKeyDictionary[Engine, tuple[float, dict[str, Group]]] = WeakKeyDictionary()


def known(session: Session) -> list[PriorityGroup]:
    """All groups in the order shown, those out of use among them: old tickets name them still."""
    order = (PriorityGroup.position, PriorityGroup.code)
    return list(session.scalars(select(PriorityGroup).order_by(*order)))


def kept(session: Session) -> dict[str, Group]:
    """The same by their codes, from memory: a change made by another process is seen after `KEPT` seconds."""
    engine = session.get_bind().engine
    read_at, groups = _in_memory.get(engine, (0.0, {}))
    if groups and time.monotonic() - read_at < KEPT:
        return groups
    read_at = time.monotonic()
    groups = {one.code: _plain(one) for one in known(session)}
    if _CHANGED not in session.info:  # what is not committed may never be
        _in_memory[engine] = read_at, groups
    return groups


def read(session: Session, code: str) -> str:
    """The code, where it is of a group; else that of none. One out of use since was promised all the same."""
    if code == NONE or code in kept(session):
        return code
    return code if session.get(PriorityGroup, code) is not None else NONE


def describe_group(
    session: Session, *, actor: Actor, code: str, name_ar: str, name_en: str, meant_ar: str = "",
    meant_en: str = "", position: int | None = None, is_stated: bool = True, is_active: bool = True,
    is_new: bool = False,
) -> PriorityGroup:  # fmt: skip
    """Add or change a group; `meant` says who belongs to it. Without a position a new one comes last.

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
    values |= {"meant_ar": meant_ar, "meant_en": meant_en, "is_stated": is_stated, "is_active": is_active}
    group = group or PriorityGroup(code=code)
    describe(session, actor=actor, thing=group, subject=f"priority_group:{code}", **values)
    session.info[_CHANGED] = True
    return group


def _plain(row: PriorityGroup) -> Group:
    return Group(row.code, row.name_ar, row.name_en, row.meant_ar, row.meant_en, row.is_stated, row.is_active)


def _forget(session: Session) -> None:
    if session.info.pop(_CHANGED, False):
        _in_memory.pop(session.get_bind().engine, None)


db.after_commit.append(_forget)
