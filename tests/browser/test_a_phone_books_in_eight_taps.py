"""From the guide to the calendar entry: in eight taps on a phone, by keyboard alone, without scripts."""

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from govdesk.people.identity import sample_identity
from tests.browser.conftest import NewPage

MOST_TAPS = 8
MOST_KEYS = 400
GUIDE = "/guide"
FOCUS_IS_SHOWN = """() => {
  const at = document.activeElement, card = at.closest("label") || at;
  const styles = [getComputedStyle(at), getComputedStyle(card), getComputedStyle(at, "::after")];
  return styles.some(style => style.outlineStyle !== "none" && style.outlineWidth !== "0px");
}"""


class Hand:
    """A thumb that counts: a tap is what is touched; typing and the keyboard's own "next" are none."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        """Touch it."""
        self.taps += 1
        what.click()


def to_the_details(page: Page, hand: Hand) -> None:
    """The guide, its answer, the reason's page, a free time."""
    hand.tap(page.locator("main a[href$='/guide/licence-renewal']"))
    hand.tap(page.locator("main a[href*='condition=lost']"))
    hand.tap(page.locator("main a[href*='/book/licence-renewal']").first)
    hand.tap(page.locator("label:has(input[name=slot]:enabled)").first)
    hand.tap(page.locator("button[form=times]"))


def say_who_comes(page: Page, number: int) -> None:
    page.keyboard.type("نورة الحربي")
    page.locator("input[name=identity]").fill(sample_identity(number, "national").number)
    page.locator("input[name=phone]").fill("0501234567")


def take_the_calendar_entry(page: Page, hand: Hand, folder: Path) -> str:
    with page.expect_download() as download:
        hand.tap(page.locator("a[href$='.ics']"))
    download.value.save_as(folder / "entry.ics")
    return (folder / "entry.ics").read_text(encoding="utf-8")


def test_on_a_phone_in_arabic(new_page: NewPage, tmp_path: Path) -> None:
    page, hand = new_page("ar", "phone"), Hand()
    page.goto(GUIDE)
    to_the_details(page, hand)
    hand.tap(page.locator("input[name=name]"))
    say_who_comes(page, 4101)
    hand.tap(page.locator("main form:has(input[name=name]) button").last)
    page.wait_for_selector("img.qr")
    entry = take_the_calendar_entry(page, hand, tmp_path)
    assert "BEGIN:VEVENT" in entry
    assert hand.taps <= MOST_TAPS


def test_without_scripts(chromium: Browser, server: str, tmp_path: Path) -> None:
    context = chromium.new_context(
        base_url=server, locale="ar", viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page, hand = context.new_page(), Hand()
    page.set_default_timeout(45_000)
    page.goto(GUIDE)
    to_the_details(page, hand)
    hand.tap(page.locator("input[name=name]"))
    say_who_comes(page, 4102)
    hand.tap(page.locator("main form:has(input[name=name]) button").last)
    page.wait_for_selector("img.qr")
    assert "BEGIN:VEVENT" in take_the_calendar_entry(page, hand, tmp_path)
    context.close()


def test_by_keyboard_alone(new_page: NewPage) -> None:
    page = new_page("en", "desk")
    page.goto(GUIDE)
    press_on(page, "a[href$='/guide/licence-renewal']")
    press_on(page, "a[href*='condition=lost']")
    press_on(page, "a[href*='/book/licence-renewal']")
    walk_to(page, "input[name=slot]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("input[name=name]")
    for field, typed in (
        ("name", "Nora Harbi"),
        ("identity", sample_identity(4103, "national").number),
        ("phone", "0501234568"),
    ):
        walk_to(page, f"input[name={field}]")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_selector("img.qr")
    assert "/appointment/" in page.url


def press_on(page: Page, wanted: str) -> None:
    """Walk to a link and follow it."""
    walk_to(page, f"main {wanted}")
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)


def walk_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus, which must be visible, stands on what is wanted."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            shown = page.evaluate(FOCUS_IS_SHOWN)
            assert shown, f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"{wanted} is not reached by Tab on {page.url}")
