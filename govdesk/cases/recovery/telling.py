"""What the person is told of a task: that we are sorry, what is given, and where to say if it is good."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.cases.recovery.models import Recovery, Redress
from govdesk.config import settings
from govdesk.notify import service as messages
from govdesk.notify.models import Message

SORRY = "recovery_sorry"
OWN = "/recovery/{}"  # the private page
TOLD_WITHIN = dt.timedelta(days=3)


def tell_sorry(session: Session, task: Recovery, *, words: str = "") -> Message | None:
    """Queue an apology with the link of the person's page; None where no message can be brought."""
    with i18n.speaking(task.language):
        given = ", ".join(i18n.named(one.kind) for one in _given(session, task))
        values = {
            "service": i18n.named(task.service) if task.service else "",
            "branch": i18n.named(task.branch),
            "said": words,
            "redress": i18n.t("recovery.message_redress", redress=given) if given else "",
            "link": settings().base_address + OWN.format(task.token),
        }
    return messages.queue(
        session, key=SORRY, about=f"recovery:{task.id}", language=task.language, values=values,
        person=task.person, expires_at=clock.now() + TOLD_WITHIN, zone=task.branch.timezone,
    )  # fmt: skip


def forget(session: Session, task: Recovery) -> None:
    """Drop what waits to be sent, and what was written beside what was given."""
    messages.drop_about(session, f"recovery:{task.id}")
    for row in session.scalars(select(Redress).where(Redress.recovery_id == task.id)):
        row.words = ""


def _given(session: Session, task: Recovery) -> list[Redress]:
    given = select(Redress).where(Redress.recovery_id == task.id, Redress.state == "given")
    return list(session.scalars(given.order_by(Redress.id)))
