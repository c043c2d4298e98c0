"""Complaints as they are looked for: by unit, by their link, with their history."""

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.actor import Actor
from govdesk.catalog import reach
from govdesk.errors import NotAllowedError
from govdesk.feedback.complaints import rules
from govdesk.feedback.complaints.models import Complaint, ComplaintRound, ComplaintStep
from govdesk.feedback.complaints.service import HANDLERS, ComplaintNotFoundError

PARTS = ("received", "acknowledged", "assessed", "raised", "near", "overdue", "answered", "withdrawn", "all")
URGENT = ("raised", "near", "overdue")  # parts of what is open
MOST = 200


def listed(session: Session, actor: Actor, part: str) -> list[Complaint]:
    """The complaints of a part within someone's reach: what is due first comes first, else the newest."""
    is_open = part in {*rules.OPEN, *URGENT}
    order = ComplaintRound.answer_due_at if is_open else Complaint.received_at.desc()
    query = _within(actor, part).order_by(order, Complaint.id).limit(MOST)
    together = joinedload(Complaint.branch), joinedload(Complaint.service)
    return list(session.scalars(query.options(*together)).unique())


def count(session: Session, actor: Actor, part: str) -> int:
    """How many complaints a part has for someone."""
    return session.scalar(select(func.count()).select_from(_within(actor, part).subquery())) or 0


def count_open(session: Session, actor: Actor) -> int:
    """How many complaints wait for an answer in someone's units."""
    query = select(func.count()).select_from(Complaint)
    mine = reach.within(Complaint, actor, HANDLERS), Complaint.state.in_(rules.OPEN)
    return session.scalar(query.where(*mine)) or 0


def count_raised(session: Session, actor: Actor) -> int:
    """How many open complaints someone was told of, because a deadline is near or over."""
    return count(session, actor, "raised")


def complaint_of(session: Session, actor: Actor, complaint_id: int) -> Complaint:
    """A complaint to look at, for who answers complaints of its unit."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None:
        raise ComplaintNotFoundError
    if not sees(session, actor, complaint):
        raise NotAllowedError
    return complaint


def sees(session: Session, actor: Actor, complaint: Complaint) -> bool:
    """Whether someone answers complaints of its unit, and so may read it."""
    here = select(Complaint.id).where(Complaint.id == complaint.id, reach.within(Complaint, actor, HANDLERS))
    return session.scalar(here) is not None


def by_token(session: Session, token: str) -> Complaint:
    """The complaint of a private link. ComplaintNotFoundError."""
    complaint = session.scalars(select(Complaint).where(Complaint.token == token)).one_or_none()
    if complaint is None:
        raise ComplaintNotFoundError
    return complaint


def steps_of(session: Session, complaint: Complaint) -> list[ComplaintStep]:
    """The history of a complaint, in order."""
    mine = select(ComplaintStep).where(ComplaintStep.complaint_id == complaint.id)
    return list(session.scalars(mine.order_by(ComplaintStep.at, ComplaintStep.id)))


def _within(actor: Actor, part: str) -> Select[Complaint]:
    present = (ComplaintRound.complaint_id == Complaint.id) & (ComplaintRound.level == Complaint.level)
    query = select(Complaint).join(ComplaintRound, present)
    return query.where(reach.within(Complaint, actor, HANDLERS), *_part(actor, part))


def _part(actor: Actor, part: str) -> list[ColumnElement[bool]]:
    if part not in URGENT:
        return [] if part == "all" else [Complaint.state == part]
    is_open, is_late = Complaint.state.in_(rules.OPEN), _is_late()
    if part == "overdue":
        return [is_open, is_late]
    if part == "near":
        is_near = ComplaintRound.answer_rung == rules.NEAR
        is_new = Complaint.state == rules.RECEIVED
        return [is_open, ~is_late, or_(is_near, is_new & (ComplaintRound.acknowledge_rung == rules.NEAR))]
    told = [
        and_(ComplaintRound.raised_to == role, reach.within(Complaint, actor, (role,))) for role in HANDLERS
    ]
    return [is_open, or_(*told)]


def _is_late() -> ColumnElement[bool]:
    """A deadline that can still be missed has passed."""
    is_new = Complaint.state == rules.RECEIVED
    return or_(
        ComplaintRound.answer_due_at < clock.now(), is_new & (ComplaintRound.acknowledge_due_at < clock.now())
    )
