"""What the stories of messages share: a postman who keeps letters, a booking, and what is queued."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import outbox, wiring
from govdesk.actor import VISITOR
from govdesk.booking import service as booking
from govdesk.booking.models import Appointment
from govdesk.db import reading, transaction
from govdesk.notify import delivery
from govdesk.notify.letters import Letter
from govdesk.notify.models import Message
from govdesk.people.models import Person, PersonContact
from tests.makers import SUNDAY, Cast, make_slot, moment

PHONE, EMAIL = "+966501234512", "nora@example.org"


class Postman:
    """Takes letters; raises what it is told to raise."""

    def __init__(self, *errors: Exception) -> None:
        self.letters: list[Letter] = []
        self.errors = list(errors)

    def __call__(self, letter: Letter) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append(letter)
        return f"id-{len(self.letters)}"

    @property
    def ways(self) -> dict[str, "Postman"]:
        """This postman for every channel."""
        return {"sms": self, "email": self}


def give_contact(
    session: Session, person: Person, *, phone: str | None = PHONE, email: str | None = None
) -> None:
    """Let a person be reached."""
    contact = session.get_one(PersonContact, person.id)
    contact.phone, contact.email = phone, email
    session.flush()


def book(
    cast: Cast, *, days: int = 8, time: str = "10:30", language: str = "en", person: Person | None = None
) -> Appointment:
    """Book a place so many days ahead, and hear of it."""
    with transaction() as session:
        day = SUNDAY + dt.timedelta(days=days)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment(time, day))
        held = booking.hold(
            session, actor=VISITOR, slot_id=slot.id, service_id=cast.renewal.id, language=language
        )
        booked = booking.confirm(
            session, actor=VISITOR, appointment=held, person=session.get_one(Person, (person or cast.nora).id)
        )
    hear()
    return booked


def hear() -> None:
    """Let listeners hear what has happened."""
    outbox.deliver_due(wiring.HANDLERS)


def send(postman: Postman) -> int:
    """Send what is due now."""
    return delivery.send_due(postman.ways)


def messages(state: str | None = None) -> list[Message]:
    """The messages, in the order in which they were queued."""
    reading().rollback()
    found = reading().scalars(select(Message).order_by(Message.id)).all()
    return [message for message in found if state in (None, message.state)]


def keys(state: str | None = None) -> list[str]:
    """Their kinds."""
    return [message.key for message in messages(state)]
