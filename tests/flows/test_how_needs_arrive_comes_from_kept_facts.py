"""What is kept of tickets, bookings and the guide says the same as counting all their rows again."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.models import Appointment
from govdesk.catalog.scenario_models import AvoidedVisit, Scenario
from govdesk.db import reading, snapshot, transaction
from govdesk.kpi import checking, service
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.models import FactCell, FactMark
from govdesk.kpi.question import Scope
from govdesk.people.models import Person
from govdesk.queue.models import Ticket
from tests.makers import Cast, make_appointment, make_person, make_slot, make_ticket, moment

DAY = dt.timedelta(days=1)
BYS = ((), ("branch",), ("service",), ("kind",), ("language",), ("week",), ("department", "month"))
Act = Callable[[Session, Cast, dt.date, int], None]


def take(session: Session, cast: Cast, day: dt.date, number: int) -> None:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    at = moment("09:30", day)
    make_ticket(
        session, branch=(cast.north, cast.harbour)[number % 2], service=cast.renewal, day=day,
        person=(*people, None)[number % (len(people) + 1)], state=("served", "undone")[number % 7 == 0],
        is_remote=number % 3 == 0, arrived_at=at, callable_at=at, order_at=at, ended_at=at,
    )  # fmt: skip


def book(session: Session, cast: Cast, day: dt.date, number: int) -> None:
    at = moment("23:30", day)
    others = len(session.scalars(select(Appointment).order_by(Appointment.id)).all())
    starts_at = at + 3 * DAY + others * dt.timedelta(seconds=1)
    slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=starts_at)
    make_appointment(
        session, slot=slot, person=make_person(session), booked_at=(at, None)[number % 5 == 0],
        channel=("web", "phone")[number % 2],
    )  # fmt: skip


def stay(session: Session, cast: Cast, day: dt.date, _number: int) -> None:
    scenario = session.scalars(select(Scenario).order_by(Scenario.id)).first()
    if scenario is None:
        scenario = Scenario(
            service_id=cast.renewal.id,
            code="lost",
            position=1,
            name_ar="فقد",
            name_en="Lost",
            action="online",
        )
        session.add(scenario)
        session.flush()
    session.add(
        AvoidedVisit(
            noted_at=moment("11:00", day), day=day, service_id=cast.renewal.id, scenario_id=scenario.id,
            kind="online",
        )
    )  # fmt: skip


def change(session: Session, cast: Cast, day: dt.date, number: int) -> None:
    tickets = session.scalars(select(Ticket).order_by(Ticket.id)).all()
    booked = session.scalars(select(Appointment).order_by(Appointment.id)).all()
    if number % 2:
        ticket = tickets[number % len(tickets)]
        ticket.day, ticket.is_remote = day, not ticket.is_remote
    elif number % 3 == 0:
        ticket = tickets[number % len(tickets)]
        ticket.state = ("served", "undone")[ticket.state == "served"]
    else:
        one = booked[number % len(booked)]
        one.booked_at, one.branch_id = moment("12:00", day), cast.harbour.id


def remove(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    table = (Ticket, Appointment, AvoidedVisit)[number % 3]
    rows = session.scalars(select(table).order_by(table.id)).all()
    if len(rows) > 1:
        session.delete(rows[number % len(rows)])


def speak(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    one = people[number % len(people)]
    one.kind, one.language = ("citizen", "company")[number % 2], ("ar", "en")[number % 2]


@pytest.fixture
def reached(cast: Cast) -> Cast:
    """Needs that reached us in September, on every way; seen from 4 October."""
    with transaction() as session:
        for number, act in enumerate((take, take, take, book, book, stay, take, book, stay)):
            act(session, cast, dt.date(2026, 9, 3 + 3 * number), number)
    facts.rebuild()
    facts.add_up()
    return cast


def same() -> None:
    with snapshot() as session:
        assert standing.state(session) is not None
        assert list(checking.differences(session)) == []


def told(scope: Scope) -> None:
    """Now, without counting again, the cells and the changed days say what the rows say."""
    wanted = [("digital_share", by) for by in BYS]
    with snapshot() as session:
        question = service.ask(session, scope=scope)
        kept = service.figures(session, question, wanted)
        rows = service.figures(session, question, wanted, is_from_rows=True)
    assert [one.as_json() for one in kept] == [one.as_json() for one in rows]


def later() -> None:
    """Some seconds later the changed days are read from rows, and then counted again."""
    with snapshot() as session:
        state = standing.state(session)
        assert state is not None
        assert state.as_of is not None
        soon = state.as_of + dt.timedelta(seconds=3)
    with clock.at(soon):
        told(Scope())
        facts.refresh()
        same()


def test_a_call_marks_nothing_and_what_is_undone_its_day(reached: Cast) -> None:
    marks = select(FactMark.kind, FactMark.at).order_by(FactMark.id)
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.state == "served").order_by(Ticket.id)).all()[0]
        ticket.state, ticket.called_at = "waiting", None
    assert reading().execute(marks).all() == []
    with transaction() as session:
        session.get_one(Ticket, ticket.id).state = "undone"
    assert set(reading().execute(marks)) == {("ticket", f"{ticket.day}")}
    later()


def test_days_of_all_ways_are_kept(reached: Cast) -> None:
    query = select(FactCell.starts_on).where(FactCell.family == "digital", FactCell.by == "")
    assert len(reading().scalars(query.where(FactCell.span == "day")).all()) >= 8
    same()
    for scope in (Scope(), Scope(branch_id=reached.north.id), Scope(frozenset({(reached.north.id, None)}))):
        told(scope)
    told(Scope(service_id=reached.renewal.id))
    told(Scope(frozenset()))


ACTS: tuple[Act, ...] = (take, book, stay, change, remove, speak)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(ACTS), st.dates(dt.date(2026, 8, 18), dt.date(2026, 10, 4)), st.integers(0, 99)
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_any_acts_leave_the_figures_of_the_rows(reached: Cast, acts: list[tuple[Act, dt.date, int]]) -> None:
    for act, day, number in acts:
        with transaction() as session:
            act(session, reached, day, number)
    later()
