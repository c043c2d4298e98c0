"""Verbs of a task: take, hand over, try, apologise, hear the person's word, end."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.cases.recovery import rules, telling
from govdesk.cases.recovery.models import Recovery, RecoveryStep
from govdesk.cases.recovery.opening import Placed, place, reopen
from govdesk.cases.recovery.steps import ABOVE, ROLES, RecoveryNotFoundError, found, note, sees
from govdesk.errors import DeskError, NotAllowedError
from govdesk.people.models import Staff
from govdesk.queue.models import Ticket

LONGEST = 1000


class RecoveryError(DeskError):
    """A step that the task does not allow; the key says why."""

    key = "recovery.refused"
    status = 422


def take(session: Session, *, actor: Actor, recovery_id: int) -> Recovery:
    """Answer for a task oneself; twice is once. The row is locked: of two who take it the second is told."""
    task = found(session, recovery_id, actor)
    staff_id = _staff(actor)
    if task.owner_id == staff_id:
        return task
    if task.owner_id is not None and not sees(session, actor, task, ABOVE):
        raise RecoveryError("recovery.taken_already", status=409)
    task.owner_id = staff_id
    note(session, task, "taken", actor)
    return task


def hand_over(session: Session, *, actor: Actor, recovery_id: int, staff_id: int) -> Recovery:
    """Give a task to somebody who works in its unit: its owner may, and who stands above."""
    task = found(session, recovery_id, actor)
    if task.owner_id != _staff(actor) and not sees(session, actor, task, ABOVE):
        raise NotAllowedError
    to = session.get(Staff, staff_id)
    if to is None or not to.is_active or not sees(session, to.actor, task, ROLES):
        raise RecoveryError("recovery.not_of_unit", field="staff")
    task.owner_id = to.id
    note(session, task, "handed", actor, what=to.actor.label)
    return task


def attempt(
    session: Session, *, actor: Actor, recovery_id: int, channel: str, is_reached: bool, words: str = ""
) -> RecoveryStep:
    """Note that somebody tried to reach the person: how, whether they did, what was said."""
    task = found(session, recovery_id, actor)
    if channel not in rules.CHANNELS:
        raise RecoveryError("errors.choose_known", field="channel")
    _own(session, actor, task)
    return note(session, task, "attempt", actor, channel=channel, is_reached=is_reached, words=_said(words))


def apologise(session: Session, *, actor: Actor, recovery_id: int, words: str = "") -> Recovery:
    """Send the person an apology with the link to their own page; it counts as an attempt on its channel.

    RecoveryError where nobody can be reached by a message.
    """
    task = found(session, recovery_id, actor)
    message = telling.tell_sorry(session, task, words=_said(words))
    if message is None:
        raise RecoveryError("recovery.no_address", status=409)
    _own(session, actor, task)
    task.apologised_at = task.apologised_at or clock.now()
    note(session, task, "apologised", actor, channel=message.channel, is_reached=False, words=_said(words))
    return task


def hear_word(
    session: Session, *, actor: Actor, recovery_id: int, is_good: bool, channel: str, words: str = ""
) -> Recovery:
    """Note the person's own word, and who heard it; that it is good closes the task."""
    task = found(session, recovery_id, actor)
    if channel not in rules.CHANNELS:
        raise RecoveryError("errors.choose_known", field="channel")
    _own(session, actor, task)
    kind = "said_good" if is_good else "said_not_good"
    note(session, task, kind, actor, channel=channel, is_reached=True, words=_said(words))
    if is_good:
        task.heard_by_id = _staff(actor)
        _close(session, actor, task, "word")
    return task


def answer(session: Session, *, actor: Actor, task: Recovery, is_good: bool, words: str = "") -> Recovery:
    """Note what the person says on their own page: good closes the task, not good opens it again."""
    session.refresh(task, with_for_update=True)
    if task.closed_by == "forgotten":
        raise RecoveryNotFoundError
    note(session, task, "said_good" if is_good else "said_not_good", actor, words=_said(words))
    if is_good and task.closed_at is None:
        _close(session, actor, task, "link")
    elif not is_good and task.closed_at is not None:
        if clock.now() - task.closed_at > rules.REOPENED_WITHIN:
            raise RecoveryError("recovery.too_late", status=410)
        reopen(session, task, "returned")
        note(session, task, "reopened", actor, what="not_good")
        outbox.emit(session, "recovery.reopened", recovery_id=task.id, trigger="not_good")
    return task


