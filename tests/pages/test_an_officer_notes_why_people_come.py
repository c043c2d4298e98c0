"""At the door and at the counter the reason is one choice; what is missing one tick; all of it optional."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from sqlalchemy import select

from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.catalog import scenarios
from govdesk.catalog.models import PublicService
from govdesk.catalog.scenario_models import Scenario
from govdesk.db import reading, transaction
from govdesk.queue import reasons
from govdesk.queue.models import Ticket
from tests.desk import Desk, Page, preset
from tests.makers import MORNING, Cast, make_ticket, open_counter

SignIn = Callable[[str], Desk]
BENCH = "/counter"


@pytest.fixture(autouse=True)
def nine(cast: Cast) -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def lost(cast: Cast) -> Scenario:
    with transaction() as session:
        row = scenarios.describe_scenario(
            session, actor=SYSTEM, service=session.get_one(PublicService, cast.renewal.id), code="lost",
            name_ar="هوية مفقودة", name_en="Lost identity", action="bring",
        )  # fmt: skip
        scenarios.describe_scenario(
            session, actor=SYSTEM, service=session.get_one(PublicService, cast.renewal.id), code="online",
            name_ar="تجديد عن بُعد", name_en="Renew online", action="online", link="https://example.org",
        )  # fmt: skip
        for code, name in (("report", "Report of the loss"), ("photo", "Photograph")):
            scenarios.describe_paper(
                session, actor=SYSTEM, scenario=row, code=code, name_ar="ورقة", name_en=name, form="copy"
            )
        return row


@pytest.fixture
def serving(cast: Cast, lost: Scenario) -> Ticket:
    with transaction() as session:
        open_counter(session, counter=cast.north_1, staff=cast.staff["omar"])
        return make_ticket(
            session, branch=cast.north, service=cast.renewal, state="serving", counter_id=cast.north_1.id,
            staff_id=cast.staff["omar"].id, called_at=clock.now(), started_at=clock.now(),
        )  # fmt: skip


def ticked(page: Page) -> list[str]:
    return [
        field.attrib["value"]
        for field in page.all("input")
        if field.get("name") == "missing" and "checked" in field.attrib
    ]


def concluding(page: Page, names: Iterable[str]) -> dict[str, str]:
    sent = preset(next(form for form in page.forms() if form.get("id") == "conclude"))
    return {name: "".join(sent[name]) for name in names}


def newest() -> Ticket:
    reading().rollback()
    return reading().scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_officer_chooses_the_reason_and_ticks_what_is_missing(
    cast: Cast, sign_in: SignIn, serving: Ticket, lost: Scenario, language: str
) -> None:
    omar, address = sign_in("omar"), f"/counter/ticket/{serving.id}"
    omar.post(f"{address}/reason", {"scenario": lost.id}, page=BENCH, language=language, status=302)
    page = omar.get(BENCH, language=language)
    assert ("Lost identity" if language == "en" else "هوية مفقودة") in page.main
    paper = reading().get_one(Scenario, lost.id).papers[1]
    omar.post(f"{address}/missing", {"missing": paper.id}, page=BENCH, status=302)
    omar.post(f"{address}/missing", {"missing": paper.id}, page=BENCH, status=302)
    assert ticked(omar.get(BENCH)) == [str(paper.id)]
    omar.post(f"{address}/missing", {"missing": []}, page=BENCH, status=302)
    assert ticked(omar.get(BENCH)) == []


def test_an_outcome_that_was_chosen_stays_when_papers_are_noted(
    cast: Cast, sign_in: SignIn, serving: Ticket, lost: Scenario
) -> None:
    omar, address = sign_in("omar"), f"/counter/ticket/{serving.id}"
    reason = cast.renewal.policy.allowed_reasons[0]
    chosen = {"outcome": "planned_next_step", "plan_due": "2026-10-20", "plan_reason": reason}
    sent = omar.post(f"{address}/reason", {"scenario": lost.id, **chosen}, page=BENCH, status=302)
    page = omar.follow(sent)
    assert concluding(page, chosen) == chosen
    paper = reading().get_one(Scenario, lost.id).papers[0]
    page = omar.follow(omar.submit(page, {"missing": paper.id}, action=f"{address}/missing", status=302))
    assert concluding(page, chosen) == chosen
    words = {"words": "x" * 201}
    refused = omar.submit(page, words, action=f"{address}/unforeseen", status=422)
    assert concluding(refused, chosen) == chosen
    other = omar.get(f"{BENCH}?ticket={serving.id + 1}&outcome=unresolved")
    assert concluding(other, chosen)["outcome"] == "resolved"


def test_an_unforeseen_reason_is_written_and_the_officer_is_warned_of_names(
    cast: Cast, sign_in: SignIn, serving: Ticket
) -> None:
    omar, address = sign_in("omar"), f"/counter/ticket/{serving.id}/unforeseen"
    assert "No name, no number" in omar.get(BENCH, language="en").main
    omar.post(address, {"words": "A card for a ship's crew"}, page=BENCH, status=302)
    assert [one.words for one in reasons.unsettled(reading(), cast.renewal.id)] == [
        "A card for a ship's crew"
    ]
    refused = omar.post(address, {"words": "x" * 201}, page=BENCH, language="en", status=422)
    assert refused.errors()["words"]
    assert "x" * 201 in refused.html


def test_another_officer_changes_nothing(sign_in: SignIn, serving: Ticket, lost: Scenario) -> None:
    othman = sign_in("othman")
    sent = preset(othman.get(BENCH).forms()[0]) | {"scenario": str(lost.id)}
    assert othman.send(f"/counter/ticket/{serving.id}/reason", sent).status == 403
    assert newest().scenario_id is None


def test_a_service_without_a_guide_asks_the_officer_for_no_reason(
    cast: Cast, sign_in: SignIn, serving: Ticket
) -> None:
    with transaction() as session:
        session.get_one(Ticket, serving.id).service_id = cast.passport.id
    page = sign_in("omar").get(BENCH)
    assert not [card for card in page.all("section") if card.get("aria-labelledby") == "reason"]


def test_reception_gives_a_ticket_with_its_reason_or_without(
    cast: Cast, sign_in: SignIn, lost: Scenario
) -> None:
    reem, desk = sign_in("reem"), "/reception/north"
    reem.post(f"{desk}/tickets", {"service": "renewal", "scenario": lost.id}, page=desk, status=302)
    assert newest().scenario_id == lost.id
    reem.post(f"{desk}/tickets", {"service": "renewal"}, page=desk, status=302)
    assert newest().scenario_id is None
    refused = reem.post(
        f"{desk}/tickets", {"service": "passport", "scenario": lost.id}, page=desk, language="en", status=422
    )
    assert refused.errors()["scenario"] == "Error: This reason belongs to another service."


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_kiosk_offers_the_reasons_for_which_one_must_come(
    cast: Cast, desk: Desk, lost: Scenario, language: str
) -> None:
    where = "/kiosk/north/services/renewal"
    page = desk.get(where, language=language)
    offered = [field.get("value") for field in page.all("input") if field.get("name") == "scenario"]
    assert offered == [str(lost.id), "0"]
    desk.submit(page, {"scenario": lost.id}, status=302)
    assert newest().scenario_id == lost.id
    desk.submit(desk.get(where), status=302)
    assert newest().scenario_id is None
