"""Whatever happens to cases and in whatever order it is heard: told from nothing, they say the same."""

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.file_models import CaseAct, CaseDesk
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.service import reclassify, reclassify_all
from govdesk.cases.work import acting
from govdesk.db import transaction
from tests.makers import RIYADH, Cast
from tests.tampering import unguarded

FIRST = dt.datetime(2025, 3, 2, 9, 0, tzinfo=RIYADH)
KINDS = ("assigned", "handed_over", "noted", "resolved", "reopened", "raised")
happenings = st.lists(
    st.tuples(
        st.sampled_from(("visit", "visit", "act", "act", "take_back", "move")),
        st.integers(0, 1),  # which person
        st.integers(0, 90),  # on which day
        st.sampled_from(KINDS),
        st.sampled_from(("resolved", "unresolved", "planned_next_step")),
    ),
    max_size=14,
)


def test_cases_with_a_history_are_told_from_nothing_as_they_were_kept(cast: Cast) -> None:
    people = [cast.nora.id, cast.raj.id]

    @settings(deadline=None, max_examples=60)
    @given(happenings)
    def hold(told: list[tuple[str, int, int, str, str]]) -> None:
        with transaction() as session:
            with unguarded(session):
                for table in (CaseAct, CaseDesk, NextStep, Visit, Case):
                    session.execute(delete(table))
            session.expire_all()
            acts = 0
            for number, one in enumerate(told):
                acts += happen(session, cast, people, number, *one)
            kept = state(session)
            assert len(kept["acts"]) == acts  # none is lost
            assert reclassify_all(session) == 0
            assert state(session) == kept
            for case in session.scalars(select(Case)):
                case.resolved_at = case.first_resolved_at = case.reopened_at = case.first_response_at = None
            session.execute(delete(CaseDesk))
            session.expunge_all()
            reclassify_all(session)
            assert state(session) == kept

    hold()


def happen(
    session: Session, cast: Cast, people: list[int], number: int, what: str, who: int, on: int, kind: str,
    outcome: str,
) -> int:  # fmt: skip
    """One thing that happens; how many acts it has added."""
    moment = FIRST + dt.timedelta(days=on, minutes=number)
    visits = session.scalars(select(Visit).where(Visit.person_id == people[who]).order_by(Visit.id)).all()
    if what == "visit":
        session.add(visit(cast, people[who], str(number), moment, outcome))
    elif what == "act":
        cases = session.scalars(select(Case).where(Case.person_id == people[who]).order_by(Case.id)).all()
        if not cases:
            return 0
        staff_id = cast.staff["omar"].id if kind == "assigned" else None
        with clock.at(moment):
            actor = cast.staff["omar"].actor
            acting.act(
                session, cases[on % len(cases)], actor, kind, owner_id=staff_id, rung=2 * (kind == "raised")
            )
        return 1
    elif visits and what == "take_back":
        gone = visits[on % len(visits)]
        for row in session.scalars(select(Visit)):
            row.index_visit_id = row.charged_visit_id = row.repeat_visit_id = None
        session.flush()
        session.delete(gone)
    elif visits:
        visits[on % len(visits)].person_id = people[1 - who]
    session.flush()
    reclassify(session, people)
    return 0


def visit(cast: Cast, person_id: int, number: str, moment: dt.datetime, outcome: str) -> Visit:
    ended = moment + dt.timedelta(minutes=20)
    return Visit(
        source="live", visit_no=number, person_id=person_id, service_id=cast.renewal.id,
        branch_id=cast.north.id, family="renewal", unit="north/civil", status="served", direction="inbound",
        outcome=outcome, arrived_at=moment, started_at=moment, served_at=moment + dt.timedelta(minutes=5),
        ended_at=ended, started_on=moment.date(), ended_on=ended.date(), class_name="", by_hand=[],
    )  # fmt: skip


def state(session: Session) -> dict[str, list[Any]]:
    """What the tables say, without the numbers of rows."""
    session.flush()
    moments = (
        Case.opened_at,
        Case.first_response_at,
        Case.first_resolved_at,
        Case.resolved_at,
        Case.reopened_at,
    )
    cases = select(Case.case_no, Case.person_id, *moments, CaseDesk.owner_id, CaseDesk.rung)
    return {
        "cases": sorted(map(str, session.execute(cases.join(CaseDesk, CaseDesk.case_id == Case.id)))),
        "acts": sorted(
            map(str, session.execute(select(CaseAct.id, Case.case_no).join(Case, Case.id == CaseAct.case_id)))
        ),
        "visits": sorted(
            map(str, session.execute(select(Visit.visit_no, Visit.class_name, Case.case_no).outerjoin(Case)))
        ),
    }
