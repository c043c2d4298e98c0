"""Find who stands at the door today: by what they type or show, and by name for staff."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import DeskError
from govdesk.people.contact import clean_phone
from govdesk.people.finding import by_identity, by_phone
from govdesk.people.identity import identify
from govdesk.people.models import Person, PersonContact
from govdesk.queue.models import Ticket

EXPECTED = ("booked", "arrived")
SHOWN = 20
LEAST_LETTERS = 3


def expected(session: Session, branch: Branch, typed: str) -> list[Appointment]:
    """The appointments meant by a reference, a private link, a phone or an identity number.

    A reference finds its own, wherever and whenever; a number those of today at this branch, by time.
    Raises what `booking.find` raises where nothing is found.
    """
    try:
        return [booking.find(session, typed)]
    except DeskError:
        found = _today(session, branch, [person.id for person in people_of(session, typed)])
        if not found:
            raise
        return found


def people_of(session: Session, typed: str) -> list[Person]:
    """Who carries an identity number or passport, or is reached at a phone number; nobody is made."""
    for kind in (None, "passport"):
        try:
            person = by_identity(session, identify(typed, kind))
        except DeskError:
            continue
        if person is not None:
            return [person]
    try:
        return by_phone(session, clean_phone(typed, settings().country))
    except DeskError:
        return []


def search(session: Session, branch: Branch, typed: str) -> tuple[list[Appointment], list[Ticket]]:
    """What staff look for among today's appointments and tickets of a branch.

    By reference, link, ticket number, phone, identity number, or at least three letters of a name.
    """
    today = clock.local_day(clock.now(), branch.timezone)
    ids = [person.id for person in people_of(session, typed)] or _by_name(session, typed)
    appointments = _today(session, branch, ids)
    plain = _latin(typed).upper().replace(" ", "")
    token = typed.strip().rstrip("/").rsplit("/", 1)[-1]
    own = or_(Ticket.number == plain, Ticket.token == token, Ticket.person_id.in_(ids))
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.branch_id == branch.id, Ticket.day == today, own)
        .order_by(Ticket.arrived_at, Ticket.id)
        .limit(SHOWN)
    ).all()
    try:
        one = booking.find(session, typed)
    except DeskError:
        return appointments, list(tickets)
    if one.branch_id == branch.id and one not in appointments:
        appointments.insert(0, one)
    return appointments, list(tickets)


def _today(session: Session, branch: Branch, person_ids: Sequence[int]) -> list[Appointment]:
    if not person_ids:
        return []
    first, after = clock.day_bounds(clock.local_day(clock.now(), branch.timezone), branch.timezone)
    query = select(Appointment).where(
        Appointment.branch_id == branch.id,
        Appointment.person_id.in_(person_ids),
        Appointment.state.in_(EXPECTED),
        Appointment.starts_at >= first,
        Appointment.starts_at < after,
    )
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(SHOWN)))


def _by_name(session: Session, typed: str) -> list[int]:
    wanted = " ".join(typed.split())
    if sum(letter.isalpha() for letter in wanted) < LEAST_LETTERS:
        return []
    like = PersonContact.name.icontains(wanted, autoescape=True)
    return list(session.scalars(select(PersonContact.person_id).where(like).limit(200)))


def _latin(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
