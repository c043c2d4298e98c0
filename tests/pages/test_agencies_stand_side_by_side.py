"""An administrator adds other agencies; heads see them beside us, as far as they can be compared at all."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.audit import AuditEntry
from govdesk.db import reading, transaction
from govdesk.demo.agencies import neighbour
from govdesk.errors import DeskError
from govdesk.kpi.feeds import rules, service
from govdesk.kpi.feeds.models import Feed, FeedDocument
from tests.desk import Desk
from tests.feeds import coded, figure, index, published
from tests.makers import Cast
from tests.period_makers import publish

SignIn = Callable[[str], Desk]
HOME = "https://neighbour{}.example"


def make_feed(cast: Cast, number: int, *figures: dict[str, Any], period: str = "2026-09") -> int:
    """An agency of which one month was read."""
    found = published(period, figures=figures)
    listed = rules.read_index(index([found], HOME.format(number)), HOME.format(number))
    with transaction() as session:
        feed = service.register(session, actor=cast.staff["adam"].actor, url=HOME.format(number))
        service.keep(session, feed, listed.entries[0], found)
        service.note_read(feed, listed)
        feed.name_en, feed.name_ar = f"City {number}", f"مدينة {number}"
        return feed.id


def lines(desk: Desk, path: str = "/figures/comparison/agencies") -> list[str]:
    return desk.get(path, language="en", status=200).words("tr")


def test_an_administrator_adds_reads_and_ends_an_agency(cast: Cast, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    assert "No other agency is read yet" in adam.get("/admin/feeds", language="en", status=200).main
    for wrong, word in (
        ("ftp://neighbour.example", "cannot be used"),
        ("http://neighbour.example/open-data/figures.json", "HTTPS"),
        ("https://127.0.0.1/open-data/figures.json", "private network"),
    ):
        page = adam.post("/admin/feeds/new", {"url": wrong}, language="en")
        assert (page.status, word in page.errors()["url"]) == (422, True)
    known = make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    page = adam.get("/admin/feeds", language="en", status=200)
    assert "City 1" in page.main
    assert "in order" in page.main
    adam.submit(page, action=f"/admin/feeds/{known}/hurry", status=302)
    assert reading().get_one(Feed, known).free_at == clock.now()
    adam.submit(adam.get(f"/admin/feeds/{known}/end"), action=f"/admin/feeds/{known}/end", status=302)
    assert "City 1" not in adam.get("/admin/feeds", language="en").main
    acts = reading().scalars(select(AuditEntry.action).order_by(AuditEntry.position)).all()
    assert [act for act in acts if act.startswith("feed.")][-2:] == ["feed.hurried", "feed.ended"]


def test_only_administrators_add_agencies(cast: Cast, sign_in: SignIn) -> None:
    for path in ("/admin/feeds", "/admin/feeds/new", "/admin/feeds/1/end"):
        sign_in("huda").get(path, status=403)


@pytest.mark.parametrize("problem", rules.PROBLEMS)
def test_why_an_agency_is_not_read_is_told_in_words(cast: Cast, sign_in: SignIn, problem: str) -> None:
    known = make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    with transaction() as session:
        service.note_problem(session, session.get_one(Feed, known), problem, "<script>")
    for path in ("/admin/feeds", "/figures/comparison/agencies"):
        assert "City 1: Not readable since" in sign_in("adam").get(path, language="en", status=200).main


def test_few_agencies_have_their_intervals_side_by_side(cast: Cast, sign_in: SignIn) -> None:
    make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    make_feed(cast, 2, figure("repeat_visit_rate", 60, 200))
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    assert "Compare the intervals" in page.main
    assert "Our own figures of September 2026 are not published" in page.main
    assert any(line.startswith("City 1 200 15.0% 10.7–20.6% 96.0%") for line in page.words("tr"))
    file = sign_in("huda").get("/figures/comparison/agencies.csv", status=200).data.decode("utf-8-sig")
    assert len(file.splitlines()) == 3


def test_without_shared_codes_it_is_said_that_nothing_is_adjusted(cast: Cast, sign_in: SignIn) -> None:
    make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    make_feed(cast, 2, figure("repeat_visit_rate", 60, 200), coded("repeat_visit_rate", {"n:A": None}))
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    assert "Nothing is adjusted for services" in page.main
    assert "In shared services" not in page.main
    assert "not adjusted, for agencies offer different services" in page.main
    arabic = sign_in("huda").get("/figures/comparison/agencies", language="ar", status=200)
    assert "لا تعديل بحسب الخدمات" in arabic.main


def test_who_shares_too_little_or_nothing_stands_unadjusted_and_is_named(cast: Cast, sign_in: SignIn) -> None:
    key = "repeat_visit_rate"
    for number in range(1, 5):
        make_feed(cast, number, figure(key, 30, 200), coded(key, {"n:A": (20, 100), "n:B": (10, 100)}))
    make_feed(cast, 5, figure(key, 31, 200), coded(key, {"n:A": (20, 100), "n:OWN": (11, 100)}))
    make_feed(cast, 6, figure(key, 29, 200))
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    assert "All 6 agencies lie within the limits" in page.main
    assert "Less than 60.0% of what they counted" in page.main
    assert "not adjusted: City 5 (50.0%)." in page.main
    assert "stand as they are, not adjusted: City 6." in page.main
    assert "Adjusted for services, as far as agencies publish their shared codes." in page.main
    told: dict[str, str] = {}
    for line in page.words("tr"):
        if line.startswith("City"):
            which = line.split(" ")[1]
            told[which] = told.get(which, "") + " | " + line
    # 20 of 100 of A return at all five that publish it, 10 of 100 of B at all four: 140 of 900 in all, 15.6%
    assert "100.0% 30 30.0 1.00 (0.67–1.43) 15.6%" in told["1"]
    assert "within the limits; not adjusted" in told["5"]
    assert "City 5 50.0% not adjusted" in told["5"]
    assert "within the limits; not adjusted" in told["6"]
    assert "City 6 not adjusted" in told["6"]
    arabic = sign_in("huda").get("/figures/comparison/agencies", language="ar", status=200)
    assert "ضمن الحدود؛ بلا تعديل" in arabic.main
    assert "أقل من ٦٠٫٠٪ مما عدّته" in arabic.main


def test_another_definition_is_not_compared(cast: Cast, sign_in: SignIn) -> None:
    make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    make_feed(cast, 2, figure("repeat_visit_rate", 60, 200, definition_version="v2"))
    unlinked = {"data_quality": {"linkage": 0.7, "comparable": False}}
    make_feed(cast, 3, figure("repeat_visit_rate", 60, 200, row=unlinked))
    hidden = {"value": None, "interval": None, "n": None, "detail": {"hidden": True}}
    make_feed(cast, 4, figure("repeat_visit_rate", 6, 8, row=hidden))
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    assert "Only one agency has a figure that can be compared" in page.main
    told = {line.split(" ")[1]: line for line in page.words("tr") if line.startswith("City")}
    assert "other definition (v2)" in told["2"]
    assert "30.0%" not in told["2"]
    assert "fewer than 90% linked" in told["3"]
    assert "hidden" in told["4"]


def test_enough_agencies_make_a_funnel(cast: Cast, sign_in: SignIn) -> None:
    for number in range(1, 6):
        make_feed(cast, number, figure("repeat_visit_rate", 30 + number, 200))
    make_feed(cast, 6, figure("repeat_visit_rate", 90, 200))
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    # φ and τ² of six units: the sixth widens the limits and still lies beyond them
    assert "of 6 agencies" in page.main
    assert "City 6 (above the" in page.main
    assert 'data-plot="funnel-agency-spec"' in page.html


def test_periods_are_chosen_the_latest_first(cast: Cast, sign_in: SignIn) -> None:
    make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    make_feed(cast, 2, figure("noshow_rate", 20, 200), period="2026-Q3")
    huda = sign_in("huda")
    page = huda.get("/figures/comparison/agencies", language="en", status=200)
    assert [one.get("value") for one in page.all("option")][:2] == ["2026-Q3", "2026-09"]
    assert "10.0%" in page.main
    page = huda.get("/figures/comparison/agencies?period=2026-09&measure=nothing", language="en", status=200)
    assert "15.0%" in page.main


def test_nothing_read_is_no_data(cast: Cast, sign_in: SignIn) -> None:
    assert "No data" in sign_in("huda").get("/figures/comparison/agencies", language="en", status=200).main


def test_the_neighbour_of_the_demo_city_is_the_same_each_time(cast: Cast, sign_in: SignIn) -> None:
    neighbour(clock.now(), 7)
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    assert "Neighbour Region Authority" in page.main
    assert [one.get("value") for one in page.all("option")][:2] == ["2026-09", "2026-08"]
    told = rules.told(json.loads(service.newest(reading(), "2026-09")[0].frozen))
    known = told["repeat_visit_rate"]
    assert len(known.codes) == 5
    assert sum(n for _, n in known.codes.values()) < known.n
    page = sign_in("huda").get("/figures/comparison/agencies?measure=sla_attainment", language="en")
    assert "other definition (v2)" in page.main
    hashes = reading().scalars(select(FeedDocument.hash).order_by(FeedDocument.id)).all()
    assert len(set(hashes)) == 2
    with pytest.raises(DeskError):
        neighbour(clock.now(), 7)


def test_the_latest_period_that_we_published_too_is_shown_first(cast: Cast, sign_in: SignIn) -> None:
    make_feed(cast, 1, figure("repeat_visit_rate", 30, 200))
    make_feed(cast, 2, figure("repeat_visit_rate", 60, 200), period="2026-10")
    with transaction() as session:
        publish(session, cast=cast)  # September
    page = sign_in("huda").get("/figures/comparison/agencies", language="en", status=200)
    chosen = [one.get("value") for one in page.all("option") if "selected" in one.attrib]
    assert chosen[0] == "2026-09"
