"""Every way in which an attended visit ends asks a person who is here again why they had to come back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.cases import past
from govdesk.cases.returns.models import ReturnWords
from govdesk.cases.returns.rules import LONGEST_WORDS
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.people.models import Person
from govdesk.queue import adding, admission, endings
from govdesk.queue.errors import OutcomeError
from govdesk.queue.models import Ticket

MISSING = "counter.return_reason_missing"


@dataclass(frozen=True, slots=True)
class Looked:
    """That somebody looked whether a ticket is a return, before the act made others wait; for whom it was."""

    ticket_id: int
    person_id: int | None


def look(session: Session, ticket_id: int, person_id: int | None, return_reason: str | None) -> Looked:
    """Refuse a return without its reason by reading alone. Raises OutcomeError beside `return_reason`."""
    if person_id is not None and not return_reason and _is_return(session, ticket_id):
        raise OutcomeError(MISSING, field="return_reason")
    return Looked(ticket_id, person_id)


def conclude(
    session: Session,
    *,
    actor: Actor,
    ticket_id: int,
    return_reason: str | None = None,
    return_words: str = "",
    looked: Looked | None = None,
    **ending: Any,
) -> None:
    """End a service as `endings.conclude` does; a return for the same need says why: OutcomeError without it.

    Whose matter it was, the conclusion itself answers, in the statement that ends the ticket: what `looked`
    saw by reading before holds while that is the same person, so that nothing is looked up twice. A refusal
    undoes the conclusion with the rest of its transaction.
    """
    person_id = endings.conclude(
        session, actor=actor, ticket_id=ticket_id, return_reason=return_reason, **ending
    )
    if not return_reason and person_id is not None and looked != Looked(ticket_id, person_id):
        look(session, ticket_id, person_id, return_reason)
    if return_words:
        note_words(session, actor=actor, ticket_id=ticket_id, words=return_words)


def also_needs(
    session: Session, *, actor: Actor, ticket_id: int, return_words: str = "", **ending: Any
) -> Ticket:
    """Conclude and go on with a further service as `adding.also_needs` does; a return says why."""
    follow = adding.also_needs(session, actor=actor, ticket_id=ticket_id, **ending)
    look(session, ticket_id, follow.person_id, ending.get("return_reason"))
    if return_words:
        note_words(session, actor=actor, ticket_id=ticket_id, words=return_words)
    return follow


def send_away(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    wanted: PublicService,
    person: Person | None = None,
    return_reason: str | None = None,
    return_words: str = "",
    **known: Any,
) -> Ticket:
    """Send somebody home at the door as `admission.send_away` does; a return says why they had to come."""
    if return_reason and session.get(Cause, return_reason) is None:
        raise OutcomeError("queue.cause_unknown", field="return_reason")
    ticket = admission.send_away(session, actor=actor, branch=branch, wanted=wanted, person=person, **known)
    look(session, ticket.id, ticket.person_id, return_reason)
    if return_reason:
        ticket.return_reason = return_reason
        session.flush()
        audit.record(
            session, actor=actor, action="ticket.return_explained", subject=f"ticket:{ticket.id}",
            return_reason=return_reason,
        )  # fmt: skip
    if return_words:
        note_words(session, actor=actor, ticket_id=ticket.id, words=return_words)
    return ticket


def note_words(session: Session, *, actor: Actor, ticket_id: int, words: str) -> None:
    """Keep why they had to come back in the person's own words; other words replace them, none remove them.

    They stand in no event and no audit entry, so that they can be removed.
    """
    said = " ".join(words.split())[:LONGEST_WORDS]
    row = session.get(ReturnWords, ticket_id)
    if (row.words if row else "") == said:
        return
    if row is None:
        session.add(ReturnWords(ticket_id=ticket_id, words=said, noted_at=clock.now()))
    elif said:
        row.words, row.noted_at = said, clock.now()
    else:
        session.delete(row)
    session.flush()
    subject = f"ticket:{ticket_id}"
    audit.record(session, actor=actor, action="ticket.return_words", subject=subject, characters=len(said))


def words_of(session: Session, ticket_id: int) -> str:
    """Why they had to come back, in the person's own words; empty where nothing is kept."""
    row = session.get(ReturnWords, ticket_id)
    return row.words if row else ""


def _is_return(session: Session, ticket_id: int) -> bool:
    found = past.of_ticket(session, session.get_one(Ticket, ticket_id))
    return found is not None and found.is_failure
