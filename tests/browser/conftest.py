"""A real server with a small demo city, and a real browser that looks at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, ViewportSize, sync_playwright

from govdesk.demo.people import PASSWORD
from tests.processes import ROOT, environ, govdesk

WINDOWS: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desk": {"width": 1280, "height": 800},
}
NewPage = Callable[..., Page]
Launch = Callable[..., Browser]
_signed_in: dict[str, StorageState] = {}  # by username: whoever has signed in once need not type it again


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser; without one it is skipped with one line, except in CI."""
    here = Path(__file__).parent
    missing = not shutil.which("chromium") and os.environ.get("CI") != "true"
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip("chromium is not installed (apt-get install chromium)"))


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance that is looked at."""
    return tmp_path_factory.mktemp("city")


@pytest.fixture(scope="session")
def server(instance: Path) -> Iterator[str]:
    """The address of `govdesk serve` on an instance of its own, filled with ten days of the demo city."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = environ(GOVDESK_INSTANCE=str(instance), GOVDESK_PORT=str(port), GOVDESK_RATE_LIMITS="no")
    for command in (("db", "upgrade"), ("demo", "--days", "10")):
        made = govdesk(*command, env=env)
        assert made.returncode == 0, made.stderr
    log = (instance / "serve.log").open("wb")
    running = subprocess.Popen(
        [Path(sys.executable).with_name("govdesk"), "serve"], env=env, cwd=ROOT, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, running, instance / "serve.log")
        yield address
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
        log.close()


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Start Debian's chromium without a window, with further options: `launch("--mute-audio")`."""
    usual = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        yield lambda *options: playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*usual, *options]
        )


@pytest.fixture(scope="session")
def chromium(launch: Launch) -> Iterator[Browser]:
    """The browser of most tests."""
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser has complained about; a test that provokes it takes it out."""
    return []


@pytest.fixture
def new_page(chromium: Browser, server: str, complaints: list[str]) -> Iterator[NewPage]:
    """Open a window: `new_page("ar", "phone")`; `new_page("en", who="salma")` is signed in.

    What the browser complains about fails the test.
    """
    contexts = []

    def open_window(language: str = "ar", window: str = "desk", who: str | None = None) -> Page:
        if who is not None and who not in _signed_in:
            _signed_in[who] = _sign_in(open_window(), who)
        context = chromium.new_context(
            base_url=server, locale=language, viewport=WINDOWS[window],
            extra_http_headers={"Accept-Language": language}, reduced_motion="reduce",
            storage_state=_signed_in[who] if who is not None else None,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend(_complaint(said, page.url)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A desk-sized window in Arabic."""
    return new_page()


def _sign_in(page: Page, who: str) -> StorageState:
    page.goto("/staff/sign-in")
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit], main form button")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page.context.storage_state()


def _complaint(said: ConsoleMessage, address: str) -> list[str]:
    is_own_status = said.location["url"] == address  # a page that is itself an error, such as "not found"
    return [said.text] if said.type == "error" and not is_own_status else []


def _wait_until_it_answers(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert running.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
