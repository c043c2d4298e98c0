"""Rehearsals of many people, made beside the pages by a job; a page asks for one and shows how far it is.

1. Who asks writes a row, one for each programme and period: of two presses the second finds it there.
2. The job reads the frame and draws; one statement writes the strata down where nobody has yet.
3. The sample is looked at in the order of its numbers, some at a time. The statement that writes what was
   found moves `looked_to` from where it was: of two that work at once one finds it moved, and stops. Killed
   anywhere, it goes on after `looked_to`. Whoever asks anew changes `asked_at`, and what was begun before
   writes nothing more.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.db import reading, transaction
from govdesk.feedback.asking import frames, preparing, programmes, rehearsing
from govdesk.feedback.asking.models import Programme, WaveRehearsal
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.asking.rehearsing import Counts, Rehearsal

AT_ONCE = 5_000  # visits of a period that a page looks through itself
MOST_TRIES = 5
UNDER_WAY = ("waiting", "working")


def is_large(session: Session, period: Period) -> bool:
    """Whether so many came in a period that a page would keep its reader waiting."""
    some = (
        select(Visit.id)
        .where(Visit.source == LIVE, Visit.ended_on.between(period.from_on, period.to_on))
        .limit(AT_ONCE + 1)
    )
    return (session.scalar(select(func.count()).select_from(some.subquery())) or 0) > AT_ONCE


def terms_of(session: Session, programme: Programme) -> str:
    """What a rehearsal rests on besides the people: another wave, or other terms, and it is one no more."""
    number = rehearsing.next_number(session, programme)
    rates = (programme.half_width, programme.expected_rate)
    said = (number, programme.panels, *rates, programme.department_id, programme.seed)
    return ":".join(map(str, said))


def known(session: Session, programme: Programme, period: Period) -> WaveRehearsal | None:
    """What was rehearsed of a period, or is being; None where nothing was on today's terms."""
    row = _row(session, programme, period)
    return row if row is not None and row.terms == terms_of(session, programme) else None


def ask(session: Session, *, actor: Actor, programme: Programme, period: Period) -> WaveRehearsal:
    """Ask for a rehearsal, or for a new one; where one is under way on the same terms, that is it."""
    programmes.refuse_others(actor, programme)
    session.refresh(programme, with_for_update={"of": Programme})
    terms, row = terms_of(session, programme), _row(session, programme, period)
    if row is not None and row.state in UNDER_WAY and row.terms == terms:
        return row
    if row is None:
        row = WaveRehearsal(programme_id=programme.id, from_on=period.from_on)
        session.add(row)
    row.to_on, row.terms, row.state = period.to_on, terms, "waiting"
    row.asked_at, row.ready_at = clock.now(), None
    row.tries = row.population = row.looked_to = row.looked = 0
    row.strata, row.counts = [], {}
    session.flush()
    audit.record(
        session, actor=actor, action="wave.rehearsed", subject=f"programme:{programme.id}",
        from_on=period.from_on, to_on=period.to_on,
    )  # fmt: skip
    outbox.emit(session, "rehearsal.asked", programme_id=programme.id, rehearsal_id=row.id)
    return row


def told(session: Session, programme: Programme, row: WaveRehearsal) -> Rehearsal:
    """What a rehearsal that is ready has found."""
    period = Period(row.from_on, row.to_on)
    return rehearsing.told(session, programme, period, row.population, row.strata, Counts.parse(row.counts))


def run_rehearse() -> int:
    """The job: make what was asked for, or go on with it; how many were ended now."""
    session = reading()
    waiting = select(WaveRehearsal.id).where(WaveRehearsal.state.in_(UNDER_WAY))
    ids = session.scalars(waiting.order_by(WaveRehearsal.asked_at, WaveRehearsal.id)).all()
    session.rollback()
    return sum(go_on(one) for one in ids)


def go_on(rehearsal_id: int) -> bool:
    """Go on with one from where it is; whether it was ended."""
    if not _begin(rehearsal_id):
        return False
    session = reading()
    row = session.get_one(WaveRehearsal, rehearsal_id)
    period, asked_at, programme = Period(row.from_on, row.to_on), row.asked_at, _programme(session, row)
    frame = frames.people(session, period, department_id=programme.department_id)
    strata: Sequence[dict[str, Any]] = row.strata
    counts, before, looked = Counts.parse(row.counts), row.looked_to, row.looked
    if not strata:
        strata = preparing.rows_of(rehearsing.draw(session, programme, period, frame), frame)
    drawn = rehearsing.sample(session, programme, period, frame, strata)
    session.rollback()
    if not _write(row.id, before, asked_at=asked_at, strata=list(strata), population=len(frame)):
        return False
    for some in rehearsing.parts([one for one in drawn if one.person_id > before]):
        counts.add(rehearsing.look(reading(), period, some))
        looked, last = looked + len(some), some[-1].person_id
        if not _write(row.id, before, asked_at=asked_at, looked_to=last, looked=looked, counts=counts.dump()):
            return False
        before = last
    return _write(row.id, before, asked_at=asked_at, state="ready", ready_at=clock.now())


def _begin(rehearsal_id: int) -> bool:
    """Note a try; what has failed too often is not tried again. Whether to go on."""
    with transaction(patient=True) as session:
        row = session.get_one(WaveRehearsal, rehearsal_id, with_for_update=True)
        if row.state not in UNDER_WAY:
            return False
        row.tries += 1
        row.state = "working" if row.tries <= MOST_TRIES else "failed"
        return row.state == "working"


def _write(rehearsal_id: int, before: int, *, asked_at: object, **values: Any) -> bool:
    moved = (
        update(WaveRehearsal)
        .where(WaveRehearsal.id == rehearsal_id, WaveRehearsal.state == "working")
        .where(WaveRehearsal.asked_at == asked_at, WaveRehearsal.looked_to == before)
        .values(**values)
        .returning(WaveRehearsal.id)
    )
    with transaction(patient=True) as session:
        return session.execute(moved).first() is not None


def _row(session: Session, programme: Programme, period: Period) -> WaveRehearsal | None:
    query = select(WaveRehearsal).where(
        WaveRehearsal.programme_id == programme.id, WaveRehearsal.from_on == period.from_on
    )
    return session.scalars(query).one_or_none()


def _programme(session: Session, row: WaveRehearsal) -> Programme:
    return session.get_one(Programme, row.programme_id)
