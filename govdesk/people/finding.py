"""Find a person whom the desk knows already, without making one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.config import settings
from govdesk.people.identity import Identity, pseudonym
from govdesk.people.models import Person, PersonContact


def by_identity(session: Session, identity: Identity) -> Person | None:
    """The person who carries this identity; None for somebody who never came."""
    keyed = pseudonym(identity, bytes.fromhex(settings().pseudonym_key))
    return session.scalars(select(Person).where(Person.pseudonym == keyed)).one_or_none()


def by_phone(session: Session, phone: str) -> list[Person]:
    """Everyone who is reached at this number (E.164), such as a family; the first known first."""
    reached = select(Person).join(PersonContact).where(PersonContact.phone == phone)
    return list(session.scalars(reached.order_by(Person.id)))
