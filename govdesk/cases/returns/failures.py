"""The failures of a unit's visits: each return with what brought it about, and what the unit learnt of it."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.cases.classes import VisitClass
from govdesk.cases.episodes import LIVE
from govdesk.cases.models import NextStep, Visit
from govdesk.cases.returns.asking import words_of
from govdesk.cases.returns.models import FailureNote
from govdesk.cases.returns.rules import LONGEST_LESSON
from govdesk.cases.units import within
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.errors import DeskError, NotFoundError
from govdesk.notify.models import Message
from govdesk.queue.models import Ticket
from govdesk.queue.reasons import missing_of

READERS = ("officer", "reception", "supervisor", "head")
LISTED = dt.timedelta(days=90)
SHOWN = 100
KINDS = ("seen", "learnt")

charged = aliased(Visit)


class LessonError(DeskError):
    """What was learnt cannot be noted so; the field says where."""

    key = "returns.lesson_missing"
    status = 422


@dataclass(frozen=True, slots=True)
class Failure:
    """A visit of the unit that failed: `first`, the return that showed it, and the cause as it is counted."""

    first: Visit
    back: Visit
    cause: str | None
    is_seen: bool
    is_learnt: bool


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to learn from: what the first visit knew, what we had written, and the person's words."""

    scenario: Scenario | None
    missing: list[ScenarioPaper]
    messages: list[Message]
    plans: list[NextStep]
    words: str
    notes: list[FailureNote]


def of_units(session: Session, actor: Actor, *, is_learnt: bool = False) -> list[Failure]:
    """The failures of somebody's units of the last months, the newest return first; learnt ones or others."""
    query = _failures(actor).where(_noted("learnt") if is_learnt else ~_noted("learnt"))
    query = query.order_by(Visit.started_at.desc(), Visit.id.desc()).limit(SHOWN)
    return [_of(row) for row in session.execute(query).unique()]


def count_of_units(session: Session, actor: Actor) -> int:
    """How many failures of somebody's units nobody has learnt from yet."""
    inner = _failures(actor).where(~_noted("learnt")).with_only_columns(Visit.id).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def causes_of_units(session: Session, actor: Actor) -> list[tuple[str | None, int]]:
    """How often each cause made a failure of somebody's units in the last months, the most frequent first."""
    counted = _failures(actor).with_only_columns(Visit.return_cause)
    return Counter(session.scalars(counted)).most_common()


def one(session: Session, actor: Actor, visit_id: int) -> Failure:
    """A failure by the return that showed it; of any time. NotFoundError, also to another unit."""
    query = _failures(actor, since=None).where(Visit.id == visit_id)
    row = session.execute(query).unique().one_or_none()
    if row is None:
        raise NotFoundError
    return _of(row)


def means(session: Session, failure: Failure) -> Means:
    """Gather what there is to learn from."""
    first, back = failure.first, failure.back
    ticket = _ticket_of(session, first)
    papers = missing_of(session, ticket.id) if ticket is not None else set()
    asked = select(ScenarioPaper).where(ScenarioPaper.id.in_(papers)).order_by(ScenarioPaper.id)
    returned = _ticket_of(session, back)
    planned = select(NextStep).where(NextStep.visit_id == first.id).order_by(NextStep.id)
    return Means(
        scenario=session.get(Scenario, first.scenario_id) if first.scenario_id else None,
        missing=list(session.scalars(asked)),
        messages=_messages(session, back, ticket),
        plans=list(session.scalars(planned)),
        words=words_of(session, returned.id) if returned is not None else "",
        notes=notes_of(session, back),
    )


def notes_of(session: Session, back: Visit) -> list[FailureNote]:
    """What the unit has said to a failure, in order."""
    query = select(FailureNote).where(
        FailureNote.source == back.source, FailureNote.visit_no == back.visit_no
    )
    return list(session.scalars(query.order_by(FailureNote.id)))


def note(session: Session, *, actor: Actor, visit_id: int, kind: str, words: str = "") -> FailureNote:
    """Say that a failure was seen, or what the unit learnt from it; a later lesson stands beside an earlier.

    Seen twice is seen once. LessonError beside `words` for a lesson without words; NotFoundError.
    """
    failure = one(session, actor, visit_id)
    back, said = failure.back, words.strip()
    if kind == "learnt" and not said:
        raise LessonError(field="words")
    if len(said) > LONGEST_LESSON:
        raise LessonError("returns.lesson_long", field="words", longest=LONGEST_LESSON)
    known = [one for one in notes_of(session, back) if one.kind == kind]
    if known and (kind == "seen" or known[-1].words == said):
        return known[-1]
    row = FailureNote(
        source=back.source, visit_no=back.visit_no, kind=kind, words=said, at=clock.now(),
        staff_id=int(actor.id),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action=f"failure.{kind}", subject=f"visit:{back.id}", unit=back.charged_unit
    )
    if kind == "learnt":
        outbox.emit(session, "failure.learnt", visit_id=back.id, unit=back.charged_unit)
    return row


def _failures(actor: Actor, since: dt.timedelta | None = LISTED) -> Select[Visit, Visit, Any, bool, bool]:
    query = (
        select(charged, Visit, Visit.return_cause, _noted("seen"), _noted("learnt"))
        .join(charged, charged.id == Visit.charged_visit_id)
        .where(Visit.class_name == VisitClass.REPEAT, within(actor, READERS, charged))
    )
    return query if since is None else query.where(Visit.started_at >= clock.now() - since)


def _of(row: Row[Visit, Visit, Any, bool, bool]) -> Failure:
    first, back, cause, is_seen, is_learnt = row
    return Failure(first, back, cause, is_seen, is_learnt)


def _noted(kind: str) -> ColumnElement[bool]:
    own = and_(FailureNote.source == Visit.source, FailureNote.visit_no == Visit.visit_no)
    return exists().where(own, FailureNote.kind == kind).correlate(Visit)


def _ticket_of(session: Session, visit: Visit) -> Ticket | None:
    if visit.source != LIVE or not visit.visit_no.isdecimal():
        return None
    return session.get(Ticket, int(visit.visit_no))


def _messages(session: Session, back: Visit, ticket: Ticket | None) -> list[Message]:
    """What we had sent about the first visit's ticket and appointment, until the return."""
    abouts = [] if ticket is None else [f"ticket:{ticket.id}"]
    if ticket is not None and ticket.appointment_id is not None:
        abouts.append(f"appointment:{ticket.appointment_id}")
    query = select(Message).where(Message.about.in_(abouts), Message.created_at <= back.started_at)
    return list(session.scalars(query.order_by(Message.created_at, Message.id)))
