"""Verbs of the back office: take, assign, hand over, note, resolve by message, open again.

Each is one act of the case's own history, never changed afterwards; what the case is now follows from its
visits and its acts together (`episodes`). The case's row is locked first, so of two presses one comes after
the other and finds what the first has done.
"""

from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.file_models import CaseAct
from govdesk.cases.models import Case
from govdesk.cases.work import acting, asking, people, telling
from govdesk.cases.work.scope import file_of, worked_on
from govdesk.errors import DeskError

MANAGERS = ("supervisor", "head")


class CaseError(DeskError):
    """Something that cannot be done with this case; the key says what."""

    key = "cases.refused"


def take(session: Session, *, actor: Actor, case_id: int) -> Case:
    """Make a case one's own; one that somebody else has is theirs to hand over. Raises CaseError."""
    case, desk = worked_on(session, actor, case_id)
    mine = int(actor.id)
    if desk.owner_id == mine:
        return case
    if desk.owner_id is not None:
        raise CaseError("cases.has_owner")
    acting.act(session, case, actor, "assigned", owner_id=mine, branch_id=desk.branch_id)
    audit.record(session, actor=actor, action="case.assigned", subject=acting.subject(case), to=mine)
    outbox.emit(session, "case.assigned", case_id=case.id, staff_id=mine)
    return case


def assign(session: Session, *, actor: Actor, case_id: int, staff_id: int) -> Case:
    """Give a case to somebody of the unit that works on it. Raises CaseError at `to`, NotAllowedError."""
    case, desk = worked_on(session, actor, case_id, *MANAGERS)
    if staff_id not in {one.id for one in people.of_unit(session, case, desk)}:
        raise CaseError("cases.not_of_unit", field="to", status=422)
    if desk.owner_id == staff_id:
        return case
    acting.act(session, case, actor, "assigned", owner_id=staff_id, branch_id=desk.branch_id)
    audit.record(session, actor=actor, action="case.assigned", subject=acting.subject(case), to=staff_id)
    outbox.emit(session, "case.assigned", case_id=case.id, staff_id=staff_id)
    return case


def hand_over(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    words: str,
    staff_id: int | None = None,
    branch_id: int | None = None,
) -> Case:
    """Hand a case on with a note: to somebody of its unit, or to another unit. Raises CaseError.

    Whoever has it may do so, and whoever answers for the unit; nobody's case may be handed on by anybody.
    """
    case, desk = worked_on(session, actor, case_id)
    _refuse_others(actor, case, desk.owner_id)
    note = _words(words)
    if (staff_id is None) == (branch_id is None):
        raise CaseError("errors.choose_known", field="to", status=422)
    if staff_id is not None and staff_id not in {one.id for one in people.of_unit(session, case, desk)}:
        raise CaseError("cases.not_of_unit", field="to", status=422)
    if branch_id is not None and branch_id not in {one.id for one in people.other_units(session, case, desk)}:
        raise CaseError("cases.not_a_unit", field="to", status=422)
    where = desk.branch_id if branch_id is None else None if branch_id == case.branch_id else branch_id
    acting.act(session, case, actor, "handed_over", owner_id=staff_id, branch_id=where, words=note)
    audit.record(
        session,
        actor=actor,
        action="case.handed_over",
        subject=acting.subject(case),
        to=staff_id,
        branch=branch_id,
    )
    outbox.emit(session, "case.handed_over", case_id=case.id, staff_id=staff_id, branch_id=branch_id)
    return case


def note(session: Session, *, actor: Actor, case_id: int, words: str) -> CaseAct:
    """Write something down for whoever opens the file next."""
    case = file_of(session, actor, case_id, is_locked=True)
    added = acting.act(session, case, actor, "noted", words=_words(words))
    audit.record(session, actor=actor, action="case.noted", subject=acting.subject(case))
    outbox.emit(session, "case.noted", case_id=case.id)
    return added


def resolve(session: Session, *, actor: Actor, case_id: int, words: str, by: str = "message") -> Case:
    """Meet the need without the person: they are told what was done, by message or by telephone.

    Raises CaseError for a case that is resolved, without words, and where no message can reach the person.
    """
    case, _desk = worked_on(session, actor, case_id)
    if case.resolved_at is not None:
        raise CaseError("cases.is_resolved")
    said = _words(words)
    asking.end_open(session, case, clock.now(), "resolved")
    done = acting.act(session, case, actor, "resolved", words=said)
    if by == "message" and telling.tell_resolved(session, case, done) is None:
        raise CaseError("cases.cannot_reach", field="by", status=422)
    audit.record(session, actor=actor, action="case.resolved", subject=acting.subject(case), by=by)
    outbox.emit(session, "case.resolved", case_id=case.id)
    return case


def reopen(session: Session, *, actor: Actor, case_id: int, words: str) -> Case:
    """Open a case again that was not met after all; its first completion stays. Raises CaseError."""
    case, _desk = worked_on(session, actor, case_id)
    if case.resolved_at is None:
        raise CaseError("cases.is_open_already")
    acting.act(session, case, actor, "reopened", words=_words(words))
    audit.record(session, actor=actor, action="case.reopened", subject=acting.subject(case))
    outbox.emit(session, "case.reopened", case_id=case.id)
    return case


def _refuse_others(actor: Actor, case: Case, owner_id: int | None) -> None:
    is_mine = owner_id is not None and str(owner_id) == actor.id
    is_manager = case.branch_id is not None and actor.may(*MANAGERS, branch_id=case.branch_id)
    if owner_id is not None and not is_mine and not is_manager and actor.kind == "staff":
        raise CaseError("cases.has_owner")


def _words(words: str) -> str:
    said = words.strip()
    if not said:
        raise CaseError("errors.required", field="words", status=422)
    return said
