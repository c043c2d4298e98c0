"""Waits and endings have hour and weekday of the branch's own clock; a case the promise of its day."""

from typing import Any

import pytest
from flask import Flask

from govdesk.cases.file_models import CaseDesk
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.groups import UnknownGroupingError
from tests.kpi_makers import make_case, make_wait
from tests.makers import Cast, make_branch


@pytest.fixture
def thursday(cast: Cast) -> Cast:
    """At the north somebody comes at 9:50 and leaves at 10:20, somebody at 10:10; one in London at 8:10."""
    with transaction() as session:
        at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal}
        make_wait(session, arrived="09:50", called="10:05", ended="10:10", **at)
        make_wait(session, arrived="09:55", ended="10:20", **at)
        make_wait(session, arrived="10:10", called="10:15", ended="10:30", **at)
        at["branch"] = make_branch(session, "london", timezone="Europe/London")
        make_wait(session, arrived="10:10", called="10:40", ended="10:50", **at)
    return cast


def read(key: str, *words: str) -> dict[tuple[str | None, ...], Any]:
    rows = service.figure(reading(), key, by=words).rows
    return {tuple(row.group[word] for word in words): (row.value, row.n) for row in rows}


def test_a_wait_belongs_to_the_hour_of_the_arrival(thursday: Cast) -> None:
    assert read("waiting_time", "branch", "weekday", "hour") == {
        ("london", "4", "08"): (30.0, 1),
        ("north", "4", "09"): (15.0, 1),  # the one who left was never called
        ("north", "4", "10"): (5.0, 1),
    }


def test_who_left_left_the_queue_of_that_hour(thursday: Cast) -> None:
    assert read("abandonment_rate", "branch", "hour") == {
        ("london", "08"): (0.0, 1), ("north", "09"): (0.5, 2), ("north", "10"): (0.0, 1),
    }  # fmt: skip
    assert read("abandonment_rate", "weekday") == {("4",): (0.25, 4)}


def test_a_day_has_no_hour_of_its_own(app: Flask) -> None:
    with pytest.raises(UnknownGroupingError):
        service.figure(reading(), "repeat_visit_rate", by=["hour"])


def test_a_promise_is_judged_by_its_version(cast: Cast) -> None:
    with transaction() as session:
        for days, version in ((3, 1), (9, 1), (6, 2)):
            case = make_case(session, branch=cast.north, service=cast.passport, days=days, due=7)
            session.add(CaseDesk(case_id=case.id, policy_version=version, resolve_days=7))
        make_case(session, branch=cast.north, service=cast.passport, days=9, due=7)
    assert read("sla_attainment", "service", "policy") == {
        ("passport", "1"): (0.5, 2), ("passport", "2"): (1.0, 1), ("passport", None): (0.0, 1),
    }  # fmt: skip
