"""What people may do about their place: let others pass, come back, join from afar, say they are here."""

import datetime as dt
import hashlib
import hmac
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, Counter, PublicService
from govdesk.config import settings
from govdesk.db import connection_of
from govdesk.errors import DeskError
from govdesk.people.models import Person
from govdesk.queue import admission, lines, live, policies, rules, service, steps
from govdesk.queue.dispatch import order
from govdesk.queue.errors import WrongStepError
from govdesk.queue.meant import Meant, still
from govdesk.queue.models import CounterSession, Ticket
from govdesk.queue.policy import Policy

CODE_DIGITS = 4
MINUTE = dt.timedelta(minutes=1)
BEHIND = dt.timedelta(microseconds=1)


class OwnTurnError(DeskError):
    """What the holder of a ticket asks for is not possible, or not twice."""

    key = "ticket.not_now"


def may_push_back(branch: Branch, ticket: Ticket) -> bool:
    """Whether the holder may still let others pass: once, while waiting."""
    return ticket.state == "waiting" and ticket.pushed_back_at is None and branch.push_back_places > 0


def push_back(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Let the branch's number of people pass, once: behind the last of them, or behind all there are.

    Who is among them is said by the order in which the branch calls. The row is locked by `found`, so of two
    presses one finds it done. OwnTurnError when nobody is behind.
    """
    ticket = steps.found(session, ticket_id, actor)
    branch = session.get_one(Branch, ticket.branch_id)
    if ticket.pushed_back_at is not None:
        raise OwnTurnError("ticket.pushed_back_before")
    if not may_push_back(branch, ticket):
        raise WrongStepError(state=ticket.state)
    policy = policies.in_force(session, branch.id)
    if policy.form == "turns":
        behind = _behind_in_turns(session, branch, ticket, policy)
    else:
        behind = _behind(session, branch, ticket)
    if behind is None:
        raise OwnTurnError("ticket.nobody_behind")
    last, places = behind
    ticket.order_at, ticket.pushed_back_at = last + BEHIND, clock.now()
    ticket.told_near_at = None  # it comes near a second time
    steps.note(session, ticket, "pushed_back", actor, places=places)
    return ticket


def _behind(session: Session, branch: Branch, ticket: Ticket) -> tuple[dt.datetime, int] | None:
    """In one order: where the last of those stands whom the ticket lets pass, and how many they are."""
    after = (Ticket.order_at > ticket.order_at) | (
        (Ticket.order_at == ticket.order_at) & (Ticket.id > ticket.id)
    )
    passing = session.scalars(
        select(Ticket.order_at)
        .where(Ticket.branch_id == branch.id, Ticket.state == "waiting", after)
        .order_by(Ticket.order_at, Ticket.id)
        .limit(branch.push_back_places)
    ).all()
    return (passing[-1], len(passing)) if passing else None


def _behind_in_turns(
    session: Session, branch: Branch, ticket: Ticket, policy: Policy
) -> tuple[dt.datetime, int] | None:
    """In turns: behind whom of its own class the ticket has let so many pass, of all classes together.

    The policy is run ahead as if the ticket stood behind the next of its class, then behind the one after,
    until so many are called before it who were not; or behind the last of them.
    """
    everybody, now = lines.waiting(session, branch.id, policy), clock.now()
    called = lines.lately(connection_of(session), branch.id, policy)
    mine = next(head for head in everybody if head.ticket_id == ticket.id)
    others = [head for head in everybody if head is not mine]

    def before(place: dt.datetime, limit: int | None = None) -> set[int]:
        """Who is called before the ticket if it stands there, as far as the first so many calls."""
        here = replace(mine, order_at=place, since=place, callable_at=min(mine.callable_at, now))
        run = order([*others, here], called, now, policy, limit=limit)
        ids = [choice.head.ticket_id for choice in run]
        return set(ids[: ids.index(mine.ticket_id)] if mine.ticket_id in ids else ids)

    first, found = before(mine.order_at), None
    reach = len(first) + branch.push_back_places
    own = sorted((one.order_at, one.ticket_id) for one in others if one.call_class == mine.call_class)
    for stands, _ticket_id in [one for one in own if one > (mine.order_at, mine.ticket_id)]:
        passing = len(before(stands + BEHIND, reach) - first)
        if passing:
            found = stands
        if passing >= branch.push_back_places:
            break
    return (found, len(before(found + BEHIND) - first)) if found is not None else None


def may_rejoin(branch: Branch, ticket: Ticket) -> bool:
    """Whether one who left or was missed may come back by themselves: once, within the branch's minutes."""
    ended = ticket.ended_at
    return (
        ticket.state in {"abandoned", "noshow"}
        and ticket.rejoined_at is None
        and ended is not None
        and clock.now() <= ended + branch.rejoin_minutes * MINUTE
        and ticket.day == clock.local_day(clock.now(), branch.timezone)
    )


def rejoin(session: Session, *, actor: Actor, ticket_id: int) -> Ticket:
    """Wait again at the old place after leaving or being missed, once and soon. Raises OwnTurnError.

    Who waited for one counter or officer waits for it again, or for anybody when that seat has closed.
    """
    left = steps.sought(session, ticket_id)
    meant = still(session, Meant(left.meant_counter_id, left.meant_staff_id), left)
    ticket = steps.found(session, ticket_id, actor)
    branch = session.get_one(Branch, ticket.branch_id)
    if ticket.state in rules.LIVE:
        raise WrongStepError(state=ticket.state)
    if not may_rejoin(branch, ticket):
        raise OwnTurnError("ticket.rejoin_over")
    ticket.state, ticket.rejoined_at = "waiting", clock.now()
    ticket.ended_at = ticket.counter_id = ticket.staff_id = None
    ticket.call_count = 0
    ticket.meant_counter_id, ticket.meant_staff_id = meant
    steps.note(session, ticket, "rejoined", actor)
    outbox.emit(session, "ticket.taken_back", ticket_id=ticket.id)
    return ticket


def join(
    session: Session,
    *,
    actor: Actor,
    branch: Branch,
    wanted: PublicService,
    person: Person,
    language: str,
) -> Ticket:
    """Take a ticket from elsewhere; it keeps its place but is not called before its holder is present.

    OwnTurnError where the branch does not allow it, its share for people elsewhere is taken, or this person
    already waits there. The branch's row is locked, so that two cannot take the last place of the share.
    """
    session.flush()
    session.refresh(branch, ["allows_remote", "remote_share"], with_for_update=True)
    if not branch.allows_remote:
        raise OwnTurnError("ticket.remote_off")
    mine = select(Ticket.id).where(
        Ticket.branch_id == branch.id, Ticket.person_id == person.id, Ticket.state.in_(rules.LIVE)
    )
    if session.scalars(mine.limit(1)).first() is not None:
        raise OwnTurnError("ticket.remote_twice")
    if remote_places_left(session, branch, wanted) < 1:
        raise OwnTurnError("ticket.remote_full")
    admission.refuse_when_full(session, branch=branch, wanted=wanted, is_remote=True)
    ticket = service.issue(
        session, actor=actor, branch=branch, service=wanted, person=person, language=language,
        channel="remote",
    )  # fmt: skip
    _day, tomorrow = clock.day_bounds(ticket.day, branch.timezone)
    ticket.is_remote, ticket.callable_at = True, tomorrow
    ticket.quoted_at = ticket.quoted_low = ticket.quoted_high = None  # promised once the holder is here
    session.flush()
    return ticket


def remote_places_left(session: Session, branch: Branch, wanted: PublicService) -> int:
    """How many more may join from elsewhere now: the rest of their share of what an hour can serve."""
    desks = session.scalar(
        select(func.count())
        .select_from(CounterSession)
        .join(Counter, Counter.id == CounterSession.counter_id)
        .where(Counter.branch_id == branch.id, CounterSession.closed_at.is_(None))
    )
    taken = session.scalar(
        select(func.count()).where(Ticket.branch_id == branch.id, Ticket.state == "waiting", Ticket.is_remote)
    )
    return rules.remote_places(desks or 0, wanted.minutes, branch.remote_share) - (taken or 0)


def presence_code(branch: Branch) -> str:
    """The code of the day that only who is on site can read: on the board and at the door."""
    day = clock.local_day(clock.now(), branch.timezone)
    said = f"presence {branch.id} {day}".encode()
    digest = hmac.digest(settings().secret_key.encode(), said, hashlib.sha256)
    return str(int.from_bytes(digest[:6], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def arrive(session: Session, *, actor: Actor, ticket_id: int, code: str | None = None) -> Ticket:
    """Say that the holder is here: from now on the ticket may be called, at the place it has kept.

    Staff see the person; anybody else proves it by the code of the day. Twice is once.
    """
    ticket = steps.found(session, ticket_id, actor)
    branch = session.get_one(Branch, ticket.branch_id)
    if ticket.state != "waiting":
        raise WrongStepError(state=ticket.state)
    if not ticket.is_remote or ticket.present_at is not None:
        return ticket
    if actor.kind != "staff" and not hmac.compare_digest(
        (code or "").encode(), presence_code(branch).encode()
    ):
        raise OwnTurnError("ticket.code_wrong", field="code", status=422)
    ticket.callable_at = ticket.present_at = clock.now()
    session.flush()
    quote = live.place_of(session, ticket)
    if quote is not None:
        ticket.quoted_at, ticket.quoted_low, ticket.quoted_high = clock.now(), quote.low, quote.high
    steps.note(session, ticket, "present", actor)
    return ticket
