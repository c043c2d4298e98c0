"""Verbs of complaints: complain, acknowledge, assess, answer, go on to the next instance, withdraw."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.catalog import reach
from govdesk.catalog.models import Branch, Cause, PublicService
from govdesk.catalog.service import branches_offering, calendar_of, open_branches
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.feedback.complaints import instances, rules, telling
from govdesk.feedback.complaints.models import Complaint, ComplaintInstance, ComplaintRound, ComplaintStep
from govdesk.people.models import Person

LONGEST, LONGEST_SHORT = 4000, 1000
HANDLERS = ("supervisor", "head")  # who answers, each in their own units


class ComplaintError(DeskError):
    """A step that a complaint does not allow; the key says why."""

    key = "complaints.refused"
    status = 422


class ComplaintNotFoundError(NotFoundError):
    """There is no such complaint."""

    key = "complaints.not_found"


def complain(
    session: Session, *, actor: Actor, about: str, words: str, channel: str, language: str,
    branch: Branch | None = None, counter_number: int | None = None, service: PublicService | None = None,
    happened_on: dt.date | None = None, wished: str = "", person: Person | None = None,
) -> Complaint:  # fmt: skip
    """Take a complaint: it has a number, a private link and its deadlines at once.

    Where no branch is named, the branch answers that offers the service and was opened first, or else the
    first of all. Without a person it is anonymous: nobody can be told, the link alone leads back.
    """
    if about not in rules.ABOUT:
        raise ComplaintError("errors.choose_known", field="about")
    if not words.strip():
        raise ComplaintError("complaints.words_missing", field="words")
    if happened_on is not None and happened_on > clock.now().date() + dt.timedelta(days=1):
        raise ComplaintError("complaints.day_ahead", field="happened_on")
    unit = branch or _unit(session, service)
    complaint = Complaint(
        number=_number(session), token=chance.token(), channel=channel, branch_id=unit.id,
        is_place_known=branch is not None, counter_number=counter_number if branch else None,
        service_id=service.id if service else None, about=about, happened_on=happened_on,
        words=words.strip(), wished=wished.strip(), language=language,
        person_id=person.id if person else None, taken_by=actor.label, state=rules.RECEIVED,
        received_at=clock.now(),
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    _begin(session, complaint, instances.first(session))
    note(session, complaint, "received", actor)
    telling.tell_received(session, complaint)
    outbox.emit(
        session, "complaint.received", complaint_id=complaint.id, person_id=complaint.person_id,
        service_id=complaint.service_id, branch_id=complaint.branch_id,
    )  # fmt: skip
    return complaint


def acknowledge(session: Session, *, actor: Actor, complaint_id: int) -> Complaint:
    """Say that somebody has it now, and who; twice is once."""
    complaint = found(session, complaint_id, actor)
    if complaint.state == rules.ACKNOWLEDGED:
        return complaint
    _lead(complaint, "acknowledge")
    _own(actor, complaint)
    complaint.round.acknowledged_at = clock.now()
    note(session, complaint, "acknowledged", actor)
    telling.tell_acknowledged(session, complaint)
    outbox.emit(session, "complaint.acknowledged", complaint_id=complaint.id)
    return complaint


def assess(
    session: Session, *, actor: Actor, complaint_id: int, verdict: str, cause: str | None = None,
    findings: str = "",
) -> Complaint:  # fmt: skip
    """Find whether it is justified, partly or not; what is justified has a cause, which is charged.

    Who assesses what nobody acknowledged acknowledges it with it.
    """
    complaint = found(session, complaint_id, actor)
    if verdict not in rules.VERDICTS:
        raise ComplaintError("errors.choose", field="verdict")
    if verdict in rules.WITH_CAUSE and (not cause or session.get(Cause, cause) is None):
        raise ComplaintError("complaints.cause_missing", field="cause")
    _lead(complaint, "assess")
    _own(actor, complaint)
    row = complaint.round
    row.acknowledged_at, row.assessed_at = row.acknowledged_at or clock.now(), clock.now()
    row.verdict, row.findings = verdict, findings.strip()
    row.cause_code = cause if verdict in rules.WITH_CAUSE else None
    note(session, complaint, "assessed", actor, what=verdict)
    outbox.emit(session, "complaint.assessed", complaint_id=complaint.id, verdict=verdict)
    return complaint


def answer(session: Session, *, actor: Actor, complaint_id: int, words: str) -> Complaint:
    """Answer, in the complainant's language; the next instance is offered with it."""
    complaint = found(session, complaint_id, actor)
    if not words.strip():
        raise ComplaintError("complaints.answer_missing", field="words")
    _lead(complaint, "answer")
    complaint.round.answered_at, complaint.round.answer = clock.now(), words.strip()
    note(session, complaint, "answered", actor, what=complaint.round.verdict)
    telling.tell_answered(session, complaint)
    outbox.emit(session, "complaint.answered", complaint_id=complaint.id, level=complaint.level)
    return complaint


