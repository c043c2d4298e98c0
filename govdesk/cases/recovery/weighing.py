"""What is known of something that failed a person, when it is weighed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.cases.models import Visit
from govdesk.cases.recovery.models import RecoveryTrigger
from govdesk.cases.recovery.rules import GRACE, Facts
from govdesk.catalog.models import PublicService
from govdesk.queue import promises
from govdesk.queue.models import Ticket
from govdesk.queue.unserved_models import UnservedAnswer

MET = ("resolved", "planned_next_step")


def facts(session: Session, trigger: RecoveryTrigger) -> Facts:
    """Read the facts; what concerns other kinds is as it would be if nothing spoke against a task."""
    is_known = trigger.person_id is not None
    if trigger.kind == "left":
        return _of_leaving(session, trigger, is_known=is_known)
    if trigger.kind == "returned":
        visit = session.get(Visit, _number(trigger))
        return Facts(is_known=is_known, is_undone=visit is None or visit.class_name != "repeat")
    if trigger.kind == "promise_broken":
        ticket = session.get(Ticket, _number(trigger))
        return Facts(is_known=is_known, is_undone=ticket is None, is_called=_was_called(ticket))
    return Facts(is_known=is_known)


def _of_leaving(session: Session, trigger: RecoveryTrigger, *, is_known: bool) -> Facts:
    visit = session.get(Visit, _number(trigger))
    if visit is None or visit.status != "abandoned":
        return Facts(is_known=is_known, is_undone=True)
    answer = session.get(UnservedAnswer, int(visit.visit_no)) if visit.visit_no.isdecimal() else None
    family = session.get_one(PublicService, visit.service_id).family
    met = select(Visit.id).where(
        Visit.person_id == trigger.person_id,
        Visit.family == family,
        Visit.status == "served",
        Visit.outcome.in_(MET),
        Visit.ended_at > visit.ended_at,
    )
    return Facts(
        is_known=is_known,
        is_needed=answer is None or answer.is_needed is not False,
        is_met_since=is_known and session.scalars(met.limit(1)).first() is not None,
    )


def _was_called(ticket: Ticket | None) -> bool:
    """Whether the person was called soon enough after the promise that nobody needs to answer for it."""
    if ticket is None or ticket.called_at is None:
        return False
    given = promises.of(ticket)
    return given is not None and ticket.called_at <= given.before + GRACE["promise_broken"]


def _number(trigger: RecoveryTrigger) -> int:
    return int(trigger.source.partition(":")[2])
