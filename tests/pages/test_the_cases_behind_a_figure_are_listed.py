"""From a figure to its cases: those that it counts against us, by the same rules, within what one may see."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from govdesk import clock
from govdesk.cases.models import Visit
from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import reading, transaction
from govdesk.kpi import service
from govdesk.kpi.behind import paging
from govdesk.kpi.behind.paging import LISTS
from tests.desk import Desk, Page
from tests.kpi_makers import MINUTE, make_case, make_visit, make_wait
from tests.makers import Cast, make_person, make_ticket

SignIn = Callable[[str], Desk]


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Twelve first visits, four failed; waits of 1 to 40 minutes, three who left; cases late and open."""
    with transaction() as session:
        for place in range(12):
            person = make_person(session, name=f"Person {place}")
            at: dict[str, Any] = {"branch": cast.north, "service": cast.renewal, "person": person}
            make_visit(session, "08-10", **at)
            if place < 4:
                make_visit(session, "08-20", reason="missing_document", **at)
        for minute in range(40):
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00", day="09-01",
                called=f"09:{minute + 1:02}", ended="09:50", quoted_high=30.0,
            )  # fmt: skip
        for _ in range(3):
            make_wait(session, branch=cast.north, service=cast.renewal, arrived="09:00", ended="09:50",
                      day="09-02")  # fmt: skip
        for days in (*range(1, 8), None):
            make_case(session, branch=cast.north, service=cast.passport, days=days, due=5)
        reclassify_all(session)
    return cast


def against(key: str) -> int:
    """What the figure itself counts against us."""
    row = service.figure(reading(), key).total
    if key == "time_to_resolution":
        return row.open or 0
    worse = {"service_level", "promise_kept", "sla_attainment", "first_contact_resolution"}
    return (row.denominator or 0) - (row.numerator or 0) if key in worse else row.numerator or 0


@pytest.mark.parametrize(
    "key",
    [
        "repeat_visit_rate", "first_contact_resolution", "avoidable_visit_share", "service_level",
        "promise_kept", "abandonment_rate", "time_to_resolution", "sla_attainment",
    ],
)  # fmt: skip
def test_a_list_is_as_long_as_its_figure_says(city: Cast, morning: object, key: str) -> None:
    question = service.ask(reading())
    found, below = [], None
    while True:
        part = paging.part(reading(), question, key, below=below, most=5)
        found += part.lines
        assert len(part.lines) <= 5
        if part.below is None:
            break
        below = part.below
    assert len(found) == against(key) > 0
    ids = [line.id for line in found]
    assert ids == sorted(set(ids), reverse=True)


def test_who_waits_too_long_now_is_listed_as_counted(city: Cast, morning: object) -> None:
    target = city.renewal.wait_target_minutes
    with transaction() as session:
        for waited, called in ((target + 5, None), (target - 5, None), (target + 9, 1), (target + 9, target)):
            arrived_at = clock.now() - waited * MINUTE
            make_ticket(
                session, branch=city.north, service=city.renewal, arrived_at=arrived_at, quoted_high=2.0,
                callable_at=arrived_at, called_at=None if called is None else arrived_at + called * MINUTE,
            )  # fmt: skip
    question = service.ask(reading())
    for key, more in (("service_level", 1), ("promise_kept", 3)):
        earlier = service.ask(reading(), to_day=question.today(None) - 1440 * MINUTE)
        assert against(key) - len(list(paging.every(reading(), earlier, key, 1000))) == more
        found = list(paging.every(reading(), question, key, 1000))
        assert len(found) == against(key)
    assert paging.part(reading(), question, "service_level").lines[0].why == "waiting"


def rows(page: Page) -> list[str]:
    return page.words("tr")[1:]


def test_the_page_leads_on_and_back(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    page = desk.get("/figures/service_level/cases", language="en", status=200)
    assert len(rows(page)) == 28  # 25 of the 40 waited longer than 15 minutes, and the three who left
    assert "Waited 40 minutes" in page.main
    older = desk.get("/figures/service_level/cases?below=1", language="en", status=200)
    assert "No such case" in older.main
    assert "/figures/service_level/cases" in older.links()


def test_a_name_is_for_those_who_may_open_the_file(city: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        case = make_case(session, branch=city.north, service=city.renewal, days=None, source="live")
        failed = session.query(Visit).filter(Visit.repeat_visit_id.is_not(None)).order_by(Visit.id).all()
        for visit in failed:
            visit.case_id = case.id
    head = sign_in("huda").get("/figures/repeat_visit_rate/cases", language="en", status=200)
    assert "Person 3" in head.main
    assert f"/cases/{case.id}" in head.links()
    auditor = sign_in("aziz").get("/figures/repeat_visit_rate/cases", language="en", status=200)
    assert len(rows(auditor)) == 4
    assert "Person" not in " ".join(rows(auditor))
    assert f"/cases/{case.id}" not in auditor.links()
    other = sign_in("salim").get("/figures/repeat_visit_rate/cases", language="en", status=200)
    assert "Person 3" not in other.main


def test_the_file_has_no_names(city: Cast, sign_in: SignIn) -> None:
    answer = sign_in("huda").get("/figures/repeat_visit_rate/cases.csv", status=200)
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [line["branch"] for line in lines] == ["north"] * 4
    assert "Person" not in answer.data.decode()


def test_answers_lead_to_nobody(city: Cast, sign_in: SignIn) -> None:
    desk = sign_in("huda")
    assert "anonymous" in desk.get("/figures/csat/cases", language="en", status=200).main
    assert desk.get("/figures/csat/cases.csv").status == 404
    assert "csat" not in LISTS


def test_too_few_are_not_listed(city: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        make_visit(session, "08-10", branch=city.harbour, service=city.renewal, person=make_person(session))
        reclassify_all(session)
    page = sign_in("huda").get("/figures/repeat_visit_rate/cases?branch=harbour", language="en")
    assert "Fewer than five people" in page.main
