"""The audit, for those who look into it: what was done, by whom, when; whether the chain holds."""

import json

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, true

from govdesk import audit
from govdesk.audit import AuditEntry
from govdesk.config import settings
from govdesk.db import reading
from govdesk.faces.fields import tidy
from govdesk.i18n import digits, latin_digits, t
from govdesk.people.models import Staff
from govdesk.web import page, staff_only

ROWS = 50
LONGEST_SUBJECT = 100
MOST_FINDINGS = 20


@staff_only("admin", "auditor")
def audit_trail() -> ResponseReturnValue:
    """Show the entries, newest first, all or those about one subject; with ?check, verify the chain."""
    subject = tidy(request.args.get("subject"))[:LONGEST_SUBJECT]
    wanted = AuditEntry.subject.startswith(subject, autoescape=True) if subject else true()
    total = reading().scalar(select(func.count()).select_from(AuditEntry).where(wanted)) or 0
    pages = max(1, -(-total // ROWS))
    number = _page_number(pages)
    entries = reading().scalars(
        select(AuditEntry).where(wanted).order_by(*audit.NEWEST_FIRST).limit(ROWS).offset((number - 1) * ROWS)
    )
    staff = {f"staff:{row.id}": row for row in reading().scalars(select(Staff))}
    is_checked = "check" in request.args
    findings = list(audit.verify(reading())) if is_checked else []
    return page(
        "admin/trail.html",
        entries=entries.all(),
        total=total,
        number=number,
        pages=pages,
        subject=subject,
        staff=staff,
        in_words=in_words,
        number_of=lambda one: digits(audit.numbered(one.strand, one.position)),
        as_json=lambda detail: json.dumps(detail, ensure_ascii=False),
        zone=settings().default_timezone,
        is_checked=is_checked,
        findings=findings[:MOST_FINDINGS],
        url_of=lambda n: url_for("admin.audit_trail", subject=subject or None, page=n),
    )


def in_words(action: str) -> str:
    """Return what was done as people say it; nothing for an act that nobody has named yet."""
    key = "admin.did_" + action.replace(".", "_")
    said = t(key)
    return "" if said == key else said


def _page_number(pages: int) -> int:
    typed = latin_digits(request.args.get("page", "1"))
    number = int(typed) if typed.isdecimal() and len(typed) < len("1000000") else 1
    return min(max(number, 1), pages)
