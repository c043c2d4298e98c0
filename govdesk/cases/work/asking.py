"""Waiting on the citizen: what is asked, by when, and how the waiting ends by itself.

Only such a pause stops the net clock: it has a reason, what was asked, a message that was sent, and an end.
"""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.file_models import CaseAct, CaseAsk
from govdesk.cases.models import Case, CasePause
from govdesk.cases.work import acting, telling
from govdesk.cases.work.scope import worked_on
from govdesk.errors import DeskError, NotFoundError
from govdesk.notify import service as messages

REASONS = ("papers", "information", "payment", "choice", "other")
MOST_DAYS = 30


class AskError(DeskError):
    """Something that cannot be asked, or not be answered any more; the key says what."""

    key = "cases.refused"


def ask(session: Session, *, actor: Actor, case_id: int, reason: str, asked: str, until: dt.date) -> CaseAsk:
    """Ask something of the person, and wait for it until the end of a local day.

    The net clock stands still from the moment at which the message leaves (quiet hours put it off).
    Raises AskError: a resolved case, one that waits already, an unknown reason, no words, a day that is past
    or too far away, and a person whom no message can reach: then nothing is sent, and the clock goes on.
    """
    case, _desk = worked_on(session, actor, case_id)
    if case.resolved_at is not None:
        raise AskError("cases.is_resolved")
    if open_ask(session, case) is not None:
        raise AskError("cases.waits_already")
    if reason not in REASONS:
        raise AskError("errors.choose_known", field="reason", status=422)
    words = asked.strip()
    if not words:
        raise AskError("errors.required", field="asked", status=422)
    ends_at = _end_of(session, case, until)
    act = acting.act(session, case, actor, "asked", words=words)
    pause = CasePause(case_id=act.case_id, from_at=clock.now(), to_at=None, reason=reason)
    session.add(pause)
    session.flush()
    made = CaseAsk(
        act_id=act.id, pause_id=pause.id, token=chance.token(), asked=words, ends_at=ends_at,
        language=telling.language_of(session, case), act=act, pause=pause,
    )  # fmt: skip
    session.add(made)
    session.flush()
    message = telling.tell_asked(session, case, made)
    if message is None:
        raise AskError("cases.cannot_reach_ask", field="asked", status=422)
    pause.from_at = max(pause.from_at, message.due_at)
    session.expire(case, ["pauses"])
    audit.record(
        session, actor=actor, action="case.asked", subject=acting.subject(case), reason=reason, until=until
    )
    outbox.emit(session, "case.asked", case_id=case.id)
    return made


def asked_by(session: Session, token: str) -> CaseAsk:
    """What was asked, by the secret of the person's link. Raises NotFoundError."""
    found = session.scalars(select(CaseAsk).where(CaseAsk.token == token)).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def is_open(ask: CaseAsk) -> bool:
    """Whether an answer is still waited for."""
    return ask.ended_by is None and clock.now() < ask.ends_at


def answer(session: Session, *, actor: Actor, token: str, words: str) -> CaseAsk:
    """Answer what was asked: the waiting ends at this moment, and the office goes on.

    The case's row is locked before the question is looked at again, so that of two answers at once, or an
    answer and the end of the day, one comes first and the other finds it over. Raises AskError.
    """
    found = asked_by(session, token)
    case = session.scalars(select(Case).where(Case.id == found.act.case_id).with_for_update(of=Case)).one()
    session.refresh(found)
    if not is_open(found):
        raise AskError("cases.ask_is_over", status=410)
    said = words.strip()
    if not said:
        raise AskError("errors.required", field="words", status=422)
    found.answer = said
    _end(session, found, clock.now(), "answer")
    acting.act(session, case, actor, "answered")
    audit.record(session, actor=actor, action="case.answered", subject=acting.subject(case))
    outbox.emit(session, "case.answered", case_id=case.id)
    return found


def open_ask(session: Session, case: Case) -> CaseAsk | None:
    """What the office waits for now; None: for nothing."""
    query = (
        select(CaseAsk)
        .join(CaseAct, CaseAct.id == CaseAsk.act_id)
        .where(CaseAct.case_id == case.id, CaseAsk.ended_by.is_(None))
        .order_by(CaseAsk.id.desc())
    )
    return session.scalars(query).first()


def end_open(session: Session, case: Case, moment: dt.datetime, by: str) -> CaseAsk | None:
    """Wait no longer, from a moment on: the day has come, the person was here, the need is met."""
    found = open_ask(session, case)
    if found is not None:
        _end(session, found, moment, by)
        session.expire(case, ["pauses"])
    return found


def forget_person(session: Session, payload: dict[str, Any]) -> None:
    """Hear `person.contact_removed`: what the person wrote goes with their contact; that they did, stays."""
    answered = (
        select(CaseAsk)
        .join(CaseAct, CaseAct.id == CaseAsk.act_id)
        .join(Case, Case.id == CaseAct.case_id)
        .where(Case.person_id == payload["person_id"], CaseAsk.answer.is_not(None))
    )
    for found in session.scalars(answered):
        found.answer = None


def _end(session: Session, found: CaseAsk, moment: dt.datetime, by: str) -> None:
    found.ended_by = by
    found.pause.to_at = max(moment, found.pause.from_at)
    messages.drop_about(session, telling.about(found))
    session.flush()


def _end_of(session: Session, case: Case, until: dt.date) -> dt.datetime:
    zone = telling.zone_of(session, case)
    today = clock.local_day(clock.now(), zone)
    if not today < until <= today + dt.timedelta(days=MOST_DAYS):
        raise AskError("cases.until_wrong", field="until", status=422, days=MOST_DAYS)
    return clock.day_bounds(until, zone)[1]
