"""Whoever had an end in a period may be drawn, once, by the last of their ends: the unhappy above all."""

import datetime as dt

from govdesk.cases.file_models import CaseAct
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.feedback.asking import frames
from govdesk.feedback.asking.frames import Someone
from govdesk.feedback.asking.periods import Period
from tests.kpi_makers import make_case, make_visit
from tests.makers import Cast, make_person, moment

SEPTEMBER = Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30))


def found(department_id: int | None = None) -> dict[int, Someone]:
    reading().rollback()
    people = frames.people(reading(), SEPTEMBER, department_id=department_id)
    assert [one.person_id for one in people] == sorted({one.person_id for one in people})
    return {one.person_id: one for one in people}


def test_the_last_end_of_the_period_counts(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        for day, status in (("09-03", "served"), ("09-20", "abandoned"), ("10-02", "served")):
            make_visit(session, day, branch=north, service=renewal, person=cast.nora, status=status,
                       channel="kiosk")  # fmt: skip
        make_visit(session, "08-31", branch=north, service=renewal, person=cast.raj)
        make_visit(session, "09-30", branch=north, service=renewal, person=cast.vera, status="no_show",
                   outcome=None)  # fmt: skip
    people = found()
    assert set(people) == {cast.nora.id, cast.vera.id}
    assert (people[cast.nora.id].occasion, people[cast.nora.id].stratum) == ("left", "renewal/kiosk")
    assert (people[cast.vera.id].occasion, people[cast.vera.id].stratum) == ("noshow", "renewal/unknown")


def test_what_is_no_end_of_ours_does_not_count(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        make_visit(session, "09-03", person=cast.nora, source="old-office", branch=north, service=renewal)
        make_visit(session, "09-03", person=cast.raj, status="cancelled", branch=north, service=renewal)
        make_visit(session, "09-03", person=cast.vera, direction="outbound", branch=north, service=renewal)
        make_visit(session, "09-03", person=None, branch=north, service=renewal)
    assert found() == {}


def test_a_programme_of_a_department_asks_its_own_people(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        deed = session.get_one(PublicService, cast.deed.id)
        make_visit(session, "09-03", branch=north, service=renewal, person=cast.nora)
        make_visit(session, "09-05", branch=north, service=deed, person=cast.nora)
        make_visit(session, "09-03", branch=north, service=deed, person=cast.raj)
    assert {one: each.stratum for one, each in found(cast.civil.id).items()} == {
        cast.nora.id: "renewal/unknown"
    }
    assert set(found(cast.lands.id)) == {cast.nora.id, cast.raj.id}


def test_who_is_known_twice_is_one(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        again = make_person(session, same_as_id=cast.nora.id)
        make_visit(session, "09-03", branch=north, service=renewal, person=cast.nora)
        make_visit(session, "09-09", branch=north, service=renewal, person=again, status="turned_away")
    assert {one: each.occasion for one, each in found().items()} == {cast.nora.id: "turned_away"}


def test_who_was_helped_without_coming_had_an_end_too(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        renewal = session.get_one(PublicService, cast.renewal.id)
        at = moment("12:00", dt.date(2026, 9, 13))
        for person, kind in ((cast.nora, "resolved"), (cast.raj, "noted")):
            case = make_case(
                session, branch=north, service=renewal, days=12, source="live", person_id=person.id
            )
            session.add(CaseAct(case_id=case.id, anchor="1", kind=kind, actor="staff:1", at=at))
    people = found()
    assert {one: each.occasion for one, each in people.items()} == {cast.nora.id: "resolved_away"}
    assert people[cast.nora.id].outcome == "resolved"
