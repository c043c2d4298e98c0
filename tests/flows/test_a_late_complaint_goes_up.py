"""A complaint whose deadline is near or over goes up, once for each deadline, while its unit is open."""

import datetime as dt

import pytest
from sqlalchemy import select

from govdesk import audit, clock
from govdesk.actor import VISITOR
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.feedback.complaints import finding, raising, service
from govdesk.feedback.complaints.models import Complaint
from govdesk.outbox import OutboxEvent
from tests.makers import SUNDAY, Cast, moment

MONDAY = SUNDAY + dt.timedelta(days=1)
NEXT_SUNDAY = SUNDAY + dt.timedelta(days=7)


@pytest.fixture
def made(cast: Cast) -> int:
    """Received on Sunday at 9:00: to be taken up by Monday 16:00, answered by the next Sunday 16:00."""
    with clock.at(moment("09:00")), transaction() as session:
        return service.complain(
            session, actor=VISITOR, about="wait", words="Two hours", channel="web", language="en",
            branch=session.get_one(Branch, cast.north.id),
            service=session.get_one(PublicService, cast.renewal.id),
        ).id  # fmt: skip


def look(at: str, day: dt.date) -> int:
    with clock.at(moment(at, day)):
        return raising.run_raise()


def told() -> list[tuple[str, str, str]]:
    reading().rollback()
    wanted = OutboxEvent.name.in_(["complaint.warned", "complaint.escalated"])
    events = reading().scalars(select(OutboxEvent).where(wanted).order_by(OutboxEvent.id))
    return [(one.name.partition(".")[2], one.payload["deadline"], one.payload["to"]) for one in events]


def parts(cast: Cast, who: str, at: str, day: dt.date) -> list[str]:
    reading().rollback()
    with clock.at(moment(at, day)):
        actor = cast.staff[who].actor
        return [one for one in finding.URGENT if finding.count(reading(), actor, one)]


def test_each_deadline_is_told_once_when_near_and_once_when_over(cast: Cast, made: int) -> None:
    assert made
    assert look("12:00", MONDAY) == 0  # 10 of the 14 open hours are over: 71 %
    assert [look("13:00", MONDAY), look("13:10", MONDAY)] == [1, 0]
    assert told() == [("warned", "acknowledge", "supervisor")]
    assert parts(cast, "sara", "13:10", MONDAY) == ["raised", "near"]
    assert parts(cast, "huda", "13:10", MONDAY) == ["near"]
    assert look("20:00", MONDAY) == 0  # overdue, and nobody is there
    assert look("08:00", MONDAY + dt.timedelta(days=1)) == 1
    assert told()[1:] == [("escalated", "acknowledge", "head")]
    assert parts(cast, "huda", "08:00", MONDAY + dt.timedelta(days=1)) == ["raised", "overdue"]
    assert look("15:00", MONDAY + dt.timedelta(days=3)) == 1  # Thursday: 38 of 47 hours
    assert look("08:00", NEXT_SUNDAY + dt.timedelta(days=1)) == 1
    assert told()[2:] == [("warned", "answer", "supervisor"), ("escalated", "answer", "head")]
    steps = finding.steps_of(reading(), reading().get_one(Complaint, made))
    assert [(step.kind, step.what) for step in steps[1:]] == [
        ("warned", "acknowledge"),
        ("escalated", "acknowledge"),
        ("warned", "answer"),
        ("escalated", "answer"),
    ]
    assert look("09:00", NEXT_SUNDAY + dt.timedelta(days=2)) == 0
    audit.verify(reading())


def test_what_is_done_in_time_is_never_raised(cast: Cast, made: int) -> None:
    sara = cast.staff["sara"].actor
    with clock.at(moment("10:00")), transaction() as session:
        service.assess(session, actor=sara, complaint_id=made, verdict="not_justified")
        service.answer(session, actor=sara, complaint_id=made, words="We looked into it.")
    assert look("09:00", NEXT_SUNDAY + dt.timedelta(days=3)) == 0
    assert parts(cast, "sara", "09:00", NEXT_SUNDAY) == []


def test_the_next_instance_begins_with_deadlines_of_its_own(cast: Cast, made: int) -> None:
    look("08:00", NEXT_SUNDAY + dt.timedelta(days=1))
    assert {one[0] for one in told()} == {"escalated"}
    with clock.at(moment("09:00", NEXT_SUNDAY + dt.timedelta(days=1))), transaction() as session:
        service.go_on(session, actor=VISITOR, complaint=session.get_one(Complaint, made))
    assert look("09:30", NEXT_SUNDAY + dt.timedelta(days=1)) == 0
    assert parts(cast, "huda", "09:30", NEXT_SUNDAY + dt.timedelta(days=1)) == []
    look("14:00", NEXT_SUNDAY + dt.timedelta(days=3))
    assert told()[2:] == [("warned", "acknowledge", "head")]


def test_another_branch_is_told_nothing(cast: Cast, made: int) -> None:
    assert made
    look("08:00", MONDAY + dt.timedelta(days=1))
    assert parts(cast, "salim", "08:00", MONDAY + dt.timedelta(days=1)) == []
