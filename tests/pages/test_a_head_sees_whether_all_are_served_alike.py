"""Figures by kind, language and priority: differences with intervals, small groups hidden, nobody ranked."""

from collections.abc import Callable

import pytest

from govdesk.db import transaction
from tests.desk import Desk
from tests.kpi_makers import make_wait
from tests.makers import Cast, make_person

SignIn = Callable[[str], Desk]


@pytest.fixture
def waits(cast: Cast) -> Cast:
    """Forty citizens are called within ten minutes, forty residents wait half an hour, three visitors too."""
    with transaction() as session:
        people = [("citizen", "09:10")] * 40 + [("resident", "09:30")] * 40 + [("visitor", "09:30")] * 3
        for kind, called in people:
            person = make_person(session, kind=kind)
            make_wait(
                session, branch=cast.north, service=cast.renewal, arrived="09:00", called=called,
                ended="09:45", person_id=person.id, language="ar", priority="none",
            )  # fmt: skip
    return cast


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_difference_stands_with_its_interval(waits: Cast, sign_in: SignIn, language: str) -> None:
    huda = sign_in("huda")
    page = huda.get("/figures/equity", language=language, status=200)
    if language == "en":
        rows = [row for row in page.words("tr") if row.startswith(("Citizens", "Residents", "Visitors"))]
        level = [row for row in rows if "points" in row]
        assert any("worse than the whole" in row for row in level)
        assert any(row.startswith("Visitors") and "hidden" in row.lower() for row in rows)
    for way in ("language", "priority", "nonsense"):
        huda.get(f"/figures/equity?by={way}", language=language, status=200)


def test_the_file_holds_all_three_ways_and_hides_the_same(waits: Cast, sign_in: SignIn) -> None:
    file = sign_in("huda").get("/figures/equity.csv", status=200).data.decode("utf-8-sig").splitlines()
    assert file[0].startswith("measure,definition_version,by,group,value,unit,low,high,n,difference")
    level = [line.split(",") for line in file if line.startswith("service_level,v1,kind,")]
    sizes = {line[3]: line[8] for line in level}
    assert (sizes["everybody"], sizes["visitor"]) == ("83", "")
    assert sorted(sizes[kind] for kind in ("citizen", "resident")) == ["", "40"]  # or it could be subtracted
    assert {line.split(",")[2] for line in file[1:]} == {"kind", "language", "priority"}


def test_without_records_there_is_no_data(cast: Cast, sign_in: SignIn) -> None:
    assert "No data" in sign_in("huda").get("/figures/equity", language="en", status=200).main