def go_on(session: Session, *, actor: Actor, complaint: Complaint, words: str = "") -> Complaint:
    """Go to the next instance, by the complainant: after the answer, or when none came in time.

    The row is locked, so that of two presses the second finds it there already and changes nothing more.
    """
    session.refresh(complaint, with_for_update=True)
    if not may_go_on(session, complaint):
        raise ComplaintError("complaints.no_next", status=409)
    to = instances.after(session, complaint)
    assert to is not None
    complaint.level, complaint.state = to.level, rules.RECEIVED
    _begin(session, complaint, to)
    note(session, complaint, "passed_on", actor, words=words.strip())
    outbox.emit(session, "complaint.passed_on", complaint_id=complaint.id, level=to.level)
    return complaint


def withdraw(session: Session, *, actor: Actor, complaint: Complaint) -> Complaint:
    """Withdraw it, by the complainant; it still counts as a complaint."""
    session.refresh(complaint, with_for_update=True)
    if complaint.state == rules.WITHDRAWN:
        return complaint
    _lead(complaint, "withdraw")
    note(session, complaint, "withdrawn", actor)
    outbox.emit(session, "complaint.withdrawn", complaint_id=complaint.id)
    return complaint


def may_go_on(session: Session, complaint: Complaint) -> bool:
    """Whether the next instance is open to the complainant now."""
    return rules.may_go_on(
        state=complaint.state, answer_due_at=complaint.round.answer_due_at,
        answered_at=complaint.round.answered_at, has_next=instances.after(session, complaint) is not None,
        now=clock.now(),
    )  # fmt: skip


def found(session: Session, complaint_id: int, actor: Actor) -> Complaint:
    """A complaint, its row locked, for who answers it: of the unit, and of its instance's role or above."""
    complaint = session.get(Complaint, complaint_id, with_for_update={"of": Complaint})
    if complaint is None:
        raise ComplaintNotFoundError
    if not may_handle(session, actor, complaint):
        raise NotAllowedError
    return complaint


def may_handle(session: Session, actor: Actor, complaint: Complaint) -> bool:
    """Whether someone answers a complaint where it is now: nobody below its instance judges it again."""
    role = instances.at(session, complaint.level).role
    roles = HANDLERS[HANDLERS.index(role) :]
    here = select(Complaint.id).where(Complaint.id == complaint.id, reach.within(Complaint, actor, roles))
    return session.scalar(here) is not None


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: forget what was said; what is still open ends, and counts as before."""
    mine = select(Complaint).where(Complaint.person_id == payload["person_id"])
    for complaint in session.scalars(mine).all():
        complaint.words = complaint.wished = ""
        for row in complaint.rounds:
            row.findings = row.answer = ""
        for step in session.scalars(select(ComplaintStep).where(ComplaintStep.complaint_id == complaint.id)):
            step.words = ""
        if complaint.state in rules.OPEN:
            complaint.state = rules.WITHDRAWN
            note(session, complaint, "forgotten", SYSTEM)
    session.flush()


def _begin(session: Session, complaint: Complaint, to: ComplaintInstance) -> None:
    branch = session.get_one(Branch, complaint.branch_id)
    calendar = calendar_of(session, branch, is_strict=False)
    now = clock.now()
    row = ComplaintRound(
        complaint_id=complaint.id, level=to.level, begun_at=now,
        acknowledge_due_at=rules.working_days_after(calendar, now, to.acknowledge_days),
        answer_due_at=rules.working_days_after(calendar, now, to.answer_days),
    )  # fmt: skip
    complaint.level = to.level
    complaint.rounds.append(row)
    session.flush()


def _lead(complaint: Complaint, step: str) -> None:
    after = rules.leads_to(step, complaint.state)
    if after is None:
        raise ComplaintError(f"complaints.cannot_{step}", status=409)
    complaint.state = after


def _own(actor: Actor, complaint: Complaint) -> None:
    if complaint.round.owner_id is None and actor.kind == "staff":
        complaint.round.owner_id = int(actor.id)


def note(
    session: Session, complaint: Complaint, kind: str, actor: Actor, *, what: str | None = None,
    words: str = "",
) -> None:  # fmt: skip
    """Add a step to the history of a complaint, and to the audit (without the words)."""
    step = ComplaintStep(
        complaint_id=complaint.id, at=clock.now(), kind=kind, actor=actor.label, level=complaint.level,
        what=what, words=words,
    )  # fmt: skip
    session.add(step)
    session.flush()
    audit.record(
        session, actor=actor, action=f"complaint.{kind}", subject=f"complaint:{complaint.id}",
        level=complaint.level, what=what,
    )  # fmt: skip


def _unit(session: Session, service: PublicService | None) -> Branch:
    offering = branches_offering(session, service) if service is not None else []
    found_here = sorted(offering or open_branches(session), key=lambda branch: branch.id)
    if not found_here:
        raise ComplaintError("complaints.no_branch", status=409)
    return found_here[0]


def _number(session: Session) -> str:
    """A number that no complaint has yet; two at once cannot get the same: it is unique."""
    while True:
        number = chance.code(7)
        if session.scalar(select(Complaint.id).where(Complaint.number == number)) is None:
            return number
