"""Recalls as lists: those that run, everybody in one, and how far it has come."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.obstacles.places import today_at
from govdesk.cases.recall import rules, service
from govdesk.cases.recall.models import Recall, RecallMember
from govdesk.cases.recall.steps import RecallNotFoundError, seen, within
from govdesk.cases.recall.telling import TOLD
from govdesk.errors import NotAllowedError
from govdesk.notify.models import Message
from govdesk.notify.service import LOST
from govdesk.people.models import Person, Staff

PARTS = ("call", "waiting", "coming", "ended")
MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A recall with how far it has come, of what the reader may see."""

    recall: Recall
    counts: Counter[str]  # by end; "open" for those whom it has not ended for
    is_overdue: bool

    @property
    def members(self) -> int:
        """How many there are."""
        return self.counts.total()

    @property
    def ended(self) -> int:
        """For how many it has ended."""
        return self.members - self.counts["open"]

    @property
    def covered(self) -> int:
        """For how many it ended as it should."""
        return sum(self.counts[how] for how in rules.COVERED)


def lines(session: Session, actor: Actor, *, is_ended: bool = False) -> list[Line]:
    """The recalls of which someone sees a part: what is due first, or what ended last."""
    query = select(Recall).where(seen(actor))
    if is_ended:
        query = query.where(Recall.ended_at.is_not(None)).order_by(Recall.ended_at.desc(), Recall.id.desc())
    else:
        query = query.where(Recall.ended_at.is_(None)).order_by(Recall.due_on, Recall.id)
    return [line_of(session, actor, one) for one in session.scalars(query.limit(MOST)).unique()]


def line_of(session: Session, actor: Actor, recall: Recall) -> Line:
    """Put beside a recall how far it has come."""
    mine = RecallMember.recall_id == recall.id, within(actor)
    rows = session.execute(select(RecallMember.end, func.count()).where(*mine).group_by(RecallMember.end))
    counts = Counter({row[0] or "open": row[1] for row in rows})
    late = recall.ended_at is None and rules.is_overdue(recall.due_on, today_at(None))
    return Line(recall, counts, late)


def recall_of(session: Session, actor: Actor, recall_id: int) -> Recall:
    """A recall to look at. RecallNotFoundError; NotAllowedError where nobody in it is in reach."""
    recall = session.get(Recall, recall_id)
    if recall is None:
        raise RecallNotFoundError
    if session.scalar(select(Recall.id).where(Recall.id == recall_id, seen(actor))) is None:
        raise NotAllowedError
    return recall


def by_token(session: Session, token: str) -> RecallMember:
    """The person of a private link. RecallNotFoundError."""
    member = session.scalars(select(RecallMember).where(RecallMember.token == token)).unique().one_or_none()
    if member is None or member.end == rules.FORGOTTEN or member.person_id is None:
        raise RecallNotFoundError
    return member


def members(session: Session, actor: Actor, recall: Recall, part: str) -> list[RecallMember]:
    """The members of a part of the list within someone's reach; at most MOST."""
    query = select(RecallMember).where(*_part(session, actor, recall, part))
    person = joinedload(RecallMember.person).joinedload(Person.contact)
    wanted = query.options(person).order_by(RecallMember.wish.is_(None), RecallMember.id).limit(MOST)
    return list(session.scalars(wanted).unique())


def count_part(session: Session, actor: Actor, recall: Recall, part: str) -> int:
    """How many there are in a part of the list."""
    query = select(func.count()).select_from(RecallMember).where(*_part(session, actor, recall, part))
    return session.scalar(query) or 0


def count_of(session: Session, actor: Actor) -> int:
    """How many recalls run of which someone sees a part."""
    running = select(func.count()).select_from(Recall).where(Recall.ended_at.is_(None), seen(actor))
    return session.scalar(running) or 0


def owners(session: Session, recall: Recall) -> list[Staff]:
    """Who may answer for a recall."""
    staff = session.scalars(select(Staff).where(Staff.is_active).order_by(Staff.name_en, Staff.id))
    return [one for one in staff if service.may_own(session, one, recall)]


def names_of(session: Session, labels: Sequence[str]) -> dict[str, Staff]:
    """The staff behind the labels of actors, by label."""
    ids = {int(label.partition(":")[2]) for label in labels if label.startswith("staff:")}
    found = session.scalars(select(Staff).where(Staff.id.in_(ids)).order_by(Staff.id))
    return {f"staff:{one.id}": one for one in found}


def lost(session: Session, recall: Recall) -> set[int]:
    """The members whose message did not arrive."""
    mine = select(RecallMember.id).where(RecallMember.recall_id == recall.id, RecallMember.state == "told")
    abouts = {f"recall_member:{member_id}": member_id for member_id in session.scalars(mine)}
    gone = select(Message.about).where(Message.key == TOLD, Message.state.in_(LOST)).distinct()
    arrived = select(Message.about).where(Message.key == TOLD, Message.state.not_in(LOST))
    said = set(session.scalars(gone)) - set(session.scalars(arrived))
    return {abouts[about] for about in said if about in abouts}


def _part(session: Session, actor: Actor, recall: Recall, part: str) -> list[ColumnElement[bool]]:
    mine = [RecallMember.recall_id == recall.id, within(actor)]
    if part == "ended":
        return [*mine, RecallMember.end.is_not(None)]
    mine.append(RecallMember.end.is_(None))
    if part == "coming":
        return [*mine, RecallMember.state.in_(("invited", "came"))]
    is_silent = or_(
        RecallMember.told_at < clock.now() - rules.ANSWERED_WITHIN,
        RecallMember.id.in_(lost(session, recall)),
    )
    if part == "waiting":
        return [*mine, RecallMember.state == "told", ~is_silent]
    to_call = RecallMember.state.in_(("listed", "reached", "answered"))
    return [*mine, or_(to_call, (RecallMember.state == "told") & is_silent)]
