"""Verbs of promises: promise, keep, move, hand over; and what the clock does to them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.commitments import rules
from govdesk.cases.commitments.models import Commitment, CommitmentEvent
from govdesk.cases.units import holds
from govdesk.catalog.models import Branch, PublicService
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.people.models import Staff
from govdesk.queue.models import Ticket

MAKERS = ("officer", "reception", "supervisor", "head")
OVERSEERS = ("supervisor", "head")


class CommitmentError(DeskError):
    """A promise that cannot be made or changed as asked; the field says where."""

    key = "commitments.not_open"
    status = 422


class UnknownCommitmentError(NotFoundError):
    """There is no such promise, or not for this actor."""

    key = "commitments.not_found"


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom something is promised, and about what."""

    person_id: int | None
    service: PublicService
    branch: Branch
    language: str
    object_ref: str | None = None
    ticket_id: int | None = None


def to_ticket(session: Session, ticket_id: int) -> Recipient:
    """The person of a ticket. Raises UnknownCommitmentError."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise UnknownCommitmentError
    branch = session.get_one(Branch, ticket.branch_id)
    return Recipient(ticket.person_id, ticket.service, branch, ticket.language, ticket.object_ref, ticket.id)


def promise(
    session: Session,
    *,
    actor: Actor,
    to: Recipient,
    what: str,
    due_on: dt.date | None,
    origin: str = "counter",
) -> Commitment:
    """Promise somebody something by the end of a local day. Who promises must keep it, until handed over.

    CommitmentError beside `what` or `due_on`, or when nobody is named to whom it is promised;
    NotAllowedError.
    """
    if actor.kind != "staff" or not actor.may(*MAKERS, branch_id=to.branch.id):
        raise NotAllowedError
    said = " ".join(what.split())
    if not said:
        raise CommitmentError("commitments.what_missing", field="what")
    if len(said) > rules.LONGEST:
        raise CommitmentError("commitments.what_long", field="what", longest=rules.LONGEST)
    if to.person_id is None:
        raise CommitmentError("commitments.person_missing", field="what")
    due_at = _end_of(due_on, to.branch)
    assert due_on is not None
    given = Commitment(
        person_id=to.person_id, ticket_id=to.ticket_id, service_id=to.service.id, branch_id=to.branch.id,
        unit=f"{to.branch.code}/{to.service.department.code}", object_ref=to.object_ref,
        language=to.language, origin=origin, what=said, made_at=clock.now(), made_by_id=int(actor.id),
        owner_id=int(actor.id), due_on=due_on, due_at=due_at, state="open",
    )  # fmt: skip
    session.add(given)
    session.flush()
    _note(session, given, "made", actor, due=(due_on, due_at), origin=origin)
    outbox.emit(session, "commitment.made", commitment_id=given.id)
    return given


def keep(session: Session, *, actor: Actor, commitment_id: int, words: str = "") -> Commitment:
    """Note that it is done: kept within its day, else broken and done late. `words` say how, to the person.

    The row is locked, so of two presses one finds it settled (CommitmentError). NotAllowedError to whoever
    neither owns it nor oversees its unit.
    """
    given = _mine(session, commitment_id, actor)
    now, said = clock.now(), " ".join(words.split())[: rules.LONGEST]
    if given.done_at is not None or given.state == "kept":
        raise CommitmentError(status=409)
    detail: dict[str, Any] = {"words": said} if said else {}
    if given.state == "open" and rules.is_kept(given.due_at, now):
        given.state, given.settled_at = "kept", now
        _note(session, given, "kept", actor, **detail)
        outbox.emit(session, "commitment.kept", commitment_id=given.id)
        return given
    if given.state == "open":  # over, and the clock has not come by yet
        break_(session, given)
    given.done_at = now
    _note(session, given, "done", actor, **detail)
    outbox.emit(session, "commitment.done", commitment_id=given.id)
    return given


def move(
    session: Session, *, actor: Actor, commitment_id: int, due_on: dt.date | None, reason: str
) -> Commitment:
    """Promise another day, with the reason that the person is told; only before the promised day is over.

    CommitmentError beside `reason` or `due_on`, or once it is settled or over; NotAllowedError.
    """
    given = _mine(session, commitment_id, actor)
    said = " ".join(reason.split())
    if given.state != "open" or not rules.is_kept(given.due_at, clock.now()):
        raise CommitmentError("commitments.move_late", status=409)
    if not said:
        raise CommitmentError("commitments.reason_missing", field="reason")
    if len(said) > rules.LONGEST:
        raise CommitmentError("commitments.what_long", field="reason", longest=rules.LONGEST)
    due_at, before = _end_of(due_on, given.branch), given.due_on
    assert due_on is not None
    if due_on == before:
        raise CommitmentError("commitments.same_day", field="due_on")
    given.due_on, given.due_at, given.reminded_at = due_on, due_at, None
    _note(session, given, "moved", actor, due=(due_on, due_at), before=before.isoformat(), reason=said)
    outbox.emit(session, "commitment.moved", commitment_id=given.id, before=before.isoformat(), reason=said)
    return given


def hand_over(session: Session, *, actor: Actor, commitment_id: int, to: Staff) -> Commitment:
    """Let somebody else of the branch keep it: asked by its owner or by who oversees the unit.

    The person is not told: to them the office has promised. CommitmentError when the new owner does not serve
    in the branch, is disabled, or owns it already; or when nothing is left to do.
    """
    given = _mine(session, commitment_id, actor)
    if given.state == "kept" or given.done_at is not None:
        raise CommitmentError(status=409)
    if to.id == given.owner_id or not to.is_active or not to.actor.may(*MAKERS, branch_id=given.branch_id):
        raise CommitmentError("commitments.owner_unknown", field="to")
    before, given.owner_id, given.owner = given.owner_id, to.id, to
    _note(session, given, "handed_over", actor, before=before, to=to.id)
    outbox.emit(session, "commitment.handed_over", commitment_id=given.id, to=to.id)
    return given


def break_(session: Session, given: Commitment) -> None:
    """Note that the day of an open promise is over. The history dates it when it was noticed."""
    given.state, given.settled_at = "broken", given.due_at
    note(session, given, "broken")
    outbox.emit(session, "commitment.broken", commitment_id=given.id)


def note(session: Session, given: Commitment, kind: str, actor: Actor | None = None, **detail: Any) -> None:
    """Write what happened into the history and the audit, by the clock where nobody is named."""
    _note(session, given, kind, actor or _CLOCK, **detail)


def found(session: Session, commitment_id: int, actor: Actor) -> Commitment:
    """A promise that this actor may see: their own, or one of their unit. Raises UnknownCommitmentError."""
    given = session.get(Commitment, commitment_id)
    if given is None or not may_see(given, actor):
        raise UnknownCommitmentError
    return given


def may_see(given: Commitment, actor: Actor) -> bool:
    """Whether somebody of staff may see a promise."""
    return str(given.owner_id) == actor.id or actor.may(*MAKERS, branch_id=given.branch_id)


def oversees(given: Commitment, actor: Actor) -> bool:
    """Whether somebody answers for the unit of a promise."""
    return holds(actor, OVERSEERS, branch_id=given.branch_id, service=given.service)


_CLOCK = Actor(kind="system", id="")


def _mine(session: Session, commitment_id: int, actor: Actor) -> Commitment:
    given = session.get(Commitment, commitment_id, with_for_update={"of": Commitment})
    if given is None:
        raise UnknownCommitmentError
    if actor.kind != "staff" or (str(given.owner_id) != actor.id and not oversees(given, actor)):
        raise NotAllowedError("commitments.not_yours")
    return given


def _end_of(due_on: dt.date | None, branch: Branch) -> dt.datetime:
    if due_on is None:
        raise CommitmentError("commitments.due_missing", field="due_on")
    today = clock.local_day(clock.now(), branch.timezone)
    if wrong := rules.problem_of_day(due_on, today):
        raise CommitmentError(wrong, field="due_on")
    return clock.day_bounds(due_on, branch.timezone)[1]


def _note(
    session: Session,
    given: Commitment,
    kind: str,
    actor: Actor,
    *,
    due: tuple[dt.date, dt.datetime] | None = None,
    **detail: Any,
) -> None:
    entry = CommitmentEvent(
        commitment_id=given.id, at=clock.now(), kind=kind, actor=actor.label, detail=detail,
        due_on=due and due[0], due_at=due and due[1],
    )  # fmt: skip
    session.add(entry)
    session.flush()
    audit.record(
        session, actor=actor, action=f"commitment.{kind}", subject=f"commitment:{given.id}",
        **detail, **({"due_on": due[0].isoformat()} if due else {}),
    )  # fmt: skip
