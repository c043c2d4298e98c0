"""Where the time of resolved needs went: booked ahead, queue, desk, back office, the person (KPI.md §2)."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, select
from sqlalchemy.orm import Session

from govdesk.booking.models import Appointment
from govdesk.cases.clocks import OpenSpan, Part, Stay, claims_of, parts_of, whole_seconds
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAsk
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.kpi import opened
from govdesk.kpi.censoring import aside_share
from govdesk.kpi.columns import Columns
from govdesk.kpi.gathering import Adding
from govdesk.kpi.groups import By, Tallies
from govdesk.kpi.lengths import Lengths
from govdesk.kpi.observing import Life, note_change
from govdesk.kpi.opened import Telling
from govdesk.kpi.question import Question, each_row
from govdesk.kpi.statistics import Z95
from govdesk.queue.models import Ticket

DAY = 86400  # seconds


@dataclass(slots=True)
class Tally:
    """Resolved cases of a group: their whole lengths, and the sums of their parts, in whole seconds."""

    lengths: Lengths = field(default_factory=Lengths)
    seconds: Counter[str] = field(default_factory=Counter)
    set_aside: int = 0  # they end before they begin, so that nothing went anywhere
    next_change: float | None = None  # minus the moment at which time alone makes it another


def telling(session: Session, question: Question) -> Telling:
    """What is made of each case: the time of a resolved one is split as in the file of one case."""
    stays, pauses = _stays(session, question), _pauses(session, question)

    def add(row: Adding, life: Life, case_id: int) -> None:
        note_change(row, life.changes_at)
        if life.ended_at is None or life.is_set_aside:
            row.add("set_aside", life.ended_at is not None)
            return
        known = [stay for stay in stays.get(case_id, ()) if stay.ended_at <= question.as_of]
        later = [stay.ended_at for stay in stays.get(case_id, ()) if stay.ended_at > question.as_of]
        note_change(row, min(later, default=None))
        claims = {**claims_of(known), Part.WAITING_ON_CITIZEN: pauses.get(case_id, ())}
        lengths = whole_seconds(parts_of(life.opened_at, life.ended_at, claims))
        row.length("lengths", sum(lengths.values()))
        for part, length in lengths.items():
            if length:
                row.count("seconds", part.value, length)

    return Telling(add, lambda life: life.ended_at is not None or life.changes_at is not None)


def gather(session: Session, question: Question, bys: Sequence[By]) -> list[Columns]:
    """Split the resolved cases of a period."""
    return opened.gather(session, question, bys, telling)


def tally(session: Session, question: Question, bys: Sequence[By]) -> list[Tallies[Tally]]:
    """Give the parts of the resolved cases of a period."""
    return [columns.tallies(Tally) for columns in gather(session, question, bys)]


def elapsed_parts(one: Tally, _question: Question) -> dict[str, Any]:
    """The mean days of a resolved case; its parts in seconds that sum to the whole."""
    n, whole = len(one.lengths), one.lengths.total
    mean = whole / n if n else None
    return {
        "unit": "days",
        "value": None if mean is None else mean / DAY,
        "n": n,
        "interval": _interval(one.lengths),
        "data_quality": aside_share(one.set_aside, n + one.set_aside),
        "detail": {
            "seconds": {part.value: one.seconds[part.value] for part in Part},
            "mean_seconds": {part.value: length for part, length in mean_parts(one.seconds, n).items()},
            "elapsed_seconds": whole,
            "set_aside": one.set_aside,
        },
    }


def mean_parts(seconds: Mapping[str, int], n: int) -> dict[Part, int]:
    """Divide parts by a number of cases into whole seconds that sum to the whole divided, rounded down.

    What is left over goes to the largest remainders, so that the parts still sum to the second.
    """
    if not n:
        return {}
    out = {part: seconds.get(part, 0) // n for part in Part}
    missing = sum(seconds.get(part, 0) for part in Part) // n - sum(out.values())
    by_rest = sorted(Part, key=lambda part: seconds.get(part, 0) % n, reverse=True)
    return {part: length + (part in by_rest[:missing]) for part, length in out.items()}


def _interval(lengths: Lengths) -> tuple[float, float] | None:
    """95 % for the mean, by the spread of the lengths; None for a single one."""
    n, whole = len(lengths), lengths.total
    if n < 2:  # noqa: PLR2004 - one length has no spread
        return None
    spread = (n * lengths.squares - whole * whole) / (n * (n - 1))
    reach = Z95 * math.sqrt(spread / n)
    return max(0.0, whole / n - reach) / DAY, (whole / n + reach) / DAY


def _stays(session: Session, question: Question) -> dict[int, list[Stay]]:
    """The visits of the period's cases, by case."""
    ticket_id = case((Visit.source == LIVE, cast(Visit.visit_no, Integer)))
    query = (
        select(Visit.case_id, Appointment.booked_at, Visit.started_at, Visit.served_at, Visit.ended_at)
        .join(Case, Case.id == Visit.case_id)
        .outerjoin(Ticket, Ticket.id == ticket_id)
        .outerjoin(Appointment, Appointment.id == Ticket.appointment_id)
        .where(~Visit.is_set_aside, *_of_period(question))
        .order_by(Visit.started_at, Visit.id)
    )
    found: dict[int, list[Stay]] = defaultdict(list)
    rows = each_row(session, query)
    for case_id, booked_at, started_at, served_at, ended_at in rows:
        found[case_id or 0].append(Stay(booked_at, started_at, served_at, ended_at))
    return found


def _pauses(session: Session, question: Question) -> dict[int, list[OpenSpan]]:
    """When the office waited on the person; a question whose time is over has ended by itself."""
    query = (
        select(CasePause.case_id, CasePause.from_at, CasePause.to_at, CaseAsk.ends_at)
        .join(Case, Case.id == CasePause.case_id)
        .outerjoin(CaseAsk, CaseAsk.pause_id == CasePause.id)
        .where(CasePause.from_at <= question.as_of, *_of_period(question))
        .order_by(CasePause.from_at, CasePause.id)
    )
    found: dict[int, list[OpenSpan]] = defaultdict(list)
    for case_id, start, end, ends_at in each_row(session, query):
        is_over = end is None and ends_at is not None and ends_at <= question.as_of
        found[case_id].append((start, ends_at if is_over else end))
    return found


def _of_period(question: Question) -> list[ColumnElement[bool]]:
    return [*question.known(Case.opened_at), *question.scope.conditions(Case)]
