"""The report as a file: a page that needs nothing from outside, and a PDF of it by an installed Chromium.

A browser is what sets Arabic right: letters that join, from right to left, also beside a drawing.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from flask import current_app, render_template

from govdesk import i18n
from govdesk.catalog.service import agency_of
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.performance.views import told_of
from govdesk.kpi.periods.models import PeriodVersion
from govdesk.kpi.periods.papers import PDF
from govdesk.notify.letters import Attached

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 120  # seconds
ROOT = 0
NOTHING_ELSE = (
    """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
)
_STYLE = re.compile(r'<link rel="stylesheet" href="/static/([a-z_/]+\.css)[^"]*">')
_OUTSIDE = re.compile(r"<(?:script|link)\b[^>]*>(?:</script>)?")


class PrinterError(Exception):
    """Chromium is there and made no PDF; the sentence says what it said."""


def chromium() -> str | None:
    """Where a Chromium is: as set, else the first that the system finds; None where there is none."""
    if settings().chromium:
        return shutil.which(settings().chromium)
    return next(filter(None, map(shutil.which, NAMES)), None)


def file_of(version: PeriodVersion, language: str, *, as_page: bool = False) -> Attached:
    """Make the report of a version in a language: a PDF, or the page where there is no Chromium.

    `as_page` asks for the page all the same. Raises PrinterError where Chromium fails.
    """
    text, name = page_of(version, language), f"{version.period.code}-v{version.number}-{language}"
    browser = None if as_page else chromium()
    if browser is None:
        return Attached(f"{name}.html", "text/html", text.encode())
    return Attached(f"{name}.pdf", PDF, printed(text, browser))


def page_of(version: PeriodVersion, language: str) -> str:
    """Write the report as one page that holds its own style, and no script."""
    address = settings().base_address
    with current_app.test_request_context("/", base_url=address), i18n.speaking(language):
        text = render_template("performance/report.html", **told_of(version), agency=agency_of(reading()))
    return _OUTSIDE.sub("", _STYLE.sub(_inlined, text)).replace("<head>", f"<head>{NOTHING_ELSE}", 1)


def printed(text: str, browser: str) -> bytes:
    """Print a page to PDF. It may run no script and ask no other machine. Raises PrinterError."""
    with tempfile.TemporaryDirectory(prefix="govdesk-print-") as folder:
        page, paper = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(text, "utf-8")
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={paper}", page.as_uri(),
        ]  # fmt: skip
        if os.geteuid() == ROOT:
            command.insert(1, "--no-sandbox")  # Chromium has no sandbox for root; the page is our own
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 - our own words
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise PrinterError(f"{browser}: {failed}") from failed
        if done.returncode or not paper.exists():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise PrinterError(f"{browser} ended with {done.returncode}: {' '.join(said)}")
        return paper.read_bytes()


def _inlined(link: re.Match[str]) -> str:
    style = Path(current_app.static_folder or "", link[1]).read_text("utf-8")
    return f"<style>{style}</style>"
