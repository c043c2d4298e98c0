"""A counter whose sign-in is over says so, keeps what stands on it, and goes on after the next sign-in."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage


def test_a_signed_out_counter_says_so_and_goes_on_after_the_next_sign_in(new_page: NewPage) -> None:
    page = new_page("en", who="salma")
    page.goto("/counter")
    if page.locator("form[action$='/counter/open']").count():
        page.locator("form[action$='/counter/open'] button").click()
    expect(page.locator("[data-live]")).to_be_visible()
    kept = page.context.cookies()
    page.context.clear_cookies()
    expect(page.locator("[data-signed-out]")).to_be_visible()
    expect(page.locator("[data-cut]")).to_be_hidden()
    assert page.url.endswith("/counter")
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    expect(page.locator("[data-signed-out]")).to_be_hidden()
    expect(page.locator("[data-connected]")).to_be_visible()
