"""Who is silent now: visits as rows are put before the rules."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from govdesk import chance, clock, outbox
from govdesk.booking.models import Appointment
from govdesk.cases import closing
from govdesk.cases.classes import ATTENDED_CLASSES, VisitClass
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import Case, Visit
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.silent import rules
from govdesk.cases.silent.models import SilentOne, Voice
from govdesk.cases.silent.rules import Experience
from govdesk.catalog.models import PublicService
from govdesk.config import settings
from govdesk.db import reading, transaction
from govdesk.people.models import Person
from govdesk.queue.unserved_models import UnservedAnswer

LATENESS = 3  # days for which a job that stood still makes up
AT_ONCE = 500
REACHED = ("link", "word")
MINUTE = 60.0


def run_look() -> int:
    """The job: note who has become silent, and let go who is not any more; how many changed."""
    session = reading()
    found = [visit.id for visit, _reason in silent_now(session)]
    session.rollback()
    changed = 0
    for start in range(0, len(found), AT_ONCE):
        with transaction(patient=True) as writing:
            changed += note(writing, found[start : start + AT_ONCE])
    with transaction(patient=True) as writing:
        return changed + let_go(writing)


def look(session: Session) -> int:
    """The same within one transaction, for bulk work; how many became silent."""
    return note(session, [visit.id for visit, _reason in silent_now(session)])


def note(session: Session, visit_ids: Collection[int]) -> int:
    """Note these visits' people as silent where they still are, one for each person; how many."""
    busy = select(SilentOne.person_id).where(SilentOne.state == "waiting")
    taken = set(session.scalars(busy))
    rows = list(session.scalars(_visits(Visit.id.in_(visit_ids))))
    count = 0
    for visit, reason in _judged(session, rows):
        if visit.person_id is None or visit.person_id in taken:
            continue
        taken.add(visit.person_id)
        person = session.get_one(Person, visit.person_id)
        row = SilentOne(
            token=chance.token(), visit_id=visit.id, person_id=visit.person_id, branch_id=visit.branch_id,
            service_id=visit.service_id, reason=reason, found_at=clock.now(), state="waiting",
            language=visit.language or person.language or settings().default_language,
        )  # fmt: skip
        session.add(row)
        session.flush()
        outbox.emit(session, "silent.found", silent_id=row.id, branch_id=row.branch_id, reason=reason)
        count += 1
    return count


def let_go(session: Session) -> int:
    """End the rows of who came back, spoke up, is in hand, was resolved or stays silent; how many."""
    waiting = list(session.scalars(select(SilentOne).where(SilentOne.state == "waiting")))
    facts = {one.visit_id: why for one, why in _spared(session, waiting)}
    count = 0
    for one in waiting:
        why = facts.get(one.visit_id)
        if why is None and one.asked_at is not None and clock.now() >= one.asked_at + rules.GIVEN_UP_AFTER:
            why = "no_answer"
        if why is None and clock.now() >= one.found_at + dt.timedelta(days=rules.STALE_DAYS):
            why = "too_late"
        if why is not None:
            end(one, why)
            count += 1
    session.flush()
    return count


def end(one: SilentOne, why: str) -> None:
    """Ask somebody no more, and say why."""
    one.state, one.ended_at, one.end_reason = "over", clock.now(), why


def silent_now(session: Session) -> Iterator[tuple[Visit, str]]:
    """Give the visits of the last days whose people the rules call silent, that are not noted yet."""
    noted = select(SilentOne.visit_id)
    today = clock.local_day(clock.now(), settings().default_timezone)
    yield from _judged(session, session.scalars(_visits(_is_due(session, today), Visit.id.not_in(noted))))


def _is_due(session: Session, today: dt.date) -> Any:
    """Narrow down to the days on which a visit becomes silent by its service's window, and a little after."""
    windows: dict[int, list[int]] = {}
    for service in session.scalars(select(PublicService)):
        if service.policies:
            days = service.policy.window_days + service.policy.lag_days
            windows.setdefault(days, []).append(service.id)
    unmet = or_(Visit.status.in_(rules.LEFT), closing.outcome() == "unresolved")
    late = [
        and_(unmet, Visit.service_id.in_(ids), _between(today, days)) for days, ids in sorted(windows.items())
    ]
    waited = and_(Visit.status.in_(rules.ATTENDED), Visit.called_at.is_not(None))
    return or_(and_(waited, _between(today, rules.ANSWER_DAYS)), *late)


def _between(today: dt.date, days: int) -> Any:
    last = today - dt.timedelta(days=days)
    return Visit.ended_on.between(last - dt.timedelta(days=LATENESS), last)


