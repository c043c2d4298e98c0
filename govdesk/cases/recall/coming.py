"""Who comes back because we asked them to: their visit says so, and the recall knows that they came.

A visit is one of a recall where its person was invited to one for this need before they were called, and it
had not ended for them by then: nobody is counted as invited who was not. Such a visit is classified `recall`
and never a repeat (KPI.md §1.3).
"""

from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from govdesk.actor import SYSTEM
from govdesk.cases.classes import ATTENDED_STATUSES, RECALL_REASON
from govdesk.cases.models import Visit
from govdesk.cases.recall import rules, telling
from govdesk.cases.recall.models import Recall, RecallMember, RecallStep
from govdesk.cases.recall.steps import end, note
from govdesk.catalog.models import PublicService
from govdesk.people import same
from govdesk.queue.models import Ticket

LIVE = "live"


def reason_of(session: Session, ticket: Ticket) -> str | None:
    """Why a person is here again: because we asked, or as they said."""
    if ticket.person_id is None:
        return ticket.return_reason
    came_at = ticket.called_at or ticket.arrived_at
    names = same.names_of(session, same.whole(session, ticket.person_id))
    family = session.get_one(PublicService, ticket.service_id).family
    was_invited = exists().where(
        RecallStep.member_id == RecallMember.id, RecallStep.kind == "invited", RecallStep.at <= came_at
    )
    invited = (
        select(RecallMember.id)
        .join(Recall, Recall.id == RecallMember.recall_id)
        .join(PublicService, PublicService.id == RecallMember.service_id)
        .where(
            RecallMember.person_id.in_(names),
            PublicService.family == family,
            or_(RecallMember.ended_at.is_(None), RecallMember.ended_at >= came_at),
            or_(Recall.ended_at.is_(None), Recall.ended_at >= came_at),
            was_invited.correlate(RecallMember),
        )
    )
    is_invited = session.scalar(invited.limit(1)) is not None
    return RECALL_REASON if is_invited else ticket.return_reason


def note_came(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.ended`: who was invited came; where the need was met the fault is mended for them.

    Heard twice, or of the next stage of the same visit, it is noted once.
    """
    visit = _visit(session, payload["ticket_id"])
    if visit is None or visit.reason != RECALL_REASON or visit.status not in ATTENDED_STATUSES:
        return
    for member in _invited(session, visit):
        if member.came_no is None:
            member.came_no, member.state = visit.visit_no, "came"
            note(session, SYSTEM, member.recall_id, "came", member=member, what=visit.visit_no)
        if visit.outcome == "resolved":
            member.came_no = visit.visit_no
            end(session, SYSTEM, member, rules.REMEDIED)


def note_undone(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.taken_back`: an end that was none; who was noted as having come is invited still."""
    number = str(payload["ticket_id"])
    if _visit(session, payload["ticket_id"]) is not None:  # it has ended again since
        return
    came = select(RecallMember).where(RecallMember.came_no == number).order_by(RecallMember.id)
    for member in session.scalars(came.with_for_update(of=RecallMember)):
        member.came_no, member.state, member.end, member.ended_at = None, "invited", None, None
        note(session, SYSTEM, member.recall_id, "undone", member=member, what=number)


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: what was said goes, nobody is troubled any more, every count stays."""
    mine = select(RecallMember).where(RecallMember.person_id == payload["person_id"])
    for member in session.scalars(mine.order_by(RecallMember.id)):
        of_member = RecallStep.member_id == member.id
        session.execute(update(RecallStep).where(of_member).values(words=""))
        telling.forget(session, member)
        if member.end is None:
            end(session, SYSTEM, member, rules.FORGOTTEN)
    session.flush()


def _visit(session: Session, ticket_id: int) -> Visit | None:
    mine = Visit.source == LIVE, Visit.visit_no == str(ticket_id)
    return session.scalars(select(Visit).where(*mine)).one_or_none()


def _invited(session: Session, visit: Visit) -> list[RecallMember]:
    """Those in running recalls for the need of a visit who have not ended, or were given up."""
    if visit.person_id is None:
        return []
    names = same.names_of(session, same.whole(session, visit.person_id))
    theirs = (
        select(RecallMember)
        .join(Recall, Recall.id == RecallMember.recall_id)
        .join(PublicService, PublicService.id == RecallMember.service_id)
        .where(
            RecallMember.person_id.in_(names),
            PublicService.family == visit.family,
            Recall.ended_at.is_(None),
            or_(RecallMember.end.is_(None), RecallMember.end.in_((rules.DECLINED, rules.UNREACHED))),
        )
    )
    return list(session.scalars(theirs.order_by(RecallMember.id).with_for_update(of=RecallMember)))
