"""What is kept of cases says the same as all their rows, whatever happens and however time goes by."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.file_models import CaseAct, CaseAsk, CaseDesk
from govdesk.cases.models import Case, CasePause, Visit
from govdesk.db import reading, snapshot, transaction
from govdesk.kpi import checking, service
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.families import KEPT
from govdesk.kpi.facts.models import FactCell, FactMark
from tests.flows.exchange_files import bring, written
from tests.kpi_makers import make_case, make_visit
from tests.makers import MORNING, Cast, moment

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
KEYS = ("time_to_resolution", "sla_attainment", "elapsed_parts", "staff_minutes_per_case")
FILE = """
    case_no,service,unit,opened_at,resolved_at,due_at,withdrawn_on,reopened_at
    A1,renewal,north,2026-09-03T09:00:00,2026-09-05T10:30:00.250,2026-09-10T09:00:00,,
    A2,renewal,north,2026-09-03T11:00:00,,2026-09-20T09:00:00,,
    A3,renewal,harbour,2026-09-07T11:00:00,,2026-09-08T09:00:00,2026-09-09,
    A4,renewal,harbour,2026-09-28T11:00:00,2026-09-30T12:00:00,,,
"""


@pytest.fixture
def opened(cast: Cast) -> Cast:
    """Cases of all kinds that were opened in September; seen from 4 October, nine o'clock."""
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        for number, days in enumerate((0.1, 3.25, 3.25, 8, None, None)):
            since = f"2026-09-{8 + number:02}T09:00:00.{number}+03:00"
            case = make_case(session, days=days, due=26.1 - number, opened=since, **at)
            session.add(CaseDesk(case_id=case.id, policy_version=number % 2))
        make_case(session, days=-1, **at)
        make_case(session, days=None, withdrawn_on=dt.date(2026, 9, 20), due=3, **at)
        make_case(session, days=None, observed_until=MORNING - 3 * DAY, due=3, **at)
        make_case(session, days=None, due=30, opened="2026-09-16T09:00:00+03:00", branch_id=None, **at)
        for number, case in enumerate(session.scalars(select(Case).order_by(Case.id)).all()):
            for day, minutes in (("09-08", 7), ("09-11", 12.5), ("09-17", 30 - 5 * number)):
                make_visit(session, day, person=None, case_id=case.id, minutes=minutes, at="08:50", **at)
    facts.rebuild()
    return cast


def same() -> None:
    """The store is true for a moment, and says there what the rows say, in every breakdown."""
    with snapshot() as session:
        assert standing.state(session) is not None
        assert list(checking.differences(session)) == []


def told() -> None:
    """What is told now, without counting again, is what the rows say now; and it comes from the cells."""
    with snapshot() as session:
        question = service.ask(session)
        for tally, family in KEPT.items():
            if tally in {service.COUNTING[key].tally for key in KEYS}:
                assert standing.changed_days(session, question, family) is not None
        wanted = [(key, by) for key in KEYS for by in ((), ("week",), ("branch",), ("unit",))]
        kept = service.figures(session, question, wanted)
        rows = service.figures(session, question, wanted, is_from_rows=True)
    assert [json.dumps(one.as_json()) for one in kept] == [json.dumps(one.as_json()) for one in rows]


def changing() -> list[dt.date]:
    query = select(FactCell.starts_on).where(FactCell.changes_at.is_not(None)).distinct()
    return sorted(reading().scalars(query.order_by(FactCell.starts_on)))


def test_every_breakdown_is_that_of_the_rows(opened: Cast) -> None:
    assert opened.north.id
    same()


def test_the_open_grow_older_and_overdue_without_being_counted_again(opened: Cast) -> None:
    assert opened.north.id
    for hours in (1, 2, 5, 9, 13):
        with clock.at(MORNING + hours * HOUR):
            told()
    with clock.at(MORNING + 9 * DAY):
        facts.refresh()
        same()


