"""The silent ones as a list of work, within what somebody may see."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.cases.silent.models import SilentOne, SilentTouch
from govdesk.cases.silent.rules import MOST_TOUCHES
from govdesk.cases.silent.service import CALLERS
from govdesk.catalog.models import Branch
from govdesk.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the list, and how often they were touched."""

    one: SilentOne
    touches: int

    @property
    def left(self) -> int:
        """How many touches are left."""
        return max(0, MOST_TOUCHES - self.touches)


def waiting(session: Session, actor: Actor) -> list[Line]:
    """Who is silent and not answered yet, at the branches of someone, the longest ago first."""
    query = select(SilentOne).where(SilentOne.state == "waiting", *_seen(session, actor))
    return _lines(session, list(session.scalars(query.order_by(SilentOne.found_at, SilentOne.id))))


def ended(session: Session, actor: Actor, *, most: int = 40) -> list[Line]:
    """Who answered, or is asked no more, the latest first."""
    query = select(SilentOne).where(SilentOne.state != "waiting", *_seen(session, actor))
    latest = query.order_by(SilentOne.ended_at.desc(), SilentOne.id.desc()).limit(most)
    return _lines(session, list(session.scalars(latest)))


def count(session: Session, actor: Actor) -> int:
    """How many wait to be reached."""
    query = select(func.count()).select_from(SilentOne)
    return session.scalar(query.where(SilentOne.state == "waiting", *_seen(session, actor))) or 0


def found(session: Session, actor: Actor, silent_id: int) -> SilentOne:
    """One of them, or NotFoundError: also for who may not see the branch."""
    one = session.get(SilentOne, silent_id)
    if one is None or not actor.may(*CALLERS, branch_id=one.branch_id):
        raise NotFoundError
    return one


def _lines(session: Session, rows: list[SilentOne]) -> list[Line]:
    counted = (
        select(SilentTouch.silent_id, func.count())
        .where(SilentTouch.silent_id.in_([one.id for one in rows]))
        .group_by(SilentTouch.silent_id)
    )
    counts = {row[0]: row[1] for row in session.execute(counted)}
    return [Line(one, counts.get(one.id, 0)) for one in rows]


def _seen(session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """The branches at which someone may call."""
    branches = session.scalars(select(Branch.id))
    mine = [branch_id for branch_id in branches if actor.may(*CALLERS, branch_id=branch_id)]
    return [SilentOne.branch_id.in_(mine)]
