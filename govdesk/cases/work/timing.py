"""The three clocks of one case with how each came about, and where the time went."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.cases.clocks import Clocks, OpenSpan, Part, Stay, claims_of, clocks, parts_of, whole_seconds
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAsk
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.cases.work import rules
from govdesk.catalog.models import Branch
from govdesk.catalog.service import calendar_of
from govdesk.queue.models import Ticket


@dataclass(frozen=True, slots=True)
class Paused:
    """What one waiting took from the business clock; overlapping ones are one."""

    stop: rules.Stop
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks of a case from `start` to `end` (now, while it is open), and what they are made of."""

    start: dt.datetime
    end: dt.datetime
    is_open: bool
    clocks: Clocks
    days: Sequence[tuple[dt.date, dt.timedelta]]  # their sum is the business clock
    paused: Sequence[Paused]  # with net they sum to it
    parts: dict[Part, int]  # seconds, that sum to elapsed


def timing_of(session: Session, case: Case) -> Timing | None:
    """Measure a case until its completion, or until now; None where its branch has no opening hours."""
    branch = None if case.branch_id is None else session.get(Branch, case.branch_id)
    if branch is None or not branch.hours:
        return None
    calendar = calendar_of(session, branch, is_strict=False)
    end = case.resolved_at or clock.now()
    start = min(case.opened_at, end)
    pauses = pauses_of(session, case)
    spans = [(pause.from_at, _end_of(session, pause)) for pause in pauses]
    stops = rules.stops(spans, start, end, calendar)
    return Timing(
        start=start,
        end=end,
        is_open=case.resolved_at is None,
        clocks=clocks(start, end, calendar, spans),
        days=rules.open_days(start, end, calendar),
        paused=[Paused(stop, _reasons(pauses, spans, stop)) for stop in stops],
        parts=whole_seconds(parts_of(start, end, {**_spans(session, case), Part.WAITING_ON_CITIZEN: spans})),
    )


def pauses_of(session: Session, case: Case) -> list[CasePause]:
    """The times in which the office waited on the person, in order."""
    query = select(CasePause).where(CasePause.case_id == case.id).order_by(CasePause.from_at, CasePause.id)
    return list(session.scalars(query))


def _end_of(session: Session, pause: CasePause) -> dt.datetime | None:
    """When a pause ended, also where the clock's work has not come to write it down."""
    if pause.to_at is not None:
        return pause.to_at
    ask = session.scalars(select(CaseAsk).where(CaseAsk.pause_id == pause.id)).one_or_none()
    return ask.ends_at if ask is not None and ask.ends_at <= clock.now() else None


def _reasons(pauses: Sequence[CasePause], spans: Sequence[OpenSpan], stop: rules.Stop) -> tuple[str, ...]:
    inside = [
        pause.reason
        for pause, (start, end) in zip(pauses, spans, strict=True)
        if start < stop.end and (end is None or end > stop.start)
    ]
    return tuple(dict.fromkeys(inside))


def _spans(session: Session, case: Case) -> dict[Part, list[OpenSpan]]:
    """What the visits of a case claim of its time."""
    visits = session.scalars(select(Visit).where(Visit.case_id == case.id).order_by(Visit.started_at)).all()
    booked_at = _booked(session, visits)
    return claims_of(
        Stay(
            booked_at.get(visit.visit_no) if visit.source == LIVE else None,
            visit.started_at,
            visit.served_at,
            visit.ended_at,
        )
        for visit in visits
        if not visit.is_set_aside
    )


def _booked(session: Session, visits: Sequence[Visit]) -> dict[str, dt.datetime]:
    """When the appointments of these visits were booked, by the visit's number."""
    tickets = [int(visit.visit_no) for visit in visits if visit.source == LIVE and visit.visit_no.isdecimal()]
    query = select(Ticket.id, Appointment.booked_at).join(
        Appointment, Ticket.appointment_id == Appointment.id
    )
    rows = session.execute(query.where(Ticket.id.in_(tickets), Appointment.booked_at.is_not(None)))
    return {str(ticket_id): booked_at for ticket_id, booked_at in rows if booked_at is not None}
