"""Of promises, complaints, recoveries and silent ones cells say what rows say, also when time goes on."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import chance, clock
from govdesk.cases.commitments.models import Commitment, CommitmentEvent
from govdesk.cases.models import Visit
from govdesk.cases.recovery.models import Recovery
from govdesk.cases.silent.models import SilentOne
from govdesk.db import reading, snapshot, transaction
from govdesk.feedback.complaints.models import Complaint, ComplaintRound
from govdesk.kpi import checking, service
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.models import FactMark
from govdesk.kpi.figures import Figure
from govdesk.kpi.question import Scope
from govdesk.people.models import Person
from tests.kpi_makers import make_visit
from tests.makers import SUNDAY, Cast, moment

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
KEYS = ("commitments_kept", "complaints_in_time", "recovered_in_time", "silent_need_help")
WANTED = [
    (key, by) for key in KEYS for by in ((), ("day",), ("week",), ("branch",), ("service",), ("family",))
]
NOON = moment("12:00")


@pytest.fixture
def office(cast: Cast) -> Cast:
    """Two of each: one whose end is over, one that is due this afternoon; and a promise for next week."""
    with transaction() as session:
        for number, due_at in enumerate((NOON - DAY, NOON + 2 * HOUR)):
            promise(session, cast, number, due_at=due_at)
            complain(session, cast, number, due_at=due_at)
            fail(session, cast, number, due_at=due_at)
            be_silent(session, cast, number)
        promise(session, cast, 2, due_at=NOON + 8 * DAY)
    with clock.at(NOON):
        facts.rebuild()
    return cast


def same() -> None:
    with snapshot() as session:
        assert standing.state(session) is not None
        assert list(checking.differences(session)) == []


def told(at: dt.datetime, **asked: Any) -> list[Figure]:
    """The figures as of a moment, from the cells and the same from the rows."""
    reading().rollback()
    question = service.ask(reading(), as_of=at, **asked)
    found = service.figures(reading(), question, WANTED)
    assert found == service.figures(reading(), question, WANTED, is_from_rows=True)
    return found


def marked() -> set[tuple[str, str]]:
    with snapshot() as session:
        return {(mark.kind, mark.at) for mark in session.scalars(select(FactMark))}


def test_what_falls_due_is_told_when_it_is_due_and_not_before(office: Cast) -> None:
    assert office.north.id
    before, after = told(NOON + HOUR), told(NOON + 3 * HOUR)
    whole = [place for place, (_key, by) in enumerate(WANTED) if by == ()]
    assert [before[place].total.open for place in whole] == [2, 1, 1, 2]
    assert [after[place].total.open for place in whole] == [1, 0, 0, 2]
    with clock.at(NOON + 3 * HOUR):
        facts.refresh()
        same()
    with clock.at(NOON + 9 * DAY):
        facts.refresh()
        same()
        assert told(NOON + 9 * DAY)[whole[0]].total.open == 0


def test_a_promise_for_next_week_is_told_today(office: Cast) -> None:
    assert office.north.id
    next_week = SUNDAY + 8 * DAY
    assert told(NOON, from_day=next_week, to_day=next_week)[0].total.open == 1
    assert told(NOON + HOUR, scope=Scope(branch_id=office.north.id))
    same()


def test_a_moved_promise_marks_the_day_it_had_and_the_day_it_has(office: Cast) -> None:
    assert office.north.id
    with transaction() as session:
        one = session.scalars(select(Commitment).order_by(Commitment.id.desc())).first()
        assert one is not None
        add(session, one, "moved", NOON + HOUR, due_at=NOON + 10 * DAY)
    days = {str((NOON + days * DAY).date()) for days in (8, 10)}
    assert {("commitment", day) for day in days} <= marked()
    told(NOON + 2 * HOUR)


Act = Callable[[Session, Cast, int], None]


def promise(session: Session, cast: Cast, number: int, *, due_at: dt.datetime | None = None) -> None:
    at = NOON - (1 + number % 20) * DAY
    until = due_at or at + number % 9 * DAY
    one = Commitment(
        person_id=(cast.nora.id, cast.raj.id)[number % 2], service_id=cast.renewal.id,
        branch_id=cast.north.id, unit=("north/civil", "north/lands")[number % 2], language="ar",
        origin="case", what="x", made_at=at, made_by_id=cast.staff["omar"].id,
        owner_id=cast.staff["omar"].id, due_on=until.date(), due_at=until,
        state="open",
    )  # fmt: skip
    session.add(one)
    session.flush()
    add(session, one, "made", at, due_at=until)


def add(
    session: Session, one: Commitment, kind: str, at: dt.datetime, due_at: dt.datetime | None = None
) -> None:
    due_on = due_at.date() if due_at is not None else None
    session.add(
        CommitmentEvent(
            commitment_id=one.id, at=at, kind=kind, actor="system", due_on=due_on, due_at=due_at, detail={}
        )
    )
    session.flush()


def settle_promise(session: Session, _cast: Cast, number: int) -> None:
    one = any_of(session, Commitment, number)
    kind = ("kept", "done", "moved", "reminded")[number % 4]
    due_at = NOON + number % 7 * DAY if kind == "moved" else None
    add(session, one, kind, NOON - number % 5 * HOUR, due_at=due_at)


def hand_over(session: Session, cast: Cast, number: int) -> None:
    for model in (Commitment, Complaint, Recovery):
        any_of(session, model, number).branch_id = (cast.harbour.id, cast.north.id)[number % 2]


def complain(session: Session, cast: Cast, number: int, *, due_at: dt.datetime | None = None) -> None:
    at = NOON - (2 + number % 20) * DAY
    one = Complaint(
        number=chance.code(9), token=chance.token(), channel="web", branch_id=cast.north.id,
        is_place_known=True, service_id=(cast.renewal.id, None)[number % 2], about="wait", words="x",
        wished="", language="ar", taken_by="visitor", state="received", received_at=at,
    )  # fmt: skip
    session.add(one)
    session.flush()
    until = due_at or at + number % 9 * DAY
    session.add(
        ComplaintRound(
            complaint_id=one.id, level=1, begun_at=at, acknowledge_due_at=at + DAY, answer_due_at=until
        )
    )
    session.flush()


def answer(session: Session, _cast: Cast, number: int) -> None:
    one = any_of(session, ComplaintRound, number)
    one.answered_at, one.verdict = NOON - number % 5 * DAY, ("justified", None)[number % 2]


def withdraw(session: Session, _cast: Cast, number: int) -> None:
    any_of(session, Complaint, number).state = "withdrawn"


def fail(session: Session, cast: Cast, number: int, *, due_at: dt.datetime | None = None) -> None:
    at = NOON - (2 + number % 20) * DAY
    until = due_at or at + number % 9 * DAY
    session.add(
        Recovery(
            token=chance.token(), person_id=(cast.nora.id, cast.raj.id)[number % 2], need=chance.code(8),
            service_id=cast.renewal.id, branch_id=cast.north.id, language="ar", opened_at=at, due_at=until,
            first_due_at=until,
        )
    )  # fmt: skip
    session.flush()


def recover(session: Session, _cast: Cast, number: int) -> None:
    one = any_of(session, Recovery, number)
    one.closed_at, one.closed_by = NOON - number % 5 * DAY, ("link", "unreached", "forgotten")[number % 3]


def be_silent(session: Session, cast: Cast, number: int) -> None:
    visit = make_visit(
        session, f"{SUNDAY - (30 + number % 20) * DAY:%m-%d}", branch=cast.north, service=cast.renewal,
        person=cast.nora,
    )  # fmt: skip
    session.add(
        SilentOne(
            token=chance.token(), visit_id=visit.id, person_id=cast.nora.id, branch_id=cast.north.id,
            service_id=cast.renewal.id, reason="unresolved", language="ar", found_at=NOON - 2 * DAY,
            asked_at=NOON - DAY, state="waiting",
        )
    )  # fmt: skip
    session.flush()


def speak(session: Session, _cast: Cast, number: int) -> None:
    one = any_of(session, SilentOne, number)
    one.answered_at, one.answer = NOON - HOUR, ("yes", "no")[number % 2]


def be_forgotten(session: Session, _cast: Cast, number: int) -> None:
    session.delete(any_of(session, (SilentOne, Recovery, ComplaintRound)[number % 3], number))


def correct(session: Session, _cast: Cast, number: int) -> None:
    one = any_of(session, SilentOne, number)
    session.get_one(Visit, one.visit_id).ended_on += DAY


def be_another(session: Session, cast: Cast, number: int) -> None:
    session.get_one(Person, cast.nora.id).kind = ("citizen", "visitor")[number % 2]


def any_of(session: Session, model: Any, number: int) -> Any:
    rows = session.scalars(select(model).order_by(model.id)).all()
    return rows[number % len(rows)]


ACTS: tuple[Act, ...] = (
    promise, settle_promise, hand_over, complain, answer, withdraw, fail, recover, be_silent, speak, correct,
    be_another,
)  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), min_size=1, max_size=8))
def test_any_acts_leave_the_figures_of_the_rows(office: Cast, acts: list[tuple[Act, int]]) -> None:
    for act, number in acts:
        with transaction() as session:
            act(session, office, number)
    reading().rollback()
    own = standing.state(reading())
    assert own is not None
    assert own.as_of is not None
    later = own.as_of + dt.timedelta(minutes=1)
    told(later)  # cells, and the rows of what is marked
    with clock.at(later):
        facts.refresh()
        same()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_forgotten_leaves_the_figures(office: Cast, number: int) -> None:
    with transaction() as session:
        be_forgotten(session, office, number)
    told(NOON + HOUR)
    with clock.at(NOON + HOUR):
        facts.refresh()
        same()
