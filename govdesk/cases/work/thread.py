"""The need of one person over time: what the case file shows, in the order in which it happened."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk.booking.models import Appointment
from govdesk.cases.episodes import LIVE
from govdesk.cases.file_models import CaseAct, CaseAsk
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.work import telling
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario, ScenarioPaper
from govdesk.notify.models import Message
from govdesk.people.models import Staff
from govdesk.queue.models import MissingPaper, Ticket


@dataclass(frozen=True, slots=True)
class Attended:
    """A visit with its ticket, where one was made here, its foreseen reason, and the papers it lacked."""

    visit: Visit
    ticket: Ticket | None
    scenario: Scenario | None
    missing: tuple[ScenarioPaper, ...]
    step: NextStep | None


@dataclass(frozen=True, slots=True)
class Done:
    """An act of the case's own history: by whom, to whom, and what was asked and answered."""

    act: CaseAct
    by: Staff | None
    to: Staff | None
    ask: CaseAsk | None


@dataclass(frozen=True, slots=True)
class Knot:
    """One thing that happened: at a moment, of a kind (booked, visit, message, act, …), and what it was."""

    at: dt.datetime
    kind: str
    thing: object


def thread_of(session: Session, case: Case) -> list[Knot]:
    """Everything that happened in a case, the oldest first; at one moment, in the order of the kinds."""
    visits = session.scalars(
        select(Visit).where(Visit.case_id == case.id).order_by(Visit.started_at, Visit.id)
    ).all()
    numbers = [int(visit.visit_no) for visit in visits if visit.source == LIVE and visit.visit_no.isdecimal()]
    tickets = {one.id: one for one in session.scalars(select(Ticket).where(Ticket.id.in_(numbers)))}
    booked = _appointments(session, case, list(tickets.values()))
    done = list(_acts(session, case))
    knots = [Knot(one.booked_at or one.starts_at, "booked", one) for one in booked]
    knots += [Knot(visit.started_at, "visit", _attended(session, visit, tickets)) for visit in visits]
    knots += [Knot(one.act.at, "act", one) for one in done]
    abouts = [f"appointment:{one.id}" for one in booked] + [f"ticket:{one}" for one in tickets]
    abouts += [telling.about(one.ask) for one in done if one.ask is not None]
    abouts += [f"case_act:{one.act.id}" for one in done]
    letters = session.scalars(select(Message).where(Message.about.in_(abouts)).order_by(Message.id))
    knots += [Knot(one.ended_at or one.due_at, "message", one) for one in letters if one.state != "dropped"]
    return sorted(knots, key=lambda knot: knot.at)


def _appointments(session: Session, case: Case, tickets: Sequence[Ticket]) -> list[Appointment]:
    """What was booked for this need while it lasted, and what its visits came with."""
    came_with = [one.appointment_id for one in tickets if one.appointment_id is not None]
    family = select(PublicService.id).where(PublicService.family == case.family)
    theirs = Appointment.person_id == case.person_id
    during = theirs & Appointment.service_id.in_(family) & (Appointment.booked_at >= case.opened_at)
    if case.resolved_at is not None:
        during &= Appointment.booked_at <= case.resolved_at
    query = select(Appointment).where(or_(Appointment.id.in_(came_with), during), Appointment.state != "held")
    return list(session.scalars(query.order_by(Appointment.booked_at, Appointment.id)))


def _attended(session: Session, visit: Visit, tickets: dict[int, Ticket]) -> Attended:
    ticket = tickets.get(int(visit.visit_no)) if visit.visit_no.isdecimal() else None
    lacked = select(ScenarioPaper).join(MissingPaper, MissingPaper.paper_id == ScenarioPaper.id)
    missing = session.scalars(lacked.where(MissingPaper.ticket_id == ticket.id)).all() if ticket else ()
    scenario = None if visit.scenario_id is None else session.get(Scenario, visit.scenario_id)
    step = session.scalars(select(NextStep).where(NextStep.visit_id == visit.id)).first()
    return Attended(visit, ticket if visit.source == LIVE else None, scenario, tuple(missing), step)


def _acts(session: Session, case: Case) -> Iterator[Done]:
    acts = session.scalars(
        select(CaseAct).where(CaseAct.case_id == case.id).order_by(CaseAct.at, CaseAct.id)
    ).all()
    asks = {
        one.act_id: one
        for one in session.scalars(select(CaseAsk).where(CaseAsk.act_id.in_([act.id for act in acts])))
    }
    last = None
    for act in acts:
        last = asks.get(act.id, last)
        kind, _, number = act.actor.partition(":")
        by = session.get(Staff, int(number)) if kind == "staff" and number.isdecimal() else None
        to = None if act.owner_id is None else session.get(Staff, act.owner_id)
        yield Done(act, by, to, last if act.kind in {"asked", "answered", "ask_ended"} else None)
