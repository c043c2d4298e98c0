"""Who is sent the reports: a list of the agency and one of each department, kept by whoever publishes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import audit, clock
from govdesk.actor import Actor
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.i18n import LANGUAGES
from govdesk.kpi.periods import rules
from govdesk.kpi.periods.models import ReportRecipient
from govdesk.people.contact import clean_email

MOST = 50


def listed(session: Session, department_id: int | None) -> Sequence[ReportRecipient]:
    """Return the recipients of the agency's reports or of a department's."""
    own = ReportRecipient.department_id.is_not_distinct_from(department_id)
    return session.scalars(select(ReportRecipient).where(own).order_by(ReportRecipient.email)).all()


def add(
    session: Session, *, actor: Actor, department_id: int | None, email: str, language: str
) -> ReportRecipient:
    """Send the reports to an address from the next one on; DeskError beside `email` or `language`."""
    _refuse_others(actor, department_id)
    if language not in LANGUAGES:
        raise DeskError("errors.choose_known", field="language", status=422)
    address = clean_email(email)
    known = listed(session, department_id)
    if any(one.email == address for one in known):
        raise DeskError("periods.known_recipient", field="email", status=422)
    if len(known) >= MOST:
        raise DeskError("periods.many_recipients", field="email", status=422)
    made = ReportRecipient(
        department_id=department_id, email=address, language=language, added_at=clock.now(),
        added_by_id=int(actor.id),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor=actor, action="report.recipient_added", subject=_subject(department_id), id=made.id
    )
    return made


def remove(session: Session, *, actor: Actor, recipient_id: int) -> None:
    """Send no more reports to an address; one that is gone already raises NotFoundError."""
    found = session.get(ReportRecipient, recipient_id)
    if found is None:
        raise NotFoundError
    _refuse_others(actor, found.department_id)
    subject = _subject(found.department_id)
    session.delete(found)
    audit.record(session, actor=actor, action="report.recipient_removed", subject=subject, id=recipient_id)


def _refuse_others(actor: Actor, department_id: int | None) -> None:
    if not rules.may_publish(actor.grants, department_id):
        raise NotAllowedError


def _subject(department_id: int | None) -> str:
    return "reports" if department_id is None else f"reports:{department_id}"
