"""Waves open when their period is over, are prepared, close, and may be cancelled; once, whatever happens.

The job may be killed anywhere and begins again where it was; after a time without a scheduler it opens one
wave for each period that was missed, or writes down why there is none.
"""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.feedback.asking import periods, preparing, programmes, sampling
from govdesk.feedback.asking.models import Invitation, Programme, Wave
from govdesk.feedback.asking.periods import Period
from govdesk.feedback.forms.models import QuestionnaireVersion

WHY_NOT = ("too_late", "no_questions", "nobody", "by_hand")
ASKED_WITHIN = 45  # days after a period: later nobody remembers
READY_AT = dt.time(6)  # from then on yesterday's visits are all told, also those that were closed at night
SEND_FROM = dt.time(9)


class WaveOverError(DeskError):
    """A wave that is closed or cancelled already."""

    key = "programmes.wave_over"
    status = 409


def run_waves() -> str:
    """The job: open what is due, prepare it, close what is over; how many of each."""
    opened = sum(_each_programme(programme_id) for programme_id in _running())
    prepared = sum(preparing.prepare(wave_id) for wave_id in _ids(Wave.state == "preparing"))
    closed = 0
    for wave_id in _ids((Wave.state == "open") & (Wave.closes_at <= clock.now())):
        with transaction(patient=True) as session:
            closed += close(session, wave_id)
    return f"{opened} opened, {prepared} people prepared, {closed} closed"


def open_due(session: Session, programme: Programme) -> list[Wave]:
    """Begin the wave of each period that is over and has none; the oldest first.

    1. The programme is locked: of two that open at once, the second finds the waves of the first.
    2. A wave begins after the last day of the one before, whatever was changed between.
    3. One whose period was over too long ago is written down as not opened, with why.
    4. While nothing is published, the newer ones wait.
    """
    session.refresh(programme, with_for_update={"of": Programme})
    made: list[Wave] = []
    if not programme.is_running:
        return made
    version = programmes.version_of(programme)
    for period in due(session, programme):
        is_late = (_today() - period.to_on).days > ASKED_WITHIN
        if version is None and not is_late:
            break
        why = None if not is_late else "too_late" if version is not None else "no_questions"
        made.append(_begin(session, programme, version or programme.questionnaire.versions[-1], period, why))
    return made


def due(session: Session, programme: Programme) -> list[Period]:
    """The periods that are over and have no wave yet."""
    local = clock.now().astimezone(_zone())
    today = local.date() if local.time() >= READY_AT else local.date() - dt.timedelta(days=1)
    start = _start(programme, last_of(session, programme))
    return list(periods.ended(start, every=programme.every, calendar=programme.calendar, today=today))


def upcoming(session: Session, programme: Programme) -> Period:
    """The period of the next wave, over or not."""
    start = _start(programme, last_of(session, programme))
    return periods.first_from(start, every=programme.every, calendar=programme.calendar)


def last_of(session: Session, programme: Programme) -> Wave | None:
    """The newest wave of a programme."""
    query = select(Wave).where(Wave.programme_id == programme.id)
    return session.scalars(query.order_by(Wave.from_on.desc()).limit(1)).first()


def seed_of(programme: Programme, period: Period) -> str:
    """The seed by which the sample of a period is drawn."""
    return f"{programme.seed}:{period.from_on.isoformat()}"


def opening(period: Period) -> dt.datetime:
    """When the invitations of a period begin to leave: at the first nine o'clock after it that is to come."""
    now, zone = clock.now(), _zone()
    day = max(period.to_on + dt.timedelta(days=1), clock.local_day(now, zone))
    first = dt.datetime.combine(day, SEND_FROM, zone)
    if first < now:
        first = dt.datetime.combine(day + dt.timedelta(days=1), SEND_FROM, zone)
    return first.astimezone(dt.UTC)


def closing(opens_at: dt.datetime, open_days: int) -> dt.datetime:
    """When a wave closes: at the end of a day."""
    day = clock.local_day(opens_at, _zone()) + dt.timedelta(days=open_days)
    return clock.day_bounds(day, _zone())[0]


def close(session: Session, wave_id: int) -> bool:
    """Close a wave whose time is over; what was heard can be read and acted on. Whether it was still open."""
    wave = session.get_one(Wave, wave_id, with_for_update={"of": Wave})
    if wave.state != "open" or wave.closes_at > clock.now():
        return False
    wave.state, wave.closed_at = "closed", clock.now()
    session.flush()
    outbox.emit(session, "wave.closed", wave_id=wave.id, programme_id=wave.programme_id)
    return True


def cancel(session: Session, *, actor: Actor, wave: Wave) -> None:
    """Ask no further in a wave: nobody else is asked, who was finds it closed. What was answered stays.

    What was touched before is an answer too, and is taken in (`answers.drafting`).
    """
    programmes.refuse_others(actor, wave.programme)
    session.refresh(wave, with_for_update={"of": Wave})
    if wave.state not in ("preparing", "open"):
        raise WaveOverError
    now = clock.now()
    wave.state, wave.why_not, wave.closed_at, wave.closes_at = "cancelled", "by_hand", now, now
    session.flush()
    theirs = update(Invitation).where(Invitation.wave_id == wave.id)
    session.execute(theirs.where(Invitation.state == "due").values(state="expired"))
    under_way = theirs.where(Invitation.state.in_(("sent", "shown")))
    session.execute(under_way.values(closes_at=now))
    audit.record(session, actor=actor, action="wave.cancelled", subject=f"wave:{wave.id}", number=wave.number)
    outbox.emit(session, "wave.cancelled", wave_id=wave.id, programme_id=wave.programme_id, why="by_hand")


def _begin(
    session: Session, programme: Programme, version: QuestionnaireVersion, period: Period, why: str | None
) -> Wave:
    before, opens_at = last_of(session, programme), opening(period)
    number = before.number + 1 if before else 1
    wave = Wave(
        programme=programme, version=version, number=number, from_on=period.from_on, to_on=period.to_on,
        panel=sampling.panel_in(number, programme.panels), panels=programme.panels,
        seed=seed_of(programme, period),
        state="cancelled" if why else "preparing", why_not=why, opens_at=opens_at,
        closes_at=closing(opens_at, programme.open_days), closed_at=clock.now() if why else None,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    audit.record(
        session, actor=SYSTEM, action="wave.not_opened" if why else "wave.begun", subject=f"wave:{wave.id}",
        programme=programme.id, number=number, seed=wave.seed, why=why,
    )  # fmt: skip
    if why:
        outbox.emit(session, "wave.cancelled", wave_id=wave.id, programme_id=programme.id, why=why)
    return wave


def _start(programme: Programme, last: Wave | None) -> dt.date:
    day = programme.starts_on
    return day if last is None else max(day, last.to_on + dt.timedelta(days=1))


def _each_programme(programme_id: int) -> int:
    with transaction(patient=True) as session:
        return len(open_due(session, session.get_one(Programme, programme_id)))


def _running() -> list[int]:
    """The programmes of which a period is over."""
    session = reading()
    every = session.scalars(select(Programme).where(Programme.is_running).order_by(Programme.id)).all()
    found = [one.id for one in every if due(session, one)]
    session.rollback()
    return found


def _ids(condition: ColumnElement[bool]) -> Sequence[int]:
    session = reading()
    found = session.scalars(select(Wave.id).where(condition).order_by(Wave.id)).all()
    session.rollback()
    return found


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().default_timezone)


def _today() -> dt.date:
    return clock.local_day(clock.now(), _zone())
