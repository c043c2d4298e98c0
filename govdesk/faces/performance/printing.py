"""The report as a file: a page that needs nothing from outside, and a PDF of it where there is a Chromium."""

import re
from pathlib import Path

from flask import current_app, render_template

from govdesk import i18n
from govdesk.catalog.service import agency_of
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.performance.views import told_of
from govdesk.kpi.periods.models import PeriodVersion
from govdesk.kpi.periods.papers import PDF
from govdesk.kpi.periods.printer import chromium, printed
from govdesk.notify.letters import Attached

NOTHING_ELSE = (  # the page runs no script and fetches nothing
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_STYLE = re.compile(r'<link rel="stylesheet" href="/static/([a-z_/]+\.css)[^"]*">')
_OUTSIDE = re.compile(r"<(?:script|link)\b[^>]*>(?:</script>)?")


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
    bare = _OUTSIDE.sub("", _STYLE.sub(_inlined, text))
    return bare.replace("<head>", f"<head>{NOTHING_ELSE}", 1)


def _inlined(link: re.Match[str]) -> str:
    style = Path(current_app.static_folder or "", link[1]).read_text("utf-8")
    return f"<style>{style}</style>"
