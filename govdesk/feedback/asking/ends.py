"""Each end is asked about, minutes later: these listeners only write down whom to ask, `sending` asks.

Where another message asks already why somebody left or did not come, nothing is sent: its page leads on to
the form (see `open_for_ticket` and `open_for_appointment`).
"""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Case, Visit
from govdesk.cases.work import telling
from govdesk.catalog.models import Branch, PublicService
from govdesk.feedback.asking import rules, sampling, service
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.rules import End
from govdesk.feedback.asking.service import NotAskedError
from govdesk.feedback.complaints.models import Complaint
from govdesk.feedback.forms import service as forms
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.people.models import Person
from govdesk.queue.models import Ticket

OUTCOMES = {"turned_away": "unresolved", "abandoned": "left", "closed_unserved": "left"}
SECOND_VISITS = 2  # one of so many is asked why
ON_PAPER = frozenset({"kiosk", "reception"})  # channels whose tickets are a slip with a QR code


def ask_after_ticket(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.ended`: whose matter it was is to be asked, unless that is done elsewhere.

    It runs for every ticket: one statement where nobody is named, where somebody is it is five.
    """
    found = _ended(session, payload["ticket_id"])
    if found is None:
        return
    ticket, asked_service, branch, person = found
    end = rules.TICKET_ENDS.get(ticket.state)
    if end is not None and end.is_sent and person is not None and not _is_stale(ticket.ended_at):
        _invite(session, end, ticket, asked_service, branch, person)


def ask_why_again(session: Session, payload: dict[str, Any]) -> None:
    """Hear `visit.repeated`: of those who had to come again every second is asked why, instead of how it was.

    Were it all of them, nobody who had to come again would say how satisfied they are, and the figure would
    look better than it is.
    """
    visit = session.get(Visit, payload["visit_id"])
    found = _ended(session, int(visit.visit_no)) if visit is not None and visit.source == LIVE else None
    if found is None:
        return
    ticket, asked_service, branch, person = found
    end = rules.TICKET_ENDS.get(ticket.state)
    if end is None or not end.is_sent or person is None or _is_stale(ticket.ended_at):
        return
    if not is_asked_why(ticket.id):
        return
    asked = _invite(session, rules.RETURNED, ticket, asked_service, branch, person)
    other = service.about_this(session, end.kind, _about(ticket))
    if asked is not None and other is not None:
        service.overtake(session, other, asked)


def is_asked_why(ticket_id: int) -> bool:
    """Whether the lot fell so for a second visit: the same each time it is asked."""
    return sampling.place("second visit", "why", ticket_id, SECOND_VISITS) == 0


def ask_no_more(session: Session, payload: dict[str, Any]) -> None:
    """Hear `ticket.taken_back`: what has not been asked is not asked."""
    service.take_back(session, f"ticket:{payload['ticket_id']}")


def ask_after_case(session: Session, payload: dict[str, Any]) -> None:
    """Hear `case.resolved`: a need that was met without a visit is an end too."""
    case = session.get(Case, payload["case_id"])
    if case is None or case.person_id is None:
        return
    end = rules.RESOLVED_AWAY
    service.invite(
        session, kind=end.kind, about=f"case:{case.id}", occasion=end.occasion,
        person=session.get_one(Person, case.person_id), service=case.service, channel=case.channel,
        branch=session.get_one(Branch, case.branch_id) if case.branch_id else None, outcome="resolved",
        language=telling.language_of(session, case), ended_at=clock.now(),
    )  # fmt: skip


def ask_after_complaint(session: Session, payload: dict[str, Any]) -> None:
    """Hear `complaint.answered`: a day later, once for each complaint, whatever else they were asked."""
    complaint = session.get(Complaint, payload["complaint_id"])
    if complaint is None or complaint.person is None:
        return
    asked_service = session.get(PublicService, complaint.service_id) if complaint.service_id else None
    end = rules.COMPLAINT
    service.invite(
        session, kind=end.kind, about=f"complaint:{complaint.id}", occasion=end.occasion,
        person=complaint.person, branch=complaint.branch, service=asked_service, channel=complaint.channel,
        language=complaint.language, ended_at=clock.now(),
        send_after=clock.now() + rules.ASK_COMPLAINT_AFTER,
    )  # fmt: skip


def open_for_ticket(session: Session, ticket_id: int) -> Invitation:
    """The invitation of a ticket, for who holds it and opens it by themselves; also where nobody is named.

    NotAskedError where the ticket has not ended, too long ago, or nothing is asked.
    """
    found = _ended(session, ticket_id)
    end = rules.TICKET_ENDS.get(found[0].state) if found else None
    if found is None or end is None:
        raise NotAskedError
    ticket, asked_service, branch, person = found
    again = service.about_this(session, rules.RETURNED.kind, _about(ticket))
    return _shown(
        session,
        again or _invite(session, end, ticket, asked_service, branch, person),
        "qr" if ticket.channel in ON_PAPER else "page",
    )


def open_for_appointment(session: Session, appointment: Appointment) -> Invitation:
    """The same for an appointment to which nobody came."""
    if appointment.state != "noshow":
        raise NotAskedError
    end = rules.MISSED
    asked = service.invite(
        session, kind=end.kind, about=f"appointment:{appointment.id}", occasion=end.occasion,
        person=appointment.person, branch=appointment.branch, service=appointment.service,
        channel="appointment", language=appointment.language, ended_at=appointment.ends_at,
    )  # fmt: skip
    return _shown(session, asked, "page")


def will_be_asked(session: Session, asked_service: PublicService) -> bool:
    """Whether who comes for a service will be asked how it went: their slip says so."""
    return service.is_asked(session, rules.TICKET_ENDS["served"].kind, asked_service.department_id)


def asked_about(session: Session, ticket: Ticket) -> QuestionnaireVersion | None:
    """What a page of this ticket may lead on to; None where it has not ended or nothing is asked any more."""
    end = rules.TICKET_ENDS.get(ticket.state)
    if end is None or ticket.ended_at is None or clock.now() >= ticket.ended_at + rules.OPEN_FOR:
        return None
    return _asked(session, end, _about(ticket), ticket.service)


def asked_about_missed(session: Session, appointment: Appointment) -> QuestionnaireVersion | None:
    """The same for an appointment to which nobody came."""
    if appointment.state != "noshow" or clock.now() >= appointment.ends_at + rules.OPEN_FOR:
        return None
    return _asked(session, rules.MISSED, f"appointment:{appointment.id}", appointment.service)


def _asked(
    session: Session, end: End, about: str, asked_service: PublicService
) -> QuestionnaireVersion | None:
    known = service.about_this(session, end.kind, about)
    if known is not None:
        return None if known.state in service.OVER else known.version
    return forms.published(session, end.kind, department_id=asked_service.department_id)


def _ended(session: Session, ticket_id: int) -> tuple[Ticket, PublicService, Branch, Person | None] | None:
    """A ticket that has ended, with what there is to say of it; in one statement."""
    row = session.execute(
        select(Ticket, PublicService, Branch, Person)
        .join(PublicService, PublicService.id == Ticket.service_id)
        .join(Branch, Branch.id == Ticket.branch_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .where(Ticket.id == ticket_id, Ticket.ended_at.is_not(None))
        .options(lazyload(PublicService.policies), lazyload(PublicService.department))
    ).one_or_none()
    return (row[0], row[1], row[2], row[3]) if row else None


def _invite(
    session: Session, end: End, ticket: Ticket, asked_service: PublicService, branch: Branch,
    person: Person | None,
) -> Invitation | None:  # fmt: skip
    assert ticket.ended_at is not None
    return service.invite(
        session, kind=end.kind, about=_about(ticket), occasion=end.occasion, person=person, branch=branch,
        service=asked_service, channel=ticket.channel, outcome=OUTCOMES.get(ticket.state, ticket.outcome),
        priority=ticket.priority, language=ticket.language, ended_at=ticket.ended_at,
    )  # fmt: skip


def _shown(session: Session, invitation: Invitation | None, mode: str) -> Invitation:
    if invitation is None or clock.now() >= invitation.closes_at:
        raise NotAskedError
    return service.show(session, invitation=invitation, mode=mode)


def _about(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"


def _is_stale(ended_at: dt.datetime | None) -> bool:
    """Whether an end is heard of so late, as after a long standstill, that it is not asked about any more."""
    return ended_at is None or clock.now() > ended_at + rules.ASK_WITHIN
