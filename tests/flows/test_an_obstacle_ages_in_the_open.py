"""Raised by anyone, answered for by management, higher when overdue, closed, and back when it is back."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import audit, clock
from govdesk.actor import VISITOR
from govdesk.cases.obstacles import escalating, listing, posters, service
from govdesk.cases.obstacles.models import Obstacle, ObstacleEvent
from govdesk.catalog.models import Branch
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.kpi import service as kpi
from govdesk.kpi.question import Scope
from govdesk.outbox import OutboxEvent
from govdesk.people.models import Staff
from tests.makers import SUNDAY, Cast, moment

DUE = dt.date(2026, 10, 18)


def raised(cast: Cast, by: str = "omar", at: str = "09:00") -> int:
    with clock.at(moment(at)), transaction() as session:
        return service.report(
            session,
            actor=cast.staff[by].actor,
            category="system",
            words="The scanner of counter 2 stops every hour.",
            branch=session.get_one(Branch, cast.north.id),
            links=[("cause", "system"), ("unit", "north/civil")],
        ).id


def row(obstacle_id: int) -> Obstacle:
    reading().rollback()
    return reading().get_one(Obstacle, obstacle_id)


def kinds(obstacle_id: int) -> list[str]:
    events = select(ObstacleEvent.kind).where(ObstacleEvent.obstacle_id == obstacle_id)
    return list(reading().scalars(events.order_by(ObstacleEvent.id)))


def escalate_at(day: dt.date, time: str) -> int:
    with clock.at(moment(time, day)):
        return escalating.run_escalate()


def test_it_goes_to_management_with_a_date(cast: Cast) -> None:
    obstacle = row(raised(cast))
    assert obstacle.assigned_to_id == cast.staff["sara"].id  # supervisor of the branch
    assert obstacle.due_on == DUE
    assert obstacle.codes("cause") == ["system"]
    names = set(reading().scalars(select(OutboxEvent.name)))
    assert "obstacle.raised" in names


def test_each_person_says_me_too_once_and_the_raiser_is_counted_already(cast: Cast) -> None:
    obstacle_id = raised(cast)
    for name, is_news in (("othman", True), ("othman", False), ("omar", False), ("hamad", True)):
        with transaction() as session:
            said = service.support(
                session, actor=cast.staff[name].actor, obstacle=service.found(session, obstacle_id)
            )
        assert said is is_news
    assert listing.lines(reading(), [row(obstacle_id)])[0].people == 3


def test_overdue_it_rises_in_working_hours_only_and_the_history_says_so(cast: Cast) -> None:
    obstacle_id = raised(cast)
    assert escalate_at(DUE, "10:00") == 0
    assert escalate_at(DUE + dt.timedelta(days=1), "07:00") == 0  # before it opens
    assert escalate_at(DUE + dt.timedelta(days=1), "10:00") == 1
    assert escalate_at(DUE + dt.timedelta(days=1), "11:00") == 0
    assert row(obstacle_id).escalated_to_id == cast.staff["huda"].id  # head of a department there
    assert escalate_at(DUE + dt.timedelta(days=8), "10:00") == 1
    assert row(obstacle_id).escalated_to_id == cast.staff["adam"].id
    assert kinds(obstacle_id) == ["raised", "linked", "escalated", "escalated"]


def test_a_date_moves_with_a_reason_and_only_management_moves_it(cast: Cast) -> None:
    obstacle_id = raised(cast)
    with transaction() as session:
        mine = service.found(session, obstacle_id)
        later = DUE + dt.timedelta(days=7)
        with pytest.raises(NotAllowedError):
            service.move(session, actor=cast.staff["omar"].actor, obstacle=mine, due_on=later, words="x")
        sara = cast.staff["sara"].actor
        with pytest.raises(DeskError):
            service.move(session, actor=sara, obstacle=mine, due_on=SUNDAY - dt.timedelta(days=1), words="x")
        service.move(session, actor=sara, obstacle=mine, due_on=later, words="The part is ordered.")
        with pytest.raises(NotAllowedError):  # of another branch
            service.close(
                session,
                actor=cast.staff["salim"].actor,
                obstacle=mine,
                what_changed="x",
                changed_on=SUNDAY,
            )
    assert row(obstacle_id).due_on == later
    assert kinds(obstacle_id)[-1] == "moved"


def test_it_is_closed_with_what_changed_and_anyone_opens_it_when_it_is_back(cast: Cast) -> None:
    obstacle_id = raised(cast)
    with clock.at(moment("10:00", dt.date(2026, 10, 6))), transaction() as session:
        service.close(
            session,
            actor=cast.staff["sara"].actor,
            obstacle=service.found(session, obstacle_id),
            what_changed="A new scanner.",
            changed_on=dt.date(2026, 10, 6),
        )
    with clock.at(moment("10:00", dt.date(2026, 10, 11))), transaction() as session:
        service.reopen(
            session,
            actor=cast.staff["hamad"].actor,
            obstacle=service.found(session, obstacle_id),
            words="It stops again.",
        )
    back = row(obstacle_id)
    assert (back.state, back.what_changed) == ("open", "A new scanner.")
    assert back.due_on == dt.date(2026, 10, 25)
    assert kinds(obstacle_id) == ["raised", "linked", "closed", "reopened"]
    with clock.at(moment("10:00", dt.date(2026, 10, 12))):
        audit.verify(reading())
        figure = kpi.figure(reading(), "obstacle_age")
        assert figure.total.value == pytest.approx(8 + 1 / 24)  # since it was first raised
        reading().rollback()
    as_of = moment("10:00", dt.date(2026, 10, 8))
    assert kpi.figure(reading(), "obstacles_open", as_of=as_of).total.value == 0.0
    before = moment("10:00", dt.date(2026, 10, 1))
    assert kpi.figure(reading(), "obstacles_open", as_of=before).total.value is None  # no data is not 0


def test_the_figures_stay_within_what_a_reader_may_see(cast: Cast) -> None:
    raised(cast)
    for name, seen in (("sara", 1.0), ("salim", None), ("huda", 1.0)):
        scope = Scope.of(cast.staff[name].actor)
        assert kpi.figure(reading(), "obstacles_open", scope=scope).total.value == seen
    by_week = kpi.figure(reading(), "obstacles_open", by=["week", "branch"]).rows
    assert [(one.group["branch"], one.value) for one in by_week] == [("north", 1.0)]


def test_the_poster_lets_anybody_of_the_branch_say_it_and_a_new_one_ends_the_old(cast: Cast) -> None:
    with transaction() as session:
        north = session.get_one(Branch, cast.north.id)
        with pytest.raises(NotAllowedError):
            posters.renew(session, actor=cast.staff["omar"].actor, branch=north)
        old = posters.renew(session, actor=cast.staff["sara"].actor, branch=north).token
    with transaction() as session:
        said = service.report(
            session,
            actor=VISITOR,
            category="premises",
            words="No light at the back door.",
            branch=posters.branch_of(session, old),
            name="M.",
        )
        assert (said.raised_by_id, said.raised_name, said.branch_id) == (None, "M.", cast.north.id)
        posters.renew(session, actor=cast.staff["sara"].actor, branch=session.get_one(Branch, cast.north.id))
        with pytest.raises(DeskError):
            posters.branch_of(session, old)


def test_it_is_given_to_management_only(cast: Cast) -> None:
    obstacle_id = raised(cast)
    with transaction() as session:
        mine, sara = service.found(session, obstacle_id), cast.staff["sara"].actor
        with pytest.raises(DeskError):
            service.assign(
                session, actor=sara, obstacle=mine, staff=session.get_one(Staff, cast.staff["omar"].id)
            )
        huda = session.get_one(Staff, cast.staff["huda"].id)
        service.assign(session, actor=sara, obstacle=mine, staff=huda, words="Hers.")
    assert row(obstacle_id).assigned_to_id == cast.staff["huda"].id
    assert listing.count_of(reading(), cast.staff["huda"].actor) == 1
