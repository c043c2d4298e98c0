"""What the stories of questionnaires share: a visit that ends, listeners that hear, and who was invited."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.feedback.asking import following, links, sending
from govdesk.feedback.asking.models import Invitation, Programme, Wave
from govdesk.feedback.forms.models import Questionnaire
from govdesk.notify.models import Message
from govdesk.people.models import Person, PersonContact
from govdesk.queue import service as queue
from govdesk.queue.models import Ticket
from govdesk.wiring import HANDLERS
from tests.makers import SUNDAY, Cast, make_questionnaire, make_ticket, moment

PHONE = "+966501234567"


def ask_everybody(*kinds: str) -> None:
    """Publish a questionnaire of each kind."""
    with transaction() as session:
        for kind in kinds or ("after_service",):
            make_questionnaire(session, kind)


def make_programme(session: Session, questionnaire: Questionnaire, **columns: object) -> Programme:
    """A quarterly programme of four panels, for all services."""
    given = {
        "name_ar": "استطلاع ربعي", "name_en": "Quarterly", "every": "quarter", "calendar": "gregorian",
        "starts_on": SUNDAY, "half_width": 0.05, "expected_rate": 0.3, "panels": 4, "spread_days": 5,
        "open_days": 21, "seed": "a seed", "created_at": clock.now(),
    }  # fmt: skip
    made = Programme(**{**given, "questionnaire_id": questionnaire.id, **columns})
    session.add(made)
    session.flush()
    return made


def make_wave(session: Session, programme: Programme, *, number: int = 1, **columns: object) -> Wave:
    """A wave of it that is open for three weeks."""
    given = {
        "programme_id": programme.id, "version_id": programme.questionnaire.versions[0].id, "number": number,
        "from_on": SUNDAY, "to_on": SUNDAY, "panel": 1, "seed": "a seed", "state": "open",
        "opens_at": clock.now(), "closes_at": clock.now() + dt.timedelta(days=21),
    }  # fmt: skip
    made = Wave(**{**given, **columns})
    session.add(made)
    session.flush()
    return made


def reach(session: Session, person: Person, *, phone: str | None = PHONE, email: str | None = None) -> None:
    """Let a person be reached."""
    contact = session.get_one(PersonContact, person.id)
    contact.phone, contact.email = phone, email
    session.flush()


def came(cast: Cast, at: str, person: Person | None, *, day: dt.date = SUNDAY, **columns: object) -> int:
    """Somebody takes a ticket for the renewal, and is called."""
    with clock.at(moment(at, day)), transaction() as session:
        known = session.get_one(Person, person.id) if person else None
        if known is not None:
            reach(session, known)
        return make_ticket(
            session, branch=session.get_one(Branch, cast.north.id), service=cast.renewal, person=known,
            **{"state": "serving", "called_at": clock.now(), "started_at": clock.now(), **columns},
        ).id  # fmt: skip


def served(cast: Cast, ticket_id: int, at: str, *, day: dt.date = SUNDAY, outcome: str = "resolved") -> None:
    """The visit ends, and everybody hears of it."""
    with clock.at(moment(at, day)):
        with transaction() as session:
            queue.conclude(
                session, actor=cast.staff["sara"].actor, ticket_id=ticket_id, outcome=outcome,
                cause=None if outcome == "resolved" else "system",
            )  # fmt: skip
        hear()


def visited(cast: Cast, at: str, person: Person | None, *, day: dt.date = SUNDAY) -> int:
    """Somebody comes and is served ten minutes later."""
    ticket_id = came(cast, at, person, day=day)
    later = dt.datetime.combine(day, dt.time.fromisoformat(at)) + dt.timedelta(minutes=10)
    served(cast, ticket_id, later.time().isoformat(), day=day)
    return ticket_id


def hear() -> None:
    """Let every listener hear what has happened."""
    while outbox.deliver_due(HANDLERS):
        pass


def send(at: str, day: dt.date = SUNDAY) -> int:
    """Send the questions that are due at a moment."""
    with clock.at(moment(at, day)):
        return sending.run_send()


def follow(at: str, day: dt.date) -> str:
    """Remind and close what is due at a moment."""
    with clock.at(moment(at, day)):
        told = following.run_follow()
        hear()
        return told


def invitations() -> list[Invitation]:
    """Every invitation, as it is now."""
    reading().rollback()
    return list(reading().scalars(select(Invitation).order_by(Invitation.id)))


def invitation() -> Invitation:
    """The only one."""
    (only,) = invitations()
    return only


def note_answered(session: Session, invitation_id: int) -> None:
    """Somebody answers, whatever it is."""
    one = links.asked_by_id(session, invitation_id)
    assert one is not None
    assert links.answer(session, one)


def ticket(ticket_id: int) -> Ticket:
    """A ticket, as it is now."""
    reading().rollback()
    return reading().get_one(Ticket, ticket_id)


def questions() -> list[Message]:
    """The messages that ask or remind."""
    reading().rollback()
    asking = Message.key.startswith("question_")
    return list(reading().scalars(select(Message).where(asking).order_by(Message.id)))
