"""What asks for a hand in a hall is a row: it begins once, is seen by somebody, and ends when it is over."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.catalog.models import Counter
from govdesk.db import reading, transaction
from govdesk.errors import NotAllowedError, NotFoundError
from govdesk.outbox import OutboxEvent
from govdesk.queue import alerts, counters, holding, limits, seeing, service, wrapping
from govdesk.queue.hall_models import HallAlert
from govdesk.queue.models import Ticket
from govdesk.queue.thresholds import USUAL
from tests.makers import SUNDAY, Cast, make_appointment, make_slot, moment


@pytest.fixture
def busy(cast: Cast) -> Ticket:
    """Omar serves somebody since nine; one person waits for a renewal, for which the target is 15 minutes."""
    officer = cast.staff["omar"].actor
    with transaction() as session:
        counters.open_counter(session, actor=officer, counter_id=cast.north_1.id)
        first, second = (
            service.issue(session, actor=officer, branch=cast.north, service=cast.renewal) for _ in range(2)
        )
        service.call_next(session, actor=officer)
    assert first.state == "called"
    return second


def watch(*clock_times: str, day: dt.date = SUNDAY) -> list[int]:
    """How many alerts changed at each of these times."""
    changed = []
    for one in clock_times:
        with clock.at(moment(one, day)):
            changed.append(alerts.run_watch())
    reading().rollback()
    return changed


def rows() -> list[tuple[str, str, str | None]]:
    """Each alert: what, from when, until when."""
    found = reading().scalars(select(HallAlert).order_by(HallAlert.id))
    return [(one.kind, said(one.began_at), said(one.ended_at) if one.ended_at else None) for one in found]


def said(at: dt.datetime) -> str:
    return f"{at.astimezone(moment('09:00').tzinfo):%H:%M}"


def call(cast: Cast, at: str) -> None:
    """Omar is done with whoever is there and calls the next."""
    officer = cast.staff["omar"].actor
    with clock.at(moment(at)), transaction() as session:
        there = counters.ticket_at(session, cast.north_1.id)
        assert there is not None
        service.conclude(session, actor=officer, ticket_id=there.id, outcome="resolved")
        service.call_next(session, actor=officer)


def test_a_long_wait_is_one_alert_from_beyond_the_target_until_the_call(cast: Cast, busy: Ticket) -> None:
    assert watch("09:15", "09:16", "09:20") == [0, 1, 0]
    call(cast, "09:21")
    assert watch("09:21", "09:22") == [1, 0]
    assert rows() == [("late", "09:16", "09:21")]
    told = list(
        reading().execute(select(OutboxEvent.name, OutboxEvent.payload).order_by(OutboxEvent.id)).all()
    )
    assert [(name, payload["kind"]) for name, payload in told if name.startswith("alert.")] == [
        ("alert.began", "late"),
        ("alert.ended", "late"),
    ]


def test_an_alert_that_has_just_begun_stays_though_the_hall_is_calm(cast: Cast, busy: Ticket) -> None:
    watch("09:16")
    call(cast, "09:17")
    assert watch("09:17", "09:18") == [0, 1]


def test_people_without_anybody_to_call_them_are_an_alert_until_somebody_sits_there(
    cast: Cast, busy: Ticket
) -> None:
    with clock.at(moment("09:03")), transaction() as session:
        counters.pause_counter(session, actor=cast.staff["omar"].actor)
    assert watch("09:03") == [1]
    with clock.at(moment("09:06")), transaction() as session:
        counters.open_counter(session, actor=cast.staff["othman"].actor, counter_id=cast.north_2.id)
    assert watch("09:06", "09:08", "09:10") == [1, 0, 1]  # and now Othman does not call
    assert rows() == [("unserved", "09:03", "09:06"), ("idle", "09:10", None)]
    alert = alerts.lasting(reading(), cast.north.id)[0]
    assert (alert.counter_id, alert.service_id, alert.bound) == (cast.north_2.id, None, 3.0)


def test_a_counter_is_free_only_since_somebody_was_set_aside_there(cast: Cast, busy: Ticket) -> None:
    officer = cast.staff["omar"].actor
    there = reading().scalars(select(Ticket.id).where(Ticket.state == "called")).one()
    with clock.at(moment("09:01")), transaction() as session:
        service.start(session, actor=officer, ticket_id=there)
    with clock.at(moment("09:08")), transaction() as session:
        holding.hold(session, actor=officer, ticket_id=there)
    assert watch("09:09", "09:11", "09:12") == [0, 0, 1]


def test_who_finishes_notes_is_not_idle(cast: Cast, busy: Ticket) -> None:
    officer = cast.staff["omar"].actor
    with clock.at(moment("09:04")), transaction() as session:
        there = counters.ticket_at(session, cast.north_1.id)
        assert there is not None
        service.conclude(session, actor=officer, ticket_id=there.id, outcome="resolved")
        wrapping.begin(session, actor=officer)
    assert watch("09:09") == [0]


def test_notes_that_take_too_long_are_an_alert_until_the_next_call(cast: Cast, busy: Ticket) -> None:
    officer = cast.staff["omar"].actor
    with clock.at(moment("09:04")), transaction() as session:
        there = counters.ticket_at(session, cast.north_1.id)
        assert there is not None
        service.conclude(session, actor=officer, ticket_id=there.id, outcome="resolved")
        service.abandon(session, actor=officer, ticket_id=busy.id)  # so nobody waits any more
        wrapping.begin(session, actor=officer)
    assert watch("09:14", "09:15") == [0, 1]
    with transaction() as session:
        service.issue(session, actor=officer, branch=cast.north, service=cast.renewal)
    with clock.at(moment("09:18")), transaction() as session:
        service.call_next(session, actor=officer)
    assert watch("09:18") == [1]
    assert rows() == [("wrapping", "09:15", "09:18")]


def test_a_branch_may_allow_longer_notes(cast: Cast, busy: Ticket) -> None:
    officer = cast.staff["omar"].actor
    with clock.at(moment("09:04")), transaction() as session:
        there = counters.ticket_at(session, cast.north_1.id)
        assert there is not None
        service.conclude(session, actor=officer, ticket_id=there.id, outcome="resolved")
        wrapping.begin(session, actor=officer)
        wanted = dataclasses.replace(USUAL, wrap_up=30)
        for _ in range(2):
            limits.set_limits(session, actor=officer, branch=cast.north, wanted=wanted)
    assert limits.of(reading(), cast.harbour.id) == USUAL
    assert watch("09:15") == [0]
    acts = reading().scalars(select(AuditEntry.detail).where(AuditEntry.action == "branch.limits_set"))
    assert list(acts) == [{"wrap_up": [10, 30]}]


def test_an_appointment_that_nobody_could_serve_is_an_alert_before_its_time(cast: Cast) -> None:
    with transaction() as session:
        cast_1 = session.get_one(Counter, cast.north_1.id)
        cast_1.service_ids = [cast.passport.id]
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("10:00"))
        make_appointment(session, slot=slot)
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
    assert watch("09:30", "09:31") == [0, 1]
    with clock.at(moment("09:40")), transaction() as session:
        othman = cast.staff["othman"].actor
        counters.open_counter(session, actor=othman, counter_id=cast.north_2.id)
        counters.pause_counter(session, actor=othman)
    assert watch("09:40") == [1]  # on a break is there
    assert rows() == [("unmanned", "09:31", "09:40")]


def test_before_the_doors_open_nobody_has_to_sit_there(cast: Cast) -> None:
    with transaction() as session:
        slot = make_slot(session, branch=cast.north, service=cast.renewal, starts_at=moment("08:10"))
        make_appointment(session, slot=slot)
    assert watch("07:59", "08:00") == [0, 1]


def test_of_two_who_see_it_the_first_takes_care(cast: Cast, busy: Ticket) -> None:
    watch("09:16")
    sara, adam = cast.staff["sara"].actor, cast.staff["adam"].actor
    (open_,) = alerts.lasting(reading(), cast.north.id)
    for at, who in (("09:17", sara), ("09:18", adam)):
        with clock.at(moment(at)), transaction() as session:
            seeing.acknowledge(session, actor=who, branch=cast.north, kind="alerts", row_id=open_.id)
    seen = reading().get_one(HallAlert, open_.id, populate_existing=True)
    assert (seen.acknowledged_at, seen.acknowledged_by) == (moment("09:17"), cast.staff["sara"].id)
    assert seen.ended_at is None  # seeing it mends nothing
    acts = reading().scalars(select(AuditEntry.action).where(AuditEntry.action.like("alert.%")))
    assert list(acts) == ["alert.acknowledged"]


def test_only_who_answers_for_the_branch_takes_care(cast: Cast, busy: Ticket) -> None:
    watch("09:16")
    (open_,) = alerts.lasting(reading(), cast.north.id)
    with transaction() as session:
        for name in ("omar", "salim", "reem"):
            with pytest.raises(NotAllowedError):
                seeing.acknowledge(
                    session, actor=cast.staff[name].actor, branch=cast.north, kind="alerts", row_id=open_.id
                )
        with pytest.raises(NotFoundError):
            seeing.acknowledge(
                session, actor=cast.staff["salim"].actor, branch=cast.harbour, kind="alerts", row_id=open_.id
            )


def test_an_alert_of_long_ago_is_forgotten(cast: Cast, busy: Ticket) -> None:
    watch("09:16")
    call(cast, "09:21")
    watch("09:21")
    with transaction() as session:
        assert alerts.forget_old(session) == 0
    with clock.at(moment("09:22") + alerts.KEPT), transaction() as session:
        assert alerts.forget_old(session) == 1
