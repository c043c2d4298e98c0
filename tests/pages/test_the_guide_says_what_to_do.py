"""The guide asks, and says what to do: by links alone; it counts only what is pressed."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

import govdesk.catalog
from govdesk import clock
from govdesk.actor import SYSTEM
from govdesk.booking import catalog_document
from govdesk.booking.models import Appointment
from govdesk.catalog.models import Branch
from govdesk.catalog.scenario_models import AvoidedVisit
from govdesk.catalog.service import service_of
from govdesk.db import reading, transaction
from tests.desk import Desk, Page, preset
from tests.makers import MORNING, make_slot

FOLDER = Path(govdesk.catalog.__file__).parent
LANGUAGES = ("ar", "en")


@pytest.fixture
def city(desk: Desk) -> Iterator[None]:
    text = "".join((FOLDER / name).read_text("utf-8") for name in ("demo_city.toml", "demo_guide.toml"))
    with clock.at(MORNING):
        with transaction() as session:
            catalog_document.load(session, actor=SYSTEM, text=text)
        yield


def counted() -> list[tuple[str, dt.date]]:
    return [(row.kind, row.day) for row in reading().scalars(select(AvoidedVisit).order_by(AvoidedVisit.id))]


def answer(page: Page, word: str) -> str:
    return next(link.attrib["href"] for link in page.root.iter("a") if word in "".join(link.itertext()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_guide_can_be_read(desk: Desk, city: None, language: str) -> None:
    seen, ahead = set(), ["/guide"]
    while ahead:
        address = ahead.pop()
        page = desk.get(address, language=language)
        if page.location:
            page = desk.follow(page)
        seen.add(address)
        ahead += [link for link in page.links() if link.startswith("/guide/") and link not in {*seen, *ahead}]
    assert len([address for address in seen if "?" in address]) > 20
    assert counted() == []


def test_a_person_answers_by_links_and_goes_back(desk: Desk, city: None) -> None:
    first = desk.get("/guide/licence-renewal", language="en")
    assert first.heading == "What about your licence?"
    second = desk.get(answer(first, "I have it"), language="en")
    assert (second.heading, second.path) == ("When does it expire?", "/guide/licence-renewal")
    third = desk.get(answer(second, "Not yet"), language="en")
    last = desk.follow(desk.get(answer(third, "No"), language="en", status=302))
    assert last.path == "/guide/licence-renewal/online"
    assert last.heading == "Do it online: you need not come"
    assert "What about your licence? I have it and want to renew it" in last.main
    again = desk.get(answer(last, "Change"), language="en")
    assert again.heading == "What about your licence?"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lost licence", "Replace a lost licence"),
        ("LICENCES stolen", "Replace a lost licence"),
        ("ضاعت رخصه", "Replace a lost licence"),
        ("الورثة", "A vehicle from an estate"),
        ("بصمه", "Renewal with fingerprints"),
        ("newborns", "Born in a hospital"),
    ],
)
def test_words_are_found_however_they_are_spelled(desk: Desk, city: None, words: str, found: str) -> None:
    page = desk.get(f"/guide?q={quote(words)}", language="en")
    assert page.words("li", "choice")[0].startswith(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found_shows_all_services(desk: Desk, city: None, language: str) -> None:
    page = desk.get("/guide?q=xyzzy", language=language)
    assert "xyzzy" in page.main
    assert len(page.words("li", "choice")) == 6


def test_going_online_is_counted_once_and_leads_there(desk: Desk, city: None) -> None:
    page = desk.get("/guide/licence-renewal/online", language="en")
    assert "form-action 'self' https://example.org;" in page.headers["Content-Security-Policy"]
    sent = desk.submit(page, status=303)
    assert sent.location == "https://example.org/licence/renew"
    assert desk.submit(page, status=303).location == sent.location
    assert counted() == [("online", dt.date(2026, 10, 4))]


def test_who_need_not_come_says_so_and_is_thanked(desk: Desk, city: None) -> None:
    page = desk.get("/guide/record-correction/new-name", language="en")
    assert "Because: A name is changed by a court." in page.main
    thanked = desk.follow(desk.submit(page, status=303))
    assert "one visit less" in thanked.main
    assert not [form for form in thanked.forms() if thanked.action(form).endswith("/avoid")]
    assert [kind for kind, _ in counted()] == ["need_not_come"]


def test_who_must_come_counts_for_nothing(desk: Desk, city: None) -> None:
    page = desk.get("/guide/licence-renewal/online")
    sent = preset(page.form("/guide/licence-renewal/online/avoid"))
    assert desk.send("/guide/licence-renewal/lost/avoid", sent).status == 409
    assert counted() == []


def test_the_papers_are_a_list_to_print(desk: Desk, city: None) -> None:
    page = desk.get("/guide/licence-renewal/lost", language="en")
    papers = page.words("ul", "papers")[0]
    assert "Report of the loss Original From any police station, or online." in papers
    assert page.heading == "Bring these papers and come"
    assert "about 14 min" in page.main  # nine of the service and five more


def test_beyond_a_number_of_presses_nothing_is_counted_and_nobody_is_stopped(desk: Desk, city: None) -> None:
    for _ in range(23):
        page = desk.get("/guide/licence-renewal/online")
        assert desk.submit(page, status=303).location == "https://example.org/licence/renew"
    assert reading().scalar(select(func.count()).select_from(AvoidedVisit)) == 20


def test_a_reason_out_of_use_leads_to_the_questions(desk: Desk, city: None) -> None:
    assert desk.get("/guide/licence-renewal/gone", status=302).location == "/guide/licence-renewal"
    assert desk.get("/guide/nothing", status=404).status == 404


def test_the_reason_goes_along_to_the_appointment(desk: Desk, city: None) -> None:
    with transaction() as session:
        service = service_of(session, "licence-renewal")
        branch = session.scalars(select(Branch).where(Branch.code == "rawdah")).one()
        slot = make_slot(session, branch=branch, service=service).id
    page = desk.get("/guide/licence-renewal/long-expired", language="en")
    address = answer(page, "Book a time")
    assert address.endswith("/time?scenario=long-expired")
    times = desk.get(address, language="en")
    held = desk.submit(times, {"slot": slot}, status=302)
    appointment = reading().scalars(select(Appointment)).one()
    assert appointment.scenario is not None
    assert appointment.scenario.code == "long-expired"
    assert held.location


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_to_the_guide_is_on_the_first_page_and_on_the_service(
    desk: Desk, city: None, language: str
) -> None:
    assert "/guide" in desk.get("/", language=language).links()
    plain = desk.get("/book/licence-renewal", language=language)
    assert "/guide/licence-renewal" in plain.links()
    chosen = desk.get("/book/licence-renewal?scenario=lost", language=language)
    assert "/guide/licence-renewal/lost" in chosen.links()
