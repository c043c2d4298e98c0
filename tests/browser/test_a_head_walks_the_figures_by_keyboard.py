"""Without a mouse: card by card in the order in which they are seen, then point by point along a chart."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage

MOST_PRESSES = 80
FOCUSED = "() => document.activeElement.closest('.measure h2') ? document.activeElement.pathname : ''"


def said(page: Page) -> str:
    return page.inner_text("[data-said-of=course]")


def test_cards_are_met_in_the_order_of_their_urgency(new_page: NewPage) -> None:
    page = new_page("en", who="head")
    page.goto("/figures")
    cards = page.eval_on_selector_all(".measure h2 a", "links => links.map((link) => link.pathname)")
    met: list[str] = []
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        path = page.evaluate(FOCUSED)
        if path:
            met.append(path)
        if path == cards[4]:
            break
    assert met == cards[:5]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{cards[4]}*")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_arrows_go_from_point_to_point(new_page: NewPage, language: str) -> None:
    page = new_page(language, who="head")
    page.goto("/figures/waiting_time")
    page.wait_for_selector("#course .main-svg")
    page.focus("#course")
    page.keyboard.press("Home")
    first = said(page)
    page.keyboard.press("ArrowRight")
    second = said(page)
    assert first
    assert second not in {"", first}
    page.keyboard.press("ArrowLeft")
    assert said(page) == first
    page.keyboard.press("End")
    rows = page.eval_on_selector_all("#course-table tbody th", "rows => rows.map((row) => row.textContent)")
    assert said(page).startswith(rows[0])  # the table begins with the latest
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#course-table') !== null")
