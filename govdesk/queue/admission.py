"""Who may still walk in today, what is offered to who may not, and how the one who goes away is counted."""

import datetime as dt
from typing import Any

from sqlalchemy import and_, func, not_, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import SYSTEM, Actor
from govdesk.booking import service as booking
from govdesk.booking.errors import Place
from govdesk.catalog import door, organisation
from govdesk.catalog.models import Branch, BranchService, Cause, PublicService
from govdesk.catalog.service import branches_offering
from govdesk.errors import DeskError
from govdesk.queue import endings, live, service, steps
from govdesk.queue.device_models import CallBack
from govdesk.queue.errors import TicketNotFoundError
from govdesk.queue.models import Ticket

FULL = "full"  # the cause of a visit that failed for want of a place
DOOR_CAUSES = {  # known at every door; each joins the list of causes when it is first used
    FULL: ("لم يبقَ مكان اليوم", "No place left that day"),
    "not_eligible": ("لا تنطبق عليه الشروط", "Not eligible"),
}
ALTERNATIVES = 3
LONGEST_WORDS = 120
PHONE_KEPT = dt.timedelta(days=30)  # of a wish that nobody settled


class FullError(DeskError):
    """Nobody else can walk in for this service today, or the wait would be longer than it may be."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"queue.full_{reason}", field="service")


def refuse_when_full(
    session: Session,
    *,
    branch: Branch,
    wanted: PublicService,
    is_remote: bool = False,
) -> None:
    """Raise FullError when a newcomer gets no ticket any more.

    1. The row of the offer is locked until the ticket is committed: of two who ask for the last one at once
       the second counts the first's.
    2. Where there is no limit nothing is locked and nothing counted.
    """
    offer = session.get(BranchService, (branch.id, wanted.id))
    if offer is None or (offer.daily_walkins is None and offer.longest_wait_minutes is None):
        return
    if offer.daily_walkins is not None:
        session.refresh(offer, ["daily_walkins", "kept_for_hall"], with_for_update=True)
    reason = _reason(session, branch, wanted, offer, is_remote=is_remote)
    if reason is not None:
        raise FullError(reason)


def reason_full(session: Session, branch: Branch, wanted: PublicService) -> str | None:
    """Why nobody else can walk in for a service now (`contingent`, `wait`), to say so before one asks."""
    offer = session.get(BranchService, (branch.id, wanted.id))
    return _reason(session, branch, wanted, offer, is_remote=False) if offer else None


def given_today(session: Session, branch: Branch, service_id: int) -> int:
    """How many tickets without appointment were given today; who was turned away at the door had none."""
    at_door = and_(Ticket.state == "turned_away", Ticket.called_at.is_(None))
    query = select(func.count()).where(
        Ticket.branch_id == branch.id,
        Ticket.day == clock.local_day(clock.now(), branch.timezone),
        Ticket.service_id == service_id,
        Ticket.stage == 1,
        Ticket.appointment_id.is_(None),
        not_(at_door),
    )
    return session.scalar(query) or 0


def alternatives(session: Session, branch: Branch, wanted: PublicService) -> list[Place]:
    """The three nearest places that can be booked: at this branch, else at any."""
    minutes = booking.minutes_needed(session, wanted.id)
    elsewhere = [one.id for one in branches_offering(session, wanted) if one.id != branch.id]
    for places in ([branch.id], elsewhere):
        if places:
            found = booking.nearest_free(
                session, service_id=wanted.id, branch_ids=places, wanted=clock.now(), n=ALTERNATIVES,
                minutes=minutes,
            )  # fmt: skip
            if found:
                return found
    return []


def send_away(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    wanted: PublicService,
    cause: str = FULL,
    words: str = "",
    **known: Any,
) -> Ticket:
    """Count somebody who goes home unserved: an attended visit that failed, with its cause.

    `known` is what is known of them, as for a ticket: person, priority, language, channel. `words` say more
    where the list of causes does not. Raises OutcomeError for an unknown cause.
    """
    if cause in DOOR_CAUSES and session.get(Cause, cause) is None:
        arabic, english = DOOR_CAUSES[cause]
        organisation.describe_cause(session, actor=SYSTEM, code=cause, name_ar=arabic, name_en=english)
    ticket = service.issue(session, actor=actor, branch=branch, service=wanted, at_door=True, **known)
    endings.turn_away(session, actor=actor, ticket_id=ticket.id, cause=cause)
    if words.strip():
        steps.note(session, ticket, "words_noted", actor, words=words.strip()[:LONGEST_WORDS])
    return ticket


def wish_call(session: Session, *, actor: Actor, ticket: Ticket, phone: str) -> CallBack:
    """Keep the wish of somebody who was sent away to be called at this number (E.164)."""
    wish = CallBack(
        branch_id=ticket.branch_id,
        service_id=ticket.service_id,
        ticket_id=ticket.id,
        phone=phone,
        language=ticket.language,
        wished_at=clock.now(),
    )
    session.add(wish)
    session.flush()
    audit.record(session, actor=actor, action="call_back.wished", subject=f"call_back:{wish.id}")
    return wish


def wishes(session: Session, branch_ids: list[int]) -> list[CallBack]:
    """Who still waits to be called at these branches, the oldest first."""
    waiting = CallBack.branch_id.in_(branch_ids), CallBack.settled_at.is_(None)
    return list(session.scalars(select(CallBack).where(*waiting).order_by(CallBack.wished_at, CallBack.id)))


def settle_wish(session: Session, *, actor: Actor, wish_id: int) -> None:
    """Note that somebody was called; the number is forgotten. Twice is once."""
    wish = session.get(CallBack, wish_id, with_for_update=True)
    if wish is None or not actor.sees_branch(wish.branch_id):
        raise TicketNotFoundError
    if wish.settled_at is None:
        wish.settled_at, wish.settled_by, wish.phone = clock.now(), int(actor.id), None
        session.flush()
        audit.record(session, actor=actor, action="call_back.settled", subject=f"call_back:{wish.id}")


def forget_old(session: Session) -> int:
    """Empty the numbers of wishes that nobody settled for a month; how many."""
    old = CallBack.phone.is_not(None), CallBack.wished_at < clock.now() - PHONE_KEPT
    emptied = update(CallBack).where(*old).values(phone=None).returning(CallBack.id)
    return len(session.execute(emptied.execution_options(synchronize_session=False)).all())


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Empty the numbers of a person whose contact was removed."""
    own = select(Ticket.id).where(Ticket.person_id == payload["person_id"])
    session.execute(update(CallBack).where(CallBack.ticket_id.in_(own)).values(phone=None))


def _reason(
    session: Session,
    branch: Branch,
    wanted: PublicService,
    offer: BranchService,
    *,
    is_remote: bool,
) -> str | None:
    daily, longest, high = offer.daily_walkins, offer.longest_wait_minutes, None
    if longest is not None:
        quotes = ((quote, one.id) for one, _count, quote in live.waits(session, branch))
        quote = next((quote for quote, service_id in quotes if service_id == wanted.id), None)
        high = quote.high if quote else None
    return door.reason_full(
        used=given_today(session, branch, wanted.id) if daily is not None else 0,
        daily=daily,
        kept=offer.kept_for_hall,
        is_remote=is_remote,
        quoted_high=high,
        longest=longest,
    )
