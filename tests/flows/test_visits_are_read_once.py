"""Families of facts that read visits together say what each says alone, visit by visit."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, snapshot, transaction
from govdesk.kpi import visits as visits_read
from govdesk.kpi.facts import building, packing
from govdesk.kpi.facts import service as facts
from govdesk.kpi.facts.families import Family, Gather
from govdesk.kpi.facts.models import FactCell
from govdesk.kpi.question import Question
from tests.kpi_makers import make_visit
from tests.makers import Cast, make_branch, make_person, make_service

DAYS = [dt.date(2026, 9, day) for day in range(1, 15)]
FAMILIES = [family for family in facts.NAMED.values() if family.reading is not None]

_a_visit = st.fixed_dictionaries(
    {
        "day": st.sampled_from(DAYS),
        "who": st.sampled_from([None, 0, 1, 2]),
        "branch": st.sampled_from([0, 1]),
        "service": st.sampled_from([0, 1, 2]),
        "status": st.sampled_from(
            ["served", "served", "abandoned", "turned_away", "no_show", "closed_unserved", "cancelled"]
        ),
        "outcome": st.sampled_from(["resolved", "unresolved"]),
        "waited": st.sampled_from([None, 0, 7, 45]),  # minutes
        "direction": st.sampled_from(["inbound", "inbound", "inbound", "outbound"]),
        "linked_by": st.sampled_from(["identity", "contact"]),
        "cause": st.sampled_from([None, "papers"]),
        "source": st.sampled_from(["live", "old"]),
        "channel": st.sampled_from([None, "web"]),
        "priority": st.sampled_from([None, "elderly"]),
        "quoted_high": st.sampled_from([None, 20.0]),
    }
)


@pytest.fixture
def places(cast: Cast) -> dict[str, list[Any]]:
    """Two branches on different clocks, and services with the same and with other windows."""
    with transaction() as session:
        far = make_branch(session, "far", timezone="Europe/London")
        lost = make_service(session, "lost", department=cast.civil, branches=(cast.north, far))
        people = [make_person(session, kind=kind) for kind in ("citizen", "resident", "citizen")]
        short = make_service(session, "short", department=cast.lands, branches=(cast.north,), window_days=5)
        branches, services = [cast.north, far], [cast.renewal, lost, short]
        return {"branches": branches, "services": services, "people": people}


def told(cells: list[building.Cell], family: Family) -> dict[Any, Any]:
    """What cells say, whatever order their parts are in."""
    return {
        (cell.by, cell.piece): (dict(packing.unpack(cell.data).tallies(family.make)), cell.changes_at)
        for cell in cells
    }


def make(places: dict[str, list[Any]], visits: list[dict[str, Any]]) -> Question:
    with transaction() as session:
        session.execute(delete(Visit))
        for place, drawn in enumerate(visits):
            one = {**drawn}
            who, waited = one.pop("who"), one.pop("waited")
            branch, service = places["branches"][one.pop("branch")], places["services"][one.pop("service")]
            person = None if who is None else places["people"][who]
            made = make_visit(
                session, f"{one.pop('day'):%m-%d}", branch=branch, service=service, person=person,
                at=f"{8 + place % 6:02}:10", **one,
            )  # fmt: skip
            if waited is not None:
                made.arrived_at = made.started_at
                made.called_at = made.started_at + dt.timedelta(minutes=waited)
        reclassify_all(session)
    return facts.question_at(dt.datetime(2026, 9, 30, 9, tzinfo=dt.UTC))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    visits=st.lists(_a_visit, min_size=1, max_size=14),
    days=st.lists(st.sets(st.sampled_from(DAYS), max_size=6), min_size=len(FAMILIES), max_size=len(FAMILIES)),
)
@pytest.mark.hypothesis
def test_together_they_say_what_each_says_alone(
    places: dict[str, list[Any]], visits: list[dict[str, Any]], days: list[set[dt.date]]
) -> None:
    question = make(places, visits)
    wanted = dict(zip(FAMILIES, days, strict=True))
    with snapshot() as session:
        together = dict(building.count_together(session, question, wanted))
        assert together.keys() == wanted.keys()
        for family, cells in together.items():
            alone = replace(family, gather=one_by_one(family))
            expected = list(building.count(session, question, alone, wanted[family]))
            assert told(cells, family) == told(expected, family), family.name


def one_by_one(family: Family) -> Gather:
    """The pass of a family that counts each visit by itself, alike or not."""
    own = family.reading
    assert own is not None

    def read(*asked: Any) -> visits_read.Reading:
        return replace(own(*asked), is_alike=False)

    return lambda session, question, bys: visits_read.gather(session, question, bys, read)


def test_a_day_is_kept_of_each_family_that_wants_it(places: dict[str, list[Any]]) -> None:
    one = {
        "who": 0, "branch": 0, "service": 0, "status": "served", "outcome": "resolved", "waited": 7,
        "direction": "inbound", "linked_by": "identity", "cause": None, "source": "live", "channel": None,
        "priority": None, "quoted_high": 20.0,
    }  # fmt: skip
    question = make(places, [{**one, "day": DAYS[0]}, {**one, "day": DAYS[1], "who": 1}])
    named = facts.NAMED
    wanted = {named["waits"]: [DAYS[0]], named["repeats"]: DAYS[:2], named["guide"]: []}
    with snapshot() as session:
        found = dict(building.count_together(session, question, wanted))
    assert {family.name: {cell.piece.starts_on for cell in cells} for family, cells in found.items()} == {
        "waits": {DAYS[0]}, "repeats": {DAYS[0], DAYS[1]}, "guide": set(),
    }  # fmt: skip
    whole = next(cell for cell in found[named["waits"]] if cell.by == ())
    assert packing.unpack(whole.data).tallies(named["waits"].make)[()].kept == 1


def test_a_rebuild_leaves_nothing_behind(places: dict[str, list[Any]]) -> None:
    one = {"who": 0, "branch": 0, "service": 0, "waited": 7, "day": DAYS[0], "status": "served"}
    make(places, [one])
    facts.rebuild()
    with transaction() as session:
        known = session.execute(select(FactCell.family, FactCell.by, FactCell.span, FactCell.starts_on)).all()
        row = {"by": "", "data": b"", "changes_at": None}
        session.execute(
            insert(FactCell),
            [
                {**row, "family": "forgotten", "span": "day", "starts_on": DAYS[0]},
                {**row, "family": "waits", "span": "day", "starts_on": DAYS[0] - dt.timedelta(days=900)},
                {**row, "family": "waits", "span": "month", "starts_on": dt.date(2020, 2, 1)},
                {**row, "family": "waits", "by": "of old", "span": "day", "starts_on": DAYS[0]},
            ],
        )
    facts.rebuild()
    again = reading().execute(select(FactCell.family, FactCell.by, FactCell.span, FactCell.starts_on))
    assert sorted(map(tuple, again)) == sorted(map(tuple, known))
