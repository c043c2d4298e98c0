"""What people are told of promises made to them: made, kept, moved, broken, and done late."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from govdesk import clock, i18n
from govdesk.cases.commitments.models import Commitment
from govdesk.notify import service as messages

AT_COUNTER = "counter"
TOLD_WITHIN = dt.timedelta(days=3)


def tell_made(session: Session, payload: dict[str, Any]) -> None:
    """Tell what was promised; who stood at the counter has heard it there."""
    given = session.get_one(Commitment, payload["commitment_id"])
    if given.origin != AT_COUNTER and given.state == "open":
        _tell(session, given.id, "commitment_made")


def tell_kept(session: Session, payload: dict[str, Any]) -> None:
    """Tell that it is done."""
    _tell(session, payload["commitment_id"], "commitment_kept", "kept")


def tell_done(session: Session, payload: dict[str, Any]) -> None:
    """Tell that it is done after all, with an apology."""
    _tell(session, payload["commitment_id"], "commitment_done", "done")


def tell_broken(session: Session, payload: dict[str, Any]) -> None:
    """Tell honestly that it was not kept; not what has been done meanwhile."""
    if session.get_one(Commitment, payload["commitment_id"]).done_at is None:
        _tell(session, payload["commitment_id"], "commitment_broken")


def tell_moved(session: Session, payload: dict[str, Any]) -> None:
    """Tell the new day and why; an earlier word that still waits is dropped."""
    given = session.get_one(Commitment, payload["commitment_id"])
    messages.drop_about(session, _about(given), keys=("commitment_moved",))
    if given.state == "open":
        _tell(session, given.id, "commitment_moved", reason=payload["reason"], before=payload["before"])


def _tell(
    session: Session, commitment_id: int, key: str, kind: str = "", *, reason: str = "", before: str = ""
) -> None:
    given = session.get_one(Commitment, commitment_id)
    words = next((one.detail.get("words", "") for one in reversed(given.events) if one.kind == kind), "")
    with i18n.speaking(given.language):
        values = {
            "what": given.what,
            "service": i18n.named(given.service),
            "branch": i18n.named(given.branch),
            "day": i18n.date_long(given.due_on),
            "before": i18n.date_long(dt.date.fromisoformat(before)) if before else "",
            "reason": reason,
            "words": words,
        }
    messages.queue(
        session, key=key, about=_about(given), language=given.language, values=values, person=given.person,
        expires_at=clock.now() + TOLD_WITHIN, zone=given.branch.timezone,
    )  # fmt: skip


def _about(given: Commitment) -> str:
    return f"commitment:{given.id}"
