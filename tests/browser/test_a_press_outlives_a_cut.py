"""A press whose answer was lost on the way is sent again, with the same key, until it is answered."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import NewPage


def test_a_press_without_an_answer_is_sent_again_the_same(new_page: NewPage, complaints: list[str]) -> None:
    page = new_page("en", who="salma")
    page.goto("/counter")
    if page.locator("form[action$='/counter/open']").count():
        page.locator("form[action$='/counter/open'] button").click()
    if page.locator(".vacant form[action$='/unpause']").count():
        page.locator(".vacant form[action$='/unpause'] button").click()
    sent: list[str] = []

    def cut_once(route: Route) -> None:
        """The server does what was pressed, and its first answer is lost."""
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/counter/pause", cut_once)
    page.keyboard.press("?")
    expect(page.locator("#all-keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.locator("form[action$='/counter/pause'] button").click()
    expect(page.locator("[data-unanswered]")).to_be_visible()
    expect(page.locator("form[action$='/counter/unpause']").first).to_be_visible()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert "once=" in sent[0]
    complaints.remove("Failed to load resource: net::ERR_CONNECTION_RESET")  # the one that was cut
