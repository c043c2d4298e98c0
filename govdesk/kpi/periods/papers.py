"""The report of a version as a file in each language: kept, and sent once to whoever is on the list."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.config import settings
from govdesk.errors import NotFoundError
from govdesk.i18n import speaking, t
from govdesk.kpi.periods import recipients
from govdesk.kpi.periods.models import PeriodMailing, PeriodPaper, PeriodVersion
from govdesk.notify import service as messages
from govdesk.notify.letters import Attached
from govdesk.notify.models import Enclosure

LASTS = dt.timedelta(days=14)
PDF = "application/pdf"


def unsent(session: Session) -> Sequence[PeriodVersion]:
    """Return the versions whose reports were not made yet, the first published first."""
    done = select(PeriodMailing.version_id)
    query = select(PeriodVersion).where(PeriodVersion.id.not_in(done)).order_by(PeriodVersion.id)
    return session.scalars(query).all()


def languages_of(session: Session, version: PeriodVersion) -> list[str]:
    """Return the languages in which there is a PDF of a version."""
    query = select(PeriodPaper).where(PeriodPaper.version_id == version.id).order_by(PeriodPaper.language)
    return [one.language for one in session.scalars(query) if one.enclosure.mimetype == PDF]


def paper_of(session: Session, version: PeriodVersion, language: str) -> Enclosure:
    """Return the PDF of a version in a language, or raise NotFoundError."""
    own = PeriodPaper.version_id == version.id, PeriodPaper.language == language
    found = session.scalars(select(PeriodPaper).where(*own)).one_or_none()
    if found is None or found.enclosure.mimetype != PDF:
        raise NotFoundError
    return found.enclosure


def send(
    session: Session, *, version: PeriodVersion, files: Mapping[str, Attached], titles: Mapping[str, str]
) -> int:
    """Keep the files of a version (by language) and queue them to whoever is on the list now; how many.

    Once: the row that says so has the version for its key, so that of two jobs the second is taken back
    whole. What is queued leaves when this transaction has committed, and is tried again until it has left.
    """
    if session.get(PeriodMailing, version.id) is not None:
        return 0
    kept = {}
    for language, file in files.items():
        now = clock.now()
        kept[language] = Enclosure(
            name=file.name, mimetype=file.mimetype, content=file.content, made_at=now
        )  # fmt: skip
        session.add(
            PeriodPaper(version_id=version.id, language=language, enclosure=kept[language], made_at=now)
        )
    session.flush()
    wanted = recipients.listed(session, version.period.department_id)
    for one in wanted:
        _queue(session, version, one.email, one.language, kept[one.language], titles[one.language])
    session.add(PeriodMailing(version_id=version.id, at=clock.now(), recipients=len(wanted)))
    session.flush()
    return len(wanted)


def _queue(
    session: Session, version: PeriodVersion, email: str, language: str, file: Enclosure, title: str
) -> None:
    with speaking(language):
        attached = t("periods.attached_pdf" if file.mimetype == PDF else "periods.attached_html")
    message = messages.queue(
        session, key="report", about=f"period_version:{version.id}", language=language, address=email,
        expires_at=clock.now() + LASTS,
        values={
            "period": title, "attached": attached, "hash": version.hash,
            "link": f"{settings().base_address}/performance/{version.period.code}",
        },
    )  # fmt: skip
    if message is not None:
        messages.enclose(session, message, file)