def end_unreached(session: Session, *, actor: Actor, recovery_id: int, words: str = "") -> Recovery:
    """Close a task without the person's word, once two different channels brought no answer."""
    task = found(session, recovery_id, actor)
    if not may_end(session, task):
        raise RecoveryError("recovery.not_tried_enough", status=409)
    _close(session, actor, task, "unreached", words=_said(words))
    return task


def may_end(session: Session, task: Recovery) -> bool:
    """Whether a task may be closed without the person's word; what was tried since it was opened last."""
    steps = session.scalars(
        select(RecoveryStep).where(RecoveryStep.recovery_id == task.id).order_by(RecoveryStep.id)
    ).all()
    tried: list[tuple[str, bool]] = []
    for step in steps:
        if step.kind == "reopened":
            tried.clear()
        elif step.kind in {"attempt", "apologised"} and step.channel:
            tried.append((step.channel, bool(step.is_reached)))
    return rules.may_end_unreached(tried)


def make_good_now(session: Session, *, actor: Actor, ticket_id: int) -> Recovery:
    """Answer for a failure on the spot: the person stands here, the task is theirs who serve them.

    Opens one or joins the open one, takes it, and notes the apology made in person. Twice is once.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.person_id is None:
        raise RecoveryNotFoundError("recovery.nobody_named")
    if not actor.may("officer", "reception", "supervisor", branch_id=ticket.branch_id):
        raise NotAllowedError
    need = ticket.service.family
    mine = Recovery.person_id == ticket.person_id, Recovery.need == need, Recovery.closed_at.is_(None)
    task = session.scalars(select(Recovery).where(*mine).with_for_update()).one_or_none()
    if task is None:
        task = _opened(session, actor, ticket).task
    if task.owner_id is None:
        task.owner_id = _staff(actor)
        note(session, task, "taken", actor)
    if task.apologised_at is None:
        task.apologised_at = clock.now()
        note(session, task, "apologised", actor, channel="counter", is_reached=True)
    return task


def forget_person(session: Session, payload: dict[str, object]) -> None:
    """Hear `person.contact_removed`: forget what was said, and trouble nobody who asked to be forgotten."""
    tasks = session.scalars(select(Recovery).where(Recovery.person_id == payload["person_id"])).all()
    for task in tasks:
        for step in session.scalars(select(RecoveryStep).where(RecoveryStep.recovery_id == task.id)):
            step.words = ""
        telling.forget(session, task)
        if task.closed_at is None:
            _close(session, SYSTEM, task, "forgotten")
    session.flush()


def _opened(session: Session, actor: Actor, ticket: Ticket) -> Placed:
    assert ticket.person_id is not None
    return place(
        session, actor=actor, kind="returned", at=clock.now(), person_id=ticket.person_id,
        need=ticket.service.family, service_id=ticket.service_id, branch_id=ticket.branch_id,
    )  # fmt: skip


def _close(session: Session, actor: Actor, task: Recovery, how: str, words: str = "") -> None:
    task.closed_at, task.closed_by = clock.now(), how
    note(session, task, "closed", actor, what=how, words=words)
    outbox.emit(session, "recovery.closed", recovery_id=task.id, how=how)


def _own(session: Session, actor: Actor, task: Recovery) -> None:
    """Whoever acts first on a task that is nobody's answers for it."""
    if task.owner_id is None and actor.kind == "staff":
        task.owner_id = _staff(actor)
        note(session, task, "taken", actor)


def _staff(actor: Actor) -> int:
    if actor.kind != "staff":
        raise NotAllowedError
    return int(actor.id)


def _said(words: str) -> str:
    said = words.strip()
    if len(said) > LONGEST:
        raise RecoveryError("errors.too_long", field="words", max=LONGEST)
    return said
