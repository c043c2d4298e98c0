"""A place ahead in the line, promised to somebody whom we failed: given, taken by one ticket, used once.

It has the class of who is here again because of us. It is used when the ticket that has it is called: who
leaves before that, or is sent home at the door, has it still the next time.
"""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.cases.place_models import PlaceAhead
from govdesk.catalog.models import PublicService
from govdesk.people import same
from govdesk.queue import policies, rules
from govdesk.queue.models import Ticket

PASSED_ON, UNDONE = "transferred", "undone"


def give(session: Session, *, actor: Actor, about: str, person_id: int, family: str) -> PlaceAhead:
    """Promise a place ahead for a need (empty: any), once for what it is given by.

    Who waits for the need already has it at once.
    """
    known = of(session, about)
    if known is not None:
        return known
    given = PlaceAhead(
        about=about, person_id=person_id, family=family, given_at=clock.now(), given_by=actor.label
    )
    session.add(given)
    session.flush()
    audit.record(session, actor=actor, action="place_ahead.given", subject=f"person:{person_id}", about=about)
    outbox.emit(session, "place_ahead.given", place_id=given.id)
    names = same.names_of(session, same.whole(session, person_id))
    waiting = select(Ticket).where(Ticket.person_id.in_(names), Ticket.state == "waiting")
    for ticket in session.scalars(waiting.order_by(Ticket.arrived_at, Ticket.id)):
        if take(session, ticket):
            break
    return given


def of(session: Session, about: str) -> PlaceAhead | None:
    """The place given by a redress or an offer of help."""
    return session.scalars(select(PlaceAhead).where(PlaceAhead.about == about)).one_or_none()


def of_all(session: Session, abouts: Collection[str]) -> dict[str, PlaceAhead]:
    """The places given by several, by what each was given by."""
    rows = session.scalars(select(PlaceAhead).where(PlaceAhead.about.in_(abouts)))
    return {one.about: one for one in rows}


def take(session: Session, ticket: Ticket) -> bool:
    """Give a live ticket the oldest place that its person has left for its need; whether there was one.

    1. The places of the person are locked, so that of two tickets at once the second finds it taken.
    2. A ticket that has one takes no other, so that what is told twice is told once.
    """
    if ticket.person_id is None or ticket.state not in rules.LIVE:
        return False
    names = same.names_of(session, same.whole(session, ticket.person_id))
    family = session.get_one(PublicService, ticket.service_id).family
    holds = PlaceAhead.ticket_id == ticket.id
    theirs = PlaceAhead.person_id.in_(names) & PlaceAhead.family.in_((family, ""))
    query = select(PlaceAhead).where(or_(holds, theirs)).order_by(PlaceAhead.given_at, PlaceAhead.id)
    places = session.scalars(query.with_for_update(of=PlaceAhead)).all()
    if any(one.ticket_id == ticket.id for one in places):
        return policies.mark_our_mistake(session, ticket_id=ticket.id)
    place = next((one for one in places if _is_left(session, one)), None)
    if place is None:
        return False
    place.ticket_id, place.taken_at = ticket.id, clock.now()
    policies.mark_our_mistake(session, ticket_id=ticket.id)
    audit.record(
        session, actor=SYSTEM, action="place_ahead.taken", subject=f"ticket:{ticket.id}", about=place.about
    )
    outbox.emit(session, "place_ahead.taken", place_id=place.id, ticket_id=ticket.id)
    session.flush()
    return True


def of_ticket(session: Session, ticket: Ticket) -> PlaceAhead | None:
    """The place that a ticket has, also from a stage before it."""
    here: Ticket | None = ticket
    while here is not None and here.is_our_mistake:
        query = select(PlaceAhead).where(PlaceAhead.ticket_id == here.id)
        if (place := session.scalars(query).first()) is not None:
            return place
        before = here.transferred_from_id
        here = session.get(Ticket, before) if before is not None else None
    return None


def is_used(session: Session, place: PlaceAhead) -> bool:
    """Whether somebody was called by it."""
    here = _stage(session, place)
    return here is not None and here.called_at is not None


def _is_left(session: Session, place: PlaceAhead) -> bool:
    """Whether a place is nobody's: of no ticket, or of one that ended without ever being called."""
    here = _stage(session, place)
    return here is None or (here.called_at is None and here.ended_at is not None)


def _stage(session: Session, place: PlaceAhead) -> Ticket | None:
    """The ticket that has a place; of one sent on before it was called, the stage that it waits at."""
    here = place.ticket
    while here is not None and here.called_at is None and here.state == PASSED_ON:
        following = select(Ticket).where(Ticket.transferred_from_id == here.id, Ticket.state != UNDONE)
        here = session.scalars(following.order_by(Ticket.id.desc())).first()
    return here
