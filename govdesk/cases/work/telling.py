"""What the person of a case is told without coming: what is asked of them, and that their need is met."""

import datetime as dt

from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.booking.telling import when
from govdesk.cases.file_models import CaseAct, CaseAsk
from govdesk.cases.models import Case
from govdesk.catalog.models import Branch
from govdesk.config import settings
from govdesk.i18n import named, speaking
from govdesk.notify import service as messages
from govdesk.notify.models import Message
from govdesk.people.models import Person

ASKED = "/asked/{}"  # the person's page
TOLD_WITHIN = dt.timedelta(days=3)


def about(ask: CaseAsk) -> str:
    """How messages name what was asked."""
    return f"ask:{ask.id}"


def language_of(session: Session, case: Case) -> str:
    """The language in which the person of a case is written to."""
    person = None if case.person_id is None else session.get(Person, case.person_id)
    return person.language if person is not None and person.language else settings().default_language


def tell_asked(session: Session, case: Case, ask: CaseAsk) -> Message | None:
    """Send what is asked, with the private link to answer it; None where nobody can be reached."""
    zone = zone_of(session, case)
    with speaking(ask.language):
        values = {
            **_places(session, case),
            "asked": ask.asked,
            "until": when(ask.ends_at - dt.timedelta(minutes=1), zone),
            "link": settings().base_address + ASKED.format(ask.token),
        }
    person = None if case.person_id is None else session.get(Person, case.person_id)
    return messages.queue(
        session, key="case_ask", about=about(ask), language=ask.language, values=values,
        person=person, expires_at=ask.ends_at, zone=zone,
    ) if person else None  # fmt: skip


def tell_resolved(session: Session, case: Case, act: CaseAct) -> Message | None:
    """Send that the need is met, and what was done; None where nobody can be reached."""
    person = None if case.person_id is None else session.get(Person, case.person_id)
    if person is None:
        return None
    language = language_of(session, case)
    with speaking(language):
        values = {**_places(session, case), "words": act.words or ""}
    return messages.queue(
        session, key="case_resolved", about=f"case_act:{act.id}", language=language, values=values,
        person=person, expires_at=clock.now() + TOLD_WITHIN, zone=zone_of(session, case),
    )  # fmt: skip


def zone_of(session: Session, case: Case) -> str:
    """The zone in which the days of a case are cut: that of its branch."""
    branch = None if case.branch_id is None else session.get(Branch, case.branch_id)
    return settings().default_timezone if branch is None else branch.timezone


def _places(session: Session, case: Case) -> dict[str, str]:
    branch = None if case.branch_id is None else session.get(Branch, case.branch_id)
    return {"service": named(case.service), "branch": "" if branch is None else named(branch)}
