"""Verbs of changes: plan one, word, move, hand over, finish, reopen, release and withdraw it."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.obstacles import owners
from govdesk.cases.obstacles.places import today_at
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.feedback.acting import rules
from govdesk.feedback.acting.models import Change, ChangeStep, Reflection
from govdesk.feedback.acting.service import (
    LANGUAGES,
    LONGEST,
    ActingStateError,
    Words,
    may_answer,
    may_read,
    refuse_others,
    said_in,
)
from govdesk.feedback.asking.models import Wave
from govdesk.people.models import Staff


def plan(
    session: Session,
    *,
    actor: Actor,
    reflection: Reflection,
    said: Words,
    will: Words,
    owner: Staff,
    due_on: dt.date,
) -> Change:
    """Plan a change: what people said, what will be done about it, by whom, until when.

    Raises NotAllowedError, DeskError beside `said_ar`, `will_ar`, `owner` or `due_on`.
    """
    refuse_others(actor, reflection.wave)
    theirs, ours = said_in(said, "said"), said_in(will, "will")
    _refuse_stranger(session, owner)
    _refuse_day(due_on)
    made = Change(
        reflection=reflection, said_ar=theirs["ar"], said_en=theirs["en"], will_ar=ours["ar"],
        will_en=ours["en"], owner_id=owner.id, due_on=due_on, made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    note(session, actor, made, "planned", owner=owner.id, due_on=due_on.isoformat())
    outbox.emit(session, "change.planned", **about(made))
    return made


def word(session: Session, *, actor: Actor, change: Change, said: Words, will: Words) -> None:
    """Word a change otherwise; what was released must keep both languages."""
    refuse_others(actor, wave_of(change))
    theirs, ours = said_in(said, "said"), said_in(will, "will")
    if change.is_public:
        _demand_both(theirs, ours)
    change.said_ar, change.said_en = theirs["ar"], theirs["en"]
    change.will_ar, change.will_en = ours["ar"], ours["en"]
    note(session, actor, change, "worded", said=theirs, will=ours)


def move(session: Session, *, actor: Actor, change: Change, due_on: dt.date, words: str) -> None:
    """Give it another last day, with the reason. DeskError beside `due_on` or `words`."""
    refuse_others(actor, wave_of(change))
    reason = _line(words, "words")
    _refuse_day(due_on)
    lock(session, change, is_done=False)
    before, change.due_on = change.due_on, due_on
    note(session, actor, change, "moved", reason, before=before.isoformat(), due_on=due_on.isoformat())
    outbox.emit(session, "change.moved", **about(change))


def hand_over(session: Session, *, actor: Actor, change: Change, owner: Staff) -> None:
    """Give it to somebody else of management; the day stays. DeskError beside `owner`."""
    refuse_others(actor, wave_of(change))
    _refuse_stranger(session, owner)
    lock(session, change, is_done=False)
    if change.owner_id == owner.id:
        return
    change.owner_id = owner.id
    session.flush()
    session.refresh(change, ["owner"])
    note(session, actor, change, "handed_over", owner=owner.id)
    outbox.emit(session, "change.handed_over", **about(change))


def finish(session: Session, *, actor: Actor, change: Change, did: Words, done_on: dt.date) -> None:
    """Say what was done and since when: its owner may, and who answers for the wave.

    Raises NotAllowedError, ActingStateError, DeskError beside `did_ar` or `done_on`.
    """
    if not may_finish(actor, change):
        raise NotAllowedError
    done = said_in(did, "did")
    if change.is_public:
        _demand_both(done)
    if done_on > today_at(None):
        raise DeskError("acting.done_ahead", field="done_on", status=422)
    lock(session, change, is_done=False)
    change.done_on, change.did_ar, change.did_en = done_on, done["ar"], done["en"]
    note(session, actor, change, "done", done_on=done_on.isoformat(), **done)
    outbox.emit(session, "change.done", **about(change))


def reopen(session: Session, *, actor: Actor, change: Change, words: str) -> None:
    """Say that it is as before, with the reason; what had been done stays in the history."""
    if not (actor.kind == "system" or may_finish(actor, change)):
        raise NotAllowedError
    reason = _line(words, "words")
    lock(session, change, is_done=True)
    change.done_on = change.did_ar = change.did_en = None
    note(session, actor, change, "reopened", reason)
    outbox.emit(session, "change.reopened", **about(change))


def release(session: Session, *, actor: Actor, change: Change) -> None:
    """Let the public read it. Everything must have been said in both languages."""
    refuse_others(actor, wave_of(change))
    if change.is_public:
        return
    texts = [_texts(change, what) for what in ("said", "will", *(["did"] if change.done_on else []))]
    _demand_both(*texts)
    change.is_public = True
    note(session, actor, change, "released")
    outbox.emit(session, "change.released", **about(change))


def withdraw(session: Session, *, actor: Actor, change: Change) -> None:
    """Take it from the public page."""
    refuse_others(actor, wave_of(change))
    if not change.is_public:
        return
    change.is_public = False
    note(session, actor, change, "withdrawn")
    outbox.emit(session, "change.withdrawn", **about(change))


def change_of(session: Session, actor: Actor, change_id: int) -> Change:
    """A change that somebody may see: of a wave of theirs, or their own. Raises NotFoundError."""
    change = session.get(Change, change_id)
    if change is None or not (may_read(actor, wave_of(change)) or may_finish(actor, change)):
        raise NotFoundError
    return change


def may_finish(actor: Actor, change: Change) -> bool:
    """Whether somebody may say that a change is done."""
    is_own = actor.kind == "staff" and int(actor.id) == change.owner_id
    return is_own or may_answer(actor, wave_of(change))


def wave_of(change: Change) -> Wave:
    """The wave in which it was heard."""
    assert change.reflection is not None, "every change is planned in a reflection"
    return change.reflection.wave


def lock(session: Session, change: Change, *, is_done: bool) -> None:
    """Lock its row, so that of two who press at once the second sees what the first did."""
    session.flush()
    session.refresh(change, ["done_on"], with_for_update={"of": Change})
    if (change.done_on is not None) != is_done:
        raise ActingStateError


def note(session: Session, actor: Actor, change: Change, kind: str, words: str = "", **detail: Any) -> None:
    """Write into the history of a change, and into the audit."""
    staff_id = int(actor.id) if actor.kind == "staff" else None
    session.add(
        ChangeStep(
            change_id=change.id, at=clock.now(), kind=kind, staff_id=staff_id, words=words, detail=detail
        )
    )
    audit.record(session, actor=actor, action=f"change.{kind}", subject=f"change:{change.id}", **detail)


def about(change: Change) -> dict[str, Any]:
    """What events say of a change."""
    wave = wave_of(change)
    return {
        "change_id": change.id,
        "wave_id": wave.id,
        "department_id": wave.programme.department_id,
        "owner_id": change.owner_id,
        "obstacle_id": change.obstacle_id,
        "is_public": change.is_public,
    }


def _texts(change: Change, what: str) -> dict[str, str]:
    return {code: getattr(change, f"{what}_{code}") or "" for code in LANGUAGES}


def _demand_both(*texts: dict[str, str]) -> None:
    if not all(text[code] for text in texts for code in LANGUAGES):
        raise DeskError("acting.both_languages", status=422)


def _line(words: str, field: str) -> str:
    said = words.strip()
    if not said:
        raise DeskError("errors.required", field=field, status=422)
    if len(said) > LONGEST:
        raise DeskError("errors.too_long", field=field, status=422)
    return said


def _refuse_stranger(session: Session, owner: Staff) -> None:
    if owner not in owners.managers(session):
        raise DeskError("errors.choose_known", field="owner", status=422)


def _refuse_day(due_on: dt.date) -> None:
    if not rules.is_planned_for(due_on, today_at(None)):
        raise DeskError("acting.due_ahead", field="due_on", status=422)