def test_what_is_written_ahead_counts_from_its_moment(opened: Cast) -> None:
    ahead, tomorrow = MORNING + 2 * HOUR, dt.date(2026, 10, 5)
    with transaction() as session:
        cases = session.scalars(select(Case).order_by(Case.id)).all()
        cases[4].resolved_at = ahead
        cases[3].reopened_at, cases[3].first_resolved_at = ahead + HOUR, cases[3].resolved_at
        cases[3].resolved_at = None
        cases[5].first_response_at = ahead
        visit = session.scalars(select(Visit).where(Visit.case_id == cases[1].id).order_by(Visit.id)).first()
        assert visit is not None
        visit.ended_at = ahead
        make_case(
            session, branch=opened.north, service=opened.renewal, days=None, observed_until=ahead + HOUR,
            opened="2026-09-25T09:00:00+03:00", due=9.2,
        )  # fmt: skip
        make_case(
            session, branch=opened.north, service=opened.renewal, days=None, withdrawn_on=tomorrow,
            opened="2026-09-26T09:00:00+03:00",
        )  # fmt: skip
    facts.refresh()
    assert changing() == [dt.date(2026, 9, day) for day in (9, 11, 12, 13, 19, 25, 26)]
    for hours in (1, 2, 2.5, 3, 3.5):
        with clock.at(MORNING + hours * HOUR):
            told()
    with clock.at(MORNING + 4 * HOUR):
        facts.refresh()
        told()
        assert changing() == [dt.date(2026, 9, 26)]
    with clock.at(MORNING + DAY):
        facts.refresh()
        told()
        assert changing() == []


def test_a_case_resolved_today_marks_the_day_it_was_opened(opened: Cast) -> None:
    with transaction() as session:
        case = session.scalars(select(Case).where(Case.resolved_at.is_(None)).order_by(Case.id)).first()
        assert case is not None
        case.resolved_at = MORNING
        at = f"{case.opened_at:%Y-%m-%d %H:%M}"
    with snapshot() as session:
        marks = {(mark.kind, mark.at, mark.branch_id) for mark in session.scalars(select(FactMark))}
    assert ("case", at, opened.north.id) in marks
    with clock.at(moment("09:10")):
        told()
        facts.refresh()
        same()


def test_a_file_of_cases_is_counted(opened: Cast, tmp_path: Path) -> None:
    assert opened.north.id
    bring(written(tmp_path, FILE, "cases.csv"), "cases")
    with clock.at(moment("09:10")):
        told()
        facts.refresh()
        same()


def test_a_case_first_resolved_before_it_was_opened_is_set_aside(opened: Cast) -> None:
    def counted() -> tuple[int, int]:
        with snapshot() as session:
            row = service.figures(session, service.ask(session), [("time_to_resolution", ())])[0].total
        return row.n, row.detail["set_aside"]

    n, aside = counted()
    with transaction() as session:
        case = make_case(session, branch=opened.north, service=opened.renewal, days=None)
        case.first_resolved_at, case.reopened_at = case.opened_at - DAY, case.opened_at + DAY
        case.resolved_at = case.opened_at + 2 * DAY
    facts.refresh()
    assert counted() == (n + 1, aside + 1)
    same()


Act = Callable[[Session, Cast, Case, dt.datetime, int], None]


def open_one(session: Session, cast: Cast, _case: Case, at: dt.datetime, number: int) -> None:
    make_case(
        session, branch=(cast.north, cast.harbour)[number % 2], service=cast.renewal, days=None,
        due=(None, 3, 30)[number % 3], opened=at.isoformat(),
    )  # fmt: skip


def resolve(_session: Session, _cast: Cast, case: Case, at: dt.datetime, _number: int) -> None:
    case.first_resolved_at = case.first_resolved_at or at
    case.resolved_at = at


def reopen(_session: Session, _cast: Cast, case: Case, at: dt.datetime, _number: int) -> None:
    case.first_resolved_at, case.resolved_at = case.first_resolved_at or case.resolved_at, None
    case.reopened_at = at


def answer(_session: Session, _cast: Cast, case: Case, at: dt.datetime, _number: int) -> None:
    case.first_response_at = at


def pause(session: Session, _cast: Cast, case: Case, at: dt.datetime, number: int) -> None:
    session.add(
        CasePause(
            case_id=case.id, from_at=at, to_at=at + number * HOUR if number % 3 else None, reason="asked"
        )
    )


