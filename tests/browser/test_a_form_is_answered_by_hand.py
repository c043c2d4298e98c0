"""A private link is answered by touch, by keyboard alone and without scripts; closed and gone on with."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WINDOWS, NewPage
from tests.browser.test_every_page_is_accessible import is_in_order
from tests.processes import Running, environ

LINKS = """
from sqlalchemy import select
from govdesk import clock
from govdesk.catalog.models import Branch, PublicService
from govdesk.db import transaction
from govdesk.feedback.asking import service as asking
with transaction() as session:
    branch = session.scalars(select(Branch).order_by(Branch.id)).first()
    service = session.scalars(select(PublicService).order_by(PublicService.id)).first()
    for number in range(30):
        one = asking.invite(
            session, kind="after_service", about=f"browser:{number}:{clock.now()}", occasion="served",
            person=None, branch=branch, service=service, ended_at=clock.now(), language="ar",
        )
        print("/q/" + asking.show(session, invitation=one, mode="qr").token)
"""
ALONE = "from govdesk.app import create_app\ncreate_app().app_context().push()\n"
MOST_KEYS = 60
WORDS = "انتظرت طويلًا"
LOOKS = 100
expect.set_options(timeout=45_000)  # as long as a page may take on a busy machine
SAVED, UNSAVED = "حُفظ ما اخترته.", "لم يُحفظ بعد"
HIDE = """
Object.defineProperty(document, "hidden", { value: true, configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
delete document.hidden;
"""
OF_2017 = """
delete window.fetch;
delete window.URLSearchParams;
delete HTMLFormElement.prototype.requestSubmit;
delete FormData.prototype[Symbol.iterator];
delete Navigator.prototype.sendBeacon;
"""
FACE, TICK, SAY, SEND, STATE = (
    "form.answering button[value='1']",
    "form.answering label:has(input[type=checkbox])",
    "form.answering textarea",
    "form.answering button[name=act][value=send]",
    "form.answering [data-state]",
)


@pytest.fixture(scope="session")
def links(server: str, instance: Path) -> Iterator[str]:
    """Private links of slips on which nobody is named; each is used once."""
    env = environ(GOVDESK_INSTANCE=str(instance))
    made = Running(ALONE + LINKS, env=env).ended()
    assert made.returncode == 0, (server, made.stderr)
    return iter(made.stdout.split())


def answers(instance: Path) -> int:
    with closing(sqlite3.connect(f"file:{instance / 'govdesk.sqlite3'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM response").fetchone()[0])


def words_kept(instance: Path, link: str) -> str:
    """What is saved of the words behind a link that is not sent yet."""
    read = "SELECT draft ->> '$.answers.comment' FROM invitation WHERE token = ?"
    with closing(sqlite3.connect(f"file:{instance / 'govdesk.sqlite3'}?mode=ro", uri=True)) as database:
        return str(database.execute(read, [link.removeprefix("/q/")]).fetchone()[0] or "")


def touched(page: Page, link: str) -> str:
    """Open a link and touch a face; where the words are typed."""
    page.goto(link)
    page.locator(FACE).click()
    page.wait_for_selector(SAY)
    return SAY


def by_touch(chromium: Browser, server: str, **options: Any) -> Page:
    """A phone in Arabic."""
    context = chromium.new_context(
        base_url=server, locale="ar", viewport=WINDOWS["phone"], has_touch=True, is_mobile=True,
        extra_http_headers={"Accept-Language": "ar"}, **options,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(45_000)
    return page


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no_scripts"])
def test_on_a_phone_by_touch(
    chromium: Browser, server: str, links: Iterator[str], instance: Path, *, has_scripts: bool
) -> None:
    page, before = by_touch(chromium, server, java_script_enabled=has_scripts), answers(instance)
    link = next(links)
    page.goto(link)
    page.locator(FACE).tap()
    page.locator(TICK).first.tap()
    page.locator(SAY).fill(WORDS)
    page.locator(SEND).tap()
    page.wait_for_url(f"**{link}/thanks")
    assert answers(instance) == before + 1
    page.goto(link)
    assert page.locator("form.answering").count() == 0
    page.context.close()


def test_by_keyboard_alone(new_page: NewPage, links: Iterator[str], instance: Path) -> None:
    page, before = new_page("ar", "desk"), answers(instance)
    page.goto(next(links))

    def reach(what: str) -> None:
        for _ in range(MOST_KEYS):
            page.keyboard.press("Tab")
            if page.evaluate("what => document.activeElement.matches(what)", what):
                return
        raise AssertionError(f"{what} is not reached")

    reach(FACE)
    page.keyboard.press("Enter")
    page.wait_for_selector(SEND)
    reach("form.answering input[type=checkbox]")
    page.keyboard.press("Space")
    reach(SAY)
    page.keyboard.type(WORDS)
    reach(SEND)
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    assert answers(instance) == before + 1


def test_closed_on_the_way_and_gone_on_with_in_the_same_browser_alone(
    chromium: Browser, server: str, links: Iterator[str]
) -> None:
    link = next(links)
    first = by_touch(chromium, server)
    first.goto(link)
    first.locator(FACE).tap()
    tick = first.locator(TICK).first
    with first.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 204):
        tick.tap()
    cookies = first.context.storage_state()
    first.context.close()
    anothers = by_touch(chromium, server)
    anothers.goto(link)
    assert anothers.locator("form.answering input[type=radio], form.answering input:checked").count() == 0
    anothers.context.close()
    second = by_touch(chromium, server, storage_state=cookies)
    second.goto(link)
    assert second.locator("form.answering input[type=radio][value='1']").is_checked()
    assert second.locator("form.answering input[type=checkbox]").first.is_checked()
    second.locator(SEND).tap()
    second.wait_for_url("**/thanks")
    second.context.close()


def test_words_are_saved_soon_after_the_last_key(
    chromium: Browser, server: str, links: Iterator[str], instance: Path
) -> None:
    page, link = by_touch(chromium, server), next(links)
    page.locator(touched(page, link)).press_sequentially(WORDS)
    expect(page.locator(STATE)).to_have_text(SAVED)  # the field is not left
    assert words_kept(instance, link) == WORDS
    page.context.close()


def test_what_was_just_typed_is_saved_when_the_page_goes_away(
    chromium: Browser, server: str, links: Iterator[str], instance: Path
) -> None:
    page, link = by_touch(chromium, server), next(links)
    say = page.locator(touched(page, link))
    for words, go in ((WORDS, HIDE), (WORDS * 2, "location.assign('about:blank')")):
        say.fill(words)
        page.evaluate(go)
        for _ in range(LOOKS):
            page.wait_for_timeout(50)
            if words_kept(instance, link) == words:
                break
        assert words_kept(instance, link) == words
    page.context.close()


def test_that_something_is_not_saved_is_said_and_tried_again(
    chromium: Browser, server: str, links: Iterator[str], instance: Path
) -> None:
    page, link = by_touch(chromium, server), next(links)
    say, state = page.locator(touched(page, link)), page.locator(STATE)
    say.fill(WORDS)
    expect(state).to_have_text(SAVED)
    page.route(f"**{link}", lambda route: route.abort())
    say.fill(WORDS * 2)
    expect(state).to_contain_text(UNSAVED)
    page.locator(SEND).click()  # nothing is lost in a browser's own error page
    expect(state).to_contain_text(UNSAVED)
    assert say.input_value() == WORDS * 2
    page.unroute(f"**{link}")
    expect(state).to_have_text(SAVED)
    assert words_kept(instance, link) == WORDS * 2
    say.fill(WORDS)
    page.locator(SEND).click()  # with words that are not saved yet
    page.wait_for_url("**/thanks")
    page.context.close()


def test_words_that_are_too_many_are_said_beside_the_field_and_stay(
    chromium: Browser, server: str, links: Iterator[str], instance: Path
) -> None:
    page, link = by_touch(chromium, server), next(links)
    say = page.locator(touched(page, link))
    say.fill(WORDS)
    expect(page.locator(STATE)).to_have_text(SAVED)
    say.fill("طال " * 5_000)
    expect(page.locator("#comment-error")).to_contain_text("٤٬٠٠٠")
    assert say.get_attribute("aria-describedby") == "comment-error"
    assert "حُفظ" not in page.locator(STATE).inner_text()
    assert (len(say.input_value()), words_kept(instance, link)) == (20_000, WORDS)
    say.fill("طال " * 1_000)
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert page.locator("#comment-error").count() == 0
    assert say.get_attribute("aria-invalid") is None
    assert words_kept(instance, link) == ("طال " * 1_000).strip()
    page.context.close()


def test_what_the_server_does_not_even_read_stays_on_the_page(
    chromium: Browser, server: str, links: Iterator[str]
) -> None:
    page, link = by_touch(chromium, server), next(links)
    say = page.locator(touched(page, link))
    page.route(f"**{link}", lambda route: route.fulfill(status=413, json={"title": WORDS * 2, "status": 413}))
    say.fill(WORDS)
    expect(page.locator(STATE)).to_have_text(WORDS * 2)
    page.locator(SEND).click()
    expect(page.locator(STATE)).to_have_text(WORDS * 2)
    assert say.input_value() == WORDS
    page.unroute(f"**{link}")
    page.locator(SEND).click()
    page.wait_for_url("**/thanks")
    page.context.close()


def test_a_phone_of_2017_saves_too(
    chromium: Browser, server: str, links: Iterator[str], instance: Path
) -> None:
    page, link = by_touch(chromium, server), next(links)
    page.add_init_script(OF_2017)
    page.locator(touched(page, link)).fill(WORDS)
    page.locator(TICK).first.tap()
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert words_kept(instance, link) == WORDS
    page.locator(SEND).tap()
    page.wait_for_url("**/thanks")
    page.context.close()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_each_page_of_answering_is_accessible(
    new_page: NewPage, links: Iterator[str], complaints: list[str], language: str
) -> None:
    page, link = new_page(language, "phone"), next(links)
    page.goto(link)
    if language == "en":  # it was sent in Arabic
        page.locator(".tongue").click()
        page.wait_for_url(f"**{link}")
    is_in_order(page, language)
    page.locator(FACE).click()
    page.wait_for_selector(SEND)
    is_in_order(page, language)
    page.locator(SAY).fill("x" * 4_001)
    page.locator(SEND).click()
    page.wait_for_selector(".error-summary")
    complaints.clear()  # of the refusal, which was wanted
    is_in_order(page, language)
    page.locator(SAY).fill(WORDS)
    page.locator(SEND).click()
    page.wait_for_url("**/thanks")
    is_in_order(page, language)
    page.goto(link)
    is_in_order(page, language)
    page.locator("#stop button").click()
    page.wait_for_url("**/stopped")
    is_in_order(page, language)
    page.goto("/q/nobody")
    is_in_order(page, language)
