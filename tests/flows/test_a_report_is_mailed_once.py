"""The report of a version is made once in each language, mailed once to each recipient, and kept."""

import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import select

from govdesk.config import Settings
from govdesk.db import reading, transaction
from govdesk.faces.performance import mailing, printing
from govdesk.kpi.periods import printer, recipients
from govdesk.kpi.periods.models import PeriodMailing, PeriodPaper, PeriodVersion, ReportRecipient
from govdesk.notify import delivery
from govdesk.notify.letters import Letter
from govdesk.notify.mail import compose
from govdesk.notify.models import Message
from govdesk.people.models import Staff
from tests.makers import Cast
from tests.period_makers import make_month, publish

PDF = b"%PDF-1.4 a report"
PRINTS = all(any(map(shutil.which, names)) for names in (printer.NAMES, ("pdftotext",)))


@pytest.fixture
def month(cast: Cast) -> None:
    """September, published, with two recipients."""
    with transaction() as session:
        make_month(session, cast)
        publish(session, cast=cast)
        adam = session.scalars(select(Staff).where(Staff.username == "adam")).one().actor
        for email, language in (("wazir@city.example", "ar"), ("guest@city.example", "en")):
            recipients.add(session, actor=adam, department_id=None, email=email, language=language)
    assert reading().query(ReportRecipient).count() == 2


def letters() -> list[Letter]:
    rows = reading().scalars(select(Message).where(Message.key == "report").order_by(Message.id))
    found = [delivery.letter_of(reading(), row) for row in rows]
    return sorted((one for one in found if one is not None), key=lambda one: one.language)


def test_with_a_browser_it_is_a_pdf_in_the_language_of_each(
    month: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def print_it(text: str, _browser: str) -> bytes:
        asked.append(text)
        return PDF

    monkeypatch.setattr("govdesk.faces.performance.printing.chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr("govdesk.faces.performance.printing.printed", print_it)
    assert mailing.run_mail() == 2
    assert mailing.run_mail() == 0
    assert [text.count('<html lang="ar"') for text in asked] == [1, 0]
    assert all("<link" not in text and "<script" not in text and "<style>" in text for text in asked)
    arabic, english = letters()
    assert "سبتمبر ٢٠٢٦" in arabic.subject
    assert english.subject == "Performance report: September 2026"
    assert arabic.attached is not None
    assert (arabic.attached.name, arabic.attached.content) == ("2026-09-v1-ar.pdf", PDF)
    assert reading().query(PeriodPaper).count() == 2
    assert reading().query(PeriodMailing).one().recipients == 2


@pytest.mark.skipif(not PRINTS, reason="needs Chromium and pdftotext")
@pytest.mark.parametrize(("language", "digit"), [("ar", "١"), ("en", "1")])
def test_the_sheets_of_a_report_are_numbered(month: None, tmp_path: Path, language: str, digit: str) -> None:
    paper = tmp_path / "report.pdf"
    paper.write_bytes(printing.file_of(reading().query(PeriodVersion).one(), language).content)
    told = subprocess.run(
        [shutil.which("pdftotext") or "pdftotext", "-layout", paper, "-"], check=True, capture_output=True
    ).stdout.decode()
    sheet = "".join(one for one in told.split("\f")[0] if unicodedata.category(one) != "Cf")
    first = "".join(sheet.split())[-3:]  # 1/7, or 7/1 as paper has Arabic lines
    assert digit in first
    assert "/" in first


def test_without_a_browser_the_page_goes_along_and_the_mail_says_so(
    month: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("govdesk.faces.performance.printing.chromium", lambda: None)
    assert mailing.run_mail() == 2
    _arabic, english = letters()
    assert "No PDF could be made" in english.text
    assert english.attached is not None
    assert english.attached.mimetype == "text/html"
    mail = compose(english, settings)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["2026-09-v1-en.html"]


def test_a_browser_that_fails_is_asked_again(month: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_text: str, _browser: str) -> bytes:
        raise printer.PrinterError("no space left")

    monkeypatch.setattr("govdesk.faces.performance.printing.chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr("govdesk.faces.performance.printing.printed", fail)
    assert mailing.run_mail() == 0
    assert reading().query(PeriodMailing).count() == 0
    monkeypatch.setattr("govdesk.faces.performance.printing.printed", lambda _text, _browser: PDF)
    assert mailing.run_mail() == 2


def test_a_file_stands_beside_the_mail_where_there_is_no_server(
    month: None, monkeypatch: pytest.MonkeyPatch, instance: Path
) -> None:
    monkeypatch.setattr("govdesk.faces.performance.printing.chromium", lambda: None)
    mailing.run_mail()
    assert delivery.run_send() == 2
    assert len(list((instance / "outbox").glob("*.html"))) == 2
