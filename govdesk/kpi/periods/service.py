"""Verbs of reporting periods: draft, reflect, publish, correct."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.cases.models import Visit
from govdesk.cases.obstacles import owners
from govdesk.cases.obstacles import service as obstacles
from govdesk.cases.obstacles.models import Obstacle
from govdesk.catalog.models import Department
from govdesk.config import settings
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi.periods import freezing, published, rules
from govdesk.kpi.periods.document import Both, canonical
from govdesk.kpi.periods.measuring import Measured
from govdesk.kpi.periods.models import PeriodReflection, PeriodVersion, ReportPeriod
from govdesk.people.models import Staff

LONGEST = 1000
LONGEST_REASON = 300
LANGUAGES = ("ar", "en")
Words = Mapping[str, str]


class PeriodError(DeskError):
    """It cannot be done with this period now; the key says why."""

    key = "periods.not_now"
    status = 409


def may_publish(actor: Actor, period: ReportPeriod) -> bool:
    """Whether somebody answers for a period: reflects on it, publishes and corrects it."""
    return actor.kind == "staff" and rules.may_publish(actor.grants, period.department_id)


def may_read(actor: Actor, period: ReportPeriod) -> bool:
    """Whether somebody may read a period before it is published."""
    return actor.kind == "staff" and rules.may_read(actor.grants, period.department_id)


def today() -> dt.date:
    """The day where the installation is."""
    return clock.local_day(clock.now(), settings().default_timezone)


def draft(
    session: Session, *, actor: Actor, span: rules.Span, department: Department | None = None
) -> ReportPeriod:
    """Begin the report of a period that is over; a second time it is the same one.

    1. The code is unique in the database, and nothing else makes a period.
    2. Of two who begin it at once the second fails on that, its transaction is taken back, and the job finds
       the period there the next time.
    Raises PeriodError for one that is not over yet.
    """
    if span.last >= today():
        raise PeriodError("periods.not_over")
    department_id = department.id if department else None
    if actor is not SYSTEM and not rules.may_publish(actor.grants, department_id):
        raise NotAllowedError
    code = rules.code_of(span, department.code if department else None)
    known = session.scalars(select(ReportPeriod).where(ReportPeriod.code == code)).one_or_none()
    if known is not None:
        return known
    made = ReportPeriod(
        code=code, kind=span.kind, first_on=span.first, last_on=span.last, department=department,
        state=rules.DRAFT, drafted_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor=actor, action="period.drafted", subject=f"period:{code}")
    outbox.emit(session, "period.drafted", period=code)
    return made


def draft_ended(session: Session) -> list[ReportPeriod]:
    """Begin the reports of what has ended: the last month and quarter, and those missed since the last draft.

    Of the agency and of each department; nothing before the first visit.
    """
    first = session.scalar(select(func.min(Visit.started_on)))
    if first is None:
        return []
    departments = session.scalars(select(Department).order_by(Department.code))
    return [
        draft(session, actor=SYSTEM, span=span, department=department)
        for department in (None, *departments)
        for span in _missing(session, department, first)
    ]


def reflections_of(session: Session, period: ReportPeriod) -> dict[str, PeriodReflection]:
    """What holds of what was said about a period, by topic, in the order of the topics."""
    query = select(PeriodReflection).where(PeriodReflection.period_id == period.id)
    last = {one.topic: one for one in session.scalars(query.order_by(PeriodReflection.id))}
    return {topic: last[topic] for topic in rules.TOPICS if topic in last}


def reflect(
    session: Session, *, actor: Actor, period: ReportPeriod, topic: str, saw: Words, will: Words,
    owner: Staff, due_on: dt.date, obstacle: str = "",
) -> PeriodReflection:  # fmt: skip
    """Say what was seen in a topic and what will change, by whom, until when; said again, the last holds.

    `obstacle` is the category of one that is raised with it, given to the owner, due on that day. Both
    languages are asked for: the public reads it. Raises NotAllowedError, PeriodError, DeskError beside
    `saw_ar`, `will_en`, `owner`, `due_on`.
    """
    _refuse_others(actor, period)
    if topic not in rules.TOPICS:
        raise DeskError("errors.choose_known", field="topic", status=422)
    seen, ours = _said(saw, "saw"), _said(will, "will")
    if owner not in owners.managers(session):
        raise DeskError("errors.choose_known", field="owner", status=422)
    if not rules.is_planned_for(due_on, today()):
        raise DeskError("periods.due_impossible", field="due_on", status=422)
    made = PeriodReflection(
        period_id=period.id, topic=topic, saw_ar=seen["ar"], saw_en=seen["en"], will_ar=ours["ar"],
        will_en=ours["en"], owner=owner, due_on=due_on, written_at=clock.now(), written_by_id=int(actor.id),
        obstacle=_raised(session, actor, period, obstacle, seen, owner, due_on) if obstacle else None,
    )  # fmt: skip
    session.add(made)
    if period.state == rules.DRAFT:
        period.state = rules.REFLECTION
    session.flush()
    audit.record(
        session, actor=actor, action="period.reflected", subject=f"period:{period.code}", topic=topic,
        saw=seen, will=ours, owner=owner.id, due_on=due_on.isoformat(), obstacle=made.obstacle_id,
    )  # fmt: skip
    outbox.emit(session, "period.reflected", period=period.code, topic=topic)
    return made


def missing(session: Session, period: ReportPeriod, measured: Measured) -> tuple[str, ...]:
    """The topics on which somebody must reflect before a period is published."""
    return rules.missing(measured.told, reflections_of(session, period))


def publish(session: Session, *, actor: Actor, period: ReportPeriod, measured: Measured) -> PeriodVersion:
    """Publish a period for the first time: its figures are kept letter for letter, under their hash.

    1. Its row is locked; of two who publish at once, the second waits for the first.
    2. Then the second finds it published and gives back what the first wrote: nothing is written twice.
    3. Should both get past that, the number of a version is unique in the database.
    `measured` was counted before the lock, so that nobody waits for it. Raises NotAllowedError; PeriodError
    where a topic has no reflection, a quarter stands before its months, or a month after its quarter.
    """
    _refuse_others(actor, period)
    _lock(session, period)
    known = published.versions(session, period.code)
    if known:
        return known[0]
    lacking = missing(session, period, measured)
    if lacking:
        raise PeriodError("periods.reflection_missing")
    _refuse_order(session, period)
    return _write(session, actor, period, measured, number=1, reason=None)


def correct(
    session: Session,
    *,
    actor: Actor,
    period: ReportPeriod,
    measured: Measured,
    of: int,
    reason: Mapping[str, str],
) -> PeriodVersion:
    """Publish what is known now as the next version, with the reason; the older ones stay to be read.

    `of` is the number of the version that was looked at: of two who correct it at once, the second is
    refused. The reason is given in both languages. Raises NotAllowedError, PeriodError, DeskError beside
    `reason_ar` or `reason_en`.
    """
    _refuse_others(actor, period)
    why = {code: " ".join(reason[code].split()) for code in LANGUAGES}
    for code, words in why.items():
        if not words or len(words) > LONGEST_REASON:
            raise DeskError("periods.reason_missing", field=f"reason_{code}", status=422)
    _lock(session, period)
    known = published.versions(session, period.code)
    if not known:
        raise PeriodError("periods.not_published")
    if known[-1].number != of:
        raise PeriodError("periods.corrected_meanwhile")
    return _write(session, actor, period, measured, number=of + 1, reason=why)


def _write(
    session: Session, actor: Actor, period: ReportPeriod, measured: Measured, *, number: int,
    reason: Both | None,
) -> PeriodVersion:  # fmt: skip
    if measured.code != period.code:
        raise PeriodError
    said = list(reflections_of(session, period).values())
    document = freezing.freeze(
        session, period=period, measured=measured, number=number, reason=reason, reflections=said
    )
    made = PeriodVersion(
        period=period, number=number, frozen=canonical(document), hash=document["hash"],
        reason_ar=reason and reason["ar"], reason_en=reason and reason["en"],
        published_at=clock.now(), published_by_id=int(actor.id),
    )  # fmt: skip
    session.add(made)
    period.state = rules.PUBLISHED
    session.flush()
    audit.record(
        session, actor=actor, action="period.published", subject=f"period:{period.code}", version=number,
        hash=made.hash, reason=reason,
    )  # fmt: skip
    outbox.emit(session, "period.published", period=period.code, version=number, hash=made.hash)
    return made


def _lock(session: Session, period: ReportPeriod) -> None:
    session.flush()
    session.refresh(period, ["state"], with_for_update={"of": ReportPeriod})


def _refuse_others(actor: Actor, period: ReportPeriod) -> None:
    if not may_publish(actor, period):
        raise NotAllowedError


def _refuse_order(session: Session, period: ReportPeriod) -> None:
    """A quarter after its months, no month after its quarter: else one would tell what the other hides."""
    span, department = published.span_of(period), period.department.code if period.department else None
    codes = [rules.code_of(month, department) for month in span.months]
    waiting = select(ReportPeriod.id).where(
        ReportPeriod.code.in_(codes), ReportPeriod.state != rules.PUBLISHED
    )
    if codes and session.scalar(waiting.limit(1)) is not None:
        raise PeriodError("periods.months_first")
    if not codes and published.versions(session, rules.code_of(span.quarter, department)):
        raise PeriodError("periods.quarter_done")


def _missing(session: Session, department: Department | None, first: dt.date) -> Sequence[rules.Span]:
    own = ReportPeriod.department_id.is_not_distinct_from(department and department.id)
    found = []
    for span in rules.ended(today()):
        drafted = select(func.max(ReportPeriod.last_on)).where(own, ReportPeriod.kind == span.kind)
        last = session.scalar(drafted) or span.before.last
        one = span
        while one.last > last and one.last >= first:
            found.append(one)
            one = one.before
    return found


def _raised(
    session: Session, actor: Actor, period: ReportPeriod, category: str, seen: Words, owner: Staff,
    due_on: dt.date,
) -> Obstacle:  # fmt: skip
    """Raise the obstacle that stands in the way, given to whoever will change it."""
    words, where = seen["ar"], period.department
    made = obstacles.report(
        session, actor=actor, category=category, words=words, branch=None, department=where
    )
    if made.assigned_to_id != owner.id:
        obstacles.assign(session, actor=SYSTEM, obstacle=made, staff=owner)
    if made.due_on != due_on:
        obstacles.move(session, actor=SYSTEM, obstacle=made, due_on=due_on, words=words)
    return made


def _said(words: Words, field: str) -> dict[str, str]:
    """Tidy words in both languages; DeskError beside the field that is empty or too long."""
    said = {code: words.get(code, "").strip() for code in LANGUAGES}
    for code, text in said.items():
        if not text:
            raise DeskError("errors.required", field=f"{field}_{code}", status=422)
        if len(text) > LONGEST:
            raise DeskError("errors.too_long", field=f"{field}_{code}", status=422)
    return said
