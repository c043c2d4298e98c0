"""A call made at a counter is seen on the hall's board and on the phone of the one called, by itself."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

PATIENCE = 30_000  # ms; how quick it is, a bench measures
OF_TICKET = (
    "SELECT t.number, t.token, b.code, c.number FROM ticket t JOIN branch b ON b.id = t.branch_id"
    " JOIN counter c ON c.id = t.counter_id WHERE t.id = ?"
)
OF_COUNTER = (
    "SELECT b.code FROM counter_session s JOIN counter c ON c.id = s.counter_id"
    " JOIN branch b ON b.id = c.branch_id JOIN staff p ON p.id = s.staff_id"
    " WHERE p.username = ? AND s.closed_at IS NULL"
)


def told(instance: Path, query: str, what: object) -> tuple[str, ...]:
    """One row of the city's database."""
    with closing(sqlite3.connect(instance / "govdesk.sqlite3")) as database:
        row: tuple[object, ...] = database.execute(query, (what,)).fetchone()
    return tuple(map(str, row))


def sit_down(new_page: NewPage) -> Page:
    """An officer at an open counter."""
    page = new_page("en", who="salma")
    page.goto("/counter")
    for act in ("/counter/open", "/unpause"):
        button = page.locator(f"form[action$='{act}'] button").first
        if button.count() and button.is_visible():
            button.click()
    return page


def call_next(page: Page) -> int:
    """Conclude who is there, call the next with the space key, and tell whose ticket it is."""
    if page.locator("form#conclude").count():
        page.keyboard.press("1")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"called=\d+"))
    return int(page.url.partition("called=")[2].partition("&")[0])


def test_board_and_phone_follow_a_call(new_page: NewPage, instance: Path) -> None:
    officer = sit_down(new_page)
    (branch,) = told(instance, OF_COUNTER, "salma")
    board, screen = new_page("ar", who="salma"), new_page("en", who="salma")
    board.goto(f"/board/{branch}")
    screen.goto(f"/board/{branch}")
    number, secret, _branch, counter = told(instance, OF_TICKET, call_next(officer))
    for hall in (board, screen):
        expect(hall.locator("[data-part=called] .number")).to_have_text(number, timeout=PATIENCE)
        expect(hall.locator("[data-part=called] .to b")).to_have_text(counter, timeout=PATIENCE)
    phone, other = new_page("ar", "phone"), new_page("en", "phone")
    for one in (phone, other):
        one.goto(f"/ticket/{secret}")
        expect(one.locator("h1")).to_contain_text(counter)
    again = call_next(officer)
    number, *_rest = told(instance, OF_TICKET, again)
    expect(board.locator("[data-part=called] .number")).to_have_text(number, timeout=PATIENCE)
    expect(phone.locator("h1")).to_have_text("انتهت تذكرتك", timeout=PATIENCE)
    expect(other.locator("h1")).to_have_text("Your ticket has ended", timeout=PATIENCE)
    # what can be done now comes to the open page too
    expect(phone.locator("[data-part=after] button").first).to_be_visible(timeout=PATIENCE)
    expect(phone.locator("#leave")).to_have_count(0)
