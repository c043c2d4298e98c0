"""Verbs of the silent ones: ask, call, answer, stop; and hear who spoke up."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, i18n, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.booking.telling import when
from govdesk.cases.silent import rules
from govdesk.cases.silent.looking import end
from govdesk.cases.silent.models import SilentOne, SilentTouch, Voice
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.notify import service as messages
from govdesk.notify.kinds import KINDS, QUESTIONS
from govdesk.notify.models import Message

CALLERS = ("officer", "reception", "supervisor", "head", "admin")
KEY = "silent_question"
LINK = "/still-needed/{}"  # a page of the person
LONGEST_WORDS = 500
SENT_WITHIN = dt.timedelta(days=7)
ANSWERED_WITHIN = dt.timedelta(days=60)  # after the first touch


def run_ask() -> int:
    """The job: send the question or its reminder to whom it is due, a transaction for each; how many."""
    session = reading()
    waiting = list(
        session.scalars(select(SilentOne.id).where(SilentOne.state == "waiting").order_by(SilentOne.found_at))
    )
    session.rollback()
    count = 0
    for silent_id in waiting:
        with transaction(patient=True) as writing:
            count += ask(writing, silent_id)
    return count


def ask(session: Session, silent_id: int) -> bool:
    """Send the question or its reminder, if one is due and the person may be asked; whether one was queued.

    1. The row is locked, then its touches are counted: of two that ask at once the second sees the first.
    2. A person who wants no questions, or was asked one lately, is asked no more about this.
    Whoever cannot be reached by a message stays in the list, to be called.
    """
    one = session.get_one(SilentOne, silent_id, with_for_update={"of": SilentOne})
    if one.state != "waiting":
        return False
    kinds = [touch.kind for touch in touches(session, one)]
    wanted = rules.next_message(
        touches=len(kinds), asked_at=one.asked_at, has_reminded="reminded" in kinds, now=clock.now()
    )
    if wanted is None:
        return False
    if messages.is_stopped(session, one.person_id, QUESTIONS):
        end(one, "opted_out")
        return False
    if wanted == "ask" and not _may_ask(session, one):
        end(one, "asked_lately")
        return False
    if _queue(session, one) is None:
        return False
    one.asked_at = one.asked_at or clock.now()
    _touch(session, one, "asked" if wanted == "ask" else "reminded")
    audit.record(session, actor=SYSTEM, action="silent.asked", subject=_subject(one))
    outbox.emit(session, "silent.asked", silent_id=one.id, branch_id=one.branch_id)
    return True


def call(
    session: Session,
    *,
    actor: Actor,
    one: SilentOne,
    is_reached: bool,
    answer_: str | None = None,
    words: str = "",
) -> None:
    """Note a call by staff: not reached, or what the person said. Raises NotAllowedError, DeskError."""
    if actor.kind != "staff" or not actor.may(*CALLERS, branch_id=one.branch_id):
        raise NotAllowedError
    if is_reached and answer_ not in rules.ANSWERS:
        raise DeskError("errors.choose_known", field="answer", status=422)
    _lock(session, one)
    if one.state != "waiting" or not rules.may_call(len(touches(session, one))):
        raise DeskError("silent.not_now")
    _touch(session, one, "called", is_reached=is_reached, staff_id=int(actor.id), words=words)
    audit.record(session, actor=actor, action="silent.called", subject=_subject(one), is_reached=is_reached)
    if is_reached and answer_ is not None:
        _answer(session, actor, one, answer_, words, told_by="staff")
    elif not rules.may_call(len(touches(session, one))):
        end(one, "no_answer")


def answer(session: Session, *, actor: Actor, token: str, said: str, words: str = "") -> SilentOne:
    """Take the person's own answer; a later one replaces it. Raises NotFoundError, DeskError."""
    one = by_token(session, token)
    if said not in rules.ANSWERS:
        raise DeskError("errors.choose_known", field="answer", status=422)
    _lock(session, one)
    if not may_answer(one):
        raise DeskError("silent.too_late", status=410)
    _answer(session, actor, one, said, words, told_by="person")
    return one


def may_answer(one: SilentOne) -> bool:
    """Whether the page still takes an answer."""
    return clock.now() <= (one.asked_at or one.found_at) + ANSWERED_WITHIN


def stop(session: Session, *, actor: Actor, token: str) -> None:
    """Ask this person no questions any more, about this or anything; twice is once."""
    one = by_token(session, token)
    _lock(session, one)
    messages.stop(session, actor=actor, person=one.person, what=QUESTIONS)
    if one.state == "waiting":
        end(one, "opted_out")


