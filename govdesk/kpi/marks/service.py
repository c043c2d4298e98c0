"""Verbs of notes and signals: write a note, withdraw it, say that a signal was seen."""

import datetime as dt
from dataclasses import asdict

from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.kpi.marks.models import FigureNote, FigureSignal, FigureWatch, NoteWithdrawal, SignalSeen
from govdesk.kpi.marks.rules import KINDS
from govdesk.kpi.question import READERS
from govdesk.kpi.registry import BY_KEY
from govdesk.kpi.targets.service import EVERYWHERE, Place, may_set

LONGEST = 300
FARTHEST = dt.timedelta(days=366)


class NoteError(DeskError):
    """No note can be written or withdrawn like that; the key says why."""

    key = "marks.refused"
    status = 422


def write(
    session: Session, *, actor: Actor, measure: str | None, on_day: dt.date, kind: str, words: str,
    place: Place = EVERYWHERE,
) -> FigureNote:  # fmt: skip
    """Write a note at a day of a figure in a place; `measure` None is every figure of the place.

    Raises NoteError for no words, a day more than a year ahead, an unknown kind or figure; NotAllowedError
    where the place is another's.
    """
    if measure is not None and measure not in BY_KEY:
        raise NoteError("errors.choose_known", field="measure")
    if kind not in KINDS:
        raise NoteError("errors.choose_known", field="kind")
    if not may_set(actor, place):
        raise NotAllowedError
    if on_day > today(session, place) + FARTHEST:
        raise NoteError("marks.day_far", field="on_day")
    note = FigureNote(
        measure=measure, **asdict(place), on_day=on_day, kind=kind, words=_said(words, "words"),
        written_at=clock.now(), written_by_id=int(actor.id),
    )  # fmt: skip
    session.add(note)
    session.flush()
    audit.record(
        session, actor=actor, action="note.written", subject=f"figure_note:{note.id}", measure=measure,
        on_day=on_day.isoformat(), kind=kind, **asdict(place),
    )  # fmt: skip
    outbox.emit(session, "note.written", note_id=note.id, measure=measure)
    return note


def withdraw(session: Session, *, actor: Actor, note_id: int, reason: str) -> NoteWithdrawal:
    """Let a note hold no longer. NotFoundError, NotAllowedError; NoteError when it is withdrawn already."""
    note = session.get(FigureNote, note_id, with_for_update={"of": FigureNote})
    if note is None:
        raise NotFoundError
    if not may_set(actor, place_of(note)):
        raise NotAllowedError
    if note.withdrawal is not None:
        raise NoteError("marks.withdrawn_before")
    row = NoteWithdrawal(
        note=note, reason=_said(reason, "reason"), withdrawn_at=clock.now(), withdrawn_by_id=int(actor.id)
    )
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="note.withdrawn", subject=f"figure_note:{note.id}")
    outbox.emit(session, "note.withdrawn", note_id=note.id, measure=note.measure)
    return row


def see(session: Session, *, actor: Actor, signal_id: int, words: str) -> SignalSeen:
    """Say that one has seen a signal, with a word on it or none. NotFoundError, NotAllowedError."""
    signal = session.get(FigureSignal, signal_id)
    if signal is None:
        raise NotFoundError
    if not may_read(actor, place_of(signal.watch)) and signal.owner_id != int(actor.id):
        raise NotAllowedError
    if len(words) > LONGEST:
        raise NoteError("errors.too_long", field="words")
    row = SignalSeen(signal_id=signal.id, staff_id=int(actor.id), words=words.strip(), seen_at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="signal.seen", subject=f"figure_signal:{signal.id}")
    outbox.emit(session, "signal.seen", signal_id=signal.id)
    return row


def place_of(row: FigureNote | FigureWatch) -> Place:
    """Where a note or a watch is."""
    return Place(row.branch_id, row.department_id, row.service_id)


def may_read(actor: Actor, place: Place) -> bool:
    """Whether someone reads the figures of the whole of a place."""
    return any(
        role in READERS and branch in (None, place.branch_id) and department in (None, place.department_id)
        for role, branch, department in actor.grants
    )


def today(session: Session, place: Place) -> dt.date:
    """The local day of a place."""
    branch = session.get_one(Branch, place.branch_id) if place.branch_id else None
    return clock.local_day(clock.now(), branch.timezone if branch else settings().default_timezone)


def _said(words: str, field: str) -> str:
    said = words.strip()
    if not said:
        raise NoteError("errors.required", field=field)
    if len(said) > LONGEST:
        raise NoteError("errors.too_long", field=field)
    return said
