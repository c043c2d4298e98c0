"""The dispatch policies of branches: read, switched on, and applied to who waits already."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session, aliased

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.catalog.models import Branch, BranchService
from govdesk.db import connection_of, table_of
from govdesk.errors import DeskError, NotAllowedError
from govdesk.people.models import Staff
from govdesk.prepared import Prepared
from govdesk.queue import policy as rules
from govdesk.queue import rules as queue_rules
from govdesk.queue.dispatch_models import DispatchPolicy, WorkProfile
from govdesk.queue.models import Ticket
from govdesk.queue.policy import Policy

MAY_SWITCH = ("admin", "supervisor")  # may change how a branch calls
_policies = table_of(DispatchPolicy)
_IN_FORCE = Prepared(
    select(cast(_policies.c.content, Text).label("content"))
    .where(_policies.c.branch_id == bindparam("branch"))
    .order_by(_policies.c.version.desc())
    .limit(1)
)


class PolicyRefusedError(DeskError):
    """A policy that does not hold together; the field says where."""

    key = "dispatch.unreadable"
    status = 422


def in_force(session: Session, branch_id: int) -> Policy:
    """The policy of a branch as it is now; the plain one where none was ever switched on."""
    found = _IN_FORCE.first(connection_of(session), {"branch": branch_id})
    return rules.of_text(found.content if found else None)


def versions(session: Session, branch_id: int) -> list[DispatchPolicy]:
    """Every policy that a branch has had, the newest first."""
    query = select(DispatchPolicy).where(DispatchPolicy.branch_id == branch_id)
    return list(session.scalars(query.order_by(DispatchPolicy.version.desc())))


def switch_on(session: Session, *, actor: Actor, branch: Branch, policy: Policy) -> bool:
    """Let a branch call by this policy from now on, as a new version; whether that changed anything.

    Who waits already gets the place that the new policy gives. Raises PolicyRefusedError, NotAllowedError.
    The branch's row is locked first, so of two at once the second sees the first's version.
    """
    if not actor.may(*MAY_SWITCH, branch_id=branch.id):
        raise NotAllowedError
    for wrong in rules.problems(policy):
        raise PolicyRefusedError(wrong.key, field=wrong.field, **wrong.params)
    offered = set(session.scalars(select(BranchService.service_id).filter_by(branch_id=branch.id)))
    for number, help_ in enumerate(policy.helps):
        if help_.service_id not in offered:
            raise PolicyRefusedError("queue.not_offered", field=f"help_{number}_service")
    session.refresh(branch, ["code"], with_for_update=True)
    before = in_force(session, branch.id)
    if policy == before:
        return False
    newest = next(iter(versions(session, branch.id)), None)
    row = DispatchPolicy(
        branch_id=branch.id,
        version=newest.version + 1 if newest else 1,
        since=clock.now(),
        made_by_id=int(actor.id) if actor.kind == "staff" else None,
        content=rules.document(policy),
    )
    session.add(row)
    session.flush()
    _place_again(session, branch.id, before, policy)
    audit.record(
        session,
        actor=actor,
        action="dispatch_policy.switched_on",
        subject=f"branch:{branch.code}",
        version=row.version,
        form=policy.form,
    )
    return True


def set_profile(
    session: Session, *, actor: Actor, staff: Staff, service_ids: Iterable[int], languages: Iterable[str]
) -> WorkProfile:
    """Say which services and languages an officer may serve; none named is all."""
    row = session.get(WorkProfile, staff.id) or WorkProfile(staff_id=staff.id)
    wanted = sorted(set(service_ids)), sorted(set(languages))
    if (row.service_ids or [], row.languages or []) != wanted:
        row.service_ids, row.languages = wanted
        subject = f"staff:{staff.id}"
        audit.record(
            session, actor=actor, action="work_profile.changed", subject=subject,
            services=wanted[0], languages=wanted[1],
        )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def mark_our_mistake(session: Session, *, ticket_id: int) -> bool:
    """Note that a person is here again because we failed the first time; whether that was news.

    While they wait, they get the class and the place that this gives. Told twice is told once.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.is_our_mistake or ticket.state not in queue_rules.LIVE:
        return False
    policy = in_force(session, ticket.branch_id)
    arrived = _first_arrival(session, ticket)
    stood = _place_of(ticket, arrived, policy)
    ticket.is_our_mistake = True
    ticket.order_at += _place_of(ticket, arrived, policy) - stood
    ticket.call_class = _class_of(ticket, arrived, policy)
    session.flush()
    return True


def _place_again(session: Session, branch_id: int, before: Policy, after: Policy) -> None:
    """Move who waits by what the change does to their place; a place kept or given up stays so."""
    query = select(Ticket).where(Ticket.branch_id == branch_id, Ticket.state.in_(("waiting", "held")))
    for ticket in session.scalars(query.with_for_update(of=Ticket).order_by(Ticket.id)):
        arrived = _first_arrival(session, ticket)
        ticket.order_at += _place_of(ticket, arrived, after) - _place_of(ticket, arrived, before)
        ticket.call_class = _class_of(ticket, arrived, after)
    session.flush()


def _first_arrival(session: Session, ticket: Ticket) -> dt.datetime:
    if ticket.transferred_from_id is None:
        return ticket.arrived_at
    stage = aliased(Ticket)
    first = select(stage.arrived_at).where(
        stage.branch_id == ticket.branch_id, stage.day == ticket.day, stage.number == ticket.number
    )
    return session.scalars(first.order_by(stage.stage).limit(1)).one()


def _place_of(ticket: Ticket, arrived_at: dt.datetime, policy: Policy) -> dt.datetime:
    due = ticket.appointment.starts_at if ticket.appointment else None
    return rules.place(
        arrived_at,
        due,
        has_priority=ticket.priority != queue_rules.NO_PRIORITY,
        is_displaced=ticket.is_displaced,
        is_our_mistake=ticket.is_our_mistake,
        policy=policy,
    )


def _class_of(ticket: Ticket, arrived_at: dt.datetime, policy: Policy) -> str:
    due = ticket.appointment.starts_at if ticket.appointment else None
    return rules.class_of(
        arrived_at,
        due,
        has_priority=ticket.priority != queue_rules.NO_PRIORITY,
        is_displaced=ticket.is_displaced,
        is_our_mistake=ticket.is_our_mistake,
        policy=policy,
    )
