"""The job that makes the reports of what was published and mails them, once for each version."""

import datetime as dt
import logging

from govdesk import clock
from govdesk.db import reading, transaction
from govdesk.faces.head import telling
from govdesk.faces.performance import printing
from govdesk.i18n import LANGUAGES, speaking
from govdesk.kpi.periods import papers, published
from govdesk.kpi.periods import service as periods
from govdesk.kpi.periods.models import PeriodVersion
from govdesk.kpi.periods.printer import PrinterError
from govdesk.notify.letters import Attached

GIVEN_UP = dt.timedelta(hours=6)  # after publication; then the page is sent in place of the PDF
log = logging.getLogger("govdesk.reports")


def run_draft() -> int:
    """The job: begin the reports of what has ended; how many."""
    with transaction() as session:
        return len(periods.draft_ended(session))


def run_mail() -> int:
    """The job: make the reports of versions that have none, and queue them; how many were queued.

    Chromium runs outside every transaction. One that fails is asked again at the next turn, and given up
    some hours after the publication: then the report leaves as a page.
    """
    sent = 0
    for version_id in [one.id for one in papers.unsent(reading())]:
        version = reading().get_one(PeriodVersion, version_id)
        try:
            files = _files(version)
        except PrinterError as failed:
            log.warning("the report of %s was not printed: %s", version.period.code, failed)
            reading().rollback()
            continue
        titles = _titles(version)
        reading().rollback()
        with transaction() as session:
            own = session.get_one(PeriodVersion, version_id)
            sent += papers.send(session, version=own, files=files, titles=titles)
    reading().rollback()
    return sent


def _files(version: PeriodVersion) -> dict[str, Attached]:
    is_late = clock.now() - version.published_at > GIVEN_UP
    found = {}
    for language in LANGUAGES:
        try:
            found[language] = printing.file_of(version, language)
        except PrinterError:
            if not is_late:
                raise
            found[language] = printing.file_of(version, language, as_page=True)
    return found


def _titles(version: PeriodVersion) -> dict[str, str]:
    document = published.document_of(version)
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[language] = telling.title_of(document)
    return found
