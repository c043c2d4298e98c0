"""Units stand side by side by name: what is outside is said, what cannot be compared stands apart."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from govdesk.cases.rebuild.service import reclassify_all
from govdesk.db import transaction
from govdesk.faces.head.comparing_pages import COMPARED, MATTERS
from govdesk.kpi.registry import MEASURES
from tests.desk import Desk, Page
from tests.kpi_makers import make_visit, make_wait
from tests.makers import Cast, make_branch, make_person

SignIn = Callable[[str], Desk]


def visits(cast: Cast, where: Any, count: int, failed: int, service: Any = None, day: str = "08-10") -> None:
    """First visits at a branch, of which some failed."""
    with transaction() as session:
        for place in range(count):
            at: dict[str, Any] = {
                "branch": where, "service": service or cast.renewal, "person": make_person(session)
            }  # fmt: skip
            make_visit(session, day, **at)
            if place < failed:
                make_visit(session, "08-20", reason="missing_document", **at)
        reclassify_all(session)


def specs(page: Page) -> list[Any]:
    found = re.findall(r'<script type="application/json" id="[\w-]+">(.*?)</script>', page.html, re.DOTALL)
    return [json.loads(text) for text in found]


def lines(page: Page) -> list[str]:
    return page.words("tr")


def test_who_is_outside_is_said_in_words_and_in_the_table(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 60, 6)
    visits(cast, cast.harbour, 60, 30)
    page = sign_in("adam").get("/figures/comparison/repeat_visit_rate", language="en", status=200)
    # together 36 of 120, expected 18 each; the arcsine of .5 is 3.2 standard errors away from that of .3
    assert "Outside the limits: 2 of 2 branches" in page.main
    harbour = next(line for line in lines(page) if "above the 99.8% limit, worse" in line)
    assert "50.0%" in harbour
    assert "30 18.0 1.67 (1.12–2.38)" in harbour
    assert any("below the 99.8% limit, better" in line for line in lines(page))
    assert "those of chance alone" in page.main  # of two branches nobody knows how far branches differ
    assert len(specs(page)) == 1


def test_other_services_are_no_difference_of_the_branch(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 45, 18, cast.renewal)
    visits(cast, cast.north, 5, 0, cast.passport)
    visits(cast, cast.harbour, 5, 2, cast.renewal)
    visits(cast, cast.harbour, 45, 0, cast.passport)
    page = sign_in("adam").get("/figures/comparison/repeat_visit_rate", language="en", status=200)
    assert "All 2 branches lie within the limits" in page.main
    assert "Without the adjustment" in page.main
    assert "18 18.0 1.00" in page.main


def test_unlinked_young_and_small_units_stand_apart(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 20, 4)
    visits(cast, cast.harbour, 20, 4)
    with transaction() as session:
        for _ in range(4):  # 20 of 24 linked
            make_visit(session, "08-10", branch=cast.harbour, service=cast.renewal, person=None)
        young = make_branch(session, "young")
        for _ in range(6):
            make_visit(session, "10-01", branch=young, service=cast.renewal, person=make_person(session))
        reclassify_all(session)
    page = sign_in("adam").get("/figures/comparison/repeat_visit_rate", language="en", status=200)
    assert "fewer than nine of ten visitors could be linked" in page.main
    assert "too young to judge" in page.main
    assert "Only one branch in view" in page.main
    assert specs(page) == []


def test_medians_have_intervals_and_say_that_they_are_not_adjusted(cast: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for branch in (cast.north, cast.harbour):
            for minute in range(1, 13):
                make_wait(
                    session, branch=branch, service=cast.renewal, arrived="09:00",
                    called=f"09:{minute:02}", ended="09:30",
                )  # fmt: skip
    page = sign_in("adam").get("/figures/comparison/waiting_time", language="en", status=200)
    assert "Compare the intervals" in page.main
    assert "Not adjusted for the services" in page.main
    assert len(page.all("table", "intervals")) == 2


def test_a_head_of_a_department_sees_its_own_numbers_only(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 20, 4)
    visits(cast, cast.north, 21, 4, cast.deed)  # of another department
    visits(cast, cast.harbour, 20, 4)
    huda = sign_in("huda")
    page = huda.get("/figures/comparison/repeat_visit_rate", language="en", status=200)
    assert "Only one department in view" in page.main
    words = {word for line in lines(page) for word in line.split()}
    assert "20" in words
    assert not words & {"41", "61"}
    file = huda.get("/figures/comparison/repeat_visit_rate.csv", status=200).data.decode("utf-8-sig")
    assert len(file.splitlines()) == 1 + 2 + 1  # its heads, two branches, one department


def test_the_measures_of_a_matter_stand_in_one_table(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 20, 4)
    visits(cast, cast.harbour, 20, 4)
    page = sign_in("adam").get("/figures/comparison", language="en", status=200)
    assert any("All 2 branches lie within the limits" in line for line in lines(page))
    assert "/figures/comparison/repeat_visit_rate" in page.links()
    assert "/figures/comparison?about=voices" in page.links()


def test_every_measure_stands_in_the_table_of_one_matter(cast: Cast, sign_in: SignIn) -> None:
    visits(cast, cast.north, 20, 4)
    adam, found = sign_in("adam"), []
    for about in MATTERS:
        page = adam.get(f"/figures/comparison?about={about}&service=renewal", language="en", status=200)
        found += [link.split("?")[0] for link in page.links() if "/figures/comparison/" in link]
        assert all("about=" not in link for link in page.links() if "/figures/comparison/" in link)
    assert sorted(link for link in found if not link.endswith("/agencies")) == sorted(
        f"/figures/comparison/{measure.key}" for measure in COMPARED
    )
    assert adam.get("/figures/comparison?about=nothing", status=200).words("caption")


def test_no_number_at_all_is_no_data(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("adam").get("/figures/comparison/csat", language="en", status=200)
    assert "No data to compare" in page.main
    sign_in("adam").get("/figures/comparison/nothing", status=404)


@pytest.mark.parametrize("key", [measure.key for measure in MEASURES][::7])
def test_each_measure_has_its_page(cast: Cast, sign_in: SignIn, key: str) -> None:
    assert sign_in("adam").get(f"/figures/comparison/{key}").status in {200, 404}