def by_token(session: Session, token: str) -> SilentOne:
    """The row of a private page, or NotFoundError."""
    one = session.scalars(select(SilentOne).where(SilentOne.token == token)).one_or_none()
    if one is None:
        raise NotFoundError
    return one


def touches(session: Session, one: SilentOne) -> list[SilentTouch]:
    """Every try to reach somebody, from the first."""
    query = select(SilentTouch).where(SilentTouch.silent_id == one.id)
    return list(session.scalars(query.order_by(SilentTouch.at, SilentTouch.id)))


def hear_complaint(session: Session, payload: dict[str, Any]) -> None:
    """Hear `complaint.received`: who complains is not silent. One without a name is nobody's voice."""
    if payload.get("person_id") is None:
        return
    source = f"complaint:{payload['complaint_id']}"
    if session.scalars(select(Voice.id).where(Voice.source == source)).first() is None:
        voice = Voice(
            source=source, kind="complaint", person_id=payload["person_id"], branch_id=payload["branch_id"],
            service_id=payload.get("service_id"), at=clock.now(),
        )  # fmt: skip
        session.add(voice)


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Forget what somebody said whose contact was removed; nobody is asked any more."""
    mine = SilentOne.person_id == payload["person_id"]
    ids = select(SilentOne.id).where(mine)
    session.execute(update(SilentTouch).where(SilentTouch.silent_id.in_(ids)).values(words=""))
    session.execute(update(SilentOne).where(mine).values(words=None))
    waiting = update(SilentOne).where(mine, SilentOne.state == "waiting")
    session.execute(waiting.values(state="over", ended_at=clock.now(), end_reason="forgotten"))


def _answer(session: Session, actor: Actor, one: SilentOne, said: str, words: str, *, told_by: str) -> None:
    is_news = one.answer != said
    one.state, one.answer, one.answered_at, one.told_by = "answered", said, clock.now(), told_by
    one.words = words.strip()[:LONGEST_WORDS] or one.words
    one.ended_at, one.end_reason = clock.now(), None
    messages.drop_about(session, _subject(one))
    audit.record(session, actor=actor, action="silent.answered", subject=_subject(one), answer=said)
    if not is_news:
        return
    about = {
        "silent_id": one.id, "person_id": one.person_id, "visit_id": one.visit_id,
        "service_id": one.service_id, "branch_id": one.branch_id,
    }  # fmt: skip
    outbox.emit(session, "silent.answered", **about, answer=said)
    if said == "yes":
        outbox.emit(session, "silent.needs_help", **about)


def _may_ask(session: Session, one: SilentOne) -> bool:
    """By what all questionnaires have sent to this person, and by their last answer."""
    keys = [kind.key for kind in KINDS if kind.stopped_by == QUESTIONS]
    zone = one.branch.timezone
    asked = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.person_id == one.person_id, Message.key.in_(keys), Message.state != "dropped"
        )
    )
    told = session.scalar(select(func.max(SilentOne.answered_at)).where(SilentOne.person_id == one.person_id))
    voiced = session.scalar(
        select(func.max(Voice.at)).where(Voice.person_id == one.person_id, Voice.kind == "answered")
    )
    answered = max((at for at in (told, voiced) if at is not None), default=None)
    return rules.may_ask(
        asked_on=clock.local_day(asked, zone) if asked else None,
        answered_on=clock.local_day(answered, zone) if answered else None,
        today=clock.local_day(clock.now(), zone),
    )


def _queue(session: Session, one: SilentOne) -> Message | None:
    link = settings().base_address + LINK.format(one.token)
    with i18n.speaking(one.language):
        values = {
            "service": i18n.named(one.service),
            "branch": i18n.named(one.branch),
            "when": when(one.visit.started_at, one.branch.timezone),
            "link": link,
            "stop_link": link + "#stop",
        }
    return messages.queue(
        session,
        key=KEY,
        about=_subject(one),
        language=one.language,
        values=values,
        person=one.person,
        expires_at=clock.now() + SENT_WITHIN,
        zone=one.branch.timezone,
    )


def _touch(
    session: Session, one: SilentOne, kind: str, *, is_reached: bool = False, staff_id: int | None = None,
    words: str = "",
) -> None:  # fmt: skip
    said = words.strip()[:LONGEST_WORDS]
    session.add(
        SilentTouch(
            silent_id=one.id, at=clock.now(), kind=kind, is_reached=is_reached, staff_id=staff_id, words=said
        )
    )
    session.flush()


def _lock(session: Session, one: SilentOne) -> None:
    session.flush()
    session.refresh(one, ["state", "answer"], with_for_update={"of": SilentOne})


def _subject(one: SilentOne) -> str:
    return f"silent:{one.id}"
