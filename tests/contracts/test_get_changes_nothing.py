"""Whoever looks changes nothing: everyone fetches every address, and the tables stay as they were."""

import datetime as dt
import importlib.metadata
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking.models import Appointment
from govdesk.booking.waiting_models import WaitingEntry
from govdesk.cases import service as visits
from govdesk.cases.models import Case
from govdesk.cases.work import asking
from govdesk.catalog import guides, scenarios
from govdesk.catalog.entries import Name
from govdesk.catalog.guide_entries import AnswerEntry, QuestionEntry
from govdesk.catalog.models import PublicService
from govdesk.db import Base, db, reading, transaction
from govdesk.people.models import PersonContact
from govdesk.queue.models import Ticket, TicketEvent
from tests.desk import Desk
from tests.makers import (
    MORNING,
    SUNDAY,
    Cast,
    make_appointment,
    make_questionnaire,
    make_schedule,
    make_slot,
    make_ticket,
    open_counter,
)

# bookkeeping of who tried what when, of jobs and of sign-ins: no act of anybody
BOOKKEEPING = {"alembic_version", "attempt", "given_answer", "job_lease", "job_run", "staff_session"}
PEOPLE = ("", "reem", "omar", "sara", "huda", "adam", "aziz")
WELL = {200, 204, 302, 303, 304, 308, 401, 403, 404, 405, 410, 422}


@pytest.fixture
def full(cast: Cast) -> dict[str, list[object]]:
    """A day with something of everything, and values for what addresses ask for."""
    with transaction() as session:
        make_schedule(session, branch=cast.north, service=cast.renewal)
        slot = make_slot(session, branch=cast.north, service=cast.renewal, capacity=3)
        booked = make_appointment(session, slot=slot, person=cast.nora)
        today = make_slot(
            session, branch=cast.north, service=cast.renewal, starts_at=MORNING + dt.timedelta(minutes=30)
        )
        make_appointment(session, slot=today, person=cast.raj)
        waiting = make_ticket(session, branch=cast.north, service=cast.renewal, person=cast.vera)
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        serving = make_ticket(
            session, branch=cast.north, service=cast.passport, person=cast.nora, state="serving",
            counter_id=cast.north_1.id, staff_id=cast.staff["omar"].id, called_at=clock.now(),
            started_at=clock.now(),
        )  # fmt: skip
        for ticket in (waiting, serving):
            event = TicketEvent(ticket_id=ticket.id, at=clock.now(), kind="issued", actor="system", detail={})
            session.add(event)
        entry = WaitingEntry(
            reference="WAITING", link_token="waits-there", service_id=cast.renewal.id, person_id=cast.vera.id,
            branch_ids=[cast.north.id], first_on=SUNDAY, last_on=SUNDAY, language="ar", state="waiting",
            joined_at=clock.now(),
        )  # fmt: skip
        session.add(entry)
        foresee(session, cast.renewal)
        case, asked = make_case(session, cast)
        asking_by = make_questionnaire(session, department=cast.civil)
    return {
        "token": [booked.link_token, waiting.token, serving.token, "waits-there", asked, "nonsense"],
        "case_id": [case, 999_999],
        "reference": [booked.reference, "NONSENSE"],
        "branch": [cast.north.code, "nowhere"],
        "service": [cast.renewal.code, "nothing"],
        "code": [cast.renewal.code, "papers", "nothing"],
        "key": ["repeat_visit_rate", "time_to_resolution", "nothing", "booked", "overall", "visit"],
        "questionnaire_id": [asking_by.id],
        "version": [1, 9],
        "channel": ["sms", "email"],
        "scenario": ["lost", "nothing"],
        "question": ["q1", "nothing"],
        "paper": ["report", "nothing"],
        "number": [importlib.metadata.version("plotly"), "0"],
        "language": ["en", "xx"],
        "filename": ["tokens.css"],
        "": [1, cast.north.id, waiting.id, serving.id, 999_999],  # whatever else: some id
    }


def make_case(session: Session, cast: Cast) -> tuple[int, str]:
    """A case whose person was asked something: its id, and the secret of the person's link."""
    contact = session.get_one(PersonContact, cast.vera.id)
    contact.phone = "+966501234567"
    with clock.at(MORNING - dt.timedelta(days=3)):
        came = make_ticket(
            session, branch=cast.north, service=cast.deed, person=cast.vera, state="served",
            outcome="unresolved", started_at=clock.now(), ended_at=clock.now() + dt.timedelta(minutes=5),
        )  # fmt: skip
    visits.record_ticket(session, {"ticket_id": came.id})
    case_id = session.scalars(select(Case.id)).one()
    asked = asking.ask(
        session, actor=cast.staff["omar"].actor, case_id=case_id, reason="papers", asked="Which?",
        until=SUNDAY + dt.timedelta(days=3),
    )  # fmt: skip
    return case_id, asked.token


def foresee(session: Session, service: PublicService) -> None:
    """A guide of one question, one scenario and one paper."""
    lost = scenarios.describe_scenario(
        session, actor=SYSTEM, service=service, code="lost", name_ar="ضياع", name_en="Lost", action="bring"
    )
    scenarios.describe_paper(
        session, actor=SYSTEM, scenario=lost, code="report", name_ar="بلاغ", name_en="Report"
    )
    answer = AnswerEntry("a1", Name("نعم", "Yes"), scenario="lost")
    entry = QuestionEntry("q1", Name("ماذا حدث؟", "What happened?"), answers=(answer,))
    guides.describe_question(session, actor=SYSTEM, service=service, entry=entry)


@pytest.mark.parametrize("username", PEOPLE, ids=lambda name: name or "a stranger")
def test_fetching_every_address_changes_no_table(
    app: Flask, full: dict[str, list[object]], username: str, sign_in: Callable[[str], Desk]
) -> None:
    desk = sign_in(username) if username else Desk(app)
    before = digest()
    for path in addresses(app, full):
        page = desk.get(path)
        assert page.status in WELL, f"{path}: {page.status}"
    assert digest() == before


def test_the_digest_sees_a_change(full: dict[str, list[object]]) -> None:
    before = digest()
    with transaction() as session:
        session.scalars(select(Appointment).limit(1)).one().sequence += 1
    assert digest() != before
    with transaction() as session:
        assert session.scalars(select(Ticket).limit(1)).one().state


def addresses(app: Flask, values: dict[str, list[object]]) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    with app.test_request_context():
        return sorted({path for rule in rules for path in filled(app, rule, values)})


def filled(app: Flask, rule: Rule, values: dict[str, list[object]]) -> list[str]:
    names = sorted(rule.arguments)
    if not names:
        return [app.url_for(rule.endpoint)] if not rule.defaults else []
    choices = {name: foreseen(rule, name) or values.get(name, values[""]) for name in names}
    most = max(len(chosen) for chosen in choices.values())
    sets: list[dict[str, Any]] = [{name: pick(choices[name], turn) for name in names} for turn in range(most)]
    return [app.url_for(rule.endpoint, **chosen) for chosen in sets]


def foreseen(rule: Rule, name: str) -> list[object]:
    """The values that the address itself lists for a part of it; none where any value will do."""
    converter = rule._converters[name]
    return [*sorted(converter.items)] if isinstance(converter, AnyConverter) else []


def pick(choices: list[object], turn: int) -> object:
    return choices[min(turn, len(choices) - 1)]


def digest() -> dict[str, list[str]]:
    """Every row of every table that is not bookkeeping."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in BOOKKEEPING:
            found[table.name] = sorted(repr(row) for row in reading().execute(select(table)).all())
    db.session.rollback()
    return found
