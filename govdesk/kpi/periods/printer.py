"""A page as PDF, printed by a Chromium that is installed here.

A browser is what sets Arabic right: letters that join, from right to left, also beside a drawing.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from govdesk.config import settings

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 120  # seconds
ROOT = 0


class PrinterError(Exception):
    """Chromium is there and made no PDF; the sentence says what it said."""


def chromium() -> str | None:
    """Where a Chromium is: as set, else the first that the system finds; None where there is none."""
    if settings().chromium:
        return shutil.which(settings().chromium)
    return next(filter(None, map(shutil.which, NAMES)), None)


def printed(text: str, browser: str) -> bytes:
    """Print a page to PDF; it reaches no other machine. Raises PrinterError."""
    with tempfile.TemporaryDirectory(prefix="govdesk-print-") as folder:
        page, paper = Path(folder, "report.html"), Path(folder, "report.pdf")
        page.write_text(text, "utf-8")
        command = [
            browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={paper}", page.as_uri(),
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