def _visits(*conditions: Any) -> Select[Visit]:
    own = Visit.source == LIVE, Visit.person_id.is_not(None), Visit.direction == "inbound"
    kinds = Visit.class_name != VisitClass.MERGED
    return select(Visit).where(*own, kinds, *conditions).order_by(Visit.ended_at, Visit.id)


def _judged(session: Session, rows: Iterable[Visit]) -> Iterator[tuple[Visit, str]]:
    for visit in rows:
        first = _experience(session, visit)
        today = clock.local_day(clock.now(), visit.branch.timezone)
        if rules.reason_of(first, today) is None:  # most waited no longer than promised
            continue
        reason = rules.reason_of(_with_facts(session, visit, first), today)
        if reason is not None:
            yield visit, reason


def _spared(session: Session, waiting: Iterable[SilentOne]) -> Iterator[tuple[SilentOne, str]]:
    for one in waiting:
        today = clock.local_day(clock.now(), one.branch.timezone)
        why = rules.spared(_with_facts(session, one.visit, _experience(session, one.visit)), today)
        if why is not None:
            yield one, why


def _experience(session: Session, visit: Visit) -> Experience:
    """What the row itself tells."""
    arrived, called = visit.arrived_at, visit.called_at
    if arrived is not None and visit.appointment_at is not None and called is not None:
        arrived = max(arrived, visit.appointment_at) if visit.appointment_at <= called else arrived
    waited = (called - arrived).total_seconds() / MINUTE if called and arrived else None
    return Experience(
        status=visit.status,
        outcome=closing.outcome_of(session, visit),
        ended_on=visit.ended_on,
        window_days=visit.service.policy.window_days,
        lag_days=visit.service.policy.lag_days,
        waited=waited,
        promised=visit.quoted_high,
        target=visit.service.wait_target_minutes,
    )


def _with_facts(session: Session, visit: Visit, first: Experience) -> Experience:
    """Add what happened since."""
    zone = visit.branch.timezone
    return replace(
        first,
        came_back_on=_came_back_on(session, visit),
        is_coming=_is_coming(session, visit),
        spoke_on=_day(_spoke_at(session, visit), zone),
        is_in_hand=_is_in_hand(session, visit),
        resolved_on=_day(_resolved_at(session, visit), zone),
    )


def _came_back_on(session: Session, visit: Visit) -> dt.date | None:
    later = aliased(Visit)
    return session.scalar(
        select(func.min(later.started_on)).where(
            later.person_id == visit.person_id,
            later.family == visit.family,
            later.started_at >= visit.ended_at,
            later.id != visit.id,
            later.class_name.in_(ATTENDED_CLASSES),
        )
    )


def _is_coming(session: Session, visit: Visit) -> bool:
    ahead = (
        select(Appointment.id)
        .join(PublicService, PublicService.id == Appointment.service_id)
        .where(
            Appointment.person_id == visit.person_id,
            Appointment.state == "booked",
            Appointment.starts_at > clock.now(),
            PublicService.family == visit.family,
        )
    )
    return session.scalars(ahead.limit(1)).first() is not None


def _spoke_at(session: Session, visit: Visit) -> dt.datetime | None:
    voiced = select(func.min(Voice.at)).where(Voice.person_id == visit.person_id, Voice.at >= visit.ended_at)
    said = session.get(UnservedAnswer, int(visit.visit_no)) if visit.visit_no.isdecimal() else None
    moments = [at for at in (session.scalar(voiced), said.told_at if said else None) if at is not None]
    return min(moments, default=None)


def _is_in_hand(session: Session, visit: Visit) -> bool:
    """Whether recovery has the need open, or ended it by the person's own word after this visit."""
    theirs = select(Recovery.id).where(
        Recovery.person_id == visit.person_id,
        Recovery.need == visit.family,
        or_(
            Recovery.closed_at.is_(None),
            and_(Recovery.closed_by.in_(REACHED), Recovery.closed_at >= visit.ended_at),
        ),
    )
    return session.scalars(theirs.limit(1)).first() is not None


def _resolved_at(session: Session, visit: Visit) -> dt.datetime | None:
    """When the need of a visit was met later on; of one whose case was closed with the visit: never."""
    if visit.case_id is None or closing.outcome_of(session, visit) != "unresolved":
        return None
    at = session.get_one(Case, visit.case_id).resolved_at
    return at if at is not None and at > visit.ended_at else None


def _day(at: dt.datetime | None, zone: str) -> dt.date | None:
    return None if at is None else clock.local_day(at, zone)
