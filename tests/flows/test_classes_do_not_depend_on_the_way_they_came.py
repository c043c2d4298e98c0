"""Whatever is added or changed in whatever order: classes kept up to date equal those from nothing."""

import datetime as dt
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.classifying import UNCLASSIFIED, classify_new, reclassify
from govdesk.cases.file_models import CaseDesk
from govdesk.cases.models import Case, NextStep, Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.cases.records import RESULTS, table_of, together
from govdesk.db import db, transaction
from tests.fuzz import examples
from tests.makers import Cast, make_person, make_service

START = dt.datetime(2026, 1, 4, 6, 0, tzinfo=dt.UTC)
PEOPLE = 3
visits = st.fixed_dictionaries(
    {
        "person": st.integers(0, PEOPLE),  # the last is nobody
        "service": st.integers(0, 1),
        "object_ref": st.sampled_from([None, None, "car-1", "car-2"]),
        "case_no": st.sampled_from([None, None, "17"]),
        "status": st.sampled_from(["served", "served", "served", "turned_away", "no_show", "abandoned"]),
        "direction": st.sampled_from(["inbound", "inbound", "inbound", "outbound"]),
        "reason": st.sampled_from([None, None, "chase", "recall"]),
        "outcome": st.sampled_from(["resolved", "unresolved"]),
        "hours": st.integers(0, 24 * 60),
        "minutes": st.integers(-10, 90),
        "transfer_of": st.one_of(st.none(), st.none(), st.integers(0, 9)),
        "plan_days": st.one_of(st.none(), st.integers(-5, 40)),
        "withdrawn_days": st.one_of(st.none(), st.none(), st.integers(-2, 40)),
        "source": st.sampled_from(["live", "live", "import"]),
    },
)
acts = st.lists(st.tuples(st.integers(0, 9), visits), min_size=1, max_size=14)


def row_of(
    number: int, told: dict[str, Any], cast: Cast, people: list[int], services: list[Any]
) -> dict[str, Any]:
    started = START + dt.timedelta(hours=told["hours"])
    ended = started + dt.timedelta(minutes=told["minutes"])
    service = services[told["service"]]
    planned = told["plan_days"] is not None
    origin = told["transfer_of"]
    names = ("object_ref", "case_no", "status", "direction", "reason", "outcome", "source")
    withdrawn = told["withdrawn_days"]
    return {
        **{name: told[name] for name in names},
        "visit_no": str(number),
        "person_id": people[told["person"]] if told["person"] < PEOPLE else None,
        "service_id": service.id,
        "branch_id": (cast.north if number % 2 else cast.harbour).id,
        "family": service.family,
        "unit": f"unit-{number}",
        "started_at": started,
        "ended_at": ended,
        "started_on": clock.local_day(started, "Asia/Riyadh"),
        "ended_on": clock.local_day(ended, "Asia/Riyadh"),
        "transfer_of": None if origin is None else str(origin),
        "plan_made_at": started - dt.timedelta(hours=30) if planned else None,
        "plan_due": started.date() - dt.timedelta(days=told["plan_days"]) if planned else None,
        "plan_reason": "instalment" if planned else None,
        "withdrawn_on": started.date() + dt.timedelta(days=withdrawn) if withdrawn is not None else None,
        "class_name": UNCLASSIFIED,
    }


def put(session: Session, row: dict[str, Any]) -> None:
    """Add a visit or tell it anew, then bring up to date what hangs on it, as services and imports do."""
    known = session.scalars(
        select(Visit).where(Visit.source == row["source"], Visit.visit_no == row["visit_no"])
    ).one_or_none()
    before: set[int] = set()
    alone: set[int] = set()
    if known is None:
        session.execute(insert(table_of(Visit)), [row])
    else:
        people = {known.person_id} - {None}
        for other in together(session, [one for one in people if one is not None], [known.id]).values():
            (alone if other.person_id is None else before).add(other.person_id or other.id)
        session.execute(update(Visit), [{"id": known.id, **row}])
    list(classify_new(session))
    reclassify(session, before, alone)


def state(session: Session) -> tuple[list[Any], list[Any]]:
    visits_now = session.execute(
        select(Visit.source, Visit.visit_no, Case.case_no, *(getattr(Visit, name) for name in RESULTS))
        .outerjoin(Case, Visit.case_id == Case.id)
        .order_by(Visit.id)
    ).all()
    told = (
        Case.case_no,
        Case.opened_at,
        Case.resolved_at,
        Case.reopened_at,
        Case.first_resolved_at,
        Case.person_id,
    )
    return list(visits_now), list(session.execute(select(*told).order_by(Case.case_no)).all())


@pytest.mark.hypothesis
def test_classes_kept_up_to_date_equal_those_from_nothing(cast: Cast) -> None:
    with transaction() as session:
        people = [make_person(session).id for _ in range(PEOPLE)]
        recurring = make_service(session, "aid", department=cast.civil, branches=(cast.north,))
        recurring.policies[0].cycle_days = 20
        session.flush()
        services = [cast.renewal, recurring]

    # no shrinking: an example of fourteen acts is told in full, and making it smaller takes minutes
    @settings(
        max_examples=examples(200),
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(acts)
    def hold(told: list[tuple[int, dict[str, Any]]]) -> None:
        with transaction() as session:
            for table in (NextStep, CaseDesk, Visit, Case):
                session.execute(delete(table))
            for number, visit in told:
                put(session, row_of(number, visit, cast, people, services))
            kept = state(session)
            assert reclassify_all(session) == 0
            assert state(session) == kept
            session.execute(update(Visit).values(case_id=None))
            session.execute(delete(CaseDesk))
            session.execute(delete(Case))
            session.execute(
                update(Visit).values(dict.fromkeys(RESULTS, None) | {"class_name": "", "is_excluded": True})
            )
            session.expunge_all()
            assert reclassify_all(session) == len(kept[0])
            assert state(session) == kept

    hold()
    db.session.rollback()
