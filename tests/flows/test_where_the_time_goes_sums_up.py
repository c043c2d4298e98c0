"""Where the time of many needs went is the sum of where each went, as its own file tells it."""

from typing import Any

from govdesk import clock
from govdesk.cases.models import CasePause
from govdesk.cases.work import timing
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.figures import Row
from tests.flows import office_days as day
from tests.kpi_makers import make_case, make_visit, make_wait
from tests.makers import Cast, make_person

DAY = 86400


def total(**asked: Any) -> Row:
    return service.figure(reading(), "elapsed_parts", **asked).total


def test_each_moment_of_a_case_has_its_place(cast: Cast) -> None:
    at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
    with transaction() as session:
        case = make_case(session, days=2.0, **at)  # from Tuesday 1 September, 9:00
        visit = make_wait(session, day="09-01", arrived="09:00", called="09:12", ended="09:20", **at)
        visit.case_id = case.id
        pause = {"case_id": case.id, "reason": "asked", "from_at": case.opened_at, "to_at": None}
        session.add(CasePause(**pause | {"from_at": case.opened_at + (visit.ended_at - visit.started_at)}))
        make_case(session, days=None, **at)  # an open one has no whole yet
        make_case(session, days=-1.0, **at)
    row = total()
    assert row.detail["seconds"] == {
        "service": 8 * 60, "queue_wait": 12 * 60, "waiting_on_citizen": 2 * DAY - 20 * 60, "booking_lead": 0,
        "back_office": 0,
    }  # fmt: skip
    assert (row.n, row.value, row.detail["set_aside"], row.interval) == (1, 2.0, 1, None)


def test_many_cases_are_the_sum_of_their_files(cast: Cast) -> None:
    day.sit_down(cast)
    nora = cast.nora
    with transaction() as session:
        hadi = make_person(session)
        make_visit(session, "10-01", branch=cast.harbour, service=cast.renewal, person=hadi, minutes=7.5)
    day.serve(cast, 0, nora, "unresolved", cause="papers")
    day.serve(cast, 0, hadi, at=10)
    day.serve(cast, 3, nora, return_reason="other")
    with clock.at(day.when(4, "12:00")):
        told = [timing.timing_of(reading(), case) for case in day.cases()]
        files = [one for one in told if one is not None and not one.is_open]
        row = total()
        by_service = service.figure(reading(), "elapsed_parts", by=["service", "unit"]).rows
    assert row.n == len(files) >= 2
    assert row.detail["seconds"] == {
        part.value: sum(one.parts[part] for one in files) for part in files[0].parts
    }
    assert row.detail["elapsed_seconds"] == sum((one.end - one.start).total_seconds() // 1 for one in files)
    assert sum(row.detail["mean_seconds"].values()) == row.detail["elapsed_seconds"] // row.n
    assert sum(one.detail["elapsed_seconds"] for one in by_service) == row.detail["elapsed_seconds"]
