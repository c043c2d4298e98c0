"""What becomes of invitations that were sent: one reminder, what could not be delivered, and the closing."""

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from govdesk import clock, outbox
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Visit
from govdesk.cases.recovery.rules import UNANSWERED
from govdesk.config import settings
from govdesk.db import reading, transaction, written
from govdesk.feedback.asking import links, rules, sending
from govdesk.feedback.asking.models import Invitation
from govdesk.notify.models import Message

BATCH, AT_ONCE = 20, 500
LOST = frozenset({"undeliverable", "failed", "not_sent", "dropped"})  # how a message ends that nobody got
LOOKED_FOR = dt.timedelta(days=7)  # by then every message has arrived or was given up
UNDER_WAY = ("due", "sent", "shown")
KEPT = dt.timedelta(days=400)  # longer than fatigue lasts
TICKET = "ticket:"


def run_follow() -> str:
    """The job: note what did not arrive, remind once, close what is over; how many of each."""
    today = clock.local_day(clock.now(), settings().default_timezone)
    lost = _each(_not_arrived(today - LOOKED_FOR), note_delivery)
    asked = Invitation.asked_on <= today - dt.timedelta(days=rules.REMIND_AFTER_DAYS)
    reminded = _each(_ids(_sent().where(asked, Invitation.reminded_on.is_(None))), remind)
    closed = _each(_ids(_under_way().where(Invitation.closes_at <= clock.now())), close)
    return f"{lost} not delivered, {reminded} reminded, {closed} closed"


def note_delivery(session: Session, ids: Sequence[int]) -> int:
    """Note of these which did not arrive, and by which channel the others did; how many did not."""
    count = 0
    for one, last in _last_messages(session, _locked(session, ids)):
        if last is None or last[1] in LOST:
            one.state = "undeliverable"
            count += 1
        else:
            one.mode = last[0]
    return count


def remind(session: Session, ids: Sequence[int]) -> int:
    """Remind of these whoever has not answered, once; how many were.

    The rows are locked and the day is noted with the message: of two that remind at once the second finds it.
    """
    count = 0
    for one in _locked(session, ids):
        today = clock.local_day(clock.now(), settings().default_timezone)
        if rules.is_reminder_due(asked_on=one.asked_on, reminded_on=one.reminded_on, today=today):
            one.reminded_on = today
            count += sending.queue(session, one, key=sending.REMINDER) is not None
    return count


def close(session: Session, ids: Sequence[int]) -> int:
    """Close of these what nobody answered in time; who leaves several unanswered after a long wait is heard.

    What was touched in time is left to who takes it in (`answers.drafting`), in whatever order the two come:
    what is no answer is forgotten there, and closed here at the next turn. What was still due is closed
    without having been asked.
    """
    rows = [one for one in _locked(session, ids, states=UNDER_WAY) if links.touched_at(one.draft) is None]
    for one in rows:
        was_asked = one.state == "sent"
        one.state, one.draft = "expired", None
        session.flush()
        if was_asked:
            _tell_silence(session, one)
    return len(rows)


def forget_old(session: Session) -> int:
    """Forget who was invited a long time ago, and about what; how many. That somebody was stays counted."""
    before = rules.monday(clock.local_day(clock.now(), settings().default_timezone) - KEPT)
    is_known = or_(Invitation.person_id.is_not(None), Invitation.about.is_not(None))
    old = (
        update(Invitation)
        .where(Invitation.week < before, is_known)
        .values(person_id=None, about=None, draft=None)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(old).all())


def _tell_silence(session: Session, invitation: Invitation) -> None:
    """Tell recovery of somebody who left this question about a visit unanswered, and others before it."""
    about = invitation.about or ""
    if invitation.person_id is None or not about.startswith(TICKET):
        return
    states = session.scalars(
        select(Invitation.state)
        .where(Invitation.person_id == invitation.person_id, Invitation.asked_on.is_not(None))
        .order_by(Invitation.asked_on.desc(), Invitation.id.desc())
        .limit(UNANSWERED)
    ).all()
    if len(states) < UNANSWERED or set(states) != {"expired"}:
        return
    visit = select(Visit.id).where(Visit.source == LIVE, Visit.visit_no == about.removeprefix(TICKET))
    visit_id = session.scalar(visit)
    if visit_id is not None:
        outbox.emit(session, "question.unanswered", visit_id=visit_id, unanswered=len(states))


def _not_arrived(since: dt.date) -> list[int]:
    """Invitations sent since a day whose last message nobody got, or that went by another channel."""
    session = reading()
    sent = session.execute(
        _sent().where(Invitation.asked_on >= since).with_only_columns(Invitation.id, Invitation.mode)
    ).all()
    found = []
    for start in range(0, len(sent), AT_ONCE):
        some = sent[start : start + AT_ONCE]
        last = _last_of(session, [row[0] for row in some])
        found += [row[0] for row in some if _is_news(row[1], last.get(row[0]))]
    session.rollback()
    return found


def _is_news(mode: str | None, last: tuple[str, str] | None) -> bool:
    return last is None or last[1] in LOST or last[0] != mode


def _last_messages(
    session: Session, rows: Sequence[Invitation]
) -> list[tuple[Invitation, tuple[str, str] | None]]:
    last = _last_of(session, [one.id for one in rows])
    return [(one, last.get(one.id)) for one in rows]


def _last_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For each invitation the channel and the state of the last message that asked."""
    of = {f"invitation:{one}": one for one in ids}
    rows = session.execute(
        select(Message.about, Message.channel, Message.state)
        .where(Message.about.in_(of), Message.key != sending.REMINDER)
        .order_by(Message.id)
    )
    return {of[about]: (channel, state) for about, channel, state in rows}


def _under_way() -> Select[Invitation]:
    """What is due, sent or shown, in the words of its index."""
    return select(Invitation).where(Invitation.state.in_([written(one) for one in UNDER_WAY]))


def _sent() -> Select[Invitation]:
    return _under_way().where(Invitation.state == written("sent"), Invitation.closes_at > clock.now())


def _ids(query: Select[Invitation]) -> list[int]:
    found = list(reading().scalars(query.with_only_columns(Invitation.id).order_by(Invitation.id)))
    reading().rollback()
    return found


def _each(ids: Sequence[int], act: Callable[[Session, Sequence[int]], int]) -> int:
    """Act on some at a time, a transaction each; how many it was done to."""
    count = 0
    for start in range(0, len(ids), BATCH):
        with transaction(patient=True) as session:
            count += act(session, ids[start : start + BATCH])
    return count


def _locked(session: Session, ids: Sequence[int], states: Sequence[str] = ("sent",)) -> Sequence[Invitation]:
    """These as they are now, locked; those that somebody else has in hand are left to a later run."""
    query = select(Invitation).where(Invitation.id.in_(ids), Invitation.state.in_(states))
    return session.scalars(
        query.order_by(Invitation.id).with_for_update(of=Invitation, skip_locked=True)
    ).all()
