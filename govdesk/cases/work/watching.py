"""What happens to cases by the clock: waiting ends by itself, and who is late is raised in working hours.

Both look at each case again under its lock, so that a second run, or a press at the same moment, finds it
done: nothing ends twice, and no rung is climbed twice.
"""

import datetime as dt

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM
from govdesk.cases.classes import ATTENDED_STATUSES
from govdesk.cases.courses import HEAD
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, Visit
from govdesk.cases.work import acting, asking, rules, telling
from govdesk.cases.work.scope import place_of
from govdesk.catalog.models import Branch
from govdesk.catalog.rules import Calendar
from govdesk.catalog.service import calendar_of
from govdesk.db import transaction
from govdesk.notify import service as messages
from govdesk.notify.models import Message

AT_ONCE = 200


def run_watch() -> str:
    """End what is over, raise what is late: some cases in each transaction, so that no writer waits long."""
    with transaction() as session:
        ended = end_waiting(session)
    raised, last = 0, 0
    while True:
        with transaction() as session:
            count, last = _raise_some(session, last)
        raised += count
        if not last:
            return f"{ended} ended, {raised} raised"


def end_waiting(session: Session) -> int:
    """End every waiting whose day has come, whose person was here or cannot be reached, or whose case is met.

    It ended when that happened, whenever this looks; how many ended.
    """
    waiting = select(CaseAsk).where(CaseAsk.ended_by.is_(None)).order_by(CaseAsk.id)
    count = 0
    for ask in session.scalars(waiting).all():
        case = session.scalars(select(Case).where(Case.id == ask.act.case_id).with_for_update(of=Case)).one()
        session.refresh(ask)
        over = _over(session, case, ask) if ask.ended_by is None else None
        if over is None:
            continue
        moment, by = over
        asking.end_open(session, case, moment, by)
        acting.act(session, case, SYSTEM, "ask_ended", words=by)
        audit.record(session, actor=SYSTEM, action="case.ask_ended", subject=acting.subject(case), by=by)
        outbox.emit(session, "case.ask_ended", case_id=case.id, by=by)
        count += 1
    return count


def raise_late(session: Session) -> int:
    """Raise every open case that has come as far, where its unit is open now; how many rungs were climbed."""
    raised, last = 0, 0
    while True:
        count, last = _raise_some(session, last)
        raised += count
        if not last:
            return raised


def _over(session: Session, case: Case, ask: CaseAsk) -> tuple[dt.datetime, str] | None:
    """When and why a waiting was over, whatever came first; None while it lasts."""
    found: list[tuple[dt.datetime, str]] = []
    if ask.ends_at <= clock.now():
        found.append((ask.ends_at, "date"))
    if case.resolved_at is not None and case.resolved_at >= ask.act.at:
        found.append((case.resolved_at, "resolved"))
    came = select(Visit.started_at).where(
        Visit.case_id == case.id, Visit.started_at >= ask.act.at, Visit.status.in_(ATTENDED_STATUSES)
    )
    if (started_at := session.scalar(came.order_by(Visit.started_at).limit(1))) is not None:
        found.append((started_at, "visit"))
    about = telling.about(ask)
    if messages.unreached(session, [about]):
        failed = select(Message.ended_at).where(Message.about == about, Message.ended_at.is_not(None))
        tried_at = session.scalar(failed.order_by(Message.ended_at.desc()).limit(1))
        is_left = session.scalar(select(exists().where(Message.about == about, Message.state == "queued")))
        if tried_at is not None and not is_left:
            found.append((tried_at, "unreached"))
    return min(found, default=None)


def _raise_some(session: Session, after: int) -> tuple[int, int]:
    """Raise what is late among the next open cases; how many rungs, and the last case looked at (0: all)."""
    waits = exists().where(
        CaseAsk.ended_by.is_(None), CaseAsk.act_id == CaseAct.id, CaseAct.case_id == Case.id
    )
    query = (
        select(Case, CaseDesk)
        .join(CaseDesk, CaseDesk.case_id == Case.id)
        .where(Case.source == LIVE, Case.resolved_at.is_(None), Case.id > after)
        .where(CaseDesk.due_at.is_not(None), CaseDesk.rung < HEAD, ~waits)
        .order_by(Case.id)
        .limit(AT_ONCE)
    )
    rows = session.execute(query).all()
    calendars: dict[int, Calendar | None] = {}
    raised = 0
    for case, desk in rows:
        calendar = _calendar(session, place_of(case, desk), calendars)
        if calendar is not None and calendar.is_open(clock.now()):
            raised += _raise(session, case, desk, calendar)
    return raised, rows[-1][0].id if len(rows) == AT_ONCE else 0


def _raise(session: Session, case: Case, desk: CaseDesk, calendar: Calendar) -> int:
    """Climb what is to be climbed, rung by rung, so that each of the people is told.

    1. Most cases have nothing to climb: that is seen without a lock.
    2. The row of one that has is locked, and both rows are read anew: what another run has climbed, or a
       press has resolved meanwhile, is left.
    """
    if desk.rung >= _rung(case, desk, calendar):
        return 0
    session.refresh(case, with_for_update={"of": Case})
    session.refresh(desk)
    if case.resolved_at is not None or asking.open_ask(session, case) is not None:
        return 0
    climbed = range(desk.rung + 1, _rung(case, desk, calendar) + 1)
    for rung in climbed:
        acting.write(session, case, SYSTEM, "raised", rung=rung)
        audit.record(session, actor=SYSTEM, action="case.raised", subject=acting.subject(case), rung=rung)
        outbox.emit(session, "case.raised", case_id=case.id, rung=rung)
        desk.rung = rung
    session.flush()
    return len(climbed)


def _rung(case: Case, desk: CaseDesk, calendar: Calendar) -> int:
    """How far a case has come by now; a case that is due anew since it was opened again, from there."""
    if desk.due_at is None:
        return 0
    began_at = case.opened_at if desk.due_at == case.due_at else case.reopened_at or case.opened_at
    return rules.ladder(began_at, desk.due_at, calendar).rung(clock.now())


def _calendar(session: Session, branch_id: int | None, known: dict[int, Calendar | None]) -> Calendar | None:
    """The opening hours of a branch; None for one that has none."""
    if branch_id is None:
        return None
    if branch_id not in known:
        branch = session.get_one(Branch, branch_id)
        known[branch_id] = calendar_of(session, branch, is_strict=False) if branch.hours else None
    return known[branch_id]
