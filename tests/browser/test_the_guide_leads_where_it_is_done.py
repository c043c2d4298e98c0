"""A press on "go online" leaves for the service: the page's own policy lets this form lead there."""

from playwright.sync_api import Route

from tests.browser.conftest import NewPage


def test_the_browser_follows_to_the_online_service(new_page: NewPage) -> None:
    page = new_page("en", "phone")
    page.route("https://example.org/**", _answer)
    page.goto("/guide/licence-renewal/online")
    page.click("main form[method=post] button")
    page.wait_for_url("https://example.org/licence/renew")
    assert page.inner_text("h1") == "Here it is done"


def _answer(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<!doctype html><title>x</title><h1>Here it is done</h1>")
