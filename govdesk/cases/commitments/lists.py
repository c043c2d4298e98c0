"""Who has what left to keep: one's own promises, those of a unit, and those to one person."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.cases.commitments.models import Commitment
from govdesk.cases.commitments.service import MAKERS, OVERSEERS
from govdesk.cases.models import Visit
from govdesk.cases.units import within
from govdesk.catalog.models import PublicService
from govdesk.db import written
from govdesk.people import same
from govdesk.people.models import Staff

OPEN = Commitment.state == written("open")
UNDONE = OPEN | ((Commitment.state == "broken") & Commitment.done_at.is_(None))
SHOWN = 200


def own(session: Session, actor: Actor) -> list[Commitment]:
    """What somebody has left to do, the first due first; also what is broken and not done yet."""
    return _listed(session, Commitment.owner_id == int(actor.id), UNDONE)


def count_own(session: Session, actor: Actor) -> int:
    """How much that is."""
    mine = Commitment.owner_id == int(actor.id)
    return session.scalar(select(func.count()).select_from(Commitment).where(mine, UNDONE)) or 0


def count_pressing(session: Session, staff_id: int) -> int:
    """How many of somebody's promises they have been reminded of, or have broken, and not done."""
    mine = Commitment.owner_id == staff_id, UNDONE
    pressing = (Commitment.reminded_at.is_not(None)) | (Commitment.due_at <= clock.now())
    return session.scalar(select(func.count()).select_from(Commitment).where(*mine, pressing)) or 0


def of_units(session: Session, actor: Actor) -> list[Commitment]:
    """What is left to do in the units that somebody answers for."""
    return _listed(session, _of_units(actor), UNDONE)


def count_of_units(session: Session, actor: Actor) -> int:
    """How much that is."""
    return session.scalar(select(func.count()).select_from(Commitment).where(_of_units(actor), UNDONE)) or 0


def settled(session: Session, actor: Actor) -> list[Commitment]:
    """What was kept, or broken and done, of one's own and one's units': the latest first."""
    seen = or_(Commitment.owner_id == int(actor.id), _of_units(actor))
    query = (
        select(Commitment).where(seen, ~UNDONE).order_by(Commitment.settled_at.desc(), Commitment.id.desc())
    )
    return list(session.scalars(query.limit(SHOWN // 4)).unique())


def standing(
    session: Session, *, person_id: int, family: str, object_ref: str | None = None
) -> list[Commitment]:
    """What this person was promised for a need and does not have yet, the first due first."""
    names = same.names_of(session, same.whole(session, person_id))
    of_need = Commitment.person_id.in_(names), PublicService.family == family
    query = select(Commitment).join(PublicService, PublicService.id == Commitment.service_id)
    query = query.where(*of_need, UNDONE).order_by(Commitment.due_at, Commitment.id)
    rows = session.scalars(query).unique()
    return [one for one in rows if not object_ref or one.object_ref in {None, "", object_ref}]


def of_case(session: Session, case_id: int) -> list[Commitment]:
    """Everything that was promised in the visits of a case, in the order in which it was."""
    numbers = session.scalars(select(Visit.visit_no).where(Visit.case_id == case_id, Visit.source == "live"))
    return of_tickets(session, [int(number) for number in numbers if number.isdecimal()])


def of_tickets(session: Session, ticket_ids: Collection[int]) -> list[Commitment]:
    """Everything that was promised at these tickets, in the order in which it was."""
    query = select(Commitment).where(Commitment.ticket_id.in_(ticket_ids))
    return list(session.scalars(query.order_by(Commitment.made_at, Commitment.id)).unique())


def takers(session: Session, given: Commitment) -> list[Staff]:
    """Who may take a promise over: whoever serves in its branch and does not own it."""
    people = session.scalars(select(Staff).where(Staff.is_active).order_by(Staff.name_en, Staff.id))
    return [
        one
        for one in people
        if one.id != given.owner_id and one.actor.may(*MAKERS, branch_id=given.branch_id)
    ]


def _of_units(actor: Actor) -> ColumnElement[bool]:
    return within(actor, OVERSEERS, Commitment)


def _listed(session: Session, *which: ColumnElement[bool]) -> list[Commitment]:
    query = select(Commitment).where(*which).order_by(Commitment.due_at, Commitment.id).limit(SHOWN)
    return list(session.scalars(query).unique())