def withdraw(_session: Session, _cast: Cast, case: Case, at: dt.datetime, _number: int) -> None:
    case.withdrawn_on = at.date()


def end_watching(_session: Session, _cast: Cast, case: Case, at: dt.datetime, number: int) -> None:
    case.observed_until = (at, None)[number % 2]


def promise(_session: Session, _cast: Cast, case: Case, at: dt.datetime, _number: int) -> None:
    case.due_at = at


def pass_on(session: Session, cast: Cast, case: Case, _at: dt.datetime, number: int) -> None:
    case.branch_id = (cast.north.id, cast.harbour.id, None)[number % 3]
    desk = session.get(CaseDesk, case.id)
    if desk is not None:
        desk.policy_version = number


def come(session: Session, cast: Cast, case: Case, at: dt.datetime, number: int) -> None:
    make_visit(
        session, f"{at:%m-%d}", branch=cast.north, service=cast.renewal, person=None, case_id=case.id,
        at=f"{at:%H:%M}", minutes=number / 7,
    )  # fmt: skip


def correct(session: Session, _cast: Cast, case: Case, _at: dt.datetime, number: int) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    visit = visits[number % len(visits)]
    visit.ended_at = visit.started_at + (number - 9) * HOUR / 60
    visit.case_id = (case.id, visit.case_id, None)[number % 3]


def ask(session: Session, _cast: Cast, case: Case, at: dt.datetime, number: int) -> None:
    asked = CasePause(case_id=case.id, from_at=at, to_at=None, reason="asked")
    act = CaseAct(case_id=case.id, anchor="", at=at, kind="asked", actor="omar")
    session.add_all([asked, act])
    session.flush()
    session.add(
        CaseAsk(
            act_id=act.id,
            pause_id=asked.id,
            token=f"{asked.id}",
            language="ar",
            asked="?",
            ends_at=at + number * HOUR,
        )
    )


def take_away(session: Session, _cast: Cast, case: Case, _at: dt.datetime, _number: int) -> None:
    """Remove a case; what was done in it stays and goes to another, as where two are made one."""
    acts = session.scalars(_acts_of(case)).all()
    other = session.scalars(select(Case).where(Case.id != case.id).order_by(Case.id)).first()
    if acts and other is None:
        return
    for act in acts:
        act.case_id = other.id if other else case.id
    for row in (session.get(CaseDesk, case.id), *session.scalars(_asks_of(case))):
        if row is not None:
            session.delete(row)
            session.flush()
    for visit in session.scalars(select(Visit).where(Visit.case_id == case.id).order_by(Visit.id)):
        visit.case_id = None
    session.flush()
    session.delete(case)


def _asks_of(case: Case) -> Select[CaseAsk]:
    of_case = CasePause.case_id == case.id
    return (
        select(CaseAsk).join(CasePause, CasePause.id == CaseAsk.pause_id).where(of_case).order_by(CaseAsk.id)
    )


def _acts_of(case: Case) -> Select[CaseAct]:
    return select(CaseAct).where(CaseAct.case_id == case.id).order_by(CaseAct.id)


ACTS: tuple[Act, ...] = (
    open_one, resolve, resolve, reopen, answer, pause, ask, withdraw, end_watching, promise, pass_on, come,
    correct, take_away,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(acts=[(ask, 48, 0), (take_away, 0, 0)], hours=0)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 40 * 24), st.integers(0, 99)), min_size=1, max_size=8
    ),
    hours=st.integers(0, 14),
)
def test_any_acts_leave_the_figures_of_the_rows(
    opened: Cast, acts: list[tuple[Act, int, int]], hours: int
) -> None:
    for act, length, number in acts:
        with transaction() as session:
            cases = session.scalars(select(Case).order_by(Case.id)).all()
            case = cases[number % len(cases)]
            at = max(dt.datetime(2026, 8, 30, 6, tzinfo=dt.UTC) + length * HOUR, case.opened_at)
            act(session, opened, case, at, number)
    with clock.at(MORNING + hours * HOUR / 10):
        facts.refresh()
        same()
    with clock.at(MORNING + hours * HOUR):
        told()
