"""A skill that has ended is used no more: not silently, not as if nothing were asked, not a day early."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.people.models import Staff
from govdesk.queue import counters, service, skills
from govdesk.queue.dispatch_models import WorkProfile
from govdesk.queue.skills import SkillError
from tests.flows import office_days as day
from tests.makers import SUNDAY, Cast

LAST = SUNDAY + dt.timedelta(days=3)


def grant(cast: Cast, until: dict[int, dt.date | None]) -> None:
    with clock.at(day.when(0, "07:00")), transaction() as session:
        skills.grant(
            session,
            actor=cast.staff["sara"].actor,
            staff=session.get_one(Staff, cast.staff["omar"].id),
            branch=session.get_one(Branch, cast.north.id),
            services=until,
            languages=(),
        )


def served() -> list[int]:
    reading().rollback()
    found = reading().scalars(select(WorkProfile.service_ids)).one()
    reading().rollback()
    return found


def test_on_its_last_day_a_skill_holds_and_the_day_after_it_does_not(cast: Cast) -> None:
    grant(cast, {cast.renewal.id: LAST, cast.passport.id: None})
    day.arrive(cast, 3, "09:00", cast.nora)
    day.arrive(cast, 3, "09:01", cast.raj)
    with clock.at(day.when(3, "08:00")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    first = day.call(cast, 3, "09:10")
    day.act(cast, 3, "09:11", "start", first)
    day.act(cast, 3, "09:20", "conclude", first, outcome="resolved")
    with clock.at(day.when(4, "00:01")), transaction() as session:
        assert skills.end_due(session) == 1
    with clock.at(day.when(4, "00:02")), transaction() as session:
        assert service.call_next(session, actor=cast.staff["omar"].actor) is None
        assert [skill.service_id for skill in skills.ended(session, cast.north.id)] == [cast.renewal.id]
        assert skills.end_due(session) == 0
    assert served() == [cast.passport.id]


def test_whose_every_skill_has_ended_serves_nothing_not_everything(cast: Cast) -> None:
    grant(cast, {cast.renewal.id: LAST})
    with clock.at(day.when(5, "08:00")), transaction() as session:  # no job has run meanwhile
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    day.arrive(cast, 5, "09:00", cast.nora)
    with clock.at(day.when(5, "09:05")), transaction() as session:
        assert service.call_next(session, actor=cast.staff["omar"].actor) is None
    assert served() == [skills.NO_SERVICE]
    ends = reading().scalars(select(AuditEntry).where(AuditEntry.action == "skill.ended")).all()
    assert [entry.subject for entry in ends] == [f"staff:{cast.staff['omar'].id}"]


def test_a_renewed_skill_is_used_again(cast: Cast) -> None:
    grant(cast, {cast.renewal.id: LAST})
    with clock.at(day.when(5, "08:00")), transaction() as session:
        skills.end_due(session)
        skills.grant(
            session,
            actor=cast.staff["sara"].actor,
            staff=session.get_one(Staff, cast.staff["omar"].id),
            branch=session.get_one(Branch, cast.north.id),
            services={cast.renewal.id: SUNDAY + dt.timedelta(days=400)},
            languages=(),
        )
        assert skills.ending(session, [cast.north.id]) == []
    assert served() == [cast.renewal.id]


def test_a_warning_comes_before_the_end(cast: Cast) -> None:
    grant(cast, {cast.renewal.id: SUNDAY + dt.timedelta(days=40)})
    for days, count in ((0, 0), (15, 1), (41, 1), (80, 0)):
        with clock.at(day.when(days, "12:00")):
            assert len(skills.ending(reading(), [cast.north.id])) == count, days
            assert len(skills.ending(reading(), staff_id=cast.staff["omar"].id)) == count
            assert skills.ending(reading(), [cast.harbour.id]) == []


def test_a_day_that_is_over_is_refused_and_none_at_all_is_all(cast: Cast) -> None:
    with pytest.raises(SkillError):
        grant(cast, {cast.renewal.id: SUNDAY - dt.timedelta(days=1)})
    grant(cast, {})
    assert served() == []
