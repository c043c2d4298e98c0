"""How every edit of the catalog is made: what differs is changed and audited, what is equal is left."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from govdesk import audit
from govdesk.actor import Actor
from govdesk.db import Base
from govdesk.errors import DeskError


class CatalogEditError(DeskError):
    """An edit of the catalog that cannot be made; the key says why, the field where."""

    key = "catalog.refused"
    status = 422


def describe(session: Session, *, actor: Actor, thing: Base, subject: str, **values: Any) -> bool:
    """Give a thing these values, adding it if it is new; return whether anything changed.

    `subject` is how records name it, such as branch:rawdah; its noun names the act.
    """
    noun = subject.partition(":")[0]
    if inspect(thing).transient:
        for name, value in values.items():
            setattr(thing, name, value)
        session.add(thing)
        session.flush()
        audit.record(session, actor=actor, action=f"{noun}.added", subject=subject)
        return True
    changes = {n: [getattr(thing, n), value] for n, value in values.items() if getattr(thing, n) != value}
    for name, (_, value) in changes.items():
        setattr(thing, name, value)
    if changes:
        session.flush()
        audit.record(session, actor=actor, action=f"{noun}.changed", subject=subject, changes=changes)
    return bool(changes)


def refuse_known(thing: Base | None, *, is_new: bool, code: str) -> None:
    """Refuse to add under a code that something else has."""
    if is_new and thing is not None:
        raise CatalogEditError("catalog.code_taken", field="code", code=code)
