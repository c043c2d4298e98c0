"""What is kept of each day says the same as counting all rows again, whatever happens to them."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.catalog.models import PublicService
from govdesk.db import reading, snapshot, transaction
from govdesk.kpi import checking, failing, flaws, repeats, service
from govdesk.kpi.facts import reading as reading_facts
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts import standing
from govdesk.kpi.facts.families import KEPT
from govdesk.kpi.facts.models import FactCell, FactMark, FactState
from govdesk.kpi.question import Question, Scope
from govdesk.people.models import Person
from tests.kpi_makers import make_visit, make_wait
from tests.makers import Cast, make_person, moment

KEYS = (
    "repeat_visit_rate",
    "waiting_time",
    "noshow_rate",
    "abandon_returns",
    "papers_missing",
    "returned_in_90_days",
    "shadow_repeat_rate",
    "repeat_staff_hours",
    "visits_per_matter",
)


@pytest.fixture
def september(cast: Cast) -> Cast:
    """People who came in September and came again; seen from 4 October."""
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        for day in ("08-20", "09-01", "09-02", "09-20", "10-01"):
            person = make_person(session)
            make_visit(session, day, person=person, outcome="unresolved", **at)
            make_wait(session, arrived="09:00", called="09:12", ended="09:30", day=day, **at)
            make_wait(session, arrived="09:05", ended="09:40", day=day, **at)
        reclassify_all(session)
    facts.rebuild()
    facts.add_up()
    return cast


def same() -> None:
    """The store is true for a moment, and says there what the rows say."""
    with snapshot() as session:
        assert standing.state(session) is not None
        assert list(checking.differences(session)) == []


def marked() -> set[tuple[str, str]]:
    with snapshot() as session:
        return {(mark.kind, mark.at) for mark in session.scalars(select(FactMark))}


def pages_read_the_same() -> None:
    """Flaws of records have no figure, and places and matters are crossed on one page only."""
    with snapshot() as session:
        state = session.scalars(select(FactState)).one()
        question = service.ask(session, as_of=state.as_of)
        for by in ((), ("branch",), ("month", "service")):
            kept = reading_facts.tallies(session, question, flaws.tally, [by])
            assert kept == flaws.tally(session, question, [by])
        level = reading_facts.level_of(KEPT[repeats.tally], question.scope, failing.WORDS, failing.COUNTED)
        assert level == ("branch", "service", "unit", "scenario")
        crossed = failing.cross(session, question, 5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading_facts, "tallies", _from_rows)
            assert crossed == failing.cross(session, question, 5)
        assert crossed.counts


def _from_rows(session: Session, question: Question, tally: Any, bys: Any, _fields: object) -> Any:
    return tally(session, question, bys)


def told(**asked: object) -> list[str]:
    question = service.ask(reading(), **asked)  # type: ignore[arg-type]
    found = service.figures(reading(), question, [(key, ("week",)) for key in KEYS])
    rows = service.figures(reading(), question, [(key, ("week",)) for key in KEYS], is_from_rows=True)
    assert [json.dumps(one.as_json()) for one in found] == [json.dumps(one.as_json()) for one in rows]
    return [json.dumps(one.as_json()) for one in found]


def test_days_weeks_and_months_are_kept(september: Cast) -> None:
    assert september.north.id
    spans = reading().scalars(select(FactCell.span).where(FactCell.family == "waits", FactCell.by == ""))
    assert sorted(spans) == ["day"] * 5 + ["month"] * 2 + ["week"] * 4
    same()


def test_what_changes_marks_its_day(september: Cast) -> None:
    with transaction() as session:
        make_wait(
            session, branch=september.north, service=september.renewal, arrived="10:00", called="10:20",
            ended="10:30", day="09-15",
        )  # fmt: skip
    assert ("visit", "2026-09-15") in marked()
    with clock.at(moment("09:05")):
        before = told()  # from the cells, and from the rows of that day
        facts.refresh()
        assert marked() == set()
        same()
        assert told() == before


def test_a_return_changes_the_day_of_the_first_visit(september: Cast) -> None:
    at: dict[str, Any] = {"branch": september.north, "service": september.renewal}
    with transaction() as session:
        everybody = select(Person).join(Visit, Visit.person_id == Person.id).order_by(Person.id)
        person = session.scalars(everybody).first()
        assert person is not None
        make_visit(session, "10-03", person=person, reason="chase", **at)
        first = session.scalars(select(Visit).where(Visit.person_id == person.id).order_by(Visit.id)).first()
        assert first is not None
        day = first.started_on.isoformat()
        reclassify_all(session)
    assert ("return", day) in marked()
    facts.refresh()
    same()


def test_a_longer_chain_of_tickets_changes_the_day_of_its_first(september: Cast) -> None:
    at: dict[str, Any] = {"branch": september.north, "service": september.renewal}
    with transaction() as session:
        first = session.scalars(select(Visit).order_by(Visit.id)).first()
        assert first is not None
        day = f"{first.started_on + dt.timedelta(days=1):%m-%d}"
        second = make_visit(session, day, person=None, transfer_of=first.visit_no, **at)
        third = make_visit(session, day, person=None, transfer_of=second.visit_no, **at)
    assert ("part", first.started_on.isoformat()) in marked()
    facts.refresh()
    pages_read_the_same()
    assert marked() == set()
    with transaction() as session:
        session.get_one(Visit, third.id).ended_at += dt.timedelta(minutes=3)
    assert ("part", first.started_on.isoformat()) in marked()
    facts.refresh()
    same()


def test_a_visit_for_anything_reaches_the_one_before(september: Cast) -> None:
    with transaction() as session:
        visits = session.scalars(select(Visit).where(Visit.person_id.is_not(None)).order_by(Visit.id)).all()
        one, person = visits[2], session.get_one(Person, visits[2].person_id)
        make_visit(session, "09-28", person=person, branch=september.north, service=september.passport)
        reclassify_all(session)
    assert {("soon", one.started_on.isoformat()), ("matter", one.started_on.isoformat())} <= marked()
    facts.refresh()
    same()


def test_a_matter_is_finished_by_time_alone(september: Cast) -> None:
    at: dict[str, Any] = {"branch": september.north, "service": september.renewal}
    with transaction() as session:
        person = make_person(session)
        for day in ("02-01", "02-25", "03-20", "04-15", "05-10", "06-05", "07-01", "07-28", "08-25", "09-20"):
            make_visit(session, day, person=person, reason="chase", **at)
        reclassify_all(session)
    facts.refresh()
    same()
    with clock.at(moment("09:00", dt.date(2026, 10, 21))):
        facts.refresh()
        same()
    with clock.at(moment("09:00", dt.date(2026, 10, 23))):
        facts.refresh()
        same()


def test_time_alone_makes_the_young_mature(september: Cast) -> None:
    assert september.north.id
    with clock.at(moment("09:00", dt.date(2026, 10, 20))):
        facts.refresh()
        same()


def test_another_catalog_is_counted_anew(september: Cast) -> None:
    with transaction() as session:
        session.get_one(PublicService, september.renewal.id).wait_target_minutes = 5
    with snapshot() as session:
        asked = service.ask(session)
        assert standing.as_of(session, asked.places) is None
        told()
    facts.refresh()
    same()


def test_who_sees_one_branch_reads_its_part(september: Cast) -> None:
    state = reading().scalars(select(FactState)).one()
    scope = Scope(branch_id=september.north.id)
    told(scope=scope, as_of=state.as_of, from_day=dt.date(2026, 9, 1), to_day=dt.date(2026, 9, 20))
    assert told(scope=Scope(frozenset()), as_of=state.as_of)


Act = Callable[[Session, Cast, dt.date, int], None]


def come(session: Session, cast: Cast, day: dt.date, number: int) -> None:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    branch = (cast.north, cast.harbour)[number % 2]
    make_visit(
        session, f"{day:%m-%d}", branch=branch, service=cast.renewal, person=people[number % len(people)],
        reason=("chase", None)[number % 2], outcome=("unresolved", "resolved")[number % 3 == 0],
    )  # fmt: skip


def leave(session: Session, cast: Cast, day: dt.date, number: int) -> None:
    make_wait(
        session, branch=cast.north, service=cast.renewal, arrived="09:00", ended=f"09:{number % 60:02}",
        day=f"{day:%m-%d}",
    )  # fmt: skip


def correct(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    visits[number % len(visits)].status = ("served", "turned_away", "abandoned")[number % 3]


def take_away(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    session.delete(visits[number % len(visits)])


def speak(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    people[number % len(people)].language = ("ar", "en")[number % 2]


def be_another(session: Session, _cast: Cast, _day: dt.date, number: int) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    people = session.scalars(select(Person).order_by(Person.id)).all()
    visits[number % len(visits)].person_id = people[number // 7 % len(people)].id


def pass_on(session: Session, cast: Cast, _day: dt.date, number: int) -> None:
    visits = session.scalars(select(Visit).order_by(Visit.id)).all()
    before = visits[number % len(visits)]
    make_visit(
        session, f"{before.started_on:%m-%d}", branch=cast.north, service=cast.passport,
        person=session.get(Person, before.person_id) if before.person_id and number % 3 else None,
        at=f"{11 + number % 9}:00", transfer_of=before.visit_no, minutes=5 + number % 20,
    )  # fmt: skip


ACTS: tuple[Act, ...] = (come, come, leave, correct, take_away, speak, be_another, pass_on)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(ACTS), st.dates(dt.date(2026, 8, 18), dt.date(2026, 10, 4)), st.integers(0, 99)
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_any_acts_leave_the_figures_of_the_rows(
    september: Cast, acts: list[tuple[Act, dt.date, int]]
) -> None:
    for act, day, number in acts:
        with transaction() as session:
            act(session, september, day, number)
            reclassify_all(session)
    facts.refresh()
    same()
