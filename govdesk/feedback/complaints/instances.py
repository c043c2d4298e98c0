"""The instances of complaints, in order: who answers first, who is next, who is outside."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.catalog.editing import describe
from govdesk.errors import DeskError
from govdesk.feedback.complaints.models import Complaint, ComplaintInstance

ROLES = ("supervisor", "head")


class InstanceError(DeskError):
    """An instance that cannot be so; the key says why."""

    key = "complaints.instance_refused"
    status = 422


def known(session: Session) -> list[ComplaintInstance]:
    """All instances, the first one first."""
    return list(session.scalars(select(ComplaintInstance).order_by(ComplaintInstance.level)))


def first(session: Session) -> ComplaintInstance:
    """The instance that gets a new complaint."""
    return next(one for one in known(session) if one.is_active and not one.is_outside)


def at(session: Session, level: int) -> ComplaintInstance:
    """The instance of a level."""
    return session.get_one(ComplaintInstance, level)


def after(session: Session, complaint: Complaint) -> ComplaintInstance | None:
    """The next instance within the agency; None after the last."""
    return next((one for one in _above(session, complaint) if not one.is_outside), None)


def outside(session: Session, complaint: Complaint) -> ComplaintInstance | None:
    """The instance outside that is named with an answer, once no other is left within."""
    if after(session, complaint) is not None:
        return None
    return next((one for one in _above(session, complaint) if one.is_outside), None)


def settle(session: Session, *, actor: Actor, level: int, **values: Any) -> ComplaintInstance:
    """Change an instance; rounds that run keep their deadlines. InstanceError: nobody would be the first."""
    row = session.get(ComplaintInstance, level)
    if row is None:
        raise InstanceError
    if not values.get("is_active", True) or values.get("is_outside", False):
        others = [one for one in known(session) if one.level != level]
        if not any(one.is_active and not one.is_outside for one in others):
            raise InstanceError("complaints.instance_last", field="is_active")
    describe(session, actor=actor, thing=row, subject=f"complaint_instance:{level}", **values)
    return row


def _above(session: Session, complaint: Complaint) -> list[ComplaintInstance]:
    return [one for one in known(session) if one.is_active and one.level > complaint.level]
