"""The floor: counters, queues and what asks for a hand, for who may see this branch."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.db import transaction
from govdesk.queue import alerts, counters, policies, service
from govdesk.queue.models import Ticket
from tests import lint
from tests.desk import Desk, Page, preset
from tests.makers import Cast, moment

SignIn = Callable[[str], Desk]
COLUMNS = 7  # of the table of queues


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Omar has called one of three at 09:10; nobody else sits; it is half past nine."""
    actor = cast.staff["omar"].actor
    with transaction() as session:
        counters.open_counter(session, actor=actor, counter_id=cast.north_1.id)
        for _ in range(3):
            service.issue(session, actor=actor, branch=cast.north, service=cast.renewal)
    with clock.at(moment("09:10")), transaction() as session:
        service.call_next(session, actor=actor)
    return cast


def test_the_floor_shows_counters_queues_and_who_waits_too_long(busy: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    with clock.at(moment("09:30")):
        alerts.run_watch()
        page = sara.get("/floor/north", language="en", status=200)
    stalls = page.words("li", "stall")
    assert stalls[0].startswith("Counter 1 calling A001 20:00 Identity renewal")
    assert stalls[1].startswith("Counter 2 closed")
    figures = dict(zip(page.words("dt"), page.words("dd"), strict=True))
    assert figures["Waiting"] == "2"
    assert figures["Longest wait"] == "30 min A002"
    assert figures["Called within the target"] == "33% n 3"  # one of three: two wait beyond 15 minutes
    assert figures["Came back for the same need"] == "No data"
    assert page.words("ul", "alerts")[0].startswith("Identity renewal: longest wait 30 min, target 15 min")


def test_the_floor_is_fetched_again_only_when_it_changed(busy: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    tag = sara.get("/floor/north/live.json", status=200).headers["ETag"]
    assert sara.get("/floor/north/live.json", headers={"If-None-Match": tag}).status == 304
    with transaction() as session:
        counters.pause_counter(session, actor=busy.staff["omar"].actor)
    assert sara.get("/floor/north/live.json", headers={"If-None-Match": tag}).status == 200


def test_an_alert_is_shown_until_it_is_over_with_who_takes_care(busy: Cast, sign_in: SignIn) -> None:
    sara = sign_in("sara")
    with clock.at(moment("09:16")):
        alerts.run_watch()
        floor = sara.get("/floor/north", language="en")
        go = next(floor.action(form) for form in floor.forms() if "/alerts/" in floor.action(form))
        tag = sara.get("/floor/north/live.json", language="en").headers["ETag"]
        for _ in range(2):
            assert sara.submit(floor, action=go, status=302).location == "/floor/north"
        news = sara.get("/floor/north/live.json", language="en", headers={"If-None-Match": tag}, status=200)
        assert "Sara takes care of it · 09:16" in news.json["html"]
        assert "/alerts/" not in news.json["html"]  # nobody else need press
    with clock.at(moment("09:20")), transaction() as session:
        for waiting in session.scalars(select(Ticket).where(Ticket.state == "waiting")).all():
            service.abandon(session, actor=busy.staff["reem"].actor, ticket_id=waiting.id)
    with clock.at(moment("09:21")):
        alerts.run_watch()
        page = sara.get("/floor/north", language="en")
    assert page.words("ul", "alerts") == []
    assert "Identity renewal: waits beyond 15 min 09:16 09:21 Sara · 09:16" in page.main


def test_waits_beyond_the_target_are_foreseen(busy: Cast, sign_in: SignIn) -> None:
    with clock.at(moment("09:12")):  # ten minutes each, and the first is just at the counter
        page = sign_in("sara").get("/floor/north", language="en", status=200)
    (line,) = page.words("ul", "alerts")
    assert line.startswith("Identity renewal: 2 people will wait longer than 15 min")
    assert "first A002, in 3 min" in line


def test_of_many_promises_the_first_are_named_and_the_rest_counted(busy: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        for _ in range(6):
            service.issue(session, actor=busy.staff["reem"].actor, branch=busy.north, service=busy.renewal)
    with clock.at(moment("11:30")):
        words = sign_in("sara").get("/floor/north", language="en", status=200).words("ul", "alerts")[0]
    assert words.count("The promise of") == 6
    assert "and 2 further promises that end soon or are over" in words  # eight wait


def test_an_administrator_says_when_the_floor_is_alerted(busy: Cast, sign_in: SignIn) -> None:
    adam, path = sign_in("adam"), f"/admin/branches/{busy.north.id}/hall"
    page = adam.get(path, status=200)
    assert set_to(page) == {"idle": "3", "unserved": "2", "wrap_up": "10", "soon": "30"}
    refused = adam.submit(page, {"idle": "0", "soon": "20"}, status=422)
    assert "idle" in refused.errors()
    assert set_to(refused)["soon"] == "20"
    adam.submit(page, {"idle": "٥", "wrap_up": "20"}, status=302)
    assert set_to(adam.get(path)) == {"idle": "5", "unserved": "2", "wrap_up": "20", "soon": "30"}
    assert sign_in("sara").get(path).status == 403


def set_to(page: Page) -> dict[str, str]:
    fields = preset(page.form(page.path))
    return {name: fields[name] for name in ("idle", "unserved", "wrap_up", "soon")}


@pytest.mark.parametrize(
    ("username", "status"), [("sara", 200), ("adam", 200), ("huda", 200), ("salim", 403), ("omar", 403)]
)
def test_only_who_answers_for_the_branch_sees_its_floor(
    cast: Cast, sign_in: SignIn, username: str, status: int
) -> None:
    assert sign_in(username).get("/floor/north").status == status


def test_a_branch_that_is_not_there_is_not_found(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("sara").get("/floor/nowhere").status == 404


def test_a_counter_whose_officer_lacks_the_skill_serves_nobody_there(busy: Cast, sign_in: SignIn) -> None:
    with transaction() as session:
        adam, othman = busy.staff["adam"].actor, session.merge(busy.staff["othman"])
        policies.set_profile(session, actor=adam, staff=othman, service_ids=[busy.passport.id], languages=[])
        counters.open_counter(session, actor=othman.actor, counter_id=busy.north_2.id)
    page = sign_in("sara").get("/floor/north", language="en", status=200)
    rows = [[lint.text_of(cell) for cell in row if cell.tag in {"td", "th"}] for row in page.all("tr")]
    open_at = {row[0]: row[4] for row in rows if len(row) == COLUMNS}
    assert open_at["A Identity renewal"] == "1"
    assert open_at["B Passport"] == "2"
    assert "Counter 2 free" in page.words("li", "stall")[1]
