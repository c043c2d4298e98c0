"""Who may see whom: a person through visits and tickets at one's own branches, never by an address alone."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.booking.models import Appointment
from govdesk.cases.classes import ATTENDED_STATUSES, VisitClass
from govdesk.cases.linking import merging
from govdesk.cases.linking.service import ROLES
from govdesk.cases.models import Case, Visit
from govdesk.cases.records import LIVE
from govdesk.catalog.models import Branch, PublicService
from govdesk.people import same
from govdesk.people.models import Person
from govdesk.queue.models import Ticket

LATELY = dt.timedelta(days=30)
SHOWN = 60
CHOICES = 12


@dataclass(frozen=True, slots=True)
class Side:
    """What of a person is compared: no number, no address, only how sure, since when, and what for."""

    person: Person
    visits: int
    first_on: dt.date | None
    last_on: dt.date | None
    services: tuple[PublicService, ...]


def branch_ids(session: Session, actor: Actor) -> list[int]:
    """The branches at which somebody mends links; the administration everywhere."""
    known = session.scalars(select(Branch.id).where(Branch.is_imported.is_(False)).order_by(Branch.id))
    return [branch_id for branch_id in known if actor.may(*ROLES, "admin", branch_id=branch_id)]


def sees_person(session: Session, actor: Actor, person_id: int) -> bool:
    """Whether a person, by whatever name, was at a branch where somebody works, or booked there."""
    here, names = branch_ids(session, actor), same.names_of(session, same.whole(session, person_id))
    visit = select(Visit.id).where(
        or_(Visit.person_id.in_(names), Visit.named_id.in_(names), Visit.visitor_id.in_(names)),
        Visit.branch_id.in_(here),
    )
    ticket = select(Ticket.id).where(
        or_(Ticket.person_id.in_(names), Ticket.visitor_id.in_(names)), Ticket.branch_id.in_(here)
    )
    booking = select(Appointment.id).where(
        Appointment.person_id.in_(names), Appointment.branch_id.in_(here), Appointment.booked_at.is_not(None)
    )
    return any(session.scalars(query.limit(1)).first() is not None for query in (visit, ticket, booking))


def visits_of(session: Session, actor: Actor, person_id: int) -> list[Visit]:
    """The visits of a person at one's own branches, the newest first."""
    query = select(Visit).where(
        Visit.person_id == same.whole(session, person_id), Visit.branch_id.in_(branch_ids(session, actor))
    )
    return list(session.scalars(query.order_by(Visit.started_at.desc(), Visit.id.desc()).limit(SHOWN)))


def cases_of(
    session: Session, actor: Actor, *, person_id: int | None, family: str | None = None,
    but: int | None = None,
) -> list[Case]:  # fmt: skip
    """The cases of a person (of one need, without one of them) at one's own branches, the newest first."""
    if person_id is None:
        return []
    query = select(Case).where(
        Case.source == LIVE,
        Case.person_id == same.whole(session, person_id),
        Case.branch_id.in_(branch_ids(session, actor)),
    )
    query = query if family is None else query.where(Case.family == family)
    query = query if but is None else query.where(Case.id != but)
    newest = query.order_by(Case.opened_at.desc(), Case.id.desc()).limit(CHOICES)
    return list(session.scalars(newest).unique())


def unlinked(session: Session, actor: Actor) -> list[Visit]:
    """The attended visits of the last days at one's branches that are linked to nobody, the newest first."""
    since = (clock.now() - LATELY).date()
    query = select(Visit).where(
        Visit.class_name == VisitClass.UNLINKED,
        Visit.branch_id.in_(branch_ids(session, actor)),
        Visit.started_on >= since,
    )
    return list(session.scalars(query.order_by(Visit.started_at.desc(), Visit.id.desc()).limit(SHOWN)))


def how_linked(session: Session, actor: Actor) -> Counter[str]:
    """The attended visits of the last days at one's branches by how they were linked; `none` by nothing."""
    since = (clock.now() - LATELY).date()
    query = (
        select(Visit.linked_by, func.count())
        .where(
            Visit.branch_id.in_(branch_ids(session, actor)),
            Visit.started_on >= since,
            Visit.status.in_(ATTENDED_STATUSES),
        )
        .group_by(Visit.linked_by)
    )
    return Counter({linked_by or "none": count for linked_by, count in session.execute(query)})


def side(session: Session, person: Person) -> Side:
    """One of two who are compared."""
    named = or_(Visit.named_id == person.id, (Visit.person_id == person.id) & Visit.named_id.is_(None))
    count, first, last = session.execute(
        select(func.count(), func.min(Visit.started_on), func.max(Visit.started_on)).where(named)
    ).one()
    came_for = select(Visit.service_id).where(named)
    services = session.scalars(
        select(PublicService).where(PublicService.id.in_(came_for)).order_by(PublicService.id)
    ).all()
    return Side(person, count, first, last, tuple(services))


def count_waiting(session: Session, actor: Actor) -> int:
    """How many proposals wait for somebody's check: not their own."""
    if not actor.has(*merging.JUDGES):
        return 0
    waiting = merging.waiting(session, branch_ids(session, actor))
    return sum(not merging.is_own(actor, merge) for merge in waiting)
