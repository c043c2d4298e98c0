"""Complaints against visits, answers and recoveries in time: the counts of a small past, by hand."""

import datetime as dt

import pytest

from govdesk import chance, clock
from govdesk.actor import SYSTEM, VISITOR
from govdesk.cases.models import Visit
from govdesk.cases.recovery import opening
from govdesk.cases.recovery import service as recovery
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import reading, transaction
from govdesk.feedback.complaints import service
from govdesk.kpi import service as kpi
from govdesk.kpi.figures import Row
from tests.makers import SUNDAY, Cast, make_person, moment

DAY = dt.timedelta(days=1)


def total(key: str, as_of: dt.datetime) -> Row:
    reading().rollback()
    return kpi.figure(reading(), key, as_of=as_of).total


def complain(cast: Cast, *, at: str, answered: dt.datetime | None, service_named: bool = True) -> int:
    sara = cast.staff["sara"].actor
    with clock.at(moment(at)), transaction() as session:
        made = service.complain(
            session, actor=VISITOR, about="wait", words="x", channel="web", language="ar",
            branch=session.get_one(Branch, cast.north.id),
            service=session.get_one(PublicService, cast.renewal.id) if service_named else None,
        )  # fmt: skip
    if answered is not None:
        with clock.at(answered), transaction() as session:
            service.assess(session, actor=sara, complaint_id=made.id, verdict="not_justified")
            service.answer(session, actor=sara, complaint_id=made.id, words="y")
    return made.id


def visit(cast: Cast, number: int, status: str = "served") -> Visit:
    at = moment("09:00")
    return Visit(
        source="live", visit_no=f"{number}", service_id=cast.renewal.id, branch_id=cast.north.id,
        family="renewal", unit="north/civil", status=status, direction="inbound", arrived_at=at,
        started_at=at, ended_at=at, started_on=SUNDAY, ended_on=SUNDAY, class_name="unlinked",
    )  # fmt: skip


def test_complaints_per_thousand_visits_and_answers_in_time(cast: Cast) -> None:
    with transaction() as session:
        session.add_all([visit(cast, number) for number in range(40)])
        session.add(visit(cast, 99, "abandoned"))
    complain(cast, at="09:00", answered=moment("15:00", SUNDAY + 7 * DAY))  # five working days: in time
    complain(cast, at="10:00", answered=moment("17:00", SUNDAY + 7 * DAY))  # an hour late
    complain(cast, at="11:00", answered=None, service_named=False)
    early = total("complaints_in_time", moment("12:00", SUNDAY + 7 * DAY))
    assert (early.value, early.open) == (None, 3)
    late = total("complaints_in_time", moment("18:00", SUNDAY + 7 * DAY))
    assert (late.numerator, late.denominator, late.open) == (1, 3, 0)
    assert late.interval is not None
    assert late.detail == {"verdicts": {"not_justified": 2}, "overdue": 1}
    rate = total("complaints_per_thousand", moment("12:00", SUNDAY + DAY))
    assert (rate.value, rate.numerator, rate.denominator, rate.unit) == (75.0, 3, 40, "per_thousand")
    assert rate.interval == pytest.approx((15.467, 219.18), abs=0.01)  # Poisson: 3 is 0.6187 to 8.7673
    until = moment("12:00")
    rows = kpi.figure(reading(), "complaints_per_thousand", by=["service"], as_of=until).rows
    assert {row.group["service"]: row.numerator for row in rows} == {"renewal": 2, None: 1}
    none = total("complaints_per_thousand", moment("09:30", SUNDAY - DAY))
    assert (none.value, none.interval) == (None, None)


def opened(cast: Cast, name: str) -> int:
    with clock.at(moment("09:00")), transaction() as session:
        person = make_person(session, name=name)
        return opening.place(
            session, actor=SYSTEM, kind="returned", at=clock.now(), person_id=person.id, need="renewal",
            service_id=cast.renewal.id, branch_id=cast.north.id,
        ).task.id  # fmt: skip


def test_only_the_word_in_time_is_a_recovery(cast: Cast) -> None:
    omar = cast.staff["omar"].actor
    good, late, silent, waits = (opened(cast, f"Name{chance.code(4)}") for _ in range(4))
    for task, at in ((good, moment("10:00")), (late, moment("10:00", SUNDAY + 2 * DAY))):
        with clock.at(at), transaction() as session:
            recovery.hear_word(session, actor=omar, recovery_id=task, is_good=True, channel="phone")
    with clock.at(moment("11:00")), transaction() as session:
        for channel in ("phone", "letter"):
            recovery.attempt(session, actor=omar, recovery_id=silent, channel=channel, is_reached=False)
        recovery.end_unreached(session, actor=omar, recovery_id=silent)
    early = total("recovered_in_time", moment("12:00"))
    assert (early.numerator, early.denominator, early.open) == (1, 2, 2)
    found = total("recovered_in_time", moment("12:00", SUNDAY + 3 * DAY))
    assert (found.numerator, found.denominator, found.open) == (1, 4, 0)
    assert waits
